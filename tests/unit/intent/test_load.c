/* Loading: all or nothing, every mistake with its place and what to do. */
#include "load.h"

#define OK "intents: [{name: it, answer: y, match: [one]}]\n"

static void unknown_keys_are_refused_with_a_suggestion(void)
{
	CHECK(refuses("intent: []\n", "r.yaml:1:1: error: unknown key "
				      "\"intent\"; did you mean \"intents\"?"));
	CHECK(refuses("intents:\n"
		      "  - name: it\n"
		      "    anwser: y\n"
		      "    match: [one]\n",
		      "r.yaml:3:5: error: unknown key \"anwser\"; did you "
		      "mean \"answer\"?"));
	CHECK(refuses("match: {treshold: 1}\n" OK,
		      "r.yaml:1:9: error: unknown key \"treshold\""));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "wieght: 2}]}]\n",
		      "did you mean \"weight\"?"));
	CHECK(refuses("entities: {e: {pattern: a, close: b}}\n" OK,
		      "unknown key \"close\""));
	CHECK(refuses("intents: [{name: it, answer: [{wen: a, say: b}], match: "
		      "[one]}]\n",
		      "did you mean \"when\"?"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [one], then: "
		      "{escalate: {queu: a}}}]\n",
		      "did you mean \"queue\"?"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [one], buttons: "
		      "[{text: a, intnt: b}]}]\n",
		      "did you mean \"intent\"?"));
}

static void all_mistakes_of_all_files_are_reported(void)
{
	const struct intent_source sources[] = {
		{"a.yaml", str_of("intents: [{name: it, match: [one]}]\n")},
		{"b.yaml", str_of("wrds: {}\nintents: [{nam: x}]\n")},
		{"_language/en.yaml", str_of("contractions: {}\n")},
	};
	struct catalog *c = load_files(sources, 3, NULL);

	CHECK(c == NULL);
	CHECK(finds("a.yaml:1:18: error: intent \"it\" has no answer"));
	CHECK(finds("b.yaml:1:1: error: unknown key \"wrds\"; did you mean "
		    "\"words\"?"));
	CHECK(finds("b.yaml:2:12: error: unknown key \"nam\""));
	CHECK(finds("b.yaml:2:11: error: an intent without a name"));
	CHECK(finds("_language/en.yaml:1:1: error: a language file says which "
		    "one it is"));
}

static void an_intent_has_what_it_needs(void)
{
	CHECK(refuses("intents: [{name: it, answer: y}]\n",
		      "r.yaml:1:18: error: intent \"it\" has no \"match\""));
	CHECK(refuses("intents: [{name: it, answer: y, match: []}]\n",
		      "intent \"it\" has no \"match\""));
	CHECK(refuses("intents:\n  - name: it\n    answer: y\n    match:\n",
		      "r.yaml:2:11: error: intent \"it\" has no \"match\""));
	CHECK(refuses("intents: [{name: It!, answer: y, match: [a]}]\n",
		      "\"It!\" is no name; use small letters"));
	CHECK(refuses("intents: [{name: it, answer: y, match: a}]\n",
		      "match: a list is expected here"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [''] }]\n",
		      "an empty text"));
	CHECK(refuses("intents: {name: it}\n",
		      "intents: a list is expected here"));
	CHECK(refuses("words: {a: b}\n", "no intents in any file"));
	CHECK(refuses("", "no intents in any file"));
	CHECK(refuses("- a\n", "a rule file: names with a colon"));
}

static void names_are_given_once(void)
{
	CHECK(refuses("intents:\n"
		      "  - {name: it, answer: y, match: [a]}\n"
		      "  - {name: it, answer: y, match: [b]}\n",
		      "r.yaml:3:12: error: intent \"it\" stands also at "
		      "r.yaml:2"));
	CHECK(refuses("words: {a: [b]}\n"
		      "entities: {a: {pattern: b}}\n" OK,
		      "r.yaml:2:12: error: the name \"a\" stands also at "
		      "r.yaml:1"));
	{
		const struct intent_source sources[] = {
			{"a.yaml", str_of("words: {w: [one]}\n")},
			{"b.yaml", str_of("words: {w: [two]}\n" OK)},
		};

		CHECK(load_files(sources, 2, NULL) == NULL);
		CHECK(finds("b.yaml:1:9: error: word group \"w\" stands also "
			    "at a.yaml:1"));
	}
}

