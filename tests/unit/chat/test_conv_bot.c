/* The bot's turn: answers, questions, buttons, hand-overs, the end. */
#include "dialogue.h"

static struct dialogue d;

static void a_question_is_answered_by_the_rule_that_wins(void)
{
	say(&d, "delivery options");
	CHECK(d.out->event_count == 3);
	CHECK(str_is(event_at(&d, 0)->sender, "s"));
	CHECK(str_is(event_at(&d, 0)->id, "m1"));
	CHECK(str_is(event_at(&d, 1)->sender, "b"));
	CHECK(str_is(event_at(&d, 1)->id, "m1.a"));
	CHECK(str_is(event_at(&d, 1)->reply_to, "m1"));
	CHECK(str_is(event_at(&d, 1)->intent, "delivery_options"));
	CHECK(str_is(event_at(&d, 1)->text, "Standard and express."));
	CHECK(event_at(&d, 1)->rules.n == 12);
	CHECK(has_button(&d, "intent:track_order"));
	CHECK(d.out->show[1] && !d.out->show[0] && !d.out->show[2]);
	CHECK(d.out->counted == COUNTED_ANSWERED);
}

static void ask_solved_follows_the_answer(void)
{
	say(&d, "delivery options");
	CHECK(event_at(&d, 2)->type == EVENT_ASK_FEEDBACK);
	CHECK(str_is(event_at(&d, 2)->id, "m1.q"));
	CHECK(str_is(event_at(&d, 2)->ask_kind, "solved"));
}

static void two_questions_get_two_answers(void)
{
	say(&d, "delivery options? payment methods?");
	CHECK(str_is(event_at(&d, 1)->id, "m1.a"));
	CHECK(str_is(event_at(&d, 1)->intent, "delivery_options"));
	CHECK(str_is(event_at(&d, 2)->id, "m1.b"));
	CHECK(str_is(event_at(&d, 2)->intent, "payment_methods"));
}

static void a_missing_slot_is_asked_for_and_filled(void)
{
	say(&d, "where is my order");
	CHECK_STR(outcome(&d), "ask");
	CHECK(said(&d, "What is your order number?"));
	say(&d, "it is 12345678");
	CHECK_STR(outcome(&d), "answer");
	CHECK(said(&d, "Order 12345678 is on its way."));
	CHECK_STR(d.conv.open_intent, "");
}

static void a_slot_in_the_message_is_not_asked_for(void)
{
	say(&d, "where is my order 12345678");
	CHECK(said(&d, "Order 12345678 is on its way."));
}

/* Nothing near says that it is one of a repair; the question does. */
static void a_number_by_itself_is_not_asked_for_either(void)
{
	say(&d, "is it mended? I mean this one: R1234, thank you");
	CHECK(said(&d, "Repair R1234 is under way."));
	say(&d, "and is it mended? this is the other. R4321");
	CHECK(said(&d, "Repair R4321 is under way."));
}

static void of_two_numbers_it_asks_which(void)
{
	say(&d, "is it mended? I have got these. R1234 or R4321");
	CHECK_STR(outcome(&d), "ask");
	CHECK(said(&d, "Which repair?"));
}

/* But for one of which something says what it is. */
static void the_number_that_is_called_one_counts(void)
{
	say(&d, "is it mended? my repair R1234, not the other. R4321");
	CHECK(said(&d, "Repair R1234 is under way."));
}

static void slots_are_asked_for_one_at_a_time(void)
{
	say(&d, "I want to send it back");
	CHECK(said(&d, "Which order?"));
	say(&d, "12345678");
	CHECK(said(&d, "Which colour was it?"));
	say(&d, "the blue one");
	CHECK(said(&d, "Send back order 12345678, the the blue one one."));
}

static void what_was_told_before_is_remembered(void)
{
	say(&d, "where is my order 12345678");
	say(&d, "I want to send it back");
	CHECK(said(&d, "Which colour was it?"));
}

static void a_slot_not_given_is_asked_for_again_and_then_handed_over(void)
{
	say(&d, "where is my order");
	say(&d, "no idea");
	CHECK(said(&d, "write it once more"));
	CHECK(d.conv.misses == 0);
	say(&d, "I really do not know");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "needs_data");
	CHECK_STR(d.conv.intent, "track_order");
}

