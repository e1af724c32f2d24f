/* Agents' turns: taking a chat, writing in it, giving it away, ending it. */
#include "dialogue.h"

static struct dialogue d;

static void a_claim_assigns_and_raises_the_fence(void)
{
	to_queue(&d);
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	CHECK(str_is(event_at(&d, 0)->sender, "a:maria"));
	CHECK(str_is(event_at(&d, 0)->state, "assigned"));
	CHECK(event_at(&d, 0)->fence == 1);
	CHECK(d.out->raise_fence && d.out->fence == 1);
	CHECK(d.out->queue_op == CONV_QUEUE_CLAIMED);
	CHECK(said(&d, "Here is maria."));
	CHECK_STR(d.conv.agent, "maria");
	CHECK(d.conv.fence == 1);
}

static void a_second_claim_is_too_late(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_CLAIMED, "paul");
	CHECK(d.out->refusal == REFUSE_TAKEN);
	CHECK(d.out->event_count == 0);
	CHECK_STR(d.conv.agent, "maria");
}

static void ones_own_claim_again_is_fine(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(d.out->event_count == 0);
	CHECK(d.conv.fence == 1);
}

static void what_does_not_wait_cannot_be_claimed(void)
{
	say(&d, "hello");
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
	quit(&d);
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
}

static void who_oversees_takes_what_the_bot_has(void)
{
	int64_t since_ms;

	take_from_bot(&d, "paula");
	CHECK(d.out->refusal == REFUSE_NOT_NOW); /* nobody has said a word */
	say(&d, "delivery options");
	wait_ms(&d, MINUTE);
	take_from_bot(&d, "paula");
	CHECK(d.conv.state == CONV_ASSIGNED);
	CHECK_STR(d.conv.agent, "paula");
	CHECK(str_is(event_at(&d, 0)->reason, "taken_over"));
	CHECK(said(&d, "Here is paula."));
	CHECK(d.out->raise_fence && d.conv.fence == 1);
	/* All that a line would know, for who gets it next. */
	since_ms = d.conv.since_ms;
	CHECK(since_ms == d.conv.state_at_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_CLAIM_FOR);
	CHECK_STR(d.out->queue, "general");
	CHECK_STR(d.conv.queue, "general");
	CHECK_STR(d.conv.intent, d.conv.last_intent);
	CHECK_STR(d.conv.kind, "inquiry");
	CHECK(d.conv.intent[0] != '\0');
	say(&d, "payment methods");
	CHECK(d.out->event_count == 1); /* the bot is silent */
	wait_ms(&d, MINUTE);
	agent(&d, INPUT_AGENT_RELEASED, "paula");
	CHECK(d.conv.state == CONV_QUEUED && d.conv.since_ms == since_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_BACK);
	CHECK_STR(d.out->queue, "general");
}

static void one_of_those_who_take_it_from_the_bot_has_it(void)
{
	say(&d, "hello");
	take_from_bot(&d, "paula");
	take_from_bot(&d, "rosa");
	CHECK(d.out->refusal == REFUSE_TAKEN);
	CHECK_STR(d.conv.agent, "paula");
	take_from_bot(&d, "paula");
	CHECK(d.out->refusal == REFUSE_NOT && d.out->event_count == 0);
	CHECK(d.conv.fence == 1);
}

/* The bot was faster. */
static void who_oversees_gets_what_has_just_gone_into_line(void)
{
	int64_t since_ms;

	to_queue(&d);
	since_ms = d.conv.since_ms;
	wait_ms(&d, MINUTE);
	take_from_bot(&d, "paula");
	CHECK(d.conv.state == CONV_ASSIGNED);
	CHECK_STR(d.conv.agent, "paula");
	CHECK(d.conv.since_ms == since_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_CLAIMED);
	CHECK_STR(d.out->queue, "general");
	quit(&d);
	take_from_bot(&d, "paula");
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
}

static void who_takes_it_from_the_bot_and_is_silent_loses_it(void)
{
	say(&d, "hello");
	take_from_bot(&d, "paula");
	CHECK(d.out->due_ms == d.now_ms + d.policy.agent_reply_ms);
	for (int i = 0; i < 2; i++) { /* reminded first */
		CHECK(d.conv.state == CONV_ASSIGNED);
		wait_ms(&d, d.policy.agent_reply_ms);
		timer(&d);
	}
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "agent_silent");
}

