/* From messages to stems; see corpus.h. In this order:
 *
 * 1. fold, cut into words; links, @names and whatever holds a digit (or the "#"
 *    that a digit was masked as) say nothing;
 * 2. count in how many messages each word stands;
 * 3. a rare word that is one slip away from a much commoner one is that one;
 * 4. weigh the stems: the rarer, the more one says, ln(1 + messages / messages
 *    that have it); but what only a handful have joins nothing and only keeps
 *    apart what belongs together, so it weighs less again.
 */
#include "corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "fold.h"
#include "lexicon.h"
#include "spell.h"

#define SLIP_LETTERS 5 /* at least, of a word that may be misspelt */
#define SLIP_RARE    2 /* messages that have it, at most */
#define SLIP_OFTEN   5 /* messages that have the right one, at least */
#define HANDFUL_MAX  8
#define STEM_LEAST   3 /* letters that endings leave */

/* Words of talk in English and German. What is not here and stands in most
 * messages weighs little as well. */
static const char common_words[] =
	"a about after again all also always am an and any anyone "
	"anything are as ask asked at be because been before being but by "
	"can cannot cant could couldnt d dear did didnt do does doesnt "
	"doing dont even ever for from get getting give go going good got "
	"had has hasnt have havent having he hello help her here hey hi "
	"him his how i id if ill im in into is isnt it its ive just "
	"kindly know let like ll m make many may me mine more much must "
	"my myself need no not now of off ok okay on one only or other "
	"our out over own please pls plz possible question re really s "
	"said say see she should since so some someone something sorry "
	"still such sure t tell than thank thanks that thats the their "
	"them then there these they thing this those to too try trying u "
	"up ur us use ve very want wanted was way we well were what whats "
	"which while who whose will with wont would yes yet you your "
	"yours "
	/* German */
	"aber als am an auch auf aus bei bin bis bitte da danke das dass "
	"dem den der des die dies diese dieser dieses du ein eine einem "
	"einen einer er es euch euer eure fur gibt hab habe haben hallo "
	"hat hatte ich ihr ihre im in ist ja kann kein keine konnen man "
	"mein meine meinem meinen meiner mich mir mit mochte muss nach "
	"nein nicht noch nur oder ob schon sehr sein seit sich sie sind "
	"so uber um und uns von vom wann war warum was wenn werden wie "
	"wieder wir wird wo zu zum zur ";

/* ---- 1. words --------------------------------------------------------- */

static bool ends_with(struct str s, const char *ending)
{
	size_t n = strlen(ending);

	return s.n >= n + STEM_LEAST && memcmp(s.p + s.n - n, ending, n) == 0;
}

static bool has_vowel(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("aeiouy", s.p[i]) != NULL || (s.p[i] & 0x80) != 0)
			return true;
	}
	return false;
}

/* "shipp" is "ship"; but "full" stays. */
static struct str undouble(struct str s)
{
	if (s.n > STEM_LEAST && s.p[s.n - 1] == s.p[s.n - 2] &&
	    strchr("bdgmnprt", s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

static struct str without(struct str s, const char *ending)
{
	struct str shorter = {s.p, s.n - strlen(ending)};

	if (!ends_with(s, ending) || !has_vowel(shorter))
		return s;
	return undouble(shorter);
}

/* A handful of English endings: enough for "order" and "orders", "ship",
 * "shipped" and "shipping", harmless elsewhere. */
static struct str stem_of(struct str s)
{
	struct str cut = s;

	if (ends_with(s, "s") && !ends_with(s, "ss") && !ends_with(s, "us") &&
	    !ends_with(s, "is"))
		cut.n -= ends_with(s, "ies") ? 2 : 1;
	s = cut;
	cut = without(cut, "ing");
	if (cut.n == s.n)
		cut = without(cut, "ed");
	if (ends_with(cut, "e"))
		cut.n--;
	if (ends_with(cut, "y")) /* "deliver(y)", "deliveri(es)" */
		cut.n--;
	else if (ends_with(cut, "i"))
		cut.n--;
	return cut;
}

static uint32_t stem_number(struct corpus *c, struct str text)
{
	size_t known = (size_t)map_get(c->stem_of, text);

	if (known != 0)
		return (uint32_t)known - 1;
	if (c->stem_count == c->stem_cap) {
		c->stem_cap = c->stem_cap * 2 + 256;
		c->stems =
			xreallocarray(c->stems, c->stem_cap, sizeof(*c->stems));
	}
	c->stems[c->stem_count] =
		(struct stem){arena_str(&c->arena, text), 0, 0};
	map_set(c->stem_of, text, (void *)(c->stem_count + 1));
	return (uint32_t)c->stem_count++;
}

static uint32_t surface_number(struct corpus *c, struct str text)
{
	size_t known = (size_t)map_get(c->surface_of, text);

	if (known != 0)
		return (uint32_t)known - 1;
	if (c->surface_count == c->surface_cap) {
		c->surface_cap = c->surface_cap * 2 + 256;
		c->surfaces = xreallocarray(c->surfaces, c->surface_cap,
					    sizeof(*c->surfaces));
	}
	c->surfaces[c->surface_count] = (struct surface){
		.text = arena_str(&c->arena, text),
		.stem = stem_number(c, stem_of(text)),
	};
	map_set(c->surface_of, text, (void *)(c->surface_count + 1));
	return (uint32_t)c->surface_count++;
}

static void add_token(struct corpus *c, uint32_t token)
{
	if (c->token_count == c->token_cap) {
		c->token_cap = c->token_cap * 2 + 4096;
		c->tokens = xreallocarray(c->tokens, c->token_cap,
					  sizeof(*c->tokens));
	}
	c->tokens[c->token_count++] = token;
}

/* The word at `p`, its apostrophes left out, to `out`; `*took` bytes were
 * read. Empty where it is too long. */
static struct str read_word(const char *p, size_t n, char out[WORD_MAX_BYTES],
			    size_t *took)
{
	struct str word = {out, 0};
	size_t i = 0, len;
	bool fits = true;

	while (i < n && ((len = fold_word_char(p + i, n - i)) > 0 ||
			 (p[i] == '\'' && i + 1 < n &&
			  fold_word_char(p + i + 1, n - i - 1) > 0))) {
		if (len > 0 && word.n + len <= WORD_MAX_BYTES) {
			memcpy(out + word.n, p + i, len);
			word.n += len;
		} else if (len > 0) {
			fits = false;
		}
		i += len > 0 ? len : 1;
	}
	*took = i;
	if (!fits)
		word.n = 0;
	return word;
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i]))
			return true;
	}
	return false;
}

