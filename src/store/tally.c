/* The figures of the day: what each unit in the log has brought about, told to
 * Redis once a second for all units together (lua/tally.lua). Not in one go: a
 * second has thousands, and Redis does nothing else while it counts. So a few
 * dozen, and when they are counted the next, with what others want in between.
 *
 * Why nothing is counted twice: a unit is known by its conversation and its
 * first seq, and Redis remembers which it has counted. Why nothing is lost:
 * figures travel with their unit; what this process had not told when it ended
 * comes with the unit out of the spool, and is told then. Without a spool the
 * last second before a kill is lost. */
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "base/moment.h"
#include "core.h"

/* So that a year compares with the last. */
#define STATS_MS    (800 * MOMENT_DAY_MS)
#define AT_ONCE_MAX 50    /* units in one call */
#define UNIT_ARGS   4     /* of lua/tally.lua, for each unit */
#define HELD_MAX    20000 /* Redis answers appends, but not this: give up */

/* What is told in one call: units of one day, as arguments of the script. */
struct tally {
	struct tally *next;
	struct store *store;
	char day[16];
	size_t units;
	struct resp args;
};

static void put(struct tallies *t, struct tally *tally)
{
	tally->next = NULL;
	*t->last = tally;
	t->last = &tally->next;
	t->newest = tally;
	t->count += tally->units;
}

static struct tally *take(struct tallies *t)
{
	struct tally *tally = t->first;

	t->first = tally->next;
	if (t->first == NULL) {
		t->last = &t->first;
		t->newest = NULL;
	}
	t->count -= tally->units;
	return tally;
}

static void free_tally(struct tally *tally)
{
	resp_fini(&tally->args);
	free(tally);
}

void tallies_init(struct tallies *t)
{
	t->last = &t->first;
}

void tallies_fini(struct tallies *t)
{
	while (t->first != NULL)
		free_tally(take(t));
}

/* The one that takes a unit more, of that day. */
static struct tally *with_room(struct store *store, struct str day)
{
	struct tally *tally = store->tallies.newest;

	if (tally != NULL && tally->units < AT_ONCE_MAX &&
	    str_is(day, tally->day))
		return tally;
	tally = xcalloc(1, sizeof(*tally));
	tally->store = store;
	str_copy(tally->day, sizeof(tally->day), day);
	put(&store->tallies, tally);
	return tally;
}

/* What somebody else has appended under its id is theirs to count; it is told
 * all the same, by its first seq alone, should they have died before. */
void tally_unit(struct store *store, const struct store_unit *unit,
		const struct store_appended *result)
{
	struct str conv = str_of(unit->conv), day = str_of(unit->day);
	struct str figures = str_of(unit->figures);
	uint64_t last = result->seq;
	size_t room =
		UNIT_ARGS * RESP_ARG_ROOM + conv.n + 2 * DIGITS_MAX + figures.n;
	struct tally *tally;
	char *p;

	if (day.n == 0 || store->tallies.count >= HELD_MAX)
		return;
	if (result->status == STORE_OK)
		last += unit->entry_count - 1;
	tally = with_room(store, day);
	p = resp_room(&tally->args,
		      tally->units == 0 ? AT_ONCE_MAX * room : room);
	p = resp_put(p, conv);
	p = resp_put_u64(p, result->seq);
	p = resp_put_u64(p, last);
	p = resp_put(p, figures);
	resp_end(&tally->args, p, UNIT_ARGS);
	tally->units++;
	store->tallies.count++;
}

static void tell_due(struct store *store);

static void on_told(void *arg, const struct reply *reply)
{
	struct tally *tally = arg;
	struct store *store = tally->store;
	bool away = core_judge(store, reply, "tally") == STORE_AWAY;

	store->tallies.calls--;
	if (away && !store->closing)
		put(&store->tallies, tally);
	else
		free_tally(tally);
	if (away)
		store->tallies.due = 0;
	else if (!store->closing)
		tell_due(store);
}

/* What cannot be sent comes back. */
static void tell(struct store *store)
{
	struct tallies *t = &store->tallies;
	struct tally *tally = take(t);
	struct resp *cmd = &store->cmd;

	script_start(store, SCRIPT_TALLY, 2);
	core_key(store, "stats", tally->day, "");
	core_key(store, "stats", tally->day, ":seen");
	resp_add_i64(cmd, STATS_MS);
	resp_add_i64(cmd, store->spool_max_age_ms + 2 * MOMENT_DAY_MS);
	resp_add_ready(cmd, buf_str(&tally->args.bytes), tally->args.count);
	t->due -= t->due < tally->units ? t->due : tally->units;
	t->calls++;
	script_send(store, SCRIPT_TALLY, on_told, tally);
}

static void tell_due(struct store *store)
{
	struct tallies *t = &store->tallies;

	if (t->calls == 0 && t->due > 0 && t->first != NULL)
		tell(store);
}

void tallies_tick(struct store *store)
{
	if (!store->up)
		return; /* when it is back */
	store->tallies.due = store->tallies.count;
	tell_due(store);
}

void store_tell_figures(struct store *store)
{
	size_t most = store->tallies.count;

	for (; store->up && store->tallies.first != NULL && most > 0; most--)
		tell(store);
}
