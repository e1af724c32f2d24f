/* A first intent for a cluster, for the operator to finish; see
 * intent/cluster.h. In this order:
 *
 * 1. In every message, find which two shared words stand behind each other
 *    within six words of a sentence, and how close: that is what a phrase
 *    "a ~ b" can say.
 * 2. Take the pair that matches the most messages of the cluster less those of
 *    other clusters, then the pair that adds the most, and so on. Where pairs
 * do not reach, the one word that does.
 * 3. Load these phrases as an intent and match the messages, so that what
 * stands under `examples:` is matched for certain; the others are only
 * comments. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "intent/cluster.h"
#include "intent/intent.h"
#include "topic.h"

#define PHRASES_MAX    5
#define EXAMPLES_MAX   8
#define EXAMPLE_POINTS 200 /* code points; longer ones are left out */
#define MEMBERS_MAX    200 /* looked at */
#define GAP_NONE       7
#define FORMS_SHOWN    6
#define BASE_LEAST     4 /* bytes of a word before its endings */
#define SINGLE_PERCENT                                                         \
	50 /* pairs cover less than this: a word alone may do                  \
	    */

enum reach {
	REACH_NEXT,  /* "a b" */
	REACH_SHORT, /* "a ~ b" */
	REACH_LONG,  /* "a ~~ b" */
	REACHES,
};

static const char *const reach_signs[REACHES] = {" ", " ~ ", " ~~ "};
static const unsigned reach_words[REACHES] = {0, 3, 6};

/* The words between each two shared stems, at least; GAP_NONE: not so. Of one
 * and the same: 0 where it is there. */
struct sight {
	unsigned char gap[TOPIC_MAX_STEMS][TOPIC_MAX_STEMS];
};

struct phrase {
	size_t a, b; /* of the topic's stems; equal: a word alone */
	enum reach reach;
};

struct draft {
	const struct clusters *cs;
	const struct topic *t;
	size_t members; /* looked at */
	struct sight *sights;
	bool *covered;
	/* messages of other clusters, by pair and reach */
	size_t outside[TOPIC_MAX_STEMS][TOPIC_MAX_STEMS][REACHES];
	struct phrase phrases[PHRASES_MAX];
	size_t phrase_count;
};

/* ---- 1. what stands where --------------------------------------------- */

static size_t local_stem(const struct topic *t, uint32_t stem)
{
	size_t i = 0;

	while (i < t->stem_count && t->stems[i] != stem)
		i++;
	return i;
}

static void see_pair(struct sight *s, size_t a, size_t b, size_t words_between)
{
	if (words_between < s->gap[a][b])
		s->gap[a][b] = (unsigned char)words_between;
}

static void see(const struct draft *d, size_t message, struct sight *s)
{
	const struct corpus *c = &d->cs->corpus;
	size_t places[CORPUS_MAX_TOKENS], stems[CORPUS_MAX_TOKENS], n = 0;

	memset(s, GAP_NONE, sizeof(*s));
	for (size_t i = c->starts[message]; i < c->starts[message + 1]; i++) {
		size_t stem = d->t->stem_count;

		if (c->tokens[i] == CORPUS_BREAK)
			n = 0; /* no phrase crosses it */
		else
			stem = local_stem(d->t, c->surfaces[c->tokens[i]].stem);
		if (stem == d->t->stem_count)
			continue;
		s->gap[stem][stem] = 0;
		for (size_t k = 0; k < n; k++) {
			if (stems[k] != stem && i - places[k] <= GAP_NONE)
				see_pair(s, stems[k], stem, i - places[k] - 1);
		}
		places[n] = i;
		stems[n++] = stem;
	}
}

static void count_outside(struct draft *d, const struct sight *s)
{
	for (size_t a = 0; a < d->t->stem_count; a++) {
		for (size_t b = 0; b < d->t->stem_count; b++) {
			for (size_t r = 0; r < REACHES; r++)
				d->outside[a][b][r] +=
					s->gap[a][b] <= reach_words[r];
		}
	}
}

static void see_all(struct draft *d)
{
	const struct topic *t = d->t;
	struct sight s;

	d->members = t->seen.count < MEMBERS_MAX ? t->seen.count : MEMBERS_MAX;
	d->sights = xcalloc(d->members + 1, sizeof(*d->sights));
	d->covered = xcalloc(d->members + 1, sizeof(*d->covered));
	for (size_t i = 0; i < d->members; i++)
		see(d, t->members[i], &d->sights[i]);
	for (size_t m = 0; m < d->cs->corpus.count; m++) {
		if (d->cs->topic_of[m] == (uint32_t)(t - d->cs->topics))
			continue;
		see(d, m, &s);
		count_outside(d, &s);
	}
}

/* ---- 2. choosing phrases ---------------------------------------------- */

static size_t count_within(const struct draft *d, size_t a, size_t b,
			   enum reach reach, bool only_new)
{
	size_t n = 0;

