/* The inverted index from words to evidence: which few of the phrases can
 * match a sentence at all.
 *
 * A phrase cannot do without certain words: each of its clauses is a set of
 * words of which the sentence must have one. Equal clauses are one clause,
 * however many phrases share it. An entry is filed under the rarest of its
 * clauses, going by the words of the examples; it is a candidate when that one
 * and all its others are satisfied. A phrase that has no clause (raw PCRE2)
 * always is. What speaks against an intent is not filed; see gather.h. */
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

#define NO_CLAUSE UINT32_MAX

/* An entry with two of its clauses, on which most stop: so a long list is read
 * from end to end and does not jump from entry to entry. */
struct filed {
	struct entry *entry;
	uint32_t first[2]; /* clauses, or NO_CLAUSE */
};

struct clause {
	uint32_t id;
	uint32_t uses;   /* entries that need it */
	uint32_t weight; /* how common its words are in the examples */
	bool marked;     /* a sentence's words have to be noted for it */
	size_t word_count;
	uint32_t *words;     /* ids, ascending */
	struct filed *filed; /* with the two next rarest */
	size_t filed_count;
};

struct index {
	struct arena *arena;
	struct map *by_words; /* until it is built */
	struct clause **clauses;
	size_t clause_count, clause_cap;
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
/* Enters a phrase with its clauses. */
void index_add(struct index *index, struct entry *entry);
/* After the last index_add(): the entry with its two rarest clauses. */
struct filed index_filed(struct entry *entry);
/* The same for all: files them, tells the words. No more clauses then. */
void index_build(struct index *index, struct lexicon *lexicon);

#define MARK_LIMBS 8 /* of 64 bits */
#define PLAN_WORDS (MARK_LIMBS * 64 - 1)

/* Marks of one thread: which clauses the sentence at hand satisfies, and where
 * their words stand in it, one bit a word. A mark is one machine word: on top
 * the number of the sentence, so that clearing all is one addition and older
 * marks are less than `now`; below it the places, which is enough for nearly
 * all sentences. The places of longer ones stand apart. */
#define MARK_PLACES 48

struct marks {
	uint64_t *marks;
	uint64_t (*places)[MARK_LIMBS]; /* of a long sentence */
	size_t cap;
	uint64_t now;               /* the number, and no places */
	const struct clause **seen; /* of those with entries */
	size_t seen_count;
	size_t words; /* of the sentence */
	size_t limbs; /* in use; 0: too many words for places */
};

void marks_begin(struct marks *marks, const struct index *index, size_t words);
void marks_fini(struct marks *marks);
void marks_word(struct marks *marks, const struct index *index,
		const struct word *word, size_t position);
/* False: none of its words is there. */
static inline bool marks_has(const struct marks *marks, uint32_t clause)
{
	return marks->marks[clause] >= marks->now;
}

/* The places of a clause that is there, in a sentence of one limb. */
static inline uint64_t marks_where(const struct marks *marks, uint32_t clause)
{
	return marks->marks[clause] - marks->now;
}

/* The places 64 * limb to 64 * limb + 63, in one of several. */
static inline uint64_t marks_where_long(const struct marks *marks,
					uint32_t clause, size_t limb)
{
	return marks->places[clause][limb];
}
/* Are all clauses of the entry there? */
bool marks_all(const struct marks *marks, const struct entry *entry);

static inline bool marks_lack(const struct marks *marks, uint32_t clause)
{
	return clause != NO_CLAUSE && !marks_has(marks, clause);
}

/* The same, seldom looking at the entry. */
static inline bool marks_allow(const struct marks *marks,
			       const struct filed *filed)
{
	return !marks_lack(marks, filed->first[0]) &&
	       !marks_lack(marks, filed->first[1]) &&
	       marks_all(marks, filed->entry);
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
