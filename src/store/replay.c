/* Appending again what the spool has. One way for four cases: this daemon has
 * been restarted, Redis was away, Redis has lost its tail, it is another one.
 *
 * 1. The connection is up and tells a run id that is not the last one's, or it
 *    is the first; or a log ends before what it had answered. Until this is
 *    done nobody is told that Redis is there, and what others wait for
 *    (store->outbox) is not sent: it was computed from what is to come.
 * 2. Rows are read oldest first, in pages, and go through an outbox of their
 *    own, a lane a conversation. Those of units that are waiting here all the
 *    same are left out: they come in their own turn.
 * 3. Every append asks first whether the unit stands where it belongs (STANDS),
 *    or whether its first entry is known by its key (DUP): so this may be done
 *    any number of times, by any number of daemons. It is put only behind what
 *    it was computed from: as many entries of somebody else's are another
 *    history, which its trail tells (steps.c).
 * 4. The log may be too short for a unit: others have what is missing, in
 *    their spools. It waits for them a while (outbox.c), and does not keep the
 *    rest from going on.
 * 5. What does not fit any more goes to the owner: what somebody said is
 *    stored all the same, and the state is decided anew by whoever steps the
 *    conversation. A change of the state alone is void: the log is the truth.
 *
 * Why nothing is lost: what a sender has heard to be stored was committed here
 * (outbox.c, 5) and is held for longer than Redis can be unaware of a loss; so
 * it stands in the log, or comes again. Why nothing is doubled: what was said
 * has a key, and the log takes a key once. Why the order stays: a daemon's
 * rows of one conversation are in the order of its units, and a unit is put
 * only after the one before it was computed. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "spool.h"
#include "steps.h"

#define AHEAD_MOST 2000 /* units read and not yet done */

static struct str key_of(const uint64_t *row)
{
	return (struct str){(const char *)row, sizeof(*row)};
}

/* -- one unit -------------------------------------------------------------- */

/* Rows of this life that wait in no outbox: Redis has had them. */
static void hand_back(struct store *store, const struct unit *unit)
{
	struct store_unit whole;
	void *arrays;

	if (store->ops.orphan == NULL ||
	    !unit_unpack(buf_str(&unit->bytes), &whole, &arrays))
		return;
	whole.was_taken = !spool_is_found(store->spool, unit->row);
	whole.nth = unit->row;
	store->ops.orphan(store->ops.arg, &whole);
	free(arrays);
}

static void on_done(void *arg, uint64_t tag,
		    const struct store_appended *result)
{
	struct unit *unit = arg;
	struct store *store = unit->store;

	(void)tag;
	switch (result->status) {
	case STORE_MOVED:
	case STORE_FENCED:
		store->stats.orphans++;
		log_warn("conv=%s seq=%llu a unit out of the spool does not "
			 "fit any more: what was said in it is stored anew",
			 unit->view.conv,
			 (unsigned long long)unit->view.expect + 1);
		hand_back(store, unit);
		break;
	default:
		break;
	}
}

static bool is_ours(struct str bytes)
{
	struct store_unit whole;
	void *arrays;
	bool ours = unit_unpack(bytes, &whole, &arrays);

	free(arrays);
	return ours;
}

static void take_row(struct store *store, const struct spool_row *row)
{
	struct unit *unit;

	if (!is_ours(row->bytes)) {
		log_error("spool=unknown row=%llu: not a unit of this version",
			  (unsigned long long)row->id);
		return;
	}
	unit = outbox_unit(store);
	buf_add_str(&unit->bytes, row->bytes);
	unit_peek(buf_str(&unit->bytes), &unit->view, &unit->args);
	unit->replayed = unit->again = true;
	unit->row = row->id;
	unit->fn = on_done;
	unit->arg = unit;
	store->replay.rows++;
	outbox_add(&store->replayed, unit);
}

/* -- all of them ----------------------------------------------------------- */

static void on_page(void *arg, const struct spool_page *page);

static void ask(struct store *store)
{
	struct replay *r = &store->replay;

	if (r->asked || r->read_all || store->replayed.count >= AHEAD_MOST)
		return;
	r->asked = true;
	spool_read(store->spool, r->after, r->upto, on_page, store);
}

static void begin(struct store *store);

static void on_page(void *arg, const struct spool_page *page)
{
	struct store *store = arg;
	struct replay *r = &store->replay;

	r->asked = false;
	if (!store->up) /* all of it again when it is */
		return;
	if (r->restart) {
		begin(store);
		return;
	}
	for (size_t i = 0; i < page->count; i++)
		if (map_get(r->waiting, key_of(&page->rows[i].id)) == NULL)
			take_row(store, &page->rows[i]);
	r->after = page->after;
	r->read_all = page->after == 0;
	replay_check(store);
}

static void note_waiting(void *arg, uint64_t row)
{
	static char there;

	map_set(arg, key_of(&row), &there);
}

/* Rows that are held are held anew once Redis has them again. */
static void begin(struct store *store)
{
	struct replay *r = &store->replay;

	outbox_empty(&store->replayed);
	map_free(&r->waiting);
	spool_unhold(store->spool);
	*r = (struct replay){
		.running = true,
		.round = r->round + 1,
		.waiting = map_new(),
		.upto = spool_last(store->spool),
		.began_ms = loop_now_ms(store->loop),
	};
	outbox_each_row(&store->outbox, note_waiting, r->waiting);
	ask(store);
}

void replay_start(struct store *store)
{
	store->recovering = true;
	store->replay.restart = store->replay.asked;
	if (!store->replay.restart)
		begin(store);
}

void replay_check(struct store *store)
{
	struct replay *r = &store->replay;

	if (!r->running || r->restart || !store->up)
		return;
	ask(store);
	if (!r->read_all || !outbox_is_quiet(&store->replayed))
		return;
	r->running = false;
	map_free(&r->waiting);
	if (r->rows > 0)
		log_info("spool=replayed rows=%zu recovered=%llu orphans=%llu "
			 "ms=%lld",
			 r->rows, (unsigned long long)store->stats.recovered,
			 (unsigned long long)store->stats.orphans,
			 (long long)(loop_now_ms(store->loop) - r->began_ms));
	store_recovered(store);
}

void replay_lost_tail(struct store *store)
{
	store->replay.lost_tail = store->spool != NULL;
}

void replay_tick(struct store *store)
{
	struct replay *r = &store->replay;

	if (!r->lost_tail || store->recovering || !store->up ||
	    store->replayed.count > 0)
		return;
	log_warn("redis=shorter: a log ends before what it had answered; what "
		 "the spool holds is appended again");
	r->lost_tail = false;
	replay_start(store);
}

void replay_fini(struct store *store)
{
	map_free(&store->replay.waiting);
}
