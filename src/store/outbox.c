/* Units on their way to the log: copied, in order, sent when Redis is there,
 * sent again until they are answered. Several of one conversation may be on
 * their way at once, each with the `expect` that the one before it makes.
 *
 * 1. A unit waits in one list, by order of arrival. Units of one conversation
 *    also form a lane.
 * 2. Sent is, in one pipeline: its due time, what the queue must know before
 *    the log does, the append. What the queue is to know after the log (out of
 *    line, back in line, another agent) follows the append's answer, so that
 *    an append that is refused changes nothing in the queue's hands.
 * 3. No answer, or an error that will pass: it waits again, in its old place,
 *    and is marked: Redis may have done it (lua/append.lua, "again").
 * 4. A unit that is told "moved" while an earlier one of its lane is not in
 *    the log yet is not at fault: it waits with it.
 * 5. Where log and queue may be at odds afterwards (an answer other than OK, a
 *    step that failed), the queue is made to follow the log: mend.c.
 *
 * What it refuses to do: to look into entries, and to drop anything. */
#include "core.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "unit.h"

#define SENT_MAX       1024 /* units on their way at once */
#define SENT_BYTES_MAX (4 * 1024 * 1024)
#define RETRY_MIN_MS   100
#define RETRY_MAX_MS   5000
/* Over max_waiting_bytes callers are to stop (store_has_room()); who does not
 * is refused at this multiple. */
#define OVERFLOW       2

struct lane {
	struct unit *first, **last;
};

struct unit {
	struct store *store;
	struct unit *prev, *next; /* among those that wait */
	struct unit *lane_next;
	struct lane *lane;
	uint64_t order;
	bool sent;        /* without an answer so far */
	bool again;       /* was sent before, and its fate is unknown */
	bool queue_odd;   /* what the queue must know before has failed */
	bool answered;    /* out of the outbox; only replies may be due */
	unsigned replies; /* to come */
	struct buf bytes;
	struct store_unit view; /* into bytes */
	void *arrays;
	store_append_fn fn;
	void *arg;
	uint64_t tag;
};

static void pump(struct store *store);

static void free_unit(struct unit *unit)
{
	buf_fini(&unit->bytes);
	free(unit->arrays);
	free(unit);
}

/* -- lists ----------------------------------------------------------------- */

/* What comes back is older than most that wait: from the front. */
static void put_in_line(struct outbox *box, struct unit *unit)
{
	struct unit *after = box->first;

	if (box->last != NULL && box->last->order < unit->order)
		after = NULL;
	while (after != NULL && after->order < unit->order)
		after = after->next;
	unit->next = after;
	unit->prev = after == NULL ? box->last : after->prev;
	if (unit->prev == NULL)
		box->first = unit;
	else
		unit->prev->next = unit;
	if (after == NULL)
		box->last = unit;
	else
		after->prev = unit;
}

static void take_from_line(struct outbox *box, struct unit *unit)
{
	if (unit->prev == NULL)
		box->first = unit->next;
	else
		unit->prev->next = unit->next;
	if (unit->next == NULL)
		box->last = unit->prev;
	else
		unit->next->prev = unit->prev;
	unit->prev = unit->next = NULL;
}

static void join_lane(struct outbox *box, struct unit *unit)
{
	struct str conv = str_of(unit->view.conv);
	struct lane *lane = map_get(box->lanes, conv);

	if (lane == NULL) {
		lane = xcalloc(1, sizeof(*lane));
		lane->last = &lane->first;
		map_set(box->lanes, conv, lane);
	}
	unit->lane = lane;
	*lane->last = unit;
	lane->last = &unit->lane_next;
}

static void leave_lane(struct outbox *box, struct unit *unit)
{
	struct lane *lane = unit->lane;
	struct unit **at = &lane->first;

	while (*at != unit)
		at = &(*at)->lane_next;
	*at = unit->lane_next;
	if (unit->lane_next == NULL)
		lane->last = at;
	if (lane->first != NULL)
		return;
	map_del(box->lanes, str_of(unit->view.conv));
	free(lane);
}

/* -- back-off -------------------------------------------------------------- */

static void on_retry(void *arg)
{
	pump(arg);
}

static bool is_backing_off(const struct outbox *box)
{
	return box->retry_ms != 0 && timer_is_running(box->retry);
}

static void back_off(struct outbox *box)
{
	if (is_backing_off(box))
		return;
	box->retry_ms *= 2;
	if (box->retry_ms < RETRY_MIN_MS)
		box->retry_ms = RETRY_MIN_MS;
	if (box->retry_ms > RETRY_MAX_MS)
		box->retry_ms = RETRY_MAX_MS;
	timer_start(box->retry, box->retry_ms, 0);
}