static void the_bot_is_silent_while_an_agent_has_the_chat(void)
{
	to_agent(&d, "maria");
	say(&d, "delivery options");
	CHECK(d.out->event_count == 1);
	ask_for_person(&d);
	CHECK(d.out->event_count == 1);
	say(&d, "terrible service");
	CHECK(d.out->event_count == 1);
}

static void only_the_owner_writes(void)
{
	to_queue(&d);
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT && d.out->fence == 1);
	CHECK(!d.out->raise_fence);
	CHECK(str_is(event_at(&d, 0)->name, "maria"));
	agent(&d, INPUT_AGENT_SAID, "paul");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	agent(&d, INPUT_AGENT_RELEASED, "paul");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	agent(&d, INPUT_AGENT_RESOLVED, "paul");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	agent(&d, INPUT_AGENT_TRANSFERRED, "paul");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
}

static void anybody_may_leave_a_note(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_NOTE, "paul");
	CHECK(event_at(&d, 0)->type == EVENT_NOTE);
	CHECK(d.out->fence == 0);
	CHECK(!d.out->show[0]);
	agent(&d, INPUT_AGENT_RESOLVED, "maria");
	agent(&d, INPUT_AGENT_NOTE, "paul");
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(d.conv.state == CONV_CLOSED);
}

static void a_note_makes_no_conversation(void)
{
	agent(&d, INPUT_AGENT_NOTE, "paul");
	CHECK(d.out->refusal == REFUSE_NOT_NOW && d.out->event_count == 0);
}

static void agent_says_as(const char *id, enum conv_input_type type)
{
	dialogue_step(&d, (struct conv_input){.type = type,
					      .id = str_of(id),
					      .agent = STR("maria"),
					      .agent_display = STR("Maria"),
					      .text = STR("hi")});
}

/* Both number their messages from m1: clients show an id once. */
static void an_id_that_the_shopper_has_used_is_shown_with_the_agents_name(void)
{
	to_agent(&d, "maria");
	say(&d, "hello"); /* under the id of d.id */
	agent_says_as(d.id, INPUT_AGENT_SAID);
	CHECK(str_is(event_at(&d, 0)->id, d.id));
	CHECK(event_at(&d, 0)->wire_id.n == 6 + strlen(d.id));
	CHECK(str_starts(event_at(&d, 0)->wire_id, "maria."));
	CHECK(d.log[d.log_count - 1].wire_id.n > 0);
	agent_says_as(d.id, INPUT_AGENT_NOTE);
	CHECK(str_starts(event_at(&d, 0)->wire_id, "maria."));
	agent_says_as("x7", INPUT_AGENT_SAID);
	CHECK(event_at(&d, 0)->wire_id.p == NULL);
}

static void a_release_goes_back_to_the_old_place(void)
{
	int64_t since_ms;

	to_queue(&d);
	since_ms = d.conv.since_ms;
	wait_ms(&d, HOUR);
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	wait_ms(&d, MINUTE);
	agent(&d, INPUT_AGENT_RELEASED, "maria");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK(d.conv.since_ms == since_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_BACK);
	CHECK_STR(d.out->queue, "general");
	CHECK(said(&d, "maria had to leave"));
	CHECK(d.conv.fence == 2);
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
}

static void a_transfer_to_a_queue_moves_it(void)
{
	to_agent(&d, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_AGENT_TRANSFERRED,
					      .agent = STR("maria"),
					      .to_queue = STR("vip"),
					      .note = STR("knows the owner")});
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.queue, "vip");
	CHECK(d.out->queue_op == CONV_QUEUE_MOVE);
	CHECK_STR(d.out->queue, "vip");
	CHECK_STR(d.out->queue_from, "general");
	CHECK(has(&d, EVENT_NOTE, "knows the owner"));
	CHECK_STR(d.conv.reason, "transferred");
}

static void a_transfer_to_no_queue_is_refused(void)
{
	static const char *const queues[] = {"general"};

	d.policy.queues = queues;
	d.policy.queue_count = 1;
	to_agent(&d, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_AGENT_TRANSFERRED,
					      .agent = STR("maria"),
					      .to_queue = STR("vip")});
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
	CHECK(d.conv.state == CONV_ASSIGNED);
}

