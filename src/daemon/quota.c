/* Token buckets, each kept as the one time at which it will be full again; see
 * quota.h. Names whose bucket is full are forgotten when there are too many,
 * and all names when that does not help. */
#include "quota.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

#define NAMES_MAX 20000
#define HOUR_MS   (INT64_C(3600) * 1000)

static void forget(struct quota *q, int64_t full_before_ms)
{
	struct map *rest = map_new();
	struct str name;
	size_t at = 0;
	void *value;

	while (map_next(q->full_at, &at, &name, &value)) {
		if (*(int64_t *)value > full_before_ms)
			map_set(rest, name, value);
		else
			free(value);
	}
	map_free(&q->full_at);
	q->full_at = rest;
}

static int64_t *bucket(struct quota *q, int64_t now_ms, struct str name)
{
	void **place;

	if (q->full_at == NULL)
		q->full_at = map_new();
	if (map_count(q->full_at) >= NAMES_MAX) {
		forget(q, now_ms);
		if (map_count(q->full_at) >= NAMES_MAX / 2)
			forget(q, INT64_MAX); /* so that this is rare */
	}
	place = map_place(q->full_at, name);
	if (*place == NULL)
		*place = xcalloc(1, sizeof(int64_t));
	return *place;
}

int64_t quota_take(struct quota *q, int64_t now_ms, struct str name,
		   int64_t most_an_hour)
{
	int64_t *full_at = bucket(q, now_ms, name);
	int64_t full = *full_at > now_ms ? *full_at : now_ms;
	int64_t over;

	full += HOUR_MS / most_an_hour;
	over = full - now_ms - HOUR_MS;
	if (over > 0)
		return over;
	*full_at = full;
	return 0;
}

void quota_fini(struct quota *q)
{
	if (q->full_at != NULL)
		forget(q, INT64_MAX);
	map_free(&q->full_at);
}
