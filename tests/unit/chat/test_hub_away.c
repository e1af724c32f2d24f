/* The hub while the store is away, and where it has lost or erased something.
 */
#include "hub_world.h"

static void what_is_held_here_is_answered_while_the_store_is_away(void)
{
	join(1, 0, true);
	model.away = true;
	hub_store_up(hub, false, false);
	say(1, "m1", "payment methods");
	say(1, "m2", "delivery options");
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a");
	model.away = false;
	hub_store_up(hub, true, false);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:event 5 m2.q");
}

/* It can be read, but takes nothing: all of it is handed over, for its disk. */
static void all_is_handed_to_a_store_that_takes_nothing_for_now(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	say(1, "m2", "delivery options");
	CHECK(model.sides[0].tail == 1);
	hub_store_unwilling(hub, true);
	CHECK(model.sides[0].tail == 2);
	say(1, "m3", "opening hours");
	CHECK(model.sides[0].tail == 3);
	hub_store_unwilling(hub, false);
	settle();
	CHECK(str_is(model_log(&model, "c1")->events[0].id, "m1"));
	CHECK(str_is(model_log(&model, "c1")->events[2].id, "m2"));
	CHECK(str_is(model_log(&model, "c1")->events[5].id, "m3"));
	CHECK(hub_stats(hub).pending == 0 && hub_stats(hub).resteps == 0);
}

static void what_is_not_held_here_is_joined_degraded_and_reset(void)
{
	elsewhere_said("m1", "hello");
	model.away = true;
	join(1, 2, false);
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0 degraded");
	say(1, "m2", "payment methods");
	settle();
	CHECK_STR(look(), "");
	model.away = false;
	hub_store_up(hub, true, false);
	settle();
	CHECK_STR(look(), "1:reset 2; 1:event 1 m1; 1:event 2 m1.a; "
			  "1:show m2.a; 1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_poll_finds_a_store_that_came_back_unsaid(void)
{
	model.away = true;
	join(1, 0, false);
	settle();
	model.away = false;
	look();
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:reset 0");
}

static void logs_that_lost_their_tail_are_read_anew(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	settle();
	look();
	model_log(&model, "c1")->count = 2;
	hub_store_up(hub, true, true);
	settle();
	CHECK_STR(look(), "1:reset 2; 1:event 1 m1; 1:event 2 m1.a");
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_lost_tail_that_nobody_told_of_is_noticed(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	settle();
	look();
	model_log(&model, "c1")->count = 2;
	say(1, "m3", "payment methods");
	settle();
	CHECK_STR(look(), "1:show m3.a; 1:reset 2; 1:event 1 m1; "
			  "1:event 2 m1.a; 1:stored 3 m3; 1:stored 4 m3.a");
	CHECK(hub_stats(hub).reloads == 1);
}

static void a_log_shorter_than_what_was_read_is_read_anew(void)
{
	join(1, 0, true);
	wants_person(1, "m1");
	settle();
	look();
	model_log(&model, "c1")->count = 0;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:reset 0");
	CHECK(hub_conv(hub, "c1")->state == CONV_BOT);
	CHECK(changed_count == 2);
}

static void who_claims_to_know_more_than_there_is_is_reset(void)
{
	elsewhere_said("m1", "hello");
	join(1, 50, false);
	settle();
	CHECK_STR(look(), "1:joined bot 2 events 0 more; 1:reset 2; "
			  "1:event 1 m1; 1:event 2 m1.a");
}

static void an_erased_conversation_takes_nothing(void)
{
	model_log(&model, "c1")->erased = true;
	join(1, 0, false);
	say(1, "m1", "hello");
	settle();
	CHECK_STR(look(), "1:refused m1 gone; 1:refused  gone");
	CHECK(erased_count == 1);
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:refused m2 gone");
	hub_leave(hub, "c1", 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void who_reads_an_erased_conversation_is_told_by_its_bell(void)
{
	joined_and_greeted();
	hub_join(hub, "c1", 7, READER_AGENT, 0, false);
	settle();
	look();
	model_log(&model, "c1")->erased = true;
	hub_bell(hub, "c1", 3);
	settle();
	CHECK_STR(look(), "1:refused  gone; 7:refused  gone");
	CHECK(erased_count == 1 && hub_conv(hub, "c1") == NULL);
	hub_leave(hub, "c1", 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void erased_while_a_unit_is_on_its_way(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	model_log(&model, "c1")->erased = true;
	look();
	settle();
	CHECK_STR(look(), "1:refused m1 gone; 1:refused m2 gone; "
			  "1:refused  gone");
}

int main(void)
{
	catalog = rules_load();
	TEST(what_is_held_here_is_answered_while_the_store_is_away);
	TEST(all_is_handed_to_a_store_that_takes_nothing_for_now);
	TEST(what_is_not_held_here_is_joined_degraded_and_reset);
	TEST(a_poll_finds_a_store_that_came_back_unsaid);
	TEST(logs_that_lost_their_tail_are_read_anew);
	TEST(a_lost_tail_that_nobody_told_of_is_noticed);
	TEST(a_log_shorter_than_what_was_read_is_read_anew);
	TEST(who_claims_to_know_more_than_there_is_is_reset);
	TEST(an_erased_conversation_takes_nothing);
	TEST(erased_while_a_unit_is_on_its_way);
	TEST(who_reads_an_erased_conversation_is_told_by_its_bell);
	catalog_free(&catalog);
	return check_done("chat/hub_away");
}
