/* From evidence to outcomes: thresholds, margins, sentences, the whole. */
#include "load.h"

static void weights_add_up_to_the_threshold(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - name: a\n"
		"    answer: y\n"
		"    match:\n"
		"      - {phrase: one, weight: 0.5}\n"
		"      - {phrase: two, weight: 0.5}\n"
		"      - {phrase: three, weight: 0.499}\n"
		"      - four\n"
		"    against: [not, {phrase: hardly, weight: 0.4}]\n");

	CHECK_STR(outcome_of(c, "one"), "-");
	CHECK_STR(outcome_of(c, "one two"), "a");
	CHECK_STR(outcome_of(c, "one three"), "-");
	CHECK_STR(outcome_of(c, "one one one"), "-"); /* counts once */
	CHECK_STR(outcome_of(c, "four"), "a");
	CHECK_STR(outcome_of(c, "not four"), "-");
	CHECK_STR(outcome_of(c, "not four one two"), "a");
	CHECK_STR(outcome_of(c, "hardly four"), "-");
	CHECK_STR(outcome_of(c, "hardly four one"), "a");
	catalog_free(&c);
}

static void within_the_margin_it_asks(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - name: a\n"
		"    answer: y\n"
		"    match: [one, {phrase: extra, weight: 0.04},\n"
		"            {phrase: more, weight: 0.05}]\n"
		"  - {name: b, answer: y, match: [one, {phrase: low, weight: "
		"0.97}]}\n"
		"  - {name: c, answer: y, margin: 0.2, match: [{phrase: one, "
		"weight: 0.9}, {phrase: see, weight: 0.2}]}\n");
	struct match m;

	CHECK_STR(outcome_of(c, "one"), "a?b");
	CHECK_STR(outcome_of(c, "one extra"), "a?b");
	CHECK_STR(outcome_of(c, "one more"), "a");
	/* c leads, but wants to lead by more */
	CHECK_STR(outcome_of(c, "one see"), "c?a?b");
	m = match_of(c, "one more");
	CHECK(m.winners[0].score == 1050 && m.runner_up_score == 1000);
	CHECK_STR(intent_info(m.runner_up)->name, "b");
	catalog_free(&c);
}

/* Which of them it was is for the person to find out. */
static void a_tie_of_those_that_hand_over_is_none(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, match: [one], then: {escalate: {}}}\n"
		"  - {name: b, match: [one, two], then: {escalate: {}}}\n"
		"  - {name: c, answer: y, match: [two, three]}\n"
		"  - {name: angry, kind: complaint, answer: I am sorry,\n"
		"     match: [three, {phrase: four, weight: 0.98}], "
		"then: {escalate: {}}}\n"
		"  - {name: d, match: [four], then: {escalate: {}}}\n");

	CHECK_STR(outcome_of(c, "one"), "a!");
	CHECK_STR(outcome_of(c, "two"), "b?c");
	CHECK_STR(outcome_of(c, "three"), "c?angry");
	/* A complaint before what is no more than as near. */
	CHECK_STR(outcome_of(c, "four"), "angry!");
	/* And beside an answer it is not forgotten. */
	CHECK_STR(outcome_of(c, "three two. one"), "c+a!");
	catalog_free(&c);
}

#define TWO                                                                    \
	"intents:\n"                                                           \
	"  - {name: a, answer: y, match: [one]}\n"                             \
	"  - {name: b, answer: y, match: [two, {phrase: half, weight: 0.5}, "  \
	"{phrase: rest, weight: 0.5}]}\n"                                      \
	"  - {name: person, match: [human], then: {escalate: {}}}\n"

static void each_sentence_is_won_by_itself(void)
{
	struct catalog *c = load_right(TWO);
	struct match m;

	CHECK_STR(outcome_of(c, "one. Two!"), "a+b");
	CHECK_STR(outcome_of(c, "Two! One."), "b+a");
	CHECK_STR(outcome_of(c, "one? blah blah. one"), "a");
	CHECK_STR(outcome_of(c, "one two"), "a?b");
	CHECK_STR(outcome_of(c, "one two. one"), "a"); /* asks for nothing */
	CHECK_STR(outcome_of(c, "half. One"), "a");
	m = match_of(c, "blah. one. two");
	CHECK(m.winners[0].sentence == 1 && m.winners[1].sentence == 2);
	catalog_free(&c);
}

