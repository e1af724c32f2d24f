/* The store: a connection for commands and one that listens, on the loop, and
 * what their comings and goings mean. Stands between the daemon and Redis; the
 * other files of this folder ask through it. It is up when Redis has said PONG
 * and which run it is (the epoch). Decides nothing about conversations. */
#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core.h"
#include "spool.h"

#define IN_FLIGHT_MAX 20000 /* commands; beyond, callers are told AWAY */
#define ERROR_LOG_MS  1000  /* one line of Redis's errors in so long */
#define TICK_MS       1000
#define TIMEOUT_MS    2000
#define LEASE_MS      30000
#define WAIT_MS       1000
#define WAITING_BYTES (64 * 1024 * 1024)
#define TOMBSTONE_MS  (INT64_C(7) * 24 * 3600 * 1000)

/* -- sending --------------------------------------------------------------- */

static void on_late(void *arg)
{
	struct store *store = arg;
	struct late *late = store->late_first;

	store->late_first = NULL;
	store->late_last = &store->late_first;
	while (late != NULL) {
		struct late *next = late->next;

		late->fn(late->arg, NULL);
		free(late);
		late = next;
	}
}

void core_late(struct store *store, redis_reply_fn *fn, void *arg)
{
	struct late *late = xcalloc(1, sizeof(*late));

	late->fn = fn;
	late->arg = arg;
	*store->late_last = late;
	store->late_last = &late->next;
	loop_defer(store->loop, &store->late);
}

bool core_try(struct store *store, redis_reply_fn *fn, void *arg)
{
	if (store->redis == NULL ||
	    !redis_send(store->redis, resp_done(&store->cmd), fn, arg))
		return false;
	store->stats.commands++;
	return true;
}

void core_together(struct store *store, size_t n)
{
	bool fits =
		store->up && redis_in_flight(store->redis) + n <= IN_FLIGHT_MAX;

	store->left_out = fits ? 0 : n;
}

/* True: this one is of those that do not fit. */
static bool is_left_out(struct store *store)
{
	if (store->left_out == 0)
		return false;
	store->left_out--;
	return true;
}

void core_send(struct store *store, redis_reply_fn *fn, void *arg)
{
	bool sent = !is_left_out(store) && store->up &&
		    redis_in_flight(store->redis) < IN_FLIGHT_MAX &&
		    core_try(store, fn, arg);

	if (!sent && fn != NULL)
		core_late(store, fn, arg);
}

static void log_error_reply(struct store *store, const struct reply *reply,
			    const char *what)
{
	const char *remedy = reply_remedy(reply);
	int64_t now = loop_now_ms(store->loop);

	if (store->error_logged_ms != 0 &&
	    now - store->error_logged_ms < ERROR_LOG_MS) {
		store->errors_unlogged++;
		return;
	}
	log_error("redis=refused call=%s error=\"%.*s\"%s%s%s more=%u", what,
		  STR_ARG(reply_text(reply)), remedy ? " remedy=\"" : "",
		  remedy ? remedy : "", remedy ? "\"" : "",
		  store->errors_unlogged);
	store->error_logged_ms = now;
	store->errors_unlogged = 0;
}

enum store_status core_judge(struct store *store, const struct reply *reply,
			     const char *what)
{
	enum reply_class class = reply_class(reply);

	if (class == CLASS_FINE)
		return STORE_OK;
	if (class == CLASS_AWAY)
		return STORE_AWAY;
	store->stats.refused++;
	log_error_reply(store, reply, what);
	if (class == CLASS_RECONNECT)
		redis_reset(store->redis, "not the Redis to write to");
	return class == CLASS_REFUSE ? STORE_REFUSED : STORE_AWAY;
}

void core_nonsense(struct store *store)
{
	redis_reset(store->redis, "an answer that does not fit its question");
}

/* -- keys ------------------------------------------------------------------ */

