/* What readers of a room are told, and in which order: `joined` first, then
 * every event of the log once, by its seq, none left out. Who lags behind is
 * served from what is read again; nobody gets an event before its turn. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "room.h"
#include "slots.h"

/* -- the list ---------------------------------------------------------- */

struct reader *reader_find(const struct room *room, uint64_t id)
{
	struct reader *r = room->readers;

	while (r != NULL && (r->gone || r->id != id))
		r = r->next;
	return r;
}

/* At the end, so that who walks the list now meets it last. Who is there
 * already begins anew, and is still owed what it was. */
void reader_add(struct room *room, uint64_t id, enum reader_kind kind,
		uint64_t since)
{
	struct reader **at = &room->readers;
	struct reader *before = reader_find(room, id);
	struct reader *r = xcalloc(1, sizeof(*r));

	if (before != NULL) {
		r->owed = before->owed;
		r->owed_count = before->owed_count;
		r->owed_room = before->owed_room;
		before->owed = NULL;
		before->owed_count = before->owed_room = 0;
	}
	reader_leave(room, id);
	r->id = id;
	r->kind = kind;
	r->sent = since;
	while (*at != NULL)
		at = &(*at)->next;
	*at = r;
	room->hub->stats.readers++;
}

void reader_close(struct room *room, uint64_t id)
{
	const struct hub_ports *p = &room->hub->ports;
	struct reader *r = reader_find(room, id);

	if (r == NULL)
		return;
	reader_leave(room, id);
	for (size_t i = 0; i < r->owed_count; i++)
		if (r->owed[i].seq != 0)
			p->stored(p->arg, id, room->conv, str_of(r->owed[i].id),
				  r->owed[i].seq);
		else
			p->refused(p->arg, id, room->conv->id,
				   str_of(r->owed[i].id), REFUSE_BUSY);
}

void reader_leave(struct room *room, uint64_t id)
{
	struct reader *r = reader_find(room, id);

	if (r == NULL)
		return;
	r->gone = true;
	room->hub->stats.readers--;
}

static void reader_free(struct reader *r)
{
	free(r->owed);
	free(r);
}

void readers_sweep(struct room *room)
{
	struct reader **at = &room->readers;

	while (*at != NULL) {
		struct reader *r = *at;

		if (!r->gone) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		reader_free(r);
	}
}

void readers_free(struct room *room)
{
	for (struct reader *r = room->readers; r != NULL; r = r->next)
		if (!r->gone) {
			r->gone = true;
			room->hub->stats.readers--;
		}
	readers_sweep(room);
}

bool has_readers(const struct room *room)
{
	for (struct reader *r = room->readers; r != NULL; r = r->next)
		if (!r->gone)
			return true;
	return false;
}

/* -- receipts ---------------------------------------------------------- */

static void owe(struct reader *r, struct str id, uint64_t seq)
{
	if (r->owed_count == r->owed_room) {
		r->owed_room = r->owed_room * 2 + 4;
		r->owed =
			xreallocarray(r->owed, r->owed_room, sizeof(*r->owed));
	}
	r->owed[r->owed_count].seq = seq;
	text_set(r->owed[r->owed_count].id, sizeof(r->owed->id), id);
	r->owed_count++;
}

static bool is_for(const struct receipt *owed, const struct reader *r,
		   const struct event *e)
{
	bool shoppers = str_is(e->sender, "s");

	if (owed->seq != 0)
		return owed->seq == e->seq;
	return str_is(e->id, owed->id) &&
	       (r->kind == READER_SHOPPER ? shoppers
					  : str_starts(e->sender, "a:"));
}

static bool settle_owed(struct reader *r, const struct event *e)
{
	for (size_t i = 0; i < r->owed_count; i++)
		if (is_for(&r->owed[i], r, e)) {
			r->owed[i] = r->owed[--r->owed_count];
			return true;
		}
	return false;
}

/* Those of events that the reader has already, by `joined` or from before. */
static void settle_past(struct room *room, struct reader *r)
{
	const struct hub_ports *p = &room->hub->ports;
	size_t i = 0;

	while (i < r->owed_count && !r->gone) {
		struct receipt past = r->owed[i];

		if (past.seq > r->sent || past.seq == 0) {
			i++;
			continue;
		}
		r->owed[i] = r->owed[--r->owed_count];
		p->stored(p->arg, r->id, room->conv, str_of(past.id), past.seq);
	}
}

/* What was stored in a log that is no more, and is not in this one: its sender
 * shall bring it again. */
static void settle_lost(struct room *room, struct reader *r)
{
	const struct hub_ports *p = &room->hub->ports;
	size_t i = 0;

	while (i < r->owed_count && !r->gone) {
		struct receipt lost = r->owed[i];

		if (lost.seq != 0) {
			i++;
			continue;
		}
		r->owed[i] = r->owed[--r->owed_count];
		p->refused(p->arg, r->id, room->conv->id, str_of(lost.id),
			   REFUSE_BUSY);
	}
}

