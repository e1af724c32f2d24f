/* All conversations that somebody on this daemon shows or writes to, and the
 * one place where an input becomes events in the log. Knows neither sockets
 * nor Redis: both are reached through a handful of function pointers, so the
 * same code runs under the daemon, the tool's dialogue scripts and the tests.
 *
 * A conversation here is a room: the confirmed state (the fold of the log up
 * to seq n), units that are on their way to the log (each computed from the
 * state that the ones before it will make), and readers. A unit that comes
 * back with "the log has moved" makes the room read what it missed, and every
 * input that waits is stepped again, in order.
 *
 * Readers are numbers of the owner's; a port is never called for a reader
 * after hub_leave(). Ports may be called from within the hub's calls, but for
 * `load` and `append`, whose answers must come later. */
#ifndef CHAT_HUB_H
#define CHAT_HUB_H

#include "chat/conv.h"

struct hub;

enum reader_kind {
	READER_SHOPPER,
	READER_AGENT,
};

/* One append; borrowed for the call. */
struct hub_unit {
	const struct conv *conv; /* the state after the unit */
	uint64_t expect;
	const struct event *events;
	size_t event_count;
	const struct conv_actions *actions; /* queue, fence, due …; no events */
	bool watch;                         /* there are readers here */
	const struct conv *before;          /* the state that it was computed
					     * from, at `expect` */
	/* The due time that is set already is earlier than the unit's, and
	 * still to come: it will do. Whoever it wakes finds nothing to do then
	 * but to set the next one. */
	bool due_stands;
	uint64_t elder; /* the input's */
};

enum hub_append_status {
	APPEND_OK,
	APPEND_MOVED,
	APPEND_DUP,
	APPEND_REUSED,
	APPEND_FENCED,
	APPEND_GONE,
	APPEND_REFUSED,
};

enum hub_load_status {
	LOAD_OK,
	LOAD_AWAY,  /* the store cannot be read now; the hub asks again when
		     * hub_store_up() says so */
	LOAD_GONE,  /* erased */
	LOAD_SHORT, /* the log ends before `since`: it has lost its tail */
};

/* What came of an input. */
struct hub_done {
	enum conv_input_type type;
	enum conv_counted counted;
	bool unanswered;
	bool closed;     /* it has closed the conversation */
	struct str text; /* the shopper's, where it was one */
};

struct hub_ports {
	void *arg;
	/* Read the log after `since`; answer by hub_loaded() with `tag`. */
	void (*load)(void *arg, const char *conv, uint64_t since, bool watch,
		     uint64_t tag);
	/* Append; answer by hub_appended() with `tag`. False: no room, not
	 * taken: the hub keeps the unit, offers it again at the next poll, and
	 * refuses new inputs with REFUSE_BUSY until one is taken. One unit of a
	 * conversation is under way at a time; while the store is away more,
	 * in order: once one of them is not OK, those behind it are answered
	 * APPEND_MOVED with the seq that they expected. */
	bool (*append)(void *arg, const struct hub_unit *unit, uint64_t tag);
	/* Nobody here shows the conversation any more. */
	void (*forget)(void *arg, const char *conv);
	/* A timer had nothing to log: only the next step's time. */
	void (*set_due)(void *arg, const char *conv, int64_t due_ms);
	/* A queue is at odds with what the log says: state as it is. `queue`:
	 * which gave the conversation away, where that is known (it may be in
	 * another one's line than the log says), else empty. */
	void (*repair)(void *arg, const struct conv *conv, struct str queue);

	/* The answer to hub_join(): the state and the events after `since`
	 * (at most 100; the rest follows by `event`, `more` says so).
	 * `degraded`: the log cannot be read now; a `reset` follows when it
	 * can. */
	void (*joined)(void *arg, uint64_t reader, const struct conv *conv,
		       const struct event *events, size_t n, bool more,
		       bool degraded);
	/* A logged event, in strict order of seq, each once a reader. */
	void (*event)(void *arg, uint64_t reader, const struct conv *conv,
		      const struct event *e);
	/* A bot's message that is not logged yet, to the shopper's connection
	 * that asked. */
	void (*show)(void *arg, uint64_t reader, const struct conv *conv,
		     const struct event *e);
	/* In place of `event`, to the reader who sent it (or was shown it); of
	 * a change of the state by an agent after `event`. A repeat gets its
	 * first seq: in its turn, or again where the reader has it. */
	void (*stored)(void *arg, uint64_t reader, const struct conv *conv,
		       struct str id, uint64_t seq);
	/* The input `id` was not taken. `id` NONE: the conversation was erased
	 * (REFUSE_GONE), in answer to hub_join() or later; the reader has left
	 * it by that. */
	void (*refused)(void *arg, uint64_t reader, const char *conv,
			struct str id, enum conv_refusal why);
	/* The log is another one: forget, it follows from 1. */
	void (*reset)(void *arg, uint64_t reader, const struct conv *conv);
	/* The state changed (by whatever event), once an append or read. */
	void (*changed)(void *arg, const struct conv *conv);
	/* Once for each input that made events and is in the log now:
	 * counters, reports. */
	void (*done)(void *arg, const struct conv *conv,
		     const struct hub_done *done);
	/* A source is to be asked; `reader` waits for it (0: nobody here).
	 * Once an input, but again where a later look at it asks for something
	 * else: then the older question is void. Answer later, never from
	 * within, by hub_feed() of INPUT_LOOKED_UP with the same reader. NULL
	 * where the policy has no sources. */
	void (*lookup)(void *arg, const char *conv, uint64_t reader,
		       const struct conv_question *question);
	/* The conversation was found erased, here too: what this daemon has
	 * written beside its log may have come after the erasing. */
	void (*erased)(void *arg, const char *conv);
	/* What came out of a spool (`elder`) is refused, as its conversation is
	 * closed by now. Never answered from within. May be NULL. */
	void (*too_late)(void *arg, const struct conv *conv,
			 const struct conv_input *input);
};

