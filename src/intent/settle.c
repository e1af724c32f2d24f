/* A phrase's tree made ready: names looked up, words brought into the form that
 * they have in normalised text; see phrase.h. */
#include <string.h>

#include "fold.h"
#include "lexicon.h"
#include "phrase.h"

/* ---- names ------------------------------------------------------------ */

bool phrase_resolve(struct alt *alt, phrase_resolver resolve, void *arg,
		    struct phrase_fault *fault)
{
	for (struct seq *s = alt->first; s != NULL; s = s->next) {
		for (struct part *p = s->first; p != NULL; p = p->next) {
			fault->at = p->at;
			if (p->kind == PART_REF && !resolve(arg, p, fault))
				return false;
			if (p->kind == PART_GROUP &&
			    !phrase_resolve(p->alt, resolve, arg, fault))
				return false;
		}
	}
	return true;
}

/* ---- words as they stand in normalised text --------------------------- */

static struct part *plain_part(struct arena *arena, enum part_kind kind,
			       struct str text)
{
	struct part *part = arena_alloc(arena, sizeof(*part));

	part->kind = kind;
	part->text = text;
	part->min = part->max = 1;
	return part;
}

/* Replaces `part` by the words of `list`, with spaces between. */
static void spread(struct arena *arena, struct part *part,
		   const struct str *list, size_t n)
{
	struct part *after = part->next;

	part->text = list[0];
	for (size_t i = 1; i < n; i++) {
		part->next = plain_part(arena, PART_SPACE, STR_NONE);
		part = part->next;
		part->next = plain_part(arena, PART_WORD, list[i]);
		part = part->next;
	}
	part->next = after;
}

#define PIECES_MAX 8

/* Without apostrophes (and a genitive's s), cut at hyphens. */
static size_t cut_word(struct str word, char *out, struct str pieces[])
{
	size_t n = 0, len = 0;

	if (word.n > 2 && memcmp(word.p + word.n - 2, "'s", 2) == 0)
		word.n -= 2;
	for (size_t i = 0; i <= word.n; i++) {
		if (i < word.n && word.p[i] == '\'')
			continue;
		if (i < word.n && word.p[i] != '-') {
			out[len++] = word.p[i];
			continue;
		}
		if (len > 0 && n < PIECES_MAX)
			pieces[n++] = (struct str){out, len};
		out += len;
		len = 0;
	}
	return n;
}

static void settle_word(struct arena *arena, struct part *part, bool whole,
			const struct lexicon *lexicon)
{
	struct buf folded = BUF_INIT;
	struct str pieces[PIECES_MAX];
	const struct word *known;
	size_t n;

	fold_into(&folded, part->text);
	part->text = arena_str(arena, buf_str(&folded));
	buf_fini(&folded);
	known = whole ? lexicon_find(lexicon, part->text) : NULL;
	if (known != NULL && known->becomes != NULL) {
		spread(arena, part, known->becomes, known->become_count);
		return;
	}
	n = cut_word(part->text, arena_alloc(arena, part->text.n + 1), pieces);
	if (n > 0)
		spread(arena, part, pieces, n);
	known = n == 1 && whole ? lexicon_find(lexicon, part->text) : NULL;
	if (known != NULL && known->becomes != NULL)
		spread(arena, part, known->becomes, known->become_count);
}

static void settle(struct arena *arena, struct alt *alt, bool left, bool right,
		   const struct lexicon *lexicon)
{
	for (struct seq *s = alt->first; s != NULL; s = s->next) {
		bool bounded = left;

		for (struct part *p = s->first, *next; p != NULL; p = next) {
			bool ends;

			next = p->next;
			ends = next == NULL ? right
					    : part_separates(next) ||
						      part_opens_apart(next) ||
						      part_is_anchor(next);
			if (p->kind == PART_GROUP)
				settle(arena, p->alt, bounded && !p->ending,
				       ends && !p->ending, lexicon);
			if (p->kind == PART_WORD)
				settle_word(arena, p,
					    bounded && ends && p->max == 1 &&
						    p->min == 1,
					    lexicon);
			bounded = part_separates(p) || part_closes_apart(p) ||
				  part_is_anchor(p);
		}
	}
}

void phrase_settle(struct arena *arena, struct alt *alt,
		   const struct lexicon *lexicon)
{
	settle(arena, alt, true, true, lexicon);
}
