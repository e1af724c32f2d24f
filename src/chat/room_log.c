/* What the log answers: a unit is in it, or it has moved, or knows the id
 * already; and what is read from it. Here alone the confirmed state goes on.
 *
 * An input is settled exactly once: by the answer to its append, or by being
 * seen in what is read (somebody brought it here under the same id), whichever
 * comes first; the other is then passed over. */
#include <stdlib.h>

#include "room.h"

static struct str shoppers_text(const struct entry *entry)
{
	return entry->input.type == INPUT_SHOPPER_SAID ? entry->input.text
						       : STR_NONE;
}

static bool closes(const struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++)
		if (unit->events[i].type == EVENT_STATE &&
		    str_is(unit->events[i].state,
			   conv_state_names[CONV_CLOSED]))
			return true;
	return false;
}

static void tell_done(struct room *room, const struct entry *entry)
{
	const struct hub_ports *p = &room->hub->ports;
	const struct unit *unit = &entry->unit;

	p->done(p->arg, room->conv,
		&(struct hub_done){
			.type = entry->input.type,
			.counted = unit->counted,
			.unanswered = unit->unanswered,
			.closed = closes(unit),
			.text = shoppers_text(entry),
		});
}

static void remove_known(struct room *room, struct entry *entry)
{
	room_add_shown(room, entry);
	room_remove(room, entry);
}

static void drop_head(struct room *room)
{
	for (struct entry *entry = room->first; entry; entry = entry->next)
		if (entry->stepped)
			return;
	room_drop_head(room);
}

/* -- appended ---------------------------------------------------------- */

static void fold_own(struct room *room, struct entry *entry, uint64_t seq)
{
	uint64_t since = room->conv->seq;
	struct unit *u = &entry->unit;

	for (size_t i = 0; i < u->count; i++)
		u->events[i].seq = seq + i;
	if (room->head != NULL && room->head->seq == seq + u->count - 1)
		room_confirm_head(room); /* folded already, and no more */
	for (size_t i = 0; i < u->count; i++)
		conv_apply(room->conv, &u->events[i]);
	readers_deliver(room, since, u->events, u->count);
}

/* What an expected append has an answer to that fits nothing known (a gap) is
 * settled by reading. */
static void took(struct room *room, struct entry *entry, uint64_t seq)
{
	if (entry->logged_seq == 0 && seq > room->conv->seq + 1) {
		entry->dup_seq = seq;
		room->stale = true;
		tell_done(room, entry);
		entry_unstep(entry);
		room_unstep(room);
		return;
	}
	if (entry->logged_seq == 0 && seq == room->conv->seq + 1)
		fold_own(room, entry, seq);
	if (entry->logged_seq == 0) /* it has no key, or was read before */
		entry_stored(room, entry, seq);
	tell_done(room, entry);
	room_remove(room, entry);
	drop_head(room);
}

static void moved(struct room *room, struct entry *entry, uint64_t seq)
{
	bool lost_tail = seq < entry->expect;

	entry_unstep(entry);
	room_unstep(room);
	if (entry->logged_seq != 0) {
		remove_known(room, entry);
		return;
	}
	room_give_way(room, entry);
	if (lost_tail)
		room_roll(room);
	else if (room->conv->seq < seq)
		room->stale = true;
	else
		room->want_read = true;
	entry->tries++;
}

static void is_dup(struct room *room, struct entry *entry, uint64_t seq)
{
	entry_unstep(entry);
	room_unstep(room);
	if (entry->logged_seq != 0) {
		remove_known(room, entry);
	} else if (seq <= room->conv->seq) {
		entry_stored(room, entry, seq);
		remove_known(room, entry);
	} else {
		entry->dup_seq = seq;
		room->stale = true;
	}
}

#define MAX_FENCED 3

static void fenced(struct room *room, struct entry *entry)
{
	entry_unstep(entry);
	room_unstep(room);
	if (++entry->tries > MAX_FENCED) {
		room_refuse(room, entry, REFUSE_NOT_YOURS);
		return;
	}
	room->stale = true;
}

static void erased(struct room *room)
{
	room->gone = true;
	room_unstep(room);
	for (struct entry *entry = room->first; entry; entry = entry->next)
		if (entry->in_flight)
			room_forget_tag(room, entry->tag);
	while (room->first != NULL)
		room_refuse(room, room->first, REFUSE_GONE);
	readers_erased(room);
	room->hub->ports.erased(room->hub->ports.arg, room->conv->id);
}

/* Nobody gets this far but where the store is at odds with itself. What the
 * same reader sent after it is refused too, so that order is kept. */