static void numbers_are_in_their_range(void)
{
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "weight: much}]}]\n",
		      "r.yaml:1:61: error: a number from -100 to 100"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "weight: 1000}]}]\n",
		      "a number from -100 to 100"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "weight: -1}]}]\n",
		      "move the line to \"against\""));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "weight: 0}]}]\n",
		      "a weight of 0 does nothing"));
	CHECK(refuses("match: {threshold: 0}\n" OK, "a number from 0.1 to"));
	CHECK(refuses("match: {threshold: none}\n" OK, "a number from 0.1 to"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], "
		      "threshold_miss: 0.5}]\n",
		      "only what hands over has a \"threshold_miss\""));
	CHECK(refuses("intents: [{name: it, then: {escalate: {}}, match: [a], "
		      "threshold: none}]\n",
		      "add the \"threshold_miss\" for it"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], margin: "
		      "x}]\n",
		      "a number from 0 to 10"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], then: "
		      "{escalate: {priority: 12}}}]\n",
		      "a number from -9 to 9"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], then: "
		      "{escalate: {priority: 1.5}}}]\n",
		      "a priority is a whole number"));
	CHECK(refuses("match: {margin: 0}\nmatch: {margin: 1}\n" OK,
		      "r.yaml:2:1"));
}

static void choices_are_named(void)
{
	CHECK(refuses("intents: [{name: it, kind: question, answer: y, match: "
		      "[a]}]\n",
		      "r.yaml:1:28: error: one of inquiry, complaint, chat"));
	CHECK(refuses("intents: [{name: it, then: hope, answer: y, match: "
		      "[a]}]\n",
		      "one of nothing, ask_solved, resolve, escalate"));
	CHECK(refuses("intents: [{name: it, then: {}, answer: y, match: "
		      "[a]}]\n",
		      "r.yaml:1:28: error: one of nothing, ask_solved"));
}

static void word_groups_make_no_circles(void)
{
	CHECK(refuses("words: {a: [<b>], b: [<c>], c: [x, <a>]}\n" OK,
		      "uses itself, over one or more groups"));
	CHECK(refuses("words: {a: []}\n" OK, "word group \"a\" is empty"));
	CHECK(refuses("words: {order: [o]}\n"
		      "intents: [{name: it, answer: y, match: [<oder>]}]\n",
		      "did you mean <order>?"));
	CHECK(refuses("words: {a: [<zzz>]}\n" OK,
		      "r.yaml:1:13: error: phrase \"<zzz>\": there is no word "
		      "group or entity <zzz>"));
}

static void groups_may_be_used_before_they_are_defined(void)
{
	struct catalog *c = load_right(
		"intents: [{name: it, answer: y, match: [<a> ~ x]}]\n"
		"words: {a: [<b>, y], b: [z]}\n");

	CHECK_STR(outcome_of(c, "z x"), "it");
	catalog_free(&c);
}

static void groups_cannot_grow_without_end(void)
{
	struct buf yaml = BUF_INIT;
	struct catalog *c;

	buf_add_s(&yaml, "words:\n  g0: [word one, word two]\n");
	for (int i = 1; i < 25; i++)
		buf_addf(&yaml, "  g%d: [<g%d> <g%d>, <g%d> x <g%d>]\n", i,
			 i - 1, i - 1, i - 1, i - 1);
	buf_add_s(&yaml, "intents: [{name: it, answer: y, match: [<g24>]}]\n");
	c = load(yaml.data);
	CHECK(c == NULL);
	CHECK(finds("it is over 65536 bytes with its word groups"));
	buf_clear(&yaml);
	buf_add_s(&yaml, "words:\n  g0: [word]\n");
	for (int i = 1; i < 40; i++)
		buf_addf(&yaml, "  g%d: [<g%d>]\n", 40 - i, 39 - i);
	buf_add_s(&yaml, OK);
	CHECK(refuses(yaml.data, "word groups nest over 30 deep"));
	buf_fini(&yaml);
}

