/* Numbers that are found by a hash, hundreds of thousands of them, in as little
 * memory as may be: they stand in one array, bucket by bucket. First all are
 * collected, then sorted in; from then on they stay as they are. */
#ifndef INTENT_BUCKETS_H
#define INTENT_BUCKETS_H

#include <stddef.h>
#include <stdint.h>

struct buckets {
	uint32_t *starts; /* of each bucket in `items`, and the end of all */
	uint32_t *items;
	size_t n; /* buckets, a power of two */
	/* until they are sorted in */
	struct hashed {
		uint32_t hash, item;
	} * list;
	size_t count, cap;
};

void buckets_add(struct buckets *buckets, uint32_t hash, uint32_t item);
/* After the last buckets_add(). */
void buckets_sort(struct buckets *buckets);
void buckets_fini(struct buckets *buckets);
size_t buckets_bytes(const struct buckets *buckets);

/* The items of a hash, and of others that share its bucket, are items[*at] to
 * before items[at[1]]. */
static inline const uint32_t *buckets_at(const struct buckets *buckets,
					 uint32_t hash)
{
	return &buckets->starts[hash & (buckets->n - 1)];
}

#endif
