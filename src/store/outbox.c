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
 * 5. Each unit has a row in the spool, put before it is sent; neither waits
 *    for the other. Its owner hears OK when the log has it and the row is
 *    committed: from then on neither this daemon's death nor Redis's loss of
 *    its tail loses it. While the disk fails, Redis alone must do.
 *    Until then, and until as many replicas have it as are asked for, the log
 *    ends before it for whoever reads here: a receipt comes by that way, too
 *    (outbox_horizon).
 * 6. A unit out of the spool that the log is too short for waits a while: what
 *    is missing may stand in another daemon's spool. What is said meanwhile
 *    in this conversation stays behind it (blocked); the others go on.
 *
 * 7. What may stand anywhere was said, and heard to be stored, before all that
 *    waits in its lane was even computed: it goes in front of that, and what a
 *    refusal does to a lane does not concern it. What a later reading of the
 *    spool brings is elder than what an earlier one brought and still waits:
 *    Redis had had it. In the spool itself the order of the rows is that of
 *    what was said: there nothing goes in front, and behind a refusal all is
 *    handed back, in that order.
 *
 * What it refuses to do: to look into entries, and to drop anything. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "lanes.h"
#include "row.h"
#include "spool.h"

#define SENT_MAX       1024 /* units on their way at once */
#define SENT_BYTES_MAX (4 * 1024 * 1024)
/* Told in one turn: a disk that has stood still commits thousands at once, and
 * who writes meanwhile is to be acknowledged in between. */
#define COMMITTED_MAX  256
#define RETRY_MIN_MS   100
#define RETRY_MAX_MS   5000
/* Over max_waiting_bytes callers are to stop (store_has_room()); who does not
 * is refused at this multiple. */
#define OVERFLOW       2
#define GAP_MS         3000
#define GAP_RETRY_MS   200
#define GAP_SOON_MS    50 /* all of them are at it */

static void pump(struct outbox *box);

/* -- memory ---------------------------------------------------------------- */

/* Kept for the units to come, of which there is one a message. */
#define SPARE_UNITS      POOL(64)
#define SPARE_UNIT_BYTES 4096

struct unit *outbox_unit(struct store *store)
{
	struct unit *unit = store->units;
	struct buf bytes;

	if (unit == NULL) {
		unit = xcalloc(1, sizeof(*unit));
	} else {
		store->units = unit->next;
		store->unit_count--;
		bytes = unit->bytes;
		*unit = (struct unit){.bytes = bytes};
	}
	unit->store = store;
	return unit;
}

static void free_unit(struct unit *unit)
{
	struct store *store = unit->store;

	if (store->unit_count + 1 > SPARE_UNITS ||
	    unit->bytes.cap > SPARE_UNIT_BYTES) {
		buf_fini(&unit->bytes);
		free(unit);
		return;
	}
	buf_clear(&unit->bytes);
	unit->next = store->units;
	store->units = unit;
	store->unit_count++;
}

void outbox_free_units(struct store *store)
{
	while (store->units != NULL) {
		struct unit *unit = store->units;

		store->units = unit->next;
		buf_fini(&unit->bytes);
		free(unit);
	}
}

void outbox_release(struct unit *unit)
{
	if (unit->answered && unit->replies == 0)
		free_unit(unit);
}

/* -- back-off -------------------------------------------------------------- */

static void on_retry(void *arg)
{
	pump(arg);
}

