/* What lint says beyond what loading refuses, and that it says nothing where
 * nothing is wrong. */
#include "lint.h"
#include "load.h"

static size_t warnings, errors;

/* Loads what must be right, and lints it. */
static void lint_files(const struct intent_source *sources, size_t n)
{
	struct catalog *c = load_files(sources, n, NULL);
	struct diags diags;

	CHECK(c != NULL);
	if (c == NULL) {
		printf("%s", load_findings.data);
		return;
	}
	diags_init(&diags);
	catalog_lint(c, &diags);
	buf_clear(&load_findings);
	buf_add_s(&load_findings, "");
	diags_print(&diags, &load_findings);
	warnings = diags.warnings;
	errors = diags.errors;
	diags_fini(&diags);
	catalog_free(&c);
}

#define PERSON "person: [a person]\n"

static void lint(const char *yaml)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml", str_of("language: en\n" PERSON)},
		{"r.yaml", str_of(yaml)},
	};

	lint_files(sources, 2);
}

static bool warns(const char *yaml, const char *finding)
{
	lint(yaml);
	return errors == 0 && warnings > 0 && finds(finding);
}

static void nothing_is_said_of_what_is_right(void)
{
	lint("words: {order: [order(s)], where: [where]}\n"
	     "entities: {order_id: {pattern: '\\b\\d{6,18}\\b'}}\n"
	     "intents:\n"
	     "  - name: track\n"
	     "    match: [<where> ~ <order>, {phrase: status, weight: 0.5}]\n"
	     "    needs: {order_id: Which?}\n"
	     "    answer: 'It is {{order_id}}.'\n"
	     "    examples: [where is my order 12345678]\n"
	     "  - name: angry\n"
	     "    kind: complaint\n"
	     "    match: [terrible]\n"
	     "    answer: I am Sorry.\n"
	     "    examples: [terrible]\n");
	CHECK_STR(load_findings.data, "");
	CHECK(warnings == 0 && errors == 0);
}

#define A "  - {name: a, answer: y, match: [one], examples: [one]}\n"

static void unused_word_groups(void)
{
	CHECK(warns("words: {w: [two]}\nintents:\n" A,
		    "r.yaml:1:9: warning: no phrase uses word group <w>"));
}

static void slots_that_nobody_asks_for(void)
{
	CHECK(warns("entities: {n: {pattern: '\\d+'}}\n"
		    "intents: [{name: a, answer: 'x {{n}}', match: [one], "
		    "examples: [one]}]\n",
		    "r.yaml:2:29: warning: nobody asks for {{n}}"));
	lint("entities: {n: {pattern: '\\d+'}}\n"
	     "intents: [{name: a, answer: 'x {{n | default z}}', match: [one], "
	     "examples: [one]}]\n");
	CHECK(warnings == 0);
	/* what a condition asks about has been found when it holds */
	lint("entities: {n: {pattern: '\\d+'}}\n"
	     "intents: [{name: a, lookup: order, match: [one], examples: "
	     "[one], "
	     "answer: [{when: order.status = late, say: 'x {{n}}'}, y]}]\n");
	CHECK(warnings == 0);
	CHECK(warns("intents: [{name: a, needs: {n: which?}, answer: x, match: "
		    "[one], examples: [one]}]\n",
		    "\"n\" is asked for and then used nowhere"));
}

static void complaints_without_an_apology(void)
{
	CHECK(warns("intents: [{name: a, kind: complaint, answer: 'Bad luck.', "
		    "match: [one], examples: [one]}]\n",
		    "r.yaml:1:46: warning: the answer to a complaint does not "
		    "apologise"));
}

static void intents_without_examples(void)
{
	CHECK(warns("intents: [{name: a, answer: y, match: [one]}]\n",
		    "intent \"a\" has no examples"));
}

static void intents_that_never_reach_their_threshold(void)
{
	CHECK(warns("intents:\n" A
		    "  - {name: b, answer: y, match: [{phrase: two, weight: "
		    "0.4}, {phrase: three, weight: 0.5}], after: [a]}\n",
		    "all phrases of \"b\" together weigh 0.900, which never "
		    "reaches its threshold of 1.000"));
	CHECK(warns("intents:\n" A
		    "  - {name: b, then: {escalate: {}}, threshold: none, "
		    "threshold_miss: 0.8, match: [{phrase: two, weight: "
		    "0.4}]}\n",
		    "together weigh 0.400, which never reaches its threshold "
		    "of 0.800"));
}

