/* The index changes what a message costs, never what it means, and matching
 * needs no phrase as it was read: outcomes with the index alone and with the
 * phrases alone are compared, on the shipped rules and on generated ones, for
 * their own examples and for sentences made up of their words. SENTENCES=FILE
 * adds the lines of a file. */
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog.h"
#include "load.h"
#include "matcher.h"

#define GENERATED_SENTENCES 1500

/* Numbers that are the same on every machine (Knuth's MMIX). */
static uint64_t state = 42;

static unsigned chance(size_t n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)((state >> 33) % n);
}

struct pair_of_sets {
	struct catalog *with, *without;
	struct matcher *m;
	size_t sentences, answered;
};

static struct catalog *load_as(const struct intent_source *sources, size_t n,
			       bool no_index)
{
	struct catalog_options options = {
		.no_index = no_index,
		.no_jit = true,
		.skip_examples = true,
		.only_match = !no_index,
		.protected_words = STR("these\nthose\nthere\n"),
	};

	return load_files(sources, n, &options);
}

static bool same_names(const struct catalog *a, const struct intent *x,
		       const struct catalog *b, const struct intent *y)
{
	(void)a;
	(void)b;
	if (x == NULL || y == NULL)
		return x == y;
	return strcmp(intent_info(x)->name, intent_info(y)->name) == 0;
}

static bool same(const struct pair_of_sets *p, const struct match *a,
		 const struct match *b)
{
	if (a->outcome != b->outcome || a->meta != b->meta ||
	    a->winner_count != b->winner_count ||
	    a->near_count != b->near_count ||
	    a->runner_up_score != b->runner_up_score ||
	    a->entity_count != b->entity_count ||
	    !same_names(p->with, a->runner_up, p->without, b->runner_up))
		return false;
	for (size_t i = 0; i < a->winner_count; i++) {
		if (a->winners[i].score != b->winners[i].score ||
		    a->winners[i].sentence != b->winners[i].sentence ||
		    !same_names(p->with, a->winners[i].intent, p->without,
				b->winners[i].intent))
			return false;
	}
	for (size_t i = 0; i < a->near_count; i++) {
		if (a->near[i].score != b->near[i].score)
			return false;
	}
	return true;
}

static void compare(struct pair_of_sets *p, struct str sentence)
{
	static struct match a, b;
	bool ok;

	match_message(p->with, p->m, sentence, NULL, &a);
	match_message(p->without, p->m, sentence, NULL, &b);
	p->sentences++;
	p->answered += a.outcome != OUTCOME_MISS;
	ok = same(p, &a, &b);
	if (!ok)
		printf("differs: %.*s\n", STR_ARG(sentence));
	CHECK(ok);
}

static void compare_examples(struct pair_of_sets *p)
{
	for (const struct intent *in = p->with->rules.intents; in != NULL;
	     in = in->next) {
		for (size_t i = 0; i < in->example_count; i++)
			compare(p, in->examples[i].s);
		for (size_t i = 0; i < in->counterexample_count; i++)
			compare(p, in->counterexamples[i].s);
	}
}

/* Words of the rules in any order, some with a slip of the finger. */
static void compare_generated(struct pair_of_sets *p, size_t n)
{
	const struct lexicon *l = &p->with->lexicon;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		unsigned words = 1 + chance(12);

		buf_clear(&text);
		while (words-- > 0) {
			size_t at = text.len;

			buf_add_str(&text, l->list[chance(l->count)]->text);
			if (text.len > at + 4 && chance(8) == 0)
				text.data[at + 2] = (char)('a' + chance(26));
			buf_add_s(&text, chance(9) == 0 ? ". " : " ");
			if (chance(10) == 0)
				buf_addf(&text, "%u ",
					 10000000 + chance(80000000));
		}
		compare(p, buf_str(&text));
	}
	buf_fini(&text);
}

static void speak(const struct alt *alt, struct buf *out);

static void speak_part(const struct part *p, struct buf *out)
{
	if (p->kind == PART_WORD)
		buf_add_str(out, p->text);
	else if (p->kind == PART_GAP && chance(2) == 0)
		buf_add_s(out, " or so ");
	else if (part_separates(p))
		buf_add_c(out, ' ');
	else if (p->entity != NULL)
		buf_add_s(out, "12345678");
	else if (p->alt != NULL)
		speak(p->alt, out);
}

