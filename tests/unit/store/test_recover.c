/* Store and spool together: a daemon that dies while Redis is away, a Redis
 * that comes back without its last writes, several daemons that each hold a
 * part of what is missing. */
#include "core.h"
#include "spooled.h"
#include "store/visitor.h"

/* Conversations that have a next step. */
static long due_count(void)
{
	long n = 0;

	for (int i = 0; i < 16; i++)
		n += atol(redis("ZCARD t:due:{%d}", i));
	return n;
}

static void what_waited_when_it_died_is_stored_by_its_next_life(void)
{
	struct got a[3] = {0}, q = {0};
	struct store *store;

	fresh();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis_kill();
	UNTIL(!store_is_up(store));
	append_to(store, "a", 1, "m1", "one", &a[0]);
	append_to(store, "a", 2, "m2", "two", &a[1]);
	append_to(store, "b", 0, "m3", "three", &a[2]);
	turn_to(store,
		&(struct turn){.conv = "q",
			       .state = "queued",
			       .queue = "care",
			       .op = QUEUE_ENQUEUE},
		&q);
	pass_ms(50);
	store_free(&store);
	CHECK(a[0].times == 0 && q.times == 0);
	redis_start();
	store = daemon_up(0);
	CHECK(log_length("a") == 3 && log_length("b") == 1);
	CHECK(strstr(redis("XRANGE t:conv:{a}:log 3-0 3-0"), "two") != NULL);
	settle_down(store);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "q");
	CHECK(due_count() == 3);
	CHECK(store_stats(store)->recovered == 4 && seen[0].orphans == 0);
	store_free(&store);
	/* Once more: all of it stands there. */
	store = daemon_up(0);
	CHECK(store_stats(store)->recovered == 0 && log_length("a") == 3);
	store_free(&store);
}

/* What is in it makes no room before Redis has it. */
static void a_redis_that_comes_back_is_taken_with_a_full_spool(void)
{
	struct store_spool_stats stats = {.failing = false};
	struct got got = {0};
	struct store *store;
	char text[3000] = {0}, id[8];

	fresh();
	memset(text, 'x', sizeof(text) - 1);
	spool_most = 1 << 19;
	store = daemon_up(0);
	redis_kill();
	UNTIL(!store_is_up(store));
	for (unsigned i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "m%u", i);
		append_to(store, "a", i, id, text, &got);
	}
	UNTIL(store_spool_stats(store, &stats) && stats.failing);
	redis_start();
	UNTIL(store_is_up(store) && got.times == 300);
	CHECK(got.status == STORE_OK && log_length("a") == 300);
	UNTIL(store_spool_stats(store, &stats) && !stats.failing);
	store_free(&store);
	spool_most = 0;
}

static void what_redis_has_lost_is_appended_again(void)
{
	struct store *store;
	uint64_t seq;

	fresh();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis_remember();
	for (unsigned i = 1; i < 40; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		CHECK(appended(store, "a", i, id, "x", &seq) == STORE_OK);
		CHECK(seq == i + 1);
	}
	CHECK(turned(store, &(struct turn){.conv = "q",
					   .state = "queued",
					   .queue = "care",
					   .op = QUEUE_ENQUEUE}) == STORE_OK);
	CHECK(turned(store, &(struct turn){.conv = "q",
					   .expect = 1,
					   .state = "closed",
					   .queue = "care",
					   .op = QUEUE_RESOLVE}) == STORE_OK);
	CHECK(turned(store, &(struct turn){.conv = "r",
					   .state = "queued",
					   .queue = "care",
					   .op = QUEUE_ENQUEUE}) == STORE_OK);
	redis_rewind();
	CHECK(log_length("a") == 1 && log_length("q") == 0);
	UNTIL(seen[0].rolls == 1 && store_is_up(store));
	CHECK(log_length("a") == 40 && log_length("q") == 2);
	CHECK(store_stats(store)->recovered == 42 && seen[0].orphans == 0);
	UNTIL(strcmp(redis("ZRANGE t:queue:{care} 0 -1"), "r") == 0);
	/* It goes on where it was, and is held once more. */
	CHECK(appended(store, "a", 40, "m40", "x", NULL) == STORE_OK);
	redis_rewind();
	UNTIL(seen[0].rolls == 2 && store_is_up(store));
	CHECK(log_length("a") == 41);
	store_free(&store);
}

