/* The bot's turn: answers, questions, offers, hand-overs, and being in line. */
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
	CHECK_STR(d.out->counted, "answered");
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

static void never_mind_drops_the_open_question(void)
{
	say(&d, "where is my order");
	say(&d, "never mind");
	CHECK_STR(outcome(&d), "meta");
	CHECK_STR(d.conv.open_intent, "");
	say(&d, "12345678");
	CHECK_STR(outcome(&d), "miss");
}

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
	CHECK_STR(d.out->counted, "missed");
	say(&d, "plugh");
	CHECK(d.conv.state == CONV_QUEUED);
	CHECK_STR(d.conv.reason, "not_understood");
	CHECK(d.out->queue_op == CONV_QUEUE_ENQUEUE);
	CHECK_STR(d.out->queue, "general");
	CHECK(d.out->unanswered);
	CHECK_STR(d.out->counted, "handed_over");
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
	CHECK_STR(d.out->counted, "handed_over");
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
	CHECK(said(&d, "passing you on"));
	CHECK_STR(d.conv.queue, "sales");
	CHECK(d.conv.priority == 2);
	CHECK_STR(d.conv.reason, "wholesale");
	CHECK_STR(d.out->queue, "sales");
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
	CHECK(said(&d, "look into it"));
	CHECK_STR(d.conv.kind, "complaint");
	CHECK_STR(d.conv.reason, "complaint");
	CHECK(d.conv.priority > 0);
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

	ask_for_person(&d);
	since_ms = d.conv.since_ms;
	d.now_ms += MINUTE;
	leave_contact("+49 30 123456");
	CHECK(d.conv.state == CONV_QUEUED && d.conv.since_ms == since_ms);
	CHECK(d.out->queue_op == CONV_QUEUE_KEEP);
	CHECK_STR(d.conv.reason, "wants_person");
	CHECK_STR(d.out->counted, "contacts_left");
	CHECK_STR(d.conv.preview, "+49 30 123456");
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
	CHECK(d.out->refusal == REFUSE_NOT && d.out->event_count == 0);
}

/* -- in line ----------------------------------------------------------- */

static void in_line_the_bot_goes_on_answering(void)
{
	to_queue(&d);
	say(&d, "delivery options");
	CHECK(said(&d, "Standard and express."));
	CHECK(d.out->event_count == 2); /* no "did that help" */
	CHECK(d.conv.state == CONV_QUEUED);
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
	CHECK(d.conv.misses == 0);
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

/* -- what was shown ---------------------------------------------------- */

static struct event shown_answer(void)
{
	return (struct event){.type = EVENT_MESSAGE,
			      .sender = STR("b"),
			      .id = STR("m9.a"),
			      .text = STR("Standard and express."),
			      .outcome = STR("answer"),
			      .intent = STR("delivery_options")};
}

static void what_was_shown_is_logged_late_when_an_agent_has_it(void)
{
	struct event shown = shown_answer();

	to_agent(&d, "maria");
	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					      .id = STR("m9"),
					      .text = STR("delivery options"),
					      .shown = &shown,
					      .shown_count = 1});
	CHECK(d.out->event_count == 2);
	CHECK(event_at(&d, 1)->late);
	CHECK(str_is(event_at(&d, 1)->id, "m9.a"));
	CHECK(!d.out->show[1]);
	CHECK_STR(d.conv.last_intent, "");
}

static void what_is_said_again_is_not_logged_twice(void)
{
	struct event shown = shown_answer();

	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					      .id = STR("m9"),
					      .text = STR("delivery options"),
					      .shown = &shown,
					      .shown_count = 1});
	CHECK(d.out->event_count == 3);
	CHECK(!event_at(&d, 1)->late);
}

static void what_the_log_had_lost_is_logged_also_where_it_is_closed(void)
{
	struct event shown = shown_answer();
	struct conv_input in = {.type = INPUT_SHOPPER_SAID,
				.id = STR("m9"),
				.text = STR("delivery options"),
				.shown = &shown,
				.shown_count = 1};

	dialogue_step(&d, (struct conv_input){.type = INPUT_SHOPPER_LEFT,
					      .id = STR("m8")});
	dialogue_step(&d, in);
	CHECK(d.out->refusal == REFUSE_CLOSED);
	CHECK(d.out->event_count == 0);
	in.was_logged = true;
	dialogue_step(&d, in);
	CHECK(d.out->refusal == REFUSE_NOT);
	CHECK(d.out->event_count == 2);
	CHECK(str_is(event_at(&d, 0)->id, "m9"));
	CHECK(event_at(&d, 1)->late);
	CHECK(d.conv.state == CONV_CLOSED);
}

/* -- what the conversation knows of the shopper ------------------------ */

