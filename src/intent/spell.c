/* Correcting typing errors; see spell.h. In this order:
 *
 * 1. letters held down: "pleeease" is tried with its runs of three and more cut
 *    to two, then to one;
 * 2. one slip (a letter missing, doubled, wrong, or two exchanged), from four
 *    letters on, if exactly one word of the rules is that near;
 * 3. two words run together, both known, one at least of the rules;
 * 4. two slips, from eight letters on, if exactly one word is that near and no
 *    common word is nearer ("suprised" is not "supposed").
 *
 * Words with digits are left alone: they are numbers and codes. */
#include "spell.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TARGET_MIN 3 /* letters of a word that an error may become */

/* ---- distance --------------------------------------------------------- */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned spell_distance(struct str a, struct str b, unsigned max)
{
	unsigned rows[3][WORD_MAX_BYTES + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.n > WORD_MAX_BYTES || b.n > WORD_MAX_BYTES ||
	    (a.n > b.n ? a.n - b.n : b.n - a.n) > max)
		return max + 1;
	for (size_t k = 0; k <= b.n; k++)
		above[k] = (unsigned)k;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned best = row[0] = (unsigned)i, *turn = before;

		for (size_t k = 1; k <= b.n; k++) {
			unsigned cost = a.p[i - 1] != b.p[k - 1];

			row[k] = least(above[k - 1] + cost,
				       least(above[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] &&
			    a.p[i - 2] == b.p[k - 1])
				row[k] = least(row[k], before[k - 2] + 1);
			best = least(best, row[k]);
		}
		if (best > max)
			return max + 1;
		before = above;
		above = row;
		row = turn;
	}
	return above[b.n] > max ? max + 1 : above[b.n];
}

/* ---- deletions -------------------------------------------------------- */

typedef void (*deletion_visitor)(void *arg, uint32_t hash);

/* The hash of a word is the polynomial of its letters, so that the hash of what
 * deleting one of them leaves is made of those of the pieces around it. */
#define BASE UINT64_C(0x9e3779b97f4a7c15)

static uint32_t mix(uint64_t polynomial)
{
	return (uint32_t)((polynomial ^ polynomial >> 32) * BASE >> 32);
}

/* The word itself and all that deleting up to `depth` letters leaves. */
static void deletions(const char *p, size_t n, size_t from, unsigned depth,
		      deletion_visitor each, void *arg)
{
	char shorter[WORD_MAX_BYTES];
	uint64_t heads[WORD_MAX_BYTES + 1] = {0}, tail = 0, power = 1;

	for (size_t i = 0; i < n; i++)
		heads[i + 1] = heads[i] * BASE + (unsigned char)p[i];
	each(arg, mix(heads[n]));
	if (depth == 0 || n < 2)
		return;
	for (size_t i = n; i-- > from;) {
		if (i > from && p[i] == p[i - 1]) {
			/* deleting the one before it leaves the same */
		} else if (depth == 1) {
			each(arg, mix(heads[i] * power + tail));
		} else {
			memcpy(shorter, p, i);
			memcpy(shorter + i, p + i + 1, n - i - 1);
			deletions(shorter, n - 1, i, depth - 1, each, arg);
		}
		tail += (unsigned char)p[i] * power;
		power *= BASE;
	}
}

static unsigned slips_of(size_t letters)
{
	return letters >= SPELL_TWO_LENGTH   ? 2
	       : letters >= SPELL_MIN_LENGTH ? 1
					     : 0;
}

/* ---- building --------------------------------------------------------- */

struct builder {
	struct spell *spell;
	uint32_t word; /* id */
};

static void add(void *arg, uint32_t hash)
{
	const struct builder *b = arg;
	unsigned bits = b->spell->id_bits;

	buckets_add(&b->spell->buckets, hash, hash >> bits << bits | b->word);
}

/* A word of the rules can be reached by what is two letters shorter. */
static bool is_target(const struct word *w)
{
	if (!w->rule || w->text.n < TARGET_MIN ||
	    w->text.n > WORD_MAX_BYTES - 2 || w->text.p[0] == '<')
		return false;
	for (size_t i = 0; i < w->text.n; i++) {
		if (is_digit(w->text.p[i]))
			return false;
	}
	return true;
}