void room_stored(struct room *room, uint64_t reader, struct str id,
		 uint64_t seq)
{
	const struct hub_ports *p = &room->hub->ports;
	struct reader *r = reader_find(room, reader);

	if (reader == 0 || id.n == 0)
		return;
	if (r != NULL &&
	    (r->state == READER_JOINING || r->reset_due || seq > r->sent))
		owe(r, id, seq);
	else
		p->stored(p->arg, reader, room->conv, id, seq);
}

static void tell_sharers(struct room *room, const struct entry *entry,
			 uint64_t seq)
{
	for (struct sharer *s = entry->sharers; s != NULL; s = s->next)
		room_stored(room, s->reader, entry->input.id, seq);
}

void entry_stored(struct room *room, const struct entry *entry, uint64_t seq)
{
	room_stored(room, entry->reader, entry->input.id, seq);
	tell_sharers(room, entry, seq);
}

/* -- passing on -------------------------------------------------------- */

static struct entry *entry_of(const struct room *room, const struct event *e)
{
	struct entry *entry = room->first;

	while (entry != NULL && !entry_is(entry, e))
		entry = entry->next;
	return entry;
}

/* The reader who has it on the screen already, 0: nobody. */
static uint64_t on_whose_screen(const struct room *room, const struct event *e)
{
	uint64_t reader = 0;

	if (e->type != EVENT_MESSAGE || !str_is(e->sender, "b"))
		return 0;
	for (struct entry *entry = room->first; entry; entry = entry->next) {
		entry_note_logged(entry, e);
		if (reader == 0 && entry_has_shown(entry, e))
			reader = entry->shown_to;
	}
	return reader;
}

/* Who sent it, or has it on the screen, needs the receipt only; but what an
 * agent does to the state is news to their own view as well. */
static void pass_on(struct room *room, struct reader *r, const struct event *e,
		    bool receipt)
{
	const struct hub_ports *p = &room->hub->ports;

	r->sent = e->seq;
	receipt |= settle_owed(r, e);
	if (!receipt || e->type == EVENT_STATE)
		p->event(p->arg, r->id, room->conv, e);
	if (receipt && !r->gone)
		p->stored(p->arg, r->id, room->conv, e->id, e->seq);
}

/* The sender of a logged input: in turn where the reader is up to it, owed
 * where it lags, at once where it only writes here. */
static void note_sender(struct room *room, struct entry *entry,
			const struct event *e, uint64_t prev)
{
	const struct reader *r = reader_find(room, entry->reader);
	bool in_turn = r != NULL && r->state == READER_LIVE && !r->reset_due &&
		       r->sent >= prev && r->sent < e->seq;

	if (entry->logged_seq != 0)
		return; /* noted when it was first seen */
	entry->logged_seq = e->seq;
	if (!in_turn)
		room_stored(room, entry->reader, entry->input.id, e->seq);
	tell_sharers(room, entry, e->seq);
}

static void deliver_one(struct room *room, uint64_t prev, const struct event *e)
{
	struct entry *entry = entry_of(room, e);
	uint64_t sender = 0;
	uint64_t shown = on_whose_screen(room, e);

	if (entry != NULL) {
		sender = entry->reader;
		note_sender(room, entry, e, prev);
	}
	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone || r->state != READER_LIVE || r->reset_due)
			continue;
		if (r->sent < prev || r->sent >= e->seq)
			continue;
		pass_on(room, r, e,
			(sender != 0 && r->id == sender) || r->id == shown);
	}
}

/* -- joining ----------------------------------------------------------- */

void reader_show(struct room *room, struct entry *entry, const struct event *e)
{
	const struct hub_ports *p = &room->hub->ports;
	const struct reader *r = reader_find(room, entry->reader);

	if (r == NULL || r->kind != READER_SHOPPER ||
	    r->state == READER_JOINING)
		return;
	entry->shown_to = r->id;
	p->show(p->arg, r->id, room->conv, e);
}

void reader_show_all(struct room *room, struct entry *entry)
{
	if (entry->shown_to == entry->reader)
		return;
	for (size_t i = 0; i < entry->shown_count; i++)
		reader_show(room, entry, &entry->shown[i]);
}

static void show_pending(struct room *room, const struct reader *r)
{
	for (struct entry *entry = room->first; entry; entry = entry->next)
		if (entry->reader == r->id)
			reader_show_all(room, entry);
}

static void join(struct room *room, struct reader *r,
		 const struct event *events, size_t n)
{
	const struct hub_ports *p = &room->hub->ports;

	if (n > JOIN_EVENTS)
		n = JOIN_EVENTS;
	r->state = READER_LIVE;
	if (n > 0)
		r->sent = events[n - 1].seq;
	p->joined(p->arg, r->id, room->conv, events, n,
		  r->sent < room->conv->seq, false);
	settle_past(room, r);
	show_pending(room, r);
}

