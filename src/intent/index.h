/* The inverted index from words to evidence: which few of the phrases can
 * match a sentence at all.
 *
 * A phrase cannot do without certain words: each of its clauses is a set of
 * words of which the sentence must have one. Equal clauses are one clause,
 * however many phrases share it. An entry is filed under the rarest of its
 * clauses, going by the words of the examples; it is a candidate when that one
 * and all its others are satisfied. A phrase that has no clause (raw PCRE2)
 * always is. What waits for the score of its intent is not filed; see gather.h.
 */
#ifndef INTENT_INDEX_H
#define INTENT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "lexicon.h"

#define CLAUSE_MAX_WORDS 1000

struct entry;
struct alt;
struct map;
struct plan;

#define MARK_ALWAYS 0 /* of no clause: every sentence has it */

#define FILED_MARKS 4

/* An entry with the rarest of its clauses, which are mostly all: so a long list
 * is read from end to end, and no entry is touched in vain. */
struct filed {
	struct entry *entry;
	uint32_t marks[FILED_MARKS]; /* of clauses, or MARK_ALWAYS */
	bool more;                   /* it has others besides */
};

/* The entries that are filed under one clause. */
struct drawer {
	const struct filed *list;
	uint32_t count;
	uint32_t mark; /* of the clause */
};

struct clause {
	uint32_t id;
	uint32_t mark;       /* MARK_ALWAYS: of no entry, only of plans */
	uint32_t common;     /* the word of it that is seen most */
	uint32_t uses;       /* entries that need it */
	uint32_t weight;     /* how common its words are in the examples */
	struct filed *filed; /* with the next rarest */
	uint32_t filed_count;
	const struct plan *plan; /* of just this; NULL: nobody has asked yet */
	uint64_t hint;           /* bit id % 64 of each word */
	uint32_t word_count;
	uint32_t words[]; /* ids, ascending */
};

/* Is the word one of it? */
static inline bool clause_has(const struct clause *clause, uint32_t word)
{
	const uint32_t *list = clause->words;

	for (uint32_t n = clause->word_count; n > 1;) {
		uint32_t half = n / 2;

		list += list[half] <= word ? half : 0;
		n -= half;
	}
	return *list == word;
}

/* 32 marks of a sentence, from 32 * at on. */
struct marked {
	uint32_t at, bits;
};

struct index {
	struct arena *arena;
	struct map *by_words; /* until it is built */
	struct clause **clauses;
	size_t clause_count, clause_cap;
	struct clause **marked; /* by their marks, from 1 on */
	size_t mark_count;
	struct entry **always;
	size_t always_count;
	struct entry **entries;
	size_t entry_count, entry_cap;
};

void index_init(struct index *index, struct arena *arena);
void index_fini(struct index *index);
/* The clause of these words (ascending ids, no doubles) of the lexicon, which
 * knows by now how common they are. */
struct clause *index_clause(struct index *index, const struct lexicon *lexicon,
			    const uint32_t *words, size_t n);
/* But for what is in the arena. */
size_t index_bytes(const struct index *index);
/* Enters a phrase with its clauses. */
void index_add(struct index *index, struct entry *entry);
/* After the last index_add(): files them, tells the words. No more clauses
 * then. */
void index_build(struct index *index, struct lexicon *lexicon);
/* After that: the entry with its rarest clauses. */
struct filed index_filed(struct entry *entry);

/* How many machine words the places of a sentence fill: nearly always the
 * first, never more than the last. */
#define LIMBS_SHORT 1
#define LIMBS_LONG  8
#define LIMBS_MOST  18
#define PLAN_WORDS  (LIMBS_MOST * 64 - 1)

/* What one thread notes of the sentence at hand: its words, and which of the
 * entries' clauses it satisfies, one bit each. Where the words of a clause
 * stand is looked up only when a plan asks, as of a hundred clauses that a
 * sentence satisfies hardly one is asked for. */
struct marks {
	uint32_t *bits;             /* 32 marks each */
	size_t cap;                 /* marks */
	const struct drawer **open; /* of clauses that it satisfies */
	size_t open_count;
	size_t words;             /* of the sentence */
	uint32_t ids[PLAN_WORDS]; /* of them, where a phrase knows them */
	uint64_t hint;            /* as of a clause of all these words */
	uint64_t places[64][LIMBS_MOST]; /* of words, by their hint */
	uint64_t plain[LIMBS_MOST];      /* places of TEXT_PLAIN */
	uint64_t digits[LIMBS_MOST];     /* and of TEXT_DIGITS */
	uint16_t lengths[PLAN_WORDS];    /* of these, in bytes */
	size_t limbs;                    /* of its places: LIMBS_… */
};

/* `words`: up to PLAN_WORDS. */
void marks_begin(struct marks *marks, const struct index *index, size_t words);
void marks_fini(struct marks *marks);
/* Of every word of the sentence. */
void marks_text(struct marks *marks, struct str text, unsigned char traits,
		size_t position);
/* Of those that a phrase knows, too. */
void marks_word(struct marks *marks, const struct word *word, size_t position);
/* False: none of the clause's words is there. */
static inline bool marks_has(const struct marks *marks, uint32_t mark)
{
	return (marks->bits[mark / 32] >> mark % 32 & 1) != 0;
}

/* Are all clauses of the entry there? */
bool marks_all(const struct marks *marks, const struct entry *entry);

/* The same, seldom looking at the entry. */
static inline bool marks_allow(const struct marks *marks,
			       const struct filed *filed)
{
	for (size_t i = 0; i < FILED_MARKS; i++) {
		if (!marks_has(marks, filed->marks[i]))
			return false;
	}
	return !filed->more || marks_all(marks, filed->entry);
}
/* Calls `each` for every candidate that is filed. */
typedef void (*index_visitor)(void *arg, struct entry *entry);
void marks_visit(const struct marks *marks, const struct index *index,
		 index_visitor each, void *arg);

/* The clauses of a phrase, from its tree (memoised there). Adds the words they
 * are made of to the lexicon. */
void phrase_clauses(struct alt *alt, struct index *index,
		    struct lexicon *lexicon);

/* One word of the slot, all of whose words are known; NULL otherwise. */
struct slot;
struct clause *clause_of_slot(const struct slot *slot, struct index *index,
			      struct lexicon *lexicon);
struct clause *clause_unite(struct index *index, const struct lexicon *lexicon,
			    const struct clause *const *list, size_t n);

#endif
