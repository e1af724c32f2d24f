/* The hub and what agents and timers do to a conversation. */
#include "hub_world.h"

/* -- agents ------------------------------------------------------------ */

static void an_agent_need_not_read_to_be_told(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:stored 4 x1");
	deed(200, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK_STR(look(), "200:stored 6 x2");
	CHECK(hub_stats(hub).rooms == 0);
}

static void move(const char *id, const char *agent, const char *queue)
{
	feed(200, (struct conv_input){.type = INPUT_AGENT_TRANSFERRED,
				      .id = str_of(id),
				      .agent = STR("maria"),
				      .to_agent = str_of(agent),
				      .to_queue = str_of(queue)});
}

static void close_as(const char *outcome)
{
	feed(200, (struct conv_input){.type = INPUT_AGENT_RESOLVED,
				      .id = STR("x4"),
				      .agent = STR("maria"),
				      .outcome = str_of(outcome)});
}

/* What is done to the state is under its id once as well, and says to whom and
 * as what. */
static void deeds_under_a_known_id_are_compared(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	move("x2", "maria", "");
	settle();
	look();
	move("x2", "maria", "");
	settle();
	CHECK_STR(look(), "200:stored 6 x2");
	move("x2", "paul", "");
	settle();
	CHECK_STR(look(), "200:refused x2 id_reused");
	close_as("solved");
	settle();
	look();
	close_as("solved");
	settle();
	CHECK_STR(look(), "200:stored 8 x4");
	close_as("spam");
	settle();
	CHECK_STR(look(), "200:refused x4 id_reused");
}

/* A queue of another name is another transfer. */
static void a_transfer_to_a_queue_is_compared(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	move("x2", "", "vip");
	settle();
	look();
	move("x2", "", "vip");
	settle();
	CHECK_STR(look(), "200:stored 6 x2");
	move("x2", "", "general");
	settle();
	CHECK_STR(look(), "200:refused x2 id_reused");
}

static void ones_own_claim_again_is_answered(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:stored 5 x1");
	CHECK(repair_count == 0);
}

static void a_claim_that_the_log_does_not_allow_repairs_the_queue(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:refused x1 taken");
	CHECK(repair_count == 1);
}

static void take_over(uint64_t from, const char *name)
{
	feed(from, (struct conv_input){.type = INPUT_AGENT_CLAIMED,
				       .id = STR("x1"),
				       .agent = str_of(name),
				       .oversees = true});
}

/* The bot's answer was on the screen: it is logged, behind the take-over. */
/* The bot's answer was on the screen: it is logged, behind the take-over. */
static void what_the_bot_says_meanwhile_is_late(void)
{
	const struct model_log *log = model_log(&model, "c1");

	joined_and_greeted();
	say(1, "m2", "payment methods");
	elsewhere_took_over("paula");
	settle();
	CHECK_STR(hub_conv(hub, "c1")->agent, "paula");
	CHECK(str_is(log->events[log->count - 2].id, "m2"));
	CHECK(log->events[log->count - 1].late);
}

static void one_of_two_has_what_both_take_from_the_bot(void)
{
	elsewhere_said("m1", "hello");
	take_over(200, "paula");
	elsewhere_took_over("rosa");
	settle();
	CHECK_STR(look(), "200:refused x1 taken");
}

/* The log says "general". */
static void the_queue_that_gave_it_away_is_repaired(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	feed(200, (struct conv_input){.type = INPUT_AGENT_CLAIMED,
				      .id = STR("x1"),
				      .agent = STR("maria"),
				      .queue = STR("sales")});
	settle();
	CHECK_STR(look(), "200:refused x1 taken");
	CHECK_STR(repaired, "sales");
}

static void an_agent_sees_what_they_did_to_the_state(void)
{
	elsewhere_wants_person();
	join(100, 3, false);
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "100:joined queued 3 events 0; 100:event 4 x1; "
			  "100:stored 4 x1; 100:event 5 joined.5");
}

static void nobody_is_refused_by_an_old_state(void)
{
	join(100, 0, true);
	wants_person(0, "m1");
	settle();
	look();
	elsewhere_claimed("maria");
	deed(100, INPUT_AGENT_SAID, "x1", "maria"); /* before the bell */
	settle();
	CHECK_STR(look(), "100:event 4 c9; 100:event 5 joined.5; "
			  "100:stored 6 x1");
}

static void a_late_write_of_an_old_owner_is_refused(void)
{
	join(100, 0, true);
	wants_person(0, "m1");
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	elsewhere((struct conv_input){.type = INPUT_LEASE_LOST});
	elsewhere_claimed("paul");
	look();
	deed(100, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK(strstr(look(), "100:refused x2 not_yours") != NULL);
	CHECK(str_starts(model_log(&model, "c1")->events[8].id, "joined.9."));
	CHECK(model_log(&model, "c1")->count == 9);
}

static void what_was_written_under_an_old_claim_is_refused(void)
{
	join(100, 0, true);
	wants_person(0, "m1");
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	deed(100, INPUT_AGENT_SAID, "x2", "maria");
	elsewhere((struct conv_input){.type = INPUT_LEASE_LOST});
	elsewhere_claimed("maria");
	look();
	settle();
	CHECK(strstr(look(), "100:refused x2 not_yours") != NULL);
	deed(100, INPUT_AGENT_SAID, "x3", "maria");
	settle();
	CHECK_STR(look(), "100:stored 10 x3");
}

static void a_closed_conversation_takes_no_message(void)
{
	join(1, 0, true);
	say(1, "m1", "goodbye");
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a; "
			  "1:event 3 closed.3; 1:refused m2 closed");
}

/* -- timers ------------------------------------------------------------ */

