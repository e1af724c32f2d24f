/* A shopper's connection, shared by shopper.c (frames), visitor.c (who it
 * is) and line.c (the place in line). */
#ifndef DAEMON_SHOPPER_H
#define DAEMON_SHOPPER_H

#include "gate.h"
#include "quota.h"
#include "sent.h"
#include "server.h"

#define SHOPPER_FROM 48 /* an address, or one /64 */

enum shopper_phase {
	SHOPPER_NEW,     /* no hello yet */
	SHOPPER_OPENING, /* which conversation, and its log, is being read */
	SHOPPER_IN,
};

struct line_place {
	bool told;
	bool asked; /* an answer is under way */
	uint64_t position;
	int64_t eta_min_s, eta_max_s; /* below 0: unknown */
	bool stalled;
	bool unattended;
};

struct shopper {
	struct client client;
	enum shopper_phase phase;
	char visitor[65];
	char conversation[65];
	char owner[TOKEN_OWNER_MAX]; /* who has signed in; "": nobody */
	/* The same by the daemon's other secret; "": it has none. */
	char owner_too[TOKEN_OWNER_MAX];
	/* Whom the browser was before, as its token has it; NULL: nobody */
	struct token_place *former;
	size_t former_count;
	bool sure;     /* the token or Redis says that the visitor is `owner`'s,
			* or nobody's yet */
	bool fresh;    /* the name was made here: nothing to read */
	bool recorded; /* visitor:{V} names the conversation */
	bool was_here; /* says that it knows the conversation's log */
	char from[SHOPPER_FROM]; /* address, if it counts; "": it does not */
	bool erased;  /* somebody new, and the next welcome is to say so */
	bool another; /* and that who they were was somebody else */
	struct earlier *earlier; /* earlier.c; NULL: nothing is looked for */
	uint64_t since;
	char locale[36];
	char name[65];
	bool verified;
	uint64_t announced; /* revision of the announcements it was told */
	struct sent_list sent;
	struct gate gate;
	struct line_place place;
	/* context.c */
	char *page;    /* cut to 255 bytes; NULL: not told */
	char *cart;    /* JSON; NULL: not told */
	char *email;   /* as they or the shop say; NULL: not told */
	char *phone;   /* as they say; NULL: not told */
	bool has_news; /* of page, cart, email or phone, for who reads along */
};

/* shopper.c. The input that a frame is; borrows all of it. */
void shopper_input(const struct shopper *c, const struct frame *f,
		   struct str contact, struct conv_input *in);
/* What waits is in no conversation before: it goes to the hub, or, `over`,
 * to the conversation after this one. */
void shopper_go_on(struct shopper *c, bool over);

/* Whether its address may bring one more; else it has been told, and is hung up
 * on. */
bool shopper_may_be_new(struct shopper *c);

/* earlier.c. Looks for what waits from `conv` on; until that has an end,
 * nothing is fed. */
void earlier_from(struct shopper *c, const char *conv);
/* Something more waits. */
void earlier_look(struct shopper *c);
void earlier_fini(struct shopper *c);
/* Whether the shopper's conversation follows on `conv`, by a few at most. */
bool earlier_is_before(const struct shopper *c, const char *conv);

/* visitor.c. Takes who the user is, and their page and language; false: the
 * shop does not vouch for them. */
bool visitor_identify(struct shopper *c, const struct frame *hello);
/* New names for both, which nobody knows. */
void visitor_renew(struct shopper *c);
/* The visitor and their conversation: of their token, else new ones. Who was in
 * that one until now may bring what is in its log already. False: too many new
 * ones come from there; it has been told, and is hung up on. */
bool visitor_find(struct shopper *c, const struct frame *hello);
/* Whether that is who has signed in here, by the other secret: then that is
 * their digest from now on. */
bool visitor_is_owner_too(struct shopper *c, const char *owner);
/* The token that names all this. */
void visitor_sign(const struct shopper *c, char out[TOKEN_TEXT_MAX]);
/* The visitor belongs to `owner`, who is somebody else: whom the browser was
 * when who is here now was here last, or else new names. False: as
 * visitor_find(). */
bool visitor_another(struct shopper *c, const char *owner);
/* Whether the browser was somebody before whom its visitor of now, who is
 * nobody's, could be again. visitor_return(): is. */
bool visitor_may_return(const struct shopper *c);
void visitor_return(struct shopper *c);

/* Whether it waits for an agent, or has one. */
bool shopper_has_agents(const struct shopper *c);

/* context.c */
void context_take(struct shopper *c, const struct frame *f);
/* A contact as it stands in the log: a line for each of its fields. */
void contact_words(const struct frame *f, struct buf *out);
/* It stands there: agents see it. One that is refused changes nothing. */
void contact_stored(struct shopper *c, struct str raw);
/* What is new goes to the store and to who reads along: with an agent in sight,
 * or where one is known to look. */
void context_tell(struct shopper *c, bool looked_at);
void context_fini(struct shopper *c);

/* line.c */
void line_look(struct shopper *c); /* asks for the place, tells on change */
void line_forget(struct shopper *c);

#endif
