/* Messages as words for cluster.c: folded, the common words of talk told apart
 * from those that say what it is about, endings taken off, rare misspellings
 * counted as the common word they are a slip away from. Needs no rules. */
#ifndef INTENT_CORPUS_H
#define INTENT_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "intent/cluster.h"

#define CORPUS_MAX_TOKENS                                                      \
	64 /* of a message; those behind are not looked at                     \
	    */
#define CORPUS_BREAK UINT32_MAX /* the end of a sentence, as a token */

/* A word as written, folded. */
struct surface {
	struct str text;
	uint32_t stem;
	uint32_t count; /* messages */
	bool common;    /* "the", "please": says nothing about the subject */
	bool slip;      /* taken for a misspelling */
};

/* What several surfaces share: "deliver", "delivered". */
struct stem {
	struct str text;
	uint32_t count; /* messages */
	double weight;  /* the rarer, the more it says */
};

struct corpus {
	struct arena arena;
	const struct cluster_message *messages;
	size_t count;
	uint32_t *tokens; /* surfaces of all messages, end to end */
	size_t token_count, token_cap;
	size_t *starts; /* of messages in `tokens`; one more: the end */
	struct surface *surfaces;
	size_t surface_count, surface_cap;
	struct stem *stems;
	size_t stem_count, stem_cap;
	struct map *surface_of, *stem_of; /* number + 1 by text */
};

void corpus_init(struct corpus *corpus, const struct cluster_message *messages,
		 size_t n);
void corpus_fini(struct corpus *corpus);
/* The stems of a message, ascending, without doubles: of the words that say
 * something, or, where none does, of all. Returns how many. */
size_t corpus_stems(const struct corpus *corpus, size_t message,
		    uint32_t out[CORPUS_MAX_TOKENS]);

#endif
