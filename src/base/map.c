/* The hash table of map.h: a power of two of slots, at most two thirds full.
 * Deletion moves later entries back (Knuth 6.4, algorithm R), so there are no
 * tombstones and look-ups stay short. */
#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

struct slot {
	char *key; /* NULL: free */
	size_t key_len;
	uint64_t hash;
	void *value;
};

struct map {
	struct slot *slots;
	size_t cap; /* a power of two */
	size_t count;
};

struct map *map_new(void)
{
	struct map *map = xcalloc(1, sizeof(*map));

	map->cap = 8;
	map->slots = xcalloc(map->cap, sizeof(*map->slots));
	return map;
}

void map_free(struct map **mapp)
{
	struct map *map = *mapp;

	if (map == NULL)
		return;
	for (size_t i = 0; i < map->cap; i++)
		free(map->slots[i].key);
	free(map->slots);
	free(map);
	*mapp = NULL;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

/* The key's slot, or the free one where it would go. */
static size_t find(const struct map *map, struct str key, uint64_t hash)
{
	size_t at = hash & (map->cap - 1);

	for (;; at = (at + 1) & (map->cap - 1)) {
		const struct slot *s = &map->slots[at];

		if (s->key == NULL)
			return at;
		if (s->hash == hash &&
		    str_eq((struct str){s->key, s->key_len}, key))
			return at;
	}
}

void *map_get(const struct map *map, struct str key)
{
	size_t at;

	if (map->count == 0)
		return NULL;
	at = find(map, key, hash_bytes(HASH_SEED, key.p, key.n));
	return map->slots[at].key == NULL ? NULL : map->slots[at].value;
}

static void grow(struct map *map)
{
	struct slot *old = map->slots;
	size_t n = map->cap;

	map->cap *= 2;
	map->slots = xcalloc(map->cap, sizeof(*map->slots));
	for (size_t i = 0; i < n; i++) {
		size_t at;

		if (old[i].key == NULL)
			continue;
		at = find(map, (struct str){old[i].key, old[i].key_len},
			  old[i].hash);
		map->slots[at] = old[i];
	}
	free(old);
}

void **map_place(struct map *map, struct str key)
{
	uint64_t hash = hash_bytes(HASH_SEED, key.p, key.n);
	struct slot *s;

	if ((map->count + 1) * 3 > map->cap * 2)
		grow(map);
	s = &map->slots[find(map, key, hash)];
	if (s->key == NULL) {
		*s = (struct slot){xstrndup(key.p, key.n), key.n, hash, NULL};
		map->count++;
	}
	return &s->value;
}

void *map_set(struct map *map, struct str key, void *value)
{
	void **place = map_place(map, key);
	void *old = *place;

	*place = value;
	return old;
}

/* Moves entries back over the hole at `hole`, so that every one can still be
 * reached from where its hash points. */
static void close_hole(struct map *map, size_t hole)
{
	size_t mask = map->cap - 1;

	for (size_t at = (hole + 1) & mask; map->slots[at].key != NULL;
	     at = (at + 1) & mask) {
		size_t home = map->slots[at].hash & mask;

		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		map->slots[at] = (struct slot){0};
		hole = at;
	}
}

void *map_del(struct map *map, struct str key)
{
	size_t at = find(map, key, hash_bytes(HASH_SEED, key.p, key.n));
	void *value = map->slots[at].value;

	if (map->slots[at].key == NULL)
		return NULL;
	free(map->slots[at].key);
	map->slots[at] = (struct slot){0};
	map->count--;
	close_hole(map, at);
	return value;
}

bool map_next(const struct map *map, size_t *at, struct str *key, void **value)
{
	for (; *at < map->cap; ++*at) {
		const struct slot *s = &map->slots[*at];

		if (s->key == NULL)
			continue;
		if (key != NULL)
			*key = (struct str){s->key, s->key_len};
		if (value != NULL)
			*value = s->value;
		++*at;
		return true;
	}
	return false;
}