static void the_whole_counts_where_no_sentence_does(void)
{
	struct catalog *c = load_right(TWO);
	struct match m = match_of(c, "half. rest");

	CHECK_STR(outcome_of(c, "half. rest"), "b");
	CHECK(m.winners[0].sentence == -1);
	CHECK_STR(outcome_of(c, "half. half"), "-"); /* once */
	CHECK_STR(outcome_of(c, "one two. half"), "b");
	catalog_free(&c);
}

/* Where nothing wins the message in one piece, or one is drowned in it. */
static void two_questions_in_one_are_tried_each_for_itself(void)
{
	struct intent_source sources[] = {
		{"rules.yaml",
		 STR("language: en\n"
		     "intents:\n"
		     "  - {name: a, answer: x, match: [one], against: [two]}\n"
		     "  - {name: b, answer: y, match: [two], against: [one]}\n"
		     "  - {name: c, answer: z, match: [one ~ three]}\n"
		     "  - {name: d, answer: u, match: [{phrase: loud, "
		     "weight: 3}]}\n"
		     "  - {name: e, match: [help], then: {escalate: {}}}\n")},
		{"_language/en.yaml",
		 STR("language: en\njoint: '\\band(?= (when|how)\\b)'\n")},
	};
	struct catalog_options options = {.skip_examples = true};
	struct diags diags;
	struct catalog *c;
	struct match m;

	diags_init(&diags);
	c = catalog_load(sources, 2, &options, &diags);
	CHECK(c != NULL);
	CHECK_STR(outcome_of(c, "one and two"), "-");
	CHECK_STR(outcome_of(c, "one AND when two"), "a+b");
	CHECK_STR(outcome_of(c, "one and how one and when two"), "a+b");
	CHECK_STR(outcome_of(c, "one and how three"), "a?c");
	CHECK_STR(outcome_of(c, "four and when"), "-");
	CHECK_STR(outcome_of(c, "loud and how one"), "d+a");
	CHECK_STR(outcome_of(c, "loud and how four"), "d");
	CHECK_STR(outcome_of(c, "loud and how help"), "d"); /* no person */
	CHECK_STR(outcome_of(c, "one and how three and how two"), "c");
	m = match_of(c, "one and how two");
	CHECK(m.winners[0].sentence == 0 && m.winners[1].sentence == 1);
	catalog_free(&c);
	diags_fini(&diags);
}

static void handing_over_is_an_outcome(void)
{
	struct catalog *c = load_right(TWO);

	CHECK_STR(outcome_of(c, "a human"), "person!");
	CHECK_STR(outcome_of(c, "one. a human"), "a+person!");
	CHECK_STR(outcome_of(c, "a human. one"), "person+a!");
	catalog_free(&c);
}

static void no_more_winners_than_there_is_room_for(void)
{
	struct buf yaml = BUF_INIT, text = BUF_INIT;
	struct catalog *c;
	struct match m;

	buf_add_s(&yaml, "intents:\n");
	for (int i = 0; i < 9; i++) {
		buf_addf(&yaml, "  - {name: i%d, answer: y, match: [word%d]}\n",
			 i, i);
		buf_addf(&text, "word%d. ", i);
	}
	c = load_right(yaml.data);
	m = match_of(c, text.data);
	CHECK(m.winner_count == MATCH_MAX_WINNERS);
	CHECK_STR(intent_info(m.winners[3].intent)->name, "i3");
	catalog_free(&c);
	buf_fini(&yaml);
	buf_fini(&text);
}

static void long_messages_have_a_higher_bar(void)
{
	struct catalog *c = load_right(
		"match: {threshold: 1.0, threshold_long: 1.5, long_words: 5}\n"
		"intents:\n"
		"  - {name: a, answer: y, match: [one, {phrase: more, weight: "
		"0.5}]}\n"
		"  - {name: b, answer: y, threshold: 0.5, match: [{phrase: "
		"half, weight: 0.9}]}\n"
		"  - {name: c, answer: y, threshold_long: 1, match: "
		"[three]}\n");

	CHECK_STR(outcome_of(c, "one x x x x"), "a");
	CHECK_STR(outcome_of(c, "one x x x x x"), "-");
	CHECK_STR(outcome_of(c, "one x x. x x x"), "-"); /* all words */
	CHECK_STR(outcome_of(c, "one more x x x x"), "a");
	CHECK_STR(outcome_of(c, "half"), "b");
	CHECK_STR(outcome_of(c, "half x x x x x"), "-"); /* 0.5 + 0.5 */
	CHECK_STR(outcome_of(c, "three x x x x x"), "c");
	catalog_free(&c);
}