static void a_transfer_to_an_agent_assigns_it(void)
{
	to_agent(&d, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_AGENT_TRANSFERRED,
					      .agent = STR("maria"),
					      .to_agent = STR("paul"),
					      .to_agent_display = STR("Paul")});
	CHECK(d.conv.state == CONV_ASSIGNED);
	CHECK_STR(d.conv.agent, "paul");
	CHECK_STR(d.conv.agent_display, "Paul");
	CHECK(d.conv.fence == 2 && d.out->raise_fence);
	CHECK(d.out->queue_op == CONV_QUEUE_CLAIM_FOR);
	CHECK(said(&d, "Here is Paul."));
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
}

static void who_oversees_hands_on_what_is_anothers_and_no_more(void)
{
	static const enum conv_input_type others[] = {
		INPUT_AGENT_SAID, INPUT_AGENT_RELEASED, INPUT_AGENT_RESOLVED};
	struct conv_input over = {.type = INPUT_AGENT_TRANSFERRED,
				  .agent = STR("paula"),
				  .to_agent = STR("paula"),
				  .to_agent_display = STR("Paula")};

	to_agent(&d, "maria");
	dialogue_step(&d, over);
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		dialogue_step(&d, (struct conv_input){.type = others[i],
						      .agent = STR("paula"),
						      .oversees = true,
						      .text = STR("hello")});
		CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	}
	over.oversees = true;
	dialogue_step(&d, over);
	CHECK(d.conv.state == CONV_ASSIGNED);
	CHECK_STR(d.conv.agent, "paula");
	CHECK(d.conv.fence == 2 && d.out->raise_fence);
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_YOURS);
	agent(&d, INPUT_AGENT_RESOLVED, "paula");
	CHECK(d.conv.state == CONV_CLOSED);
	dialogue_step(&d, over);
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
}

static void resolving_closes_and_asks_for_feedback(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_RESOLVED, "maria");
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK(str_is(event_at(&d, 0)->outcome_of, "helped"));
	CHECK(str_is(event_at(&d, 0)->reason, "resolved"));
	CHECK(d.out->queue_op == CONV_QUEUE_RESOLVE);
	CHECK(d.out->due_ms == 0);
	CHECK(event_at(&d, 2)->type == EVENT_ASK_FEEDBACK);
	CHECK_STR(d.conv.asks[0].kind, "csat");
	rate(&d, d.conv.asks[0].id, 6);
	CHECK(d.out->refusal == REFUSE_BAD_SCORE);
	rate(&d, d.conv.asks[0].id, 5);
	CHECK(d.out->refusal == REFUSE_NOT && d.out->event_count == 1);
	CHECK_STR(d.conv.rated.kind, "csat");
	CHECK(d.conv.rated.score == 5);
	CHECK(d.conv.rated.at_ms == d.conv.last_event_ms);
	say(&d, "hello");
	CHECK(d.out->refusal == REFUSE_CLOSED);
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->refusal == REFUSE_NOT_NOW);
}

static void who_has_rated_is_asked_how_easy_it_was(void)
{
	char csat[CONV_ID_MAX + 1];

	d.policy.ask_effort = true;
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_RESOLVED, "maria");
	memcpy(csat, d.conv.asks[0].id, sizeof(csat));
	rate(&d, csat, 4);
	CHECK(d.out->event_count == 2);
	CHECK(event_at(&d, 1)->type == EVENT_ASK_FEEDBACK);
	CHECK_STR(d.conv.asks[0].kind, "ces");
	CHECK(d.conv.state == CONV_CLOSED && d.out->due_ms == 0);
	rate(&d, csat, 4);
	CHECK(d.out->refusal == REFUSE_BAD_ASK);
	rate(&d, d.conv.asks[0].id, 8);
	CHECK(d.out->refusal == REFUSE_BAD_SCORE);
	rate(&d, d.conv.asks[0].id, 7);
	CHECK(d.out->refusal == REFUSE_NOT && d.out->event_count == 1);
	CHECK_STR(d.conv.rated.kind, "csat");
	CHECK(d.conv.rated.score == 4);
}

static void an_agent_who_is_gone_gives_it_back(void)
{
	int64_t since_ms;

	to_agent(&d, "maria");
	since_ms = d.conv.since_ms;
	wait_ms(&d, HOUR);
	dialogue_step(&d, (struct conv_input){.type = INPUT_LEASE_LOST,
					      .agent = STR("maria")});
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "agent_gone");
	CHECK(d.conv.since_ms == since_ms);
	CHECK(d.conv.fence == 2 && d.out->raise_fence && d.out->fence == 2);
	CHECK(said(&d, "maria had to leave"));
	dialogue_step(&d, (struct conv_input){.type = INPUT_LEASE_LOST});
	CHECK(d.out->event_count == 0);
}

