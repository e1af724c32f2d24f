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

#include "base/mem.h"
#include "base/moment.h"
#include "core.h"

/* So that a year compares with the last. */
#define STATS_MS    (800 * MOMENT_DAY_MS)
#define AT_ONCE_MAX 50    /* units in one call */
#define HELD_MAX    20000 /* Redis answers appends, but not this: give up */

struct tally {
	struct tally *next;
	char day[16];
	uint64_t first, last;
	char *figures;
	char conv[]; /* then the figures */
};

static void put(struct tallies *t, struct tally *tally)
{
	tally->next = NULL;
	*t->last = tally;
	t->last = &tally->next;
	t->count++;
}

static struct tally *take(struct tallies *t)
{
	struct tally *tally = t->first;

	t->first = tally->next;
	if (t->first == NULL)
		t->last = &t->first;
	t->count--;
	return tally;
}

static void drop(struct tallies *t)
{
	while (t->first != NULL)
		free(take(t));
}

void tallies_init(struct tallies *t)
{
	t->last = &t->first;
}

void tallies_fini(struct tallies *t)
{
	drop(t);
}

/* What somebody else has appended under its id is theirs to count; it is told
 * all the same, by its first seq alone, should they have died before. */
void tally_unit(struct store *store, const struct store_unit *unit,
		const struct store_appended *result)
{
	struct tallies *t = &store->tallies;
	struct str figures = str_of(unit->figures);
	size_t conv_size, n = figures.n;
	struct tally *tally;

	if (unit->day == NULL || unit->day[0] == '\0' || t->count >= HELD_MAX)
		return;
	conv_size = strlen(unit->conv) + 1;
	tally = xmalloc(sizeof(*tally) + conv_size + n + 1);
	str_copy(tally->day, sizeof(tally->day), str_of(unit->day));
	tally->first = result->seq;
	tally->last = result->seq;
	if (result->status == STORE_OK)
		tally->last += unit->entry_count - 1;
	memcpy(tally->conv, unit->conv, conv_size);
	tally->figures = tally->conv + conv_size;
	if (n > 0)
		memcpy(tally->figures, figures.p, n);
	tally->figures[n] = '\0';
	put(t, tally);
}

/* What is told in one call, until its answer. */
struct telling {
	struct store *store;
	struct tallies told;
};

static void tell_due(struct store *store);

static void on_told(void *arg, const struct reply *reply)
{
	struct telling *telling = arg;
	struct store *store = telling->store;
	bool away = core_judge(store, reply, "tally") == STORE_AWAY;

	store->tallies.calls--;
	if (away && !store->closing)
		while (telling->told.first != NULL)
			put(&store->tallies, take(&telling->told));
	drop(&telling->told);
	free(telling);
	if (away)
		store->tallies.due = 0;
	else if (!store->closing)
		tell_due(store);
}

/* What cannot be sent comes back. */
static void tell(struct store *store)
{
	struct telling *telling = xcalloc(1, sizeof(*telling));
	struct tallies *t = &store->tallies;
	struct resp *cmd = &store->cmd;
	char day[16];

	telling->store = store;
	tallies_init(&telling->told);
	memcpy(day, t->first->day, sizeof(day));
	script_start(store, SCRIPT_TALLY, 2);
	core_key(store, "stats", day, "");
	core_key(store, "stats", day, ":seen");
	resp_add_i64(cmd, STATS_MS);
	resp_add_i64(cmd, store->spool_max_age_ms + 2 * MOMENT_DAY_MS);
	while (t->first != NULL && strcmp(t->first->day, day) == 0 &&
	       telling->told.count < AT_ONCE_MAX) {
		struct tally *tally = take(t);

		resp_add_s(cmd, tally->conv);
		resp_add_u64(cmd, tally->first);
		resp_add_u64(cmd, tally->last);
		resp_add_s(cmd, tally->figures);
		put(&telling->told, tally);
	}
	t->due -= t->due < telling->told.count ? t->due : telling->told.count;
	t->calls++;
	script_send(store, SCRIPT_TALLY, on_told, telling);
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