static void another_question_may_come_between(void)
{
	say(&d, "where is my order");
	say(&d, "payment methods");
	CHECK(said(&d, "Card and bank transfer."));
	say(&d, "12345678");
	CHECK(said(&d, "Order 12345678 is on its way."));
}

static void a_question_that_sleeps_does_not_insist(void)
{
	say(&d, "where is my order");
	say(&d, "payment methods");
	say(&d, "hm");
	CHECK_STR(outcome(&d), "miss");
}

static void a_complaint_is_not_held_up_by_an_open_question(void)
{
	say(&d, "where is my order");
	say(&d, "terrible service 12345678");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.kind, "complaint");
}

static void nor_by_a_question_for_another_sentence(void)
{
	say(&d, "Where is my order? Terrible service!");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.kind, "complaint");
}

static void the_most_urgent_of_a_message_leads_to_a_person(void)
{
	say(&d, "Terrible service! Wholesale prices?");
	CHECK_STR(d.conv.reason, "wholesale");
	CHECK(d.conv.priority == 2);
}

static void never_mind_drops_the_open_question(void)
{
	say(&d, "where is my order");
	say(&d, "never mind");
	CHECK_STR(outcome(&d), "meta");
	CHECK_STR(d.conv.open_intent, "");
	say(&d, "12345678");
	CHECK_STR(outcome(&d), "miss");
}

static void a_pressed_button_is_logged_with_the_text_that_stood_on_it(void)
{
	say(&d, "delivery options");
	CHECK(has_button(&d, "intent:track_order"));
	press(&d, "intent:track_order");
	CHECK(str_is(event_at(&d, 0)->text, "Where is mine"));
	CHECK(str_is(event_at(&d, 0)->value, "intent:track_order"));
}

static void a_button_that_means_nothing_any_more_is_a_message(void)
{
	press(&d, "intent:gone");
	CHECK(str_is(event_at(&d, 0)->text, "intent:gone"));
	CHECK_STR(outcome(&d), "miss");
}

static void the_person_button_hands_over(void)
{
	press(&d, "human");
	CHECK(str_is(event_at(&d, 0)->text,
		     "I would like to talk to a person."));
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "wants_person");
	CHECK(str_is(event_at(&d, 2)->id, "m1.s"));
	CHECK(d.conv.since_ms == d.now_ms);
}

static void a_person_please_is_understood_anywhere(void)
{
	say(&d, "where is my order");
	say(&d, "a person please");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.intent, "track_order");
}

static void an_escalation_says_its_words_and_names_its_queue(void)
{
	say(&d, "wholesale prices");
	CHECK(said(&d, "That is for our sales team."));
	CHECK(!said(&d, "passing you on"));
	CHECK_STR(d.conv.queue, "sales");
	CHECK(d.conv.priority == 2);
	CHECK_STR(d.conv.reason, "wholesale");
	CHECK_STR(d.out->queue, "sales");
}

static void a_reason_has_words_of_its_own_in_front(void)
{
	say(&d, "where is my order");
	say(&d, "I do not have it");
	say(&d, "no idea");
	CHECK_STR(d.conv.reason, "needs_data");
	CHECK(said(&d, "Then without it. I am passing you on"));
}

static void they_are_said_behind_an_answer_too(void)
{
	say(&d, "wholesale prices");
	CHECK(d.out->event_count == 4);
	CHECK(str_is(event_at(&d, 2)->text, "Gladly."));
	CHECK(event_at(&d, 3)->type == EVENT_STATE);
}

static void a_reason_has_its_words_outside_of_the_hours_too(void)
{
	d.closed_hours = true;
	say(&d, "wholesale prices");
	CHECK(said(&d, "Gladly. Our team is not here"));
}

static void a_queue_that_nobody_serves_is_not_used(void)
{
	static const char *const queues[] = {"general", "vip"};

	d.policy.queues = queues;
	d.policy.queue_count = 2;
	say(&d, "wholesale prices");
	CHECK_STR(d.conv.queue, "general");
}

static void a_complaint_gets_an_apology_and_goes_ahead(void)
{
	say(&d, "terrible service");
	CHECK(said(&d, "I am sorry to hear that."));
	CHECK(d.out->event_count == 3); /* and nothing more */
	CHECK_STR(d.conv.kind, "complaint");
	CHECK_STR(d.conv.reason, "complaint");
	CHECK(d.conv.priority > 0);
}