static void add_key(struct store *store, struct str kind, struct str name,
		    struct str suffix)
{
	const struct str pieces[] = {
		str_of(store->prefix), kind, STR(":{"), name, STR("}"), suffix};

	resp_add_pieces(&store->cmd, pieces, ARRAY_LEN(pieces));
}

void core_key(struct store *store, const char *kind, const char *name,
	      const char *suffix)
{
	add_key(store, str_of(kind), str_of(name), str_of(suffix));
}

void core_prefixed(struct store *store, const char *text)
{
	const struct str pieces[] = {str_of(store->prefix), str_of(text)};

	resp_add_pieces(&store->cmd, pieces, ARRAY_LEN(pieces));
}

void core_plain_key(struct store *store, const char *key)
{
	const char *colon = strchr(key, ':');

	if (colon == NULL)
		core_prefixed(store, key);
	else
		add_key(store, (struct str){key, (size_t)(colon - key)},
			str_of(colon + 1), STR(""));
}

/* -- willing and unwilling ------------------------------------------------- */

static void set_unwilling(struct store *store, const char *remedy)
{
	bool news = (store->stats.unwilling == NULL) != (remedy == NULL);

	store->stats.unwilling = remedy;
	if (news && store->announced && store->ops.unwilling != NULL)
		store->ops.unwilling(store->ops.arg, remedy != NULL);
}

void core_unwilling(struct store *store, const struct reply *reply)
{
	set_unwilling(store, reply_remedy(reply));
}

/* At the edge it takes one and refuses the next. */
static void look_whether_willing(struct store *store)
{
	if (store->stats.unwilling == NULL ||
	    outbox_is_refused(&store->outbox) ||
	    outbox_is_refused(&store->replayed))
		return;
	log_info("redis=willing again");
	set_unwilling(store, NULL);
}

/* -- up and down ----------------------------------------------------------- */

/* The owner may use it. `rolled`: logs are to be read anew. */
static void announce(struct store *store, bool rolled)
{
	store->announced = true;
	store->ups++;
	peers_note(store);
	outbox_kick(&store->outbox);
	mend_kick(store);
	if (store->ops.state != NULL)
		store->ops.state(store->ops.arg, true, store->epoch, rolled);
	if (store->stats.unwilling != NULL && store->ops.unwilling != NULL)
		store->ops.unwilling(store->ops.arg, true);
}

void store_recovered(struct store *store)
{
	if (!store->announced && (store->rolled || store->ups == 0))
		peers_hold(store);
	else
		store_go_on(store);
}

void store_go_on(struct store *store)
{
	bool was_announced = store->announced;

	store->recovering = false;
	spool_freeze(store->spool, false);
	if (!was_announced)
		announce(store, store->rolled);
	else
		outbox_kick(&store->outbox);
}

static void go_up(struct store *store)
{
	bool first = store->epoch[0] == '\0';
	bool rolled = !first && strcmp(store->epoch, store->greeted) != 0;

	memcpy(store->epoch, store->greeted, sizeof(store->epoch));
	store->up = true;
	store->rolled |= rolled;
	log_info("redis=up at=%s epoch=%s%s waiting=%zu", store->address.shown,
		 store->epoch,
		 rolled ? " (another run: logs are read anew)" : "",
		 store->outbox.count);
	replicas_kick(store);
	if (store->spool != NULL && (first || rolled || store->replay.running ||
				     store->peers.holding)) {
		replay_start(store);
		return;
	}
	if (store->spool != NULL)
		spool_freeze(store->spool, false);
	outbox_kick(&store->replayed);
	announce(store, store->rolled);
}

/* Whoever may not ask for it has an epoch all the same: a new one cannot be
 * told from the old one then. */