static size_t link_length(const char *p, size_t n)
{
	size_t i = 0;

	if (!(p[0] == '@') && !(n > 7 && memcmp(p, "http://", 7) == 0) &&
	    !(n > 8 && memcmp(p, "https://", 8) == 0) &&
	    !(n > 4 && memcmp(p, "www.", 4) == 0))
		return 0;
	while (i < n && p[i] != ' ' && p[i] != '\n')
		i++;
	return i;
}

static void read_message(struct corpus *c, struct fold *fold, struct str text)
{
	size_t from = c->token_count, i = 0, took;
	char room[WORD_MAX_BYTES];

	fold_text(fold, text);
	while (i < fold->n && c->token_count - from < CORPUS_MAX_TOKENS) {
		const char *p = fold->text + i;
		struct str word;

		took = link_length(p, fold->n - i);
		if (took > 0) {
			i += took;
			continue;
		}
		word = read_word(p, fold->n - i, room, &took);
		if (took == 0 && strchr(".!?;\n", *p) != NULL &&
		    c->token_count > from &&
		    c->tokens[c->token_count - 1] != CORPUS_BREAK)
			add_token(c, CORPUS_BREAK);
		i += took > 0 ? took : 1;
		if (word.n > 0 && !has_digit(word))
			add_token(c, surface_number(c, word));
	}
	while (c->token_count > from &&
	       c->tokens[c->token_count - 1] == CORPUS_BREAK)
		c->token_count--;
}

/* ---- 2. counting ------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Sorted and without doubles; how many are left. */
static size_t unique(uint32_t *list, size_t n)
{
	size_t out = 0;

	qsort(list, n, sizeof(*list), by_number);
	for (size_t i = 0; i < n; i++) {
		if (out == 0 || list[out - 1] != list[i])
			list[out++] = list[i];
	}
	return out;
}

static void count_surfaces(struct corpus *c)
{
	uint32_t list[CORPUS_MAX_TOKENS];

	for (size_t m = 0; m < c->count; m++) {
		size_t n = 0;

		for (size_t i = c->starts[m]; i < c->starts[m + 1]; i++) {
			if (c->tokens[i] != CORPUS_BREAK)
				list[n++] = c->tokens[i];
		}
		n = unique(list, n);
		for (size_t i = 0; i < n; i++)
			c->surfaces[list[i]].count++;
	}
}

/* Those of the list, and single letters. */
static void mark_common(struct corpus *c)
{
	struct str left = {common_words, sizeof(common_words) - 1};

	for (size_t i = 0; i < c->surface_count; i++)
		c->surfaces[i].common = c->surfaces[i].text.n == 1;
	while (left.n > 0) {
		size_t n = strcspn(left.p, " ");
		size_t known =
			(size_t)map_get(c->surface_of, (struct str){left.p, n});

		if (known != 0)
			c->surfaces[known - 1].common = true;
		n = n < left.n ? n + 1 : n;
		left = (struct str){left.p + n, left.n - n};
	}
}

