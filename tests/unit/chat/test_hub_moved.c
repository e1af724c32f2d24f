/* The hub where somebody else has written meanwhile: the log has moved. */
#include "hub_world.h"

static void when_the_log_has_moved_it_is_read_and_stepped_again(void)
{
	joined_and_greeted();
	elsewhere_said("t2", "delivery options");
	look();
	say(1, "m2", "payment methods");
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:event 3 t2; 1:event 4 t2.a; "
			  "1:event 5 t2.q; 1:stored 6 m2; 1:stored 7 m2.a");
	CHECK(hub_stats(hub).resteps == 1);
}

static void the_bot_does_not_talk_over_an_agent(void)
{
	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	look();
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "1:show m2.a");
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
	CHECK(strstr(look(), "1:stored 8 m2; 1:stored 9 m2.a") != NULL);
	CHECK(changed_count == 1);
}

/* The shopper was shown an answer here, came to another daemon and sent the
 * message again, which is logged first, where nobody but the agent answers. */
static void answered_here_and_logged_by_another(void)
{
	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	say(1, "m2", "payment methods");
	elsewhere_said("m2", "payment methods");
	CHECK(model_log(&model, "c1")->count == 8);
}

static size_t lates(const char *id)
{
	const struct model_log *log = model_log(&model, "c1");
	size_t n = 0;

	for (size_t i = 0; i < log->count; i++)
		n += log->events[i].late && str_is(log->events[i].id, id);
	return n;
}

static void what_was_shown_is_logged_where_another_brought_the_message(void)
{
	answered_here_and_logged_by_another();
	settle();
	CHECK(model_log(&model, "c1")->count == 9 && lates("m2.a") == 1);
	CHECK(strstr(look(), "1:stored 8 m2; 1:stored 9 m2.a") != NULL);
	CHECK(hub_stats(hub).pending == 0);
}

/* However much stands behind the question by then. */
static void also_where_it_is_long_ago(void)
{
	char id[8];

	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	say(1, "m2", "payment methods");
	elsewhere_said("m2", "payment methods");
	for (int i = 0; i < CONV_RECENT; i++) {
		snprintf(id, sizeof(id), "e%d", i);
		elsewhere_said(id, "hello");
	}
	settle();
	CHECK(model_log(&model, "c1")->count == 9 + CONV_RECENT);
	CHECK(lates("m2.a") == 1);
}

static void also_where_the_shopper_has_left(void)
{
	answered_here_and_logged_by_another();
	hub_leave(hub, "c1", 1);
	settle();
	CHECK(model_log(&model, "c1")->count == 9 && lates("m2.a") == 1);
	CHECK(hub_stats(hub).rooms == 0);
}

/* The log was read before the answer to the append came. */
static void also_where_it_was_read_first(void)
{
	answered_here_and_logged_by_another();
	hub_poll(hub);
	model_execute(&model, 0);
	hub_bell(hub, "c1", 8);
	settle();
	CHECK(model_log(&model, "c1")->count == 9 && lates("m2.a") == 1);
}

static void what_another_has_answered_is_not_logged_as_late(void)
{
	joined_and_greeted();
	say(1, "m2", "payment methods");
	elsewhere_said("m2", "payment methods");
	settle();
	CHECK(model_log(&model, "c1")->count == 4 && lates("m2.a") == 0);
	CHECK(hub_stats(hub).pending == 0);
}

/* The same id with other words: the one in the log takes its place. */
static void other_words_of_another_take_the_place_of_those_shown(void)
{
	joined_and_greeted();
	say(1, "m2", "payment methods");
	elsewhere_said("t2", "payment methods");
	elsewhere_said("m2", "payment methods");
	settle();
	CHECK(model_log(&model, "c1")->count == 6 && lates("m2.a") == 0);
	CHECK(strstr(look(), "1:stored 5 m2; 1:event 6 m2.a") != NULL);
	CHECK(hub_stats(hub).pending == 0);
}

/* Out of the spool: it was answered before the daemon died, and now somebody
 * has the chat. */
