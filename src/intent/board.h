/* Scores by intent, of one sentence or of the whole message. */
#ifndef INTENT_BOARD_H
#define INTENT_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "rules.h"

/* A score counts when its stamp equals `now`, so that clearing all of ten
 * thousand is one addition. */
struct board {
	int *scores;
	uint32_t *stamps;
	uint32_t *touched; /* intents with a score */
	size_t touched_count;
	size_t cap;
	uint32_t now;
	int against_all; /* evidence that is nobody's */
};

void board_begin(struct board *board, size_t intents);
void board_fini(struct board *board);
void board_add(struct board *board, const struct entry *entry);
static inline int board_score(const struct board *board,
			      const struct intent *intent)
{
	return board->stamps[intent->id] == board->now
		       ? board->scores[intent->id]
		       : 0;
}

#endif
