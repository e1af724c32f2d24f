/* An arena in blocks that double up to 64 kB; larger pieces get a block of
 * their own. See arena.h. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"

/* With its head what malloc() keeps at hand, so that the arena of one message
 * costs next to nothing. */
#define FIRST_BLOCK 1000
#define BLOCK_MAX   (64 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){NULL, NULL, 0};
}

static void begin_block(struct arena *a, struct arena_block *b)
{
	a->blocks = b;
	a->at = b->bytes;
	a->left = b->size;
}

void arena_fini(struct arena *a)
{
	while (a->blocks != NULL) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	arena_init(a);
}

#define KEPT_MOST POOL(8 * 1024)

/* The newest is the largest but for pieces that had one of their own. */
void arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (kept == NULL || kept->size > KEPT_MOST) {
		arena_fini(a);
		return;
	}
	a->blocks = kept->next;
	kept->next = NULL;
	arena_fini(a);
	begin_block(a, kept);
}

static void add_block(struct arena *a, size_t least)
{
	size_t size = FIRST_BLOCK;
	struct arena_block *b;

	if (a->blocks != NULL && a->blocks->size < BLOCK_MAX)
		size = a->blocks->size * 2;
	else if (a->blocks != NULL)
		size = BLOCK_MAX;
	if (size < least)
		size = least;
	b = xmalloc(sizeof(*b) + size);
	b->size = size;
	b->next = a->blocks;
	begin_block(a, b);
}

void *arena_take_slowly(struct arena *a, size_t bytes)
{
	const size_t align = alignof(max_align_t);
	size_t whole = (bytes + align - 1) & ~(align - 1);
	void *p;

	if (whole < bytes)
		abort(); /* larger than the address space: our mistake */
	if (a->blocks == NULL || a->left < whole)
		add_block(a, whole);
	p = a->at;
	a->at += whole;
	a->left -= whole;
	return p;
}

/* Only what is asked for is zeroed, not the block: most of it is never used. */
void *arena_alloc(struct arena *a, size_t bytes)
{
	return memset(arena_take(a, bytes), 0, bytes);
}

size_t arena_bytes(const struct arena *a)
{
	size_t sum = 0;

	for (const struct arena_block *b = a->blocks; b != NULL; b = b->next)
		sum += sizeof(*b) + b->size;
	return sum;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_take(a, n + 1);

	if (n > 0)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){arena_strndup(a, s.p, s.n), s.n};
}

static struct str number(struct arena *a, uint64_t magnitude, bool minus)
{
	char *room = arena_take(a, 1 + DIGITS_MAX + 1);
	char *end = room + 1 + DIGITS_MAX;
	char *start = digits_put(room + 1, magnitude);

	*end = '\0';
	if (minus)
		*--start = '-';
	return (struct str){start, (size_t)(end - start)};
}

struct str arena_u64(struct arena *a, uint64_t v)
{
	return number(a, v, false);
}

struct str arena_i64(struct arena *a, int64_t v)
{
	return number(a, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}
