/* A unit on its way to the log, and the steps of it: what Redis is told before
 * its append, the append, and after it. The order of units is outbox.c, the
 * calls are steps.c. */
#ifndef STEPS_H
#define STEPS_H

#include "core.h"
#include "unit.h"

struct lane;

struct unit {
	struct store *store;
	struct outbox *box;
	struct unit *next;   /* in line: firsts of their lanes */
	struct unit *behind; /* in its lane */
	struct lane *lane;
	bool in_full;         /* the script's text was sent along */
	bool again;           /* was sent before, and its fate is unknown */
	bool queue_odd;       /* what the queue must know before has failed */
	bool answered;        /* out of the outbox; only replies may be due */
	bool replayed;        /* comes out of the spool */
	bool uncommitted;     /* in the log; waits for the spool alone */
	uint64_t row;         /* in the spool; 0: not there */
	uint64_t replaces;    /* row of what it was made of; 0: none */
	unsigned round;       /* of reading the spool, when it came */
	unsigned ups;         /* of the store, when it came */
	int64_t gap_until_ms; /* the log is too short for it: waits for others
			       */
	struct store_appended result; /* the last; seq 0: there was none */
	unsigned replies;             /* to come */
	struct store_unit view;       /* into bytes; without its lists */
	struct unit_args args;        /* into bytes */
	struct buf bytes;
	store_append_fn fn;
	void *arg;
	uint64_t tag;
};

/* Sends what goes before the append (of one out of the spool nothing does: the
 * log may say already what came of it), then the append; `appended` gets its
 * answer, with the unit as `arg`. False: could not be sent. All of it may be
 * sent again. */
bool steps_send(struct unit *unit, redis_reply_fn *appended);
/* Redis has lost the script: the append once more, with its text. */
bool steps_send_in_full(struct unit *unit, redis_reply_fn *appended);
/* Sends what follows from the answer. `fresh`: it was appended this time, not
 * by an earlier try; `agent` had the conversation before. */
void steps_follow(struct unit *unit, const struct store_appended *result,
		  bool fresh, struct str agent);
/* outbox.c: frees the unit if nothing is to come for it any more. */
void outbox_release(struct unit *unit);

#endif
