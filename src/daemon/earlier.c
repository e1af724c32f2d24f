/* What comes again may stand in the log of a conversation that is over: its
 * receipt was lost on the way, and the conversation was closed since, or its
 * shopper has gone on to the next one in another tab. So what waits is looked
 * for there before it is said once more.
 *
 * 1. Where: in the conversation that the shopper knows, and in those that
 *    followed it (each one's name follows from the one before), up to the one
 *    that they are in. There the hub knows the newest ids and the append all;
 *    only where it is closed itself nothing is appended, and the older ids are
 *    looked for here.
 * 2. One at a time, in order. Each sender's frames stand in the order in which
 *    they were sent, so what is not there has nothing of this sender's behind
 *    it either: from there on it is looked for in the next, and no more in this
 *    one.
 * 3. While Redis is away nothing can be looked for, and what waits goes on.
 * 4. A question has a number, and its answer is for who still waits for that
 *    one: a conversation that is erased meanwhile ends the looking, and another
 *    may have begun before the answer comes. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "shopper.h"

#define CONVERSATIONS_MAX 32 /* of one visitor, since the one they knew */

struct earlier {
	struct shopper *shopper;
	struct earlier *next, **prev; /* of the server's */
	char conv[65];                /* looked into now */
	unsigned passed;
	uint64_t question; /* an answer is under way; 0: none is */
	char asked[65];    /* the id that it is about */
	uint64_t content;
};

static struct sent *waiting(const struct shopper *c)
{
	struct sent *one = c->sent.first;

	while (one != NULL && one->fed)
		one = one->next;
	return one;
}

static bool is_here(const struct shopper *c)
{
	return strcmp(c->earlier->conv, c->conversation) == 0;
}

static void end(struct shopper *c, bool over)
{
	earlier_fini(c);
	shopper_go_on(c, over);
}

/* Step 1: what waits is not in this one. */
static void pass(struct shopper *c)
{
	struct earlier *e = c->earlier;
	char next[65];

	if (is_here(c)) {
		end(c, true);
		return;
	}
	token_next(&c->client.server->key, c->visitor, e->conv, next);
	memcpy(e->conv, next, sizeof(e->conv));
	if (is_here(c) || ++e->passed == CONVERSATIONS_MAX)
		end(c, false);
	else
		earlier_look(c);
}

/* Where the shopper is in that conversation, what stands behind is the hub's
 * to know again; else the receipt is for what is in another log. */
static void found(struct shopper *c, struct sent *one, struct str id,
		  uint64_t seq)
{
	bool here = is_here(c);

	one->fed = true; /* until the reader is up to that seq */
	hub_receipt(c->client.server->hub, c->conversation, c->client.id, id,
		    here ? seq : 0);
	if (here)
		end(c, false);
	else
		earlier_look(c);
}

static void reused(struct shopper *c, struct str id)
{
	shopper_refused(&c->client, c->conversation, id, REFUSE_ID_REUSED);
	end(c, false);
}

static struct earlier *who_asked(const struct server *s, uint64_t question)
{
	struct earlier *e = s->earlier;

	while (e != NULL && e->question != question)
		e = e->next;
	return e;
}

static void on_known(void *arg, uint64_t tag, const struct store_known *known)
{
	struct earlier *e = who_asked(arg, tag);
	struct shopper *c;
	struct sent *one;
	char id[65];

	if (e == NULL)
		return;
	c = e->shopper;
	memcpy(id, e->asked, sizeof(id));
	e->question = 0;
	one = waiting(c);
	if (one == NULL || strcmp(one->id, id) != 0)
		earlier_look(c); /* settled meanwhile */
	else if (known->status == STORE_OK && known->content == e->content)
		found(c, one, str_of(id), known->seq);
	else if (known->status == STORE_OK && is_here(c))
		reused(c, str_of(id));
	else if (known->status == STORE_AWAY)
		end(c, is_here(c));
	else
		pass(c);
}

static void ask(struct shopper *c, const struct sent *one)
{
	struct server *s = c->client.server;
	struct earlier *e = c->earlier;
	struct arena arena;
	struct buf contact = BUF_INIT;
	struct conv_input in;
	struct frame f;
	struct frame_error error;

	if (!frame_decode(FRAME_CHAT, one->raw, (size_t)s->config.limit_text,
			  &f, &error))
		return;
	arena_init(&arena);
	if (f.type == FRAME_CONTACT)
		contact_words(&f, &contact);
	shopper_input(c, &f, buf_str(&contact), &in);
	memcpy(e->asked, one->id, sizeof(e->asked));
	e->question = ++s->earlier_questions;
	store_known(s->store, e->conv, conv_own_key(&in, &arena, &e->content),
		    on_known, s, e->question);
	frame_fini(&f);
	buf_fini(&contact);
	arena_fini(&arena);
}

void earlier_look(struct shopper *c)
{
	const struct server *s = c->client.server;
	const struct sent *one = waiting(c);

	if (c->phase != SHOPPER_IN || c->earlier->question != 0 || s->closing)
		return;
	if (!store_is_up(s->store))
		end(c, is_here(c));
	else if (one != NULL)
		ask(c, one);
	else if (is_here(c))
		end(c, false);
}

void earlier_from(struct shopper *c, const char *conv)
{
	struct server *s = c->client.server;
	struct earlier *e = xcalloc(1, sizeof(*e));

	str_copy(e->conv, sizeof(e->conv), str_of(conv));
	earlier_fini(c);
	c->earlier = e;
	e->shopper = c;
	e->next = s->earlier;
	e->prev = &s->earlier;
	if (e->next != NULL)
		e->next->prev = &e->next;
	s->earlier = e;
	earlier_look(c);
}

bool earlier_is_before(const struct shopper *c, const char *conv)
{
	char at[65];

	str_copy(at, sizeof(at), str_of(conv));
	for (unsigned i = 0; i < CONVERSATIONS_MAX; i++) {
		char next[65];

		token_next(&c->client.server->key, c->visitor, at, next);
		if (strcmp(next, c->conversation) == 0)
			return true;
		memcpy(at, next, sizeof(at));
	}
	return false;
}

void earlier_fini(struct shopper *c)
{
	struct earlier *e = c->earlier;

	if (e == NULL)
		return;
	*e->prev = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	free(e);
	c->earlier = NULL;
}
