/* A unit's row in the spool; see row.h. What the spool is for stands in
 * outbox.c (5). */
#include "row.h"

#include "lanes.h"
#include "spool.h"

bool row_is_taken(enum store_status status)
{
	return status == STORE_OK || status == STORE_DUP;
}

static bool is_wanted_again(enum store_status status)
{
	switch (status) {
	case STORE_OK:
	case STORE_DUP:
	case STORE_MOVED:
	case STORE_FENCED:
	case STORE_REFUSED:
		return true;
	default:
		return false;
	}
}

/* Else both would be handed back in each life that comes before they are let
 * go, and each time another one made of them. */
static void remove_replaced(struct unit *unit)
{
	if (unit->replaces != 0)
		spool_remove(unit->store->spool, unit->replaces);
	unit->replaces = 0;
}

void row_settle(struct unit *unit, enum store_status status)
{
	struct spool *spool = unit->store->spool;

	if (unit->row == 0 || spool == NULL)
		return;
	if (row_is_taken(status))
		remove_replaced(unit);
	if (row_is_taken(status) || (unit->replayed && is_wanted_again(status)))
		spool_hold(spool, unit->row);
	else
		spool_remove(spool, unit->row);
}

void row_put(struct unit *unit)
{
	struct spool *spool = unit->store->spool;

	if (spool == NULL || unit->row != 0)
		return;
	unit->row = spool_put(spool, buf_str(&unit->bytes));
	if (unit->row != 0 && unit->view.anywhere)
		remove_replaced(unit);
}

bool row_is_uncommitted(const struct unit *unit)
{
	const struct store *store = unit->store;

	return unit->row > store->committed && !unit->replayed &&
	       store->spool != NULL && !spool_is_failing(store->spool);
}

void row_wait(struct unit *unit)
{
	struct outbox *box = unit->box;

	unit->uncommitted = true;
	unit->next = NULL;
	*box->uncommitted_last = unit;
	box->uncommitted_last = &unit->next;
}

/* Lane by lane, so that their rows are in order. */
void rows_put_missing(struct outbox *box)
{
	size_t at = 0;
	void *lane;

	while (map_next(box->lanes, &at, NULL, &lane))
		for (struct unit *u = ((struct lane *)lane)->first; u != NULL;
		     u = u->behind)
			row_put(u);
}

uint64_t outbox_horizon(const struct outbox *box, const char *conv)
{
	const struct lane *lane = map_get(box->lanes, str_of(conv));

	if (lane == NULL || lane->first->result.status != STORE_OK ||
	    lane->first->result.seq == 0)
		return UINT64_MAX;
	return lane->first->result.seq - 1;
}

void outbox_each_row(const struct outbox *box,
		     void (*fn)(void *arg, uint64_t row), void *arg)
{
	size_t at = 0;
	void *lane;

	while (map_next(box->lanes, &at, NULL, &lane))
		for (struct unit *u = ((struct lane *)lane)->first; u != NULL;
		     u = u->behind)
			if (u->row != 0 && !u->uncommitted)
				fn(arg, u->row);
}
