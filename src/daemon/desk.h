/* The desk's private face: agents' connections (desk.c), what they ask for
 * that takes more than a turn (desk_ops.c, desk_claim.c), the lists they are
 * shown (desk_list.c), and those that they ask for (recent.c). */
#ifndef DAEMON_DESK_H
#define DAEMON_DESK_H

#include "base/arena.h"
#include "gate.h"
#include "server.h"

#define AGENT_OPEN_MAX 200 /* conversations open on one connection */
#define AGENT_OPS_MAX  256 /* frames of one connection under way */
#define DESK_LIST_MAX  5000

/* A conversation that an agent's connection holds as theirs, and since which
 * round of reading the lists: an older list says nothing about it. */
struct mine {
	struct mine *next;
	char conversation[65];
	char queue[65];
	uint64_t round;
	bool over; /* given away here; kept until a newer list agrees */
	bool told; /* `assigned` was sent, or they knew before */
	bool lost; /* in the last list, while the log still said theirs */
};

struct recent_search;

struct opened {
	struct opened *next;
	char conversation[65];
	bool facts;      /* wanted; who wants them is shown to the others */
	int64_t told_ms; /* monotonic: when the others were last told */
};

struct agent {
	struct client client;
	struct account account;
	struct gate gate;
	bool welcomed;
	struct opened *opened;
	size_t opened_count;
	struct mine *mine;
	size_t op_count;
	uint64_t shown; /* hash of the queue as last sent */
};

struct op;
typedef void op_cached_fn(struct agent *a, struct op *op,
			  const struct field *fields, size_t n);

/* A frame that waits for its answer. */
struct op {
	struct op *next;
	struct desk *desk;
	uint64_t tag;
	uint64_t client;
	char id[65];
	enum frame_type type;
	uint64_t content;          /* hash: the same id again, or another's? */
	uint64_t own;              /* hash of what it is to be in the log */
	enum conv_refusal refused; /* until the log says whether it is there */
	char conversation[65];
	bool had; /* claim: it was theirs already */
	char queue[65];
	char to_agent[65];
	struct buf note;              /* of a transfer; a note itself */
	uint64_t since;               /* open */
	bool facts;                   /* open: wanted */
	bool says_facts;              /* else it stays as it was */
	uint64_t caught_up;           /* open: done when this seq has passed */
	bool joined;                  /* open: the log is being sent */
	struct recent_search *search; /* list */
	struct buf listed;            /* list of agents: those so far */
	void (*seen)(struct agent *a, struct op *op); /* sight.c */
	op_cached_fn *cached;                         /* the same */
};

/* A list as read from the store, in an arena of its own. */
struct listed {
	struct arena arena;
	struct store_item *items;
	size_t count;
	uint64_t round; /* when it was asked for */
};

struct desk {
	struct server *server;
	struct socket_ops ops;
	struct clients list;
	struct op *pending;
	uint64_t next_tag;
	struct listed waiting; /* in line */
	struct listed claimed; /* by whomever */
	uint64_t round;        /* of reading the lists */
	unsigned reading;      /* answers under way */
	bool stale;            /* somebody rang */
	int64_t read_ms;       /* monotonic: when the last round began */
	/* The last suggestion: agents who look at one conversation get the
	 * same, computed once. */
	struct matcher *matcher;
	char suggested_to[65]; /* the conversation */
	uint64_t suggested_seq;
	struct facts_read *facts; /* under way */
	struct roster *rosters;   /* the same */
	struct buf suggestion;    /* the frame; empty: there was none */
};

/* desk_list.c */
void desk_lists_read(struct desk *desk);
void desk_lists_tick(struct desk *desk);
void desk_lists_free(struct desk *desk);
/* desk_renew() for one agent: one who comes is nobody else's work. */
void desk_renew_agent(struct agent *a);
struct mine *mine_find(const struct agent *a, const char *conversation);
void mine_add(struct agent *a, const char *conversation, const char *queue,
	      uint64_t round);
void mine_end(struct agent *a, const char *conversation, uint64_t round);
void mine_free(struct agent *a);
/* The items as JSON objects joined by commas. */
void desk_queue_items(const struct agent *a, struct buf *out, uint64_t *hash);
void desk_mine_items(const struct agent *a, struct buf *out);
/* Sends `welcome` with the lists at hand. */
void desk_welcome(struct agent *a);

/* recent.c */
/* Answers a `list`: reads what changed lately, page by page. */
void recent_list(struct agent *a, struct op *op, const struct frame *f);
/* colleagues.c. Answers a `list` of "agents". */
void colleagues_list(struct op *op);
void recent_search_free(struct recent_search **search);
bool agent_serves(const struct agent *a, struct str queue);