/* Something that the phrase says, or nearly. */
static void speak(const struct alt *alt, struct buf *out)
{
	const struct seq *s = alt->first;

	for (unsigned skip = chance(4); skip > 0 && s->next != NULL; skip--)
		s = s->next;
	for (const struct part *p = s->first; p != NULL; p = p->next) {
		unsigned times = p->min == 0 ? chance(2) : 1;

		if (times > 0 && p->max > 1)
			times += chance(3);
		while (times-- > 0)
			speak_part(p, out);
	}
}

static void compare_spoken(struct pair_of_sets *p, size_t n)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		unsigned phrases = 1 + chance(3);

		buf_clear(&text);
		while (phrases-- > 0) {
			const struct index *x = &p->without->index;

			speak(x->entries[chance(x->entry_count)]->phrase,
			      &text);
			buf_add_s(&text, chance(2) == 0 ? " " : ". ");
		}
		compare(p, buf_str(&text));
	}
	buf_fini(&text);
}

static void compare_file(struct pair_of_sets *p, const char *path)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	char *save = NULL;

	CHECK(file_read(path, 64 * 1024 * 1024, &text, &why));
	for (char *line = text.len > 0 ? strtok_r(text.data, "\n", &save)
				       : NULL;
	     line != NULL; line = strtok_r(NULL, "\n", &save))
		compare(p, str_of(line));
	buf_fini(&text);
	buf_fini(&why);
}

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWER 20
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

/* CPU time of the fastest of three, in ms: a neighbour's load is not ours. */
static double cost_of(const struct catalog *c, struct matcher *m,
		      struct str text)
{
	static struct match out;
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		clock_t from = clock();
		double ms;

		match_message(c, m, text, NULL, &out);
		ms = (double)(clock() - from) / CLOCKS_PER_SEC * 1000;
		best = ms < best ? ms : best;
	}
	CHECK(out.limits_hit == 0);
	return best;
}

#define COSTLY_MESSAGES 50
#define LONGEST_MESSAGE 1000 /* of which all is read */

/* Only of the rules' own words: the most that phrases can be kept busy. */
static void add_own_words(const struct catalog *c, struct buf *out)
{
	while (out->len < LONGEST_MESSAGE) {
		buf_add_str(out,
			    c->lexicon.list[chance(c->lexicon.count)]->text);
		buf_add_c(out, ' ');
	}
}

/* Words that are none, up to the length of one: the most that spelling can. */
static void add_no_words(size_t length, struct buf *out)
{
	while (out->len < LONGEST_MESSAGE)
		buf_add_c(out, out->len % (length + 1) == length
				       ? ' '
				       : (char)('a' + chance(26)));
}

static void add_again(const char *piece, struct buf *out)
{
	while (out->len < LONGEST_MESSAGE)
		buf_add_s(out, piece);
}

static void no_message_costs_much(const struct catalog *c, struct matcher *m)
{
	/* what entities begin with and do not end with, and the like */
	static const char *const pieces[] = {
		"a",    "1",  "1 ", "1,",    "1.",  "@",   "a@", "a.b@c.",
		"a-",   "a'", "#1", "$1,",   "+1 ", "1/1", "é",  "\xef\xb7\xba",
		"www.", "a.", "! ", "ordr ", "1Z",  "rs ", "OD"};
	struct buf text = BUF_INIT;
	double most = 0;

	for (size_t i = 0; i < COSTLY_MESSAGES * 2 + ARRAY_LEN(pieces); i++) {
		double ms;

		buf_clear(&text);
		if (i < COSTLY_MESSAGES)
			add_own_words(c, &text);
		else if (i < COSTLY_MESSAGES * 2)
			add_no_words(i - COSTLY_MESSAGES + 15, &text);
		else
			add_again(pieces[i - COSTLY_MESSAGES * 2], &text);
		ms = cost_of(c, m, buf_str(&text));
		most = ms > most ? ms : most;
	}
	CHECK(most < 5.0 * SLOWER);
	buf_fini(&text);
}

/* What the shipped rules may take of a daemon. They grow by what the shop is
 * asked; whoever makes them grow beyond this on purpose writes down more. */
#define SHIPPED_BYTES 10500000

