/* What a room does next: step the inputs that wait, hand the oldest unit to
 * the log, read what it does not know. All three in one loop (room_work),
 * which is entered once however deep the ports call back. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "room.h"

/* -- memory of states -------------------------------------------------- */

static struct conv *new_state(struct hub *hub)
{
	if (hub->spare_count > 0)
		return hub->spares[--hub->spare_count];
	return xmalloc(sizeof(struct conv));
}

static void give_back(struct hub *hub, struct conv *conv)
{
	/* By itself, no pool at all makes gcc see a place of -1. */
	if (POOL(HUB_SPARES) == 0 || hub->spare_count + 1 > POOL(HUB_SPARES))
		free(conv);
	else
		hub->spares[hub->spare_count++] = conv;
}

/* -- the room ---------------------------------------------------------- */

struct room *room_new(struct hub *hub, const char *conv, bool fresh)
{
	struct room *room = xcalloc(1, sizeof(*room));

	room->hub = hub;
	room->conv = new_state(hub);
	conv_init(room->conv, conv);
	room->last = &room->first;
	/* Nothing is in the store of a fresh one, and nobody to ring for:
	 * its first append leaves the name for the bell. */
	room->complete = room->watched = room->told = fresh;
	room->turn = hub->made++;
	hub->stats.rooms++;
	return room;
}

void room_free(struct room **roomp)
{
	struct room *room = *roomp;

	if (room == NULL)
		return;
	readers_free(room);
	while (room->first != NULL)
		room_remove(room, room->first);
	room->hub->stats.rooms--;
	room_drop_head(room);
	room_wake(room);
	give_back(room->hub, room->conv);
	free(room);
	*roomp = NULL;
}

bool room_is_idle(const struct room *room)
{
	return room->first == NULL && !room->reading && !room->busy &&
	       !has_readers(room);
}

/* -- the line of inputs ------------------------------------------------ */

static bool comes_before(const struct entry *a, const struct entry *b)
{
	const uint64_t x = a->input.elder, y = b->input.elder;

	if (x == 0 || y == 0)
		return x == y ? a->nth < b->nth : x != 0;
	return x < y;
}

static void link_entry(struct room *room, struct entry *entry,
		       struct entry **at)
{
	entry->next = *at;
	*at = entry;
	if (entry->next == NULL)
		room->last = &entry->next;
	room->entry_count++;
	room->hub->stats.pending++;
}

/* Where it belongs, behind what is under way. */
static void put_in_order(struct room *room, struct entry *entry)
{
	struct entry **at = &room->first;

	while (*at != NULL && ((*at)->in_flight || comes_before(*at, entry)))
		at = &(*at)->next;
	if (*at != NULL)
		room_unstep(room); /* those behind are stepped after it */
	link_entry(room, entry, at);
}

void room_add(struct room *room, struct entry *entry)
{
	entry->after_read = room->reads;
	entry->nth = ++room->entries_ever;
	if (entry->input.elder != 0)
		put_in_order(room, entry);
	else
		link_entry(room, entry, room->last);
}

/* The log takes each id once: what it has after all, is not there twice. */
void room_add_shown(struct room *room, const struct entry *entry)
{
	if (entry->input.type != INPUT_SHOPPER_SAID || entry->shown_to == 0)
		return;
	for (size_t i = 0; i < entry->shown_count; i++)
		if ((entry->shown_logged & 1u << i) == 0)
			room_add(room, entry_of_shown(room->hub, entry, i));
}

static void unlink_entry(struct room *room, struct entry *entry)
{
	struct entry **at = &room->first;

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	if (entry->next == NULL)
		room->last = at;
	entry->next = NULL;
	room->entry_count--;
	room->hub->stats.pending--;
}

void room_give_way(struct room *room, struct entry *entry)
{
	const struct entry *e = room->first;

	while (e != NULL && (e->in_flight || e->input.elder == 0))
		e = e->next;
	if (e == NULL)
		return;
	unlink_entry(room, entry);
	put_in_order(room, entry);
}

void room_remove(struct room *room, struct entry *entry)
{
	unlink_entry(room, entry);
	entry_free(room->hub, &entry);
}

struct entry *room_find(const struct room *room, struct str key)
{
	struct entry *entry = room->first;

	while (entry != NULL && (key.n == 0 || !str_eq(entry->key, key)))
		entry = entry->next;
	return entry;
}

/* The queue has been told already what the log refuses. */
static bool is_at_odds(const struct room *room, const struct entry *entry)
{
	switch (entry->input.type) {
	case INPUT_AGENT_CLAIMED:
		return !(room->conv->state == CONV_ASSIGNED &&
			 str_is(entry->input.agent, room->conv->agent));
	case INPUT_LEASE_LOST:
		return room->conv->state != CONV_QUEUED;
	default:
		return false;
	}
}

