/* Phrases for a topic, from the words that its messages share. In this order:
 *
 * 1. In every message, find which two shared words stand behind each other
 *    within six words of a sentence, and how close: that is what a phrase
 *    "a ~ b" can say.
 * 2. Take the pair that matches the most messages of the topic less those of
 *    other topics, then the pair that adds the most, and so on. Where pairs do
 *    not reach, the one word that does. */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MEMBERS_MAX    200 /* looked at */
#define GAP_NONE       7
#define FORMS_SHOWN    6
#define BASE_LEAST     4 /* bytes of a word before its endings */
/* Where pairs cover less than this, a word alone may do. */
#define SINGLE_PERCENT 50

static const char *const reach_signs[REACHES] = {" ", " ~ ", " ~~ "};
static const unsigned reach_words[REACHES] = {0, 3, 6};

/* The words between each two shared stems, at least; GAP_NONE: not so. Of one
 * and the same: 0 where it is there. */
struct sight {
	unsigned char gap[TOPIC_MAX_STEMS][TOPIC_MAX_STEMS];
};

struct chooser {
	struct draft *draft;
	const struct clusters *cs;
	const struct topic *t;
	size_t members; /* looked at */
	struct sight *sights;
	bool *covered;
	/* messages of other topics, by pair and reach */
	size_t outside[TOPIC_MAX_STEMS][TOPIC_MAX_STEMS][REACHES];
};

/* Messages of the topic that are looked at. */
static size_t members_of(const struct topic *t)
{
	return t->seen.count < MEMBERS_MAX ? t->seen.count : MEMBERS_MAX;
}

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

static void see(const struct chooser *c, size_t message, struct sight *s)
{
	const struct corpus *corpus = &c->cs->corpus;
	size_t places[CORPUS_MAX_TOKENS], stems[CORPUS_MAX_TOKENS], n = 0;

	memset(s, GAP_NONE, sizeof(*s));
	for (size_t i = corpus->starts[message];
	     i < corpus->starts[message + 1]; i++) {
		size_t stem = c->t->stem_count;

		if (corpus->tokens[i] == CORPUS_BREAK)
			n = 0; /* no phrase crosses it */
		else
			stem = local_stem(
				c->t, corpus->surfaces[corpus->tokens[i]].stem);
		if (stem == c->t->stem_count)
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

static void count_outside(struct chooser *c, const struct sight *s)
{
	for (size_t a = 0; a < c->t->stem_count; a++) {
		for (size_t b = 0; b < c->t->stem_count; b++) {
			for (size_t r = 0; r < REACHES; r++)
				c->outside[a][b][r] +=
					s->gap[a][b] <= reach_words[r];
		}
	}
}

static void see_all(struct chooser *c)
{
	const struct topic *t = c->t;
	struct sight s;

	c->members = members_of(t);
	c->sights = xcalloc(c->members + 1, sizeof(*c->sights));
	c->covered = xcalloc(c->members + 1, sizeof(*c->covered));
	for (size_t i = 0; i < c->members; i++)
		see(c, t->members[i], &c->sights[i]);
	for (size_t m = 0; m < c->cs->corpus.count; m++) {
		if (c->cs->topic_of[m] == (uint32_t)(t - c->cs->topics))
			continue;
		see(c, m, &s);
		count_outside(c, &s);
	}
}

/* ---- 2. choosing phrases ---------------------------------------------- */

static size_t count_within(const struct chooser *c, size_t a, size_t b,
			   enum reach reach, bool only_new)
{
	size_t n = 0;

	for (size_t i = 0; i < c->members; i++) {
		if (c->sights[i].gap[a][b] <= reach_words[reach] &&
		    !(only_new && c->covered[i]))
			n++;
	}
	return n;
}

/* The tightest reach that loses hardly a message. */
static enum reach reach_of(const struct chooser *c, size_t a, size_t b)
{
	size_t all = count_within(c, a, b, REACH_LONG, false);
	enum reach r = REACH_NEXT;

	while (r < REACH_LONG && count_within(c, a, b, r, false) * 10 < all * 9)
		r++;
	return r;
}

/* What the phrase is worth; 0 or less: nothing. */
static double worth(const struct chooser *c, const struct draft_phrase *p)
{
	size_t gain = count_within(c, p->a, p->b, p->reach, true);
	double share = (double)c->t->seen.count / (double)c->members;
	double outside = (double)c->outside[p->a][p->b][p->reach];

	if (gain == 0 || (p->a == p->b && gain < 2))
		return 0;
	return (double)gain * share - (p->a == p->b ? 3 : 1) * outside;
}

static void take(struct chooser *c, const struct draft_phrase *p)
{
	c->draft->phrases[c->draft->phrase_count++] = *p;
	for (size_t i = 0; i < c->members; i++) {
		if (c->sights[i].gap[p->a][p->b] <= reach_words[p->reach])
			c->covered[i] = true;
	}
}

/* The best pair, or word alone; false: none is worth it. */
static bool take_best(struct chooser *c, bool single)
{
	struct draft_phrase best = {0, 0, REACH_NEXT};
	double most = 0;

	for (size_t a = 0; a < c->t->stem_count; a++) {
		for (size_t b = 0; b < c->t->stem_count; b++) {
			struct draft_phrase p = {a, b, REACH_NEXT};
			double w;

			if ((a == b) != single)
				continue;
			p.reach = single ? REACH_NEXT : reach_of(c, a, b);
			w = worth(c, &p);
			if (w > most) {
				most = w;
				best = p;
			}
		}
	}
	if (most > 0)
		take(c, &best);
	return most > 0;
}

static size_t covered(const struct chooser *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->members; i++)
		n += c->covered[i];
	return n;
}

static void choose(struct chooser *c)
{
	while (c->draft->phrase_count < DRAFT_MAX_PHRASES &&
	       take_best(c, false))
		;
	if (c->draft->phrase_count < DRAFT_MAX_PHRASES &&
	    covered(c) * 100 < c->members * SINGLE_PERCENT)
		take_best(c, true);
	/* Better a wide one than none. */
	if (c->draft->phrase_count == 0 && c->t->stem_count > 0)
		take(c, &(struct draft_phrase){0, c->t->stem_count > 1 ? 1 : 0,
					       REACH_LONG});
}

void draft_choose(struct draft *draft, const struct clusters *cs,
		  const struct topic *topic)
{
	struct chooser *c = xcalloc(1, sizeof(*c));

	*draft = (struct draft){.cs = cs, .t = topic};
	c->draft = draft;
	c->cs = cs;
	c->t = topic;
	see_all(c);
	choose(c);
	free(c->sights);
	free(c->covered);
	free(c);
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

	for (size_t m = 0; m < members_of(d->t); m++) {
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

void draft_add_phrases(const struct draft *d, struct buf *out)
{
	buf_add_s(out, "    match:\n");
	for (size_t i = 0; i < d->phrase_count; i++) {
		const struct draft_phrase *p = &d->phrases[i];

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
