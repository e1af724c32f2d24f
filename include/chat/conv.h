/* The state machine of one conversation: `conv_step(state, input) -> actions`,
 * and the fold that makes the state from the log. Pure: the time comes in the
 * input, texts and matching from the catalog, randomness from nowhere.
 *
 * Exactly one of bot, queue, agent, nobody (closed) owns a conversation, and
 * every state but closed has a next step at a time. The state changes in one
 * way only, by conv_apply() of an event that is (or is about to be) logged;
 * conv_step() reads it and says what to log. */
#ifndef CHAT_CONV_H
#define CHAT_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/field.h"
#include "chat/event.h"
#include "intent/intent.h"

enum conv_state {
	CONV_BOT,
	CONV_QUEUED,
	CONV_ASSIGNED,
	CONV_CLOSED,
};
extern const char *const conv_state_names[]; /* as on the wire */

#define CONV_ID_MAX     64
#define CONV_MADE_MAX   68 /* of an id made of a client's: m1.a, m1.q */
#define CONV_NAME_MAX   64
#define CONV_SLOTS      8
#define CONV_RECENT     32
#define CONV_BUTTONS    768 /* bytes; longer ones are not remembered */
#define CONV_ASKS       8   /* requests for feedback that may be answered */
#define CONV_LOOKUPS    3   /* messages that wait for a source at a time */
#define CONV_VALUES     32  /* what a source tells */
#define CONV_CONSIDERED 320 /* bytes */

struct conv_slot {
	char name[32];
	char value[128];
};

/* A message whose answer waits for a data source. */
struct conv_lookup {
	char id[CONV_ID_MAX + 1]; /* of the shopper's message; "": none */
	char intent[CONV_NAME_MAX + 1];
	int64_t at_ms;
	char letter; /* of the bot's next message about it: m1.a, m1.b … */
};

/* A plain value without pointers: copied by assignment. */
struct conv {
	char id[CONV_ID_MAX + 1];
	uint64_t seq;   /* of the last event folded in */
	uint64_t trail; /* of the events so far (base/hash.h) */
	uint64_t fence;
	enum conv_state state;
	int64_t state_at_ms; /* since when in this state */
	/* of the hand-off */
	char queue[CONV_NAME_MAX + 1];
	char reason[CONV_NAME_MAX + 1];
	char intent[CONV_NAME_MAX + 1]; /* the bot's last, why it gave up */
	char kind[16];                  /* inquiry complaint chat */
	int priority;
	int64_t since_ms; /* in line since, or since the bot had to go */
	char agent[CONV_NAME_MAX + 1];
	char agent_display[CONV_NAME_MAX + 1];
	uint64_t assigned_seq; /* the last assignment */
	/* of the bot */
	unsigned misses; /* in a row */
	unsigned missed; /* those that it ended with; stays while in line */
	char considered[CONV_CONSIDERED]; /* as in the event; "": nothing */
	char last_intent[CONV_NAME_MAX + 1];
	uint64_t last_answer;                /* hash of the bot's last answer */
	char open_intent[CONV_NAME_MAX + 1]; /* waits for a slot */
	char asked_slot[32];
	unsigned asked_times;
	struct conv_slot slots[CONV_SLOTS];
	size_t slot_count;
	struct conv_lookup lookups[CONV_LOOKUPS]; /* the newest first */
	unsigned unknown; /* numbers in a row that a source did not know */
	char yes[CONV_NAME_MAX + 8]; /* what a bare "yes" stands for now */
	char no[CONV_NAME_MAX + 8];  /* and a "no"; both as in the event */
	char buttons[CONV_BUTTONS];  /* the last ones offered, as JSON */
	/* of time */
	int64_t last_shopper_ms, last_agent_ms, last_event_ms;
	int64_t unanswered_ms; /* assigned: the shopper waits since; 0: not */
	int64_t place_told_ms; /* in line: when last told that it is kept */
	unsigned reminders;    /* since the state began or somebody wrote */
	int64_t last_reminder_ms;
	bool contact_offered; /* in line: to leave an address */
	/* of the shopper */
	char visitor[CONV_ID_MAX + 1];
	char visitor_name[CONV_NAME_MAX + 1];
	char page[256];
	char locale[36];   /* of their page */
	char language[16]; /* that they write, where it was told from what they
			    * wrote; before the page's; "": not */
	bool verified;
	char preview[256]; /* the shopper's last words, cut */
	/* asked for and not yet given, the newest first; answers count, too */
	struct {
		char id[CONV_MADE_MAX + 1];
		char kind[8];
	} asks[CONV_ASKS];
	/* the last feedback that was given; kind "": none */
	struct {
		char kind[8];
		int64_t score, at_ms;
	} rated;
	/* what was taken last, so that a repeat is known at once */
	struct {
		uint64_t key; /* hash of "sender:id" */
		uint32_t content, seq;
	} recent[CONV_RECENT];
	size_t recent_at;
};