size_t corpus_stems(const struct corpus *c, size_t m,
		    uint32_t out[CORPUS_MAX_TOKENS])
{
	size_t n = 0;

	for (int all = 0; all < 2 && n == 0; all++) {
		for (size_t i = c->starts[m]; i < c->starts[m + 1]; i++) {
			uint32_t t = c->tokens[i];

			if (t != CORPUS_BREAK &&
			    (all != 0 || !c->surfaces[t].common))
				out[n++] = c->surfaces[t].stem;
		}
	}
	return unique(out, n);
}

/* ---- 3. slips --------------------------------------------------------- */

/* Which of two words a misspelling more likely means. */
static bool is_likelier(const struct surface *a, const struct surface *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return str_cmp(a->text, b->text) < 0;
}

/* The word without its byte `i`; whole where it has none there. */
static struct str less_one(struct str word, size_t i, char room[WORD_MAX_BYTES])
{
	if (i == word.n)
		return word;
	memcpy(room, word.p, i);
	memcpy(room + i, word.p + i + 1, word.n - i - 1);
	return (struct str){room, word.n - 1};
}

/* Files the often used word under itself and what one missing letter leaves,
 * the likelier one where two meet. */
static void file_often(struct corpus *c, struct map *near, uint32_t number)
{
	const struct surface *s = &c->surfaces[number];
	char room[WORD_MAX_BYTES];

	for (size_t i = 0; i <= s->text.n; i++) {
		struct str key = less_one(s->text, i, room);
		size_t held = (size_t)map_get(near, key);

		if (held == 0 || is_likelier(s, &c->surfaces[held - 1]))
			map_set(near, key, (void *)((size_t)number + 1));
	}
}

static const struct surface *meant_by(const struct corpus *c,
				      const struct map *near,
				      const struct surface *rare)
{
	const struct surface *best = NULL;
	char room[WORD_MAX_BYTES];

	for (size_t i = 0; i <= rare->text.n; i++) {
		struct str key = less_one(rare->text, i, room);
		size_t held = (size_t)map_get(near, key);

		if (held != 0 &&
		    (best == NULL ||
		     is_likelier(&c->surfaces[held - 1], best)) &&
		    spell_distance(rare->text, c->surfaces[held - 1].text, 1) <=
			    1)
			best = &c->surfaces[held - 1];
	}
	return best;
}

static void mend_slips(struct corpus *c)
{
	struct map *near = map_new();

	for (size_t i = 0; i < c->surface_count; i++) {
		const struct surface *s = &c->surfaces[i];

		if (s->count >= SLIP_OFTEN && s->text.n >= SLIP_LETTERS - 1)
			file_often(c, near, (uint32_t)i);
	}
	for (size_t i = 0; i < c->surface_count; i++) {
		struct surface *s = &c->surfaces[i];
		const struct surface *meant;

		if (s->count > SLIP_RARE || s->text.n < SLIP_LETTERS ||
		    s->common)
			continue;
		meant = meant_by(c, near, s);
		if (meant != NULL && meant->stem != s->stem) {
			s->stem = meant->stem;
			s->common = meant->common;
			s->slip = true;
		}
	}
	map_free(&near);
}

/* ---- 4. weights ------------------------------------------------------- */

static void weigh(struct corpus *c)
{
	uint32_t list[CORPUS_MAX_TOKENS];
	size_t spoken = 0;
	double handful;

	for (size_t m = 0; m < c->count; m++) {
		size_t n = corpus_stems(c, m, list);

		spoken += n > 0;
		for (size_t i = 0; i < n; i++)
			c->stems[list[i]].count++;
	}
	handful = sqrt((double)spoken) / 8;
	handful = handful < 2             ? 2
		  : handful > HANDFUL_MAX ? HANDFUL_MAX
					  : handful;
	for (size_t i = 0; i < c->stem_count; i++) {
		struct stem *s = &c->stems[i];

		if (s->count == 0)
			continue;
		s->weight = log(1 + (double)spoken / s->count);
		if (s->count < handful)
			s->weight *= s->count / handful;
	}
}

/* ---- all -------------------------------------------------------------- */

void corpus_init(struct corpus *c, const struct cluster_message *messages,
		 size_t n)
{
	struct fold *fold = xmalloc(sizeof(*fold));

	*c = (struct corpus){
		.messages = messages,
		.count = n < CLUSTER_MAX_MESSAGES ? n : CLUSTER_MAX_MESSAGES,
		.surface_of = map_new(),
		.stem_of = map_new(),
	};
	arena_init(&c->arena);
	c->starts = xcalloc(c->count + 1, sizeof(*c->starts));
	for (size_t m = 0; m < c->count; m++) {
		read_message(c, fold, messages[m].text);
		c->starts[m + 1] = c->token_count;
	}
	free(fold);
	count_surfaces(c);
	mark_common(c);
	mend_slips(c);
	weigh(c);
}

void corpus_fini(struct corpus *c)
{
	map_free(&c->surface_of);
	map_free(&c->stem_of);
	free(c->tokens);
	free(c->starts);
	free(c->surfaces);
	free(c->stems);
	arena_fini(&c->arena);
}