static void thresholds_for_a_miss_that_are_none(void)
{
	CHECK(warns("intents:\n" A
		    "  - {name: b, then: {escalate: {}}, threshold_miss: 1, "
		    "match: [two]}\n",
		    "the threshold_miss of \"b\" is not below its threshold of "
		    "1.000"));
}

static void phrases_that_stand_twice(void)
{
	CHECK(warns("intents:\n"
		    "  - name: a\n"
		    "    answer: y\n"
		    "    match:\n"
		    "      - (one|ones)\n"
		    "      - {phrase: '(ones|one)', weight: 0.5}\n"
		    "    examples: [one]\n",
		    "r.yaml:6:18: warning: phrase \"(ones|one)\" stands "
		    "already at r.yaml:5; it counts twice"));
}

static void phrases_that_two_intents_have(void)
{
	CHECK(warns("intents:\n" A
		    "  - {name: b, answer: y, match: [two, three]}\n"
		    "  - {name: c, answer: z, match: [two]}\n",
		    "shadowed: phrase \"two\" of c stands at r.yaml:3 for b, "
		    "too"));
	lint("intents:\n" A
	     "  - {name: b, answer: y, match: [two, three], examples: "
	     "[three]}\n"
	     "  - {name: c, answer: z, match: [{phrase: two, weight: 0.5}, "
	     "four], examples: [four]}\n"
	     "  - {name: d, answer: z, match: [two], after: [c]}\n");
	CHECK(!finds("shadowed: phrase \"two\""));
}

static void answers_that_all_have_a_condition(void)
{
	CHECK(warns(
		"intents: [{name: a, needs: {n: which?}, match: [one], "
		"examples: [one], answer: [{when: n = 5, say: '{{n}}'}]}]\n",
		"r.yaml:1:88: warning: all answers of \"a\" have a "
		"condition"));
	lint("intents: [{name: a, needs: {n: which?}, match: [one], examples: "
	     "[one], then: escalate, answer: [{when: n = 5, say: "
	     "'{{n}}'}]}]\n");
	CHECK(warnings == 0);
}

static void phrases_that_another_intent_answers(void)
{
	CHECK(warns("intents:\n" A "  - name: b\n"
		    "    answer: y\n"
		    "    match: [one two]\n"
		    "    against: [{phrase: two, weight: 0.2}]\n",
		    "shadowed: what phrase \"one two\" of b says is answered "
		    "by a"));
}

static void examples_that_are_nearly_anothers(void)
{
	CHECK(warns(
		"intents:\n"
		"  - name: a\n"
		"    answer: y\n"
		"    match: [one, {phrase: more, weight: 0.1}]\n"
		"    examples: [one more]\n"
		"  - {name: b, answer: y, match: [one, two], examples: "
		"[two]}\n",
		"r.yaml:5:16: warning: example \"one more\" of a is also a "
		"case for b (1.100 against 1.000), by \"one\" at r.yaml:6"));
}

static void words_that_are_rewritten_before_phrases_see_them(void)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml",
		 str_of("language: en\nspellings: {pls: please}\n")},
		{"r.yaml", str_of("intents: [{name: a, answer: y, match: "
				  "['one(s)', 'pls(e)'], examples: [one]}]\n")},
	};

	lint_files(sources, 2);
	CHECK(finds("\"pls\" never stands in a message when phrases see it: a "
		    "language file rewrites it to \"please\""));
}

static void missing_translations(void)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml",
		 str_of("language: en\n" PERSON "texts: {miss: a, both: b}\n")},
		{"_language/de.yaml",
		 str_of("language: de\ntexts: {both: b, nur: c}\n")},
		{"r.yaml", str_of("intents:\n" A)},
	};

	lint_files(sources, 3);
	CHECK(warnings == 2);
	CHECK(finds("text \"miss\" is missing in \"de\""));
	CHECK(finds("text \"nur\" is missing in \"en\""));
}

