/* Erasing a visitor; see store/visitor.h. In this order, so that whatever is
 * written meanwhile is refused or found:
 *
 * 1. forget: the visitor's tombstone; no conversation is opened for them.
 * 2. sweep `recent`: names conversations that visitor:{V} does not.
 * 3. erase each conversation: its tombstone, and nothing else. Then its seats,
 *    its next step, its context: what a daemon still writes there is taken
 *    away by whoever finds the tombstone (mend.c, the hub).
 * 4. sweep what was not answered on the days of those conversations.
 * 5. sweep `recent` once more: lines of what was appended before 3. A daemon
 *    may write one still, after its own disk has the append: it hears the bell
 *    of 3 and sweeps after itself (store_erase_traces).
 * 6. visitor:{V} says no names and no owner any more. Until then all this can
 * be repeated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/moment.h"
#include "core.h"
#include "queue.h"
#include "store/visitor.h"

#define SWEEP_NOTES "500" /* looked at in one call */

struct erasing {
	struct store *store;
	struct arena arena;
	char *visitor;
	char **queues;
	size_t queue_count;
	const char **convs;
	size_t conv_count, conv_room;
	size_t at;         /* the conversation in turn */
	size_t pending;    /* answers to come for it */
	bool again;        /* was erased before */
	int64_t from, day; /* ms: the first day, and the one in turn */
	int64_t to;
	char stream[32];
	void (*swept)(struct erasing *e); /* what comes after a sweep */
	struct store_erased result;
	store_erased_fn fn;
	void *arg;
	uint64_t tag;
};

/* -- the parts that touch one conversation --------------------------------- */

static void send_erase(struct store *store, const char *conv,
		       redis_reply_fn *fn, void *arg)
{
	script_start(store, SCRIPT_ERASE, 3);
	core_key(store, "conv", conv, "");
	core_key(store, "conv", conv, ":log");
	core_key(store, "conv", conv, ":ids");
	core_prefixed(store, "bell:");
	resp_add_s(&store->cmd, conv);
	resp_add_i64(&store->cmd, store->tombstone_ms);
	script_send(store, SCRIPT_ERASE, fn, arg);
}

/* Its place in a queue, whoever has put it there. */
static void send_out(struct store *store, const char *conv, const char *queue,
		     redis_reply_fn *fn, void *arg)
{
	queue_start(store, SCRIPT_RESOLVE, queue, true);
	resp_add_s(&store->cmd, conv);
	resp_add_u64(&store->cmd, 0);
	script_send(store, SCRIPT_RESOLVE, fn, arg);
}

static void send_beside(struct store *store, const char *conv,
			redis_reply_fn *fn, void *arg)
{
	due_command(store, conv, 0);
	core_send(store, fn, arg);
	resp_start(&store->cmd, "DEL");
	core_key(store, "context", conv, "");
	core_send(store, fn, arg);
}

static void on_stray(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "erase");
}

static void send_sweep(struct store *store, const char *stream,
		       const char *conv)
{
	script_start(store, SCRIPT_SWEEP, 1);
	core_plain_key(store, stream);
	resp_add_s(&store->cmd, "+");
	resp_add_s(&store->cmd, SWEEP_NOTES);
	resp_add_s(&store->cmd, "");
	resp_add_s(&store->cmd, conv);
	script_send(store, SCRIPT_SWEEP, on_stray, store);
}

void store_erase_traces(struct store *store, const char *conv)
{
	char stream[32] = "unanswered:";

	send_beside(store, conv, on_stray, store);
	send_sweep(store, "recent", conv);
	moment_day(loop_wall_ms(), stream + strlen(stream));
	send_sweep(store, stream, conv);
}

void store_expire(struct store *store, const char *conv, const char *visitor)
{
	if (visitor[0] != '\0') {
		script_start(store, SCRIPT_UNNAME, 1);
		core_key(store, "visitor", visitor, "");
		resp_add_s(&store->cmd, conv);
		script_send(store, SCRIPT_UNNAME, on_stray, store);
	}
	send_erase(store, conv, on_stray, store);
	send_beside(store, conv, on_stray, store);
}

