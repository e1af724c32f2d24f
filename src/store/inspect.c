/* Reading what a check compares; see store/inspect.h. Small commands, each
 * answered in a moment: SCAN in steps, and for one conversation its hash, its
 * ids, its due time and its seats in the queues. */
#include "store/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "core.h"

#define STEP_KEYS "200"  /* looked at in one step of a walk */
#define NAMES_END "9999" /* of one list of a queue */

/* -- names ----------------------------------------------------------------- */

struct walking {
	struct store *store;
	struct arena arena;
	struct store_walk walk;
	const char **convs;
	size_t room;
	unsigned replies; /* still to come */
	store_walk_fn fn;
	void *arg;
};

static struct walking *new_walking(struct store *store, store_walk_fn fn,
				   void *arg)
{
	struct walking *w = xcalloc(1, sizeof(*w));

	w->store = store;
	w->fn = fn;
	w->arg = arg;
	arena_init(&w->arena);
	return w;
}

static void add_name(struct walking *w, struct str name)
{
	if (w->walk.count == w->room) {
		w->room = w->room * 2 + 64;
		w->convs = xrealloc(w->convs, w->room * sizeof(*w->convs));
	}
	w->convs[w->walk.count++] = arena_str(&w->arena, name).p;
}

static void end_walking(struct walking *w)
{
	w->walk.convs = w->convs;
	if (!w->store->closing)
		w->fn(w->arg, &w->walk);
	arena_fini(&w->arena);
	free(w->convs);
	free(w);
}

/* "PREFIXconv:{C}", with ":log" or ":ids" behind it or not. */
static void add_key(struct walking *w, struct str key)
{
	size_t skip = strlen(w->store->prefix) + strlen("conv:{");
	const char *end;

	if (key.n <= skip)
		return;
	key.p += skip;
	key.n -= skip;
	end = memchr(key.p, '}', key.n);
	if (end == NULL || end == key.p)
		return;
	key.n = (size_t)(end - key.p);
	add_name(w, key);
}

static void on_step(void *arg, const struct reply *reply)
{
	struct walking *w = arg;
	const struct reply *keys = reply_at(reply, 1);

	w->walk.status = core_judge(w->store, reply, "scan");
	w->walk.next = arena_str(&w->arena, reply_text(reply_at(reply, 0))).p;
	for (size_t i = 0; i < reply_count(keys); i++)
		add_key(w, reply_text(reply_at(keys, i)));
	end_walking(w);
}

/* A prefix may hold what a pattern takes for more than itself. */
static void add_pattern(struct store *store)
{
	struct buf b = BUF_INIT;

	for (const char *p = store->prefix; *p != '\0'; p++) {
		if (strchr("*?[]\\^", *p) != NULL)
			buf_add_c(&b, '\\');
		buf_add_c(&b, *p);
	}
	buf_add_s(&b, "conv:{*");
	resp_add(&store->cmd, buf_str(&b));
	buf_fini(&b);
}

void store_walk(struct store *store, const char *cursor, store_walk_fn fn,
		void *arg)
{
	resp_start(&store->cmd, "SCAN");
	resp_add_s(&store->cmd, cursor);
	resp_add_s(&store->cmd, "MATCH");
	add_pattern(store);
	resp_add_s(&store->cmd, "COUNT");
	resp_add_s(&store->cmd, STEP_KEYS);
	core_send(store, on_step, new_walking(store, fn, arg));
}

static void on_names(void *arg, const struct reply *reply)
{
	struct walking *w = arg;
	enum store_status status = core_judge(w->store, reply, "names");

	if (status != STORE_OK)
		w->walk.status = status;
	for (size_t i = 0; i < reply_count(reply); i++)
		add_name(w, reply_text(reply_at(reply, i)));
	if (--w->replies == 0)
		end_walking(w);
}

static void send_range(struct walking *w, const char *queue, const char *suffix)
{
	struct store *store = w->store;

	resp_start(&store->cmd, "ZRANGE");
	core_key(store, "queue", queue, suffix);
	resp_add_s(&store->cmd, "0");
	resp_add_s(&store->cmd, NAMES_END);
	core_send(store, on_names, w);
}

void store_queue_names(struct store *store, const char *queue, store_walk_fn fn,
		       void *arg)
{
	struct walking *w = new_walking(store, fn, arg);

	w->replies = 3;
	send_range(w, queue, "");
	send_range(w, queue, ":claimed");
	resp_start(&store->cmd, "HKEYS");
	core_key(store, "queue", queue, ":info");
	core_send(store, on_names, w);
}

/* -- facts ----------------------------------------------------------------- */