void spell_build(struct spell *s, const struct lexicon *lexicon)
{
	struct builder b = {.spell = s};

	*s = (struct spell){0};
	while (lexicon->count >> s->id_bits > 0)
		s->id_bits++;
	for (size_t i = 0; i < lexicon->count; i++) {
		const struct word *w = lexicon->list[i];

		b.word = w->id;
		if (!is_target(w))
			continue;
		if (w->text.n > s->longest)
			s->longest = w->text.n;
		deletions(w->text.p, w->text.n, 0,
			  w->text.n + 2 >= SPELL_TWO_LENGTH ? 2 : 1, add, &b);
	}
	buckets_sort(&s->buckets);
}

void spell_fini(struct spell *s)
{
	buckets_fini(&s->buckets);
	*s = (struct spell){0};
}

/* ---- one near word ---------------------------------------------------- */

struct search {
	const struct spell *spell;
	const struct lexicon *lexicon;
	struct str word;
	unsigned max;
	const struct word *best;
	unsigned best_distance;
	bool several;
};

static void consider(struct search *s, const struct word *w)
{
	unsigned d;

	if (w == s->best)
		return;
	d = spell_distance(s->word, w->text, s->max);
	if (d > s->max || d > s->best_distance)
		return;
	s->several = d == s->best_distance;
	s->best = w;
	s->best_distance = d;
}

static void look(void *arg, uint32_t hash)
{
	struct search *s = arg;
	const struct spell *spell = s->spell;
	const uint32_t *at = buckets_at(&spell->buckets, hash);
	uint32_t ids = (UINT32_C(1) << spell->id_bits) - 1;

	for (uint32_t i = at[0]; i < at[1]; i++) {
		uint32_t item = spell->buckets.items[i];

		if ((item ^ hash) <= ids)
			consider(s, s->lexicon->list[item & ids]);
	}
}

/* NULL: none, or more than one. */
static const struct word *nearest(const struct spell *spell,
				  const struct lexicon *lexicon,
				  struct str word, unsigned max)
{
	struct search s = {spell, lexicon, word, max, NULL, max + 1, false};

	if (word.n > spell->longest + max)
		return NULL; /* hashtags, and who wants to keep us busy */
	deletions(word.p, word.n, 0, max, look, &s);
	return s.several ? NULL : s.best;
}

/* ---- held-down letters ------------------------------------------------ */

static size_t squeeze(struct str word, size_t most, char *out)
{
	size_t n = 0, run = 0;
	bool changed = false;

	for (size_t i = 0; i < word.n; i++) {
		size_t ahead = 1;

		run = i > 0 && word.p[i] == word.p[i - 1] ? run + 1 : 1;
		while (i + ahead < word.n && word.p[i + ahead] == word.p[i])
			ahead++;
		if (run + ahead - 1 >= 3 && run > most) {
			changed = true;
			continue;
		}
		out[n++] = word.p[i];
	}
	return changed ? n : 0;
}

static struct str known(const struct lexicon *lexicon, struct str word)
{
	const struct word *w = lexicon_find(lexicon, word);

	return w != NULL && w->rule ? w->text : STR_NONE;
}

/* ---- run together ----------------------------------------------------- */

static bool stands_alone(struct str piece)
{
	return piece.n >= 2 || str_is(piece, "i") || str_is(piece, "a");
}

/* How sure a split is: 0 not at all; the shorter piece's length, and more
 * where both are words of the rules. */
static size_t split_score(const struct lexicon *lexicon,
			  const struct wordset *protected, struct str left,
			  struct str right)
{
	size_t shorter = left.n < right.n ? left.n : right.n, ruled;
	bool l, r;

	if (!stands_alone(left) || !stands_alone(right))
		return 0;
	l = known(lexicon, left).p != NULL;
	r = known(lexicon, right).p != NULL;
	ruled = l ? left.n : right.n;
	if (l && r)
		return 100 + shorter;
	if ((l || r) && shorter >= 3 && ruled >= 4 &&
	    wordset_has(protected, l ? right : left))
		return shorter;
	return 0;
}

static size_t split(const struct lexicon *lexicon,
		    const struct wordset *protected, struct str word,
		    struct str out[2])
{
	size_t best = 0;

	if (word.n < 5)
		return 0;
	for (size_t i = 1; i < word.n; i++) {
		struct str left = {word.p, i};
		struct str right = {word.p + i, word.n - i};
		size_t score = split_score(lexicon, protected, left, right);

		if (score > best) {
			best = score;
			out[0] = left;
			out[1] = right;
		}
	}
	return best > 0 ? 2 : 0;
}