static void entities_are_checked(void)
{
	CHECK(refuses("entities: {e: {near: a}}\n" OK,
		      "entity \"e\" has no \"pattern\""));
	CHECK(refuses("entities: {e: {pattern: '(a'}}\n" OK,
		      "r.yaml:1:28: error: pattern: missing closing "
		      "parenthesis"));
	CHECK(refuses("entities: {e: {pattern: a, yields_to: [f]}}\n" OK,
		      "there is no entity \"f\""));
	CHECK(refuses("entities: {e: {pattern: a, near: <f>}}\n" OK,
		      "there is no word group or entity <f>"));
	CHECK(refuses("entities: {e: {pattern: 'a*'}}\n" OK,
		      "it matches the empty text"));
	CHECK(refuses("entities: {e: {pattern: '(a)\\1'}}\n" OK,
		      "a back reference"));
	CHECK(refuses("entities: {e: a}\n" OK,
		      "an entity: names with a colon"));
}

static void regexes_are_checked(void)
{
	CHECK(refuses("intents: [{name: it, answer: y, match: [{regex: "
		      "'a(b'}]}]\n",
		      "regex: missing closing parenthesis"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{regex: "
		      "'(a)\\g1'}]}]\n",
		      "a back reference"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{regex: "
		      "'\\C'}]}]\n",
		      "regex: "));
	CHECK(refuses(
		"intents: [{name: it, answer: y, match: [{weight: 1}]}]\n",
		"neither \"phrase\" nor \"regex\""));
	CHECK(refuses(
		"intents:\n"
		"  - name: it\n"
		"    answer: y\n"
		"    match:\n"
		"      - order: where is it\n",
		"5:9: error: neither \"phrase\" nor \"regex\"; if it is a "
		"phrase with \"{\" in front or \": \" in it, put this in "
		"single quotes"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [{phrase: a, "
		      "regex: b}]}]\n",
		      "both \"phrase\" and \"regex\""));
}

static void answers_are_checked(void)
{
	CHECK(refuses("intents: [{name: it, answer: 'a {{b', match: [a]}]\n",
		      "\"{{\" without its \"}}\""));
	CHECK(refuses("intents: [{name: it, answer: '{{ordr_id}}', match: "
		      "[a]}]\nentities: {order_id: {pattern: '1'}}\n",
		      "r.yaml:1:30: error: nothing fills {{ordr_id}}; did you "
		      "mean {{order_id}}?"));
	CHECK(refuses("intents: [{name: it, answer: '{{zzz}}', match: [a]}]\n",
		      "nothing fills {{zzz}}; ask for it under \"needs:\""));
	CHECK(refuses("shop: {name: A}\nintents: [{name: it, answer: "
		      "'{{shop.nme}}', match: [a]}]\n",
		      "did you mean {{shop.name}}?"));
	CHECK(refuses("intents: [{name: it, answer: '{{order.eta}}', match: "
		      "[a]}]\n",
		      "comes from a lookup \"order\" that this intent does "
		      "not have"));
	CHECK(refuses("intents: [{name: it, answer: '{{agent | dat}}', match: "
		      "[a]}]\n",
		      "unknown format \"dat\"; did you mean \"date\"?"));
	CHECK(refuses("intents: [{name: it, answer: '{{agent | default}}', "
		      "match: [a]}]\n",
		      "\"default\" wants a text behind it"));
	CHECK(refuses("intents: [{name: it, answer: '{{}}', match: [a]}]\n",
		      "names no slot"));
	CHECK(refuses("intents: [{name: it, answer: '{{a b}}', match: [a]}]\n",
		      "names no slot"));
	CHECK(refuses(
		"intents: [{name: it, answer: [{when: a}], match: [a]}]\n",
		"an answer without \"say\""));
	CHECK(refuses("intents: [{name: it, needs: {n: '{{x'}, answer: y, "
		      "match: [a]}]\n",
		      "\"{{\" without its \"}}\""));
}

static void conditions_are_checked(void)
{
	CHECK(refuses("intents: [{name: it, answer: [{when: 'agent =', say: "
		      "a}], match: [a]}]\n",
		      "condition \"agent =\": nothing to compare with"));
	CHECK(refuses("intents: [{name: it, answer: [{when: '(agent', say: "
		      "a}], match: [a]}]\n",
		      "\"(\" without its \")\""));
	CHECK(refuses("intents: [{name: it, answer: [{when: 'agent = a b', "
		      "say: a}], match: [a]}]\n",
		      "something is left over"));
	CHECK(refuses("intents: [{name: it, answer: [{when: '= 3', say: a}], "
		      "match: [a]}]\n",
		      "a name is expected here"));
	CHECK(refuses("intents: [{name: it, answer: [{when: stock.n > 3, say: "
		      "a}], match: [a]}]\n",
		      "comes from a lookup \"stock\""));
}

static void buttons_are_checked(void)
{
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, intent: ti}]}]\n",
		      "there is no intent \"ti\"; did you mean \"it\"?"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b}]}]\n",
		      "a button has a \"text\" and one of"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, value: c, intent: it}]}]\n",
		      "a button has a \"text\" and one of"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, value: \"c\\nd\"}]}]\n",
		      "a button's value is one line of at most 256 bytes"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, value: "
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}]\n",
		      "a button's value is one line of at most 256 bytes"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, url: 'javascript:x'}]}]\n",
		      "a link begins with https://"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], buttons: "
		      "[{text: b, url: '{{shop.url}}'}]}]\n",
		      "{{shop.url}} is no fact of the shop"));
	CHECK(refuses("intents: [{name: it, answer: y, match: [a], after: "
		      "[x]}]\n",
		      "there is no intent \"x\" to follow"));
}

