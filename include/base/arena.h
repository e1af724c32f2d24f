/* Memory of things that live and die together (a parsed file, a catalog):
 * allocate piece by piece, free all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdalign.h>
#include <stddef.h>

#include "base/buf.h"

struct arena {
	struct arena_block *blocks; /* the newest first */
	char *at;                   /* in it: what is not handed out yet ... */
	size_t left;                /* ... and how much that is */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
/* The same, but keeps one block for what comes next. */
void arena_clear(struct arena *a);
/* From a new block, if need be. */
void *arena_take_slowly(struct arena *a, size_t bytes);

/* Aligned, not zeroed. Several times a message, and mostly there is room: hence
 * here. */
static inline void *arena_take(struct arena *a, size_t bytes)
{
	const size_t align = alignof(max_align_t);
	size_t whole = (bytes + align - 1) & ~(align - 1);
	void *p = a->at;

	if (whole - 1 >= a->left) /* 0 is none or too many */
		return arena_take_slowly(a, bytes);
	a->at += whole;
	a->left -= whole;
	return p;
}

void *arena_alloc(struct arena *a, size_t bytes); /* zeroed, aligned */
/* What it takes, with what is not handed out yet. */
size_t arena_bytes(const struct arena *a);
char *arena_strndup(struct arena *a, const char *s, size_t n);
struct str arena_str(struct arena *a, struct str s); /* a terminated copy */
/* In decimal. */
struct str arena_u64(struct arena *a, uint64_t v);
struct str arena_i64(struct arena *a, int64_t v);

#endif
