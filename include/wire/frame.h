/* The wire's frames: JSON text to a struct and a struct to JSON text, as the
 * protocol's page fixes them. Knows names, types and limits of fields; knows
 * nothing of connections or conversations. Parsing is jansson's (duplicate
 * keys refused, depth at most 8); writing goes into the buffer directly. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/field.h"

/* -- in ---------------------------------------------------------------- */

enum frame_side {
	FRAME_CHAT, /* from a shopper */
	FRAME_DESK, /* from an agent */
};

enum frame_type {
	FRAME_HELLO,
	FRAME_MESSAGE,
	FRAME_CHOOSE,
	FRAME_HUMAN,
	FRAME_FEEDBACK,
	FRAME_LEAVE,
	FRAME_TYPING,
	FRAME_READ,
	FRAME_CONTEXT,
	FRAME_CONTACT,
	FRAME_PING,
	FRAME_PRESENCE,
	FRAME_CLAIM,
	FRAME_NOTE,
	FRAME_TRANSFER,
	FRAME_RELEASE,
	FRAME_RESOLVE,
	FRAME_OPEN,
	FRAME_CLOSE,
	FRAME_LIST,
	FRAME_TYPE_COUNT
};
extern const char *const frame_names[FRAME_TYPE_COUNT];

/* Fields that a frame does not have are STR_NONE, 0 and false. Spans belong to
 * the frame or to the text that it was decoded from, which must stay. */
struct frame {
	enum frame_type type;
	struct str id;
	struct str text;  /* message, note: 1 to limits.text code points */
	struct str value; /* choose */
	struct str conversation;
	struct str visitor; /* hello: token */
	struct str epoch;
	uint64_t since; /* hello, open */
	bool has_since;
	struct str locale, page;
	struct str cart; /* context: JSON as text */
	bool facts;      /* open: frames `facts` are wanted, too */
	bool has_facts;
	struct str user_id, user_name, user_email, user_hmac, user_jwt;
	bool has_user;
	struct str phone;        /* contact, with user_name and user_email */
	struct str ask, comment; /* feedback */
	int64_t score;
	bool on;                       /* typing */
	uint64_t upto;                 /* read */
	struct str status, reason;     /* presence: "online" or "away" */
	struct str queue, agent, note; /* claim, transfer */
	struct str outcome;
	struct str what, search; /* list */
	struct str at;           /* ping: the JSON number as it was written */
	void *json;              /* jansson's root; frame_fini() */
};

enum frame_fault {
	FAULT_NONE,
	FAULT_BAD_JSON,
	FAULT_BAD_FRAME,
	FAULT_TOO_LONG,
};

struct frame_error {
	enum frame_fault fault;
	struct str id;     /* where the frame had a usable one */
	char id_room[65];  /* holds it */
	char message[160]; /* names the field */
};

/* False: `error` says why and nothing is to be freed. `max_text` in code
 * points. Optional fields of hello are cut or refused over their limits:
 * locale 35, page 2048 bytes, user fields 256, tokens 2048, comment 2000 code
 * points, outcome/queue/agent/reason/status 64, value 256, e-mail 254, phone
 * 40, cart 4000 bytes of JSON. */
bool frame_decode(enum frame_side side, struct str json, size_t max_text,
		  struct frame *out, struct frame_error *error);
void frame_fini(struct frame *frame);

/* Beyond the protocol's page, for agents: `list {id, what, search optional,
 * conversation}`, `what` being "bot" (the bot is answering), "all", "closed" or
 * "visitor" (others of the visitor of `conversation`, which must be open here).
 * Answered by `list {id, what, items, more}`, items as in `queue` and newest
 * change first, `waited_s` since the state began; then by `done`. "agents": who
 * works at the desk, as {name, display, status, reason, capacity, queues,
 * chats}, `status` being "online", "away" or "gone"; for who oversees with the
 * list `conversations`. `search` is looked for in preview, name, page, intent
 * and conversation. */

/* Beyond it, for agents: `claim` with a `conversation` and no `queue` also
 * takes what the bot has, for who oversees. One wins there, too; others get
 * `taken`.
 */

/* Beyond it, for agents: an `error` without `id` names a `conversation` that
 * was open and is no longer: `not_yours`, it went to a queue that they do not
 * serve; `no_such_conversation`, it was erased. */

