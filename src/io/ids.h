/* Numbers that stand for things across a wait: never 0, never used twice, and
 * found again in a step. */
#ifndef IDS_H
#define IDS_H

#include <stddef.h>
#include <stdint.h>

struct ids {
	struct ids_slot {
		uint64_t id; /* 0: not taken */
		void *thing;
	} * slots;
	uint32_t *free; /* a stack of slots not taken */
	size_t n_slots, n_free;
	uint64_t last_number;
	size_t count;
};

void ids_init(struct ids *ids);
void ids_fini(struct ids *ids);
uint64_t ids_add(struct ids *ids, void *thing);
void *ids_find(const struct ids *ids, uint64_t id); /* NULL: gone */
void ids_remove(struct ids *ids, uint64_t id);

#endif