/* Each has every other entry. */
static void two_daemons_fill_each_others_gaps(void)
{
	struct store *stores[2];

	fresh();
	stores[0] = daemon_up(0);
	stores[1] = daemon_up(1);
	redis_remember();
	for (unsigned i = 0; i < 30; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		CHECK(appended(stores[i % 3 == 0], "a", i, id, "x", NULL) ==
		      STORE_OK);
	}
	redis_rewind();
	UNTIL(log_length("a") == 30);
	for (unsigned i = 0; i < 30; i++) {
		char want[16];

		snprintf(want, sizeof(want), " m%u ", i);
		CHECK(strstr(redis("XRANGE t:conv:{a}:log %u-0 %u-0", i + 1,
				   i + 1),
			     want) != NULL);
	}
	UNTIL(store_is_up(stores[0]) && store_is_up(stores[1]));
	CHECK(seen[0].orphans == 0 && seen[1].orphans == 0);
	store_free(&stores[0]);
	store_free(&stores[1]);
}

static void two_that_know_each_other(struct store *stores[2])
{
	fresh();
	stores[0] = daemon_up(0);
	stores[1] = daemon_up(1);
	UNTIL(strcmp(redis("HLEN t:nodes"), "2") == 0);
}

/* Both hold a part; one comes back when the other has replayed its own. What
 * was said meanwhile, and is behind both, does not go between them. */
static void what_is_new_waits_for_what_others_hold(void)
{
	struct got got = {0};
	struct store *stores[2];

	two_that_know_each_other(stores);
	redis_remember();
	CHECK(appended(stores[0], "a", 0, "m0", "x", NULL) == STORE_OK);
	CHECK(appended(stores[1], "a", 1, "m1", "x", NULL) == STORE_OK);
	store_free(&stores[1]);
	redis_rewind();
	UNTIL(log_length("a") == 1);
	append_to(stores[0], "a", 2, "m2", "x", &got);
	pass_ms(500);
	CHECK(got.times == 0 && log_length("a") == 1);
	stores[1] = daemon_up(1);
	UNTIL(got.times == 1 && store_is_up(stores[0]));
	CHECK(got.status == STORE_OK && got.appended.seq == 3);
	CHECK(seen[0].orphans == 0 && seen[1].orphans == 0);
	store_free(&stores[0]);
	store_free(&stores[1]);
}

/* Power is lost: all die at once, and one is back before the other. */
static void who_has_just_been_started_waits_as_well(void)
{
	struct got got = {0};
	struct store *stores[2];

	two_that_know_each_other(stores);
	redis_remember();
	CHECK(appended(stores[1], "a", 0, "m0", "x", NULL) == STORE_OK);
	store_free(&stores[0]);
	store_free(&stores[1]);
	redis_rewind();
	stores[0] = daemon_at(0);
	append_to(stores[0], "a", 0, "m1", "x", &got);
	pass_ms(500);
	CHECK(got.times == 0 && log_length("a") == 0);
	stores[1] = daemon_at(1);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_MOVED && log_length("a") == 1);
	UNTIL(store_is_up(stores[0]) && store_is_up(stores[1]));
	/* Once in a run: another life of it finds that it has waited. */
	store_free(&stores[0]);
	redis("HSET t:nodes two %s", "1700000000000 0 another");
	stores[0] = daemon_at(0);
	append_to(stores[0], "b", 0, "m2", "x", &got);
	pass_ms(1000);
	CHECK(got.times == 2 && got.status == STORE_OK);
	store_free(&stores[0]);
	store_free(&stores[1]);
}

/* What they held comes when they come; the others go on without it. */
static void who_does_not_come_back_is_not_waited_for_for_long(void)
{
	int64_t began_ms;
	struct store *stores[2];

	two_that_know_each_other(stores);
	redis_remember();
	store_free(&stores[1]);
	redis_rewind();
	began_ms = loop_now_us() / 1000;
	UNTIL(seen[0].rolls == 1 && store_is_up(stores[0]));
	CHECK(loop_now_us() / 1000 - began_ms >= 3000);
	CHECK(appended(stores[0], "a", 0, "m0", "x", NULL) == STORE_OK);
	/* One that had been silent before that is not waited for at all. */
	redis("HSET t:nodes two %s", "1700000000000 0 another");
	redis_remember();
	redis_rewind();
	began_ms = loop_now_us() / 1000;
	UNTIL(seen[0].rolls == 2 && store_is_up(stores[0]));
	CHECK(loop_now_us() / 1000 - began_ms < 4500);
	store_free(&stores[0]);
}