static void tell_refused(struct room *room, const struct entry *entry,
			 uint64_t reader, enum conv_refusal why)
{
	const struct hub_ports *p = &room->hub->ports;

	if (reader != 0 && entry->input.id.n > 0)
		p->refused(p->arg, reader, room->conv->id, entry->input.id,
			   why);
}

void room_refuse(struct room *room, struct entry *entry, enum conv_refusal why)
{
	const struct hub_ports *p = &room->hub->ports;

	unlink_entry(room, entry);
	if (is_at_odds(room, entry) && room->complete && !room->gone)
		p->repair(p->arg, room->conv, entry->input.queue);
	if (why == REFUSE_CLOSED && entry->input.elder != 0 &&
	    p->too_late != NULL)
		p->too_late(p->arg, room->conv, &entry->input);
	tell_refused(room, entry, entry->reader, why);
	for (struct sharer *s = entry->sharers; s != NULL; s = s->next)
		tell_refused(room, entry, s->reader, why);
	entry_free(room->hub, &entry);
}

void room_confirm_head(struct room *room)
{
	give_back(room->hub, room->conv);
	room->conv = room->head;
	room->head = NULL;
}

void room_drop_head(struct room *room)
{
	if (room->head == NULL)
		return;
	give_back(room->hub, room->head);
	room->head = NULL;
}

void room_unstep(struct room *room)
{
	for (struct entry *entry = room->first; entry; entry = entry->next)
		if (entry->stepped && !entry->in_flight)
			entry_unstep(entry);
	room_drop_head(room);
}

uint64_t room_tag(struct room *room)
{
	return tags_add(&room->hub->tags, room);
}

void room_forget_tag(struct room *room, uint64_t tag)
{
	tags_take(&room->hub->tags, tag);
}

void room_roll(struct room *room)
{
	char id[CONV_ID_MAX + 1];

	if (room->reading)
		room_forget_tag(room, room->read_tag);
	memcpy(id, room->conv->id, sizeof(id));
	conv_init(room->conv, id);
	room->reading = room->complete = room->stale = room->away = false;
	room->due_ms = 0;
	room->want_read = true;
	room->heard = 0;
	for (struct entry *entry = room->first; entry; entry = entry->next)
		entry->input.is_asked = false;
	room_unstep(room);
	readers_reset(room);
	room->hub->stats.reloads++;
}

/* -- stepping ---------------------------------------------------------- */

static bool is_sending(const struct room *room)
{
	return room->first != NULL && room->first->in_flight;
}

static bool can_read(const struct room *room)
{
	return room->hub->up && !room->away && !room->gone;
}

/* The state is known; and where the bell says that there is more, that is read
 * first, so that the bot does not talk over somebody. */
static bool can_step(const struct room *room)
{
	if (!room->complete || room->stale || room->gone)
		return false;
	if (is_sending(room))
		return room->head != NULL;
	return room->heard <= room->conv->seq || !can_read(room);
}

static struct entry *next_unstepped(const struct room *room)
{
	struct entry *entry = room->first;

	while (entry != NULL && (entry->stepped || entry->in_flight))
		entry = entry->next;
	return entry;
}

/* Whoever sent it hears `joined` first. */
static bool is_joining(const struct room *room, const struct entry *entry)
{
	const struct reader *r = reader_find(room, entry->reader);

	return r != NULL && r->state == READER_JOINING;
}

static const struct conv *base(const struct room *room)
{
	return room->head != NULL ? room->head : room->conv;
}

/* True: the log has it already, under this id. What comes out of the spool is
 * there because some log has lost it, and this state may be from before that:
 * the append knows. */
static bool settle_known(struct room *room, struct entry *entry)
{
	bool same;
	uint64_t seq;

	if (entry->key.n == 0 || entry->input.elder != 0)
		return false;
	seq = conv_known(room->conv, entry->key, entry->input.content, &same);
	if (seq == 0)
		return false;
	if (!same) {
		room_refuse(room, entry, REFUSE_ID_REUSED);
		return true;
	}
	room_add_shown(room, entry);
	unlink_entry(room, entry);
	entry_stored(room, entry, seq);
	entry_free(room->hub, &entry);
	return true;
}

uint64_t room_seq_for(const struct room *room, uint64_t reader)
{
	const struct reader *r = reader_find(room, reader);

	return r != NULL ? r->sent : room->conv->seq;
}

static void settle_without_events(struct room *room, struct entry *entry,
				  int64_t due_ms)
{
	const struct hub_ports *p = &room->hub->ports;

	unlink_entry(room, entry);
	if (entry->input.type == INPUT_TIMER) {
		p->set_due(p->arg, room->conv->id, due_ms);
		room->due_ms = due_ms;
	}
	if (is_at_odds(room, entry))
		p->repair(p->arg, room->conv, entry->input.queue);
	entry_stored(room, entry, room_seq_for(room, entry->reader));
	entry_free(room->hub, &entry);
}

