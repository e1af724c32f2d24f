/* Whether it helped: a bare yes or no, and feedback in its scale. */
#include "dialogue.h"

static struct dialogue d;

static void yes_it_helped_is_thanked_for_and_logged(void)
{
	say(&d, "delivery options");
	say(&d, "yes");
	CHECK(event_at(&d, 1)->type == EVENT_FEEDBACK);
	CHECK(str_is(event_at(&d, 1)->id, "m2.f"));
	CHECK(str_is(event_at(&d, 1)->ask, "m1.q"));
	CHECK(event_at(&d, 1)->score == 1);
	CHECK(said(&d, "thank you"));
	say(&d, "yes");
	CHECK_STR(outcome(&d), "miss");
}

static void no_it_did_not_help_offers_a_person(void)
{
	say(&d, "delivery options");
	say(&d, "no");
	CHECK(event_at(&d, 1)->has_score && event_at(&d, 1)->score == 0);
	CHECK(has_button(&d, "human"));
	say(&d, "yes please");
	CHECK(d.conv.state == CONV_QUEUED);
}

static void an_offer_may_be_declined(void)
{
	say(&d, "delivery options");
	say(&d, "no");
	say(&d, "no thanks");
	CHECK_STR(outcome(&d), "meta");
	CHECK(d.conv.state == CONV_BOT);
}

static void feedback_is_taken_once_and_in_its_scale(void)
{
	say(&d, "delivery options");
	rate(&d, "m1.q", 2);
	CHECK(d.out->refusal == REFUSE_BAD_SCORE);
	rate(&d, "nothing", 1);
	CHECK(d.out->refusal == REFUSE_BAD_ASK);
	rate(&d, "m1.q", 0);
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(str_is(event_at(&d, 1)->id, "m4.a"));
	CHECK(has_button(&d, "human"));
	rate(&d, "m1.q", 1);
	CHECK(d.out->refusal == REFUSE_BAD_ASK);
}

static void an_older_question_may_still_be_rated(void)
{
	say(&d, "delivery options");
	say(&d, "payment methods");
	say(&d, "delivery options");
	rate(&d, "m1.q", 1);
	CHECK(d.out->refusal == REFUSE_NOT);
	rate(&d, "m3.q", 1);
	CHECK(d.out->refusal == REFUSE_NOT);
}

static void an_answer_may_be_rated_by_itself(void)
{
	say(&d, "payment methods");
	CHECK_STR(outcome(&d), "answer");
	CHECK(d.out->event_count == 2); /* it is not asked about */
	rate(&d, "m1.a", 0);
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(str_is(event_at(&d, 0)->ask_kind, "solved"));
	CHECK(has_button(&d, "human"));
	rate(&d, "m1.a", 1);
	CHECK(d.out->refusal == REFUSE_BAD_ASK);
	say(&d, "no thanks");
	CHECK_STR(outcome(&d), "meta");
}

static void what_is_no_answer_is_not_rated(void)
{
	say(&d, "where is my order");
	CHECK_STR(outcome(&d), "ask");
	rate(&d, "m1.a", 1);
	CHECK(d.out->refusal == REFUSE_BAD_ASK);
}

int main(void)
{
	TEST(yes_it_helped_is_thanked_for_and_logged);
	TEST(no_it_did_not_help_offers_a_person);
	TEST(an_offer_may_be_declined);
	TEST(feedback_is_taken_once_and_in_its_scale);
	TEST(an_answer_may_be_rated_by_itself);
	TEST(what_is_no_answer_is_not_rated);
	TEST(an_older_question_may_still_be_rated);
	return check_done("chat/conv_rate");
}