static void a_late_report_does_not_take_it_from_the_next_agent(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_RELEASED, "maria");
	agent(&d, INPUT_AGENT_CLAIMED, "paul");
	dialogue_step(&d, (struct conv_input){.type = INPUT_LEASE_LOST,
					      .agent = STR("maria")});
	CHECK(d.out->event_count == 0);
	CHECK_STR(d.conv.agent, "paul");
}

static void a_late_report_does_not_take_what_its_agent_has_claimed_anew(void)
{
	uint64_t lost_at_seq;

	to_agent(&d, "maria");
	lost_at_seq = d.conv.seq;
	CHECK(d.conv.assigned_seq <= lost_at_seq);
	agent(&d, INPUT_AGENT_RELEASED, "maria");
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_LEASE_LOST,
					      .agent = STR("maria"),
					      .lost_at_seq = lost_at_seq});
	CHECK(d.out->event_count == 0);
	CHECK_STR(d.conv.agent, "maria");
	dialogue_step(&d,
		      (struct conv_input){.type = INPUT_LEASE_LOST,
					  .agent = STR("maria"),
					  .lost_at_seq = d.conv.assigned_seq});
	CHECK(d.conv.state == CONV_QUEUED);
}

static void a_shopper_who_leaves_an_agent_is_taken_out(void)
{
	to_agent(&d, "maria");
	quit(&d);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK(d.out->queue_op == CONV_QUEUE_RESOLVE);
}

static void who_leaves_an_agent_is_asked_how_it_was(void)
{
	to_agent(&d, "maria");
	quit(&d);
	CHECK_STR(d.conv.asks[0].kind, "csat");
	rate(&d, d.conv.asks[0].id, 2);
	CHECK(d.out->refusal == REFUSE_NOT && d.conv.rated.score == 2);
}

static void who_leaves_the_line_is_not_asked(void)
{
	to_queue(&d);
	quit(&d);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK_STR(d.conv.asks[0].kind, "");
}

static void the_key_of_a_unit_is_the_inputs_own(void)
{
	struct str key;

	to_agent(&d, "maria");
	key = event_key(event_at(&d, 0), &d.arena);
	CHECK(str_is(key, "a:maria:m2"));
}

int main(void)
{
	TEST(a_claim_assigns_and_raises_the_fence);
	TEST(a_second_claim_is_too_late);
	TEST(ones_own_claim_again_is_fine);
	TEST(what_does_not_wait_cannot_be_claimed);
	TEST(who_oversees_takes_what_the_bot_has);
	TEST(one_of_those_who_take_it_from_the_bot_has_it);
	TEST(who_oversees_gets_what_has_just_gone_into_line);
	TEST(who_takes_it_from_the_bot_and_is_silent_loses_it);
	TEST(the_bot_is_silent_while_an_agent_has_the_chat);
	TEST(only_the_owner_writes);
	TEST(anybody_may_leave_a_note);
	TEST(a_note_makes_no_conversation);
	TEST(an_id_that_the_shopper_has_used_is_shown_with_the_agents_name);
	TEST(a_release_goes_back_to_the_old_place);
	TEST(who_oversees_hands_on_what_is_anothers_and_no_more);
	TEST(a_transfer_to_a_queue_moves_it);
	TEST(a_transfer_to_no_queue_is_refused);
	TEST(a_transfer_to_an_agent_assigns_it);
	TEST(resolving_closes_and_asks_for_feedback);
	TEST(who_has_rated_is_asked_how_easy_it_was);
	TEST(an_agent_who_is_gone_gives_it_back);
	TEST(a_late_report_does_not_take_it_from_the_next_agent);
	TEST(a_late_report_does_not_take_what_its_agent_has_claimed_anew);
	TEST(a_shopper_who_leaves_an_agent_is_taken_out);
	TEST(who_leaves_an_agent_is_asked_how_it_was);
	TEST(who_leaves_the_line_is_not_asked);
	TEST(the_key_of_a_unit_is_the_inputs_own);
	return check_done("chat/conv_agent");
}
