/* Messages whose answer waits for a data source. */
#include "dialogue.h"

static struct dialogue d;

static const char *const order_slots[] = {"order_id"};
static const struct conv_source order_source = {"order", order_slots, 1};

static void with_source(void)
{
	d.policy.sources = &order_source;
	d.policy.source_count = 1;
}

static void hears(const char *id, enum conv_looked_up what,
		  const struct field *values, size_t n)
{
	dialogue_step(&d, (struct conv_input){.type = INPUT_LOOKED_UP,
					      .lookup_id = str_of(id),
					      .looked_up = what,
					      .values = values,
					      .value_count = n});
}

static void finds(const char *id, const char *number, const char *status)
{
	struct field values[] = {{STR("order_id"), str_of(number)},
				 {STR("order.status"), str_of(status)},
				 {STR("order.eta"), STR("Friday")}};

	hears(id, LOOKED_UP_FOUND, values, 3);
}

static void knows_not(const char *id, const char *number)
{
	struct field values[] = {{STR("order_id"), str_of(number)}};

	hears(id, LOOKED_UP_NOT_FOUND, values, 1);
}

static bool asks_source(void)
{
	return d.out->question.source != NULL;
}

static void a_source_that_is_not_configured_is_done_without(void)
{
	say(&d, "where is my order 12345678");
	CHECK(!asks_source());
	CHECK(said(&d, "Order 12345678 is on its way."));
}

static void the_answer_waits_for_the_source(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	CHECK(d.out->event_count == 1);
	CHECK_STR(d.out->question.source, "order");
	CHECK(str_is(d.out->question.id, "m1"));
	CHECK(d.out->question.slot_count == 1);
	CHECK_STR(d.out->question.slots[0].value, "12345678");
	CHECK(str_is(event_at(&d, 0)->lookup, "track_order"));
	CHECK(d.out->due_ms == d.now_ms + CONV_LOOKUP_MAX_MS);
	finds("m1", "12345678", "shipped");
	CHECK(str_is(event_at(&d, 0)->id, "m1.a"));
	CHECK(str_is(event_at(&d, 0)->reply_to, "m1"));
	CHECK(str_is(event_at(&d, 0)->looked_up, "found"));
	CHECK(said(&d, "Order 12345678 is shipped."));
	CHECK(d.out->show[0]);
	CHECK(d.out->due_ms > d.now_ms + CONV_LOOKUP_MAX_MS);
	CHECK(d.out->counted == COUNTED_ANSWERED);
}

static void conditions_choose_by_what_was_found(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	finds("m1", "12345678", "delayed");
	CHECK(said(&d, "Order 12345678 is late until Friday."));
}

static void the_number_asked_for_is_looked_up(void)
{
	with_source();
	say(&d, "where is my order");
	CHECK_STR(outcome(&d), "ask");
	CHECK(!asks_source());
	say(&d, "12345678");
	CHECK(asks_source());
	CHECK(d.out->event_count == 1);
	CHECK_STR(d.conv.open_intent, "");
	finds("m2", "12345678", "shipped");
	CHECK(str_is(event_at(&d, 0)->id, "m2.a"));
}

static void an_unknown_number_is_asked_for_once_more_then_handed_over(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	knows_not("m1", "12345678");
	CHECK_STR(outcome(&d), "ask");
	CHECK(said(&d, "cannot find"));
	CHECK(d.conv.slot_count == 0);
	CHECK(d.conv.state == CONV_BOT);
	say(&d, "oh, 87654321");
	CHECK(asks_source());
	CHECK_STR(d.out->question.slots[0].value, "87654321");
	knows_not("m2", "87654321");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "unknown_number");
	CHECK_STR(d.conv.intent, "track_order");
	CHECK(str_is(event_at(&d, 0)->id, "m2.a"));
	CHECK(str_is(event_at(&d, 1)->id, "m2.b"));
}

static void a_known_number_in_between_counts_anew(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	knows_not("m1", "12345678");
	say(&d, "87654321");
	finds("m2", "87654321", "shipped");
	say(&d, "where is my order 11111111");
	knows_not("m3", "11111111");
	CHECK(d.conv.state == CONV_BOT);
}

static void a_source_that_fails_is_said_honestly_and_handed_over(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	hears("m1", LOOKED_UP_FAILED, NULL, 0);
	CHECK(said(&d, "cannot look that up"));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "lookup_failed");
	CHECK(str_is(event_at(&d, 0)->looked_up, "failed"));
}

static void nobody_waits_for_ever_for_a_source(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	wait_ms(&d, CONV_LOOKUP_MAX_MS - 1);
	timer(&d);
	CHECK(d.out->event_count == 0);
	wait_ms(&d, 1);
	timer(&d);
	CHECK(str_is(event_at(&d, 0)->id, "m1.a"));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "lookup_failed");
	finds("m1", "12345678", "shipped");
	CHECK(d.out->event_count == 0);
}

static void in_line_the_answer_is_given_and_the_place_is_kept(void)
{
	with_source();
	to_queue(&d);
	say(&d, "where is my order 12345678");
	CHECK(asks_source());
	CHECK(d.out->event_count == 1);
	finds("m2", "12345678", "shipped");
	CHECK(said(&d, "Order 12345678 is shipped."));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
	say(&d, "where is my order 22222222");
	hears("m3", LOOKED_UP_FAILED, NULL, 0);
	CHECK(d.out->event_count == 1);
	CHECK(said(&d, "cannot look that up"));
}

