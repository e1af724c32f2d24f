/* Units on their way to the log: copied, in order, sent when Redis is there,
 * sent again until they are answered.
 *
 * 1. Units of one conversation form a lane. Each was computed from the state
 *    that the one before it makes, so only the first of a lane is sent. That
 *    `expect` fits is not enough: after one was refused because somebody else
 *    had written as many entries, the next one's number would be right and its
 *    history wrong.
 * 2. The firsts of all lanes stand in one line and go out together, as many as
 *    a window allows. The steps of a unit up to its append are one pipeline;
 *    what the queue is to do after the log follows the answer (steps.c).
 * 3. No answer, or an error that will pass: the unit waits again, and is
 *    marked: Redis may have done it (lua/append.lua, STANDS).
 * 4. When a unit is refused, those behind it in its lane are told MOVED.
 *
 * What it refuses to do: to look into entries, and to drop anything. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "steps.h"
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

static void pump(struct store *store);

static void free_unit(struct unit *unit)
{
	buf_fini(&unit->bytes);
	free(unit->arrays);
	free(unit);
}

void outbox_release(struct unit *unit)
{
	if (unit->answered && unit->replies == 0)
		free_unit(unit);
}

/* -- lists ----------------------------------------------------------------- */

static void put_in_line(struct outbox *box, struct unit *unit)
{
	unit->next = NULL;
	*box->last = unit;
	box->last = &unit->next;
}

static struct unit *take_from_line(struct outbox *box)
{
	struct unit *unit = box->first;

	box->first = unit->next;
	if (box->first == NULL)
		box->last = &box->first;
	return unit;
}

/* True: it is the first. */
static bool join_lane(struct outbox *box, struct unit *unit)
{
	struct str conv = str_of(unit->view.conv);
	struct lane *lane = map_get(box->lanes, conv);
	bool first = lane == NULL;

	if (first) {
		lane = xcalloc(1, sizeof(*lane));
		lane->last = &lane->first;
		map_set(box->lanes, conv, lane);
	}
	unit->lane = lane;
	*lane->last = unit;
	lane->last = &unit->behind;
	return first;
}

/* Ends the lane of its first unit; returns those behind it. */
static struct unit *break_lane(struct outbox *box, struct unit *unit)
{
	struct unit *behind = unit->behind;

	free(unit->lane);
	map_del(box->lanes, str_of(unit->view.conv));
	return behind;
}

/* The first unit leaves, the next one may go. */
static void move_up(struct outbox *box, struct unit *unit)
{
	if (unit->behind == NULL) {
		break_lane(box, unit);
		return;
	}
	unit->lane->first = unit->behind;
	put_in_line(box, unit->behind);
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

/* Out of the outbox: its owner is told. */
static void tell(struct unit *unit, const struct store_appended *result)
{
	struct store *store = unit->store;

	store->outbox.count--;
	store->outbox.bytes -= unit->bytes.len;
	store->stats.waiting_units = store->outbox.count;
	count_result(&store->stats, result->status);
	unit->answered = true;
	if (!store->closing)
		unit->fn(unit->arg, unit->tag, result);
	outbox_release(unit);
}

static void tell_behind(struct unit *unit, uint64_t last)
{
	const struct store_appended moved = {STORE_MOVED, last, last};

	while (unit != NULL) {
		struct unit *next = unit->behind;

		tell(unit, &moved);
		unit = next;
	}
}

/* `fresh`: this time it was done, not by an earlier try. Whoever is told may
 * append again at once: by then the lane is in order. */
static void finish(struct unit *unit, const struct store_appended *result,
		   bool fresh, struct str agent)
{
	struct outbox *box = &unit->store->outbox;
	struct unit *behind = NULL;

	if (result->status == STORE_OK)
		move_up(box, unit);
	else
		behind = break_lane(box, unit);
	steps_follow(unit, result, fresh, agent);
	tell(unit, result);
	tell_behind(behind, result->last);
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

		if (!steps_send(unit, on_append))
			return; /* the connection ends: again when it is up */
		take_from_line(box);
		unit->replies++;
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
	if (join_lane(box, unit))
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

	box->last = &box->first;
	box->lanes = map_new();
	box->retry = timer_new(store->loop, on_retry, store);
}

/* After the connection: nothing is on its way. */
void outbox_fini(struct store *store)
{
	struct outbox *box = &store->outbox;

	assert(box->sent_count == 0);
	while (box->first != NULL) {
		struct unit *unit = take_from_line(box);
		struct unit *behind = break_lane(box, unit);

		free_unit(unit);
		while ((unit = behind) != NULL) {
			behind = unit->behind;
			free_unit(unit);
		}
	}
	map_free(&box->lanes);
	timer_free(&box->retry);
}
