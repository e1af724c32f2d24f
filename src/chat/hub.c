/* The hub's front door: the table of rooms, and every call from outside led to
 * its room. Rooms are freed only when the outermost call is done, so that a
 * port may call back as it likes. */
#include "chat/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "room.h"

struct hub *hub_new(const struct hub_ports *ports,
		    const struct conv_policy *policy)
{
	struct hub *hub = xcalloc(1, sizeof(*hub));

	hub->ports = *ports;
	hub->policy = *policy;
	hub->matcher = matcher_new();
	hub->rooms = map_new();
	hub->woken = xmalloc(sizeof(*hub->woken));
	hub->up = true;
	return hub;
}

void hub_free(struct hub **hubp)
{
	struct hub *hub = *hubp;
	size_t at = 0;
	void *room;

	if (hub == NULL)
		return;
	while (map_next(hub->rooms, &at, NULL, &room))
		room_free(&(struct room *){room});
	map_free(&hub->rooms);
	tags_fini(&hub->tags);
	conv_actions_fini(&hub->scratch);
	matcher_free(&hub->matcher);
	entries_fini(hub);
	free(hub->woken);
	while (hub->spare_count > 0)
		free(hub->spares[--hub->spare_count]);
	free(hub);
	*hubp = NULL;
}

const struct catalog *hub_set_catalog(struct hub *hub,
				      const struct catalog *catalog)
{
	const struct catalog *old = hub->catalog;

	hub->catalog = catalog;
	return old;
}

/* -- rooms ------------------------------------------------------------- */

/* Maybe at rest. */
static struct room *look(const struct hub *hub, const char *conv)
{
	return map_get(hub->rooms, str_of(conv));
}

static struct room *find(const struct hub *hub, const char *conv)
{
	struct room *room = look(hub, conv);

	if (room != NULL)
		room_wake(room);
	return room;
}

static struct room *find_or_make(struct hub *hub, const char *conv, bool fresh)
{
	struct room *room = find(hub, conv);

	if (room == NULL) {
		room = room_new(hub, conv, fresh);
		map_set(hub->rooms, str_of(conv), room);
	}
	return room;
}

static void enter(struct hub *hub)
{
	hub->depth++;
}

static void free_idle(struct hub *hub, struct room *room)
{
	const struct hub_ports *p = &hub->ports;

	map_del(hub->rooms, str_of(room->conv->id));
	if (room->watched)
		p->forget(p->arg, room->conv->id);
	room_free(&room);
}

/* A room that somebody came back to in the meantime stays. */
static void leave(struct hub *hub)
{
	while (hub->depth == 1 && hub->sweep != NULL) {
		struct room *room = hub->sweep;

		hub->sweep = room->sweep_next;
		room->in_sweep = false;
		if (room_is_idle(room))
			free_idle(hub, room);
	}
	hub->depth--;
}

/* Only in the outermost call: who called it may be within the room. */
static void work_and_rest(struct room *room)
{
	room_work(room);
	if (room->hub->depth == 1)
		room_rest(room);
}

static void work(struct hub *hub, struct room *room)
{
	work_and_rest(room);
	leave(hub);
}

/* All rooms as they are now: ports may open others meanwhile. None of them is
 * freed before the call that lists them ends. */
static struct room **all_rooms(const struct hub *hub, size_t *n)
{
	struct room **list = xcalloc(map_count(hub->rooms) + 1, sizeof(*list));
	size_t at = 0;
	void *room;

	*n = 0;
	while (map_next(hub->rooms, &at, NULL, &room))
		list[(*n)++] = room;
	return list;
}

/* -- readers ----------------------------------------------------------- */

void hub_join(struct hub *hub, const char *conv, uint64_t reader,
	      enum reader_kind kind, uint64_t since, bool fresh)
{
	struct room *room = find_or_make(hub, conv, fresh);

	enter(hub);
	reader_add(room, reader, kind, since);
	if (room->gone)
		readers_erased(room);
	else if (room->complete && since > room->conv->seq)
		room->want_read = true;
	work(hub, room);
}

void hub_leave(struct hub *hub, const char *conv, uint64_t reader)
{
	struct room *room = find(hub, conv);

	if (room == NULL)
		return;
	enter(hub);
	reader_leave(room, reader);
	for (struct entry *entry = room->first; entry; entry = entry->next)
		entry_leave(entry, reader);
	work(hub, room);
}