static void examples_must_come_true(void)
{
	CHECK(refuses("intents:\n"
		      "  - name: a\n"
		      "    answer: y\n"
		      "    match: [one]\n"
		      "    examples: [one, two]\n",
		      "r.yaml:5:21: error: example \"two\" of a gets nothing"));
	CHECK(refuses("intents:\n"
		      "  - name: a\n"
		      "    answer: y\n"
		      "    match: [one]\n"
		      "    counterexamples: [one]\n",
		      "counterexample \"one\" is answered by a"));
	CHECK(refuses(
		"intents:\n"
		"  - {name: a, answer: y, match: [one], examples: [one]}\n"
		"  - {name: b, answer: y, match: [one]}\n",
		"gets a (1.000), b (1.000), too near to each other"));
	CHECK(refuses("intents:\n"
		      "  - {name: a, answer: y, match: [{phrase: one, weight: "
		      "0.5}], examples: [one]}\n",
		      "gets nothing (nearest: a, 0.500)"));
	{
		struct intent_source source = {
			"r.yaml",
			str_of("intents: [{name: a, answer: y, match: [one], "
			       "examples: [two]}]\n")};
		struct catalog_options options = {.skip_examples = true};
		struct catalog *c = load_files(&source, 1, &options);

		CHECK(c != NULL);
		catalog_free(&c);
	}
}

static bool language_refuses(const char *yaml, const char *finding)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml", str_of(yaml)},
		{"r.yaml", str_of(OK)},
	};
	struct catalog *c = load_files(sources, 2, NULL);
	bool ok = c == NULL && finds(finding);

	catalog_free(&c);
	return ok;
}

static void language_files_are_checked(void)
{
	CHECK(language_refuses("language: en\nintents: []\n",
			       "_language/en.yaml:2:1: error: unknown key "
			       "\"intents\""));
	CHECK(language_refuses("language: en\nspellings: {a b: c}\n",
			       "\"a b\" is not one word"));
	CHECK(language_refuses("language: en\nspellings: {a: b}\n"
			       "contractions: {a: c}\n",
			       "\"a\" is rewritten twice"));
	CHECK(language_refuses("language: en\nmonths: [jan, feb]\n",
			       "12 names are expected here, not 2"));
	CHECK(language_refuses("language: en\ntexts: {miss: '{{shop.x}}'}\n",
			       "{{shop.x}} is no fact of the shop"));
	CHECK(language_refuses("language: en\n'yes': ['(a']\n",
			       "\"(\" without its \")\""));
	CHECK(refuses("language: en\n" OK "---\nlanguage: de\n", "r.yaml"));
	{
		const struct intent_source sources[] = {
			{"a.yaml", str_of("language: en\n" OK)},
			{"b.yaml", str_of("language: de\n")},
		};

		CHECK(load_files(sources, 2, NULL) == NULL);
		CHECK(finds("b.yaml:1:11: error: \"de\", while other files say "
			    "\"en\""));
	}
}

static void texts_may_use_what_the_conversation_brings(void)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml",
		 str_of("language: en\ntexts: {x: '{{anything}} here'}\n")},
		{"r.yaml", str_of(OK)},
	};
	struct catalog *c = load_files(sources, 2, NULL);

	CHECK(c != NULL);
	catalog_free(&c);
}