#define RUN_MIN 8 /* letters of three words and more */

/* How a word is cut up to a place: the last cut, and in how many pieces. */
struct way {
	unsigned char from, pieces; /* 0: not at all */
};

static bool is_better(const struct way *ways, size_t from, size_t to)
{
	unsigned pieces = ways[from].pieces + 1u;

	return (from == 0 || pieces > 1) && pieces <= SPELL_PARTS &&
	       (ways[to].pieces == 0 || pieces < ways[to].pieces);
}

/* Three words and more, all of the rules: as few as it can be. */
static size_t split_run(const struct lexicon *lexicon, size_t longest,
			struct str word, struct str out[SPELL_PARTS])
{
	struct way ways[WORD_MAX_BYTES + 1] = {{0, 0}};
	size_t to = word.n;

	if (word.n < RUN_MIN)
		return 0;
	for (size_t end = 1; end <= word.n; end++)
		for (size_t i = end > longest ? end - longest : 0; i < end;
		     i++) {
			struct str piece = {word.p + i, end - i};

			if (is_better(ways, i, end) && stands_alone(piece) &&
			    known(lexicon, piece).p != NULL)
				ways[end] = (struct way){
					(unsigned char)i,
					(unsigned char)(ways[i].pieces + 1)};
		}
	for (size_t k = ways[word.n].pieces; k > 0; to = ways[to].from)
		out[--k] = (struct str){word.p + ways[to].from,
					to - ways[to].from};
	return ways[word.n].pieces;
}

/* ---- a common word is nearer ------------------------------------------ */

/* Tries all that one slip makes of the word; only for the few words that two
 * slips would correct. */
static bool is_near_common(const struct wordset *common, struct str word)
{
	char other[WORD_MAX_BYTES + 1];
	size_t n = word.n;

	for (size_t i = 0; i <= n; i++) {
		memcpy(other, word.p, i);
		if (i < n) { /* a letter too many */
			memcpy(other + i, word.p + i + 1, n - i - 1);
			if (wordset_has(common, (struct str){other, n - 1}))
				return true;
			memcpy(other + i + 1, word.p + i + 1, n - i - 1);
		}
		if (i + 1 < n) { /* two exchanged */
			other[i] = word.p[i + 1];
			other[i + 1] = word.p[i];
			if (wordset_has(common, (struct str){other, n}))
				return true;
			other[i + 1] = word.p[i + 1];
		}
		for (char c = 'a'; i < n && c <= 'z'; c++) { /* wrong */
			other[i] = c;
			if (wordset_has(common, (struct str){other, n}))
				return true;
		}
		memcpy(other + i + 1, word.p + i, n - i);
		for (char c = 'a'; c <= 'z'; c++) { /* missing */
			other[i] = c;
			if (wordset_has(common, (struct str){other, n + 1}))
				return true;
		}
	}
	return false;
}

size_t spell_correct(const struct spell *spell, const struct lexicon *lexicon,
		     const struct wordset *protected, struct str word,
		     struct str out[SPELL_PARTS])
{
	char squeezed[WORD_MAX_BYTES];
	const struct word *w;
	unsigned slips = slips_of(word.n);

	if (slips == 0 || word.n > WORD_MAX_BYTES - 2 ||
	    spell->buckets.count == 0)
		return 0;
	for (size_t i = 0; i < word.n; i++) {
		if (is_digit(word.p[i]))
			return 0;
	}
	for (size_t most = 2; most >= 1; most--) {
		size_t n = squeeze(word, most, squeezed);

		out[0] = n == 0 ? STR_NONE
				: known(lexicon, (struct str){squeezed, n});
		if (out[0].p != NULL)
			return 1;
	}
	w = nearest(spell, lexicon, word, 1);
	if (w == NULL && split(lexicon, protected, word, out) == 2)
		return 2;
	if (w == NULL && slips == 2)
		w = nearest(spell, lexicon, word, 2);
	if (w == NULL)
		return split_run(lexicon, spell->longest, word, out);
	if (spell_distance(word, w->text, 1) > 1 &&
	    is_near_common(protected, word))
		return 0;
	out[0] = w->text;
	return 1;
}