/* The step had nothing to log. A "no" is given only on the confirmed state,
 * and only when the log was read since the question came: somebody else may
 * have written what makes it a "yes". That a conversation is closed is true
 * for ever. False: wait. */
static bool settle_quietly(struct room *room, struct entry *entry)
{
	enum conv_refusal why = room->hub->scratch.refusal;
	int64_t due_ms = room->hub->scratch.due_ms;

	entry_unstep(entry);
	if (room->head != NULL || is_sending(room))
		return false;
	if (!entry->checked && why != REFUSE_CLOSED) {
		room->want_read = true;
		return false;
	}
	if (why != REFUSE_NOT)
		room_refuse(room, entry, why);
	else
		settle_without_events(room, entry, due_ms);
	return true;
}

static void show(struct room *room, struct entry *entry)
{
	for (size_t i = 0; i < entry->unit.count; i++) {
		const struct event *e = &entry->unit.events[i];

		if ((entry->unit.show & 1u << i) != 0 && entry_show(entry, e))
			reader_show(room, entry, e);
	}
}

/* Once an input: not again when it is stepped anew, unless it asks for
 * something else then. */
static void ask_source(struct room *room, struct entry *entry)
{
	const struct hub_ports *p = &room->hub->ports;
	const struct conv_question *q = &room->hub->scratch.question;
	uint64_t hash = HASH_SEED;

	if (q->source == NULL)
		return;
	hash = hash_bytes(hash, q->source, strlen(q->source));
	hash = hash_bytes(hash, q->slots, q->slot_count * sizeof(*q->slots));
	hash |= 1;
	if (entry->asked == hash)
		return;
	entry->asked = hash;
	p->lookup(p->arg, room->conv->id, entry->reader, q);
}

/* What only the owner may do, and the chat has changed hands since it was
 * first sent. */
static bool is_outdated(const struct room *room, const struct entry *entry)
{
	switch (entry->input.type) {
	case INPUT_AGENT_SAID:
	case INPUT_AGENT_RELEASED:
	case INPUT_AGENT_TRANSFERRED:
	case INPUT_AGENT_RESOLVED:
		return entry->fence_then != 0 &&
		       base(room)->fence >= entry->fence_then;
	default:
		return false;
	}
}

/* False: nothing to step now. */
static bool step_next(struct room *room)
{
	struct hub *hub = room->hub;
	struct entry *entry = next_unstepped(room);

	if (entry == NULL || !can_step(room) || is_joining(room, entry))
		return false;
	if (settle_known(room, entry))
		return true;
	entry->input.shown = entry->shown;
	entry->input.shown_count =
		entry->shown_to != 0 ? entry->shown_count : 0;
	hub->scratch.arena = &entry->out;
	hub->scratch.after = new_state(hub);
	conv_step(base(room), hub->catalog, hub->matcher, &hub->policy,
		  &entry->input, &hub->scratch);
	if (is_outdated(room, entry))
		hub->scratch.refusal = REFUSE_NOT_YOURS;
	hub->stats.steps++;
	hub->stats.resteps += entry->tries > 0;
	if (hub->scratch.refusal != REFUSE_NOT ||
	    hub->scratch.event_count == 0) {
		give_back(hub, hub->scratch.after);
		return settle_quietly(room, entry);
	}
	entry_keep(entry, &hub->scratch);
	ask_source(room, entry);
	room_drop_head(room);
	room->head = hub->scratch.after;
	show(room, entry);
	return true;
}

/* -- appending --------------------------------------------------------- */

/* The oldest that is not under way. While the store is away, or takes nothing,
 * one may follow the other: it has them in order, on its disk as well, and
 * answers those behind one that does not fit with MOVED. Else one at a time, so
 * that the next is computed from what the log has. */
static struct entry *next_to_send(const struct room *room)
{
	const struct hub *hub = room->hub;
	struct entry *entry = room->first;

	while (entry != NULL && entry->in_flight &&
	       (!hub->up || hub->unwilling))
		entry = entry->next;
	return entry;
}

static bool can_send(const struct room *room, const struct entry *entry)
{
	return entry != NULL && entry->stepped && !entry->in_flight &&
	       !room->stalled && !room->stale && room->complete &&
	       !room->gone && room->head != NULL;
}

static void fold(struct conv *conv, const struct entry *entry)
{
	for (size_t i = 0; i < entry->unit.count; i++) {
		struct event e = entry->unit.events[i];

		e.seq = conv->seq + 1;
		conv_apply(conv, &e);
	}
}

/* The state from which `entry` was stepped: the confirmed one, or with those
 * under way folded into `own`. */
