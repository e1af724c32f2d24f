/* What the bot would say, while an agent has the conversation. */
#include "chat/suggest.h"

#include "dialogue.h"

static struct dialogue d;
static struct buf text, intent;

/* What is suggested to the shopper's last message; NULL: nothing. */
static const char *suggested(void)
{
	struct conv before = d.conv;
	const struct event *last = &d.log[d.log_count - 1];

	buf_clear(&text);
	buf_clear(&intent);
	CHECK(str_is(last->sender, "s"));
	if (!suggest_answer(&d.conv, d.catalog, d.matcher, last, &text,
			    &intent)) {
		CHECK(text.len == 0 && intent.len == 0);
		return NULL;
	}
	CHECK(memcmp(&before, &d.conv, sizeof(before)) == 0);
	return text.data;
}

static const char *suggested_to(const char *words)
{
	say(&d, words);
	CHECK(d.out->event_count == 1); /* the bot is silent */
	return suggested();
}

static void a_sure_answer_is_suggested(void)
{
	to_agent(&d, "maria");
	CHECK_STR(suggested_to("delivery options"), "Standard and express.");
	CHECK_STR(intent.data, "delivery_options");
	CHECK_STR(suggested_to("what payment methods are there"),
		  "Card and bank transfer.");
}

static void what_is_not_sure_or_hands_over_is_not(void)
{
	to_agent(&d, "maria");
	CHECK(suggested_to("xyzzy plugh") == NULL);
	CHECK(suggested_to("voucher") == NULL);
	CHECK(suggested_to("terrible service") == NULL);
	CHECK(suggested_to("wholesale prices") == NULL);
	CHECK(suggested_to("newsletter") == NULL);
	CHECK(suggested_to("yes please") == NULL);
	CHECK(suggested_to("a person please") == NULL);
	ask_for_person(&d);
	CHECK(suggested() == NULL);
}

static void what_needs_a_slot_waits_for_it(void)
{
	to_agent(&d, "maria");
	CHECK(suggested_to("I want to send it back") == NULL);
	CHECK(suggested_to("where is my order 1234567") == NULL); /* lookup */
	CHECK(suggested_to("where is my order 1234567 and what payment "
			   "methods are there") == NULL);
}

static void a_known_slot_fills_the_answer(void)
{
	say(&d, "I want to send back order 1234567");
	say(&d, "red");
	CHECK(said(&d, "Send back order 1234567, the red one."));
	to_agent(&d, "maria");
	CHECK_STR(suggested_to("I want to send it back"),
		  "Send back order 1234567, the red one.");
}

static void a_pressed_button_stands_for_its_intent(void)
{
	say(&d, "delivery options");
	to_agent(&d, "maria");
	press(&d, "intent:payment_methods");
	CHECK_STR(suggested(), "Card and bank transfer.");
	press(&d, "intent:track_order");
	CHECK(suggested() == NULL);
	press(&d, "something else");
	CHECK(suggested() == NULL);
}

static void without_rules_there_is_nothing_to_suggest(void)
{
	to_agent(&d, "maria");
	say(&d, "delivery options");
	CHECK(!suggest_answer(&d.conv, NULL, d.matcher, &d.log[d.log_count - 1],
			      &text, &intent));
}

int main(void)
{
	TEST(a_sure_answer_is_suggested);
	TEST(what_is_not_sure_or_hands_over_is_not);
	TEST(what_needs_a_slot_waits_for_it);
	TEST(a_known_slot_fills_the_answer);
	TEST(a_pressed_button_stands_for_its_intent);
	TEST(without_rules_there_is_nothing_to_suggest);
	buf_fini(&text);
	buf_fini(&intent);
	return check_done("chat/suggest");
}