static void a_timer_that_is_early_sets_the_time(void)
{
	elsewhere_wants_person();
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	settle();
	CHECK(set_due_ms == now_ms + 300000);
	CHECK(hub_stats(hub).rooms == 0);
}

/* The time that is set is early then; the timer finds that out. */
static void a_message_to_the_bot_does_not_set_the_time_anew(void)
{
	joined_and_greeted();
	CHECK(!due_stood);
	now_ms += 1000;
	say(1, "m2", "where is my order");
	settle();
	CHECK(due_stood);
	now_ms += test_policy.bot_idle_ms; /* it is over */
	say(1, "m3", "hello");
	settle();
	CHECK(!due_stood);
	elsewhere_said("x1", "hello");
	say(1, "m4", "hello"); /* somebody else may have set another */
	settle();
	CHECK(!due_stood);
	say(1, "m5", "hello");
	settle();
	CHECK(due_stood);
	wants_person(1, "m6");
	settle();
	CHECK(!due_stood); /* in line it is to the letter */
}

static void a_timer_steps_where_nobody_reads(void)
{
	elsewhere_wants_person();
	now_ms += 300000;
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	settle();
	now_ms -= 300000;
	CHECK(model_log(&model, "c1")->count == 4);
	CHECK(str_is(model_log(&model, "c1")->events[3].outcome, "remind"));
	CHECK(done_count == 1);
	CHECK(hub_stats(hub).rooms == 0);
}

static void a_lost_lease_that_the_log_does_not_know_repairs_the_queue(void)
{
	elsewhere_said("m1", "hello");
	feed(0, (struct conv_input){.type = INPUT_LEASE_LOST});
	settle();
	CHECK(repair_count == 1);
	CHECK(model_log(&model, "c1")->count == 2);
}

/* Its agent has given the chat back, and taken it again. */
static void is_claimed_twice(void)
{
	join(100, 0, true);
	wants_person(0, "m1");
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	deed(100, INPUT_AGENT_RELEASED, "x2", "maria");
	deed(100, INPUT_AGENT_CLAIMED, "x3", "maria");
	settle();
}

/* The log has gone on while Redis was slow: it stays with its agent, and the
 * queue is told so. */
static void a_lost_lease_from_before_a_newer_claim_repairs_the_queue(void)
{
	is_claimed_twice();
	feed(0, (struct conv_input){.type = INPUT_LEASE_LOST,
				    .agent = STR("maria"),
				    .lost_at_seq = 5});
	settle();
	CHECK(repair_count == 1);
	look();
	deed(100, INPUT_AGENT_SAID, "x4", "maria");
	settle();
	CHECK_STR(look(), "100:stored 10 x4");
}

/* Of the claim before and of this one: the second is no repeat. */
static void two_lost_leases_of_a_chat_are_two(void)
{
	const struct model_log *log;

	is_claimed_twice();
	for (uint64_t seq = 5; seq <= 8; seq += 3)
		feed(0, (struct conv_input){.type = INPUT_LEASE_LOST,
					    .agent = STR("maria"),
					    .lost_at_seq = seq});
	settle();
	log = model_log(&model, "c1");
	CHECK(log->count == 11);
	CHECK(str_is(log->events[9].reason, "agent_gone"));
}

/* The log has lost its tail, and a daemon brings back what the system said in
 * it, as it is, wherever the log stands: what is said at the old place by and
 * by is another thing. */
static void words_kept_of_a_lost_tail_are_in_nobodys_way(void)
{
	struct model_log *log = model_log(&model, "c1");
	struct event joined;

	elsewhere_wants_person();
	elsewhere((struct conv_input){.type = INPUT_AGENT_NOTE,
				      .id = STR("n1"),
				      .agent = STR("maria"),
				      .text = STR("hi")});
	elsewhere_claimed("maria");
	CHECK(log->count == 6);
	joined = log->events[5];
	log->count = 3;
	log->fence = 0;
	now_ms += 1000;
	model_write(&model, "c1", joined);
	deed(200, INPUT_AGENT_CLAIMED, "x1", "paul");
	settle();
	now_ms -= 1000;
	CHECK_STR(look(), "200:stored 5 x1");
	CHECK(log->count == 6 && !str_eq(log->events[5].id, joined.id));
}

int main(void)
{
	catalog = rules_load();
	TEST(an_agent_need_not_read_to_be_told);
	TEST(deeds_under_a_known_id_are_compared);
	TEST(a_transfer_to_a_queue_is_compared);
	TEST(ones_own_claim_again_is_answered);
	TEST(a_claim_that_the_log_does_not_allow_repairs_the_queue);
	TEST(the_queue_that_gave_it_away_is_repaired);
	TEST(an_agent_sees_what_they_did_to_the_state);
	TEST(nobody_is_refused_by_an_old_state);
	TEST(what_the_bot_says_meanwhile_is_late);
	TEST(one_of_two_has_what_both_take_from_the_bot);
	TEST(a_late_write_of_an_old_owner_is_refused);
	TEST(what_was_written_under_an_old_claim_is_refused);
	TEST(a_closed_conversation_takes_no_message);
	TEST(a_timer_that_is_early_sets_the_time);
	TEST(a_message_to_the_bot_does_not_set_the_time_anew);
	TEST(a_timer_steps_where_nobody_reads);
	TEST(a_lost_lease_that_the_log_does_not_know_repairs_the_queue);
	TEST(a_lost_lease_from_before_a_newer_claim_repairs_the_queue);
	TEST(two_lost_leases_of_a_chat_are_two);
	TEST(words_kept_of_a_lost_tail_are_in_nobodys_way);
	catalog_free(&catalog);
	return check_done("chat/hub_agents");
}
