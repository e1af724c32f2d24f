/* A log that is as long as the one that something was computed from, and
 * another one: nothing is put into it. */
#include "base/hash.h"
#include "spooled.h"

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

int main(void)
{
	world_begin();
	RUN(what_is_lost_is_put_back_however_long_the_log_is);
	RUN(nothing_is_put_into_a_history_it_was_not_computed_from);
	RUN(what_was_put_in_line_for_what_is_void_is_taken_out);
	RUN(what_waits_is_not_put_into_another_history);
	return world_end("store/history");
}
