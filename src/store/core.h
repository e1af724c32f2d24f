/* What the files of this folder share: the store itself, sending with an
 * answer in any case, keys, scripts, and the judgement of answers. */
#ifndef CORE_H
#define CORE_H

#include "address.h"
#include "base/map.h"
#include "redis.h"
#include "replicas.h"
#include "resp.h"
#include "sentinel.h"
#include "store/store.h"

#define STORE_NAME_MAX 256 /* of a conversation, a queue, a visitor */

/* An answer to a call that could not be sent: comes at the end of the turn. */
struct late {
	struct late *next;
	redis_reply_fn *fn;
	void *arg;
};

struct unit;
struct mend;

/* What units have brought about and Redis has not been told; tally.c. */
struct tally;
struct tallies {
	struct tally *first, **last, *newest;
	size_t count; /* units */
	size_t due;   /* of these: to be told, one call after the other */
	size_t calls; /* not answered yet */
};

/* Units that are not in the log yet; outbox.c. There are two: of those that
 * somebody waits for, and of those that come out of the spool. */
struct outbox {
	struct store *store;
	struct unit *first, **last; /* in line */
	struct unit *uncommitted;   /* in the log, but not in the spool */
	struct unit **uncommitted_last;
	struct waker *more; /* some of them are committed: in the next turn */
	bool is_more;
	struct unit *gaps; /* the log is too short for them yet */
	/* behind what is replayed of their conversations */
	struct unit *blocked, **blocked_last;
	struct timer *gap;
	struct map *lanes;             /* conversation to its units, in order */
	size_t count, bytes;           /* all */
	size_t sent_count, sent_bytes; /* of which without an answer so far */
	struct timer *retry;
	int64_t retry_ms; /* 0: nothing is wrong */
};

/* What the spool has is appended (again); replay.c. */
struct replay {
	bool lost_tail; /* said so: at the next tick */
	bool running;
	bool asked;     /* a page is to come */
	bool restart;   /* and is void: all begins anew */
	bool read_all;  /* no page is left */
	unsigned round; /* how many times all was begun */
	uint64_t after, upto;
	struct map *waiting; /* rows that somebody's units stand for */
	size_t rows;
	int64_t began_ms;
};

/* Whether others have brought back what they hold; peers.c. */
struct peers {
	struct timer *timer;
	bool holding, asked;
	bool gone;            /* this node is no longer waited for */
	bool fresh;           /* this life has not asked yet */
	int64_t until_ms;     /* nobody is waited for any longer */
	uint64_t youngest_ms; /* of the notes of runs before */
	/* what this node has noted last: a run, and units that wait for a gap
	 */
	char run[64];
	size_t left;
	int64_t noted_ms;
	/* such units of all, and since when they are as many */
	uint64_t all_left;
	int64_t all_left_ms;
};

/* What listens for bells; bell.c. */
struct bell {
	struct redis *redis;
	char *mine, *queues, *news; /* channels */
	unsigned subscribed;
	bool open;
	bool missed; /* has been away: something may have rung meanwhile */
	int64_t heard_ms;
};

struct store {
	struct loop *loop;
	struct store_ops ops;
	struct address address;
	char *prefix, *node;
	int64_t timeout_ms, lease_ms;
	int64_t tombstone_ms; /* what is erased is known as such for so long */
	int64_t wait_replicas, wait_timeout_ms;
	int64_t spool_max_age_ms;
	size_t max_waiting_bytes;

	struct sentinel *sentinel; /* NULL: redis.url says where Redis is */
	struct redis *redis;
	struct bell bell;
	struct replicas replicas;
	struct timer *tick; /* every second */
	bool up, closing;
	bool announced; /* the owner knows that it is up */
	unsigned ups;   /* how many times it was told so */
	bool rolled;    /* and is to hear that logs may have lost their tails */
	bool recovering;        /* up, but the spool comes first */
	bool min_replicas_none; /* as Redis is configured */
	char epoch[64];
	char greeted[64]; /* run id that this connection has told */
	struct resp cmd;  /* the command being built; sent at once */
	size_t left_out;  /* commands of a question that is not asked */