/* Beyond it, in a shopper's `welcome`: `erased` true where all that was stored
 * of this visitor was erased, or is not this shopper's to see. They are
 * somebody new, and the client forgets what it still shows or keeps of earlier
 * conversations. `another` true beside it: those were of a user for whom the
 * shop vouched (`user` in a hello), and this hello was not theirs. What waits
 * to be sent may be that one's, too, and the shopper is to be told. A client
 * that knows neither sees another conversation, without events, and keeps the
 * token that it is given, as always. */

/* Beyond it, for shoppers: `context {page optional, cart optional}`: where they
 * are by now, and what is in their cart: a string, or a list or object of the
 * shop's choice. Not logged, no ack; what it does not name stays.
 * `contact {id, name optional, email, phone, text optional}`, one of e-mail and
 * phone at least: where they want to be answered. Acknowledged and stored as a
 * message is, and logged as one, a line for each field. Where the bot has the
 * conversation it goes into line. */

/* 1 to 64 of A-Za-z0-9_- */
bool frame_id_valid(struct str id);

/* -- out --------------------------------------------------------------- */

/* Each appends one JSON object. Spans that are STR_NONE are left out. */

void frame_ack(struct buf *b, struct str id, int64_t at_ms);
/* `conversation` NONE for shoppers; `message` is for people. `retry_ms` below
 * 0: left out. */
void frame_error_out(struct buf *b, const char *code, struct str id,
		     struct str conversation, const char *message,
		     int64_t retry_ms);
void frame_stored(struct buf *b, struct str id, struct str conversation,
		  uint64_t seq);
/* `epoch`: of the log that an `open` has caught up with, else NONE. */
void frame_done(struct buf *b, struct str id, struct str conversation,
		struct str epoch);
void frame_pong(struct buf *b, struct str at);

/* Something logged (or, with seq 0, a message not logged yet). */
enum logged_type {
	LOGGED_MESSAGE,
	LOGGED_NOTE, /* desk only */
	LOGGED_STATE,
	LOGGED_ASK_FEEDBACK,
	LOGGED_FEEDBACK, /* desk only */
	LOGGED_SKIP,
};
struct logged {
	enum logged_type type;
	uint64_t seq;
	int64_t at_ms;
	struct str id, text, name, reply_to, intent, rules;
	struct str from;    /* message: shopper, bot, agent, system */
	struct str buttons; /* a JSON list, ready-made */
	bool own_buttons;   /* we made it: that it is one is not checked */
	bool late;
	bool contact; /* beyond the protocol's page: made of a `contact` */
	bool rate; /* too: `feedback` may name this message as its `ask`, with
		    * the scale of "solved" */
	struct str state, reason, agent; /* state */
	struct str kind;                 /* ask_feedback */
	struct str ask, comment;         /* feedback */
	int64_t score;                   /* feedback */
};
void frame_logged(struct buf *b, const struct logged *e);
/* {"type":"event","conversation":…,"event":…} */
void frame_event(struct buf *b, struct str conversation,
		 const struct logged *e);

struct announcement {
	struct str id, text, level;
	int64_t until_ms; /* 0: null */
	bool over;
};
void frame_announcement(struct buf *b, const struct announcement *a);

struct welcome_chat {
	struct str visitor, conversation, epoch, state;
	uint64_t seq;
	const struct logged *events;
	size_t event_count;
	bool more;
	const struct announcement *announcements;
	size_t announcement_count;
	int64_t limit_text, limit_frame, limit_per_minute;
	struct str shop_name, shop_greeting;
	struct str shop_colours; /* a JSON object, ready-made; NONE: {} */
	bool shop_open;
	int64_t shop_opens_at_ms; /* 0: null */
	bool degraded;
	bool erased, another; /* sent where true; see above */
};
void frame_welcome_chat(struct buf *b, const struct welcome_chat *w);

/* eta: min and max in seconds; min below 0: null. `unattended` (nobody is there
 * who could take it) is sent where true. */
void frame_waiting(struct buf *b, uint64_t position, int64_t eta_min_s,
		   int64_t eta_max_s, bool stalled, bool unattended);
/* `conversation` NONE for shoppers (then `from` is sent), else for agents. */
void frame_typing(struct buf *b, struct str conversation, struct str from,
		  bool on);
void frame_read(struct buf *b, struct str conversation, struct str by,
		uint64_t upto);
void frame_reset(struct buf *b, struct str conversation, struct str epoch,
		 uint64_t seq);

/* -- the desk ---------------------------------------------------------- */