static const struct conv *state_before(const struct room *room,
				       const struct entry *entry,
				       struct conv *own)
{
	if (entry == room->first)
		return room->conv;
	*own = *room->conv;
	for (const struct entry *e = room->first; e != entry; e = e->next)
		fold(own, e);
	return own;
}

/* The state that the unit makes: the head, where no other is stepped behind
 * it; else folded into `own`. */
static const struct conv *state_after(const struct room *room,
				      const struct conv *before,
				      const struct entry *entry,
				      struct conv *own)
{
	if (room->head->seq == before->seq + entry->unit.count)
		return room->head;
	*own = *before;
	fold(own, entry);
	return own;
}

/* Every message puts off the end of a chat with the bot by a day: that need
 * not be told each time. All other due times are set to the letter. */
static bool due_stands(const struct room *room, const struct entry *entry,
		       const struct conv *after)
{
	return after->state == CONV_BOT && room->due_ms != 0 &&
	       room->due_ms <= entry->unit.due_ms &&
	       room->due_ms > entry->input.at_ms;
}

static bool send_next(struct room *room)
{
	struct hub *hub = room->hub;
	struct entry *entry = next_to_send(room);
	const struct conv *before, *after;
	struct conv own_before, own_after;
	bool stands;

	if (!can_send(room, entry))
		return false;
	before = state_before(room, entry, &own_before);
	after = state_after(room, before, entry, &own_after);
	stands = due_stands(room, entry, after);
	entry_actions(entry, &hub->scratch);
	entry->in_flight = true;
	entry->expect = before->seq;
	if (entry->fence_then == 0)
		entry->fence_then = before->fence + 1;
	entry->tag = room_tag(room);
	hub->full = !hub->ports.append(
		hub->ports.arg,
		&(struct hub_unit){.conv = after,
				   .before = before,
				   .expect = before->seq,
				   .events = entry->unit.events,
				   .event_count = entry->unit.count,
				   .actions = &hub->scratch,
				   .watch = has_readers(room),
				   .due_stands = stands,
				   .elder = entry->input.elder},
		entry->tag);
	if (!hub->full) {
		if (!stands)
			room->due_ms = entry->unit.due_ms;
		return true;
	}
	room_forget_tag(room, entry->tag);
	entry->in_flight = false;
	room->stalled = true;
	return false;
}

/* -- reading ----------------------------------------------------------- */

static bool needs_read(const struct room *room)
{
	if (!room->complete || room->stale || room->want_read)
		return true;
	if (room->heard > room->conv->seq && !is_sending(room))
		return true;
	return readers_want_read(room);
}

static void read_next(struct room *room)
{
	struct hub *hub = room->hub;

	if (room->reading || room->gone || !needs_read(room))
		return;
	if (!can_read(room)) {
		room->want_read = true;
		readers_join_degraded(room);
		return;
	}
	room->reading = true;
	room->want_read = false;
	room->read_watch = has_readers(room);
	room->read_since =
		room->complete ? readers_behind(room) : room->conv->seq;
	room->read_heard = room->heard;
	room->read_known = room->conv->seq;
	room->reads++;
	room->read_tag = room_tag(room);
	hub->ports.load(hub->ports.arg, room->conv->id, room->read_since,
			room->read_watch, room->read_tag);
}

/* -- rest -------------------------------------------------------------- */

/* Whatever is still to be done in it is done while it is awake; and people who
 * wait, or talk to each other, do not rest. */
static bool may_rest(const struct room *room)
{
	return room->awake == 0 && room->conv != NULL && room->first == NULL &&
	       room->head == NULL && !room->busy && !room->reading &&
	       !room->in_sweep && !room->away && !room->gone &&
	       !conv_has_agents(room->conv) && !needs_read(room);
}

void room_rest(struct room *room)
{
	if (!may_rest(room))
		return;
	room->rest = rest_of(room->conv);
	give_back(room->hub, room->conv);
	room->conv = NULL;
	room->hub->stats.resting++;
}

void room_wake(struct room *room)
{
	if (room->rest == NULL)
		return;
	room->conv = new_state(room->hub);
	rest_wake(room->rest, room->conv);
	free(room->rest);
	room->rest = NULL;
	room->hub->stats.resting--;
}

/* -- all of it --------------------------------------------------------- */

static void to_sweep(struct room *room)
{
	if (room->in_sweep || !room_is_idle(room))
		return;
	room->in_sweep = true;
	room->sweep_next = room->hub->sweep;
	room->hub->sweep = room;
}

void room_work(struct room *room)
{
	if (room->busy || room->conv == NULL)
		return;
	room->busy = true;
	do
		readers_join_ready(room);
	while (step_next(room) || send_next(room));
	read_next(room);
	room->busy = false;
	readers_sweep(room);
	to_sweep(room);
}