/* roster.c */
enum roster_end {
	ROSTER_ALL,
	ROSTER_MORE,   /* there are more than were told */
	ROSTER_ENOUGH, /* as `agent` said */
	ROSTER_NOBODY, /* the shop has no agents */
	ROSTER_FAILED, /* Redis is away */
};
struct roster_ops {
	/* Each that is not disabled, with the fields of agent:NAME; false: that
	 * is enough. */
	bool (*agent)(void *arg, uint64_t tag, const struct account *account,
		      const struct field *fields, size_t n);
	/* Once, but where the daemon ends before. */
	void (*end)(void *arg, uint64_t tag, enum roster_end end);
};
/* Reads them one by one. */
void roster_read(struct desk *desk, const struct roster_ops *ops, void *arg,
		 uint64_t tag);
/* Forgets what is under way. */
void rosters_free(struct desk *desk);

/* sight.c */
/* What is with the bot (in no queue) is everybody's; else a conversation is
 * shown to who has it, to who serves its queue, and to who looks after all. */
bool agent_may_see(const struct agent *a, struct str queue, struct str owner);
bool agent_may_see_conv(const struct agent *a, const struct conv *conv);
/* Looks at what is open once more, as it may have gone to a queue of others:
 * then it is closed, and the agent told so. While something of theirs about it
 * is under way, that has its answer first. */
void sight_again(struct agent *a, const struct conv *conv);
/* It is with this agent. */
bool agent_has_conv(const struct agent *a, const struct conv *conv);
/* Reads the cache beside the log of the op's conversation; `fn` is called where
 * the agent is still there, with no fields where nothing stands there. */
void sight_read(struct op *op, op_cached_fn *fn);
/* Calls `fn` where the agent may see the op's conversation, at once or when
 * the store has said whose it is; else the op ends with an error. */
void sight_check(struct agent *a, struct op *op,
		 void (*fn)(struct agent *a, struct op *op));

/* desk_claim.c */
/* Takes the op's conversation, or the next of its queue or of all that the
 * agent serves; answers it. */
void op_claim(struct agent *a, struct op *op);

/* desk_ops.c */
/* Takes a frame that needs an answer; acknowledged already. */
void desk_op(struct agent *a, const struct frame *f);
struct op *op_find(const struct desk *desk, uint64_t client,
		   const char *conversation, struct str id);
/* Any that is about the conversation. */
struct op *op_of(const struct desk *desk, uint64_t client,
		 const char *conversation);
struct op *op_open_of(const struct desk *desk, uint64_t client,
		      const char *conversation);
/* Fields of agent:NAME: has one of their connections been seen lately? */
bool agent_is_present(const struct server *s, const struct field *fields,
		      size_t n);
void op_done(struct op *op); /* answers `done` and ends it */
void op_error(struct op *op, const char *code, const char *message);
/* `busy`, for what only reads: nothing else has to wait until it comes again.
 */
void op_later(struct op *op, const char *message);
/* A claim that comes again, after its chat has gone. */
void op_claim_lost(struct op *op);
/* Redis does not answer: nothing more is taken until this comes again. */
void op_busy(struct op *op);
struct op *op_by_tag(const struct desk *desk, uint64_t tag);
/* The op and who asked. NULL: gone, and mostly `*op` with them (NULL). */
struct agent *op_agent(struct desk *desk, uint64_t tag, struct op **op);
/* Asks the log for what the op is to bring there, or has brought already; `fn`
 * gets the desk and the op's tag. */
void op_ask_log(const struct op *op, const struct agent *a, store_known_fn fn);
/* Gives it to the conversation, in the agent's name. */
void op_feed(struct agent *a, struct op *op, struct conv_input *in);
void op_end(struct op *op);
void ops_drop(struct desk *desk, uint64_t client);
struct agent *agent_find(struct desk *desk, uint64_t client);
struct opened *agent_opened(const struct agent *a, const char *conversation);
void agent_close(struct agent *a, const char *conversation);

/* signed_in.c. Reads the account anew; ends the connection where that, or what
 * the agent came with, has ended. */
void agent_check(struct desk *desk, const struct agent *a);
void agent_sign_out(struct agent *a); /* ends it with 4401 */

/* facts.c. Who looks at it here, for those who look elsewhere. */
void facts_tell_open(struct desk *desk, const char *conv);
/* Before what was told of them gets old. */
void facts_renew(struct desk *desk);
/* Forgets what is under way. */
void facts_free(struct desk *desk);

#endif