static void outside_of_the_hours_that_is_said_behind_an_answer_too(void)
{
	d.closed_hours = true;
	say(&d, "terrible service");
	CHECK(said(&d, "I am sorry to hear that."));
	CHECK(said(&d, "not here right now"));
}

static void outside_of_the_hours_the_shopper_is_told(void)
{
	d.closed_hours = true;
	d.opens_at_ms = d.now_ms + HOUR;
	ask_for_person(&d);
	CHECK(said(&d, "not here right now"));
	CHECK(d.conv.state == CONV_QUEUED);
}

static void without_rules_everything_goes_to_a_person(void)
{
	catalog_free(&d.catalog);
	say(&d, "delivery options");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "no_rules");
	CHECK(said(&d, "passing you on"));
}

static void goodbye_closes(void)
{
	say(&d, "goodbye");
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK_STR(d.conv.reason, "resolved");
	CHECK(d.out->due_ms == 0);
	say(&d, "hello");
	CHECK(d.out->refusal == REFUSE_CLOSED);
	CHECK(d.out->event_count == 0);
}

static void leaving_ends_it(void)
{
	say(&d, "hello");
	quit(&d);
	CHECK(event_at(&d, 0)->type == EVENT_LEAVE);
	CHECK(d.conv.state == CONV_CLOSED);
	CHECK_STR(d.conv.reason, "left");
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
	quit(&d);
	CHECK(d.out->refusal == REFUSE_NOT_NOW && d.out->event_count == 0);
	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_LEFT,
					      .was_logged = true});
	CHECK(d.out->refusal == REFUSE_NOT && d.out->event_count == 0);
}

static void every_text_has_a_built_in_form(void)
{
	static const char *const names[] = {
		"miss",
		"miss_alone",
		"clarify",
		"repeat",
		"handoff",
		"handoff_closed",
		"handoff_unattended",
		"handoff_complaint",
		"already_queued",
		"waiting_reminder",
		"contact_offer",
		"agent_joined",
		"agent_left",
		"agent_slow",
		"agent_nudge",
		"left",
		"resolved",
		"idle_close",
		"ask_solved",
		"ask_csat",
		"ask_ces",
		"ask_again",
		"offer_person",
		"feedback_thanks",
		"never_mind",
		"person_button",
		"human_request",
	};
	const char *text_builtin(const char *name);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		CHECK(text_builtin(names[i]) != NULL);
	CHECK(text_builtin("nonsense") == NULL);
}

int main(void)
{
	TEST(a_question_is_answered_by_the_rule_that_wins);
	TEST(ask_solved_follows_the_answer);
	TEST(two_questions_get_two_answers);
	TEST(a_missing_slot_is_asked_for_and_filled);
	TEST(a_slot_in_the_message_is_not_asked_for);
	TEST(a_number_by_itself_is_not_asked_for_either);
	TEST(of_two_numbers_it_asks_which);
	TEST(the_number_that_is_called_one_counts);
	TEST(slots_are_asked_for_one_at_a_time);
	TEST(what_was_told_before_is_remembered);
	TEST(a_slot_not_given_is_asked_for_again_and_then_handed_over);
	TEST(another_question_may_come_between);
	TEST(a_question_that_sleeps_does_not_insist);
	TEST(a_complaint_is_not_held_up_by_an_open_question);
	TEST(nor_by_a_question_for_another_sentence);
	TEST(the_most_urgent_of_a_message_leads_to_a_person);
	TEST(never_mind_drops_the_open_question);
	TEST(a_pressed_button_is_logged_with_the_text_that_stood_on_it);
	TEST(a_button_that_means_nothing_any_more_is_a_message);
	TEST(the_person_button_hands_over);
	TEST(a_person_please_is_understood_anywhere);
	TEST(an_escalation_says_its_words_and_names_its_queue);
	TEST(a_reason_has_words_of_its_own_in_front);
	TEST(they_are_said_behind_an_answer_too);
	TEST(a_reason_has_its_words_outside_of_the_hours_too);
	TEST(a_queue_that_nobody_serves_is_not_used);
	TEST(a_complaint_gets_an_apology_and_goes_ahead);
	TEST(outside_of_the_hours_that_is_said_behind_an_answer_too);
	TEST(outside_of_the_hours_the_shopper_is_told);
	TEST(without_rules_everything_goes_to_a_person);
	TEST(goodbye_closes);
	TEST(leaving_ends_it);
	TEST(every_text_has_a_built_in_form);
	return check_done("chat/conv_bot");
}
