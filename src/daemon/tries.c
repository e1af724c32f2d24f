/* Tries by the minute; see tries.h. Everybody's are forgotten when it is over,
 * and when too many names have been counted. */
#include "tries.h"

#include "base/map.h"

#define NAMES_MAX 10000
#define MINUTE_MS 60000

int64_t tries_count(struct tries *t, int64_t now_ms, struct str name,
		    size_t most)
{
	int64_t minute = now_ms / MINUTE_MS;
	size_t count;

	if (t->counts == NULL || minute != t->minute ||
	    map_count(t->counts) >= NAMES_MAX) {
		map_free(&t->counts);
		t->counts = map_new();
		t->minute = minute;
	}
	count = (size_t)map_get(t->counts, name) + 1;
	map_set(t->counts, name, (void *)count);
	return count <= most ? 0 : 60 - now_ms / 1000 % 60;
}

void tries_fini(struct tries *t)
{
	map_free(&t->counts);
}
