/* The hub, one thing at a time: the plain way, its bounds, calls back. */
#include "hub_world.h"

/* -- the plain way ----------------------------------------------------- */

static void a_fresh_conversation_needs_no_reading(void)
{
	join(1, 0, true);
	CHECK_STR(look(), "1:joined bot 0 events 0");
	CHECK(model.sides[0].tail == 0);
}

static void the_answer_is_shown_before_it_is_stored(void)
{
	join(1, 0, true);
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:show m1.a");
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
	CHECK(done_count == 1);
	CHECK(model_log(&model, "c1")->count == 2);
}

static void another_tab_gets_the_message_as_an_event(void)
{
	join(1, 0, true);
	join(2, 0, true);
	join(100, 0, true);
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:show m1.a");
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 2:event 1 m1; 100:event 1 m1; "
			  "1:stored 2 m1.a; 2:event 2 m1.a; "
			  "100:event 2 m1.a");
}

static void what_comes_before_the_log_is_read_waits(void)
{
	elsewhere_said("m1", "hello");
	join(1, 0, false);
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "");
	settle();
	CHECK_STR(look(), "1:joined bot 2 events 2; 1:show m2.a; "
			  "1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_second_message_is_answered_while_the_first_is_on_its_way(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a");
	CHECK(model.sides[0].tail == 1); /* one at a time */
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a");
	CHECK(str_is(model_log(&model, "c1")->events[3].outcome, "repeat"));
}

static void a_repeat_gets_its_first_seq(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	settle();
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:stored 1 m1");
	CHECK(done_count == 1);
	say(1, "m1", "delivery options");
	CHECK_STR(look(), "1:refused m1 id_reused");
	CHECK(model_log(&model, "c1")->count == 2);
}

static void what_was_found_elsewhere_is_told_in_its_turn(void)
{
	elsewhere_said("m1", "hello");
	join(1, 0, false);
	hub_receipt(hub, "c1", 1, STR("m1"), 1);
	CHECK_STR(look(), "");
	settle();
	CHECK_STR(look(), "1:joined bot 2 events 2; 1:stored 1 m1");
	hub_receipt(hub, "c1", 1, STR("m0"), 0);
	CHECK_STR(look(), "1:stored 2 m0");
	hub_leave(hub, "c1", 1);
	settle();
	hub_receipt(hub, "c1", 1, STR("m1"), 0);
	settle();
	CHECK(hub_stats(hub).rooms == 0);
}

static void a_repeat_of_what_is_under_way_goes_to_the_new_reader(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	join(2, 0, false);
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "2:joined bot 0 events 0");
	say(2, "m1", "payment methods");
	CHECK_STR(look(), "2:show m1.a");
	settle();
	CHECK_STR(look(), "2:stored 1 m1; 2:stored 2 m1.a");
	say(2, "m1", "other words");
	CHECK_STR(look(), "2:refused m1 id_reused");
}

static void who_left_is_told_nothing(void)
{
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	look();
	settle();
	CHECK_STR(look(), "2:event 1 m1; 2:event 2 m1.a");
}

static void an_old_log_comes_in_pieces_without_a_gap(void)
{
	elsewhere_said("m1", "hello");
	for (int i = 0; i < 128; i++)
		elsewhere((struct conv_input){
			.type = INPUT_AGENT_NOTE,
			.id = arena_str(
				&model.arena,
				(struct str){(char[]){'n', (char)('a' + i % 26),
						      (char)('a' + i / 26)},
					     3}),
			.agent = STR("maria"),
			.text = STR("x")});
	model.page = 30;
	join(1, 20, false);
	settle();
	CHECK(strncmp(look(), "1:joined bot 130 events 30 more; 1:event 51",
		      43) == 0);
	join(2, 130, false);
	CHECK_STR(look(), "2:joined bot 130 events 0");
	model.page = 500;
	join(3, 0, false);
	settle();
	CHECK(strncmp(look(), "3:joined bot 130 events 100 more; 3:event 101",
		      45) == 0);
}