	struct late *late_first, **late_last;
	struct deferred late;
	struct tallies tallies;
	struct outbox outbox, replayed;
	struct unit *units; /* spare ones */
	size_t unit_count;
	struct spool *spool; /* NULL: none */
	uint64_t committed;  /* its rows up to this stand on the disk */
	struct replay replay;
	struct peers peers;
	struct mend *mends;
	struct exporting *exports; /* under way */
	size_t mend_count;

	int64_t error_logged_ms;
	unsigned errors_unlogged;
	struct store_stats stats;
};

/* -- sending --------------------------------------------------------------- */

/* Sends store->cmd. `fn` is called in any case, exactly once, later; with
 * NULL where Redis is away or too much is on its way. */
void core_send(struct store *store, redis_reply_fn *fn, void *arg);
/* The next `n` commands are one question: all of them are sent, or all are
 * answered with NULL, so that the answers come in their order. */
void core_together(struct store *store, size_t n);
/* As core_send(); false: could not be sent, and `fn` is never called. */
bool core_try(struct store *store, redis_reply_fn *fn, void *arg);
/* Calls `fn` with NULL at the end of this turn. */
void core_late(struct store *store, redis_reply_fn *fn, void *arg);

/* What an answer means: OK, AWAY (try again later) or REFUSED. Logs errors,
 * and leaves a Redis that is not the one we want. `what` names the call. */
enum store_status core_judge(struct store *store, const struct reply *reply,
			     const char *what);
/* `reply` refuses for now what is to be appended; see store_ops. */
void core_unwilling(struct store *store, const struct reply *reply);

/* For connections to the primary, whose `arg` is the store. */
redis_where_fn *core_where(const struct store *store);

/* An answer that does not fit its question: nothing that comes on this
 * connection can be believed. It is closed, and another one made. */
void core_nonsense(struct store *store);

/* -- keys ------------------------------------------------------------------ */

/* Adds PREFIX kind:{name}suffix as an argument to store->cmd. */
void core_key(struct store *store, const char *kind, const char *name,
	      const char *suffix);
/* "agent:maria" as PREFIX agent:{maria}; without a colon as it is. */
void core_plain_key(struct store *store, const char *key);
/* Adds PREFIX text. */
void core_prefixed(struct store *store, const char *text);

/* -- scripts --------------------------------------------------------------- */

enum script {
	SCRIPT_APPEND,
	SCRIPT_ASSIGN,
	SCRIPT_CLAIM,
	SCRIPT_DUE,
	SCRIPT_ENQUEUE,
	SCRIPT_ERASE,
	SCRIPT_FORGET,
	SCRIPT_LIST,
	SCRIPT_OPEN,
	SCRIPT_PUT,
	SCRIPT_REAP,
	SCRIPT_RELEASE,
	SCRIPT_RENEW,
	SCRIPT_RESOLVE,
	SCRIPT_SETTLE,
	SCRIPT_SWEEP,
	SCRIPT_TALLY,
	SCRIPT_UNNAME,
	SCRIPT_WATCH,
	SCRIPT_WHISPER,
	SCRIPT_COUNT,
};

/* Begins store->cmd; `keys` keys follow by core_key(), then arguments. */
void script_start(struct store *store, enum script script, unsigned keys);
/* The same with the script's text. */
void script_start_in_full(struct store *store, enum script script,
			  unsigned keys);
/* As core_send() and core_try(), with EVAL where Redis has lost the script. */
void script_send(struct store *store, enum script script, redis_reply_fn *fn,
		 void *arg);
bool script_try(struct store *store, enum script script, redis_reply_fn *fn,
		void *arg);
/* Gives all scripts to Redis, so that nobody has to wait for them later. */
void scripts_load(struct store *store);

/* -- queues ---------------------------------------------------------------- */