#define HUB_ROOM_INPUTS 64 /* waiting in one room; beyond: REFUSE_BUSY */

struct hub *hub_new(const struct hub_ports *ports,
		    const struct conv_policy *policy);
void hub_free(struct hub **hub);
/* NULL: none. Borrowed until replaced. Returns the one before, which the
 * caller frees. */
const struct catalog *hub_set_catalog(struct hub *hub,
				      const struct catalog *catalog);

/* Again by who is there: from `since` on anew, and what became of its inputs
 * is told all the same. `fresh`: the conversation cannot be in the store yet
 * (its name was just made): nothing is read. */
void hub_join(struct hub *hub, const char *conv, uint64_t reader,
	      enum reader_kind kind, uint64_t since, bool fresh);
void hub_leave(struct hub *hub, const char *conv, uint64_t reader);
/* Reads no more, but is still told what becomes of its inputs; for a reader
 * that stays: hub_leave() may follow. */
void hub_close(struct hub *hub, const char *conv, uint64_t reader);
/* Steps the conversation (reads it first where nobody has it). `reader` gets
 * `stored` or `refused` for the input's id; 0: nobody. A name of more than
 * CONV_ID_MAX bytes, which Redis or a spool may hold, is no conversation's:
 * nothing is done. */
void hub_feed(struct hub *hub, const char *conv, uint64_t reader,
	      const struct conv_input *input);
/* What `reader` sent as `id` was found in the log at `seq`, by who looked there
 * (conv_known() knows the newest only): `stored` follows, in its turn. 0: in
 * the log of an earlier conversation; `stored` then names the last event that
 * the reader has, so that nobody counts on one that is not in this log. */
void hub_receipt(struct hub *hub, const char *conv, uint64_t reader,
		 struct str id, uint64_t seq);
/* The state as far as it is confirmed, or NULL where it is not held here or
 * not yet read. Until the next call of the hub. */
const struct conv *hub_conv(const struct hub *hub, const char *conv);
/* The state that what waits for the log will make; else the confirmed one. */
const struct conv *hub_ahead(const struct hub *hub, const char *conv);
/* Whether hub_conv() waits for an agent, or has one. */
bool hub_has_agents(const struct hub *hub, const char *conv);
bool hub_is_pending(const struct hub *hub, const char *conv);

/* Answers to the ports. Events are copied. `seq`: OK: of the first event; DUP:
 * of the known one; MOVED: the log's last (below what the hub had seen, the
 * log has lost its tail and is read anew). */
void hub_loaded(struct hub *hub, uint64_t tag, enum hub_load_status status,
		const struct event *events, size_t n, bool more);
void hub_appended(struct hub *hub, uint64_t tag, enum hub_append_status status,
		  uint64_t seq);
/* Somebody else wrote: `seq` is there. */
void hub_bell(struct hub *hub, const char *conv, uint64_t seq);
/* The store is up or away; `rolled`: logs may have lost their tails, every
 * room reads its log anew and its readers get `reset`. */
void hub_store_up(struct hub *hub, bool up, bool rolled);
/* It can be read, and takes nothing for now: as while it is away, all that
 * waits is handed over, in order. */
void hub_store_unwilling(struct hub *hub, bool unwilling);
/* Every 2 s: rooms that others may write to (queued, assigned) look for what
 * a lost bell did not tell. */
void hub_poll(struct hub *hub);

struct hub_stats {
	size_t rooms, readers, pending;
	size_t resting; /* of the rooms: those where nothing happens */
	uint64_t steps, resteps, reloads;
};
struct hub_stats hub_stats(const struct hub *hub);
/* For each reader of a room. */
typedef void (*hub_reader_fn)(void *arg, uint64_t reader,
			      enum reader_kind kind);
void hub_each_reader(const struct hub *hub, const char *conv, hub_reader_fn fn,
		     void *arg);

#endif