void conv_init(struct conv *conv, const char *id);
/* Waits for an agent, or has one. */
static inline bool conv_has_agents(const struct conv *conv)
{
	return conv->state == CONV_QUEUED || conv->state == CONV_ASSIGNED;
}
/* Folds one logged event in; events with seq <= conv->seq are passed over. */
void conv_apply(struct conv *conv, const struct event *e);
/* 0: not known. Else the seq under which "sender:id" was taken; `same` tells
 * whether with this content. Knows only the last CONV_RECENT. */
uint64_t conv_known(const struct conv *conv, struct str key, uint64_t content,
		    bool *same);

/* -- what happens ------------------------------------------------------ */

enum conv_input_type {
	INPUT_SHOPPER_SAID, /* message, choose, human */
	INPUT_SHOPPER_FEEDBACK,
	INPUT_SHOPPER_LEFT,
	INPUT_AGENT_SAID,
	INPUT_AGENT_NOTE,
	INPUT_AGENT_CLAIMED,  /* the queue has given it to the agent, or it is
			       * with the bot and they oversee */
	INPUT_AGENT_RELEASED, /* back in line at its old place */
	INPUT_AGENT_TRANSFERRED, /* to `to_agent` or `to_queue` */
	INPUT_AGENT_RESOLVED,
	INPUT_LEASE_LOST, /* the queue has it back already: agent gone */
	INPUT_TIMER,      /* its next step is due */
	INPUT_LOOKED_UP,  /* a source has answered, or will not */
	INPUT_SHOWN,      /* shown to the shopper, and somebody else has brought
			   * their message into the log: `shown`, one */
};

enum conv_looked_up {
	LOOKED_UP_FAILED, /* no answer in time, or none that makes sense */
	LOOKED_UP_NOT_FOUND,
	LOOKED_UP_FOUND,
};
extern const char *const conv_looked_up_names[];

struct conv_input {
	enum conv_input_type type;
	int64_t at_ms;
	struct str id; /* the sender's id of the frame */
	struct str text, value;
	bool human;              /* SAID: the shopper asks for a person */
	bool contact;            /* SAID: is where they want to be answered */
	struct str ask, comment; /* feedback */
	int64_t score;
	struct str agent, agent_display;
	bool oversees; /* the agent may transfer what is another's, and claim
			* what the bot has */
	struct str to_agent, to_agent_display, to_queue, note;
	struct str queue; /* claimed: of which */
	/* LEASE_LOST: where the log was, as far as the queue knew; what was
	 * assigned after it is another claim. 0: not known. */
	uint64_t lost_at_seq;
	struct str outcome;
	/* looked up: for which message, and what: "order.status". What it was
	 * asked with comes along ("order_id"): the conversation may know
	 * another one by now. */
	struct str lookup_id;
	enum conv_looked_up looked_up;
	const struct field *values;
	size_t value_count; /* at most CONV_VALUES */
	/* the shopper's circumstances, from their connection */
	struct str visitor, visitor_name, page, locale;
	bool verified;
	/* the shop's hours at `at_ms` */
	bool shop_open;
	int64_t opens_at_ms; /* 0: unknown */
	/* Bit i: nobody is there who could take a chat from queue i of the
	 * policy; bit 0 stands for all where it names none. 0: not known. */
	uint64_t unattended;
	/* On a second try after the log had moved: the bot's messages that the
	 * shopper has seen already. Logged as `late` where the bot no longer
	 * owns the conversation. hub_feed() takes those of an earlier life. */
	const struct event *shown;
	size_t shown_count;
	bool is_asked; /* SHOWN: the log has what it answers */
	/* It was in the log, and the log has lost it: logged also where the
	 * conversation is closed by now, for its sender was told `stored`. */
	bool was_logged;
	/* It was said before all that waits here without this: its place among
	 * such, from 1. 0: it has just come. */
	uint64_t elder;
	/* event_content() of its own event; 0: not computed. */
	uint64_t content;
};

/* What the log knows the input's own event by: "sender:id" and the content
 * that goes with it. "" and 0: it has no event of its own. */
struct str conv_own_key(const struct conv_input *input, struct arena *arena,
			uint64_t *content);
/* Copies into the arena all that the input borrows, but for `shown`. */
void conv_input_own(struct conv_input *input, struct arena *arena);

/* A data source that rules may look things up in, and the slots it is asked
 * with: without one of them it is not asked. */
struct conv_source {
	const char *name;
	const char *const *slots;
	size_t slot_count;
};

/* When a source counts as silent for good, whoever had asked it: longer than
 * any source's own time limit. */
#define CONV_LOOKUP_MAX_MS 10000

