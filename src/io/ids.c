/* Ids for sockets and exchanges: a running number above the index of a slot,
 * so that an old id finds the slot taken by another number, or empty. Knows
 * nothing of what it holds. */
#include "ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOT_BITS 24 /* leaves 40 bits to count: 35 years at 1,000 a second */
#define SLOTS_MAX ((size_t)1 << SLOT_BITS) /* more than descriptors */
#define SLOTS_MIN 64

void ids_init(struct ids *ids)
{
	memset(ids, 0, sizeof(*ids));
}

void ids_fini(struct ids *ids)
{
	free(ids->slots);
	free(ids->free);
	ids_init(ids);
}

static void grow(struct ids *ids)
{
	size_t n = ids->n_slots;
	size_t more = n == 0 ? SLOTS_MIN : n;
	size_t i;

	assert(n + more <= SLOTS_MAX);
	ids->slots =
		xreallocarray(ids->slots, n + more, sizeof(struct ids_slot));
	ids->free = xreallocarray(ids->free, n + more, sizeof(uint32_t));
	memset(ids->slots + n, 0, more * sizeof(struct ids_slot));
	for (i = n + more; i > n; i--)
		ids->free[ids->n_free++] = (uint32_t)(i - 1);
	ids->n_slots = n + more;
}

uint64_t ids_add(struct ids *ids, void *thing)
{
	uint32_t slot;

	if (ids->n_free == 0)
		grow(ids);
	slot = ids->free[--ids->n_free];
	ids->slots[slot].id = ++ids->last_number << SLOT_BITS | slot;
	ids->slots[slot].thing = thing;
	ids->count++;
	return ids->slots[slot].id;
}

static struct ids_slot *find(const struct ids *ids, uint64_t id)
{
	size_t slot = id & (SLOTS_MAX - 1);

	if (id == 0 || slot >= ids->n_slots || ids->slots[slot].id != id)
		return NULL;
	return &ids->slots[slot];
}

void *ids_find(const struct ids *ids, uint64_t id)
{
	struct ids_slot *slot = find(ids, id);

	return slot == NULL ? NULL : slot->thing;
}

void ids_remove(struct ids *ids, uint64_t id)
{
	struct ids_slot *slot = find(ids, id);

	if (slot == NULL)
		return;
	slot->id = 0;
	slot->thing = NULL;
	ids->free[ids->n_free++] = (uint32_t)(slot - ids->slots);
	ids->count--;
}
