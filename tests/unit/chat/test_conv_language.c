/* The language that a shopper writes holds through line, agent and closing,
 * over a restart, and ends where they go on in that of the rules. */
#include "dialogue.h"

static const char two_rules[] =
	"language: en\n"
	"intents:\n"
	"  - name: writes_german\n"
	"    match: [bitte, meine]\n"
	"    speaks: de\n"
	"    then: {escalate: {reason: writes_german}}\n"
	"  - name: opening_hours\n"
	"    match: [opening hours]\n"
	"    answer: ['From nine to five.']\n"
	"  - name: greeting\n"
	"    kind: chat\n"
	"    match: [hello]\n"
	"    answer: ['Hello!']\n";

static const char english[] = "language: en\n"
			      "protected: [this, is, what, i, now, write]\n"
			      "person: [a person please]\n"
			      "texts: {handoff: 'A colleague comes.'}\n";

static const char german[] = "language: de\n"
			     "texts:\n"
			     "  handoff: 'Gleich kommt jemand.'\n"
			     "  already_queued: 'Der Platz bleibt.'\n"
			     "  waiting_reminder: 'Danke, bald.'\n"
			     "  agent_joined: '{{agent}} ist da.'\n"
			     "  resolved: 'Erledigt.'\n"
			     "  ask_csat: 'Wie war es?'\n";

static struct dialogue d;

static void open_with_german(void)
{
	struct intent_source sources[] = {
		{"rules.yaml", str_of(two_rules)},
		{"_language/en.yaml", str_of(english)},
		{"_language/de.yaml", str_of(german)},
	};
	struct catalog_options options = {.skip_examples = true};
	struct diags diags;

	dialogue_close(&d);
	dialogue_open(&d);
	diags_init(&diags);
	catalog_free(&d.catalog);
	d.catalog = catalog_load(sources, 3, &options, &diags);
	CHECK(d.catalog != NULL);
	diags_fini(&diags);
}

static void reminder_is(const char *text)
{
	d.now_ms += 6 * MINUTE;
	timer(&d);
	CHECK(said(&d, text));
}

static void it_holds_from_the_hand_over_to_the_question_at_the_end(void)
{
	open_with_german();
	say(&d, "wo ist meine lampe");
	CHECK(said(&d, "Gleich kommt jemand."));
	CHECK(str_is(event_at(&d, 0)->language, "de"));
	reminder_is("Danke, bald.");
	d.now_ms += 2 * MINUTE;
	say(&d, "qwertz");
	CHECK(said(&d, "Der Platz bleibt."));
	to_agent(&d, "maria");
	CHECK(said(&d, "maria ist da."));
	agent(&d, INPUT_AGENT_RESOLVED, "maria");
	CHECK(said(&d, "Erledigt."));
	CHECK(has(&d, EVENT_ASK_FEEDBACK, "Wie war es?"));
}

static void in_line_the_first_words_of_another_language_are_answered(void)
{
	open_with_german();
	ask_for_person(&d);
	CHECK(said(&d, "A colleague comes."));
	say(&d, "beeilung bitte");
	CHECK(said(&d, "Der Platz bleibt."));
	say(&d, "bitte bitte");
	CHECK(d.out->event_count == 1); /* said a moment ago */
}

static void small_talk_and_unknown_words_leave_it(void)
{
	open_with_german();
	say(&d, "meine lampe");
	say(&d, "hello");
	say(&d, "this lampe");
	say(&d, "licht geht aus");
	reminder_is("Danke, bald.");
}

static void what_the_rules_answer_ends_it(void)
{
	open_with_german();
	say(&d, "meine lampe");
	say(&d, "opening hours");
	CHECK(str_is(event_at(&d, 0)->language, "en"));
	reminder_is("still in line");
	say(&d, "und meine lampe");
	CHECK(said(&d, "Der Platz bleibt."));
}

static void common_words_of_the_rules_language_end_it(void)
{
	open_with_german();
	say(&d, "meine lampe");
	say(&d, "this is what i write now");
	CHECK(said(&d, "You are already in line"));
	reminder_is("still in line");
}

static void who_never_wrote_another_has_none(void)
{
	open_with_german();
	say(&d, "opening hours");
	CHECK(event_at(&d, 0)->language.p == NULL);
	CHECK_STR(d.conv.language, "");
}

int main(void)
{
	TEST(it_holds_from_the_hand_over_to_the_question_at_the_end);
	TEST(in_line_the_first_words_of_another_language_are_answered);
	TEST(small_talk_and_unknown_words_leave_it);
	TEST(what_the_rules_answer_ends_it);
	TEST(common_words_of_the_rules_language_end_it);
	TEST(who_never_wrote_another_has_none);
	return check_done("chat/conv_language");
}
