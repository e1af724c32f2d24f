/* Memory of things that live and die together (a parsed file, a catalog):
 * allocate piece by piece, free all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/buf.h"

struct arena {
	struct arena_block *blocks;
	size_t bytes; /* handed out, for accounting */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
/* The same, but keeps one block for what comes next. */
void arena_clear(struct arena *a);
void *arena_alloc(struct arena *a, size_t bytes); /* zeroed, aligned */
char *arena_strndup(struct arena *a, const char *s, size_t n);
struct str arena_str(struct arena *a, struct str s); /* a terminated copy */
/* In decimal. */
struct str arena_u64(struct arena *a, uint64_t v);
struct str arena_i64(struct arena *a, int64_t v);

#endif