void erase_stray(struct store *store, const char *conv, const char *queue)
{
	send_erase(store, conv, on_stray, store);
	store_erase_traces(store, conv);
	if (queue != NULL && queue[0] != '\0')
		send_out(store, conv, queue, on_stray, store);
}

/* -- life ------------------------------------------------------------------ */

static void end(struct erasing *e)
{
	if (!e->store->closing)
		e->fn(e->arg, e->tag, &e->result);
	queue_names_free(e->queues, e->queue_count);
	arena_fini(&e->arena);
	free(e->visitor);
	free(e->convs);
	free(e);
}

static bool fails(struct erasing *e, const struct reply *reply)
{
	enum store_status status = core_judge(e->store, reply, "erase");

	if (status != STORE_OK && e->result.status == STORE_OK)
		e->result.status = status;
	return e->result.status != STORE_OK;
}

static bool has_conv(const struct erasing *e, struct str name)
{
	for (size_t i = 0; i < e->conv_count; i++)
		if (str_is(name, e->convs[i]))
			return true;
	return false;
}

static void add_conv(struct erasing *e, struct str name)
{
	if (name.n == 0 || name.n > STORE_NAME_MAX || has_conv(e, name))
		return;
	if (e->conv_count == e->conv_room) {
		e->conv_room = e->conv_room * 2 + 16;
		e->convs = xrealloc(e->convs, e->conv_room * sizeof(*e->convs));
	}
	e->convs[e->conv_count++] = arena_str(&e->arena, name).p;
}

/* -- sweeping a stream ----------------------------------------------------- */

static void on_swept(void *arg, const struct reply *reply);

static void sweep_from(struct erasing *e, struct str from)
{
	struct store *store = e->store;

	script_start(store, SCRIPT_SWEEP, 1);
	core_plain_key(store, e->stream);
	resp_add(&store->cmd, from);
	resp_add_s(&store->cmd, SWEEP_NOTES);
	resp_add_s(&store->cmd, e->visitor);
	for (size_t i = 0; i < e->conv_count; i++)
		resp_add_s(&store->cmd, e->convs[i]);
	script_send(store, SCRIPT_SWEEP, on_swept, e);
}

static void on_swept(void *arg, const struct reply *reply)
{
	struct erasing *e = arg;
	struct str next = reply_text(reply_at(reply, 0));

	if (fails(e, reply) || e->store->closing) {
		end(e);
		return;
	}
	e->result.notes += (size_t)reply_number(reply_at(reply, 1));
	for (size_t i = 2; i < reply_count(reply); i++)
		add_conv(e, reply_text(reply_at(reply, i)));
	if (next.n > 0)
		sweep_from(e, next);
	else
		e->swept(e);
}

static void sweep(struct erasing *e, const char *stream,
		  void (*then)(struct erasing *e))
{
	snprintf(e->stream, sizeof(e->stream), "%s", stream);
	e->swept = then;
	sweep_from(e, STR("+"));
}

/* -- 6. the end ------------------------------------------------------------ */

static void on_dropped(void *arg, const struct reply *reply)
{
	struct erasing *e = arg;

	if (!fails(e, reply) && !e->again && e->conv_count == 0 &&
	    e->result.notes == 0)
		e->result.status = STORE_EMPTY;
	end(e);
}

static void drop_names(struct erasing *e)
{
	struct store *store = e->store;

	resp_start(&store->cmd, "HDEL");
	core_key(store, "visitor", e->visitor, "");
	resp_add_s(&store->cmd, "conversation");
	resp_add_s(&store->cmd, "history");
	resp_add_s(&store->cmd, "owner");
	core_send(store, on_dropped, e);
}

/* -- 4 and 5. what was noted ----------------------------------------------- */

static void sweep_recent_again(struct erasing *e)
{
	sweep(e, "recent", drop_names);
}

static void sweep_day(struct erasing *e)
{
	char stream[32] = "unanswered:";

	if (e->conv_count == 0 || e->from == 0 || e->day < e->from) {
		sweep_recent_again(e);
		return;
	}
	moment_day(e->day, stream + strlen(stream));
	e->day -= MOMENT_DAY_MS;
	sweep(e, stream, sweep_day);
}

