/* Where the bot does not know: repeats, misses, what is near, offers. */
#include "dialogue.h"

static struct dialogue d;

static void the_same_answer_is_not_given_twice_in_a_row(void)
{
	say(&d, "payment methods");
	say(&d, "payment methods");
	CHECK_STR(outcome(&d), "repeat");
	CHECK(!said(&d, "Card and bank transfer."));
	CHECK(has_button(&d, "human"));
	say(&d, "payment methods");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "repeated");
}

static void with_another_number_it_is_another_answer(void)
{
	say(&d, "where is my order 12345678");
	say(&d, "where is my order 87654321");
	CHECK(said(&d, "Order 87654321 is on its way."));
}

static void small_talk_may_be_repeated_and_does_not_count(void)
{
	say(&d, "xyzzy");
	say(&d, "hello");
	CHECK(said(&d, "Hello!"));
	CHECK(d.conv.misses == 1);
	say(&d, "hello");
	CHECK(said(&d, "Hello!"));
	say(&d, "plugh");
	CHECK(d.conv.state == CONV_QUEUED);
}

static void two_misses_call_a_person(void)
{
	say(&d, "xyzzy");
	CHECK_STR(outcome(&d), "miss");
	CHECK(has_button(&d, "human"));
	CHECK(d.out->unanswered);
	CHECK(d.out->counted == COUNTED_MISSED);
	say(&d, "plugh");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "not_understood");
	CHECK(d.conv.missed == 2);
	CHECK(d.out->queue_op == CONV_QUEUE_ENQUEUE);
	CHECK_STR(d.out->queue, "general");
	CHECK(d.out->unanswered);
	CHECK(d.out->counted == COUNTED_HANDED_OVER);
}

static void an_answer_between_two_misses_resets_them(void)
{
	say(&d, "xyzzy");
	say(&d, "payment methods");
	say(&d, "plugh");
	CHECK_STR(outcome(&d), "miss");
	CHECK(d.conv.state == CONV_BOT);
}

static void a_miss_offers_what_is_near(void)
{
	say(&d, "newsletter");
	CHECK_STR(outcome(&d), "miss");
	CHECK(has_button(&d, "intent:newsletter"));
	say(&d, "yes");
	CHECK(said(&d, "Subscribe below."));
}

static void no_to_what_is_near_brings_a_person(void)
{
	say(&d, "newsletter");
	say(&d, "no");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "wants_person");
}

static void two_that_cannot_be_told_apart_are_offered_as_buttons(void)
{
	say(&d, "voucher");
	CHECK_STR(outcome(&d), "clarify");
	CHECK(has_button(&d, "intent:gift_card"));
	CHECK(has_button(&d, "intent:gift_code"));
	CHECK(has_button(&d, "human"));
	press(&d, "intent:gift_code");
	CHECK(str_is(event_at(&d, 0)->text, "Use a voucher"));
	CHECK(str_is(event_at(&d, 0)->value, "intent:gift_code"));
	CHECK(said(&d, "Type the code at checkout."));
}

static void who_may_be_complaining_is_not_asked_what_was_meant(void)
{
	say(&d, "it came scratched");
	CHECK(said(&d, "I am sorry, that must not happen."));
	CHECK(!said(&d, "Send us a photo."));
	CHECK(!has_button(&d, "intent:scratch_report"));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.kind, "complaint");
	CHECK_STR(d.conv.reason, "complaint");
	CHECK_STR(d.conv.intent, "scratch_complaint");
	CHECK(d.conv.priority == 1);
	CHECK(d.out->counted == COUNTED_HANDED_OVER);
}

static void who_has_trouble_is_not_asked_to_put_it_otherwise(void)
{
	say(&d, "something is amiss");
	CHECK(said(&d, "I am sorry that something went wrong."));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "trouble");
	CHECK_STR(d.conv.kind, "complaint");
	CHECK_STR(d.out->queue, "sales");
	CHECK(d.conv.priority == 2);
	CHECK(d.out->unanswered); /* a rule for it is still to be written */
	CHECK(d.out->counted == COUNTED_HANDED_OVER);
}

static void an_open_question_goes_before_mere_trouble(void)
{
	say(&d, "where is my order");
	say(&d, "12345678, and something is amiss");
	CHECK(said(&d, "Order 12345678 is on its way."));
	CHECK(d.conv.state == CONV_BOT);
}

static void trouble_is_not_asked_for_its_number_again(void)
{
	say(&d, "where is my order");
	say(&d, "no idea, something is amiss");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "trouble");
}

static void trouble_in_line_keeps_the_place(void)
{
	press(&d, "human");
	say(&d, "something is amiss");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "wants_person");
	CHECK(!said(&d, "I am sorry that something went wrong."));
}

/* -- what the bot had in mind ------------------------------------------- */

static void what_a_miss_came_close_to_is_kept_for_the_agent(void)
{
	say(&d, "newsletter");
	CHECK_STR(d.conv.considered,
		  "[{\"intent\":\"newsletter\",\"score\":0.60}]");
	say(&d, "plugh");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.considered,
		  "[{\"intent\":\"newsletter\",\"score\":0.60}]");
}

static void the_last_miss_tells_what_it_came_close_to(void)
{
	say(&d, "xyzzy");
	CHECK_STR(d.conv.considered, "");
	say(&d, "newsletter");
	CHECK_STR(d.conv.reason, "not_understood");
	CHECK(str_is(event_at(&d, 1)->considered, d.conv.considered));
	CHECK_STR(d.conv.considered,
		  "[{\"intent\":\"newsletter\",\"score\":0.60}]");
}

static void those_offered_as_buttons_are_kept_until_one_is_answered(void)
{
	say(&d, "voucher");
	CHECK_STR(d.conv.considered,
		  "[{\"intent\":\"gift_card\",\"score\":1.00},"
		  "{\"intent\":\"gift_code\",\"score\":1.00}]");
	press(&d, "intent:gift_code");
	CHECK_STR(d.conv.considered, "");
}

int main(void)
{
	TEST(the_same_answer_is_not_given_twice_in_a_row);
	TEST(with_another_number_it_is_another_answer);
	TEST(small_talk_may_be_repeated_and_does_not_count);
	TEST(two_misses_call_a_person);
	TEST(an_answer_between_two_misses_resets_them);
	TEST(a_miss_offers_what_is_near);
	TEST(no_to_what_is_near_brings_a_person);
	TEST(two_that_cannot_be_told_apart_are_offered_as_buttons);
	TEST(who_may_be_complaining_is_not_asked_what_was_meant);
	TEST(who_has_trouble_is_not_asked_to_put_it_otherwise);
	TEST(an_open_question_goes_before_mere_trouble);
	TEST(trouble_is_not_asked_for_its_number_again);
	TEST(trouble_in_line_keeps_the_place);
	TEST(what_a_miss_came_close_to_is_kept_for_the_agent);
	TEST(the_last_miss_tells_what_it_came_close_to);
	TEST(those_offered_as_buttons_are_kept_until_one_is_answered);
	return check_done("chat/conv_miss");
}
