/* The scratch memory of matching, of one thread. */
#ifndef INTENT_MATCHER_H
#define INTENT_MATCHER_H

#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "index.h"
#include "normalise.h"
#include "pattern.h"

/* The best of one sentence, before what is against all is taken off. */
struct ranking {
	struct match_winner best[MATCH_MAX_WINNERS];
	size_t count;
};

struct matcher {
	struct engine *engine;
	struct normal normal;
	struct marks marks;
	struct board sentence, whole;
	/* how many intents the whole had at the end of each sentence */
	size_t known[SENTENCES_MAX];
	uint32_t *entry_stamps; /* entries that the whole has counted */
	size_t entry_cap;
	uint32_t entry_now;
	struct match tie; /* the first sentence that two intents want */
	struct match_winner instead; /* of a miss; .intent NULL: none */
	struct buf joined;           /* sentences in one line */
	struct buf parted;           /* the message as two questions */
	struct ranking *rankings;    /* of the sentences */
	size_t ranking_cap;
};

/* Copies what was typed as a value: control characters are blanks, blanks
 * around it go. Returns its length. */
size_t value_copy(struct str typed, char value[128]);

#endif
