/* Events as named values, their keys and contents; slots as JSON. */
#include "base/mem.h"
#include "chat/event.h"
#include "check.h"
#include "slots.h"

static struct arena arena;

static void an_event_comes_back_as_it_was(void)
{
	struct event e = {.seq = 7,
			  .type = EVENT_STATE,
			  .at_ms = INT64_C(1700000000123),
			  .sender = STR("a:maria"),
			  .id = STR("x7"),
			  .state = STR("assigned"),
			  .priority = -3,
			  .since_ms = 5,
			  .fence = UINT64_MAX,
			  .verified = true,
			  .late = true,
			  .has_score = true};
	struct field fields[EVENT_MAX_FIELDS];
	size_t n = event_to_fields(&e, &arena, fields);
	struct event back;

	CHECK(str_is(fields[0].name, "type") &&
	      str_is(fields[0].value, "state"));
	CHECK(str_is(fields[1].name, "id"));
	CHECK(str_is(fields[2].name, "sender"));
	CHECK(event_from_fields(fields, n, 7, &back));
	CHECK(back.seq == 7 && back.type == EVENT_STATE);
	CHECK(back.at_ms == e.at_ms && back.priority == -3);
	CHECK(back.fence == UINT64_MAX && back.since_ms == 5);
	CHECK(back.verified && back.late && back.has_score && back.score == 0);
	CHECK(str_is(back.state, "assigned") && back.text.p == NULL);
}

static void what_is_not_there_is_not_stored(void)
{
	struct event e = {.type = EVENT_MESSAGE, .text = STR("")};
	struct field fields[EVENT_MAX_FIELDS];

	CHECK(event_to_fields(&e, &arena, fields) == 2);
	CHECK(str_is(fields[1].name, "text"));
}

static void order_and_strangers_do_not_matter(void)
{
	const struct field fields[] = {
		{STR("new_thing"), STR("x")},
		{STR("priority"), STR("-2")},
		{STR("at"), STR("12")},
		{STR("id"), STR("m1")},
		{STR("type"), STR("note")},
		{STR("fence"), STR("-1")},
		{STR("since"), STR("99999999999999999999999")},
	};
	struct event e;

	CHECK(event_from_fields(fields, ARRAY_LEN(fields), 1, &e));
	CHECK(e.type == EVENT_NOTE && e.at_ms == 12 && e.priority == -2);
	CHECK(e.fence == 0 && e.since_ms == 0);
}

/* Two of them can be added, and a policy's time to that. */
static void a_number_that_is_none_of_ours_counts_as_none(void)
{
	const struct field fields[] = {
		{STR("type"), STR("message")},
		{STR("at"), STR("9223372036854775807")},
		{STR("since"), STR("-9223372036854775807")},
		{STR("priority"), STR("seven")},
	};
	struct event e;

	CHECK(event_from_fields(fields, ARRAY_LEN(fields), 1, &e));
	CHECK(e.at_ms == 0 && e.since_ms == 0 && e.priority == 0);
}

static void an_unknown_type_is_passed_over(void)
{
	const struct field fields[] = {{STR("type"), STR("dance")}};
	struct event e;

	CHECK(!event_from_fields(fields, 1, 1, &e));
	CHECK(!event_from_fields(fields, 0, 1, &e));
}

static void content_is_what_must_not_differ(void)
{
	struct event a = {.type = EVENT_MESSAGE, .text = STR("hello")};
	struct event b = a;

	b.at_ms = 5;
	b.id = STR("m2");
	CHECK(event_content(&a) == event_content(&b));
	b.text = STR("hullo");
	CHECK(event_content(&a) != event_content(&b));
	b = a;
	b.type = EVENT_NOTE;
	CHECK(event_content(&a) != event_content(&b));
	b = a;
	b.score = 1;
	CHECK(event_content(&a) != event_content(&b));
	b = a;
	b.comment = STR("it was good");
	CHECK(event_content(&a) != event_content(&b));
	b = a;
	b.outcome_of = STR("solved");
	CHECK(event_content(&a) != event_content(&b));
	a.reason = STR("transferred");
	b = a;
	a.agent = STR("maria");
	b.queue = STR("vip");
	CHECK(event_content(&a) != event_content(&b));
}