void outbox_kick(struct store *store)
{
	timer_stop(store->outbox.retry);
	store->outbox.retry_ms = 0;
	pump(store);
}

/* -- what the queue is to know --------------------------------------------- */

/* Nothing is to be done with a unit any more. */
static void release(struct unit *unit)
{
	if (unit->answered && unit->replies == 0)
		free_unit(unit);
}

static void mend(const struct unit *unit)
{
	if (!unit->store->closing)
		mend_start(unit->store, unit->view.conv, unit->view.queue,
			   unit->view.queue_from, NULL, NULL);
}

/* Of a call before the append; what is wrong is put right after it. */
static void on_before(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;

	if (core_judge(unit->store, reply, "enqueue") != STORE_OK) {
		unit->queue_odd = true;
		if (unit->answered)
			mend(unit);
	}
	unit->replies--;
	release(unit);
}

static void on_after(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;

	if (core_judge(unit->store, reply, "queue") == STORE_AWAY)
		mend(unit);
	unit->replies--;
	release(unit);
}

/* A dummy for what nobody waits for: a due time that is not set leaves the one
 * before, an entry too much is found by whoever it wakes. */
static void on_aside(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "due");
}

static bool is_move(const struct store_unit *u)
{
	return u->queue_op == QUEUE_MOVE && u->queue_from != NULL &&
	       u->queue_from[0] != '\0' && strcmp(u->queue_from, u->queue) != 0;
}

static bool touches_queue(const struct store_unit *u)
{
	return u->queue != NULL && u->queue[0] != '\0' &&
	       u->queue_op != QUEUE_KEEP && u->queue_op != QUEUE_CLAIMED;
}

static bool goes_in_line(const struct store_unit *u)
{
	return touches_queue(u) && u->queue_op != QUEUE_RESOLVE &&
	       u->queue_op != QUEUE_CLAIM_FOR;
}

static bool send_enqueue(struct unit *unit)
{
	struct store *store = unit->store;
	struct buf record = BUF_INIT;
	bool sent;

	unit_record(&unit->view, &record);
	queue_start(store, SCRIPT_ENQUEUE, unit->view.queue, true);
	resp_add_s(&store->cmd, unit->view.conv);
	resp_add(&store->cmd, buf_str(&record));
	buf_fini(&record);
	sent = script_try(store, SCRIPT_ENQUEUE, on_before, unit);
	unit->replies += sent;
	return sent;
}

/* The visitor's current conversation, where it was opened without Redis. */
static bool send_visitor(struct unit *unit)
{
	struct store *store = unit->store;

	script_start(store, SCRIPT_OPEN, 1);
	core_key(store, "visitor", unit->view.visitor, "");
	resp_add_s(&store->cmd, "");
	resp_add_s(&store->cmd, unit->view.conv);
	return script_try(store, SCRIPT_OPEN, on_aside, store);
}

static bool send_before(struct unit *unit)
{
	const struct store_unit *u = &unit->view;
	struct store *store = unit->store;

	unit->queue_odd = false;
	if (u->due_ms != 0) {
		due_command(store, u->conv, u->due_ms);
		if (!core_try(store, on_aside, store))
			return false;
	}
	if (goes_in_line(u) && !send_enqueue(unit))
		return false;
	return u->visitor == NULL || u->expect != 0 || send_visitor(unit);
}

static void send_after(struct unit *unit, enum script script)
{
	unit->replies++;
	script_send(unit->store, script, on_after, unit);
}