static void they_take_what_is_written_down(const struct intent_source *sources,
					   size_t n)
{
	const struct catalog_options options = {.skip_examples = true,
						.only_match = true};
	struct catalog *c = load_files(sources, n, &options);

	if (c == NULL)
		return;
	if (catalog_bytes(c) > SHIPPED_BYTES)
		printf("the rules take %zu bytes\n", catalog_bytes(c));
	CHECK(catalog_bytes(c) <= SHIPPED_BYTES);
	CHECK(catalog_bytes(c) > SHIPPED_BYTES / 2 || !catalog_has_jit(c));
	catalog_free(&c);
}

static void the_shipped_rules_mean_the_same_without_index(void)
{
	struct file_list list;
	struct buf why = BUF_INIT;
	struct buf texts[200];
	struct intent_source sources[200];
	struct pair_of_sets p = {.m = matcher_new()};
	const char *file = getenv("SENTENCES");

	CHECK(file_tree("intents", ".yaml", &list, &why));
	CHECK(list.count > 3 && list.count < 200);
	for (size_t i = 0; i < list.count; i++) {
		buf_init(&texts[i]);
		CHECK(file_read(list.paths[i], 1 << 20, &texts[i], &why));
		sources[i].name = list.paths[i];
		sources[i].text = buf_str(&texts[i]);
	}
	p.with = load_as(sources, list.count, false);
	p.without = load_as(sources, list.count, true);
	if (p.with != NULL && p.without != NULL) {
		compare_examples(&p);
		CHECK(p.sentences > 200 && p.answered > 100);
		compare_generated(&p, GENERATED_SENTENCES);
		compare_spoken(&p, GENERATED_SENTENCES);
		no_message_costs_much(p.with, p.m);
		they_take_what_is_written_down(sources, list.count);
		if (file != NULL)
			compare_file(&p, file);
	} else {
		CHECK_STR(load_findings.data, "");
	}
	for (size_t i = 0; i < list.count; i++)
		buf_fini(&texts[i]);
	catalog_free(&p.with);
	catalog_free(&p.without);
	matcher_free(&p.m);
	file_list_fini(&list);
	buf_fini(&why);
}

/* ---- generated rules -------------------------------------------------- */

static void add_word(struct buf *out)
{
	static const char *const syllables[] = {"or",  "der", "ship", "ca",
						"pay", "re",  "fund", "track",
						"lo",  "mi"};
	unsigned n = 1 + chance(3);

	while (n-- > 0)
		buf_add_s(out, syllables[chance(10)]);
}

static void add_slot(struct buf *out)
{
	switch (chance(9)) {
	case 0:
		buf_addf(out, "<g%u>", chance(50));
		break;
	case 1:
		add_word(out);
		buf_add_s(out, "(s|ed)");
		break;
	case 2:
		buf_add_c(out, '(');
		add_word(out);
		buf_add_c(out, '|');
		add_word(out);
		buf_add_c(out, ' ');
		add_word(out);
		buf_add_c(out, ')');
		break;
	case 3:
		buf_add_c(out, '(');
		add_word(out);
		buf_add_s(out, ")? ");
		add_word(out);
		break;
	case 4:
		add_word(out);
		buf_add_s(out, chance(4) == 0 ? "\\w*" : "s?");
		break;
	case 5:
		buf_add_s(out, "((");
		add_word(out);
		buf_add_c(out, '|');
		add_word(out);
		buf_add_s(out, chance(2) == 0 ? ") )*" : ") ){0,2}");
		add_word(out);
		break;
	case 6:
		add_word(out);
		buf_add_s(out, "( ");
		add_word(out);
		buf_add_s(out, "| ");
		add_word(out);
		buf_add_s(out, chance(2) == 0 ? ")*" : "){0,2}");
		break;
	default:
		add_word(out);
	}
}

static void add_phrase(struct buf *out)
{
	static const char *const between[] = {" ", " ", " ~ ", " ~~ "};
	unsigned n = 1 + chance(3);

	add_slot(out);
	while (n-- > 0) {
		buf_add_s(out, between[chance(4)]);
		add_slot(out);
	}
}

static void generate_words(struct buf *out)
{
	buf_add_s(out, "words:\n");
	for (unsigned i = 0; i < 50; i++) {
		buf_addf(out, "  g%u: ['", i);
		for (unsigned k = 0; k < 4; k++) {
			add_word(out);
			buf_add_s(out, k < 3 ? "', '" : "']\n");
		}
	}
}