static void the_room_is_given_up_when_nobody_needs_it(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	CHECK(hub_conv(hub, "c1") != NULL);
	CHECK(hub_is_pending(hub, "c1"));
	settle();
	CHECK(hub_conv(hub, "c1") == NULL);
	CHECK(forgot_count == 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
	CHECK(hub_stats(hub).pending == 0);
}

/* Out of a due set that somebody else wrote into. */
static void a_name_that_is_too_long_is_no_conversation(void)
{
	char name[CONV_ID_MAX + 2] = {0};

	memset(name, 'x', sizeof(name) - 1);
	hub_feed(hub, name, 0,
		 &(struct conv_input){.type = INPUT_TIMER, .at_ms = now_ms});
	settle();
	CHECK(hub_stats(hub).rooms == 0);
	hub_poll(hub);
	name[CONV_ID_MAX] = '\0';
	hub_feed(hub, name, 0,
		 &(struct conv_input){.type = INPUT_TIMER, .at_ms = now_ms});
	CHECK(hub_stats(hub).rooms == 1);
	settle();
	CHECK(hub_stats(hub).rooms == 0);
}

/* -- bounds ------------------------------------------------------------ */

static void a_room_takes_so_many_inputs_and_no_more(void)
{
	char id[16];

	join(1, 0, true);
	for (int i = 0; i < HUB_ROOM_INPUTS; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		say(1, id, "hello");
	}
	look();
	say(1, "more", "hello");
	CHECK_STR(look(), "1:refused more busy");
	settle();
	CHECK(model_log(&model, "c1")->count == HUB_ROOM_INPUTS * 2);
	say(1, "more", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 129 more") != NULL);
}

static void what_the_store_does_not_take_is_offered_again(void)
{
	join(1, 0, true);
	model.full = true;
	say(1, "m1", "payment methods");
	look();
	say(1, "m2", "hello");
	CHECK_STR(look(), "1:refused m2 busy");
	model.full = false;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
	say(1, "m2", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 3 m2") != NULL);
}

static void what_waits_to_be_sent_is_stepped_again_when_the_log_moves(void)
{
	joined_and_greeted();
	model.full = true;
	say(1, "m2", "payment methods");
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	hub_bell(hub, "c1", 7);
	settle();
	model.full = false;
	hub_poll(hub);
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

static void what_redis_refuses_is_tried_again(void)
{
	join(1, 0, true);
	model.refuse = APPEND_REFUSED;
	say(1, "m1", "payment methods");
	look();
	settle();
	CHECK_STR(look(), "");
	model.refuse = APPEND_OK;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
}

static void what_redis_refuses_is_stepped_again_where_the_log_went_on(void)
{
	joined_and_greeted();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	model.refuse = APPEND_REFUSED;
	say(1, "m2", "payment methods");
	join(2, 1, false);
	model_swap(&model, 0);
	settle();
	CHECK(hub_conv(hub, "c1")->state == CONV_ASSIGNED);
	model.refuse = APPEND_OK;
	hub_poll(hub);
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

static void a_unit_is_settled_by_what_is_read_before_its_answer(void)
{
	joined_and_greeted();
	look();
	say(1, "m2", "payment methods");
	say(1, "m3", "delivery options");
	model_execute(&model, 0); /* done, and the answer is late */
	join(2, 1, false);
	model_swap(&model, 0);
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:show m3.a; "
			  "2:joined bot 4 events 3; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:stored 5 m3; 2:event 5 m3; "
			  "1:stored 6 m3.a; 2:event 6 m3.a; 1:event 7 m3.q; "
			  "2:event 7 m3.q");
	CHECK(done_count == 3);
}

static void a_store_at_odds_with_itself_does_not_spin(void)
{
	join(1, 0, true);
	model.refuse = APPEND_FENCED;
	say(1, "m1", "payment methods");
	settle();
	CHECK(strstr(look(), "1:refused m1 not_yours") != NULL);
	CHECK(model.sides[0].tail < 20);
}

/* -- calling back ------------------------------------------------------ */

static void (*in_stored)(void);

static void stored_calls_back(void *arg, uint64_t reader,
			      const struct conv *conv, struct str id,
			      uint64_t seq)
{
	void (*then)(void) = in_stored;

	in_stored = NULL;
	stored(arg, reader, conv, id, seq);
	if (then != NULL)
		then();
}

static void leave_and_come_back(void)
{
	hub_leave(hub, "c1", 1);
	hub_leave(hub, "c1", 2);
	say(3, "m2", "hello");
	join(3, 0, false);
	hub_leave(hub, "c1", 3);
}

static void ports_may_call_back(void)
{
	struct hub_ports ports = world_ports;

	ports.stored = stored_calls_back;
	hub_free(&hub);
	hub = hub_new(&ports, &test_policy);
	hub_set_catalog(hub, catalog);
	in_stored = leave_and_come_back;
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	look();
	settle();
	CHECK_STR(look(), "1:stored 1 m1");
	CHECK(model_log(&model, "c1")->count == 4);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void count_reader(void *arg, uint64_t reader, enum reader_kind kind)
{
	(void)kind;
	*(unsigned *)arg += (unsigned)reader;
	hub_leave(hub, "c1", reader);
}

static void readers_may_leave_while_they_are_listed(void)
{
	unsigned sum = 0;

	join(1, 0, true);
	join(2, 0, true);
	join(100, 0, true);
	hub_each_reader(hub, "c1", count_reader, &sum);
	CHECK(sum == 103);
	CHECK(hub_stats(hub).rooms == 0);
}

static void without_rules_a_person_is_called(void)
{
	CHECK(hub_set_catalog(hub, NULL) == catalog);
	join(1, 0, true);
	say(1, "m1", "payment methods");
	settle();
	CHECK(hub_conv(hub, "c1")->state == CONV_QUEUED);
	CHECK(model_log(&model, "c1")->last_op == CONV_QUEUE_ENQUEUE);
}

/* -- rest -------------------------------------------------------------- */

static bool is_resting(void)
{
	return hub_stats(hub).resting == 1;
}

/* Far longer than a room stays awake after an input. */
static void wait_long(void)
{
	for (int i = 0; i < 100; i++) {
		hub_poll(hub);
		settle();
	}
}

static void a_room_rests_where_nobody_has_written_yet(void)
{
	join(1, 0, true);
	CHECK(is_resting());
	CHECK(hub_conv(hub, "c1")->seq == 0);
	CHECK_STR(hub_conv(hub, "c1")->id, "c1");
	join(2, 0, true);
	look();
	CHECK(is_resting());
	say(1, "m1", "payment methods");
	CHECK(!is_resting());
	settle();
	CHECK_STR(look(), "1:show m1.a; 1:stored 1 m1; 2:event 1 m1; "
			  "1:stored 2 m1.a; 2:event 2 m1.a");
}

static void a_room_rests_when_nobody_has_written_for_long(void)
{
	struct conv before;

	joined_and_greeted();
	say(1, "m2", "payment methods");
	settle();
	before = *hub_conv(hub, "c1");
	wait_long();
	CHECK(is_resting());
	CHECK(memcmp(hub_conv(hub, "c1"), &before, sizeof(before)) == 0);
	CHECK(memcmp(hub_ahead(hub, "c1"), &before, sizeof(before)) == 0);
	CHECK(!hub_is_pending(hub, "c1") && !hub_has_agents(hub, "c1"));
	look();
	say(1, "m1", "hello"); /* known by what it remembers */
	CHECK_STR(look(), "1:stored 1 m1");
	say(1, "m3", "payment methods");
	settle();
	CHECK(str_is(model_log(&model, "c1")->events[5].outcome, "repeat"));
}

static void who_waits_for_an_agent_or_has_one_does_not_rest(void)
{
	join(1, 0, true);
	wants_person(1, "m1");
	settle();
	wait_long();
	CHECK(!is_resting() && hub_has_agents(hub, "c1"));
	elsewhere_claimed("maria");
	wait_long();
	CHECK(!is_resting() && hub_has_agents(hub, "c1"));
	CHECK(hub_conv(hub, "c1")->state == CONV_ASSIGNED);
}

static void a_room_at_rest_hears_what_others_write(void)
{
	joined_and_greeted();
	wait_long();
	look();
	elsewhere_said("m5", "payment methods");
	hub_bell(hub, "c1", 4);
	settle();
	CHECK_STR(look(), "1:event 3 m5; 1:event 4 m5.a");
	wait_long();
	CHECK(is_resting());
	elsewhere_said("m6", "payment methods"); /* and no bell */
	wait_long();
	CHECK(strncmp(look(), "1:event 5 m6", 12) == 0);
	hub_bell(hub, "c1", 1);
	CHECK(is_resting());
}

static void a_room_at_rest_is_found_erased(void)
{
	joined_and_greeted();
	wait_long();
	look();
	model_log(&model, "c1")->erased = true;
	wait_long();
	CHECK_STR(look(), "1:refused  gone");
	CHECK(hub_conv(hub, "c1") == NULL && erased_count == 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).resting == 0);
}

static void a_room_at_rest_is_left(void)
{
	unsigned sum = 0;

	join(1, 0, true);
	join(2, 0, true);
	CHECK(is_resting());
	hub_each_reader(hub, "c1", count_reader, &sum);
	CHECK(sum == 3);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).resting == 0);
}

int main(void)
{
	catalog = rules_load();
	TEST(a_fresh_conversation_needs_no_reading);
	TEST(the_answer_is_shown_before_it_is_stored);
	TEST(another_tab_gets_the_message_as_an_event);
	TEST(what_comes_before_the_log_is_read_waits);
	TEST(a_second_message_is_answered_while_the_first_is_on_its_way);
	TEST(a_repeat_gets_its_first_seq);
	TEST(what_was_found_elsewhere_is_told_in_its_turn);
	TEST(a_repeat_of_what_is_under_way_goes_to_the_new_reader);
	TEST(who_left_is_told_nothing);
	TEST(an_old_log_comes_in_pieces_without_a_gap);
	TEST(the_room_is_given_up_when_nobody_needs_it);
	TEST(a_name_that_is_too_long_is_no_conversation);
	TEST(a_room_takes_so_many_inputs_and_no_more);
	TEST(what_the_store_does_not_take_is_offered_again);
	TEST(what_waits_to_be_sent_is_stepped_again_when_the_log_moves);
	TEST(what_redis_refuses_is_tried_again);
	TEST(what_redis_refuses_is_stepped_again_where_the_log_went_on);
	TEST(a_unit_is_settled_by_what_is_read_before_its_answer);
	TEST(a_store_at_odds_with_itself_does_not_spin);
	TEST(ports_may_call_back);
	TEST(readers_may_leave_while_they_are_listed);
	TEST(without_rules_a_person_is_called);
	TEST(a_room_rests_where_nobody_has_written_yet);
	TEST(a_room_rests_when_nobody_has_written_for_long);
	TEST(who_waits_for_an_agent_or_has_one_does_not_rest);
	TEST(a_room_at_rest_hears_what_others_write);
	TEST(a_room_at_rest_is_found_erased);
	TEST(a_room_at_rest_is_left);
	catalog_free(&catalog);
	return check_done("chat/hub");
}
