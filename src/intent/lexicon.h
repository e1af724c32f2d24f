/* The words a rule set knows: those its phrases are made of (with the numbers
 * by which the index finds the phrases), those that the language files rewrite
 * ("pls" is "please"), and, apart, the common words that are never taken for
 * typing errors. */
#ifndef INTENT_LEXICON_H
#define INTENT_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "buckets.h"

/* A longer one is no word, but still stands in the text. */
#define WORD_MAX_BYTES 64

struct drawer;
struct marked;

struct word {
	struct str text;
	uint32_t id;
	bool rule;     /* some phrase has it: what typing errors become */
	bool language; /* a language file has it: never a typing error */
	unsigned char traits; /* text_traits() */
	unsigned char meta; /* bits: messages that are a yes, no … have it */
	uint32_t seen;      /* times in the examples */
	/* What it is rewritten to; NULL: itself. */
	const struct str *becomes;
	size_t become_count;
	/* The clauses that it satisfies, see index.h: those under which entries
	 * are filed, and the marks of the others. */
	struct drawer *drawers;
	struct marked *marked;
	uint32_t drawer_count, marked_count;
	uint32_t last; /* of `marked`, while it is made */
};

struct lexicon {
	struct arena *arena;
	struct word_slot *slots;
	size_t cap;         /* a power of two */
	struct word **list; /* by id */
	size_t count;
};

/* Bits: what a word is made of. */
enum {
	TEXT_FIGURES = 1, /* has a digit, or the "<" of a placeholder */
	TEXT_PLAIN = 2,   /* PCRE2's \w+ */
	TEXT_DIGITS = 4,  /* and its \d+ */
};

unsigned char text_traits(struct str text);

void lexicon_init(struct lexicon *lexicon, struct arena *arena);
void lexicon_fini(struct lexicon *lexicon);
/* But for what is in the arena. */
size_t lexicon_bytes(const struct lexicon *lexicon);
struct word *lexicon_find(const struct lexicon *lexicon, struct str text);
/* Finds or adds. */
struct word *lexicon_add(struct lexicon *lexicon, struct str text);

/* A plain set of words, compact enough for the hundred thousand of a system's
 * word list: it keeps their hashes only, and takes one word in a billion that
 * is none of them for one. */
struct wordset {
	struct buckets words;
};

void wordset_fini(struct wordset *set);
void wordset_add(struct wordset *set, struct str word);
/* Adds the folded words of a list, one a line; lines with an apostrophe or a
 * blank are passed over. */
void wordset_add_lines(struct wordset *set, struct str lines);
/* After the last word, before the first question. */
void wordset_close(struct wordset *set);
bool wordset_has(const struct wordset *set, struct str word);

#endif
