/* Ids: found while they are there, never again afterwards. */
#include "ids.h"

#include "base/mem.h"
#include "check.h"

static void an_id_finds_its_thing_until_it_is_removed(void)
{
	struct ids ids;
	int a, b;
	uint64_t id_a, id_b;

	ids_init(&ids);
	id_a = ids_add(&ids, &a);
	id_b = ids_add(&ids, &b);
	CHECK(id_a != 0 && id_b != 0 && id_a != id_b);
	CHECK(ids_find(&ids, id_a) == &a);
	CHECK(ids_find(&ids, id_b) == &b);
	CHECK(ids.count == 2);
	ids_remove(&ids, id_a);
	ids_remove(&ids, id_a);
	CHECK(ids_find(&ids, id_a) == NULL);
	CHECK(ids_find(&ids, id_b) == &b);
	CHECK(ids.count == 1);
	ids_fini(&ids);
}

static void an_old_id_never_finds_what_took_its_place(void)
{
	struct ids ids;
	int things[2];
	uint64_t old, i;

	ids_init(&ids);
	old = ids_add(&ids, &things[0]);
	ids_remove(&ids, old);
	for (i = 0; i < 1000; i++) {
		uint64_t id = ids_add(&ids, &things[1]);

		CHECK(id != old);
		CHECK(ids_find(&ids, old) == NULL);
		ids_remove(&ids, id);
	}
	ids_fini(&ids);
}

static void many_ids_stand_side_by_side(void)
{
	static int things[5000];
	static uint64_t id[ARRAY_LEN(things)];
	struct ids ids;
	size_t i;

	ids_init(&ids);
	for (i = 0; i < ARRAY_LEN(things); i++)
		id[i] = ids_add(&ids, &things[i]);
	for (i = 0; i < ARRAY_LEN(things); i += 2)
		ids_remove(&ids, id[i]);
	for (i = 0; i < ARRAY_LEN(things); i++)
		CHECK(ids_find(&ids, id[i]) == (i % 2 ? &things[i] : NULL));
	CHECK(ids.count == ARRAY_LEN(things) / 2);
	ids_fini(&ids);
}

static void what_was_never_an_id_finds_nothing(void)
{
	struct ids ids;
	int thing;

	ids_init(&ids);
	CHECK(ids_find(&ids, 0) == NULL);
	CHECK(ids_find(&ids, 12345) == NULL);
	ids_add(&ids, &thing);
	CHECK(ids_find(&ids, 0) == NULL);
	CHECK(ids_find(&ids, 5) == NULL);
	CHECK(ids_find(&ids, UINT64_MAX) == NULL);
	ids_remove(&ids, 5);
	CHECK(ids.count == 1);
	ids_fini(&ids);
}

int main(void)
{
	RUN(an_id_finds_its_thing_until_it_is_removed);
	RUN(an_old_id_never_finds_what_took_its_place);
	RUN(many_ids_stand_side_by_side);
	RUN(what_was_never_an_id_finds_nothing);
	return check_done("io/ids");
}
