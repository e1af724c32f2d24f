/* Holding back what too few replicas have; see replicas.h.
 *
 * WAIT counts replicas that have all that was written before the last command
 * of the same connection; so a PING goes before it, and one WAIT serves all
 * that is held by then. Where too few have it in time it is asked again, for
 * as long as it takes: "stored" is late then, and never a lie. Nobody is
 * believed but the run of Redis that has taken it: a new primary may be without
 * it, and counts its own replicas. */
#include "replicas.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core.h"

struct held {
	struct held *next;
	replicas_fn *fn;
	void *arg;
};

static void ask(struct store *store);

/* -- lists ----------------------------------------------------------------- */

static void tell_all(struct replicas *r, struct held *list, bool have)
{
	while (list != NULL) {
		struct held *next = list->next;

		r->count--;
		list->fn(list->arg, have);
		free(list);
		list = next;
	}
}

static struct held *take_asked(struct replicas *r)
{
	struct held *list = r->asked;

	r->asked = NULL;
	r->asked_last = &r->asked;
	return list;
}

static struct held *take_waiting(struct replicas *r)
{
	struct held *list = r->first;

	r->first = NULL;
	r->last = &r->first;
	return list;
}

/* -- asking ---------------------------------------------------------------- */

static void set_behind(struct store *store, bool behind, int64_t have)
{
	struct replicas *r = &store->replicas;

	if (behind && !r->behind)
		log_warn("redis=replicas behind=1 have=%lld want=%lld "
			 "remedy=\"bring the replicas back: until then nothing "
			 "new is confirmed as stored\"",
			 (long long)have, (long long)store->wait_replicas);
	else if (!behind && r->behind)
		log_info("redis=replicas behind=0 have=%lld", (long long)have);
	r->behind = behind;
	store->stats.replicas_behind = behind;
}

static void on_waited(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct replicas *r = &store->replicas;
	int64_t have = reply_number(reply);

	r->asking = false;
	if (core_judge(store, reply, "wait") != STORE_OK || store->closing)
		return; /* asked again with the next tick */
	set_behind(store, have < store->wait_replicas, have);
	if (!r->behind)
		tell_all(r, take_asked(r), true);
	ask(store);
}

/* The first question takes along all that waits. */
static void ask(struct store *store)
{
	struct replicas *r = &store->replicas;
	struct resp *cmd = &store->cmd;

	if (r->asking || r->count == 0 || !store->up ||
	    strcmp(r->run, store->epoch) != 0)
		return;
	resp_start(cmd, "PING");
	if (!redis_send(r->redis, resp_done(cmd), NULL, NULL))
		return;
	resp_start(cmd, "WAIT");
	resp_add_i64(cmd, store->wait_replicas);
	resp_add_i64(cmd, store->wait_timeout_ms);
	r->asking = redis_send(r->redis, resp_done(cmd), on_waited, store);
	if (!r->asking || r->first == NULL)
		return;
	*r->asked_last = r->first;
	r->asked_last = r->last;
	r->first = NULL;
	r->last = &r->first;
}

bool replicas_hold(struct store *store, replicas_fn *fn, void *arg)
{
	struct replicas *r = &store->replicas;
	struct held *held;

	if (r->redis == NULL)
		return false;
	held = xcalloc(1, sizeof(*held));
	held->fn = fn;
	held->arg = arg;
	*r->last = held;
	r->last = &held->next;
	r->count++;
	ask(store);
	return true;
}

/* -- coming and going ------------------------------------------------------ */

void replicas_kick(struct store *store)
{
	if (store->replicas.redis != NULL)
		ask(store);
}

void replicas_lost(struct store *store)
{
	struct replicas *r = &store->replicas;
	struct held *asked = take_asked(r), *waiting = take_waiting(r);

	tell_all(r, asked, false);
	tell_all(r, waiting, false);
}

static void on_run(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct replicas *r = &store->replicas;
	struct str run = reply_info(reply, "run_id:");

	if (reply == NULL)
		return;
	if (run.n == 0 || run.n >= sizeof(r->run))
		run = STR("unknown"); /* as in store.c */
	memset(r->run, 0, sizeof(r->run));
	memcpy(r->run, run.p, run.n);
	if (store->up && strcmp(r->run, store->epoch) != 0)
		redis_reset(r->redis, "not the Redis of the other connection");
	ask(store);
}

static void on_open(void *arg)
{
	struct store *store = arg;

	resp_start(&store->cmd, "INFO");
	resp_add_s(&store->cmd, "server");
	redis_send(store->replicas.redis, resp_done(&store->cmd), on_run,
		   store);
}

static void on_closed(void *arg)
{
	struct replicas *r = &((struct store *)arg)->replicas;

	r->asking = false;
	r->run[0] = '\0';
}

void replicas_init(struct store *store)
{
	struct replicas *r = &store->replicas;

	r->last = &r->first;
	r->asked_last = &r->asked;
	if (store->wait_replicas == 0)
		return;
	r->redis = redis_new(store->loop, &store->address, "replicas",
			     store->timeout_ms + store->wait_timeout_ms,
			     &(struct redis_ops){on_open, on_closed,
						 core_where(store), store});
}

void replicas_fini(struct store *store)
{
	redis_free(&store->replicas.redis);
	replicas_lost(store);
	assert(store->replicas.count == 0);
}
