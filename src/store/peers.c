/* Who else has brought back what Redis lost. Each daemon with a spool notes in
 * the hash `nodes`, under its name, the run of Redis for which it has replayed
 * its spool, how much of that still waits for a gap to be filled, and when.
 *
 * Where Redis comes back as another run, its logs may end early, and what is
 * missing may stand in several spools: what is new has to wait for all of them,
 * or it takes the place of something elder. So after the spool has been
 * replayed nothing new is written until every daemon that was there before has
 * noted the new run, and no gap is left, or none is filled any more. One that
 * does not come back is waited for HOLD_MS; one that had fallen silent before
 * the others did, not at all, nor one that has left with an empty spool. The
 * same where this daemon itself comes back to another run than it had noted:
 * all of them were on a machine that lost power. Acks, and answers where the
 * state is known, go on as ever while Redis is away.
 *
 * It is only a courtesy: what still does not fit is stored all the same
 * (replay.c, 5). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core.h"

#define NODES     "nodes"
#define HOLD_MS   5000
#define ASK_MS    50
#define STUCK_MS  500 /* nobody fills the gaps that are left */
#define BEAT_MS   10000
#define SILENT_MS 30000 /* behind the youngest: is not waited for */
#define GONE_MS   (INT64_C(24) * 3600 * 1000) /* and is forgotten */

/* -- what others say ------------------------------------------------------- */

struct noted {
	struct str node, run;
	uint64_t at_ms, left;
};

static uint64_t take_number(struct str *s)
{
	uint64_t value = 0;

	str_to_u64(str_cut(s, ' '), INT64_MAX, &value);
	return value;
}

/* "1700000000000 3 RUN". What is no such note is of no run, long ago. */
static struct noted noted_of(const struct reply *reply, size_t i)
{
	struct str value = reply_text(reply_at(reply, i + 1));
	struct noted noted = {.node = reply_text(reply_at(reply, i))};

	if (value.n == 0)
		return noted;
	noted.at_ms = take_number(&value);
	noted.left = take_number(&value);
	noted.run = value;
	return noted;
}

/* By what stood in this Redis when it came back, this node's own included:
 * however long Redis was away, and however much it has lost. */
static void find_youngest(struct store *store, const struct reply *reply)
{
	for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
		struct noted noted = noted_of(reply, i);

		if (!str_is(noted.run, store->epoch) &&
		    noted.at_ms > store->peers.youngest_ms)
			store->peers.youngest_ms = noted.at_ms;
	}
}

static void forget(struct store *store, struct str node);

/* How many were there before and have not noted this run; and how many units
 * of the others wait for a gap, to `left`. */
static size_t missing(struct store *store, const struct reply *reply,
		      uint64_t *left)
{
	uint64_t youngest_ms;
	size_t n = 0;

	find_youngest(store, reply);
	youngest_ms = store->peers.youngest_ms;
	for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
		struct noted noted = noted_of(reply, i);

		if (str_is(noted.node, store->node))
			continue;
		if (str_is(noted.run, store->epoch))
			*left += noted.left;
		else if (noted.at_ms + SILENT_MS >= youngest_ms)
			n++;
		else if (noted.at_ms + GONE_MS < youngest_ms)
			forget(store, noted.node);
	}
	return n;
}

/* -- what this one says ---------------------------------------------------- */

static void on_noted(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, NODES);
}

static void forget(struct store *store, struct str node)
{
	resp_start(&store->cmd, "HDEL");
	core_prefixed(store, NODES);
	resp_add(&store->cmd, node);
	core_send(store, on_noted, store);
}

static bool is_news(const struct store *store)
{
	const struct peers *peers = &store->peers;

	return strcmp(peers->run, store->epoch) != 0 ||
	       peers->left != store->replayed.count ||
	       loop_now_ms(store->loop) - peers->noted_ms >= BEAT_MS;
}