static void generate_intents(struct buf *out, unsigned from, unsigned end)
{
	buf_add_s(out, "intents:\n");
	for (unsigned i = from; i < end; i++) {
		buf_addf(out, "  - name: i%u\n    answer: y\n    match: ['", i);
		add_phrase(out);
		buf_add_s(out, "', {phrase: '");
		add_phrase(out);
		buf_addf(out, "', weight: 0.%u}]\n    against: ['",
			 1 + chance(9));
		add_phrase(out);
		buf_add_s(out, "']\n");
	}
}

#define RULES_A_FILE 2000
#define FILES_MAX    6

/* As many rules, in files of a size that may be loaded. */
static void compare_set(unsigned rules, size_t sentences)
{
	static const char *const names[FILES_MAX] = {"words", "a", "b",
						     "c",     "d", "e"};
	struct buf yaml[FILES_MAX] = {BUF_INIT};
	struct intent_source sources[FILES_MAX];
	struct pair_of_sets p = {.m = matcher_new()};
	size_t n = 1;

	generate_words(&yaml[0]);
	for (unsigned i = 0; i < rules; i += RULES_A_FILE)
		generate_intents(&yaml[n++], i,
				 rules < i + RULES_A_FILE ? rules
							  : i + RULES_A_FILE);
	for (size_t i = 0; i < n; i++)
		sources[i] =
			(struct intent_source){names[i], buf_str(&yaml[i])};
	p.with = load_as(sources, n, false);
	p.without = load_as(sources, n, true);
	if (p.with != NULL && p.without != NULL) {
		compare_generated(&p, sentences / 5);
		compare_spoken(&p, sentences);
		CHECK(p.answered > sentences / 4);
	} else {
		CHECK_STR(load_findings.data, "");
	}
	catalog_free(&p.with);
	catalog_free(&p.without);
	matcher_free(&p.m);
	for (size_t i = 0; i < n; i++)
		buf_fini(&yaml[i]);
}

static void generated_rules_mean_the_same_without_index(void)
{
	size_t share = SLOWER > 1 ? 5 : 1;

	compare_set(10, 2000 / share);
	compare_set(100, 2000 / share);
	compare_set(1000, 700 / share);
	if (SLOWER == 1)
		compare_set(10000, 30);
}

/* ---- the index itself ------------------------------------------------- */

/* How many phrases a sentence makes candidates. */
static void count_candidate(void *arg, struct entry *entry)
{
	(void)entry;
	++*(size_t *)arg;
}

static size_t candidates(const struct catalog *c, const char *words)
{
	struct marks marks = {0};
	struct buf text = BUF_INIT;
	char *save = NULL;
	size_t n = 0;

	buf_add_s(&text, words);
	marks_begin(&marks, &c->index, 20);
	for (char *w = strtok_r(text.data, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save)) {
		const struct word *word = lexicon_find(&c->lexicon, str_of(w));

		if (word != NULL)
			marks_word(&marks, word, 0);
	}
	marks_visit(&marks, &c->index, count_candidate, &n);
	marks_fini(&marks);
	buf_fini(&text);
	return n;
}

static void only_phrases_whose_words_are_there_are_tried(void)
{
	struct catalog *c = load_right(
		"words: {order: [order(s), order number], where: [where]}\n"
		"intents:\n"
		"  - name: a\n"
		"    answer: y\n"
		"    match:\n"
		"      - <where> ~ <order>\n"
		"      - cancel <order>\n"
		"      - (my )?parcel( please)?\n"
		"      - ^hello( there)?$\n"
		"      - orderl(y|ies)\n");

	CHECK(candidates(c, "where") == 0);
	CHECK(candidates(c, "order") == 0);
	CHECK(candidates(c, "where order") == 1);
	CHECK(candidates(c, "order where cancel") == 2);
	CHECK(candidates(c, "parcel") == 1);
	CHECK(candidates(c, "my please there") == 0);
	CHECK(candidates(c, "hello") == 1);
	CHECK(candidates(c, "orderlies") == 1);
	CHECK(c->index.always_count == 0);
	catalog_free(&c);
}

