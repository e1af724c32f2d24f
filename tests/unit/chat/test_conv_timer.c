/* The next step of every state, and when it is due. */
#include "dialogue.h"

static struct dialogue d;

static void nothing_is_done_before_it_is_due(void)
{
	say(&d, "hello");
	wait_ms(&d, DAY - 1);
	timer(&d);
	CHECK(d.out->event_count == 0);
	CHECK(d.out->due_ms == d.now_ms + 1);
}

static void a_chat_without_a_word_is_not_closed(void)
{
	timer(&d);
	CHECK(d.out->event_count == 0);
	CHECK(d.out->due_ms == d.now_ms + DAY);
}

static void an_idle_chat_is_closed_with_a_note(void)
{
	say(&d, "hello");
	wait_ms(&d, DAY);
	timer(&d);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK_STR(d.conv.reason, "idle");
	CHECK(said(&d, "not heard from you"));
	CHECK(d.out->due_ms == 0);
	timer(&d);
	CHECK(d.out->event_count == 0 && d.out->due_ms == 0);
}

static void who_waits_is_reminded_and_then_offered_to_leave_a_contact(void)
{
	to_queue(&d);
	CHECK(d.out->due_ms == d.now_ms + 5 * MINUTE);
	for (int i = 0; i < 5; i++) {
		wait_ms(&d, 5 * MINUTE);
		timer(&d);
		CHECK(said(&d, "still in line"));
		CHECK(str_starts(event_at(&d, 0)->id, "remind."));
	}
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	CHECK(said(&d, "leave your e-mail"));
	CHECK(d.out->due_ms == d.now_ms + 10 * MINUTE);
	wait_ms(&d, 10 * MINUTE);
	timer(&d);
	CHECK(said(&d, "still in line"));
	CHECK(d.out->due_ms == d.now_ms + 20 * MINUTE);
	CHECK(d.conv.state == CONV_QUEUED);
}

static void reminders_slow_down_but_never_stop(void)
{
	to_queue(&d);
	for (int i = 0; i < 100; i++) {
		d.now_ms = d.out->due_ms;
		timer(&d);
		CHECK(d.out->event_count == 1);
		CHECK(d.out->due_ms > d.now_ms);
		CHECK(d.out->due_ms <= d.now_ms + 2 * DAY);
	}
	CHECK(d.conv.state == CONV_QUEUED);
}

static void nobody_is_reminded_while_the_shop_is_closed(void)
{
	d.closed_hours = true;
	to_queue(&d);
	wait_ms(&d, 5 * MINUTE);
	d.opens_at_ms = d.now_ms + 8 * HOUR;
	timer(&d);
	CHECK(d.out->event_count == 0);
	CHECK(d.out->due_ms == d.opens_at_ms);
	d.opens_at_ms = 0;
	timer(&d);
	CHECK(d.out->due_ms == d.now_ms + HOUR);
}

static void ids_of_reminders_are_never_used_twice(void)
{
	struct event first, second;

	to_queue(&d);
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	first = event_copy(event_at(&d, 0), &d.arena);
	agent(&d, INPUT_AGENT_CLAIMED, "maria");
	agent(&d, INPUT_AGENT_RELEASED, "maria");
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	second = event_copy(event_at(&d, 0), &d.arena);
	CHECK(said(&d, "still in line"));
	CHECK(!str_eq(first.id, second.id));
}

static void an_agent_who_does_not_answer_is_reminded_then_it_goes_back(void)
{
	to_agent(&d, "maria");
	CHECK(d.out->due_ms == d.now_ms + 5 * MINUTE);
	wait_ms(&d, 4 * MINUTE);
	say(&d, "are you there?");
	CHECK(d.out->due_ms == d.now_ms + MINUTE);
	wait_ms(&d, MINUTE);
	timer(&d);
	CHECK(said(&d, "a little longer"));
	CHECK(has(&d, EVENT_NOTE, "waiting for an answer"));
	CHECK(d.conv.state == CONV_ASSIGNED);
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "agent_silent");
	CHECK(d.out->queue_op == CONV_QUEUE_BACK);
	CHECK(d.conv.fence == 2);
}

static void an_answer_starts_the_shoppers_time(void)
{
	to_agent(&d, "maria");
	agent(&d, INPUT_AGENT_SAID, "maria");
	CHECK(d.out->due_ms == d.now_ms + DAY);
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	CHECK(d.out->event_count == 0);
	wait_ms(&d, DAY);
	timer(&d);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK(d.out->queue_op == CONV_QUEUE_RESOLVE);
	CHECK(said(&d, "not heard from you"));
}

static void an_answer_after_a_reminder_starts_anew(void)
{
	to_agent(&d, "maria");
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	agent(&d, INPUT_AGENT_SAID, "maria");
	say(&d, "and now?");
	CHECK(d.out->due_ms == d.now_ms + 5 * MINUTE);
	wait_ms(&d, 5 * MINUTE);
	timer(&d);
	CHECK(said(&d, "a little longer"));
}

static void a_policy_of_zeros_does_not_spin(void)
{
	d.policy = (struct conv_policy){.default_queue = "general"};
	say(&d, "xyzzy");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK(d.out->due_ms >= d.now_ms + 1000);
}

int main(void)
{
	TEST(nothing_is_done_before_it_is_due);
	TEST(a_chat_without_a_word_is_not_closed);
	TEST(an_idle_chat_is_closed_with_a_note);
	TEST(who_waits_is_reminded_and_then_offered_to_leave_a_contact);
	TEST(reminders_slow_down_but_never_stop);
	TEST(nobody_is_reminded_while_the_shop_is_closed);
	TEST(ids_of_reminders_are_never_used_twice);
	TEST(an_agent_who_does_not_answer_is_reminded_then_it_goes_back);
	TEST(an_answer_starts_the_shoppers_time);
	TEST(an_answer_after_a_reminder_starts_anew);
	TEST(a_policy_of_zeros_does_not_spin);
	return check_done("chat/conv_timer");
}