static void off_topic_evidence_counts_against_all(void)
{
	struct catalog *c = load_right(
		"off_topic: [flight(s), {phrase: bank, weight: 0.5}]\n"
		"intents:\n"
		"  - {name: a, answer: y, match: [one, {phrase: more, weight: "
		"0.5}]}\n");

	CHECK_STR(outcome_of(c, "one"), "a");
	CHECK_STR(outcome_of(c, "one flight"), "-");
	CHECK_STR(outcome_of(c, "one bank"), "-");
	CHECK_STR(outcome_of(c, "one more bank"), "a");
	/* In whichever sentence: the message as a whole is about it. */
	CHECK_STR(outcome_of(c, "my flight. one"), "-");
	CHECK_STR(outcome_of(c, "one. my flight"), "-");
	CHECK_STR(outcome_of(c, "the bank. one more"), "a");
	catalog_free(&c);
}

static void regexes_see_the_message_as_typed(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: ups, answer: y, match: [{regex: '\\b1Z[0-9A-Z]{4}"
		"\\b', weight: 0.6}, {phrase: parcel, weight: 0.4}]}\n"
		"  - {name: shout, answer: y, match: [{regex: '!{3}'}]}\n");

	CHECK_STR(outcome_of(c, "parcel 1Z12AB"), "ups");
	CHECK_STR(outcome_of(c, "parcel 1z12ab"), "-");
	CHECK_STR(outcome_of(c, "hello!!!"), "shout");
	CHECK_STR(outcome_of(c, "hello!!"), "-");
	/* in the sentence where it stands; else in the whole */
	CHECK_STR(outcome_of(c, "parcel. 1Z12AB"), "ups");
	CHECK(match_of(c, "parcel. 1Z12AB").winners[0].sentence == -1);
	CHECK(match_of(c, "x. parcel 1Z12AB").winners[0].sentence == 1);
	catalog_free(&c);
}

static void a_regex_speaks_against_wherever_it_stands(void)
{
	struct catalog *c =
		load_right("intents:\n"
			   "  - name: thanks\n"
			   "    answer: y\n"
			   "    against: [{regex: '[?]', weight: 1}]\n"
			   "    match: [thanks, {phrase: half, weight: 0.5},\n"
			   "            {phrase: rest, weight: 0.5}]\n"
			   "  - name: codes\n"
			   "    answer: y\n"
			   "    against: [{regex: 'QQ', weight: 1}]\n"
			   "    match: [{regex: 'ZZ'}]\n");

	CHECK_STR(outcome_of(c, "thanks"), "thanks");
	CHECK_STR(outcome_of(c, "thanks?"), "-");
	/* a sentence for itself; for the whole, those of other sentences too */
	CHECK_STR(outcome_of(c, "thanks. really?"), "thanks");
	CHECK_STR(outcome_of(c, "half. rest"), "thanks");
	CHECK_STR(outcome_of(c, "half. rest. really?"), "-");
	CHECK_STR(outcome_of(c, "really? half. rest"), "-");
	/* what is for it comes first, in whatever order it is written */
	CHECK_STR(outcome_of(c, "code ZZ"), "codes");
	CHECK_STR(outcome_of(c, "code ZZ QQ"), "-");
	CHECK_STR(outcome_of(c, "QQ code ZZ"), "-");
	catalog_free(&c);
}

/* Found late: the first sentence is long past when the second speaks for what
 * the first speaks against. */
static void a_phrase_speaks_against_in_whichever_sentence(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - name: a\n"
		"    answer: y\n"
		"    match: [{phrase: half, weight: 0.5},\n"
		"            {phrase: rest, weight: 0.5}, {phrase: more, "
		"weight: "
		"0.8}]\n"
		"    against: [{phrase: not, weight: 0.5}, {phrase: never,\n"
		"              weight: 0.5}]\n");

	CHECK_STR(outcome_of(c, "half. rest"), "a");
	CHECK_STR(outcome_of(c, "not. half. rest"), "-");
	CHECK_STR(outcome_of(c, "half. not. rest"), "-");
	CHECK_STR(outcome_of(c, "half. rest. not"), "-");
	/* all of it, also where a part takes the sentence below nothing */
	CHECK_STR(outcome_of(c, "half not never. rest more"), "a");
	CHECK_STR(outcome_of(c, "half not never. rest. more"), "-");
	CHECK_STR(outcome_of(c, "rest more half not"), "a");
	CHECK_STR(outcome_of(c, "rest more not"), "-");
	catalog_free(&c);
}