static void on_gap(void *arg)
{
	struct outbox *box = arg;

	while (box->gaps != NULL) {
		struct unit *unit = box->gaps;

		box->gaps = unit->next;
		lanes_line_up(box, unit);
	}
	pump(box);
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

void outbox_kick(struct outbox *box)
{
	timer_stop(box->retry);
	box->retry_ms = 0;
	lanes_unblock(box);
	pump(box);
}

/* -- appending ------------------------------------------------------------- */

static void wait_again(struct unit *unit)
{
	unit->again = true;
	lanes_line_up(unit->box, unit);
}

static void wait_for_gap(struct unit *unit)
{
	struct outbox *box = unit->box;

	unit->next = box->gaps;
	box->gaps = unit;
	if (!timer_is_running(box->gap))
		timer_start(box->gap,
			    box->store->peers.holding ? GAP_SOON_MS
						      : GAP_RETRY_MS,
			    0);
}

/* -- what became of it ----------------------------------------------------- */

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

	unit->box->count--;
	unit->box->bytes -= unit->bytes.len;
	store->stats.waiting_units = store->outbox.count;
	count_result(&store->stats, result->status);
	row_settle(unit, result->status);
	if (row_is_taken(result->status))
		tally_unit(store, &unit->view, result);
	unit->answered = true;
	if (!store->closing)
		unit->fn(unit->arg, unit->tag, result);
	outbox_release(unit);
}

/* They were computed from what has not come to be: nothing is known of where
 * the log is. */
static void tell_behind(struct unit *unit)
{
	while (unit != NULL) {
		struct unit *next = unit->behind;
		uint64_t expect = unit->view.expect;

		tell(unit,
		     &(struct store_appended){STORE_MOVED, expect, expect});
		unit = next;
	}
}

/* Out of the spool, what the log has already keeps nothing up that may stand
 * anywhere. */
static bool lane_goes_on(const struct unit *unit, enum store_status status)
{
	if (status == STORE_OK)
		return true;
	return status == STORE_DUP && unit->replayed && unit->behind != NULL &&
	       unit->behind->view.anywhere;
}