/* What it holds is what others wait for. */
static void who_leaves_is_waited_for_only_where_something_is_held(void)
{
	struct store *stores[2];

	two_that_know_each_other(stores);
	CHECK(appended(stores[1], "a", 0, "m0", "x", NULL) == STORE_OK);
	store_leave(stores[1]);
	store_leave(stores[0]);
	UNTIL(strcmp(redis("HLEN t:nodes"), "1") == 0);
	CHECK(appended(stores[1], "a", 1, "m1", "x", NULL) == STORE_OK);
	CHECK_STR(redis("HKEYS t:nodes"), "two");
	store_free(&stores[0]);
	store_free(&stores[1]);
}

/* The daemon that held the middle part does not come back. */
static void where_a_part_is_missing_for_good_the_owner_is_asked(void)
{
	struct store *stores[2];

	fresh();
	stores[0] = daemon_up(0);
	stores[1] = daemon_up(1);
	redis_remember();
	CHECK(appended(stores[0], "a", 0, "m0", "x", NULL) == STORE_OK);
	CHECK(appended(stores[1], "a", 1, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(stores[0], "a", 2, "m2", "x", NULL) == STORE_OK);
	CHECK(appended(stores[0], "b", 0, "m3", "x", NULL) == STORE_OK);
	store_free(&stores[1]);
	redis_rewind();
	UNTIL(seen[0].rolls == 1);
	CHECK(log_length("a") == 1 && log_length("b") == 1);
	UNTIL(seen[0].orphans == 1);
	CHECK_STR(seen[0].orphan, "a/s:m2 ");
	CHECK(log_length("a") == 1);
	store_free(&stores[0]);
}

static void append_anywhere(struct store *store, const char *id,
			    struct got *got)
{
	struct said said;

	say(&said, id, "later");
	store_append(store,
		     &(struct store_unit){.conv = "a",
					  .anywhere = true,
					  .entries = &said.entry,
					  .entry_count = 1,
					  .due_ms = 1},
		     got_append, got, 0);
}

static void anywhere_is_wherever_the_log_is(void)
{
	struct store *store;
	struct got got = {0};

	fresh();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	CHECK(appended(store, "a", 1, "m1", "x", NULL) == STORE_OK);
	append_anywhere(store, "late", &got);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 3);
	store_free(&store);
}

static void what_may_stand_anywhere_keeps_its_place_in_the_spool(void)
{
	static const char *const order[] = {"n0", "m0", "m1", "late"};
	struct store *store, *other;
	struct got got = {0};

	fresh();
	redis_remember();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	CHECK(appended(store, "a", 1, "m1", "x", NULL) == STORE_OK);
	append_anywhere(store, "late", &got);
	UNTIL(got.times == 1);
	store_free(&store);
	redis_rewind();
	other = daemon_up(1);
	CHECK(appended(other, "a", 0, "n0", "x", NULL) == STORE_OK);
	store_free(&other);
	store = keeper = daemon_at(0);
	UNTIL(log_length("a") == 4);
	CHECK(stands(order, ARRAY_LEN(order)));
	keeper = NULL;
	store_free(&store);
}

static void what_redis_had_goes_before_what_waits_for_it(void)
{
	static const char *const order[] = {"n0", "m0", "late"};
	struct store *store, *other;
	struct got got = {0};

	fresh();
	other = daemon_up(1);
	CHECK(appended(other, "a", 0, "n0", "x", NULL) == STORE_OK);
	store_free(&other);
	redis_remember();
	redis("DEL t:conv:{a} t:conv:{a}:log t:conv:{a}:ids");
	store = keeper = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis_kill();
	UNTIL(!store_is_up(store));
	append_anywhere(store, "late", &got);
	shell("rm -rf appendonlydir && cp -r kept appendonlydir", 0);
	redis_start();
	UNTIL(got.times == 1 && log_length("a") == 3);
	CHECK(stands(order, ARRAY_LEN(order)));
	keeper = NULL;
	store_free(&store);
}

