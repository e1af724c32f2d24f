/* The arena: aligned, zeroed, disjoint, freed at once. */
#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

#include "check.h"

static void pieces_are_aligned_zeroed_and_apart(void)
{
	struct arena a;
	unsigned char *pieces[200];
	unsigned wrong = 0;

	arena_init(&a);
	for (size_t i = 0; i < 200; i++) {
		size_t n = i * 37 % 900;

		pieces[i] = arena_alloc(&a, n);
		wrong += (uintptr_t)pieces[i] % _Alignof(max_align_t) != 0;
		for (size_t k = 0; k < n; k++)
			wrong += pieces[i][k] != 0;
		memset(pieces[i], (int)i, n);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i * 37 % 900; k++)
			wrong += pieces[i][k] != (unsigned char)i;
	CHECK(wrong == 0);
	arena_fini(&a);
	CHECK(a.blocks == NULL && a.left == 0);
}

static void what_is_cleared_may_be_filled_again(void)
{
	struct arena a;
	size_t wrong = 0;

	arena_init(&a);
	arena_clear(&a);
	for (size_t round = 0; round < 4; round++) {
		for (size_t i = 0; i < 100; i++) {
			unsigned char *p = arena_alloc(&a, 10 + i);

			for (size_t k = 0; k < 10 + i; k++)
				wrong += p[k] != 0;
			memset(p, 'x', 10 + i);
		}
		arena_alloc(&a, round * 10000);
		arena_clear(&a);
		CHECK(a.blocks == NULL || round < 3);
	}
	CHECK(wrong == 0);
	arena_fini(&a);
	CHECK(a.blocks == NULL);
}

static void large_pieces_fit_and_small_ones_follow(void)
{
	struct arena a;
	char *big, *small;

	arena_init(&a);
	big = arena_alloc(&a, 1 << 20);
	big[(1 << 20) - 1] = 'x';
	small = arena_alloc(&a, 10);
	CHECK(small + 10 <= big || small >= big + (1 << 20));
	arena_fini(&a);
	arena_fini(&a);
}

static void strings_are_terminated_copies(void)
{
	struct arena a;
	char text[] = "abcdef";
	struct str copy;

	arena_init(&a);
	CHECK_STR(arena_strndup(&a, text, 3), "abc");
	CHECK_STR(arena_strndup(&a, NULL, 0), "");
	copy = arena_str(&a, (struct str){text, 6});
	text[0] = 'z';
	CHECK(str_is(copy, "abcdef") && copy.p[6] == '\0');
	arena_fini(&a);
}

int main(void)
{
	RUN(pieces_are_aligned_zeroed_and_apart);
	RUN(what_is_cleared_may_be_filled_again);
	RUN(large_pieces_fit_and_small_ones_follow);
	RUN(strings_are_terminated_copies);
	return check_done("base/arena");
}