/* More than stand beside it where it is filed, each missing in turn. */
static void all_words_of_a_long_phrase_are_needed(void)
{
	static const char *const words[] = {"one",  "two", "three", "four",
					    "five", "six", "seven", "eight"};
	struct catalog *c = load_right("intents:\n"
				       "  - {name: a, answer: y, match: [one "
				       "two three four five six seven "
				       "eight]}\n");
	struct buf text = BUF_INIT;

	CHECK(candidates(c, "one two three four five six seven eight") == 1);
	for (size_t but = 0; but < ARRAY_LEN(words); but++) {
		buf_clear(&text);
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			buf_addf(&text, "%s ", i == but ? "so" : words[i]);
		CHECK(candidates(c, buf_str(&text).p) == 0);
	}
	buf_fini(&text);
	catalog_free(&c);
}

/* More than are looked at together. */
static void a_sentence_may_have_many_candidates(void)
{
	struct buf yaml = BUF_INIT;
	struct catalog *c;

	buf_add_s(&yaml, "intents:\n  - {name: a, answer: y, match: [");
	for (int i = 0; i < 150; i++)
		buf_addf(&yaml, "%smy thing%d", i == 0 ? "" : ", ", i);
	buf_add_s(&yaml, "]}\n");
	for (int i = 0; i < 150; i++)
		buf_addf(&yaml,
			 "  - {name: b%d, answer: y, match: [where is]}\n", i);
	c = load_right(buf_str(&yaml).p);
	CHECK(candidates(c, "where is") == 150);
	CHECK(candidates(c, "my thing7") == 1);
	catalog_free(&c);
	buf_fini(&yaml);
}

static void a_phrase_of_raw_pcre2_is_always_tried(void)
{
	struct catalog *c =
		load_right("intents:\n"
			   "  - {name: a, answer: y, match: ['\\w+ing', "
			   "'(a|\\w+) b']}\n");

	CHECK(c->index.always_count == 1);
	CHECK(candidates(c, "x") == 1);
	CHECK(candidates(c, "b") == 2);
	CHECK_STR(outcome_of(c, "going"), "a");
	catalog_free(&c);
}

/* ---- long sentences ---------------------------------------------------- */

/* `words` words, `at` words in front of the phrase. */
static void lay(struct buf *text, size_t words, size_t at, const char *phrase,
		size_t phrase_words)
{
	buf_clear(text);
	for (size_t i = 0; i + phrase_words <= words; i++) {
		if (i > 0)
			buf_add_c(text, ' ');
		buf_add_s(text, i == at ? phrase : "so");
	}
}

static void compare_laid(struct pair_of_sets *p, size_t words)
{
	static const struct {
		const char *text;
		size_t words;
	} phrases[] = {
		{"red", 1},        {"red box", 2},
		{"red so box", 3}, {"red so so so so so box", 7},
		{"blue box", 2},   {"blue old old box", 4},
	};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		for (size_t at = 0; at + phrases[i].words <= words; at++) {
			lay(&text, words, at, phrases[i].text,
			    phrases[i].words);
			compare(p, buf_str(&text));
		}
	buf_fini(&text);
}

/* Around every length from which on places are kept in another way, and with
 * short sentences between the long ones. */
static void phrases_are_found_anywhere_in_sentences_of_any_length(void)
{
	static const size_t lengths[] = {1,  7,  46, 47,  48,  49,  50,  62, 63,
					 64, 65, 66, 127, 128, 129, 192, 193};
	const struct intent_source source = {
		"t.yaml",
		STR("language: en\n"
		    "match: {threshold: 1, threshold_long: 1}\n"
		    "intents:\n"
		    "  - {name: a, answer: y, match: [red box]}\n"
		    "  - {name: b, answer: y, match: [red ~~ box]}\n"
		    "  - {name: c, answer: y, match: ['^red']}\n"
		    "  - {name: d, answer: y, match: ['red$']}\n"
		    "  - {name: e, answer: y, match: ['blue (old "
		    "){0,3}box$']}\n"
		    "  - {name: f, answer: y, match: ['^(so )?blue ~ box'],"
		    " against: [{phrase: 'box$', weight: 0.5}]}\n")};
	struct pair_of_sets p = {
		.with = load_as(&source, 1, false),
		.without = load_as(&source, 1, true),
		.m = matcher_new(),
	};

	for (size_t i = 0; p.with != NULL && i < ARRAY_LEN(lengths); i++) {
		compare_laid(&p, lengths[i]);
		compare(&p, STR("so red box"));
		compare(&p, STR("so"));
		compare(&p, STR("so red"));
	}
	CHECK(p.answered > 1000);
	CHECK(p.with->phrases.blocks == NULL &&
	      p.without->phrases.blocks != NULL);
	matcher_free(&p.m);
	catalog_free(&p.with);
	catalog_free(&p.without);
}