static void rules_without_words_for_a_person(void)
{
	struct intent_source sources[] = {
		{"r.yaml", str_of("language: en\nintents:\n" A)},
		{"_language/en.yaml", str_of("language: en\nyes: [yes]\n")},
	};

	lint_files(sources, 1);
	CHECK(warnings == 1);
	CHECK(finds("r.yaml: warning: no \"person:\" in a language file of "
		    "\"en\", so who asks for a person is not understood"));
	lint_files(sources, 2);
	CHECK(warnings == 1);
	CHECK(finds("_language/en.yaml:1:11: warning: no \"person:\""));
	sources[1].text = str_of("language: en\n" PERSON);
	lint_files(sources, 2);
	CHECK(warnings == 0);
}

static void a_language_that_nothing_is_said_in(void)
{
	lint("intents: [{name: a, answer: y, speaks: german, match: [one], "
	     "examples: [one]}]\n");
	CHECK(warnings == 1);
	CHECK(finds(
		"r.yaml:1:18: warning: \"a\" speaks \"german\", of which no "
		"language file has texts"));
}

static void slots_in_single_braces(void)
{
	lint("shop: {name: x}\nintents: [{name: a, needs: {n: which?}, "
	     "lookup: order,\nanswer: '{n} {order.eta} { shop.name } {no} "
	     "{{n}} {', match: [one], examples: [one]}]\n");
	CHECK(warnings == 3);
	CHECK(finds("r.yaml:3:9: warning: {n} is said as it stands; write "
		    "{{n}}"));
	CHECK(finds("{order.eta} is said as it stands; write {{order.eta}}"));
	CHECK(finds("{shop.name} is said as it stands; write {{shop.name}}"));
}

static void patterns_that_run_into_limits_are_errors(void)
{
	static const char *const hostile[] = {
		"{phrase: '(\\w+\\s?)+[:=]'}",
		"{regex: '(\\w)*(\\w)*[=:]'}",
		"{regex: '(a|aa)+[bc]'}",
		"{regex: '(x+x+)+[yz]'}",
	};

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct buf yaml = BUF_INIT;

		buf_addf(&yaml,
			 "intents: [{name: a, answer: y, match: [one, %s], "
			 "examples: [one]}]\n",
			 hostile[i]);
		lint(yaml.data);
		CHECK(errors == 1);
		CHECK(finds("can run into the limits of matching"));
		buf_fini(&yaml);
	}
	lint("entities: {e: {pattern: '(\\d+)+[xy]'}}\nintents:\n" A);
	CHECK(errors == 1 && finds("r.yaml:1:25: error: "));
}

static void gaps_and_groups_do_not_run_into_limits(void)
{
	lint("words: {w: [a, b, c, d, e, f, g, h, aa bb, cc, dd ee, ff]}\n"
	     "intents: [{name: a, answer: y, match: [<w> ~~ <w> ~~ <w>, "
	     "one], examples: [one]}]\n");
	CHECK(errors == 0);
}

static void kinds_that_tie_are_errors(void)
{
	lint("entities:\n"
	     "  a: {pattern: '\\b\\d{5,8}\\b'}\n"
	     "  b: {pattern: '\\b\\d{7,9}\\b'}\n"
	     "intents:\n" A);
	CHECK(errors == 1);
	CHECK(finds("r.yaml:3:3: error: \"1234567\" may be a or b"));
	lint("entities:\n"
	     "  a: {pattern: '\\b\\d{5,8}\\b', yields_to: [b]}\n"
	     "  b: {pattern: '\\b\\d{7,9}\\b'}\n"
	     "intents:\n" A);
	CHECK(errors == 0);
}

/* Linted with these sources, and the findings kept. */
static void lint_with(const char *yaml, const struct catalog_source *sources,
		      size_t n)
{
	struct catalog *c = load_right(yaml);
	struct diags diags;

	diags_init(&diags);
	catalog_lint_sources(c, sources, n, &diags);
	buf_clear(&load_findings);
	diags_print(&diags, &load_findings);
	CHECK(diags.errors == 0);
	diags_fini(&diags);
	catalog_free(&c);
}