void hub_close(struct hub *hub, const char *conv, uint64_t reader)
{
	struct room *room = find(hub, conv);
	bool was_busy;

	if (room == NULL)
		return;
	enter(hub);
	was_busy = room->busy;
	room->busy = true; /* nobody is swept */
	reader_close(room, reader);
	room->busy = was_busy;
	work(hub, room);
}

void hub_each_reader(const struct hub *hub, const char *conv, hub_reader_fn fn,
		     void *arg)
{
	struct room *room = look(hub, conv);
	bool was_busy;

	if (room == NULL)
		return;
	enter(room->hub);
	was_busy = room->busy;
	room->busy = true; /* nobody is swept */
	for (struct reader *r = room->readers; r != NULL; r = r->next)
		if (!r->gone)
			fn(arg, r->id, r->kind);
	room->busy = was_busy;
	room_work(room);
	leave(room->hub);
}

/* -- inputs ------------------------------------------------------------ */

static void refuse_now(struct hub *hub, const char *conv,
		       const struct entry *entry, enum conv_refusal why)
{
	if (entry->reader != 0 && entry->input.id.n > 0)
		hub->ports.refused(hub->ports.arg, entry->reader, conv,
				   entry->input.id, why);
}

/* It waits here already: whoever brings it again gets the answer. */
static void again(struct room *room, struct entry *waiting,
		  const struct entry *entry)
{
	if (waiting->input.content != entry->input.content)
		refuse_now(room->hub, room->conv->id, entry, REFUSE_ID_REUSED);
	else if (waiting->logged_seq != 0)
		room_stored(room, entry->reader, entry->input.id,
			    waiting->logged_seq);
	else if (entry->reader != 0) {
		entry_take_over(waiting, entry->reader);
		reader_show_all(room, waiting);
	}
}

/* A timer, or the loss of the same lease. */
static bool is_same(const struct conv_input *a, const struct conv_input *b)
{
	if (a->type != b->type)
		return false;
	return a->type == INPUT_TIMER ||
	       (a->type == INPUT_LEASE_LOST && str_eq(a->agent, b->agent) &&
		a->lost_at_seq == b->lost_at_seq);
}

/* Of those, one that waits is enough. */
static bool waits_already(const struct room *room, const struct entry *entry)
{
	const struct entry *e = room->first;

	while (e != NULL &&
	       (e->in_flight || !is_same(&e->input, &entry->input)))
		e = e->next;
	return e != NULL;
}

static bool is_full(const struct room *room, const struct entry *entry)
{
	const struct hub *hub = room->hub;

	/* One comes for each question that was let in. */
	if (entry->input.type == INPUT_LOOKED_UP)
		return false;
	/* Nobody would bring it again. */
	if (entry->input.elder != 0)
		return false;
	if (room->entry_count >= HUB_ROOM_INPUTS)
		return true;
	if (entry->input.type == INPUT_LEASE_LOST)
		return false;
	return hub->full || hub->stats.pending >= HUB_MAX_INPUTS;
}

/* True: taken or answered; the entry is the room's. */
static bool take_input(struct room *room, struct entry *entry)
{
	struct entry *waiting = room_find(room, entry->key);

	if (room->gone)
		refuse_now(room->hub, room->conv->id, entry, REFUSE_GONE);
	else if (waiting != NULL)
		again(room, waiting, entry);
	else if (waits_already(room, entry))
		return false;
	else if (is_full(room, entry))
		refuse_now(room->hub, room->conv->id, entry, REFUSE_BUSY);
	else {
		room_add(room, entry);
		return true;
	}
	return false;
}

void hub_feed(struct hub *hub, const char *conv, uint64_t reader,
	      const struct conv_input *input)
{
	struct room *room;
	struct entry *entry;

	if (strlen(conv) > CONV_ID_MAX)
		return;
	room = find_or_make(hub, conv, false);
	entry = entry_new(hub, input, reader);
	enter(hub);
	room->awake = AWAKE_POLLS;
	if (!take_input(room, entry))
		entry_free(hub, &entry);
	work(hub, room);
}

void hub_receipt(struct hub *hub, const char *conv, uint64_t reader,
		 struct str id, uint64_t seq)
{
	struct room *room = find_or_make(hub, conv, false);

	enter(hub);
	if (seq == 0)
		seq = room_seq_for(room, reader);
	room_stored(room, reader, id, seq);
	work(hub, room);
}

/* -- answers ----------------------------------------------------------- */

