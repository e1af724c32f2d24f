/* One event of a conversation's log, and its form as named values, in which it
 * stands in the store. The log is the truth: whatever the state machine must
 * remember over a restart is a field here. */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/field.h"

enum event_type {
	EVENT_MESSAGE,
	EVENT_NOTE, /* between agents */
	EVENT_STATE,
	EVENT_ASK_FEEDBACK,
	EVENT_FEEDBACK,
	EVENT_LEAVE, /* the shopper ends it */
};
extern const char *const event_names[]; /* "message" … as stored */

/* Spans belong to whoever made the event: an arena or the input. Values that
 * an event does not have are STR_NONE, 0, false, and are not stored. */
struct event {
	uint64_t seq; /* 0: not logged yet */
	enum event_type type;
	int64_t at_ms;
	/* Who and which: with `sender` the key of idempotence "s:m1". Senders:
	 * "s" the shopper, "b" the bot, "t" a timer or the system itself,
	 * "a:NAME" an agent. */
	struct str sender, id;
	struct str text;
	struct str wire_id;  /* shown in place of `id`, where the shopper has
			      * used the same; no client may choose it */
	struct str name;     /* display name of an agent's message */
	struct str reply_to; /* bot: the shopper's message */
	struct str intent, rules;
	struct str buttons; /* JSON list of {text, value|url} */
	bool late;
	struct str
		value; /* shopper: the button's value; "human" for a person */
	/* bot: what it did, for the fold: "answer" "clarify" "ask" "miss"
	 * "handoff" "repeat" "meta" "kept" (the place in line); timer: "remind"
	 * "contact" (offered to leave one, or left); shopper: "contact" (this
	 * is where they want to be answered); state: "contact" (offered with
	 * the words of the hand-over) */
	struct str outcome;
	struct str slot;  /* bot, outcome "ask": the slot asked for */
	struct str slots; /* JSON object of all slots known after this */
	/* bot: what a bare "yes" or "no" to it stands for: "human",
	 * "intent:NAME", "nothing" */
	struct str yes, no;
	/* bot: which intents the message came close to, where none answered it:
	 * a JSON list of {intent, score}, 1 is full, the best first */
	struct str considered;
	/* shopper: a source is asked before this is answered: the intent that
	 * asks it; bot: what came of that: "found" "not_found" "failed", and
	 * the hash of what was found */
	struct str lookup, looked_up;
	struct str language; /* shopper: that they write from here on, "de" */
	uint64_t digest;
	/* state */
	struct str state, reason, agent, agent_display, queue, kind;
	int64_t priority;
	int64_t since_ms; /* in line since: kept over claim and release */
	uint64_t fence;
	struct str outcome_of; /* resolve: the agent's outcome */
	/* feedback */
	struct str ask_kind; /* ask_feedback: solved csat ces nps */
	struct str ask, comment;
	int64_t score;
	bool has_score;
	/* the shopper's circumstances, on their messages when they changed */
	struct str visitor, visitor_name, page, locale;
	bool verified;
	/* Not logged: event_content(), where it was computed already; 0: not.
	 */
	uint64_t content;
};

#define EVENT_MAX_FIELDS 44

/* As named values in the store's order (type, id, sender, text, at, …);
 * numbers are written into `arena`. Returns how many. */
size_t event_to_fields(const struct event *e, struct arena *arena,
		       struct field fields[EVENT_MAX_FIELDS]);
/* Borrows the values. Unknown fields are skipped, so that a newer daemon may
 * add some; an unknown type gives false (the reader skips the event). */
bool event_from_fields(const struct field *fields, size_t n, uint64_t seq,
		       struct event *out);
/* Hash of what must not differ under one id: type, state, text, value, ask,
 * score. Where a button was pressed its text is left out: it comes from the
 * rules, which may have been replaced before the same press comes again. */
uint64_t event_content(const struct event *e);
/* "sender:id" into `arena`; empty where there is no id. */
struct str event_key(const struct event *e, struct arena *arena);
/* A copy whose spans live in `arena`. */
struct event event_copy(const struct event *e, struct arena *arena);

#endif