static void a_buttons_text_is_not_its_content(void)
{
	struct event a = {.type = EVENT_MESSAGE, .value = STR("human")};
	struct event b = a;

	b.text = STR("I would like to talk to a person.");
	CHECK(event_content(&a) == event_content(&b));
	b.value = STR("intent:x");
	CHECK(event_content(&a) != event_content(&b));
}

static void a_key_is_sender_and_id(void)
{
	struct event e = {.sender = STR("a:maria"), .id = STR("x7")};

	CHECK(str_is(event_key(&e, &arena), "a:maria:x7"));
	e.id = STR_NONE;
	CHECK(event_key(&e, &arena).n == 0);
}

static void a_copy_lives_by_itself(void)
{
	char text[] = "hello", slots[] = "{}";
	struct event e = {.text = {text, 5}, .slots = {slots, 2}};
	struct event copy = event_copy(&e, &arena);

	text[0] = slots[0] = 'x';
	CHECK(str_is(copy.text, "hello") && str_is(copy.slots, "{}"));
	CHECK(copy.id.p == NULL);
}

/* -- slots ------------------------------------------------------------- */

static void slots_come_back_as_they_were(void)
{
	struct conv_slot slots[CONV_SLOTS] = {0}, back[CONV_SLOTS];
	size_t n = 0;

	slots_set(slots, &n, STR("order_id"), STR("123"));
	slots_set(slots, &n, STR("odd"),
		  STR("a\"b\\c\n\t\x01 {},: \xc3\xa4\xe2\x80\xa8"));
	slots_set(slots, &n, STR("empty"), STR(""));
	CHECK(slots_from_json(slots_to_json(slots, n, &arena), back) == n);
	CHECK(memcmp(slots, back, sizeof(slots)) == 0);
}

static void the_oldest_slot_makes_room(void)
{
	struct conv_slot slots[CONV_SLOTS] = {0};
	size_t n = 0;
	char name[8];

	for (int i = 0; i <= CONV_SLOTS; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		slots_set(slots, &n, str_of(name), STR("v"));
	}
	CHECK(n == CONV_SLOTS);
	CHECK(slots_get(slots, n, "s0") == NULL);
	CHECK_STR(slots_get(slots, n, "s1"), "v");
	slots_set(slots, &n, STR("s1"), STR("w"));
	CHECK(n == CONV_SLOTS);
	CHECK_STR(slots_get(slots, n, "s1"), "w");
}

static void what_is_no_object_of_strings_stops_the_reading(void)
{
	static const char *const broken[] = {
		"",
		"{",
		"{}",
		"[]",
		"{\"a\":1}",
		"{\"a\"}",
		"{\"a\":\"b",
		"{\"a\":\"\\x\"}",
		"{\"a\":{\"b\":\"c\"}}",
		"{\"a\":\"\\",
	};
	struct conv_slot slots[CONV_SLOTS];

	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		CHECK(slots_from_json(str_of(broken[i]), slots) == 0);
	CHECK(slots_from_json(STR("{\"a\":\"b\",\"c\":2}"), slots) == 1);
	CHECK_STR(slots[0].value, "b");
}

static void long_values_are_cut_between_code_points(void)
{
	struct conv_slot slots[CONV_SLOTS];
	struct buf b = BUF_INIT;

	buf_add_s(&b, "{\"a\":\"");
	for (int i = 0; i < 300; i++)
		buf_add_s(&b, "\xe2\x82\xac");
	buf_add_s(&b, "\",\"b\":\"c\"}");
	CHECK(slots_from_json(buf_str(&b), slots) == 2);
	CHECK(strlen(slots[0].value) == 126);
	CHECK_STR(slots[1].value, "c");
	buf_fini(&b);
}

int main(void)
{
	arena_init(&arena);
	RUN(an_event_comes_back_as_it_was);
	RUN(what_is_not_there_is_not_stored);
	RUN(order_and_strangers_do_not_matter);
	RUN(a_number_that_is_none_of_ours_counts_as_none);
	RUN(an_unknown_type_is_passed_over);
	RUN(content_is_what_must_not_differ);
	RUN(a_buttons_text_is_not_its_content);
	RUN(a_key_is_sender_and_id);
	RUN(a_copy_lives_by_itself);
	RUN(slots_come_back_as_they_were);
	RUN(the_oldest_slot_makes_room);
	RUN(what_is_no_object_of_strings_stops_the_reading);
	RUN(long_values_are_cut_between_code_points);
	arena_fini(&arena);
	return check_done("chat/event");
}