/* The five keys of a queue's scripts. */
void queue_keys(struct store *store, const char *queue);
/* Bell and name, which most of them have as their first arguments. */
void queue_bell(struct store *store, const char *queue);
/* Begins a script of a queue: its keys, and the two where `rings`. */
void queue_start(struct store *store, enum script script, const char *queue,
		 bool rings);
/* What follows the conversation in the arguments of lua/settle.lua. */
void settle_args(struct store *store, const char *where, uint64_t seq,
		 const char *agent, const char *record);

/* -- due times --------------------------------------------------------------
 */

/* Makes store->cmd the command that sets (0: takes away) the due time. */
void due_command(struct store *store, const char *conv, int64_t due_ms);
/* The command that asks for it. */
void due_ask(struct store *store, const char *conv);

/* -- the parts ------------------------------------------------------------- */

void outbox_init(struct store *store, struct outbox *box);
void outbox_fini(struct outbox *box);
void outbox_kick(struct outbox *box); /* Redis is back, or it may go on */
/* row.c: the last seq that may be shown of the conversation. */
uint64_t outbox_horizon(const struct outbox *box, const char *conv);
void outbox_empty(struct outbox *box); /* nothing is on its way; nobody told */
struct unit *outbox_unit(struct store *store); /* all zero, for new bytes */
void outbox_free_units(struct store *store);
/* Takes `unit` whose bytes are packed; the outbox frees it. */
void outbox_add(struct outbox *box, struct unit *unit);
/* Nothing is in line nor on its way; what waits for a gap does not count. */
bool outbox_is_quiet(const struct outbox *box);
/* Redis has answered that it does not take any for now. */
bool outbox_is_refused(const struct outbox *box);
/* The spool has committed up to `row`; the disk has failed (then nobody waits
 * for it), or is well again. */
void outbox_committed(struct outbox *box, uint64_t row);
void outbox_disk(struct outbox *box, bool failing);
/* row.c: calls `fn` for each unit that has a row and is not known to be in the
 * log. */
void outbox_each_row(const struct outbox *box,
		     void (*fn)(void *arg, uint64_t row), void *arg);

/* Appends what the spool has, oldest first; store_recovered() when done. */
void replay_start(struct store *store);
/* The log ends before what it had answered: Redis has lost its tail without a
 * word. */
void replay_lost_tail(struct store *store);
void replay_tick(struct store *store);  /* every second */
void replay_check(struct store *store); /* one of its units is done */
void replay_fini(struct store *store);
void keeping_look(struct store *store);    /* keeping.c; at each connection */
void store_recovered(struct store *store); /* store.c; all is appended */
void store_go_on(struct store *store);     /* store.c; what is new may be */

/* Waits, for a few seconds at most, until other daemons have replayed theirs;
 * store_go_on() then. */
void peers_hold(struct store *store);
void peers_note(struct store *store); /* every second */
void peers_init(struct store *store);
void peers_fini(struct store *store);

void tallies_init(struct tallies *t);
void tallies_fini(struct tallies *t);
void tallies_tick(struct store *store); /* every second */
/* The unit's figures, once its append is in the log. */
void tally_unit(struct store *store, const struct store_unit *unit,
		const struct store_appended *result);

void mend_start(struct store *store, const char *conv, const char *queue,
		const char *queue_from, const char *state, const char *agent);
void mend_kick(struct store *store);
void mend_fini(struct store *store);

/* note.c. The first of the days whose notes are looked through for what came
 * about from `from_ms` to `to_ms`: its midnight in UTC, or the newest
 * STORE_NOTE_DAYS where those are more. */
int64_t note_first_day(int64_t from_ms, int64_t to_ms);

/* A unit was of a visitor who is erased: its conversation is, too. */
void erase_stray(struct store *store, const char *conv, const char *queue);

void export_fini(struct store *store);

void bell_init(struct store *store);
void bell_fini(struct store *store);
void bell_tick(struct store *store);

#endif