static void send_resolve(struct unit *unit, const char *queue, uint64_t seq)
{
	queue_start(unit->store, SCRIPT_RESOLVE, queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	resp_add_u64(&unit->store->cmd, seq);
	send_after(unit, SCRIPT_RESOLVE);
}

static void send_release(struct unit *unit, struct str agent)
{
	queue_start(unit->store, SCRIPT_RELEASE, unit->view.queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	resp_add(&unit->store->cmd, agent);
	send_after(unit, SCRIPT_RELEASE);
}

static void send_transfer(struct unit *unit, uint64_t seq)
{
	struct buf record = BUF_INIT;

	unit_record(&unit->view, &record);
	queue_start(unit->store, SCRIPT_SETTLE, unit->view.queue, true);
	resp_add_s(&unit->store->cmd, unit->view.conv);
	settle_args(unit->store, "agent", seq, unit->view.agent, record.data,
		    true);
	buf_fini(&record);
	send_after(unit, SCRIPT_SETTLE);
}

/* The append is in the log: what follows from it. `agent` had it before. */
static void send_queue_after(struct unit *unit, uint64_t last, struct str agent)
{
	const struct store_unit *u = &unit->view;

	switch (u->queue_op) {
	case QUEUE_KEEP:
	case QUEUE_ENQUEUE:
	case QUEUE_CLAIMED:
		break;
	case QUEUE_RESOLVE:
		send_resolve(unit, u->queue, last);
		break;
	case QUEUE_BACK:
		send_release(unit, agent);
		break;
	case QUEUE_MOVE:
		if (is_move(u))
			send_resolve(unit, u->queue_from, last);
		else
			send_release(unit, agent);
		break;
	case QUEUE_CLAIM_FOR:
		send_transfer(unit, last);
		break;
	}
}

static void follow_up(struct unit *unit, const struct store_appended *result,
		      bool fresh, struct str agent)
{
	const struct store_unit *u = &unit->view;

	if (unit->store->closing)
		return;
	if (result->status == STORE_OK && u->due_ms == 0) {
		due_command(unit->store, u->conv, 0);
		core_send(unit->store, on_aside, unit->store);
	}
	if (!touches_queue(u))
		return;
	if (fresh && !unit->queue_odd)
		send_queue_after(unit, result->last, agent);
	else
		mend(unit);
}

/* -- appending ------------------------------------------------------------- */

static void wait_again(struct unit *unit)
{
	unit->again = true;
	put_in_line(&unit->store->outbox, unit);
}

static void count_result(struct store_stats *stats, enum store_status status)
{
	stats->appends += status == STORE_OK;
	stats->dups += status == STORE_DUP;
	stats->moved += status == STORE_MOVED;
}

/* It leaves the outbox; its owner is told. `fresh`: this time it was done, not
 * by an earlier try. */
static void finish(struct unit *unit, const struct store_appended *result,
		   bool fresh, struct str agent)
{
	struct store *store = unit->store;
	struct outbox *box = &store->outbox;

	leave_lane(box, unit);
	box->count--;
	box->bytes -= unit->bytes.len;
	unit->answered = true;
	store->stats.waiting_units = box->count;
	count_result(&store->stats, result->status);
	unit->replies++; /* it stays while we are here */
	follow_up(unit, result, fresh, agent);
	if (!store->closing)
		unit->fn(unit->arg, unit->tag, result);
	unit->replies--;
	release(unit);
}

static enum store_status status_of(struct str word)
{
	static const struct {
		const char *word;
		enum store_status status;
	} words[] = {
		{"OK", STORE_OK},         {"DUP", STORE_DUP},
		{"REUSED", STORE_REUSED}, {"MOVED", STORE_MOVED},
		{"FENCED", STORE_FENCED}, {"GONE", STORE_GONE},
		{"STANDS", STORE_OK},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i].word))
			return words[i].status;
	return STORE_REFUSED;
}

/* Redis has done it, or has refused it for good. */
static void on_result(struct unit *unit, const struct reply *reply)
{
	bool error = reply_kind(reply) == REPLY_ERROR;
	struct store_appended result = {
		.status = error ? STORE_REFUSED
				: status_of(reply_text(reply_at(reply, 0))),
		.seq = (uint64_t)reply_number(reply_at(reply, 1)),
		.last = (uint64_t)reply_number(reply_at(reply, 2)),
	};

	if (error)
		log_error("conv=%s append=refused entries=%zu: Redis will "
			  "never take it",
			  unit->view.conv, unit->view.entry_count);
	if (result.status != STORE_OK && unit->lane->first != unit) {
		wait_again(unit);
		return;
	}
	if (!is_backing_off(&unit->store->outbox))
		unit->store->outbox.retry_ms = 0;
	finish(unit, &result, str_is(reply_text(reply_at(reply, 0)), "OK"),
	       reply_text(reply_at(reply, 3)));
}

static void on_append(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;
	struct store *store = unit->store;
	struct outbox *box = &store->outbox;

	unit->replies--;
	unit->sent = false;
	box->sent_count--;
	box->sent_bytes -= unit->bytes.len;
	if (core_judge(store, reply, "append") != STORE_AWAY) {
		on_result(unit, reply);
	} else {
		if (reply != NULL)
			back_off(box);
		wait_again(unit);
	}
	pump(store);
}

static void add_entry(struct resp *cmd, const struct store_entry *entry)
{
	char content[20];

	resp_add(cmd, entry->key.p == NULL ? STR("") : entry->key);
	snprintf(content, sizeof(content), "%016llx",
		 (unsigned long long)entry->content);
	resp_add_s(cmd, content);
	resp_add_u64(cmd, entry->field_count);
	for (size_t i = 0; i < entry->field_count; i++) {
		resp_add(cmd, entry->fields[i].name);
		resp_add(cmd, entry->fields[i].value);
	}
}

