/* Sorting by counting; see buckets.h. */
#include "buckets.h"

#include <stdlib.h>

#include "base/mem.h"

#define FIRST_CAP  1024
#define PER_BUCKET 4 /* items at most, on an average */

void buckets_add(struct buckets *b, uint32_t hash, uint32_t item)
{
	if (b->count == b->cap) {
		b->cap = b->cap * 2 + FIRST_CAP;
		b->list = xreallocarray(b->list, b->cap, sizeof(*b->list));
	}
	b->list[b->count++] = (struct hashed){hash, item};
}

void buckets_sort(struct buckets *b)
{
	for (b->n = 1; b->n * PER_BUCKET < b->count; b->n *= 2)
		;
	b->starts = xcalloc(b->n + 1, sizeof(*b->starts));
	b->items = xcalloc(b->count + 1, sizeof(*b->items));
	for (size_t i = 0; i < b->count; i++)
		b->starts[b->list[i].hash & (b->n - 1)]++;
	for (size_t i = 1; i <= b->n; i++)
		b->starts[i] += b->starts[i - 1];
	/* from the ends of the buckets to their starts */
	for (size_t i = b->count; i-- > 0;) {
		struct hashed h = b->list[i];

		b->items[--b->starts[h.hash & (b->n - 1)]] = h.item;
	}
	free(b->list);
	b->list = NULL;
	b->cap = 0;
}

void buckets_fini(struct buckets *b)
{
	free(b->starts);
	free(b->items);
	free(b->list);
	*b = (struct buckets){0};
}

size_t buckets_bytes(const struct buckets *b)
{
	return (b->n + 1) * sizeof(*b->starts) +
	       (b->count + 1) * sizeof(*b->items);
}