static void circumstances_are_logged_when_they_change(void)
{
	struct conv_input in = {.type = INPUT_SHOPPER_SAID,
				.text = STR("hello"),
				.visitor = STR("v1"),
				.page = STR("https://shop.example/"),
				.locale = STR("en-GB")};

	dialogue_step(&d, in);
	CHECK(str_is(event_at(&d, 0)->visitor, "v1"));
	CHECK_STR(d.conv.page, "https://shop.example/");
	dialogue_step(&d, in);
	CHECK(event_at(&d, 0)->visitor.p == NULL);
	in.verified = true;
	in.visitor_name = STR("Ann");
	dialogue_step(&d, in);
	CHECK(d.conv.verified);
	CHECK_STR(d.conv.visitor_name, "Ann");
	CHECK_STR(d.conv.locale, "en-GB");
}

static void a_preview_is_cut_between_code_points(void)
{
	char text[400];

	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[sizeof(text) - 2] = '\0';
	say(&d, text);
	CHECK(strlen(d.conv.preview) == 254);
}

static void what_was_taken_is_known_by_its_key(void)
{
	struct event m = {.type = EVENT_MESSAGE, .text = STR("hello")};
	bool same;

	say(&d, "hello");
	CHECK(conv_known(&d.conv, STR("s:m1"), event_content(&m), &same) == 1);
	CHECK(same);
	m.text = STR("goodbye");
	CHECK(conv_known(&d.conv, STR("s:m1"), event_content(&m), &same) == 1);
	CHECK(!same);
	CHECK(conv_known(&d.conv, STR("s:m2"), 0, &same) == 0);
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

#define TEST(name)                                                             \
	do {                                                                   \
		dialogue_open(&d);                                             \
		RUN(name);                                                     \
		dialogue_close(&d);                                            \
	} while (0)

int main(void)
{
	TEST(a_question_is_answered_by_the_rule_that_wins);
	TEST(ask_solved_follows_the_answer);
	TEST(two_questions_get_two_answers);
	TEST(a_missing_slot_is_asked_for_and_filled);
	TEST(a_slot_in_the_message_is_not_asked_for);
	TEST(slots_are_asked_for_one_at_a_time);
	TEST(what_was_told_before_is_remembered);
	TEST(a_slot_not_given_is_asked_for_again_and_then_handed_over);
	TEST(another_question_may_come_between);
	TEST(a_question_that_sleeps_does_not_insist);
	TEST(a_complaint_is_not_held_up_by_an_open_question);
	TEST(never_mind_drops_the_open_question);
	TEST(the_same_answer_is_not_given_twice_in_a_row);
	TEST(with_another_number_it_is_another_answer);
	TEST(small_talk_may_be_repeated_and_does_not_count);
	TEST(two_misses_call_a_person);
	TEST(an_answer_between_two_misses_resets_them);
	TEST(a_miss_offers_what_is_near);
	TEST(no_to_what_is_near_brings_a_person);
	TEST(two_that_cannot_be_told_apart_are_offered_as_buttons);
	TEST(who_may_be_complaining_is_not_asked_what_was_meant);
	TEST(a_pressed_button_is_logged_with_the_text_that_stood_on_it);
	TEST(a_button_that_means_nothing_any_more_is_a_message);
	TEST(the_person_button_hands_over);
	TEST(a_person_please_is_understood_anywhere);
	TEST(an_escalation_says_its_words_and_names_its_queue);
	TEST(a_queue_that_nobody_serves_is_not_used);
	TEST(a_complaint_gets_an_apology_and_goes_ahead);
	TEST(outside_of_the_hours_the_shopper_is_told);
	TEST(without_rules_everything_goes_to_a_person);
	TEST(yes_it_helped_is_thanked_for_and_logged);
	TEST(no_it_did_not_help_offers_a_person);
	TEST(an_offer_may_be_declined);
	TEST(feedback_is_taken_once_and_in_its_scale);
	TEST(an_answer_may_be_rated_by_itself);
	TEST(what_is_no_answer_is_not_rated);
	TEST(who_leaves_a_contact_goes_into_line);
	TEST(in_line_a_contact_is_taken_and_the_place_kept);
	TEST(a_contact_opens_a_closed_conversation_anew);
	TEST(an_older_question_may_still_be_rated);
	TEST(goodbye_closes);
	TEST(leaving_ends_it);
	TEST(in_line_the_bot_goes_on_answering);
	TEST(in_line_a_miss_does_not_count_and_nobody_is_nagged);
	TEST(in_line_asking_again_keeps_the_place);
	TEST(in_line_a_question_may_be_asked_and_filled);
	TEST(leaving_the_line_takes_it_out);
	TEST(what_was_shown_is_logged_late_when_an_agent_has_it);
	TEST(what_is_said_again_is_not_logged_twice);
	TEST(what_the_log_had_lost_is_logged_also_where_it_is_closed);
	TEST(circumstances_are_logged_when_they_change);
	TEST(a_preview_is_cut_between_code_points);
	TEST(what_was_taken_is_known_by_its_key);
	TEST(every_text_has_a_built_in_form);
	return check_done("chat/conv_bot");
}