void peers_note(struct store *store)
{
	struct peers *peers = &store->peers;
	char value[sizeof(store->epoch) + 48];

	if (store->spool == NULL || !store->up || store->replay.running ||
	    peers->gone || !is_news(store))
		return;
	memcpy(peers->run, store->epoch, sizeof(peers->run));
	peers->left = store->replayed.count;
	peers->noted_ms = loop_now_ms(store->loop);
	snprintf(value, sizeof(value), "%" PRId64 " %zu %s", loop_wall_ms(),
		 peers->left, store->epoch);
	resp_start(&store->cmd, "HSET");
	core_prefixed(store, NODES);
	resp_add_s(&store->cmd, store->node);
	resp_add_s(&store->cmd, value);
	core_send(store, on_noted, store);
}

void store_leave(struct store *store)
{
	struct store_spool_stats spool;

	if (!store_spool_stats(store, &spool) || !store->up ||
	    store->replay.running || spool.waits > 0 || spool.held > 0)
		return;
	store->peers.gone = true;
	forget(store, str_of(store->node));
}

/* -- waiting --------------------------------------------------------------- */

/* True: all are there, and the gaps are filled or stay. */
static bool is_all(struct store *store, size_t missing, uint64_t left)
{
	struct peers *peers = &store->peers;
	int64_t now_ms = loop_now_ms(store->loop);

	if (missing > 0 || left != peers->all_left) {
		peers->all_left = missing > 0 ? 0 : left;
		peers->all_left_ms = now_ms;
	}
	return missing == 0 &&
	       (left == 0 || now_ms - peers->all_left_ms >= STUCK_MS);
}

/* An earlier life of this node has been through it in this run: whoever was to
 * come has come, or is waited for no more. */
static bool was_here(const struct store *store, const struct reply *reply)
{
	for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
		struct noted noted = noted_of(reply, i);

		if (str_is(noted.node, store->node) &&
		    str_is(noted.run, store->epoch))
			return true;
	}
	return false;
}

static void on_nodes(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct peers *peers = &store->peers;
	enum store_status status = core_judge(store, reply, NODES);
	uint64_t left = store->replayed.count;
	size_t n = 1;

	peers->asked = false;
	if (store->closing || !peers->holding || !store->up ||
	    store->replay.running)
		return;
	if (status != STORE_AWAY)
		n = missing(store, reply, &left);
	if (!(peers->fresh && was_here(store, reply)) &&
	    !is_all(store, n, left)) {
		peers->fresh = false;
		if (loop_now_ms(store->loop) < peers->until_ms)
			return;
		log_warn("redis=incomplete missing=%zu gaps=%" PRIu64
			 ": what other daemons may hold of what Redis has lost "
			 "is waited for no more",
			 n, left);
	}
	peers->holding = peers->fresh = false;
	store_go_on(store);
}

static void ask(struct store *store)
{
	struct peers *peers = &store->peers;

	if (!peers->holding || peers->asked || !store->up ||
	    store->replay.running)
		return;
	peers->asked = true;
	resp_start(&store->cmd, "HGETALL");
	core_prefixed(store, NODES);
	core_send(store, on_nodes, store);
}

static void on_timer(void *arg)
{
	struct store *store = arg;

	peers_note(store);
	if (!store->peers.holding && store->replayed.count == 0)
		timer_stop(store->peers.timer);
	ask(store);
}

void peers_hold(struct store *store)
{
	struct peers *peers = &store->peers;

	if (!peers->holding)
		peers->youngest_ms = 0;
	peers->fresh = store->ups == 0 && !peers->holding;
	peers->holding = true;
	peers->all_left = 0;
	peers->until_ms = loop_now_ms(store->loop) + HOLD_MS;
	timer_start(peers->timer, ASK_MS, ASK_MS);
	ask(store); /* before this one's own note is another */
	peers_note(store);
}

void peers_init(struct store *store)
{
	store->peers.timer = timer_new(store->loop, on_timer, store);
}

void peers_fini(struct store *store)
{
	timer_free(&store->peers.timer);
}
