/* Everything that stands in Redis, behind one door. A store has two
 * connections (commands, bell) on the loop, keeps what is to be written in
 * order while Redis is away, and knows nothing of what the entries mean: an
 * entry is a list of named values. The scripts under lua/ do what must be
 * atomic; each is idempotent.
 *
 * Every call that asks Redis something takes a callback. The callback never
 * runs before the call has returned, and runs exactly once, on the loop's
 * thread; `STORE_AWAY` when Redis did not answer in time. Carry an id in
 * `tag`, not a pointer: whoever asked may be gone. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/field.h"
#include "io/loop.h"

struct store;

/* What is to be stored also stands on this machine's disk until Redis has had
 * it for `hold_ms`: an OK from Redis is not yet "cannot be lost". */
struct store_spool_options {
	const char *dir;    /* NULL: no spool */
	int64_t hold_ms;    /* 60000 */
	int64_t max_age_ms; /* what waited longer is given up; also without a
			     * spool: others' may hold what is erased here */
	size_t max_bytes;   /* of its file */
	int64_t stuck_ms;   /* 5000; for tests */
};

struct store_options {
	const char *url;    /* unix:///path, redis://[user:pass@]host:port/db,
			     * redis+sentinel://host:port,host:port/name/db */
	const char *prefix; /* "answerd:" */
	const char *node;   /* this daemon's name; its bell is bell:NODE */
	int64_t command_timeout_ms; /* 2000 */
	/* So many replicas must have what is appended before it is answered
	 * with OK, each time asked for so long: 0, 1000. */
	int64_t wait_replicas, wait_timeout_ms;
	int64_t lease_ms;         /* of a claimed conversation: 30000 */
	size_t max_waiting_bytes; /* of units waiting for Redis: then busy */
	struct store_spool_options spool;
};

enum store_status {
	STORE_OK,
	STORE_AWAY,   /* Redis is away or did not answer: unknown if done */
	STORE_MOVED,  /* the log is not where `expect` said: read, step again */
	STORE_DUP,    /* the log has the first entry's id already: see seq */
	STORE_REUSED, /* the id is known with another content */
	STORE_FENCED, /* an older owner: refused */
	STORE_GONE,   /* erased */
	STORE_TAKEN,  /* somebody else was first */
	STORE_EMPTY,  /* nothing there */
	STORE_REFUSED, /* Redis answered with an error (logged) */
};

/* What the store tells its owner by itself. */
struct store_unit;
struct store_ops {
	/* Up (after PONG, with Redis's run id: the epoch) or down. `rolled`:
	 * the epoch differs from the last one seen: logs may have lost their
	 * tails and are to be read anew. */
	void (*state)(void *arg, bool up, const char *epoch, bool rolled);
	/* Redis answers, and refuses for now to take what is to be stored (it
	 * is full, say); or takes it again. Not told while it is away. */
	void (*unwilling)(void *arg, bool unwilling);
	/* The bell: conversation `conv` has `seq` now. */
	void (*bell)(void *arg, const char *conv, uint64_t seq);
	/* Somebody changed queue `queue` (or "*": any; look again). */
	void (*queue_bell)(void *arg, const char *queue);
	/* A message from one daemon to others that is not logged (typing,
	 * read marks): what store_whisper() sent on another node. */
	void (*whisper)(void *arg, const char *conv, struct str text);
	/* Somebody rang store_news() for `what` (or "*": any; look again). */
	void (*news)(void *arg, const char *what);
	/* A unit out of the spool whose log has gone on without it (this
	 * daemon had died, or Redis had lost its tail and somebody else wrote):
	 * it does not fit any more, and what somebody said in it is to be
	 * stored all the same. May come again for the same unit. */
	void (*orphan)(void *arg, const struct store_unit *unit);
	void *arg;
};

/* Whether `url` is one that store_new() takes; else `why` says what to do. */
bool store_url_is_valid(const char *url, struct buf *why);
/* Appends the url with *** where its password stands. */
void store_url_hide(const char *url, struct buf *out);
/* NULL, and a line in the log: the url is not valid, or there can be no spool
 * (another daemon has it). Connects by itself. What the spool had from before
 * is appended before the store says that it is up. */
