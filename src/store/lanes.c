/* Lanes and the line, and who waits behind what is replayed; see lanes.h. Knows
 * neither Redis nor the spool. */
#include "lanes.h"

#include <stdlib.h>

#include "base/mem.h"

/* -- lists ----------------------------------------------------------------- */

void lanes_line_up(struct outbox *box, struct unit *unit)
{
	unit->next = NULL;
	*box->last = unit;
	box->last = &unit->next;
}

struct unit *lanes_take(struct outbox *box)
{
	struct unit *unit = box->first;

	box->first = unit->next;
	if (box->first == NULL)
		box->last = &box->first;
	return unit;
}

bool lanes_join(struct outbox *box, struct unit *unit)
{
	void **place = map_place(box->lanes, str_of(unit->view.conv));
	struct lane *lane = *place;
	bool first = lane == NULL;

	if (first) {
		lane = xcalloc(1, sizeof(*lane));
		lane->last = &lane->first;
		*place = lane;
	}
	unit->lane = lane;
	*lane->last = unit;
	lane->last = &unit->behind;
	return first;
}

/* The link to the unit in line, or blocked there; NULL: neither. */
static struct unit **find_in_line(struct outbox *box, const struct unit *unit)
{
	struct unit **at = &box->first;

	while (*at != NULL && *at != unit)
		at = &(*at)->next;
	if (*at == NULL)
		at = &box->blocked;
	while (*at != NULL && *at != unit)
		at = &(*at)->next;
	return *at == NULL ? NULL : at;
}

static void take_place_in_line(struct outbox *box, struct unit *unit,
			       struct unit **place)
{
	struct unit *other = *place;

	unit->next = other->next;
	*place = unit;
	if (box->last == &other->next)
		box->last = &unit->next;
	if (box->blocked_last == &other->next)
		box->blocked_last = &unit->next;
}

void lanes_join_in_front(struct outbox *box, struct unit *unit,
			 struct lane *lane)
{
	struct unit **place = find_in_line(box, lane->first);
	struct unit **at = place != NULL ? &lane->first : &lane->first->behind;

	while (*at != NULL && (*at)->view.anywhere &&
	       (*at)->round == unit->round)
		at = &(*at)->behind;
	unit->lane = lane;
	unit->behind = *at;
	*at = unit;
	if (unit->behind == NULL)
		lane->last = &unit->behind;
	if (lane->first == unit)
		take_place_in_line(box, unit, place);
}

struct unit *lanes_break(struct outbox *box, struct unit *unit)
{
	struct unit *behind = unit->behind;

	free(unit->lane);
	map_del(box->lanes, str_of(unit->view.conv));
	return behind;
}

void lanes_move_up(struct outbox *box, struct unit *unit)
{
	if (unit->behind == NULL) {
		lanes_break(box, unit);
		return;
	}
	unit->lane->first = unit->behind;
	lanes_line_up(box, unit->behind);
}

/* -- behind what is replayed ----------------------------------------------- */

bool lanes_is_blocked(const struct outbox *box, const struct unit *unit)
{
	const struct outbox *replayed = &box->store->replayed;

	return box != replayed &&
	       map_get(replayed->lanes, str_of(unit->view.conv)) != NULL;
}

void lanes_block(struct outbox *box, struct unit *unit)
{
	unit->next = NULL;
	*box->blocked_last = unit;
	box->blocked_last = &unit->next;
}

void lanes_unblock(struct outbox *box)
{
	while (box->blocked != NULL) {
		struct unit *unit = box->blocked;

		box->blocked = unit->next;
		lanes_line_up(box, unit);
	}
	box->blocked_last = &box->blocked;
}

/* -- after a refusal ------------------------------------------------------- */

struct unit *lanes_keep_anywhere(struct outbox *box, struct unit *unit)
{
	struct unit *others = NULL, **last = &others;

	while (unit != NULL) {
		struct unit *next = unit->behind;

		unit->behind = NULL;
		if (!unit->view.anywhere) {
			*last = unit;
			last = &unit->behind;
		} else if (lanes_join(box, unit)) {
			lanes_line_up(box, unit);
		}
		unit = next;
	}
	return others;
}