static void what_an_earlier_life_has_shown_is_logged_as_late(void)
{
	struct event answer = {.type = EVENT_MESSAGE,
			       .sender = STR("b"),
			       .id = STR("m2.a"),
			       .reply_to = STR("m2"),
			       .text = STR("You can pay by card.")};

	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	look();
	hub_feed(hub, "c1", 0,
		 &(struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .at_ms = now_ms,
				      .id = STR("m2"),
				      .text = STR("payment methods"),
				      .shop_open = true,
				      .shown = &answer,
				      .shown_count = 1});
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(str_is(model_log(&model, "c1")->events[8].id, "m2.a"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

/* Out of the spool, by itself: its question is in the log, or has been lost. */
static void shown_comes_back(const char *question)
{
	struct event answer = {.type = EVENT_MESSAGE,
			       .at_ms = now_ms,
			       .sender = STR("b"),
			       .id = STR("m2.a"),
			       .reply_to = str_of(question),
			       .text = STR("You can pay by card."),
			       .late = true};

	hub_feed(hub, "c1", 0,
		 &(struct conv_input){.type = INPUT_SHOWN,
				      .at_ms = now_ms,
				      .shown = &answer,
				      .shown_count = 1,
				      .elder = 11});
	settle();
	CHECK(hub_stats(hub).pending == 0);
}

static void an_answer_is_logged_as_late_behind_its_question_only(void)
{
	joined_and_greeted();
	shown_comes_back("m2");
	CHECK(model_log(&model, "c1")->count == 2);
	shown_comes_back("m1");
	shown_comes_back("m1");
	CHECK(model_log(&model, "c1")->count == 3 && lates("m2.a") == 1);
}

static void brought_back(const char *id, uint64_t nth)
{
	hub_feed(hub, "c1", 0,
		 &(struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .at_ms = now_ms,
				      .id = str_of(id),
				      .text = STR("payment methods"),
				      .shop_open = true,
				      .was_logged = true,
				      .elder = nth});
}

/* The ids of what the shopper said, as the log has them. */
static const char *said(void)
{
	const struct model_log *log = model_log(&model, "c1");
	static struct buf out;

	buf_clear(&out);
	for (size_t i = 0; i < log->count; i++)
		if (str_is(log->events[i].sender, "s")) {
			buf_add_str(&out, log->events[i].id);
			buf_add_c(&out, ' ');
		}
	return buf_str(&out).p;
}

/* With its primary Redis has lost m2 and m3, which were stored; m4 is under
 * way, and m5 and m6 wait behind it. */
static void what_was_said_before_stays_before_what_waits(void)
{
	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	say(1, "m4", "delivery options");
	say(1, "m5", "opening hours");
	brought_back("m3", 12);
	say(1, "m6", "gift cards");
	brought_back("m2", 11);
	settle();
	CHECK_STR(said(), "m1 w1 m2 m3 m4 m5 m6 ");
}

/* The log takes what is under way: then nothing was lost before it. */
static void what_the_log_takes_stays_where_it_is(void)
{
	joined_and_greeted();
	say(1, "m4", "delivery options");
	brought_back("m3", 12);
	settle();
	CHECK_STR(said(), "m1 m4 m3 ");
}

/* Nobody would bring again what finds no room. */
static void all_that_is_brought_back_is_taken(void)
{
	char id[16];

	joined_and_greeted();
	for (unsigned i = 1; i <= HUB_ROOM_INPUTS + 10; i++) {
		snprintf(id, sizeof(id), "b%u", i);
		brought_back(id, i);
	}
	settle();
	CHECK(strstr(said(), " b1 b2 ") != NULL);
	CHECK(strstr(said(), " b73 b74 ") != NULL);
}

/* The state that is held here is from before the loss, and nobody has said so
 * yet: what it knows is not in the log any more. */
static void what_is_brought_back_is_not_taken_for_known(void)
{
	joined_and_greeted();
	say(1, "m2", "payment methods");
	settle();
	hub_store_up(hub, false, false);
	model_log(&model, "c1")->count = 2;
	elsewhere_said("x1", "hello");
	brought_back("m2", 11);
	hub_store_up(hub, true, true);
	settle();
	CHECK_STR(said(), "m1 x1 m2 ");
}

static void other_words_than_were_shown_are_sent_again(void)
{
	joined_and_greeted();
	elsewhere_said("t2", "payment methods");
	look();
	say(1, "m2", "payment methods");
	settle(); /* it has become a repeat */
	CHECK_STR(look(), "1:show m2.a; 1:event 3 t2; 1:event 4 t2.a; "
			  "1:show m2.a; 1:stored 5 m2; 1:stored 6 m2.a");
	CHECK(str_is(model_log(&model, "c1")->events[5].outcome, "repeat"));
}

static void the_bell_makes_it_read(void)
{
	joined_and_greeted();
	look();
	elsewhere_wants_person();
	hub_bell(hub, "c1", 5);
	hub_bell(hub, "c1", 5);
	settle();
	CHECK_STR(look(), "1:event 3 w1; 1:event 4 w1.a; 1:event 5 w1.s");
	CHECK(changed_count == 1);
	hub_bell(hub, "c1", 4);
	hub_bell(hub, "other", 4);
	CHECK(model.sides[0].head == model.sides[0].tail);
}

static void what_the_bell_tells_of_is_read_before_anything_is_answered(void)
{
	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	hub_bell(hub, "c1", 7);
	look();
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "");
	settle();
	CHECK(strstr(look(), "show") == NULL);
	CHECK(model_log(&model, "c1")->count == 8);
}

static void who_joins_a_room_without_readers_gets_the_bell_first(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	model_execute(&model, 0); /* read, without a watch */
	model_answer(&model, 0, hub);
	CHECK(!model_log(&model, "c1")->watched[0]);
	join(1, 3, false);
	CHECK_STR(look(), "");
	settle();
	CHECK(model_log(&model, "c1")->watched[0]);
	CHECK_STR(look(), "200:stored 4 x1; 1:joined assigned 5 events 2");
}

static void a_bell_for_more_than_there_is_does_not_spin(void)
{
	joined_and_greeted();
	hub_bell(hub, "c1", 99);
	settle();
	CHECK(model.sides[0].tail < 5);
}

static void a_lost_bell_costs_one_poll(void)
{
	join(1, 0, true);
	wants_person(1, "m1");
	settle();
	look();
	elsewhere_claimed("maria");
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:event 4 c9; 1:event 5 joined.5");
}

static void the_same_message_brought_by_another_daemon_is_stored_once(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	elsewhere_said("m1", "payment methods");
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a");
	CHECK(model_log(&model, "c1")->count == 2);
	CHECK(done_count == 0);
}

static void an_append_done_twice_is_settled_once(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	say(1, "m2", "delivery options");
	model_execute(&model, 0);
	model_repeat_last(&model, 0);
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:event 5 m2.q");
}

static void two_who_send_the_same_are_both_told(void)
{
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	say(2, "m1", "payment methods");
	say(1, "m2", "delivery options");
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 2:joined bot 0 events 0; "
			  "1:show m1.a; 2:show m1.a; 1:show m2.a; "
			  "1:stored 1 m1; 2:stored 1 m1; "
			  "1:event 2 m1.a; 2:stored 2 m1.a; "
			  "1:stored 3 m2; 2:event 3 m2; "
			  "1:stored 4 m2.a; 2:event 4 m2.a; "
			  "1:event 5 m2.q; 2:event 5 m2.q");
}

static void who_sent_the_same_and_left_is_not_told(void)
{
	join(1, 0, true);
	join(2, 0, true);
	join(3, 0, true);
	say(1, "m1", "hello");
	say(2, "m1", "hello");
	say(3, "m1", "hello");
	say(1, "m1", "hello");
	hub_leave(hub, "c1", 2);
	look();
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 3:stored 1 m1; "
			  "1:stored 2 m1.a; 3:event 2 m1.a");
}