struct store *store_new(struct loop *loop, const struct store_options *options,
			const struct store_ops *ops);
/* Nobody is called any more, also not who waits for an answer. Not from within
 * a callback of the store. */
void store_free(struct store **store);
bool store_is_up(const struct store *store);
/* Why Redis could not be had when it was tried last, and what to do where that
 * is known; "" where it could. */
const char *store_trouble(const struct store *store);
/* Up, and takes what is to be stored. */
bool store_is_willing(const struct store *store);
/* Redis's run id as last seen; "" before the first connection. */
const char *store_epoch(const struct store *store);
/* Bytes of units that wait; and whether there is room for one more. */
size_t store_waiting_bytes(const struct store *store);
bool store_has_room(const struct store *store);

/* -- the log ----------------------------------------------------------- */

/* One event to append, fields in the order "type", "id", "sender", "text",
 * "at", then the others. `key` is sender and id, as "s:m1" or "a:maria:x7":
 * what makes the append idempotent; empty: none. */
struct store_entry {
	struct str key;
	uint64_t content; /* hash of what must not differ under one id */
	const struct field *fields;
	size_t field_count;
};

enum store_queue_op {
	QUEUE_KEEP,
	QUEUE_ENQUEUE, /* put in line (before the append); again: its place */
	QUEUE_RESOLVE, /* out of line and of claims (after the append) */
	QUEUE_CLAIMED, /* claimed by `agent` with store_claim(); after the
			* append the claim lasts */
	QUEUE_BACK,    /* from claimed back in line at the old place (after) */
	QUEUE_MOVE,    /* out of `queue_from`, in line in `queue` (transfer) */
	QUEUE_CLAIM_FOR, /* make it claimed by `agent` in `queue` (transfer to
			  * an agent), after the append */
};

#define STORE_DUE_KEEP (-1)

/* One append: all entries or none, with what goes with it. Copied by
 * store_append(). */
struct store_unit {
	const char *conv;
	uint64_t expect;  /* the log's seq that this was computed from */
	uint64_t trail;   /* of the log up to there (base/hash.h), which is
			   * looked at where Redis may have lost its tail
			   * since; 0: not known, `expect` must do */
	bool anywhere;    /* wherever the log is: `expect` does not count */
	uint64_t fence;   /* of an agent's write: at least this; 0: not one */
	bool raise_fence; /* `assign`: fence becomes `fence` (expect holds) */
	const struct store_entry *entries;
	size_t entry_count;
	/* Of conv:{C}: visitor … The queue's repair goes by state, queue,
	 * agent, priority and since_ms. */
	const struct field *hash;
	size_t hash_count;
	enum store_queue_op queue_op;
	const char *queue;      /* of queue_op */
	const char *queue_from; /* of QUEUE_MOVE */
	const char *agent;      /* of QUEUE_CLAIM_FOR, QUEUE_CLAIMED */
	int priority;
	int64_t since_ms;         /* in line since (wall clock) */
	const struct field *info; /* of queue:{Q}:info, a JSON map */
	size_t info_count;
	int64_t due_ms;      /* next step (wall clock); 0: none; STORE_DUE_KEEP:
			      * as it is set */
	const char *visitor; /* first append of a conversation: its visitor */
	/* Of orphan(): Redis had taken it, and lost it again; its place among
	 * what this daemon was told, from 1. */
	bool was_taken;
	uint64_t nth;
	/* Of what is made of one that orphan() has told: its `nth`. That one
	 * comes again only until this is as safe. 0: of none. */
	uint64_t replaces;
	/* What it adds to the hash `stats:DAY`, a line each: the figure, a
	 * blank, by how much. Counted once, however often the unit is
	 * appended. `day` NULL: nothing. */
	const char *day;
	const char *figures;
	bool watch; /* note this node in the conversation's `nodes` too, as
		     * store_read() does: its readers here want the bell */
};