static void what_only_evidence_against_names_is_no_runner_up(void)
{
	struct catalog *c =
		load_right("intents:\n"
			   "  - {name: a, answer: y, match: [one]}\n"
			   "  - {name: b, answer: y, match: [two], against: "
			   "[one, three]}\n");
	struct match m = match_of(c, "one");

	CHECK(m.outcome == OUTCOME_ANSWER && m.runner_up == NULL);
	m = match_of(c, "three");
	CHECK(m.outcome == OUTCOME_MISS && m.runner_up == NULL);
	CHECK(m.runner_up_score == 0);
	catalog_free(&c);
}

static void a_follow_up_needs_what_it_follows(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, answer: y, match: [one]}\n"
		"  - {name: b, answer: y, after: [a], match: [and then]}\n");
	struct match_context context = {.last_intent = "a"};
	struct matcher *m = matcher_new();
	struct match out;

	CHECK_STR(outcome_of(c, "and then"), "-");
	match_message(c, m, STR("and then"), &context, &out);
	CHECK(out.outcome == OUTCOME_ANSWER);
	context.last_intent = "b";
	match_message(c, m, STR("and then"), &context, &out);
	CHECK(out.outcome == OUTCOME_MISS);
	matcher_free(&m);
	catalog_free(&c);
}

static void a_miss_names_the_near_ones(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, answer: y, match: [{phrase: one, weight: "
		"0.6}]}\n"
		"  - {name: b, answer: y, match: [{phrase: one, weight: "
		"0.8}]}\n"
		"  - {name: c, answer: y, match: [{phrase: one, weight: "
		"0.1}]}\n"
		"  - {name: d, answer: y, kind: chat, match: [{phrase: one, "
		"weight: 0.9}]}\n");
	struct match m = match_of(c, "one");

	CHECK(m.outcome == OUTCOME_MISS && m.near_count == 2);
	CHECK_STR(intent_info(m.near[0].intent)->name, "b");
	CHECK_STR(intent_info(m.near[1].intent)->name, "a");
	CHECK(match_of(c, "nothing at all").near_count == 0);
	CHECK(match_of(c, "").outcome == OUTCOME_MISS);
	catalog_free(&c);
}

#define TO_A_PERSON "then: {escalate: {}}"

static void a_miss_may_go_to_a_person(void)
{
	struct catalog *c = load_right(
		"off_topic: [bank]\n"
		"intents:\n"
		"  - {name: a, " TO_A_PERSON ", threshold_miss: 0.5, match: "
		"[{phrase: one, weight: 0.4}, {phrase: two, weight: 0.3}]}\n"
		"  - {name: b, answer: y, match: [three, {phrase: six, weight: "
		"0.9}]}\n"
		"  - {name: c, " TO_A_PERSON ", match: [{phrase: four, weight: "
		"0.7}]}\n");
	struct match m = match_of(c, "one. two");

	/* The whole message counts. */
	CHECK(m.outcome == OUTCOME_ESCALATE && m.by_miss);
	CHECK(m.winner_count == 1 && m.near_count == 0);
	CHECK_STR(intent_info(m.winners[0].intent)->name, "a");
	CHECK(m.winners[0].score == 700 && m.runner_up == NULL);
	m = match_of(c, "one");
	CHECK(m.outcome == OUTCOME_MISS && !m.by_miss && m.near_count == 1);
	/* Whatever wins, wins. */
	m = match_of(c, "one two. three");
	CHECK(m.outcome == OUTCOME_ANSWER && !m.by_miss);
	/* It leads, or ties with another that is for a person. */
	CHECK(match_of(c, "one two six").outcome == OUTCOME_MISS);
	CHECK_STR(outcome_of(c, "one two four"), "a!");
	CHECK(match_of(c, "four").outcome == OUTCOME_MISS);
	CHECK(match_of(c, "one two at my bank").outcome == OUTCOME_MISS);
	catalog_free(&c);
}

static void an_intent_may_be_for_misses_only(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, " TO_A_PERSON ", threshold: none, "
		"threshold_miss: 1, match: [one, two, {phrase: three, weight: "
		"0.6}], examples: [one], counterexamples: [three]}\n"
		"  - {name: b, answer: y, match: [two, {phrase: three, weight: "
		"0.5}]}\n");
	struct match m = match_of(c, "one two");

	/* Neither in the way of others nor next to them. */
	CHECK(m.outcome == OUTCOME_ANSWER && m.runner_up == NULL);
	CHECK_STR(intent_info(m.winners[0].intent)->name, "b");
	m = match_of(c, "one. x");
	CHECK(m.outcome == OUTCOME_ESCALATE && m.by_miss);
	m = match_of(c, "three");
	CHECK(m.outcome == OUTCOME_MISS && m.near_count == 1);
	CHECK_STR(intent_info(m.near[0].intent)->name, "b");
	m = match_of(c, "one three");
	CHECK(m.by_miss && m.runner_up_score == 500);
	catalog_free(&c);
}

