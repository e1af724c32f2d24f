/* The hash table, against a plain array that does the same slowly. */
#include "base/map.h"

#include "base/hash.h"
#include "check.h"

static struct str name(unsigned i, char room[16])
{
	snprintf(room, 16, "key-%u", i);
	return str_of(room);
}

static void values_are_set_replaced_and_deleted(void)
{
	struct map *map = map_new();
	int a, b;

	CHECK(map_get(map, STR("x")) == NULL && map_count(map) == 0);
	CHECK(map_set(map, STR("x"), &a) == NULL);
	CHECK(map_set(map, STR("x"), &b) == &a && map_count(map) == 1);
	CHECK(map_get(map, STR("x")) == &b);
	CHECK(map_del(map, STR("y")) == NULL);
	CHECK(map_del(map, STR("x")) == &b && map_count(map) == 0);
	CHECK(map_get(map, STR("x")) == NULL);
	CHECK(*map_place(map, STR("x")) == NULL && map_count(map) == 1);
	*map_place(map, STR("x")) = &a;
	CHECK(*map_place(map, STR("x")) == &a && map_count(map) == 1);
	map_free(&map);
	CHECK(map == NULL);
	map_free(&map);
}

static void keys_are_bytes_and_copied(void)
{
	struct map *map = map_new();
	char key[] = "a\0b";
	int v, empty;

	map_set(map, (struct str){key, 3}, &v);
	map_set(map, STR(""), &empty);
	key[0] = 'z';
	CHECK(map_get(map, STR("a\0b")) == &v);
	CHECK(map_get(map, STR("a")) == NULL);
	CHECK(map_get(map, STR_NONE) == &empty);
	map_free(&map);
}

#define KEYS 600

static void many_sets_and_deletes_match_a_plain_array(void)
{
	struct map *map = map_new();
	static char in[KEYS];
	uint32_t random = 1;
	unsigned wrong = 0;
	size_t count = 0;
	char room[16];

	for (int step = 0; step < 40000; step++) {
		unsigned i;

		random = random * 1664525u + 1013904223u;
		i = (random >> 8) % KEYS;
		if (random >> 31) {
			wrong += (map_set(map, name(i, room), &in[i]) !=
				  NULL) != in[i];
			count += !in[i];
			in[i] = 1;
		} else {
			wrong += (map_del(map, name(i, room)) == &in[i]) !=
				 in[i];
			count -= (size_t)in[i];
			in[i] = 0;
		}
		wrong += map_count(map) != count;
	}
	for (unsigned i = 0; i < KEYS; i++)
		wrong += (map_get(map, name(i, room)) == &in[i]) != in[i];
	CHECK(wrong == 0);
	CHECK(count > 100);
	map_free(&map);
}

static void a_walk_sees_each_entry_once(void)
{
	struct map *map = map_new();
	int seen[100] = {0};
	size_t at = 0, steps = 0;
	struct str key;
	void *value;
	char room[16];

	for (unsigned i = 0; i < 100; i++)
		map_set(map, name(i, room), &seen[i]);
	while (map_next(map, &at, &key, &value)) {
		++*(int *)value;
		CHECK(str_eq(key, name((unsigned)((int *)value - seen), room)));
		steps++;
	}
	CHECK(steps == 100);
	for (int i = 0; i < 100; i++)
		CHECK(seen[i] == 1);
	at = 0;
	CHECK(map_next(map, &at, NULL, NULL));
	map_free(&map);
}

/* Byte by byte, as base/hash.h says it. Hashes stand in the store: another one
 * of the same bytes would let a repeat through. */
static uint64_t slow_hash(const char *at, size_t n)
{
	uint64_t h = HASH_SEED ^ n * HASH_SECOND, word = 0;

	for (size_t i = 0; i < n; i++) {
		word |= (uint64_t)(unsigned char)at[i] << 8 * (i % 8);
		if (i % 8 < 7)
			continue;
		h = hash_mix(h, word);
		word = 0;
	}
	h = hash_mix(h, word) * HASH_SECOND;
	return h ^ h >> 32;
}

static void hashes_stay_what_they_are(void)
{
	char text[40];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37 + 200);
	for (size_t n = 0; n <= sizeof(text); n++)
		CHECK(hash_bytes(HASH_SEED, text, n) == slow_hash(text, n));
	CHECK(hash_bytes(HASH_SEED, "", 0) == UINT64_C(0x5e1ceb645cd0e924));
	CHECK(hash_bytes(HASH_SEED, "m1", 2) == UINT64_C(0x369e3323ac4b9ffe));
	CHECK(hash_bytes(HASH_SEED, "s:message-17", 12) ==
	      UINT64_C(0x751965694e00dfeb));
}

int main(void)
{
	RUN(values_are_set_replaced_and_deleted);
	RUN(keys_are_bytes_and_copied);
	RUN(many_sets_and_deletes_match_a_plain_array);
	RUN(a_walk_sees_each_entry_once);
	RUN(hashes_stay_what_they_are);
	return check_done("base/map");
}