static void sweep_days(struct erasing *e)
{
	e->day = e->to;
	e->from = note_first_day(e->from, e->to);
	sweep_day(e);
}

/* -- 3. conversation by conversation --------------------------------------- */

static void erase_next(struct erasing *e);

static void one_less(struct erasing *e)
{
	if (--e->pending > 0)
		return;
	if (e->result.status != STORE_OK || e->store->closing)
		end(e);
	else
		erase_next(e);
}

static void on_beside(void *arg, const struct reply *reply)
{
	struct erasing *e = arg;

	fails(e, reply);
	one_less(e);
}

static void note_time(struct erasing *e, const struct reply *reply)
{
	int64_t ms = reply_number(reply);

	if (ms <= 0)
		return;
	if (e->from == 0 || ms < e->from)
		e->from = ms;
	if (ms > e->to)
		e->to = ms;
}

static bool has_queue(const struct erasing *e, struct str queue)
{
	for (size_t i = 0; i < e->queue_count; i++)
		if (str_is(queue, e->queues[i]))
			return true;
	return false;
}

/* Its own queue may be one that the configuration has no more. */
static void on_erased(void *arg, const struct reply *reply)
{
	struct erasing *e = arg;
	const char *conv = e->convs[e->at - 1];
	struct str queue = reply_text(reply_at(reply, 1));
	int64_t events = reply_number(reply_at(reply, 0));

	if (!fails(e, reply) && !e->store->closing) {
		e->result.events += (size_t)events;
		e->result.conversations += events > 0;
		note_time(e, reply_at(reply, 2));
		note_time(e, reply_at(reply, 3));
		if (queue.n > 0 && queue.n < STORE_NAME_MAX &&
		    !has_queue(e, queue)) {
			char *name = xstrndup(queue.p, queue.n);

			e->pending++;
			send_out(e->store, conv, name, on_beside, e);
			free(name);
		}
	}
	one_less(e);
}

/* In one pipeline; the tombstone is there before the rest goes. */
static void erase_next(struct erasing *e)
{
	const char *conv;

	if (e->at == e->conv_count) {
		sweep_days(e);
		return;
	}
	conv = e->convs[e->at++];
	e->pending = 3 + e->queue_count;
	send_erase(e->store, conv, on_erased, e);
	for (size_t i = 0; i < e->queue_count; i++)
		send_out(e->store, conv, e->queues[i], on_beside, e);
	send_beside(e->store, conv, on_beside, e);
}

/* -- 1 and 2. who ---------------------------------------------------------- */

/* Names parted by blanks. */
static void add_names(struct erasing *e, struct str list)
{
	while (list.n > 0)
		add_conv(e, str_cut(&list, ' '));
}

static void on_forgotten(void *arg, const struct reply *reply)
{
	struct erasing *e = arg;

	if (fails(e, reply) || e->store->closing) {
		end(e);
		return;
	}
	e->again = reply_text(reply_at(reply, 0)).n > 0;
	add_names(e, reply_text(reply_at(reply, 1)));
	add_names(e, reply_text(reply_at(reply, 2)));
	sweep(e, "recent", erase_next);
}

void store_erase(struct store *store, const char *visitor,
		 const char *const *queues, size_t n, store_erased_fn fn,
		 void *arg, uint64_t tag)
{
	struct erasing *e = xcalloc(1, sizeof(*e));

	e->store = store;
	e->fn = fn;
	e->arg = arg;
	e->tag = tag;
	e->result.status = STORE_OK;
	e->visitor = xstrdup(visitor);
	e->queues = queue_names(queues, n);
	e->queue_count = n;
	arena_init(&e->arena);
	script_start(store, SCRIPT_FORGET, 1);
	core_key(store, "visitor", visitor, "");
	resp_add_i64(&store->cmd, store->tombstone_ms);
	script_send(store, SCRIPT_FORGET, on_forgotten, e);
}