struct gathering {
	struct store *store;
	struct arena arena;
	struct store_facts facts;
	struct store_seat *seats;
	size_t lines, claims, infos; /* answered so far: of the seats in turn */
	size_t replies;              /* still to come */
	store_facts_fn fn;
	void *arg;
};

/* After each answer; the last one ends it. */
static void took(struct gathering *g, const struct reply *reply)
{
	enum store_status status = core_judge(g->store, reply, "inspect");

	if (status != STORE_OK)
		g->facts.status = status;
	if (--g->replies > 0)
		return;
	g->facts.seats = g->seats;
	if (!g->store->closing)
		g->fn(g->arg, &g->facts);
	arena_fini(&g->arena);
	free(g);
}

static struct field *copy_pairs(struct arena *arena, const struct reply *reply,
				size_t *count)
{
	size_t n = reply_count(reply) / 2;
	struct field *fields = arena_alloc(arena, (n + 1) * sizeof(*fields));

	for (size_t i = 0; i < n; i++) {
		struct str name = reply_text(reply_at(reply, 2 * i));
		struct str value = reply_text(reply_at(reply, 2 * i + 1));

		fields[i] = (struct field){arena_str(arena, name),
					   arena_str(arena, value)};
	}
	*count = n;
	return fields;
}

static void on_time(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	g->facts.now_ms = reply_number(reply_at(reply, 0)) * 1000 +
			  reply_number(reply_at(reply, 1)) / 1000;
	took(g, reply);
}

static void on_hash(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	g->facts.hash = copy_pairs(&g->arena, reply, &g->facts.hash_count);
	took(g, reply);
}

static void on_ids(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	g->facts.ids = copy_pairs(&g->arena, reply, &g->facts.id_count);
	took(g, reply);
}

/* Scores are times, in full ms, but may come as 1.7e+12. */
static int64_t score_ms(const struct reply *reply)
{
	struct str s = reply_text(reply);

	return s.n == 0 ? 0 : (int64_t)strtod(s.p, NULL);
}

static void on_due(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	g->facts.due_ms = score_ms(reply);
	took(g, reply);
}

static void on_line(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	g->seats[g->lines++].waits = reply_text(reply).n > 0;
	took(g, reply);
}

static void on_claimed(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;
	struct store_seat *seat = &g->seats[g->claims++];

	seat->claimed = reply_text(reply).n > 0;
	seat->lease_ms = score_ms(reply);
	took(g, reply);
}

static void on_info(void *arg, const struct reply *reply)
{
	struct gathering *g = arg;

	if (reply_kind(reply) == REPLY_TEXT)
		g->seats[g->infos].info =
			arena_str(&g->arena, reply_text(reply));
	g->infos++;
	took(g, reply);
}

static void ask_seat(struct gathering *g, const char *queue, const char *conv)
{
	struct store *store = g->store;

	resp_start(&store->cmd, "ZSCORE");
	core_key(store, "queue", queue, "");
	resp_add_s(&store->cmd, conv);
	core_send(store, on_line, g);
	resp_start(&store->cmd, "ZSCORE");
	core_key(store, "queue", queue, ":claimed");
	resp_add_s(&store->cmd, conv);
	core_send(store, on_claimed, g);
	resp_start(&store->cmd, "HGET");
	core_key(store, "queue", queue, ":info");
	resp_add_s(&store->cmd, conv);
	core_send(store, on_info, g);
}

static void ask_all(struct store *store, const char *conv, const char *suffix,
		    redis_reply_fn *fn, struct gathering *g)
{
	resp_start(&store->cmd, "HGETALL");
	core_key(store, "conv", conv, suffix);
	core_send(store, fn, g);
}

void store_facts(struct store *store, const char *conv,
		 const char *const *queues, size_t n, store_facts_fn fn,
		 void *arg)
{
	struct gathering *g = xcalloc(1, sizeof(*g));

	g->store = store;
	g->fn = fn;
	g->arg = arg;
	arena_init(&g->arena);
	g->seats = arena_alloc(&g->arena, (n + 1) * sizeof(*g->seats));
	g->facts.seat_count = n;
	g->replies = 4 + 3 * n;
	core_together(store, g->replies);
	for (size_t i = 0; i < n; i++) {
		g->seats[i] = (struct store_seat){
			.queue = arena_str(&g->arena, str_of(queues[i])).p,
			.info = STR_NONE};
		ask_seat(g, queues[i], conv);
	}
	due_ask(store, conv);
	core_send(store, on_due, g);
	ask_all(store, conv, ":ids", on_ids, g);
	ask_all(store, conv, "", on_hash, g);
	resp_start(&store->cmd, "TIME");
	core_send(store, on_time, g);
}