static void on_info(void *arg, const struct reply *reply)
{
	struct store *store = arg;
	struct str run = reply_info(reply, "run_id:");

	if (reply == NULL)
		return;
	if (reply_kind(reply) == REPLY_ERROR &&
	    reply_class(reply) != CLASS_REFUSE &&
	    !str_starts(reply_text(reply), "NOPERM")) {
		redis_reset(store->redis, "INFO is not answered");
		return;
	}
	if (run.n == 0 || run.n >= sizeof(store->greeted)) {
		log_warn("redis=up remedy=\"allow INFO: without its run id a "
			 "restart of Redis is not noticed\"");
		run = STR("unknown");
	}
	memset(store->greeted, 0, sizeof(store->greeted));
	memcpy(store->greeted, run.p, run.n);
	go_up(store);
}

static void on_open(void *arg)
{
	struct store *store = arg;

	store->stats.reconnects += store->epoch[0] != '\0';
	keeping_look(store);
	scripts_load(store);
	resp_start(&store->cmd, "INFO");
	resp_add_s(&store->cmd, "server");
	core_try(store, on_info, store);
}

static void on_closed(void *arg)
{
	struct store *store = arg;

	if (!store->up)
		return;
	store->up = false;
	set_unwilling(store, NULL);
	replicas_lost(store);
	store->recovering = false;
	if (store->spool != NULL)
		spool_freeze(store->spool, true);
	if (!store->announced)
		return;
	store->announced = false;
	store->rolled = false;
	if (store->ops.state != NULL)
		store->ops.state(store->ops.arg, false, store->epoch, false);
}

static bool where(void *arg, const char **host, unsigned *port)
{
	struct store *store = arg;

	return sentinel_where(store->sentinel, host, port);
}

redis_where_fn *core_where(const struct store *store)
{
	return store->sentinel != NULL ? where : NULL;
}

/* Sentinel names another primary. */
static void on_moved(void *arg)
{
	struct store *store = arg;

	redis_move(store->redis, "Sentinel names another primary");
	redis_move(store->bell.redis, "Sentinel names another primary");
	if (store->replicas.redis != NULL)
		redis_move(store->replicas.redis,
			   "Sentinel names another primary");
}

/* -- the spool ------------------------------------------------------------- */

static void on_committed(void *arg, uint64_t row)
{
	struct store *store = arg;

	outbox_committed(&store->outbox, row);
}

static void on_disk(void *arg, bool failing)
{
	struct store *store = arg;

	outbox_disk(&store->outbox, failing);
}

static bool open_spool(struct store *store,
		       const struct store_spool_options *options)
{
	struct buf why = BUF_INIT;

	if (options->dir == NULL)
		return true;
	store->spool = spool_open(
		store->loop, options,
		&(struct spool_ops){on_committed, on_disk, store}, &why);
	if (store->spool == NULL) {
		log_error("spool: %.*s", (int)why.len, why.data);
		buf_fini(&why);
		return false;
	}
	store->committed = spool_last(store->spool);
	spool_freeze(store->spool, true);
	buf_fini(&why);
	return true;
}

bool store_spool_stats(struct store *store, struct store_spool_stats *out)
{
	if (store->spool == NULL)
		return false;
	spool_stats(store->spool, out);
	out->waits = store->outbox.count + store->replayed.count;
	return true;
}

static void on_tick(void *arg)
{
	struct store *store = arg;

	if (store->up)
		mend_kick(store);
	look_whether_willing(store);
	replay_tick(store);
	peers_note(store);
	replicas_kick(store);
	bell_tick(store);
	tallies_tick(store);
}

/* -- life ------------------------------------------------------------------ */

bool store_url_is_valid(const char *url, struct buf *why)
{
	struct address a;
	bool fine = address_parse(url, &a, why);

	address_fini(&a);
	return fine;
}

/* A node's name stands in channels and lists of names: what would be
 * ambiguous there becomes "_". */
static char *node_name(const char *node)
{
	char *name = xstrdup(node == NULL || node[0] == '\0' ? "node" : node);

	for (char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || strchr("={}*!", *p) != NULL)
			*p = '_';
	return name;
}