static void what_the_sources_do_not_have_is_a_warning(void)
{
	static const char *const slots[] = {"order_id", "branch"};
	static const char *const fields[] = {"status", "eta"};
	static const struct catalog_source all[] = {
		{"order", slots, 2, fields, 2},
		{"anything", NULL, 0, NULL, 0},
	};
	static const char yaml[] =
		"entities: {order_id: {pattern: '\\d{8}'}}\n"
		"intents:\n"
		"  - name: a\n"
		"    match: [one]\n"
		"    lookup: order\n"
		"    answer:\n"
		"      - {when: order.statu = late, say: late}\n"
		"      - 'Is {{order.status}}, {{order.eat}}, {{order.x | "
		"default \"y\"}}'\n"
		"  - name: b\n"
		"    match: [two]\n"
		"    lookup: anything\n"
		"    answer: 'Is {{anything.at_all}}'\n";

	lint_with(yaml, all, 2);
	CHECK(finds("r.yaml:5:13: warning: source \"order\" is asked with "
		    "{branch}, which a never has; put it under \"needs:\""));
	CHECK(finds("r.yaml:7:16: warning: source \"order\" gives no "
		    "\"statu\"; did you mean \"status\"?"));
	CHECK(finds("r.yaml:8:9: warning: source \"order\" gives no \"eat\"; "
		    "did you mean \"eta\"?"));
	CHECK(strstr(load_findings.data, "order_id") == NULL);
	CHECK(strstr(load_findings.data, "anything") == NULL);
	CHECK(strstr(load_findings.data, "\"x\"") == NULL);
	lint_with(yaml, all + 1, 1);
	CHECK(finds("r.yaml:5:13: warning: no source \"order\" in the "
		    "configuration, so a answers without it; add it under "
		    "\"sources:\""));
	lint_with("intents: [{name: a, answer: y, match: [x], lookup: oder}]\n",
		  all, 2);
	CHECK(finds("r.yaml:1:52: warning: no source \"oder\" in the "
		    "configuration; did you mean \"order\"?"));
}

static void a_queue_that_is_not_there_is_a_warning(void)
{
	static const char *const queues[] = {"support", "complaints"};
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, match: [one], answer: y, then: {escalate: "
		"{queue: support}}}\n"
		"  - {name: b, match: [two], answer: y, then: {escalate: "
		"{queue: complaint}}}\n"
		"  - {name: c, match: [three], answer: y, then: {escalate: "
		"{queue: wine, priority: 2}}}\n"
		"  - {name: d, match: [four], answer: y, then: escalate}\n");
	struct diags diags;

	diags_init(&diags);
	catalog_lint_queues(c, queues, 2, "support", &diags);
	buf_clear(&load_findings);
	diags_print(&diags, &load_findings);
	CHECK(diags.errors == 0 && diags.warnings == 2);
	CHECK(finds("r.yaml:3:65: warning: no queue \"complaint\" in the "
		    "configuration; did you mean \"complaints\"?"));
	CHECK(finds("r.yaml:4:67: warning: no queue \"wine\" in the "
		    "configuration, so c hands over to \"support\"; add it to "
		    "\"agents.queues\""));
	diags_fini(&diags);
	catalog_free(&c);
}

int main(void)
{
	RUN(nothing_is_said_of_what_is_right);
	RUN(unused_word_groups);
	RUN(slots_that_nobody_asks_for);
	RUN(complaints_without_an_apology);
	RUN(intents_without_examples);
	RUN(intents_that_never_reach_their_threshold);
	RUN(thresholds_for_a_miss_that_are_none);
	RUN(phrases_that_stand_twice);
	RUN(phrases_that_two_intents_have);
	RUN(answers_that_all_have_a_condition);
	RUN(phrases_that_another_intent_answers);
	RUN(examples_that_are_nearly_anothers);
	RUN(words_that_are_rewritten_before_phrases_see_them);
	RUN(missing_translations);
	RUN(rules_without_words_for_a_person);
	RUN(a_language_that_nothing_is_said_in);
	RUN(slots_in_single_braces);
	RUN(patterns_that_run_into_limits_are_errors);
	RUN(gaps_and_groups_do_not_run_into_limits);
	RUN(kinds_that_tie_are_errors);
	RUN(what_the_sources_do_not_have_is_a_warning);
	RUN(a_queue_that_is_not_there_is_a_warning);
	buf_fini(&load_findings);
	return check_done("intent/lint");
}