static void two_who_ask_the_same_are_both_refused(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	deed(201, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "201:refused x1 taken; 200:refused x1 taken");
}

static void a_very_old_repeat_is_answered_by_the_store(void)
{
	join(1, 0, true);
	for (int i = 0; i < 40; i++) {
		char id[16];

		snprintf(id, sizeof(id), "m%d", i);
		say(1, id, "hello");
	}
	settle();
	look();
	say(1, "m0", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 1 m0") != NULL);
	say(1, "m1", "goodbye");
	settle();
	CHECK(strstr(look(), "1:refused m1 id_reused") != NULL);
	CHECK(model_log(&model, "c1")->count == 80);
}

static void an_id_taken_by_somebody_else_is_refused(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	elsewhere_said("m1", "other words");
	settle();
	CHECK(strstr(look(), "1:refused m1 id_reused") != NULL);
}

/* It is compared also where the log is read for it only now. */
static void an_id_in_a_log_that_is_not_in_memory_is_compared(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	deed(200, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK(hub_stats(hub).rooms == 0);
	look();
	deed(200, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK_STR(look(), "200:stored 6 x2");
	feed(200, (struct conv_input){.type = INPUT_AGENT_SAID,
				      .id = STR("x2"),
				      .agent = STR("maria"),
				      .text = STR("other words")});
	settle();
	CHECK_STR(look(), "200:refused x2 id_reused");
	CHECK(model_log(&model, "c1")->count == 6);
}

int main(void)
{
	catalog = rules_load();
	TEST(when_the_log_has_moved_it_is_read_and_stepped_again);
	TEST(the_bot_does_not_talk_over_an_agent);
	TEST(what_was_shown_is_logged_where_another_brought_the_message);
	TEST(also_where_it_is_long_ago);
	TEST(also_where_the_shopper_has_left);
	TEST(also_where_it_was_read_first);
	TEST(what_another_has_answered_is_not_logged_as_late);
	TEST(other_words_of_another_take_the_place_of_those_shown);
	TEST(what_an_earlier_life_has_shown_is_logged_as_late);
	TEST(an_answer_is_logged_as_late_behind_its_question_only);
	TEST(what_was_said_before_stays_before_what_waits);
	TEST(what_the_log_takes_stays_where_it_is);
	TEST(all_that_is_brought_back_is_taken);
	TEST(what_is_brought_back_is_not_taken_for_known);
	TEST(other_words_than_were_shown_are_sent_again);
	TEST(the_bell_makes_it_read);
	TEST(what_the_bell_tells_of_is_read_before_anything_is_answered);
	TEST(who_joins_a_room_without_readers_gets_the_bell_first);
	TEST(a_bell_for_more_than_there_is_does_not_spin);
	TEST(a_lost_bell_costs_one_poll);
	TEST(the_same_message_brought_by_another_daemon_is_stored_once);
	TEST(an_append_done_twice_is_settled_once);
	TEST(two_who_send_the_same_are_both_told);
	TEST(who_sent_the_same_and_left_is_not_told);
	TEST(two_who_ask_the_same_are_both_refused);
	TEST(a_very_old_repeat_is_answered_by_the_store);
	TEST(an_id_taken_by_somebody_else_is_refused);
	TEST(an_id_in_a_log_that_is_not_in_memory_is_compared);
	catalog_free(&catalog);
	return check_done("chat/hub_moved");
}