/* A log that is shorter than what was answered, without a new connection. */
static void a_tail_that_is_lost_without_a_word_is_put_back(void)
{
	struct store *store;
	struct got got = {0};

	fresh();
	store = daemon_up(0);
	for (unsigned i = 0; i < 5; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		CHECK(appended(store, "a", i, id, "x", NULL) == STORE_OK);
	}
	redis("DEL t:conv:{a} t:conv:{a}:log t:conv:{a}:ids");
	store_read(store, "a", 5, false, got_log, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.is_short);
	UNTIL(store_stats(store)->recovered == 5);
	CHECK(log_length("a") == 5);
	store_free(&store);
}

static void on_erased(void *arg, uint64_t tag,
		      const struct store_erased *erased)
{
	(void)tag;
	CHECK(erased->status == STORE_OK);
	*(bool *)arg = true;
}

/* It ends before what was answered as well, and nothing is missing. */
static void an_erased_conversation_has_lost_no_tail(void)
{
	struct store *store;
	struct got got = {0};
	bool erased = false;

	fresh();
	store = daemon_up(0);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis("HSET t:visitor:{v1} conversation a");
	store_erase(store, "v1", NULL, 0, on_erased, &erased, 0);
	UNTIL(erased);
	store_read(store, "a", 1, false, got_log, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_GONE && !got.is_short);
	CHECK(!store->replay.lost_tail);
	store_free(&store);
}

/* Who brought it first has died before it was on a disk. */
static void what_somebody_else_brought_first_is_held_as_well(void)
{
	struct store *store, *dead;

	fresh();
	store = daemon_up(0);
	redis_remember();
	dead = store_up("dead", NULL); /* it has no spool */
	CHECK(appended(dead, "a", 0, "m0", "x", NULL) == STORE_OK);
	store_free(&dead);
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_DUP);
	redis_rewind();
	UNTIL(seen[0].rolls == 1 && store_is_up(store));
	CHECK(log_length("a") == 1);
	store_free(&store);
}

static unsigned reads, early;

static void see_early(void *arg, uint64_t tag, const struct store_log *log)
{
	const struct got *appended = arg;

	reads++;
	early += appended->times == 0 && log->last >= tag;
	CHECK(log->count == log->last);
}

/* In Redis, and not yet on the disk: no reader gets it, as its sender would
 * take that for the receipt. Mostly Redis is the faster one. */
static void what_is_not_safe_yet_is_not_read(void)
{
	struct store *store;

	fresh();
	store = daemon_up(0);
	for (unsigned i = 0; i < 300; i++) {
		struct got got = {0};
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		append_to(store, "a", i, id, "x", &got);
		store_read(store, "a", 0, false, see_early, &got, i + 1);
		UNTIL(got.times == 1 && reads == i + 1);
		CHECK(got.status == STORE_OK);
	}
	CHECK(early == 0);
	store_free(&store);
}

int main(void)
{
	world_begin();
	RUN(what_waited_when_it_died_is_stored_by_its_next_life);
	RUN(a_redis_that_comes_back_is_taken_with_a_full_spool);
	RUN(what_redis_has_lost_is_appended_again);
	RUN(two_daemons_fill_each_others_gaps);
	RUN(what_is_new_waits_for_what_others_hold);
	RUN(who_has_just_been_started_waits_as_well);
	RUN(who_does_not_come_back_is_not_waited_for_for_long);
	RUN(who_leaves_is_waited_for_only_where_something_is_held);
	RUN(where_a_part_is_missing_for_good_the_owner_is_asked);
	RUN(anywhere_is_wherever_the_log_is);
	RUN(what_may_stand_anywhere_keeps_its_place_in_the_spool);
	RUN(what_redis_had_goes_before_what_waits_for_it);
	RUN(a_tail_that_is_lost_without_a_word_is_put_back);
	RUN(an_erased_conversation_has_lost_no_tail);
	RUN(what_somebody_else_brought_first_is_held_as_well);
	RUN(what_is_not_safe_yet_is_not_read);
	return world_end("store/recover");
}