struct store_appended {
	enum store_status status;
	uint64_t seq;  /* OK: of the first entry; DUP: of the known one;
			* MOVED: the log's last */
	uint64_t last; /* the log's last seq after this */
};
typedef void (*store_append_fn)(void *arg, uint64_t tag,
				const struct store_appended *result);

/* In order for each conversation: several may be under way, each computed from
 * what the one before it makes; when one is not OK, those behind it are
 * answered MOVED with their own `expect`. While Redis is away units wait
 * (bounded: store_has_room(); far beyond it REFUSED) and are appended when it
 * is back; a unit whose fate is unknown is appended again, which is harmless,
 * and answered once. Never STORE_AWAY. */
void store_append(struct store *store, const struct store_unit *unit,
		  store_append_fn fn, void *arg, uint64_t tag);

struct store_event {
	uint64_t seq;
	const struct field *fields;
	size_t field_count;
};
struct store_log {
	enum store_status status;         /* OK, AWAY, GONE, REFUSED */
	const struct store_event *events; /* borrowed, in order of seq */
	size_t count;
	bool more;      /* there is more after these: ask again */
	bool is_short;  /* the log ends before `since`: it has lost its tail */
	uint64_t last;  /* the log's last seq */
	uint64_t fence; /* as stored */
};
typedef void (*store_log_fn)(void *arg, uint64_t tag,
			     const struct store_log *log);
#define STORE_PAGE 500 /* events in one answer */
/* The events after `since`. Also notes this node in conv's `nodes`, so that
 * its bell rings, where `watch`. */
void store_read(struct store *store, const char *conv, uint64_t since,
		bool watch, store_log_fn fn, void *arg, uint64_t tag);
struct store_known {
	enum store_status status; /* OK, EMPTY: not there, AWAY, REFUSED */
	uint64_t seq, content;    /* as it was appended */
};
typedef void (*store_known_fn)(void *arg, uint64_t tag,
			       const struct store_known *known);
/* Where `key` (of an entry) stands in the conversation's log. */
void store_known(struct store *store, const char *conv, struct str key,
		 store_known_fn fn, void *arg, uint64_t tag);
/* This node shows the conversation no more: no bell. */
void store_unwatch(struct store *store, const char *conv);
/* To the other nodes that show the conversation; nothing is stored, nothing
 * promised. */
void store_whisper(struct store *store, const char *conv, struct str text);

/* -- visitors ---------------------------------------------------------- */

typedef void (*store_name_fn)(void *arg, uint64_t tag, enum store_status status,
			      const char *name);
/* The visitor's current conversation: `closed` (may be NULL) is replaced by
 * `candidate` once, however many ask; else what stands there stays; where
 * nothing stands, `candidate`. Answers with its name. GONE: this visitor was
 * erased; they are somebody new. `owner`: who asks, by the digest of who has
 * signed in, to whom it belongs from then on; "": of nobody who has. TAKEN: it
 * is somebody else's, whose digest is the name. */
void store_open(struct store *store, const char *visitor, const char *closed,
		const char *candidate, const char *owner, store_name_fn fn,
		void *arg, uint64_t tag);

/* -- the queue --------------------------------------------------------- */

struct store_item {
	const char *conv;
	const char *queue;
	const char *agent; /* claimed by; NULL: waiting */
	int priority;
	int64_t since_ms;
	const struct field *info;
	size_t info_count;
};
struct store_items {
	enum store_status status;
	const struct store_item *items; /* in line's order, borrowed */
	size_t count;
	size_t total; /* in line in all, where more than asked for */
};
typedef void (*store_items_fn)(void *arg, uint64_t tag,
			       const struct store_items *items);
/* Who waits in the queues, at most `most`, by priority then age. */
void store_queue(struct store *store, const char *const *queues, size_t n,
		 size_t most, store_items_fn fn, void *arg, uint64_t tag);
/* What `agent` has claimed in the queues; NULL: whoever. */
void store_claimed(struct store *store, const char *const *queues, size_t n,
		   const char *agent, store_items_fn fn, void *arg,
		   uint64_t tag);

struct store_claim {
	enum store_status status; /* OK, TAKEN, FENCED, EMPTY, AWAY */
	const char *conv;
	const char *queue;
};
typedef void (*store_claim_fn)(void *arg, uint64_t tag,
			       const struct store_claim *claim);