/* Somebody who claims to know more than there is: the log is another one for
 * them, whatever it was. */
static void join_beyond(struct room *room, struct reader *r)
{
	const struct hub_ports *p = &room->hub->ports;

	r->state = READER_LIVE;
	r->sent = 0;
	r->reset_due = true;
	p->joined(p->arg, r->id, room->conv, NULL, 0, true, false);
}

/* Without `watched` no bell would ring for the reader. */
void readers_join_ready(struct room *room)
{
	if (!room->complete || room->stale || !room->watched)
		return;
	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone || r->state != READER_JOINING)
			continue;
		if (r->sent == room->conv->seq)
			join(room, r, NULL, 0);
		else if (r->sent > room->conv->seq && !room->want_read &&
			 !room->reading)
			join_beyond(room, r);
	}
}

void readers_join_degraded(struct room *room)
{
	const struct hub_ports *p = &room->hub->ports;

	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone || r->state != READER_JOINING)
			continue;
		r->state = READER_DEGRADED;
		p->joined(p->arg, r->id, room->conv, NULL, 0, false, true);
		show_pending(room, r);
	}
}

/* Each is told once, and reads here no more. */
void readers_erased(struct room *room)
{
	const struct hub_ports *p = &room->hub->ports;

	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone)
			continue;
		reader_leave(room, r->id);
		p->refused(p->arg, r->id, room->conv->id, STR_NONE,
			   REFUSE_GONE);
	}
}

/* Readers of another log: told so when the new one is read to its end. */
static void reset_those_due(struct room *room)
{
	const struct hub_ports *p = &room->hub->ports;

	if (!room->complete)
		return;
	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone || r->state == READER_JOINING)
			continue;
		if (!r->reset_due && r->state != READER_DEGRADED)
			continue;
		r->state = READER_LIVE;
		r->reset_due = false;
		r->sent = 0;
		p->reset(p->arg, r->id, room->conv);
	}
}

static void join_from(struct room *room, uint64_t since,
		      const struct event *events, size_t n)
{
	if (!room->complete || !room->watched)
		return;
	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		size_t skip = 0;

		if (r->gone || r->state != READER_JOINING || r->sent < since)
			continue;
		while (skip < n && events[skip].seq <= r->sent)
			skip++;
		if (skip < n)
			join(room, r, events + skip, n - skip);
	}
}

void readers_deliver(struct room *room, uint64_t since,
		     const struct event *events, size_t n)
{
	uint64_t prev = since;

	reset_those_due(room);
	join_from(room, since, events, n);
	for (size_t i = 0; i < n; i++) {
		deliver_one(room, prev, &events[i]);
		prev = events[i].seq;
	}
	for (struct reader *r = room->readers; r != NULL; r = r->next)
		if (r->owed_count > 0 && room->complete && !r->reset_due &&
		    r->state == READER_LIVE && r->sent == room->conv->seq)
			settle_lost(room, r);
}

/* What was owed by a log that is no more is found again by its id, or lost. Who
 * is about to join knows more than there is now, whatever it was. */
void readers_reset(struct room *room)
{
	for (struct reader *r = room->readers; r != NULL; r = r->next) {
		for (size_t i = 0; i < r->owed_count; i++)
			r->owed[i].seq = 0;
		if (r->state == READER_JOINING)
			r->sent = r->sent > 0 ? UINT64_MAX : 0;
		else
			r->reset_due = true;
	}
}

uint64_t readers_behind(const struct room *room)
{
	uint64_t least = room->conv->seq;

	for (const struct reader *r = room->readers; r != NULL; r = r->next) {
		if (r->gone)
			continue;
		if (r->reset_due || r->state == READER_DEGRADED)
			least = 0;
		else if (r->sent < least)
			least = r->sent;
	}
	return least;
}

bool readers_want_read(const struct room *room)
{
	for (const struct reader *r = room->readers; r != NULL; r = r->next)
		if (!r->gone && (r->state != READER_LIVE || r->reset_due))
			return true;
	return readers_behind(room) < room->conv->seq;
}

void room_tell_changed(struct room *room)
{
	const struct hub_ports *p = &room->hub->ports;
	const struct conv *c = room->conv;
	bool changed = room->told_state != c->state ||
		       strcmp(room->told_agent, c->agent) != 0 ||
		       strcmp(room->told_queue, c->queue) != 0;
	bool first = !room->told;

	if (!room->complete)
		return;
	room->told = true;
	room->told_state = c->state;
	memcpy(room->told_agent, c->agent, sizeof(room->told_agent));
	memcpy(room->told_queue, c->queue, sizeof(room->told_queue));
	if (changed && !first)
		p->changed(p->arg, c);
}