	for (size_t i = 0; i < d->members; i++) {
		if (d->sights[i].gap[a][b] <= reach_words[reach] &&
		    !(only_new && d->covered[i]))
			n++;
	}
	return n;
}

/* The tightest reach that loses hardly a message. */
static enum reach reach_of(const struct draft *d, size_t a, size_t b)
{
	size_t all = count_within(d, a, b, REACH_LONG, false);
	enum reach r = REACH_NEXT;

	while (r < REACH_LONG && count_within(d, a, b, r, false) * 10 < all * 9)
		r++;
	return r;
}

/* What the phrase is worth; 0 or less: nothing. */
static double worth(const struct draft *d, const struct phrase *p)
{
	size_t gain = count_within(d, p->a, p->b, p->reach, true);
	double share = (double)d->t->seen.count / (double)d->members;
	double outside = (double)d->outside[p->a][p->b][p->reach];

	if (gain == 0 || (p->a == p->b && gain < 2))
		return 0;
	return (double)gain * share - (p->a == p->b ? 3 : 1) * outside;
}

static void take(struct draft *d, const struct phrase *p)
{
	d->phrases[d->phrase_count++] = *p;
	for (size_t i = 0; i < d->members; i++) {
		if (d->sights[i].gap[p->a][p->b] <= reach_words[p->reach])
			d->covered[i] = true;
	}
}

/* The best pair, or word alone; false: none is worth it. */
static bool take_best(struct draft *d, bool single)
{
	struct phrase best = {0, 0, REACH_NEXT};
	double most = 0;

	for (size_t a = 0; a < d->t->stem_count; a++) {
		for (size_t b = 0; b < d->t->stem_count; b++) {
			struct phrase p = {a, b, REACH_NEXT};
			double w;

			if ((a == b) != single)
				continue;
			p.reach = single ? REACH_NEXT : reach_of(d, a, b);
			w = worth(d, &p);
			if (w > most) {
				most = w;
				best = p;
			}
		}
	}
	if (most > 0)
		take(d, &best);
	return most > 0;
}

static size_t covered(const struct draft *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->members; i++)
		n += d->covered[i];
	return n;
}

static void choose(struct draft *d)
{
	while (d->phrase_count < PHRASES_MAX && take_best(d, false))
		;
	if (d->phrase_count < PHRASES_MAX &&
	    covered(d) * 100 < d->members * SINGLE_PERCENT)
		take_best(d, true);
	/* Better a wide one than none. */
	if (d->phrase_count == 0 && d->t->stem_count > 0)
		take(d, &(struct phrase){0, d->t->stem_count > 1 ? 1 : 0,
					 REACH_LONG});
}

/* ---- writing phrases -------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The ways in which the topic's messages write the stem, by alphabet. */
static size_t forms_of(const struct draft *d, uint32_t stem,
		       struct str out[FORMS_SHOWN])
{
	const struct corpus *c = &d->cs->corpus;
	size_t n = 0;

	for (size_t m = 0; m < d->members; m++) {
		size_t message = d->t->members[m];

		for (size_t i = c->starts[message]; i < c->starts[message + 1];
		     i++) {
			const struct surface *s =
				c->tokens[i] == CORPUS_BREAK
					? NULL
					: &c->surfaces[c->tokens[i]];
			size_t k = 0;

			if (s == NULL || s->stem != stem || s->slip)
				continue;
			while (k < n && !str_eq(out[k], s->text))
				k++;
			if (k == n && n < FORMS_SHOWN)
				out[n++] = s->text;
		}
	}
	if (n == 0)
		out[n++] = c->stems[stem].text;
	qsort(out, n, sizeof(*out), by_text);
	return n;
}

/* Bytes that all forms begin with. */
static size_t common_start(const struct str *forms, size_t n)
{
	size_t len = forms[0].n;

	for (size_t i = 1; i < n; i++) {
		size_t k = 0;

		while (k < len && k < forms[i].n &&
		       forms[i].p[k] == forms[0].p[k])
			k++;
		len = k;
	}
	return len;
}

/* "card", "card(s)", "chang(e|ed|ing)", or "(went|gone)" where what they share
 * is too short to be read. */
static void add_word(const struct draft *d, size_t local, struct buf *out)
{
	struct str forms[FORMS_SHOWN];
	size_t n = forms_of(d, d->t->stems[local], forms);
	size_t base = common_start(forms, n);
	bool first = true;

	if (base < BASE_LEAST && base < forms[0].n)
		base = 0;
	buf_add(out, forms[0].p, base);
	if (n == 1)
		return;
	buf_add_c(out, '(');
	for (size_t i = 0; i < n; i++) {
		if (forms[i].n == base)
			continue; /* the bare word goes without saying */
		if (!first)
			buf_add_c(out, '|');
		buf_add(out, forms[i].p + base, forms[i].n - base);
		first = false;
	}
	buf_add_c(out, ')');
}

