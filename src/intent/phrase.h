/* The phrase language: what an operator writes as evidence becomes a small
 * tree, and the tree becomes (emit.c) a PCRE2 pattern and (clause.c) the
 * clauses of words without which the pattern cannot match.
 *
 *   phrase  = sequence | sequence …
 *   space     between words        ~  ~~    a gap of up to 3, 6 words
 *   <name>    word group or entity ( … )    alternatives
 *   word(…)   endings, may be left out      all else: PCRE2, taken over as is
 *
 *   phrase_parse() ─▶ phrase_resolve() ─▶ phrase_settle() ─▶ phrase_emit(),
 *   phrase_words(), phrase_clauses()
 */
#ifndef INTENT_PHRASE_H
#define INTENT_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define PHRASE_MAX_BYTES 2000
#define PHRASE_MAX_DEPTH 16
#define GAP_SHORT        3
#define GAP_LONG         6

struct alt;
struct entity;
struct lexicon;
struct clause;
struct plan;

enum part_kind {
	PART_WORD,  /* characters of a word */
	PART_SPACE, /* between two words */
	PART_GAP,   /* up to `gap` words between two words */
	PART_GROUP, /* ( … ) */
	PART_REF,   /* <name> */
	PART_RAW,   /* PCRE2 as it stands */
};

struct part {
	struct part *next;
	enum part_kind kind;
	struct str text; /* WORD, RAW; of a REF the name */
	unsigned gap;
	unsigned min, max; /* repeats; max REPEAT_ENDLESS: no end */
	char greed;        /* '?' or '+' behind the repeats, else 0 */
	bool ending;       /* a GROUP that touches the end of a word */
	struct alt *alt;   /* of a GROUP; of a REF to a word group */
	const struct entity *entity; /* of a REF to an entity */
	size_t at;                   /* byte in the phrase */
};

#define REPEAT_ENDLESS 0xffffu

struct seq {
	struct seq *next;
	struct part *first;
};

/* Alternatives. The tree of a word group is shared by all phrases that use
 * it, so what is derived from it is derived once. */
struct alt {
	struct seq *first;
	struct str regex;
	struct clause **clauses;
	size_t clause_count;
	const struct plan *plan;
	bool has_regex;
	bool has_clauses;
	bool has_plan;
};

/* Where and why a phrase is wrong. */
struct phrase_fault {
	struct buf why;
	size_t at;
};

/* NULL where it is not a phrase. */
struct alt *phrase_parse(struct arena *arena, struct str text,
			 struct phrase_fault *fault);

/* Calls `resolve` for each <name>, which sets `alt` or `entity` of the part;
 * it returns false (and says why) for a name that does not exist. */
typedef bool (*phrase_resolver)(void *arg, struct part *ref,
				struct phrase_fault *fault);
bool phrase_resolve(struct alt *alt, phrase_resolver resolve, void *arg,
		    struct phrase_fault *fault);
/* Brings the words into the form of normalised text: folded, contractions and
 * chat spellings rewritten where they stand as whole words. Not into groups
 * behind a <name>, which are settled by themselves. */
void phrase_settle(struct arena *arena, struct alt *alt,
		   const struct lexicon *lexicon);
/* The pattern over a normalised sentence, with its word boundaries. */
void phrase_emit(struct arena *arena, struct alt *alt, struct buf *out);
/* Enters all words that the phrase can be made of, in so far as they can be
 * enumerated, as words of the rules. */
void phrase_words(struct alt *alt, struct lexicon *lexicon);

/* Gives every word that can stand in the phrase the bits `meta`. False: words
 * can stand there that cannot be enumerated. */
bool phrase_vocabulary(const struct alt *alt, struct lexicon *lexicon,
		       unsigned char meta);

/* For emit.c and clause.c: a slot is what stands between two separators. */
static inline bool part_separates(const struct part *p)
{
	return p->kind == PART_SPACE || p->kind == PART_GAP;
}

/* "^" and "$" are no part of the word beside them. */
static inline bool part_is_anchor(const struct part *p)
{
	return p->kind == PART_RAW &&
	       (str_is(p->text, "^") || str_is(p->text, "$"));
}

/* "(?!…)" and its like, and "\b", take up no letters. */
static inline bool part_looks_around(const struct part *p)
{
	return p->kind == PART_RAW &&
	       (str_is(p->text, "\\b") || str_starts(p->text, "(?!") ||
		str_starts(p->text, "(?=") || str_starts(p->text, "(?<!") ||
		str_starts(p->text, "(?<="));
}

/* A group whose alternatives all begin (end) with a space, as in "hi( there)",
 * is a slot of its own although it touches a word. */
bool part_opens_apart(const struct part *p);
bool part_closes_apart(const struct part *p);

/* A slot of one part that may be absent together with its separator. */
static inline bool part_is_optional_word(const struct part *p)
{
	return (p->kind == PART_GROUP || p->kind == PART_REF) && p->min == 0 &&
	       !p->ending &&
	       (p->next == NULL || part_separates(p->next) ||
		part_is_anchor(p->next));
}

#endif
