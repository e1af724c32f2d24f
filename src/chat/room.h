/* A room: one conversation that somebody on this daemon shows or writes to.
 * Shared by the hub's files:
 *   hub.c          the front door, the rooms' table, sweeping
 *   entry.c        inputs on their way into the log
 *   room.c         what a room does next: step, append, read
 *   room_log.c     what the log answers
 *   room_reader.c  what readers are told
 *   rest.c         the state of a room in which nothing happens
 *   tags.c         questions under way
 *
 * Inputs stand in one line, `first` the oldest. Each is stepped on the state
 * that those before it will make (`head`), but only one at a time is on its
 * way to the log: two on the way could not be told apart by `expect` from what
 * somebody else wrote in between, and the second could get in before the
 * first. A room never calls a port of the log twice for one question.
 *
 * A room in which nothing happens rests: it holds its state packed, and `conv`
 * is NULL. The hub's front door wakes it, and sends it back to rest when the
 * outermost call is done; after an input it stays awake for a while, so that a
 * conversation that goes on pays nothing for it. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "base/map.h"
#include "chat/hub.h"
#include "rest.h"
#include "tags.h"

#define HUB_MAX_INPUTS 50000 /* waiting in all rooms; beyond: REFUSE_BUSY */
#define ROOM_MAX_TRIES 100   /* of one input, moved away under it each time */
#define HUB_SPARES     256   /* states and entries kept for those to come */
#define JOIN_EVENTS    100   /* at most with `joined` */
#define AWAKE_POLLS    POOL(15) /* after the last input */

/* What one step made, until it is in the log. */
struct unit {
	struct event *events;
	size_t count;
	enum conv_queue_op queue_op;
	char queue[CONV_NAME_MAX + 1], queue_from[CONV_NAME_MAX + 1];
	bool raise_fence, unanswered;
	uint64_t fence;
	int64_t due_ms;
	enum conv_counted counted;
	unsigned show; /* bits: the events to be shown at once */
};

#define READER_ELSEWHERE UINT64_MAX /* not one of the hub's */

/* Another reader who sent the same: waits for the answer, too. */
struct sharer {
	struct sharer *next;
	uint64_t reader; /* 0: left */
};

struct entry {
	struct entry *next;
	struct arena in;  /* the input and what was shown */
	struct arena out; /* of the last step */
	struct conv_input input;
	struct str key;  /* empty: none */
	uint64_t reader; /* who sent it last; 0: nobody */
	struct sharer *sharers;
	bool stepped, in_flight;
	bool checked;        /* the log was read since the input came */
	uint64_t after_read; /* number of the last read when it came */
	uint64_t nth;        /* of the room's inputs */
	uint64_t logged_seq; /* seen in the log as this; 0: not yet */
	uint64_t dup_seq;    /* the log says that it has it as this */
	unsigned tries;
	uint64_t tag, expect; /* in flight: what the unit was computed from */
	/* The fence when it was first sent to the log, plus 1: an agent who
	 * lost the chat and has it again did not write this under the new
	 * claim. 0: not yet sent. */
	uint64_t fence_then;
	uint64_t asked; /* hash of what a source was asked; 0: none was */
	struct unit unit;
	struct event *shown;
	size_t shown_count;
	unsigned borrowed; /* bits: of these, which are the last step's own */
	unsigned shown_logged; /* bits: of these, whose ids the log has */
	uint64_t shown_to;     /* the reader who has them on the screen */
};

enum reader_state {
	READER_JOINING,
	READER_DEGRADED, /* joined without a log; `reset` when it is there */
	READER_LIVE,
};

struct receipt {
	uint64_t seq; /* 0: of a log that is no more; found by its id */
	char id[CONV_ID_MAX + 1];
};

struct reader {
	struct reader *next;
	uint64_t id;
	enum reader_kind kind;
	enum reader_state state;
	bool gone;      /* left; swept when nobody walks the list */
	bool reset_due; /* the log is another one */
	uint64_t sent;  /* joining: since; then the last seq passed on */
	/* Receipts of inputs that were settled while this reader was not yet
	 * joined or lagged behind. */
	struct receipt *owed;
	size_t owed_count, owed_room;
};

struct room {
	struct hub *hub;
	struct conv *conv; /* confirmed: the fold of the log as read; NULL: in
			    * `rest` */
	struct rest *rest; /* NULL: awake */
	unsigned awake;    /* polls until it may rest */
	unsigned turn;     /* of its polls, among other rooms */
	struct conv *head; /* with the stepped units; NULL: none is */
	bool complete;     /* folded to the log's end as it was then */
	bool stale;        /* the log has moved: read before stepping */
	bool want_read;
	bool away; /* the last read failed: not again before up or poll */
	bool gone; /* erased */
	bool watched;
	bool stalled; /* an append was not taken: again at the next poll */
	bool busy;    /* somebody works on it further up the stack */
	bool in_sweep;
	bool reading, read_watch;
	uint64_t read_tag, read_since;
	uint64_t read_known; /* the last seq known when the read began */
	uint64_t reads;      /* how many were begun */
	uint64_t heard;      /* the bell: at least this */
	uint64_t read_heard; /* the same when the read began */
	int64_t due_ms;      /* as this hub has set it last; 0: not known */
	struct entry *first, **last;
	size_t entry_count;
	uint64_t entries_ever;
	struct reader *readers;
	struct room *sweep_next;
	/* what was last told by `changed` */
	enum conv_state told_state;
	char told_agent[CONV_NAME_MAX + 1], told_queue[CONV_NAME_MAX + 1];
	bool told;
};