/* Takes `conv` (NULL: the next by priority, then age) for `agent`. OK again
 * for who has it already. The claim holds for 10 s, until an append with
 * QUEUE_CLAIMED says that the log agrees; then for the lease. `id` is the
 * claim's own: of the next, it gives for two minutes what it gave before, where
 * that is the agent's still. FENCED: what this claim had taken was lost and is
 * in line again; it is left there. */
void store_claim(struct store *store, const char *const *queues, size_t n,
		 const char *conv, const char *agent, const char *id,
		 store_claim_fn fn, void *arg, uint64_t tag);
/* Keeps an agent's claims alive; `lost` names those that are no longer
 * theirs, one call each, then a call with NULL. */
void store_renew(struct store *store, const char *agent,
		 const char *const *convs, const char *const *queues, size_t n,
		 store_name_fn lost, void *arg, uint64_t tag);
/* `agent`: whose claim it was; NULL: unknown. `seq`: where the log was then; an
 * assignment after it is another claim. 0: unknown. */
typedef void (*store_reaped_fn)(void *arg, uint64_t tag,
				enum store_status status, const char *conv,
				const char *agent, uint64_t seq);
/* Claims whose lease has run out go back in line at their old place; each is
 * told by its conversation (then NULL at the end), and told again after a
 * while if no append with QUEUE_BACK followed. */
void store_reap(struct store *store, const char *const *queues, size_t n,
		store_reaped_fn fn, void *arg, uint64_t tag);
/* The queue follows the conversation, where they are at odds: `state` is
 * "bot", "closed" (out of line), "queued" (in line), "assigned". */
void store_queue_repair(struct store *store, const char *conv,
			const char *queue, const char *state,
			const char *agent);

struct store_place {
	enum store_status status; /* EMPTY: not in line */
	uint64_t position;        /* from 1 */
	int64_t pace_ms; /* median time between recent claims; 0: unknown */
};
typedef void (*store_place_fn)(void *arg, uint64_t tag,
			       const struct store_place *place);
void store_place(struct store *store, const char *queue, const char *conv,
		 store_place_fn fn, void *arg, uint64_t tag);

/* -- due times --------------------------------------------------------- */

/* Conversations whose next step is due, each under a lease of 30 s that ends
 * with the next append's due time (one call each, then NULL). Any daemon.
 * `now_ms`: the wall clock's, but no later than Redis's own. */
void store_due(struct store *store, int64_t now_ms, size_t most,
	       store_name_fn fn, void *arg, uint64_t tag);
void store_set_due(struct store *store, const char *conv, int64_t due_ms);

/* -- hashes with an end: agents, sessions, tokens ---------------------- */

typedef void (*store_hash_fn)(void *arg, uint64_t tag, enum store_status status,
			      const struct field *fields, size_t n);
/* `key` without the prefix and braces: "agent:maria" stands at
 * PREFIXagent:{maria}. EMPTY where there is none. */
void store_hash_get(struct store *store, const char *key, store_hash_fn fn,
		    void *arg, uint64_t tag);
/* Sets fields; `ttl_ms` 0 leaves the end as it is. `fn` may be NULL. */
void store_hash_set(struct store *store, const char *key,
		    const struct field *fields, size_t n, int64_t ttl_ms,
		    store_hash_fn fn, void *arg, uint64_t tag);
/* The same where the first of the fields is not there yet, else nothing.
 * `ttl_ms` is at least 1. */
void store_hash_add(struct store *store, const char *key,
		    const struct field *fields, size_t n, int64_t ttl_ms,
		    store_hash_fn fn, void *arg, uint64_t tag);
void store_hash_del(struct store *store, const char *key, store_hash_fn fn,
		    void *arg, uint64_t tag);
/* Removes one field. */
void store_hash_drop(struct store *store, const char *key, const char *field);
/* Names of agents (keys agent:*), by the set `agents`. */
void store_agents(struct store *store, store_hash_fn fn, void *arg,
		  uint64_t tag);

