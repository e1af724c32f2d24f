/* In line: the bot goes on answering, the place is kept, a contact is left. */
#include "dialogue.h"

static struct dialogue d;

static void leave_contact(const char *words)
{
	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					      .contact = true,
					      .text = str_of(words)});
}

static void who_leaves_a_contact_goes_into_line(void)
{
	leave_contact("Ann\nann@example.org");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "contact");
	CHECK(d.out->event_count == 3);
	CHECK(str_is(event_at(&d, 0)->text, "Ann\nann@example.org"));
	CHECK(str_is(event_at(&d, 0)->outcome, "contact"));
	CHECK(said(&d, "get back to you"));
	CHECK(d.out->queue_op == CONV_QUEUE_ENQUEUE);
	/* And is not asked to leave one again. */
	CHECK(d.conv.contact_offered);
	d.now_ms += 31 * MINUTE;
	timer(&d);
	CHECK(said(&d, "still in line"));
}

static void in_line_a_contact_is_taken_and_the_place_kept(void)
{
	int64_t since_ms;

	say(&d, "my kettle leaks");
	ask_for_person(&d);
	since_ms = d.conv.since_ms;
	d.now_ms += MINUTE;
	leave_contact("+49 30 123456");
	CHECK(d.conv.state == CONV_QUEUED && d.conv.since_ms == since_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
	CHECK_STR(d.conv.reason, "wants_person");
	CHECK(d.out->counted == COUNTED_CONTACTS_LEFT);
	CHECK_STR(d.conv.preview, "my kettle leaks");
	to_agent(&d, "maria");
	leave_contact("ann@example.org");
	CHECK(d.out->event_count == 1);
	CHECK(d.conv.state == CONV_ASSIGNED && d.conv.unanswered_ms != 0);
}

static void a_contact_opens_a_closed_conversation_anew(void)
{
	say(&d, "goodbye");
	leave_contact("ann@example.org");
	CHECK(d.out->refusal == REFUSE_CLOSED);
}

static void in_line_the_bot_goes_on_answering(void)
{
	to_queue(&d);
	say(&d, "delivery options");
	CHECK(said(&d, "Standard and express."));
	CHECK(d.out->event_count == 2); /* no "did that help" */
	CHECK(d.conv.state == CONV_QUEUED);
}

static void in_line_the_last_words_are_shown_and_the_place_is_kept(void)
{
	int64_t since_ms;

	ask_for_person(&d);
	since_ms = d.conv.since_ms;
	CHECK_STR(d.conv.preview, "");
	say(&d, "my kettle leaks");
	CHECK(d.out->queue_op == CONV_QUEUE_ENQUEUE);
	CHECK_STR(d.out->queue, d.conv.queue);
	CHECK_STR(d.conv.preview, "my kettle leaks");
	CHECK(d.conv.since_ms == since_ms);
	say(&d, "my kettle leaks");
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
}

static void in_line_a_miss_does_not_count_and_nobody_is_nagged(void)
{
	to_queue(&d);
	say(&d, "xyzzy");
	CHECK(d.out->event_count == 1);
	wait_ms(&d, 61000);
	say(&d, "plugh");
	CHECK_STR(outcome(&d), "kept");
	say(&d, "plover");
	CHECK(d.out->event_count == 1);
	CHECK(d.conv.misses == 0 && d.conv.missed == 0);
	CHECK_STR(d.conv.preview, "plover");
}

static void in_line_asking_again_keeps_the_place(void)
{
	int64_t since_ms;

	to_queue(&d);
	since_ms = d.conv.since_ms;
	wait_ms(&d, 5000);
	ask_for_person(&d);
	CHECK_STR(outcome(&d), "kept");
	CHECK(d.conv.since_ms == since_ms);
	say(&d, "a person please");
	CHECK_STR(outcome(&d), "kept");
	say(&d, "wholesale prices");
	CHECK(d.conv.since_ms == since_ms);
	CHECK_STR(d.conv.queue, "general");
}

static void in_line_a_question_may_be_asked_and_filled(void)
{
	to_queue(&d);
	say(&d, "where is my order");
	CHECK(said(&d, "What is your order number?"));
	say(&d, "12345678");
	CHECK(said(&d, "Order 12345678 is on its way."));
	say(&d, "where is my order");
	CHECK(d.out->event_count == 1);
}

static void leaving_the_line_takes_it_out(void)
{
	to_queue(&d);
	quit(&d);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK(d.out->queue_op == CONV_QUEUE_RESOLVE);
	CHECK_STR(d.out->queue, "general");
}

static void where_nobody_is_there_that_is_said_and_a_contact_offered(void)
{
	d.unattended = 1;
	ask_for_person(&d);
	CHECK(said(&d, "online right now"));
	CHECK(!said(&d, "passing you on"));
	CHECK(d.conv.state == CONV_QUEUED && d.conv.contact_offered);
	CHECK(d.out->queue_op == CONV_QUEUE_ENQUEUE);
	wait_ms(&d, 31 * MINUTE);
	timer(&d);
	CHECK(said(&d, "still in line"));
	to_agent(&d, "maria");
	CHECK(d.conv.state == CONV_ASSIGNED && !d.conv.contact_offered);
}

static void that_is_said_at_once_when_all_leave_who_could_have_come(void)
{
	to_queue(&d);
	wait_ms(&d, 1000);
	timer(&d);
	CHECK(d.out->event_count == 0);
	d.unattended = 1;
	timer(&d);
	CHECK(said(&d, "online right now") && d.out->event_count == 1);
	CHECK(d.out->counted == COUNTED_CONTACTS_OFFERED);
	CHECK(d.conv.state == CONV_QUEUED && d.conv.contact_offered);
	CHECK(d.out->due_ms == d.now_ms + 10 * MINUTE);
	wait_ms(&d, 1000);
	timer(&d);
	CHECK(d.out->event_count == 0); /* once */
	wait_ms(&d, 31 * MINUTE);
	timer(&d);
	CHECK(said(&d, "still in line"));
}

static void nor_when_all_leave_for_the_night(void)
{
	to_queue(&d);
	d.unattended = 1;
	d.closed_hours = true;
	timer(&d);
	CHECK(d.out->event_count == 0 && !d.conv.contact_offered);
}

static void that_is_said_behind_an_answer_too(void)
{
	d.unattended = 1;
	say(&d, "wholesale prices");
	CHECK(said(&d, "That is for our sales team."));
	CHECK(said(&d, "Gladly. None of our team is online"));
}

static void nobody_is_missed_in_another_queue(void)
{
	static const char *const queues[] = {"general", "sales"};

	d.policy.queues = queues;
	d.policy.queue_count = 2;
	d.unattended = 2;
	ask_for_person(&d);
	CHECK(said(&d, "passing you on") && !d.conv.contact_offered);
}

static void nor_outside_of_the_hours(void)
{
	d.unattended = 1;
	d.closed_hours = true;
	ask_for_person(&d);
	CHECK(said(&d, "Our team is not here") && !d.conv.contact_offered);
}

static void nor_by_who_has_left_a_contact(void)
{
	d.unattended = 1;
	leave_contact("ann@example.org");
	CHECK(!said(&d, "online right now") && said(&d, "get back to you"));
}

int main(void)
{
	TEST(who_leaves_a_contact_goes_into_line);
	TEST(in_line_a_contact_is_taken_and_the_place_kept);
	TEST(a_contact_opens_a_closed_conversation_anew);
	TEST(in_line_the_bot_goes_on_answering);
	TEST(in_line_the_last_words_are_shown_and_the_place_is_kept);
	TEST(in_line_a_miss_does_not_count_and_nobody_is_nagged);
	TEST(in_line_asking_again_keeps_the_place);
	TEST(in_line_a_question_may_be_asked_and_filled);
	TEST(leaving_the_line_takes_it_out);
	TEST(where_nobody_is_there_that_is_said_and_a_contact_offered);
	TEST(that_is_said_at_once_when_all_leave_who_could_have_come);
	TEST(that_is_said_behind_an_answer_too);
	TEST(nobody_is_missed_in_another_queue);
	TEST(nor_outside_of_the_hours);
	TEST(nor_when_all_leave_for_the_night);
	TEST(nor_by_who_has_left_a_contact);
	return check_done("chat/conv_line");
}
