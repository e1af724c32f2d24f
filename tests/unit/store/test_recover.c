/* Store and spool together: a daemon that dies while Redis is away, a Redis
 * that comes back without its last writes, several daemons that each hold a
 * part of what is missing, a log that has gone on otherwise. */
#include "base/hash.h"
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

/* These and nothing else, in this order. */
static bool stands(const char *const *ids, size_t n)
{
	const char *at = redis("XRANGE t:conv:{a}:log - +");
	char word[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(word, sizeof(word), " id %s ", ids[i]);
		at = strstr(at, word);
		if (at == NULL)
			return false;
		at++;
	}
	return log_length("a") == n;
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

/* -- another history of the same length ------------------------------------ */

/* Where the log ends now, by what stands in it. */
static struct store_unit at_end_of(const char *conv)
{
	struct store_unit unit = {.conv = conv, .due_ms = 1};
	const char *p = redis("XRANGE t:conv:{%s}:log - +", conv);

	while ((p = strstr(p, " at ")) != NULL) {
		p += 4;
		unit.expect++;
		unit.trail = hash_trail(unit.trail, strtoll(p, NULL, 10));
	}
	return unit;
}

/* Computed from `before`, each said a while after the other. */
static void say_after(struct store *store, const struct store_unit *before,
		      const char *id, struct got *got)
{
	struct store_unit unit = *before;
	struct said said;

	world.at_ms += 250;
	say(&said, id, "x");
	unit.entries = &said.entry;
	unit.entry_count = 1;
	store_append(store, &unit, got_append, got, 0);
}

static enum store_status said_now(struct store *store, const char *id)
{
	struct store_unit end = at_end_of("a");
	struct got got = {0};

	say_after(store, &end, id, &got);
	UNTIL(got.times == 1);
	return got.status;
}

static void what_is_lost_is_put_back_however_long_the_log_is(void)
{
	struct store *store;

	fresh();
	store = daemon_up(0);
	CHECK(said_now(store, "m0") == STORE_OK);
	redis_remember();
	for (unsigned i = 1; i < 20; i++) {
		char id[8];

		snprintf(id, sizeof(id), "m%u", i);
		CHECK(said_now(store, id) == STORE_OK);
	}
	redis_rewind();
	UNTIL(seen[0].rolls == 1 && store_is_up(store));
	CHECK(log_length("a") == 20 && seen[0].orphans == 0);
	CHECK(store_stats(store)->recovered == 19);
	store_free(&store);
}

/* The second of two is lost for good, and somebody else writes another one in
 * its place before the daemon with the third is back: that was computed from
 * what is no more. */
static void nothing_is_put_into_a_history_it_was_not_computed_from(void)
{
	static const char *const order[] = {"m0", "n1"};
	struct store *store, *other;

	fresh();
	store = daemon_up(0);
	other = store_up("two", NULL); /* it has no spool */
	CHECK(said_now(other, "m0") == STORE_OK);
	redis_remember();
	CHECK(said_now(other, "m1") == STORE_OK);
	CHECK(said_now(store, "m2") == STORE_OK);
	store_free(&store);
	redis_rewind();
	UNTIL(store_is_up(other));
	CHECK(said_now(other, "n1") == STORE_OK);
	store = daemon_up(0);
	CHECK_STR(seen[0].orphan, "a/s:m2 ");
	CHECK(stands(order, ARRAY_LEN(order)));
	store_free(&store);
	store_free(&other);
}

/* Redis came back with what went before its append, and without that: it is in
 * a line that no log says. */
static void what_was_put_in_line_for_what_is_void_is_taken_out(void)
{
	struct turn turn = {.conv = "q",
			    .state = "queued",
			    .queue = "care",
			    .op = QUEUE_ENQUEUE};
	struct store *store;

	fresh();
	store = daemon_up(0);
	CHECK(turned(store, &turn) == STORE_OK);
	redis_remember();
	turn.expect = 1;
	turn.op = QUEUE_MOVE;
	turn.queue = "sales";
	turn.queue_from = "care";
	CHECK(turned(store, &turn) == STORE_OK);
	store_free(&store);
	redis_rewind();
	redis("ZADD t:queue:{sales} 1 q");
	redis("HSET t:queue:{sales}:info q {\"score\":\"1\",\"seq\":1}");
	redis("XADD t:conv:{q}:log 2-0 type message id n1");
	redis("HSET t:conv:{q} seq 2");
	store = daemon_up(0);
	CHECK(seen[0].orphans == 1);
	UNTIL(strcmp(redis("ZCARD t:queue:{sales}"), "0") == 0);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "q");
	store_free(&store);
}

/* The same of what waits, and was never sent. */
static void what_waits_is_not_put_into_another_history(void)
{
	static const char *const order[] = {"m0", "n1"};
	struct store *store, *other;
	struct store_unit end;
	struct got got = {0};

	fresh();
	other = store_up("two", NULL);
	CHECK(said_now(other, "m0") == STORE_OK);
	redis_remember();
	CHECK(said_now(other, "m1") == STORE_OK);
	end = at_end_of("a");
	redis_kill();
	UNTIL(!store_is_up(other));
	store = daemon_at(0);
	say_after(store, &end, "m2", &got);
	store_free(&other);
	shell("rm -rf appendonlydir && cp -r kept appendonlydir", 0);
	redis_start();
	redis("XADD t:conv:{a}:log 2-0 type message id n1 at 1700000000001");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_MOVED && got.appended.last == 2);
	CHECK(stands(order, ARRAY_LEN(order)));
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
	RUN(where_the_log_went_on_otherwise_the_owner_is_asked);
	RUN(what_is_kept_of_an_orphan_takes_its_place);
	RUN(what_is_made_of_an_orphan_takes_its_place_once_it_is_stored);
	RUN(what_was_said_is_handed_back_whatever_was_added_to_it);
	RUN(anywhere_is_wherever_the_log_is);
	RUN(what_may_stand_anywhere_keeps_its_place_in_the_spool);
	RUN(what_redis_had_goes_before_what_waits_for_it);
	RUN(what_is_lost_is_put_back_however_long_the_log_is);
	RUN(nothing_is_put_into_a_history_it_was_not_computed_from);
	RUN(what_was_put_in_line_for_what_is_void_is_taken_out);
	RUN(what_waits_is_not_put_into_another_history);
	RUN(a_tail_that_is_lost_without_a_word_is_put_back);
	RUN(an_erased_conversation_has_lost_no_tail);
	RUN(what_somebody_else_brought_first_is_held_as_well);
	RUN(what_is_not_safe_yet_is_not_read);
	return world_end("store/recover");
}
