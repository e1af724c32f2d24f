/* The figures that units add to their day: counted once, whatever dies or is
 * forgotten meanwhile, and told by themselves. */
#include "spooled.h"

/* One message that counts as one. */
static void count_to(struct store *store, uint64_t expect, const char *id,
		     struct got *got)
{
	struct said said;

	say(&said, id, "x");
	store_append(store,
		     &(struct store_unit){.conv = "a",
					  .expect = expect,
					  .entries = &said.entry,
					  .entry_count = 1,
					  .due_ms = 1,
					  .day = "2026-11-28",
					  .figures = "messages 1\n"
						     "waits/queue/a b 2\n"},
		     got_append, got, 0);
}

static void figures_count_once_whatever_is_lost_or_comes_again(void)
{
	struct got got[4] = {0};
	struct store *store;

	fresh();
	store = daemon_up(0);
	count_to(store, 0, "m0", &got[0]);
	UNTIL(got[0].times == 1);
	store_tell_figures(store);
	settle_down(store);
	CHECK_STR(redis("HGET t:stats:{2026-11-28} messages"), "1");
	/* In the log, and killed before it was told. */
	count_to(store, 1, "m1", &got[1]);
	UNTIL(got[1].times == 1);
	store_free(&store);
	CHECK_STR(redis("HGET t:stats:{2026-11-28} messages"), "1");
	store = daemon_up(0);
	store_tell_figures(store);
	settle_down(store);
	CHECK_STR(redis("HGET t:stats:{2026-11-28} messages"), "2");
	/* Redis forgets the last one, and has it again. */
	redis_remember();
	count_to(store, 2, "m2", &got[2]);
	UNTIL(got[2].times == 1);
	store_tell_figures(store);
	settle_down(store);
	redis_rewind();
	UNTIL(store_is_up(store) && log_length("a") == 3);
	store_tell_figures(store);
	settle_down(store);
	CHECK_STR(redis("HGET t:stats:{2026-11-28} messages"), "3");
	CHECK(strstr(redis("HGETALL t:stats:{2026-11-28}"),
		     "waits/queue/a b 6") != NULL);
	CHECK_STR(redis("HGET t:stats:{2026-11-28}:seen a"), "1-3");
	store_free(&store);
}

static bool is_counted(const char *messages)
{
	return strcmp(redis("HGET t:stats:{2026-11-28} messages"), messages) ==
	       0;
}

/* More than go into one call: each answer brings the next. */
static void figures_of_many_units_are_told_without_being_asked_for(void)
{
	struct got got[120] = {0};
	struct store *store;

	fresh();
	store = daemon_up(0);
	for (unsigned i = 0; i < 120; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		count_to(store, i, id, &got[i]);
	}
	UNTIL(got[119].times == 1);
	UNTIL(is_counted("120"));
	CHECK_STR(redis("HGET t:stats:{2026-11-28}:seen a"), "1-120");
	store_free(&store);
}

int main(void)
{
	world_begin();
	RUN(figures_count_once_whatever_is_lost_or_comes_again);
	RUN(figures_of_many_units_are_told_without_being_asked_for);
	return world_end("store/tally");
}