static void evidence_is_explained_on_request(void)
{
	struct catalog *c = load_right("off_topic: [bank]\n"
				       "intents:\n"
				       "  - name: a\n"
				       "    answer: y\n"
				       "    match:\n"
				       "      - {phrase: one(s), weight: 0.7}\n"
				       "    against: [two]\n");
	struct match_context context = {.explain = true};
	struct matcher *m = matcher_new();
	struct match out;

	match_message(c, m, STR("x. Ones bank two"), &context, &out);
	CHECK(out.evidence_count == 3);
	for (size_t i = 0; i < out.evidence_count; i++) {
		const struct match_evidence *e = &out.evidence[i];

		CHECK(e->sentence == 1);
		CHECK_STR(e->file, "r.yaml");
		if (e->intent == NULL)
			CHECK(e->weight == -1000 && e->line == 1);
		else if (e->weight > 0)
			CHECK(e->weight == 700 && e->line == 6 &&
			      strcmp(e->phrase, "one(s)") == 0);
		else
			CHECK(e->weight == -1000 && e->line == 7);
	}
	CHECK(str_is(out.normalised, "x | ones bank two"));
	match_message(c, m, STR("ones"), NULL, &out);
	CHECK(out.evidence_count == 0 && out.normalised.p == NULL);
	matcher_free(&m);
	catalog_free(&c);
}

static enum meta meta_of(const struct catalog *c, const char *text)
{
	return match_of(c, text).meta;
}

static void yes_and_no_are_understood_anywhere(void)
{
	static const struct intent_source sources[] = {
		{"_language/en.yaml",
		 {"language: en\n"
		  "'yes': ['yes', sure, that is right]\n"
		  "'no': ['no', not really]\n"
		  "never_mind: [never mind]\n"
		  "person: ['(human|agent)', talk to (a|some) person]\n",
		  0}},
		{"r.yaml",
		 {"intents: [{name: a, answer: y, match: [one]}]\n", 0}},
	};
	struct intent_source list[2] = {sources[0], sources[1]};
	struct catalog *c;

	list[0].text.n = strlen(list[0].text.p);
	list[1].text.n = strlen(list[1].text.p);
	c = load_files(list, 2, NULL);
	CHECK(meta_of(c, "Yes!") == META_YES);
	CHECK(meta_of(c, "yes, please. Thanks") == META_YES);
	CHECK(meta_of(c, "oh sure") == META_YES);
	CHECK(meta_of(c, "yes but where is it") == META_NONE);
	CHECK(meta_of(c, "no thanks") == META_NO);
	CHECK(meta_of(c, "Never mind...") == META_NEVER_MIND);
	CHECK(meta_of(c, "an agent please") == META_NONE);
	CHECK(meta_of(c, "agent please") == META_PERSON);
	CHECK(meta_of(c, "please talk to a person") == META_PERSON);
	CHECK(meta_of(c, "one") == META_NONE);
	CHECK(meta_of(c, "") == META_NONE);
	catalog_free(&c);
}

static void politeness_is_what_the_language_says(void)
{
	struct intent_source list[2] = {
		{"_language/en.yaml", str_of("language: en\n"
					     "'yes': ['yes']\n"
					     "polite: [kindly, I beg you]\n")},
		{"r.yaml",
		 str_of("intents: [{name: a, answer: y, match: [one]}]\n")},
	};
	struct catalog *c = load_files(list, 2, NULL);

	CHECK(meta_of(c, "yes I beg you kindly") == META_YES);
	CHECK(meta_of(c, "yes please") == META_NONE);
	catalog_free(&c);
}