static void give_up(struct room *room, struct entry *entry)
{
	uint64_t reader = entry->reader;
	struct entry *next = entry->next;

	room_refuse(room, entry, REFUSE_BUSY);
	while (reader != 0 && next != NULL) {
		entry = next;
		next = entry->next;
		if (entry->reader == reader)
			room_refuse(room, entry, REFUSE_BUSY);
	}
}

static struct entry *under_way(const struct room *room, uint64_t tag)
{
	struct entry *entry = room->first;

	while (entry != NULL && !(entry->in_flight && entry->tag == tag))
		entry = entry->next;
	return entry;
}

void room_appended(struct room *room, uint64_t tag,
		   enum hub_append_status status, uint64_t seq)
{
	struct entry *entry = under_way(room, tag);

	if (entry == NULL)
		return;
	room->busy = true;
	entry->in_flight = false;
	if (status != APPEND_OK)
		room->due_ms = 0; /* somebody else may have set it */
	switch (status) {
	case APPEND_OK:
		took(room, entry, seq);
		break;
	case APPEND_MOVED:
		moved(room, entry, seq);
		break;
	case APPEND_DUP:
		is_dup(room, entry, seq);
		break;
	case APPEND_REUSED:
		entry_unstep(entry);
		room_unstep(room);
		room->want_read = true;
		room_refuse(room, entry, REFUSE_ID_REUSED);
		break;
	case APPEND_FENCED:
		fenced(room, entry);
		break;
	case APPEND_GONE:
		erased(room);
		break;
	case APPEND_REFUSED:
		room->stalled = true;
		if (room->head == NULL) /* the log went on meanwhile */
			entry_unstep(entry);
		break;
	}
	entry = room->first;
	if (entry != NULL && entry->tries > ROOM_MAX_TRIES)
		give_up(room, entry);
	room_tell_changed(room);
	room->busy = false;
}

/* -- loaded ------------------------------------------------------------ */

/* Folds what is new; true: there was something. Events follow each other in a
 * page, so each covers the stretch from the one before it. */
static bool fold_page(struct room *room, const struct event *events, size_t n)
{
	uint64_t prev = room->read_since;
	bool news = false;

	for (size_t i = 0; i < n; i++) {
		if (room->conv->seq >= prev &&
		    room->conv->seq < events[i].seq) {
			conv_apply(room->conv, &events[i]);
			news = true;
		}
		prev = events[i].seq;
	}
	return news;
}

/* The page went to the log's end. */
static void at_end(struct room *room)
{
	room->complete = true;
	room->stale = false;
	if (room->heard == room->read_heard)
		room->heard = room->conv->seq;
	for (struct entry *entry = room->first; entry; entry = entry->next)
		entry->checked |= entry->after_read < room->reads;
}

/* Inputs that were seen in the log, and repeats whose first seq lies before
 * all that was read here. */
static void settle_seen(struct room *room)
{
	struct entry *next;

	for (struct entry *entry = room->first; entry; entry = next) {
		next = entry->next;
		if (entry->in_flight)
			continue;
		if (entry->logged_seq == 0 && entry->dup_seq != 0 &&
		    !room->stale && room->complete)
			entry_stored(room, entry, entry->dup_seq);
		else if (entry->logged_seq == 0)
			continue;
		room_add_shown(room, entry);
		next = entry->next; /* the port may have added some, too */
		room_remove(room, entry);
	}
	drop_head(room);
}

static void take_page(struct room *room, const struct event *events, size_t n,
		      bool more)
{
	uint64_t since = room->read_since;
	uint64_t end = n > 0 ? events[n - 1].seq : since;

	if (end < room->read_known && !more) {
		room_roll(room); /* the log ends before what it had told */
		return;
	}
	room->watched |= room->read_watch;
	if (fold_page(room, events, n)) {
		room_unstep(room);
		room->due_ms = 0;
	}
	if (end == room->conv->seq && !more)
		at_end(room);
	else if (end == room->conv->seq || !more)
		room->want_read = true; /* the tail goes on, or went on */
	readers_deliver(room, since, events, n);
	settle_seen(room);
	room_tell_changed(room);
}

void room_loaded(struct room *room, enum hub_load_status status,
		 const struct event *events, size_t n, bool more)
{
	room->busy = true;
	room->reading = false;
	switch (status) {
	case LOAD_OK:
		take_page(room, events, n, more && n > 0);
		break;
	case LOAD_AWAY:
		room->away = true;
		room->want_read = true;
		readers_join_degraded(room);
		break;
	case LOAD_GONE:
		erased(room);
		break;
	case LOAD_SHORT:
		room_roll(room);
		break;
	}
	room->busy = false;
}