/* Tells all daemons, this one too, that what stands under `what` has changed.
 * Commands that were sent before it are done when they hear of it. `fn` (may
 * be NULL) gets no fields. */
void store_news(struct store *store, const char *what, store_hash_fn fn,
		void *arg, uint64_t tag);

/* A hash of the shop's own in the same Redis, by its whole key: no prefix.
 * EMPTY where there is none; the whole must come within the store's own time
 * limit. */
void store_foreign_hash(struct store *store, const char *key, store_hash_fn fn,
			void *arg, uint64_t tag);

/* Adds to `audit`, `recent` …: a capped stream, nobody waits. */
void store_note(struct store *store, const char *stream,
		const struct field *fields, size_t n, size_t max_length);
#define STORE_NOTE_DAYS 400
/* The same for `unanswered:DAY`, which ends so many days after its last note:
 * so far back erasing and exporting look. */
void store_note_of_day(struct store *store, const char *stream,
		       const struct field *fields, size_t n, size_t max_length);
/* Takes out what was added before that time, by Redis's clock. Nobody waits. */
void store_notes_trim(struct store *store, const char *stream,
		      int64_t before_ms);
struct store_noted {
	char id[48]; /* "1732262400000-0" */
	int64_t at_ms;
	const struct field *fields;
	size_t field_count;
};
struct store_notes {
	enum store_status status;       /* OK, AWAY, REFUSED */
	const struct store_noted *list; /* borrowed, newest first */
	size_t count; /* fewer than asked for: there are no more */
};
typedef void (*store_notes_fn)(void *arg, uint64_t tag,
			       const struct store_notes *notes);
/* The newest `most` (at most STORE_PAGE) notes of a stream that are older than
 * the one with the id `before`; NULL: the newest of all. A stream that is not
 * there is empty. */
void store_notes(struct store *store, const char *stream, const char *before,
		 size_t most, store_notes_fn fn, void *arg, uint64_t tag);
/* Units' figures are told to Redis (`stats:DAY`) once a second, and by this. */
void store_tell_figures(struct store *store);

/* For a program without a loop of its own (the tool): runs the loop until
 * `done` is set or `timeout_ms` passed; false: the time is over. */
bool store_wait(struct store *store, const bool *done, int64_t timeout_ms);

struct store_spool_stats {
	bool failing;    /* the disk does not take it */
	bool stuck;      /* nor says that it does not */
	int64_t busy_ms; /* since when it has what it has not answered */
	uint64_t waits;  /* rows that Redis does not have yet */
	uint64_t held;   /* rows that it has, held for a while */
	uint64_t bytes;  /* of the file */
	uint64_t commits, commit_us, rows_written, errors;
	uint64_t damaged; /* rows that could not be read */
};
/* False: there is none. */
bool store_spool_stats(struct store *store, struct store_spool_stats *out);
/* Before an orderly end: where its spool is empty, other daemons do not wait
 * for this one when Redis comes back as another run. */
void store_leave(struct store *store);

/* What is set up so that Redis does not keep its data; bits of `warnings`. */
enum store_warning {
	STORE_NO_APPENDONLY,
	STORE_EVICTS,
	STORE_NO_MIN_REPLICAS, /* it has replicas, and writes without them */
	STORE_FEW_REPLICAS,    /* fewer than wait_replicas */
	STORE_WARNINGS,
};
/* A sentence with what to do. */
const char *store_warning_text(enum store_warning warning);

struct store_stats {
	uint64_t appends, dups, moved, reconnects, commands, refused, reads;
	uint64_t recovered; /* appended (again) out of the spool */
	uint64_t orphans;
	size_t waiting_units;
	unsigned warnings;     /* 1 << enum store_warning */
	bool replicas_behind;  /* too few replicas have what was appended */
	const char *unwilling; /* Redis refuses for now to take what is to be
				* stored: what to do about it; else NULL */
};
const struct store_stats *store_stats(const struct store *store);

/* For `answerctl scripts`: the scripts' names, texts and SHA1 (hex). */
size_t store_script(size_t i, const char **name, const char **text,
		    char sha1[41]); /* returns how many there are */

#endif