static void the_version_depends_on_contents_only(void)
{
	const struct intent_source one[] = {{"a.yaml", str_of(OK)},
					    {"b.yaml", str_of("words: {}\n")}};
	const struct intent_source two[] = {one[1], one[0]};
	const struct intent_source three[] = {one[0],
					      {"b.yaml", str_of("words:\n")}};
	/* Another way to spell the directory is no other set of rules. */
	const struct intent_source four[] = {{"/x/y/a.yaml", one[0].text},
					     {"/x/y/b.yaml", one[1].text}};
	struct catalog *a = load_files(one, 2, NULL);
	struct catalog *b = load_files(two, 2, NULL);
	struct catalog *c = load_files(three, 2, NULL);
	struct catalog *d = load_files(four, 2, NULL);

	CHECK_STR(catalog_version(a), catalog_version(d));
	catalog_free(&d);
	CHECK(strlen(catalog_version(a)) == 12);
	CHECK_STR(catalog_version(a), catalog_version(b));
	CHECK(strcmp(catalog_version(a), catalog_version(c)) != 0);
	catalog_free(&a);
	catalog_free(&b);
	catalog_free(&c);
}

static void intents_can_be_looked_at(void)
{
	struct catalog *c = load_right(
		"shop: {url: https://shop.example}\n"
		"intents:\n"
		"  - name: a\n"
		"    about: The first\n"
		"    kind: complaint\n"
		"    match: [one]\n"
		"    needs: {n: which one?, m: and?}\n"
		"    lookup: order\n"
		"    then: {escalate: {queue: vip, priority: -2, reason: "
		"angry}}\n"
		"    buttons:\n"
		"      - {text: See, intent: b}\n"
		"      - {text: Shop, url: '{{shop.url}}'}\n"
		"      - {text: Big, value: big}\n"
		"  - {name: b, answer: y, match: [two]}\n");
	const struct intent *a = catalog_find(c, STR("a"));
	const struct intent_info *info = intent_info(a);
	const struct answer_button *buttons;

	CHECK(catalog_count(c) == 2 && catalog_intent(c, 0) == a);
	CHECK(catalog_intent(c, 2) == NULL);
	CHECK(catalog_find(c, STR("x")) == NULL);
	CHECK_STR(info->about, "The first");
	CHECK(info->kind == INTENT_COMPLAINT && info->then == THEN_ESCALATE);
	CHECK(info->priority == -2 && info->needs == 2);
	CHECK_STR(info->queue, "vip");
	CHECK_STR(info->reason, "angry");
	CHECK_STR(info->lookup, "order");
	CHECK_STR(intent_need(a, 0), "n");
	CHECK_STR(intent_need(a, 1), "m");
	CHECK(intent_need(a, 2) == NULL);
	CHECK(intent_buttons(a, &buttons) == 3);
	CHECK(str_is(buttons[0].value, "intent:b"));
	CHECK(str_is(buttons[1].url, "https://shop.example"));
	CHECK(buttons[1].value.p == NULL);
	CHECK(str_is(buttons[2].value, "big"));
	info = intent_info(catalog_find(c, STR("b")));
	CHECK(info->queue == NULL && info->reason == NULL &&
	      info->lookup == NULL);
	CHECK(info->kind == INTENT_INQUIRY && info->then == THEN_NOTHING);
	CHECK_STR(info->about, "b");
	catalog_free(&c);
}

int main(void)
{
	RUN(unknown_keys_are_refused_with_a_suggestion);
	RUN(all_mistakes_of_all_files_are_reported);
	RUN(an_intent_has_what_it_needs);
	RUN(names_are_given_once);
	RUN(numbers_are_in_their_range);
	RUN(choices_are_named);
	RUN(word_groups_make_no_circles);
	RUN(groups_may_be_used_before_they_are_defined);
	RUN(groups_cannot_grow_without_end);
	RUN(entities_are_checked);
	RUN(regexes_are_checked);
	RUN(answers_are_checked);
	RUN(conditions_are_checked);
	RUN(buttons_are_checked);
	RUN(examples_must_come_true);
	RUN(language_files_are_checked);
	RUN(texts_may_use_what_the_conversation_brings);
	RUN(the_version_depends_on_contents_only);
	RUN(intents_can_be_looked_at);
	buf_fini(&load_findings);
	return check_done("intent/load");
}