static void set_options(struct store *store, const struct store_options *o)
{
	store->prefix = xstrdup(o->prefix == NULL ? "answerd:" : o->prefix);
	store->node = node_name(o->node);
	store->timeout_ms =
		o->command_timeout_ms > 0 ? o->command_timeout_ms : TIMEOUT_MS;
	store->wait_replicas = o->wait_replicas;
	store->spool_max_age_ms = o->spool.max_age_ms;
	store->wait_timeout_ms =
		o->wait_timeout_ms > 0 ? o->wait_timeout_ms : WAIT_MS;
	store->lease_ms = o->lease_ms > 0 ? o->lease_ms : LEASE_MS;
	store->tombstone_ms =
		o->spool.max_age_ms > 0 ? o->spool.max_age_ms : TOMBSTONE_MS;
	store->max_waiting_bytes =
		o->max_waiting_bytes > 0 ? o->max_waiting_bytes : WAITING_BYTES;
}

struct store *store_new(struct loop *loop, const struct store_options *options,
			const struct store_ops *ops)
{
	struct store *store = xcalloc(1, sizeof(*store));
	struct buf why = BUF_INIT;

	if (!address_parse(options->url, &store->address, &why)) {
		log_error("redis.url: %s", why.data);
		buf_fini(&why);
		free(store);
		return NULL;
	}
	store->loop = loop;
	if (!open_spool(store, &options->spool)) {
		address_fini(&store->address);
		free(store);
		return NULL;
	}
	store->ops = *ops;
	set_options(store, options);
	store->late_last = &store->late_first;
	store->late = (struct deferred){.call = on_late, .arg = store};
	outbox_init(store, &store->outbox);
	outbox_init(store, &store->replayed);
	if (store->address.primary != NULL)
		store->sentinel =
			sentinel_new(loop, &store->address, store->timeout_ms,
				     on_moved, store);
	store->redis =
		redis_new(loop, &store->address, "commands", store->timeout_ms,
			  &(struct redis_ops){on_open, on_closed,
					      core_where(store), store});
	tallies_init(&store->tallies);
	bell_init(store);
	replicas_init(store);
	peers_init(store);
	store->tick = timer_new(loop, on_tick, store);
	timer_start(store->tick, TICK_MS, TICK_MS);
	return store;
}

/* Everybody who waits for an answer cleans up; nobody outside is called. */
void store_free(struct store **storep)
{
	struct store *store = *storep;

	if (store == NULL)
		return;
	*storep = NULL;
	store->closing = true;
	store->up = false;
	timer_free(&store->tick);
	sentinel_free(&store->sentinel);
	bell_fini(store);
	replicas_fini(store);
	redis_free(&store->redis);
	while (store->late_first != NULL)
		on_late(store);
	loop_undefer(store->loop, &store->late);
	spool_close(&store->spool);
	outbox_fini(&store->outbox);
	outbox_fini(&store->replayed);
	outbox_free_units(store);
	replay_fini(store);
	peers_fini(store);
	mend_fini(store);
	export_fini(store);
	tallies_fini(&store->tallies);
	resp_fini(&store->cmd);
	address_fini(&store->address);
	free(store->prefix);
	free(store->node);
	free(store);
}

bool store_is_up(const struct store *store)
{
	return store->up && store->announced;
}

const char *store_trouble(const struct store *store)
{
	return redis_trouble(store->redis);
}

bool store_is_willing(const struct store *store)
{
	return store_is_up(store) && store->stats.unwilling == NULL;
}

const char *store_epoch(const struct store *store)
{
	return store->epoch;
}

const struct store_stats *store_stats(const struct store *store)
{
	return &store->stats;
}

static void on_time(void *arg)
{
	*(bool *)arg = true;
}

bool store_wait(struct store *store, const bool *done, int64_t timeout_ms)
{
	bool over = false;
	struct timer *timer = timer_new(store->loop, on_time, &over);

	loop_catch_up(store->loop);
	timer_start(timer, timeout_ms, 0);
	while (!*done && !over)
		loop_turn(store->loop, true);
	timer_free(&timer);
	return *done;
}
