/* Due times against a real Redis: each next step is taken by one daemon. */
#include "world.h"

static struct store *one, *two;

static const char *due(struct store *store, int64_t now_ms, size_t most)
{
	static struct got got[2];
	static unsigned at;
	struct got *g = &got[at++ % 2];

	*g = (struct got){0};
	store_due(store, now_ms, most, got_name, g, 0);
	UNTIL(g->times == 1);
	CHECK(g->status == STORE_OK);
	return g->names;
}

static void what_is_due_is_taken_by_one_daemon(void)
{
	store_set_due(one, "a", 1000);
	store_set_due(one, "b", 2000);
	settle_down(one);
	CHECK_STR(due(one, 999, 100), "");
	CHECK_STR(due(one, 1000, 100), "a ");
	CHECK_STR(due(two, 1000, 100), "");
	CHECK_STR(due(two, 2500, 100), "b ");
}

/* Whoever has taken it may have died. */
static void after_its_lease_it_is_due_again(void)
{
	CHECK_STR(due(two, 30999, 100), "");
	CHECK_STR(due(two, 31000, 100), "a ");
	CHECK_STR(due(two, 32500, 100), "b ");
}

static void an_append_sets_the_next_time_or_none(void)
{
	redis("FLUSHALL");
	CHECK(turned(one, &(struct turn){.conv = "c", .state = "bot"}) ==
	      STORE_OK);
	CHECK_STR(due(one, 5, 100), "c ");
	CHECK(turned(one, &(struct turn){.conv = "c",
					 .state = "closed",
					 .expect = 1}) == STORE_OK);
	settle_down(one);
	CHECK_STR(due(one, 1000000, 100), "");
	store_set_due(one, "c", 7);
	store_set_due(one, "c", 0);
	settle_down(one);
	CHECK_STR(due(one, 1000000, 100), "");
}

static void many_are_taken_in_portions_and_none_twice(void)
{
	size_t count = 0;

	for (unsigned i = 0; i < 300; i++) {
		char conv[16];

		snprintf(conv, sizeof(conv), "conv%u", i);
		store_set_due(one, conv, 10);
	}
	settle_down(one);
	for (int round = 0; round < 40; round++) {
		const char *names = due(round % 2 ? one : two, 20, 32);
		size_t n = 0;

		for (const char *p = names; *p != '\0'; p++)
			n += *p == ' ';
		CHECK(n <= 48);
		count += n;
	}
	CHECK(count == 300);
}

/* A day ahead of Redis's clock, which is the one of all. */
static void a_clock_that_has_jumped_forward_takes_nothing_early(void)
{
	const int64_t day_ms = 86400000;

	redis("FLUSHALL");
	store_set_due(one, "soon", loop_wall_ms() + 3600000);
	store_set_due(one, "now", loop_wall_ms() - 1000);
	settle_down(one);
	CHECK_STR(due(one, loop_wall_ms() + day_ms, 100), "now ");
	CHECK_STR(due(two, loop_wall_ms() + day_ms, 100), "");
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	two = store_up("two", NULL);
	RUN(what_is_due_is_taken_by_one_daemon);
	RUN(after_its_lease_it_is_due_again);
	RUN(an_append_sets_the_next_time_or_none);
	RUN(many_are_taken_in_portions_and_none_twice);
	RUN(a_clock_that_has_jumped_forward_takes_nothing_early);
	store_free(&one);
	store_free(&two);
	return world_end("store/due");
}
