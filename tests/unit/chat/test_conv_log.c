/* What stands in the log: what was shown already, what is said again, what
 * is known of the shopper and of what was taken. */
#include "dialogue.h"

static struct dialogue d;

static struct event shown_answer(void)
{
	return (struct event){.type = EVENT_MESSAGE,
			      .sender = STR("b"),
			      .id = STR("m9.a"),
			      .text = STR("Standard and express."),
			      .outcome = STR("answer"),
			      .intent = STR("delivery_options")};
}

static void what_was_shown_is_logged_late_when_an_agent_has_it(void)
{
	struct event shown = shown_answer();

	to_agent(&d, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					      .id = STR("m9"),
					      .text = STR("delivery options"),
					      .shown = &shown,
					      .shown_count = 1});
	CHECK(d.out->event_count == 2);
	CHECK(event_at(&d, 1)->late);
	CHECK(str_is(event_at(&d, 1)->id, "m9.a"));
	CHECK(!d.out->show[1]);
	CHECK_STR(d.conv.last_intent, "");
}

static void what_is_said_again_is_not_logged_twice(void)
{
	struct event shown = shown_answer();

	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					      .id = STR("m9"),
					      .text = STR("delivery options"),
					      .shown = &shown,
					      .shown_count = 1});
	CHECK(d.out->event_count == 3);
	CHECK(!event_at(&d, 1)->late);
}

static void what_the_log_had_lost_is_logged_also_where_it_is_closed(void)
{
	struct event shown = shown_answer();
	struct conv_input in = {.type = INPUT_SHOPPER_SAID,
				.id = STR("m9"),
				.text = STR("delivery options"),
				.shown = &shown,
				.shown_count = 1};

	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_LEFT,
					      .id = STR("m8")});
	dialogue_step(&d, in);
	CHECK(d.out->refusal == REFUSE_CLOSED);
	CHECK(d.out->event_count == 0);
	in.was_logged = true;
	dialogue_step(&d, in);
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(d.out->event_count == 2);
	CHECK(str_is(event_at(&d, 0)->id, "m9"));
	CHECK(event_at(&d, 1)->late);
	CHECK(d.conv.state == CONV_CLOSED);
}

static void circumstances_are_logged_when_they_change(void)
{
	struct conv_input in = {.type = INPUT_SHOPPER_SAID,
				.text = STR("hello"),
				.visitor = STR("v1"),
				.page = STR("https://shop.example/"),
				.locale = STR("en-GB")};

	dialogue_step(&d, in);
	CHECK(str_is(event_at(&d, 0)->visitor, "v1"));
	CHECK_STR(d.conv.page, "https://shop.example/");
	dialogue_step(&d, in);
	CHECK(event_at(&d, 0)->visitor.p == NULL);
	in.verified = true;
	in.visitor_name = STR("Ann");
	dialogue_step(&d, in);
	CHECK(d.conv.verified);
	CHECK_STR(d.conv.visitor_name, "Ann");
	CHECK_STR(d.conv.locale, "en-GB");
}

static void a_preview_is_cut_between_code_points(void)
{
	char text[400];

	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[sizeof(text) - 2] = '\0';
	say(&d, text);
	CHECK(strlen(d.conv.preview) == 254);
}

static void what_was_taken_is_known_by_its_key(void)
{
	struct event m = {.type = EVENT_MESSAGE, .text = STR("hello")};
	bool same;

	say(&d, "hello");
	CHECK(conv_known(&d.conv, STR("s:m1"), event_content(&m), &same) == 1);
	CHECK(same);
	m.text = STR("goodbye");
	CHECK(conv_known(&d.conv, STR("s:m1"), event_content(&m), &same) == 1);
	CHECK(!same);
	CHECK(conv_known(&d.conv, STR("s:m2"), 0, &same) == 0);
}

int main(void)
{
	TEST(what_was_shown_is_logged_late_when_an_agent_has_it);
	TEST(what_is_said_again_is_not_logged_twice);
	TEST(what_the_log_had_lost_is_logged_also_where_it_is_closed);
	TEST(circumstances_are_logged_when_they_change);
	TEST(a_preview_is_cut_between_code_points);
	TEST(what_was_taken_is_known_by_its_key);
	return check_done("chat/conv_log");
}
