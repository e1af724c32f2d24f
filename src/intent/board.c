/* Adding up evidence; see board.h. */
#include "board.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void board_begin(struct board *b, size_t intents)
{
	if (b->cap < intents) {
		free(b->scores);
		free(b->stamps);
		free(b->touched);
		b->scores = xcalloc(intents, sizeof(*b->scores));
		b->stamps = xcalloc(intents, sizeof(*b->stamps));
		b->touched = xcalloc(intents, sizeof(*b->touched));
		b->cap = intents;
		b->now = 0;
	}
	if (++b->now == 0) {
		if (b->cap > 0)
			memset(b->stamps, 0, b->cap * sizeof(*b->stamps));
		b->now = 1;
	}
	b->touched_count = 0;
	b->against_all = 0;
}

void board_add(struct board *b, const struct entry *e)
{
	uint32_t id;

	if (e->intent == NULL) {
		b->against_all += e->weight;
		return;
	}
	id = e->intent->id;
	if (b->stamps[id] != b->now) {
		b->stamps[id] = b->now;
		b->scores[id] = 0;
		b->touched[b->touched_count++] = id;
	}
	b->scores[id] += e->weight;
}

void board_fini(struct board *b)
{
	free(b->scores);
	free(b->stamps);
	free(b->touched);
}