struct desk_item {
	struct str conversation, queue, reason, intent, kind, preview;
	int64_t priority;
	int64_t waited_s;
	struct str visitor_name; /* NONE: null */
	bool visitor_verified;
	struct str page, locale, state;
	struct str agent; /* NONE: null */
	/* The last feedback; kind NONE or empty: none, and no field. */
	struct str rating_kind;
	int64_t rating_score;
};
void frame_item(struct buf *b, const struct desk_item *item); /* the object */
/* The items as ready-made objects, joined by commas, in `items`. */
void frame_queue(struct buf *b, struct str items);
/* The answer to `list`. `more`: there were more than are shown. */
void frame_list(struct buf *b, struct str id, struct str what, struct str items,
		bool more);
void frame_assigned(struct buf *b, struct str item);
void frame_unassigned(struct buf *b, struct str conversation, const char *why);
void frame_shopper(struct buf *b, struct str conversation, bool present);
/* What the bot would say to the shopper's message `reply_to`. */
void frame_suggestion(struct buf *b, struct str conversation,
		      struct str reply_to, struct str text, struct str intent);

/* What is known about the shopper and their question by now; beyond the
 * protocol's page. To who has the conversation open and asked for it, by
 * `"facts":true` in `open`: after its `done`, and when it changes. An `open`
 * anew that does not say leaves it as it was; `false` ends it. */
struct desk_facts {
	struct str conversation, visitor, visitor_name; /* name NONE: null */
	bool visitor_verified;
	struct str email, phone; /* NONE: null */
	struct str page, locale;
	struct str cart;  /* JSON; not JSON or NONE: null */
	struct str found; /* JSON: what sources told; as cart */
	const struct field *slots;
	size_t slot_count;
	struct str reason, intent, kind;
	/* Messages in a row that the bot did not understand; from the hand-over
	 * on those that led to it. */
	unsigned misses;
	/* JSON list of {intent, score}: what the last of those came close to;
	 * as cart */
	struct str considered;
	/* Who has it open: JSON lists of {name, display}, one a daemon. */
	const struct str *open;
	size_t open_count;
};
void frame_facts(struct buf *b, const struct desk_facts *facts);

struct welcome_desk {
	struct str name, display;
	const struct str *roles, *queues, *outcomes;
	size_t role_count, queue_count, outcome_count;
	struct str presence;
	int64_t lease_s; /* chats of who is gone are theirs for so long */
	struct str queue, mine; /* items, joined by commas */
	struct str canned;      /* objects {name, text}, joined by commas */
};
void frame_welcome_desk(struct buf *b, const struct welcome_desk *w);

/* -- other JSON -------------------------------------------------------- */

/* POST /api/login's body. */
struct login {
	char name[65];
	char password[257];
};
bool login_decode(struct str json, struct login *out);
/* POST /api/announcements' body, and what stands of one in the store. */
#define ANNOUNCED_TEXT_MAX 500 /* code points */
#define ANNOUNCED_MOST     16  /* that run at a time */
struct announced {
	char id[65]; /* of the one that is over */
	bool over;
	char text[4 * ANNOUNCED_TEXT_MAX + 1];
	char level[8];    /* "info" where it does not say */
	char until[40];   /* a time in words; "": as until_ms has it */
	int64_t until_ms; /* 0: none */
	int64_t at_ms;    /* store: since when */
	char by[65];      /* store: whose it is */
};
/* False: `why` says what is wrong. The text is trimmed. */
bool announced_decode(struct str json, struct announced *out, const char **why);
/* POST /api/match's body: a sentence to be tried. */
struct trial {
	struct str text; /* in `json` */
	char locale[36];
	void *json;
};
/* False: `why` says what is wrong. `max_text` in code points. */
bool trial_decode(struct str json, size_t max_text, struct trial *out,
		  const char **why);
void trial_fini(struct trial *trial);
/* For the store: text, level, until, at, by. */
void announced_encode(struct buf *b, const struct announced *a);

/* RFC 9457: {"type":"about:blank","title":…,"status":…,"detail":…} */
void problem_encode(struct buf *b, int status, const char *title,
		    const char *detail);

/* A JWT's claims after its signature was checked by the caller: `sub`,
 * `name`, `email`, `exp` and `nbf`. False where `sub` or `exp` is missing or
 * one of them is not what it has to be. */
struct jwt_claims {
	char sub[257], name[257], email[257];
	int64_t exp_s;
	int64_t nbf_s; /* not before; 0 where it does not say */
};
bool jwt_claims_decode(struct str json, struct jwt_claims *out);
/* The header must be exactly HS256, typ JWT or absent. */
bool jwt_header_is_hs256(struct str json);

#endif