struct hub {
	struct hub_ports ports;
	struct conv_policy policy;
	const struct catalog *catalog;
	struct matcher *matcher;
	struct map *rooms; /* by name */
	struct tags tags;  /* questions under way: their rooms */
	bool up, full, unwilling;
	unsigned depth;       /* of public calls: rooms are freed at 0 */
	unsigned polls, made; /* rooms, ever */
	struct conv *woken;   /* hub_conv() of one that rests */
	struct room *sweep;
	struct conv_actions scratch;
	struct conv *spares[HUB_SPARES]; /* memory of states, kept */
	size_t spare_count;
	struct entry *entries; /* of inputs that are done, the same */
	size_t entry_count;
	struct hub_stats stats;
};

/* -- entry.c ----------------------------------------------------------- */

struct entry *entry_new(struct hub *hub, const struct conv_input *input,
			uint64_t reader);
/* Of one that is in the log by somebody else: the i-th of what was shown. */
struct entry *entry_of_shown(struct hub *hub, const struct entry *from,
			     size_t i);
/* The hub keeps some for those to come. */
void entry_free(struct hub *hub, struct entry **entry);
void entries_fini(struct hub *hub);
/* The event is the entry's own, by its id and by what it says: the same id with
 * other words is not. */
bool entry_is(const struct entry *entry, const struct event *e);
/* `reader` sent it, too, and is shown from now on what comes of it; who was
 * shown it before still gets the receipt or the refusal. */
void entry_take_over(struct entry *entry, uint64_t reader);
/* The reader is not told any more. */
void entry_leave(struct entry *entry, uint64_t reader);
/* Keeps what the step made, in the entry's own memory. */
void entry_keep(struct entry *entry, const struct conv_actions *actions);
/* The other way, for the ports: all but the events. */
void entry_actions(const struct entry *entry, struct conv_actions *out);
/* The step is void: it will be done again. */
void entry_unstep(struct entry *entry);
/* Notes that the shopper sees the event, which lives as long as what the step
 * made; false: they see it already. */
bool entry_show(struct entry *entry, const struct event *e);
bool entry_has_shown(const struct entry *entry, const struct event *e);
/* A message of the bot's is in the log. */
void entry_note_logged(struct entry *entry, const struct event *e);

/* -- room.c ------------------------------------------------------------ */

struct room *room_new(struct hub *hub, const char *conv, bool fresh);
void room_free(struct room **room);
/* Does all there is to do now; nothing where somebody is at it already. */
void room_work(struct room *room);
bool room_is_idle(const struct room *room);
/* Not from within a call of the room. */
void room_rest(struct room *room);
void room_wake(struct room *room);
void room_add(struct room *room, struct entry *entry);
/* It was under way, and the log has not taken it: behind those who came back
 * meanwhile and are elder. */
void room_give_way(struct room *room, struct entry *entry);
/* Somebody else has brought the entry's message into the log: what the shopper
 * was shown here and the log has not is to be logged by itself. */
void room_add_shown(struct room *room, const struct entry *entry);
/* Takes the entry out of the line and frees it. */
void room_remove(struct room *room, struct entry *entry);
void room_refuse(struct room *room, struct entry *entry, enum conv_refusal why);
/* The head is in the log now: it becomes the confirmed state. */
void room_confirm_head(struct room *room);
/* No unit is stepped any more. */
void room_drop_head(struct room *room);
/* All that was computed from a state that is no more. */
void room_unstep(struct room *room);
/* The log may be another one: everything anew. */
void room_roll(struct room *room);
struct entry *room_find(const struct room *room, struct str key);
uint64_t room_tag(struct room *room);
void room_forget_tag(struct room *room, uint64_t tag);

/* -- room_log.c -------------------------------------------------------- */

void room_appended(struct room *room, uint64_t tag,
		   enum hub_append_status status, uint64_t seq);
void room_loaded(struct room *room, enum hub_load_status status,
		 const struct event *events, size_t n, bool more);

/* -- room_reader.c ----------------------------------------------------- */

void reader_add(struct room *room, uint64_t id, enum reader_kind kind,
		uint64_t since);
struct reader *reader_find(const struct room *room, uint64_t id);
void reader_leave(struct room *room, uint64_t id);
/* The same, but it gets the receipts that it is owed. */
void reader_close(struct room *room, uint64_t id);
void readers_sweep(struct room *room);
void readers_free(struct room *room);
bool has_readers(const struct room *room);
/* Who can be joined without reading. */
void readers_join_ready(struct room *room);
void readers_join_degraded(struct room *room);
void readers_erased(struct room *room);
/* Events that follow `since` in the log without a gap: to everybody whose turn
 * it is. The room's state has them folded in. */
void readers_deliver(struct room *room, uint64_t since,
		     const struct event *events, size_t n);
void readers_reset(struct room *room);
/* Somebody has not joined, waits for a reset, or lags. */
bool readers_want_read(const struct room *room);
/* The least seq that somebody still needs, or the room's own. */
uint64_t readers_behind(const struct room *room);
/* What the sender of the input has to see before it is logged: `e`, or all of
 * it anew where another connection of theirs took over. Others get it from the
 * log, behind the question. */
void reader_show(struct room *room, struct entry *entry, const struct event *e);
void reader_show_all(struct room *room, struct entry *entry);
/* For a receipt of what has no event here: of one that the reader has. */
uint64_t room_seq_for(const struct room *room, uint64_t reader);
/* The receipt of an input: now, or in the turn of its seq where the reader has
 * not yet joined or lags behind. */
void room_stored(struct room *room, uint64_t reader, struct str id,
		 uint64_t seq);
/* To everybody who sent it. */
void entry_stored(struct room *room, const struct entry *entry, uint64_t seq);
/* After the state may have changed. */
void room_tell_changed(struct room *room);

#endif