/* Words are looked at before the pattern is; not where any word may stand. */
static void a_list_may_hold_words_that_cannot_be_listed(void)
{
	struct intent_source list[2] = {
		{"_language/en.yaml",
		 str_of("language: en\n"
			"'yes': ['yes', 'ye+s?', (I )?(do|would)( so)?]\n"
			"'no': ['no ~ way', not <number>]\n"
			"never_mind: ['no+', <leave> it]\n"
			"polite: [kindly, dear (sir|madam)]\n")},
		{"r.yaml",
		 str_of("words: {leave: [leave, drop(ped)]}\n"
			"entities: {number: {pattern: '\\d+'}}\n"
			"intents: [{name: a, answer: y, match: [one]}]\n")},
	};
	struct catalog *c = load_files(list, 2, NULL);

	CHECK(meta_of(c, "yeeees") == META_YES);
	CHECK(meta_of(c, "I would so kindly") == META_YES);
	CHECK(meta_of(c, "no absolutely no way dear madam") == META_NO);
	CHECK(meta_of(c, "not 5") == META_NO);
	CHECK(meta_of(c, "nooo") == META_NEVER_MIND);
	CHECK(meta_of(c, "Kindly leave it!") == META_NEVER_MIND);
	CHECK(meta_of(c, "dropped it, dear sir") == META_NEVER_MIND);
	CHECK(meta_of(c, "leave one") == META_NONE);
	catalog_free(&c);
}

static void note_limit(void *arg, const struct catalog_limit *limit)
{
	CHECK_STR(limit->phrase, "(a|aa)+[xy]");
	CHECK_STR(limit->file, "r.yaml");
	CHECK(limit->line == 3);
	*(uint64_t *)arg += limit->count;
}

static void limits_are_counted_by_rule(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, answer: y, match: [one]}\n"
		"  - {name: b, answer: y, match: [{regex: '(a|aa)+[xy]'}]}\n");
	struct match m = match_of(c, "one aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	uint64_t count = 0;

	CHECK(m.outcome == OUTCOME_ANSWER && m.limits_hit == 1);
	CHECK(catalog_limits_hit(c) == 1);
	catalog_limits(c, note_limit, &count);
	CHECK(count == 1);
	catalog_free(&c);
}

static void a_matcher_serves_one_catalog_after_the_other(void)
{
	struct catalog *small = load_right(TWO);
	struct buf yaml = BUF_INIT;
	struct catalog *large;
	struct matcher *m = matcher_new();
	struct match out;

	buf_add_s(&yaml, "intents:\n");
	for (int i = 0; i < 300; i++)
		buf_addf(&yaml, "  - {name: i%d, answer: y, match: [word%d]}\n",
			 i, i);
	large = load_right(yaml.data);
	for (int i = 0; i < 3; i++) {
		match_message(small, m, STR("one"), NULL, &out);
		CHECK(out.outcome == OUTCOME_ANSWER &&
		      out.winners[0].intent == catalog_find(small, STR("a")));
		match_message(large, m, STR("word299"), NULL, &out);
		CHECK(out.outcome == OUTCOME_ANSWER &&
		      out.winners[0].intent ==
			      catalog_find(large, STR("i299")));
	}
	matcher_free(&m);
	catalog_free(&small);
	catalog_free(&large);
	buf_fini(&yaml);
}

int main(void)
{
	RUN(weights_add_up_to_the_threshold);
	RUN(within_the_margin_it_asks);
	RUN(a_tie_of_those_that_hand_over_is_none);
	RUN(each_sentence_is_won_by_itself);
	RUN(the_whole_counts_where_no_sentence_does);
	RUN(two_questions_in_one_are_tried_each_for_itself);
	RUN(handing_over_is_an_outcome);
	RUN(no_more_winners_than_there_is_room_for);
	RUN(long_messages_have_a_higher_bar);
	RUN(off_topic_evidence_counts_against_all);
	RUN(regexes_see_the_message_as_typed);
	RUN(a_regex_speaks_against_wherever_it_stands);
	RUN(a_phrase_speaks_against_in_whichever_sentence);
	RUN(what_only_evidence_against_names_is_no_runner_up);
	RUN(a_follow_up_needs_what_it_follows);
	RUN(a_miss_names_the_near_ones);
	RUN(a_miss_may_go_to_a_person);
	RUN(an_intent_may_be_for_misses_only);
	RUN(evidence_is_explained_on_request);
	RUN(yes_and_no_are_understood_anywhere);
	RUN(a_list_may_hold_words_that_cannot_be_listed);
	RUN(politeness_is_what_the_language_says);
	RUN(limits_are_counted_by_rule);
	RUN(a_matcher_serves_one_catalog_after_the_other);
	buf_fini(&load_findings);
	return check_done("intent/match");
}
