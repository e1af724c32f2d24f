/* A hash table from byte strings to pointers. Open addressing, linear
 * probing; keys are copied. Iteration order is unspecified. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct map;

struct map *map_new(void);
void map_free(struct map **map); /* not what the values point to */
size_t map_count(const struct map *map);
void *map_get(const struct map *map, struct str key); /* NULL: not there */
/* Sets or replaces; returns what was there before (NULL if nothing).
 * `value` is not NULL. */
void *map_set(struct map *map, struct str key, void *value);
/* Where the value of `key` stands, NULL if there was nothing: to be set there
 * at once. Good until the map changes. */
void **map_place(struct map *map, struct str key);
/* Removes; returns what was there (NULL if nothing). */
void *map_del(struct map *map, struct str key);
/* Walks the table: start with *at = 0; false at the end. During a walk
 * nothing may be set or deleted. */
bool map_next(const struct map *map, size_t *at, struct str *key, void **value);

#endif