static void add_hash(struct resp *cmd, const struct store_unit *u)
{
	bool visitor = u->visitor != NULL &&
		       field_get(u->hash, u->hash_count, "visitor").p == NULL;

	resp_add_u64(cmd, u->hash_count + visitor);
	for (size_t i = 0; i < u->hash_count; i++) {
		resp_add(cmd, u->hash[i].name);
		resp_add(cmd, u->hash[i].value);
	}
	if (visitor) {
		resp_add_s(cmd, "visitor");
		resp_add_s(cmd, u->visitor);
	}
}

static bool send_append(struct unit *unit)
{
	struct store *store = unit->store;
	const struct store_unit *u = &unit->view;
	struct resp *cmd = &store->cmd;

	script_start(store, SCRIPT_APPEND, 3);
	core_key(store, "conv", u->conv, "");
	core_key(store, "conv", u->conv, ":log");
	core_key(store, "conv", u->conv, ":ids");
	core_prefixed(store, "bell:");
	resp_add_s(cmd, store->node);
	resp_add_s(cmd, u->conv);
	resp_add_s(cmd, store->epoch);
	resp_add_u64(cmd, u->expect);
	resp_add_u64(cmd, u->fence);
	resp_add_u64(cmd, u->raise_fence);
	resp_add_u64(cmd, u->watch);
	resp_add_u64(cmd, unit->again);
	add_hash(cmd, u);
	resp_add_u64(cmd, u->entry_count);
	for (size_t i = 0; i < u->entry_count; i++)
		add_entry(cmd, &u->entries[i]);
	return script_try(store, SCRIPT_APPEND, on_append, unit);
}

static bool has_window(const struct outbox *box, const struct unit *unit)
{
	return box->sent_count == 0 ||
	       (box->sent_count < SENT_MAX &&
		box->sent_bytes + unit->bytes.len <= SENT_BYTES_MAX);
}

/* Sends what waits, as far as the window allows. */
static void pump(struct store *store)
{
	struct outbox *box = &store->outbox;

	while (store->up && !is_backing_off(box) && box->first != NULL &&
	       has_window(box, box->first)) {
		struct unit *unit = box->first;

		if (!send_before(unit) || !send_append(unit))
			return; /* the connection ends: again when it is up */
		take_from_line(box, unit);
		unit->replies++;
		unit->sent = true;
		box->sent_count++;
		box->sent_bytes += unit->bytes.len;
	}
}

/* -- the door -------------------------------------------------------------- */

static struct unit *new_unit(struct store *store, const struct store_unit *view,
			     store_append_fn fn, void *arg, uint64_t tag)
{
	struct unit *unit = xcalloc(1, sizeof(*unit));
	bool whole;

	assert(view->entry_count > 0 && view->entry_count <= UNIT_MAX_ENTRIES &&
	       view->hash_count <= UNIT_MAX_FIELDS &&
	       view->info_count <= UNIT_MAX_FIELDS);
	unit_pack(view, &unit->bytes);
	whole = unit_unpack(buf_str(&unit->bytes), &unit->view, &unit->arrays);
	assert(whole);
	(void)whole;
	unit->store = store;
	unit->fn = fn;
	unit->arg = arg;
	unit->tag = tag;
	unit->order = ++store->outbox.order;
	return unit;
}

static void on_overflow(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;
	struct store_appended result = {.status = STORE_REFUSED};

	(void)reply;
	if (!unit->store->closing)
		unit->fn(unit->arg, unit->tag, &result);
	free_unit(unit);
}

void store_append(struct store *store, const struct store_unit *view,
		  store_append_fn fn, void *arg, uint64_t tag)
{
	struct unit *unit = new_unit(store, view, fn, arg, tag);
	struct outbox *box = &store->outbox;

	if (box->bytes + unit->bytes.len >
	    OVERFLOW * store->max_waiting_bytes) {
		core_late(store, on_overflow, unit);
		return;
	}
	box->count++;
	box->bytes += unit->bytes.len;
	join_lane(box, unit);
	put_in_line(box, unit);
	store->stats.waiting_units = box->count;
	pump(store);
}

size_t store_waiting_bytes(const struct store *store)
{
	return store->outbox.bytes;
}

bool store_has_room(const struct store *store)
{
	return store->outbox.bytes < store->max_waiting_bytes;
}

void outbox_init(struct store *store)
{
	struct outbox *box = &store->outbox;

	box->lanes = map_new();
	box->retry = timer_new(store->loop, on_retry, store);
}

/* After the connection: nothing is on its way. */
void outbox_fini(struct store *store)
{
	struct outbox *box = &store->outbox;

	assert(box->sent_count == 0);
	while (box->first != NULL) {
		struct unit *unit = box->first;

		take_from_line(box, unit);
		leave_lane(box, unit);
		free_unit(unit);
	}
	map_free(&box->lanes);
	timer_free(&box->retry);
}