/* Whoever is told may append again at once: by then the lane is in order. */
static void finish(struct unit *unit, const struct store_appended *result)
{
	struct outbox *box = unit->box;
	struct store *store = unit->store;
	struct unit *behind = NULL;

	if (lane_goes_on(unit, result->status))
		lanes_move_up(box, unit);
	else
		behind = lanes_break(box, unit);
	if (box != &store->replayed)
		behind = lanes_keep_anywhere(box, behind);
	tell(unit, result);
	tell_behind(behind);
	if (box == &store->replayed && store->outbox.blocked != NULL) {
		lanes_unblock(&store->outbox);
		pump(&store->outbox);
	}
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

/* All that is to be waited for has come, but for the spool's commit. */
static void settle(struct unit *unit)
{
	if (row_is_taken(unit->result.status) && row_is_uncommitted(unit))
		row_wait(unit);
	else
		finish(unit, &unit->result);
}

/* Enough replicas have it; or nobody knows. */
static void on_replicated(void *arg, bool have)
{
	struct unit *unit = arg;

	if (have) {
		settle(unit);
		return;
	}
	wait_again(unit);
	pump(unit->box);
}

/* What comes out of the spool has nobody who waits for it. */
static bool is_held(struct unit *unit)
{
	return !unit->replayed && row_is_taken(unit->result.status) &&
	       replicas_hold(unit->store, on_replicated, unit);
}

static bool is_gap(const struct unit *unit)
{
	return unit->result.status == STORE_MOVED && !unit->view.anywhere &&
	       unit->result.last < unit->view.expect;
}

/* True: it waits for what is missing. */
static bool minds_gap(struct unit *unit)
{
	int64_t now_ms = loop_now_ms(unit->store->loop);

	if (!unit->replayed) {
		replay_lost_tail(unit->store);
		return false;
	}
	if (unit->gap_until_ms == 0)
		unit->gap_until_ms = now_ms + GAP_MS;
	if (now_ms >= unit->gap_until_ms && !unit->store->peers.holding)
		return false;
	wait_for_gap(unit);
	return true;
}

/* Redis has done it, or has refused it for good. `fresh`: this time it was
 * done, not by an earlier try. */
static void on_result(struct unit *unit, const struct reply *reply)
{
	struct outbox *box = unit->box;
	bool error = reply_kind(reply) == REPLY_ERROR;
	bool fresh = str_is(reply_text(reply_at(reply, 0)), "OK");

	unit->result = (struct store_appended){
		.status = error ? STORE_REFUSED
				: status_of(reply_text(reply_at(reply, 0))),
		.seq = (uint64_t)reply_number(reply_at(reply, 1)),
		.last = (uint64_t)reply_number(reply_at(reply, 2)),
	};

	if (error)
		log_error("conv=%s append=refused entries=%zu: Redis will "
			  "never take it",
			  unit->view.conv, unit->view.entry_count);
	if (!is_backing_off(box))
		box->retry_ms = 0;
	if (is_gap(unit) && minds_gap(unit))
		return;
	steps_follow(unit, &unit->result, fresh,
		     reply_text(reply_at(reply, 3)));
	unit->store->stats.recovered += unit->replayed && fresh;
	if (!is_held(unit))
		settle(unit);
}

/* An error, none at all, or what the script answers with. */
static bool fits(const struct reply *reply)
{
	struct str word = reply_text(reply_at(reply, 0));

	return reply == NULL || reply_kind(reply) == REPLY_ERROR ||
	       (reply_count(reply) == 4 && status_of(word) != STORE_REFUSED);
}

static void refused(struct unit *unit, const struct reply *reply)
{
	back_off(unit->box);
	if (reply_class(reply) == CLASS_RETRY)
		core_unwilling(unit->store, reply);
}

static void on_append(void *arg, const struct reply *reply)
{
	struct unit *unit = arg;
	struct store *store = unit->store;
	struct outbox *box = unit->box;

	if (reply_class(reply) == CLASS_SCRIPT && !unit->in_full) {
		if (steps_send_in_full(unit, on_append))
			return;
		reply = NULL;
	}
	unit->replies--;
	box->sent_count--;
	box->sent_bytes -= unit->bytes.len;
	if (!fits(reply)) {
		core_nonsense(store);
		wait_again(unit);
	} else if (core_judge(store, reply, "append") != STORE_AWAY) {
		on_result(unit, reply);
	} else {
		if (reply != NULL)
			refused(unit, reply);
		wait_again(unit);
	}
	pump(box);
	if (box == &store->replayed)
		replay_check(store);
}

static bool has_window(const struct outbox *box, const struct unit *unit)
{
	return box->sent_count == 0 ||
	       (box->sent_count < SENT_MAX &&
		box->sent_bytes + unit->bytes.len <= SENT_BYTES_MAX);
}

/* What is replayed comes first; and not what is about to be read anew. */
static bool may_send(const struct outbox *box)
{
	const struct store *store = box->store;

	if (!store->up || is_backing_off(box))
		return false;
	return box == &store->replayed ? !store->replay.restart
				       : !store->recovering;
}

/* Sends what waits, as far as the window allows. */
static void pump(struct outbox *box)
{
	while (may_send(box) && box->first != NULL &&
	       has_window(box, box->first)) {
		struct unit *unit = box->first;

		if (lanes_is_blocked(box, unit)) {
			lanes_block(box, lanes_take(box));
			continue;
		}
		if (!steps_send(unit, on_append))
			return; /* the connection ends: again when it is up */
		lanes_take(box);
		unit->replies++;
		box->sent_count++;
		box->sent_bytes += unit->bytes.len;
	}
}

/* -- what the spool says --------------------------------------------------- */

static bool is_committed(const struct unit *unit)
{
	return unit->row <= unit->store->committed;
}

static void finish_committed(struct outbox *box, bool all)
{
	unsigned left = COMMITTED_MAX;

	while (box->uncommitted != NULL &&
	       (all || (left > 0 && is_committed(box->uncommitted)))) {
		struct unit *unit = box->uncommitted;

		box->uncommitted = unit->next;
		if (box->uncommitted == NULL)
			box->uncommitted_last = &box->uncommitted;
		finish(unit, &unit->result);
		left--;
	}
	box->is_more =
		box->uncommitted != NULL && is_committed(box->uncommitted);
	if (box->is_more)
		waker_wake(box->more);
	pump(box);
}

static void on_more(void *arg)
{
	struct outbox *box = arg;

	if (box->is_more)
		finish_committed(box, false);
}

void outbox_committed(struct outbox *box, uint64_t row)
{
	box->store->committed = row;
	if (box->uncommitted != NULL && !box->is_more)
		finish_committed(box, false);
}

void outbox_disk(struct outbox *box, bool failing)
{
	if (failing)
		finish_committed(box, true);
	else
		rows_put_missing(box);
}

bool outbox_is_refused(const struct outbox *box)
{
	return box->count > 0 && box->retry_ms != 0;
}

bool outbox_is_quiet(const struct outbox *box)
{
	return box->first == NULL && box->sent_count == 0;
}

/* -- the door -------------------------------------------------------------- */

static struct unit *new_unit(struct store *store, const struct store_unit *view,
			     store_append_fn fn, void *arg, uint64_t tag)
{
	struct unit *unit = outbox_unit(store);
	bool ours;

	assert(view->entry_count > 0 && view->entry_count <= UNIT_MAX_ENTRIES &&
	       view->hash_count < UNIT_MAX_FIELDS &&
	       view->info_count <= UNIT_MAX_FIELDS);
	unit_pack(view, &unit->bytes);
	ours = unit_peek(buf_str(&unit->bytes), &unit->view, &unit->args);
	assert(ours);
	(void)ours;
	unit->replaces = view->replaces;
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

void outbox_add(struct outbox *box, struct unit *unit)
{
	bool in_front = unit->view.anywhere && box != &unit->store->replayed;
	struct lane *lane = NULL;

	if (in_front)
		lane = map_get(box->lanes, str_of(unit->view.conv));
	unit->box = box;
	box->count++;
	box->bytes += unit->bytes.len;
	row_put(unit);
	unit->round = unit->store->replay.round;
	unit->ups = unit->store->ups;
	if (lane != NULL)
		lanes_join_in_front(box, unit, lane);
	else if (lanes_join(box, unit))
		lanes_line_up(box, unit);
	unit->store->stats.waiting_units = unit->store->outbox.count;
	pump(box);
}

void store_append(struct store *store, const struct store_unit *view,
		  store_append_fn fn, void *arg, uint64_t tag)
{
	struct unit *unit = new_unit(store, view, fn, arg, tag);
	struct outbox *box = &store->outbox;

	if (box->bytes + unit->bytes.len > OVERFLOW * store->max_waiting_bytes)
		core_late(store, on_overflow, unit);
	else
		outbox_add(box, unit);
}

size_t store_waiting_bytes(const struct store *store)
{
	return store->outbox.bytes;
}

bool store_has_room(const struct store *store)
{
	size_t bytes = store->outbox.bytes;

	if (store->spool != NULL)
		bytes += spool_backlog(store->spool);
	return bytes < store->max_waiting_bytes;
}

void outbox_init(struct store *store, struct outbox *box)
{
	box->store = store;
	box->last = &box->first;
	box->uncommitted_last = &box->uncommitted;
	box->blocked_last = &box->blocked;
	box->lanes = map_new();
	box->retry = timer_new(store->loop, on_retry, box);
	box->gap = timer_new(store->loop, on_gap, box);
	box->more = waker_new(store->loop, on_more, box);
}

/* Every unit is in its lane, wherever else it is. */
void outbox_empty(struct outbox *box)
{
	size_t at = 0;
	void *value;

	assert(box->sent_count == 0);
	while (map_next(box->lanes, &at, NULL, &value)) {
		struct lane *lane = value;

		for (struct unit *u = lane->first, *next; u; u = next) {
			next = u->behind;
			free_unit(u);
		}
		free(lane);
	}
	map_free(&box->lanes);
	box->lanes = map_new();
	box->first = box->uncommitted = box->gaps = box->blocked = NULL;
	box->last = &box->first;
	box->blocked_last = &box->blocked;
	box->uncommitted_last = &box->uncommitted;
	box->count = box->bytes = 0;
	timer_stop(box->gap);
	box->is_more = false;
}

/* After the connection: nothing is on its way. */
void outbox_fini(struct outbox *box)
{
	outbox_empty(box);
	map_free(&box->lanes);
	timer_free(&box->retry);
	timer_free(&box->gap);
	waker_free(&box->more);
}