/* Numbers of the configuration. */
struct conv_policy {
	const char *default_queue;
	unsigned misses_to_hand_over;
	int64_t bot_idle_ms, queue_reminder_ms, queue_give_up_ms;
	int64_t agent_reply_ms, shopper_reply_ms;
	bool ask_effort; /* after a chat with an agent was rated: CES */
	/* All queues there are: a rule that names another one hands over to
	 * the default. None given: any. */
	const char *const *queues;
	size_t queue_count;
	/* An intent that names none of these answers without. */
	const struct conv_source *sources;
	size_t source_count;
};

/* -- what is to be done ------------------------------------------------ */

enum conv_refusal {
	REFUSE_NOT,    /* not refused */
	REFUSE_CLOSED, /* the conversation is over: open another one */
	REFUSE_NOT_YOURS,
	REFUSE_TAKEN,
	REFUSE_NOT_NOW,
	REFUSE_BAD_ASK,   /* feedback for what was not asked, or is answered */
	REFUSE_BAD_SCORE, /* feedback out of the scale of what was asked */
	/* from the hub */
	REFUSE_ID_REUSED,
	REFUSE_GONE,
	REFUSE_BUSY,
};

enum conv_queue_op {
	CONV_QUEUE_KEEP,
	CONV_QUEUE_ENQUEUE,   /* in line; who is there keeps the place */
	CONV_QUEUE_RESOLVE,   /* out of line and of claims */
	CONV_QUEUE_CLAIMED,   /* stands as claimed already */
	CONV_QUEUE_BACK,      /* from claimed in line at the old place */
	CONV_QUEUE_MOVE,      /* to another queue */
	CONV_QUEUE_CLAIM_FOR, /* claimed by another agent; also out of no line
			       */
};

/* What a step did, to be counted. */
enum conv_counted {
	COUNTED_NOTHING,
	COUNTED_ANSWERED,
	COUNTED_CLARIFIED,
	COUNTED_MISSED,
	COUNTED_ASKED,
	COUNTED_REPEATED,
	COUNTED_LOOKED_UP,
	COUNTED_LOOKUPS_FAILED,
	COUNTED_NUMBERS_UNKNOWN,
	COUNTED_HANDED_OVER,
	COUNTED_RATED,
	COUNTED_CONTACTS_LEFT,
	COUNTED_CONTACTS_OFFERED,
	COUNTED_REMINDED,
	COUNTED_AGENTS_REMINDED,
	COUNTED_AGENTS_SILENT,
	COUNTED_CLOSED_IDLE,
	COUNTED_AGENT_MESSAGES,
	COUNTED_CLAIMED,
	COUNTED_RELEASED,
	COUNTED_TRANSFERRED,
	COUNTED_RESOLVED,
	COUNTED_AGENTS_GONE,
	COUNTED_KINDS
};

#define CONV_MAX_EVENTS 12

/* What a source is to be asked. */
struct conv_question {
	const char *source; /* of the policy; NULL: nothing is asked */
	struct str id;      /* of the shopper's message */
	struct conv_slot slots[CONV_SLOTS]; /* those that it is asked with */
	size_t slot_count;
};

/* Filled by conv_step(). The events are in order, without seq; the first is
 * the input's own (where it has an id), so that its key makes the whole
 * append idempotent. Spans live in `arena` or in the input, none in the
 * catalog. */
struct conv_actions {
	enum conv_refusal refusal;
	size_t event_count;
	enum conv_queue_op queue_op;
	char queue[CONV_NAME_MAX + 1];
	char queue_from[CONV_NAME_MAX + 1]; /* of MOVE */
	bool raise_fence;
	uint64_t fence; /* of an agent's write */
	int64_t due_ms; /* the next step after these events; 0: none (closed) */
	bool unanswered; /* no rule answered: for the shop's report */
	enum conv_counted counted;
	/* Both given by the caller; the state that the events make. */
	struct arena *arena;
	struct conv *after;
	/* Large: not cleared for every step. */
	struct conv_question question; /* answer by INPUT_LOOKED_UP */
	struct event events[CONV_MAX_EVENTS];
	bool show[CONV_MAX_EVENTS]; /* to the shopper at once, not logged yet */
	/* Memory of texts and buttons in the making, from step to step. */
	struct buf words, buttons;
};

/* Nothing is to be done; keeps what the caller has given. */
void conv_actions_clear(struct conv_actions *actions);
void conv_actions_fini(struct conv_actions *actions);

/* Reads the conversation, borrows catalog and matcher for the call only (a
 * reload may replace the catalog between two steps). `catalog` may be NULL
 * (no rules): then everything goes to a person. `actions->arena` (empty) and
 * `actions->after` (not `conv`) are given by the caller, zeroed before the
 * first step; the rest is overwritten. Applying the events is the caller's:
 * conv_apply() for each, or taking over `after`, which holds the same. */
void conv_step(const struct conv *conv, const struct catalog *catalog,
	       struct matcher *matcher, const struct conv_policy *policy,
	       const struct conv_input *input, struct conv_actions *actions);

/* When the next step is due in the state as it is. 0: closed. */
int64_t conv_due_ms(const struct conv *conv, const struct conv_policy *policy);

#endif