static void who_was_handed_over_meanwhile_is_answered_in_line(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	to_queue(&d);
	finds("m1", "12345678", "shipped");
	CHECK(said(&d, "Order 12345678 is shipped."));
}

static void nothing_is_said_where_an_agent_has_taken_over(void)
{
	struct event seen = {.type = EVENT_MESSAGE,
			     .sender = STR("b"),
			     .id = STR("m1.a"),
			     .text = STR("Order 1 is shipped.")};

	with_source();
	say(&d, "where is my order 12345678");
	to_agent(&d, "maria");
	finds("m1", "12345678", "shipped");
	CHECK(d.out->event_count == 0);
	dialogue_step(&d, (struct conv_input){.type = INPUT_LOOKED_UP,
					      .lookup_id = STR("m1"),
					      .looked_up = LOOKED_UP_FOUND,
					      .shown = &seen,
					      .shown_count = 1});
	CHECK(d.out->event_count == 1);
	CHECK(event_at(&d, 0)->late);
}

static void never_mind_ends_the_wait(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	say(&d, "never mind");
	finds("m1", "12345678", "shipped");
	CHECK(d.out->event_count == 0);
}

static void each_of_two_messages_gets_its_own_order(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	say(&d, "and where is my order 87654321");
	finds("m1", "12345678", "shipped");
	CHECK(said(&d, "Order 12345678 is shipped."));
	CHECK(str_is(event_at(&d, 0)->id, "m1.a"));
	finds("m2", "87654321", "packed");
	CHECK(said(&d, "Order 87654321 is packed."));
}

static void what_else_the_message_asks_is_answered_at_once(void)
{
	with_source();
	say(&d, "payment methods? where is my order 12345678?");
	CHECK(asks_source());
	CHECK(str_is(event_at(&d, 1)->id, "m1.a"));
	CHECK(said(&d, "Card and bank transfer."));
	finds("m1", "12345678", "shipped");
	CHECK(str_is(event_at(&d, 0)->id, "m1.b"));
}

static void the_same_found_again_is_a_repeat_and_news_are_not(void)
{
	with_source();
	say(&d, "where is my order 12345678");
	finds("m1", "12345678", "packed");
	say(&d, "where is my order 12345678");
	finds("m2", "12345678", "shipped");
	CHECK_STR(outcome(&d), "answer");
	say(&d, "where is my order 12345678");
	finds("m3", "12345678", "shipped");
	CHECK_STR(outcome(&d), "repeat");
	CHECK(str_is(event_at(&d, 0)->looked_up, "found"));
}

static void rules_that_are_gone_meanwhile_leave_nobody_waiting(void)
{
	struct catalog *catalog;

	with_source();
	say(&d, "where is my order 12345678");
	catalog = d.catalog;
	d.catalog = NULL;
	finds("m1", "12345678", "shipped");
	CHECK(d.conv.state == CONV_QUEUED);
	d.catalog = catalog;
}

/* dialogue_step() holds the fold against the step each time. */
static void whatever_happens_the_log_gives_the_same_state(void)
{
	static const char *const words[] = {"where is my order 12345678",
					    "87654321",
					    "where is my order",
					    "never mind",
					    "delivery options",
					    "xyzzy",
					    "yes",
					    "where is my order 22222222"};
	unsigned random = 1;

	with_source();
	for (int i = 0; i < 600; i++) {
		char id[16];

		random = random * 1103515245u + 12345u;
		snprintf(id, sizeof(id), "m%u",
			 d.next_id > 3 ? d.next_id - (random >> 20) % 4 : 1);
		wait_ms(&d, 500);
		switch ((random >> 16) % 10) {
		case 0:
			finds(id, "12345678", "shipped");
			break;
		case 1:
			knows_not(id, "12345678");
			break;
		case 2:
			hears(id, LOOKED_UP_FAILED, NULL, 0);
			break;
		case 3:
			timer(&d);
			break;
		case 4:
			agent(&d, INPUT_AGENT_CLAIMED, "maria");
			break;
		case 5:
			agent(&d, INPUT_AGENT_RELEASED, "maria");
			break;
		default:
			say(&d, words[(random >> 24) % ARRAY_LEN(words)]);
		}
	}
}

int main(void)
{
	TEST(a_source_that_is_not_configured_is_done_without);
	TEST(the_answer_waits_for_the_source);
	TEST(conditions_choose_by_what_was_found);
	TEST(the_number_asked_for_is_looked_up);
	TEST(an_unknown_number_is_asked_for_once_more_then_handed_over);
	TEST(a_known_number_in_between_counts_anew);
	TEST(a_source_that_fails_is_said_honestly_and_handed_over);
	TEST(nobody_waits_for_ever_for_a_source);
	TEST(in_line_the_answer_is_given_and_the_place_is_kept);
	TEST(who_was_handed_over_meanwhile_is_answered_in_line);
	TEST(nothing_is_said_where_an_agent_has_taken_over);
	TEST(never_mind_ends_the_wait);
	TEST(each_of_two_messages_gets_its_own_order);
	TEST(what_else_the_message_asks_is_answered_at_once);
	TEST(the_same_found_again_is_a_repeat_and_news_are_not);
	TEST(rules_that_are_gone_meanwhile_leave_nobody_waiting);
	TEST(whatever_happens_the_log_gives_the_same_state);
	return check_done("chat/conv_lookup");
}