void hub_loaded(struct hub *hub, uint64_t tag, enum hub_load_status status,
		const struct event *events, size_t n, bool more)
{
	struct room *room = tags_take(&hub->tags, tag);

	if (room == NULL)
		return; /* asked of a log that is no more */
	enter(hub);
	room_loaded(room, status, events, n, more);
	work(hub, room);
}

void hub_appended(struct hub *hub, uint64_t tag, enum hub_append_status status,
		  uint64_t seq)
{
	struct room *room = tags_take(&hub->tags, tag);

	if (room == NULL)
		return;
	enter(hub);
	hub->full &= status != APPEND_OK;
	room_appended(room, tag, status, seq);
	work(hub, room);
}

void hub_bell(struct hub *hub, const char *conv, uint64_t seq)
{
	struct room *room = look(hub, conv);

	if (room == NULL || seq <= room->heard)
		return;
	enter(hub);
	room_wake(room);
	room->heard = seq;
	work(hub, room);
}

/* -- the store as a whole ---------------------------------------------- */

static void store_back(struct room *room, bool rolled)
{
	room->away = room->stalled = false;
	if (rolled)
		room_roll(room);
	else
		room->want_read = true; /* bells may have been lost */
}

void hub_store_up(struct hub *hub, bool up, bool rolled)
{
	struct room **rooms;
	size_t n;

	enter(hub);
	hub->up = up;
	if (up)
		hub->full = false;
	rooms = all_rooms(hub, &n);
	for (size_t i = 0; i < n; i++) {
		room_wake(rooms[i]);
		if (up && !rooms[i]->gone)
			store_back(rooms[i], rolled);
		work_and_rest(rooms[i]);
	}
	free(rooms);
	leave(hub);
}

void hub_store_unwilling(struct hub *hub, bool unwilling)
{
	struct room **rooms;
	size_t n;

	hub->unwilling = unwilling;
	if (!unwilling)
		return;
	enter(hub);
	rooms = all_rooms(hub, &n);
	for (size_t i = 0; i < n; i++)
		room_work(rooms[i]);
	free(rooms);
	leave(hub);
}

/* Others write to what is queued or assigned at any time; to a chat with the
 * bot seldom: those are looked after one poll in POLL_SLOWLY. */
#define POLL_SLOWLY 16

static bool has_turn(const struct hub *hub, const struct room *room)
{
	return (room->turn + hub->polls) % POLL_SLOWLY == 0;
}

static bool is_polled(const struct hub *hub, const struct room *room)
{
	if (room->away || !room->complete)
		return true;
	if (conv_has_agents(room->conv))
		return true;
	return room->conv->state != CONV_CLOSED && has_turn(hub, room);
}

static void poll_room(struct hub *hub, struct room *room)
{
	if (room->rest != NULL && !has_turn(hub, room))
		return;
	room_wake(room);
	room->stalled = false;
	if (room->awake > 0)
		room->awake--;
	if (hub->up && is_polled(hub, room)) {
		room->away = false;
		room->want_read = true;
	}
	work_and_rest(room);
}

void hub_poll(struct hub *hub)
{
	struct room **rooms;
	size_t n;

	enter(hub);
	hub->polls++;
	hub->full = false; /* tried again */
	rooms = all_rooms(hub, &n);
	for (size_t i = 0; i < n; i++)
		poll_room(hub, rooms[i]);
	free(rooms);
	leave(hub);
}

/* -- what others may know ---------------------------------------------- */

const struct conv *hub_conv(const struct hub *hub, const char *conv)
{
	const struct room *room = look(hub, conv);

	if (room == NULL || !room->complete || room->gone)
		return NULL;
	if (room->rest == NULL)
		return room->conv;
	rest_wake(room->rest, hub->woken);
	return hub->woken;
}

bool hub_has_agents(const struct hub *hub, const char *conv)
{
	const struct room *room = look(hub, conv);

	return room != NULL && room->rest == NULL && room->complete &&
	       !room->gone && conv_has_agents(room->conv);
}

const struct conv *hub_ahead(const struct hub *hub, const char *conv)
{
	const struct room *room = look(hub, conv);

	if (room != NULL && room->head != NULL)
		return room->head;
	return hub_conv(hub, conv);
}

bool hub_is_pending(const struct hub *hub, const char *conv)
{
	const struct room *room = look(hub, conv);

	return room != NULL && room->first != NULL;
}

struct hub_stats hub_stats(const struct hub *hub)
{
	return hub->stats;
}
