/* What the spool holds and the log has gone on without: its owner is asked,
 * once, and what is made of it takes its place. */
#include "spooled.h"

static void where_the_log_went_on_otherwise_the_owner_is_asked(void)
{
	struct store *store, *other;
	struct got a = {0}, b = {0};

	fresh();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis_kill();
	UNTIL(!store_is_up(store));
	append_to(store, "a", 1, "m1", "lost?", &a);
	append_to(store, "a", 2, "m2", "behind", &b);
	pass_ms(50);
	store_free(&store);
	redis_start();
	other = daemon_up(1);
	CHECK(appended(other, "a", 1, "n1", "other", NULL) == STORE_OK);
	store = daemon_up(0);
	CHECK(log_length("a") == 2 && seen[0].orphans == 2);
	CHECK_STR(seen[0].orphan, "a/s:m1 a/s:m2 ");
	/* A sender who brought it again is no orphan. */
	CHECK(appended(other, "a", 2, "m1", "lost?", NULL) == STORE_OK);
	store_free(&store);
	memset(seen, 0, sizeof(seen));
	store = daemon_up(0);
	CHECK_STR(seen[0].orphan, "a/s:m2 ");
	store_free(&store);
	store_free(&other);
}

/* m1 and m2 of the first daemon, and a log that went on otherwise. */
static void two_orphans(void)
{
	struct store *store, *other;
	struct got got = {0};

	fresh();
	redis_remember();
	store = daemon_up(0);
	append_to(store, "a", 0, "m1", "x", &got);
	append_to(store, "a", 1, "m2", "x", &got);
	UNTIL(got.times == 2);
	store_free(&store);
	redis_rewind();
	other = daemon_up(1);
	CHECK(appended(other, "a", 0, "n0", "x", NULL) == STORE_OK);
	store_free(&other);
}

/* One life after the other, within the time for which rows are held: none
 * makes more of them. */
static void handed_back_no_more(void)
{
	struct store_spool_stats stats;

	for (int life = 0; life < 3; life++) {
		struct store *store;

		memset(seen, 0, sizeof(seen));
		store = daemon_up(0);
		CHECK(seen[0].orphans == 0 && log_length("a") == 3);
		CHECK(store_spool_stats(store, &stats));
		CHECK(stats.held == 2 && stats.waits == 0);
		store_free(&store);
	}
}

static void what_is_kept_of_an_orphan_takes_its_place(void)
{
	struct store *store;

	two_orphans();
	store = keeper = daemon_at(0);
	UNTIL(store_is_up(store) && log_length("a") == 3);
	CHECK(seen[0].orphans == 2);
	keeper = NULL;
	store_free(&store);
	handed_back_no_more();
}

/* It was stepped again, and is behind what the log has by now. */
static void what_is_made_of_an_orphan_takes_its_place_once_it_is_stored(void)
{
	struct store *store;
	struct got got = {0};

	two_orphans();
	store = daemon_up(0);
	CHECK(seen[0].orphans == 2);
	for (unsigned i = 0; i < 2; i++) {
		struct said said;

		say(&said, i == 0 ? "m1" : "m2", "x");
		store_append(store,
			     &(struct store_unit){.conv = "a",
						  .expect = i + 1,
						  .entries = &said.entry,
						  .entry_count = 1,
						  .due_ms = 1,
						  .replaces = seen[0].nth[i]},
			     got_append, &got, 0);
		UNTIL(got.times == i + 1);
		CHECK(got.status == STORE_OK);
	}
	store_free(&store);
	handed_back_no_more();
}

/* The system had said the same there, to what somebody else wrote. */
static void what_was_said_is_handed_back_whatever_was_added_to_it(void)
{
	struct store *store, *other;
	struct got got = {0};

	fresh();
	redis_remember();
	store = daemon_up(0);
	append_two(store, "a", 0, "m1", "thanks.2", &got);
	UNTIL(got.times == 1);
	store_free(&store);
	redis_rewind();
	other = daemon_up(1);
	append_two(other, "a", 0, "n1", "thanks.2", &got);
	UNTIL(got.times == 2);
	CHECK(got.status == STORE_OK);
	store = daemon_up(0);
	CHECK_STR(seen[0].orphan, "a/s:m1 ");
	store_free(&store);
	store_free(&other);
}

int main(void)
{
	world_begin();
	RUN(where_the_log_went_on_otherwise_the_owner_is_asked);
	RUN(what_is_kept_of_an_orphan_takes_its_place);
	RUN(what_is_made_of_an_orphan_takes_its_place_once_it_is_stored);
	RUN(what_was_said_is_handed_back_whatever_was_added_to_it);
	return world_end("store/orphans");
}