/* "zz" is written out as eight words. */
static void fill(struct buf *text, size_t words)
{
	for (; words >= 8; words -= 8)
		buf_add_s(text, "zz ");
	for (; words > 0; words--)
		buf_add_s(text, "so ");
}

static void compare_filled(struct pair_of_sets *p, size_t before, size_t behind)
{
	static const char *const phrases[] = {"red box ", "red so box ",
					      "red so so so so so so box "};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		buf_clear(&text);
		fill(&text, before);
		buf_add_s(&text, phrases[i]);
		fill(&text, behind);
		compare(p, buf_str(&text));
	}
	buf_fini(&text);
}

/* Longer than any of plain words, which would be clipped. */
static void phrases_are_found_in_sentences_that_rewriting_made_very_long(void)
{
	static const size_t places[] = {0,   1,   63,  447, 448, 503, 504, 505,
					506, 507, 508, 509, 510, 511, 512, 990};
	const struct intent_source sources[] = {
		{"t.yaml",
		 STR("language: en\n"
		     "match: {threshold: 1, threshold_long: 1}\n"
		     "intents:\n"
		     "  - {name: a, answer: y, match: [red box]}\n"
		     "  - {name: b, answer: y, match: [red ~~ box]}\n"
		     "  - {name: c, answer: y, match: ['^(so )?red'],"
		     " against: [{phrase: 'box$', weight: 0.5}]}\n"
		     "  - {name: d, answer: y, match: ['red (so )?box$']}\n")},
		{"_language/en.yaml",
		 STR("language: en\n"
		     "spellings: {zz: so so so so so so so so}\n")},
	};
	struct pair_of_sets p = {
		.with = load_as(sources, 2, false),
		.without = load_as(sources, 2, true),
		.m = matcher_new(),
	};

	for (size_t i = 0; p.with != NULL && i < ARRAY_LEN(places); i++) {
		compare_filled(&p, places[i], 0);
		compare_filled(&p, 0, places[i]);
		compare_filled(&p, places[i], 600);
		compare_filled(&p, 600, places[i]);
	}
	CHECK(p.answered > 100);
	matcher_free(&p.m);
	catalog_free(&p.with);
	catalog_free(&p.without);
}

static void nothing_is_found_where_only_an_earlier_sentence_had_it(void)
{
	const struct intent_source source = {
		"t.yaml", STR("language: en\n"
			      "match: {threshold: 1, threshold_long: 1}\n"
			      "intents:\n"
			      "  - {name: a, answer: y, match: [red box]}\n")};
	struct pair_of_sets p = {
		.with = load_as(&source, 1, false),
		.without = load_as(&source, 1, true),
		.m = matcher_new(),
	};
	struct buf text = BUF_INIT;

	for (size_t words = 500; p.with != NULL && words > 2; words /= 2) {
		lay(&text, words, words - 2, "red box", 2);
		compare(&p, buf_str(&text));
		lay(&text, words / 2, 0, "box red", 2);
		compare(&p, buf_str(&text));
	}
	CHECK(p.answered > 5);
	buf_fini(&text);
	matcher_free(&p.m);
	catalog_free(&p.with);
	catalog_free(&p.without);
}

int main(void)
{
	RUN(phrases_are_found_anywhere_in_sentences_of_any_length);
	RUN(phrases_are_found_in_sentences_that_rewriting_made_very_long);
	RUN(nothing_is_found_where_only_an_earlier_sentence_had_it);
	RUN(only_phrases_whose_words_are_there_are_tried);
	RUN(all_words_of_a_long_phrase_are_needed);
	RUN(a_sentence_may_have_many_candidates);
	RUN(a_phrase_of_raw_pcre2_is_always_tried);
	RUN(generated_rules_mean_the_same_without_index);
	RUN(the_shipped_rules_mean_the_same_without_index);
	buf_fini(&load_findings);
	return check_done("intent/index");
}