static void add_phrases(const struct draft *d, struct buf *out)
{
	buf_add_s(out, "    match:\n");
	for (size_t i = 0; i < d->phrase_count; i++) {
		const struct phrase *p = &d->phrases[i];

		buf_add_s(out, "      - '");
		add_word(d, p->a, out);
		if (p->a != p->b) {
			buf_add_s(out, reach_signs[p->reach]);
			add_word(d, p->b, out);
		}
		buf_add_c(out, '\'');
		if (p->a == p->b)
			buf_add_s(out, " # a word alone is wide: narrow it");
		buf_add_c(out, '\n');
	}
}

/* ---- 3. examples ------------------------------------------------------ */

/* What YAML does not take, and what would end a line. */
static bool is_odd(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0xfeff || cp == 0xfffe || cp == 0xffff;
}

/* In single quotes, on one line. */
static void add_quoted(struct str text, struct buf *out)
{
	uint32_t cp;
	size_t took;

	buf_add_c(out, '\'');
	for (size_t i = 0; i < text.n; i += took) {
		took = utf8_decode(text.p + i, text.n - i, &cp);
		if (took == 0 || is_odd(cp)) {
			took = took == 0 ? 1 : took;
			buf_add_c(out, ' ');
			continue;
		}
		buf_add(out, text.p + i, took);
		if (cp == '\'')
			buf_add_c(out, '\'');
	}
	buf_add_c(out, '\'');
}

static struct catalog *load_phrases(const struct draft *d)
{
	const struct catalog_options options = {.no_jit = true,
						.skip_examples = true};
	struct intent_source source = {.name = "draft.yaml"};
	struct buf yaml = BUF_INIT;
	struct catalog *catalog;
	struct diags diags;

	buf_add_s(&yaml, "intents:\n  - name: draft\n    answer: yes\n");
	add_phrases(d, &yaml);
	source.text = buf_str(&yaml);
	diags_init(&diags);
	catalog = catalog_load(&source, 1, &options, &diags);
	diags_fini(&diags);
	buf_fini(&yaml);
	return catalog;
}

static bool matches(const struct catalog *catalog, struct matcher *matcher,
		    struct str text)
{
	struct match match;

	if (catalog == NULL)
		return false;
	match_message(catalog, matcher, text, NULL, &match);
	return match.outcome == OUTCOME_ANSWER;
}

struct examples {
	struct str matched[EXAMPLES_MAX], others[EXAMPLES_MAX];
	size_t matched_count, other_count;
};

static void add_example(struct str *list, size_t *n, struct str text)
{
	for (size_t i = 0; i < *n; i++) {
		if (str_eq(list[i], text))
			return;
	}
	if (*n < EXAMPLES_MAX)
		list[(*n)++] = text;
}

static void find_examples(const struct draft *d, struct examples *out)
{
	struct catalog *catalog = load_phrases(d);
	struct matcher *matcher = matcher_new();

	*out = (struct examples){.matched_count = 0};
	for (size_t i = 0; i < d->members; i++) {
		struct str text =
			str_trim(d->cs->corpus.messages[d->t->members[i]].text);

		if (utf8_count(text.p, text.n) > EXAMPLE_POINTS)
			continue;
		if (matches(catalog, matcher, text))
			add_example(out->matched, &out->matched_count, text);
		else
			add_example(out->others, &out->other_count, text);
	}
	matcher_free(&matcher);
	catalog_free(&catalog);
}

static void add_list(const char *before, const struct str *list, size_t n,
		     struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_s(out, before);
		add_quoted(list[i], out);
		buf_add_c(out, '\n');
	}
}

static void add_examples(const struct draft *d, struct buf *out)
{
	struct examples e;

	find_examples(d, &e);
	if (e.matched_count > 0) {
		buf_add_s(out, "    # As asked; digits and addresses are "
			       "masked.\n    examples:\n");
		add_list("      - ", e.matched, e.matched_count, out);
	}
	if (e.other_count > 0) {
		buf_add_s(out, "    # Alike, and not matched by these phrases "
			       "yet:\n");
		add_list("    #  - ", e.others, e.other_count, out);
	}
}

/* ---- all -------------------------------------------------------------- */

void cluster_draft(const struct clusters *cs, size_t i, struct buf *out)
{
	struct draft *d = xcalloc(1, sizeof(*d));
	const struct cluster *seen = &cs->topics[i].seen;

	d->cs = cs;
	d->t = &cs->topics[i];
	see_all(d);
	choose(d);
	buf_addf(out,
		 "  # Asked %zu times: %zu in the earlier half, %zu in the "
		 "later.\n"
		 "  - name: %s\n"
		 "    about: ",
		 seen->count, seen->count - seen->late, seen->late, seen->name);
	add_quoted(STR("FILL IN: what it is about, in one line"), out);
	buf_add_c(out, '\n');
	add_phrases(d, out);
	buf_add_s(out, "    # FILL IN the answer and take the # away; before "
		       "that it does not load.\n"
		       "    # answer:\n"
		       "    #   - 'What the shopper is to read.'\n");
	add_examples(d, out);
	free(d->sights);
	free(d->covered);
	free(d);
}
