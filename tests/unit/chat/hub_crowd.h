/* Two tabs of a shopper and two agents at two hubs on one store, each with a
 * ledger of what they sent and were told: for test_hub_race.c, which says what
 * happens and whether ledgers and log agree. */
#ifndef TESTS_CHAT_HUB_CROWD_H
#define TESTS_CHAT_HUB_CROWD_H

#include "chat/hub.h"
#include "check.h"
#include "model.h"

#define CLIENTS  4 /* 0 and 1: the shopper's tabs; 2 and 3: agents */
#define MESSAGES 12

enum fate {
	PENDING,
	STORED,
	REFUSED,
};

struct sent {
	char id[16];
	enum conv_input_type type;
	const char *text;
	enum fate fate;
	uint64_t seq;
	/* A connection broke while it was under way: the other daemon may
	 * still bring it in. */
	bool ghost;
	bool again;  /* to be sent again */
	bool reused; /* its id was used again for other words */
};

struct client {
	size_t index;
	const char *agent; /* NULL: the shopper */
	bool online, joined;
	size_t hub;
	uint64_t reader;
	uint64_t have;
	unsigned epoch;
	struct sent sent[MESSAGES];
	size_t count;
};

static struct model model;
static struct catalog *catalog;
static struct hub *hubs[MODEL_HUBS];
static struct client clients[CLIENTS];
static uint64_t next_reader;
static int64_t now_ms;
static bool rolled; /* the tail was lost at least once in this schedule */
static uint64_t seed;
static bool talk; /* print what happens: to look at a schedule that failed */
static unsigned events_seen, refusals;
/* What the bot has shown to shoppers in this schedule: its ids. */
static char shown[512][32];
static size_t shown_count;

static inline unsigned dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static inline struct model_log *the_log(void)
{
	return model_log(&model, "c1");
}

/* -- what a client is told --------------------------------------------- */

static inline struct client *client_of(uint64_t reader)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (clients[i].online && clients[i].reader == reader)
			return &clients[i];
	CHECK(!"a reader that has left is told something");
	return NULL;
}

static inline const char *sender_of(const struct client *c)
{
	return c->index < 2 ? "s" : c->index == 2 ? "a:maria" : "a:paul";
}

static inline struct sent *sent_of(struct client *c, struct str id)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_is(id, c->sent[i].id))
			return &c->sent[i];
	return NULL;
}

/* The next one in turn, and truly what stands there. */
static inline void takes(struct client *c, uint64_t seq, struct str id)
{
	const struct model_log *log = the_log();

	CHECK(seq == c->have + 1);
	CHECK(seq <= log->count || rolled);
	if (seq <= log->count && !rolled)
		CHECK(str_eq(log->events[seq - 1].id, id));
	c->have = seq;
	events_seen++;
}

static inline void on_joined(void *arg, uint64_t reader,
			     const struct conv *conv,
			     const struct event *events, size_t n, bool more,
			     bool degraded)
{
	struct client *c = client_of(reader);

	(void)arg;
	if (c == NULL)
		return;
	CHECK(!c->joined);
	c->joined = true;
	if (talk)
		printf("  %zu joined n=%zu more=%d degraded=%d\n", c->index, n,
		       more, degraded);
	for (size_t i = 0; i < n; i++)
		takes(c, events[i].seq, events[i].id);
	if (!degraded && !more)
		CHECK(c->have == conv->seq);
}

static inline void on_event(void *arg, uint64_t reader, const struct conv *conv,
			    const struct event *e)
{
	struct client *c = client_of(reader);

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	if (talk)
		printf("  %zu event %u %.*s:%.*s\n", c->index, (unsigned)e->seq,
		       STR_ARG(e->sender), STR_ARG(e->id));
	CHECK(c->joined);
	takes(c, e->seq, e->id);
}

static inline void on_show(void *arg, uint64_t reader, const struct conv *conv,
			   const struct event *e)
{
	struct client *c = client_of(reader);

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	CHECK(c->joined && c->agent == NULL);
	CHECK(e->seq == 0 && str_is(e->sender, "b"));
	if (shown_count < ARRAY_LEN(shown))
		str_copy(shown[shown_count++], sizeof(shown[0]), e->id);
}

static inline void settle_sent(struct client *c, struct sent *s, uint64_t seq)
{
	const struct model_log *log = the_log();

	CHECK(s->fate != REFUSED || s->ghost);
	CHECK(s->fate != STORED || s->seq == seq || rolled);
	if (!rolled) {
		CHECK(seq >= 1 && seq <= log->count);
		CHECK(str_is(log->events[seq - 1].sender, sender_of(c)));
	}
	s->fate = STORED;
	s->seq = seq;
}

static inline void on_stored(void *arg, uint64_t reader,
			     const struct conv *conv, struct str id,
			     uint64_t seq)
{
	struct client *c = client_of(reader);
	struct sent *s;

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	if (talk)
		printf("  %zu stored %u %.*s\n", c->index, (unsigned)seq,
		       STR_ARG(id));
	CHECK(c->joined);
	if (seq > c->have)
		takes(c, seq, id);
	s = sent_of(c, id);
	if (s != NULL && s->type == INPUT_AGENT_CLAIMED &&
	    (seq == 0 || !str_eq(the_log()->events[seq - 1].id, id)))
		s->fate = STORED; /* it was theirs already */
	else if (s != NULL)
		settle_sent(c, s, seq);
	else
		CHECK(memchr(id.p, '.', id.n) != NULL); /* a bot's */
}

static inline void on_refused(void *arg, uint64_t reader, const char *conv,
			      struct str id, enum conv_refusal why)
{
	struct client *c = client_of(reader);
	struct sent *s;

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	refusals++;
	if (talk)
		printf("  %zu refused %.*s %d\n", c->index, STR_ARG(id), why);
	s = sent_of(c, id);
	CHECK(s != NULL);
	if (why == REFUSE_ID_REUSED) {
		CHECK(s != NULL && s->reused);
		return;
	}
	if (why == REFUSE_BUSY && rolled && s != NULL) {
		s->again = true; /* it went with the tail */
		return;
	}
	CHECK(c->agent != NULL);
	CHECK(why == REFUSE_NOT_YOURS || why == REFUSE_TAKEN ||
	      why == REFUSE_NOT_NOW);
	if (s != NULL) {
		CHECK(s->fate == PENDING || rolled || s->ghost);
		s->fate = REFUSED;
	}
}

static inline void on_reset(void *arg, uint64_t reader, const struct conv *conv)
{
	struct client *c = client_of(reader);

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	if (talk)
		printf("  %zu reset\n", c->index);
	CHECK(c->joined);
	c->have = 0;
}

/* -- the other ports --------------------------------------------------- */

static inline void set_due(void *arg, const char *conv, int64_t due_ms)
{
	(void)conv;
	((struct model_side *)arg)->model->logs[0].due_ms = due_ms;
}

/* -- what a client does ------------------------------------------------ */

static inline void feed_sent(struct client *c, const struct sent *s,
			     const char *text)
{
	struct conv_input in = {
		.type = s->type,
		.at_ms = now_ms,
		.id = str_of(s->id),
		.text = str_of(text),
		.agent = str_of(c->agent),
		.queue = STR("general"),
		.shop_open = true,
	};

	if (talk)
		printf("%zu sends %s type %d on hub %zu\n", c->index, s->id,
		       s->type, c->hub);
	if (s->type == INPUT_AGENT_CLAIMED || s->type == INPUT_AGENT_RELEASED)
		in.text = STR_NONE;
	hub_feed(hubs[c->hub], "c1", c->reader, &in);
}

static inline enum conv_input_type any_deed(const struct client *c)
{
	if (c->agent == NULL)
		return INPUT_SHOPPER_SAID;
	switch (dice(6)) {
	case 0:
	case 1:
		return INPUT_AGENT_CLAIMED;
	case 2:
		return INPUT_AGENT_RELEASED;
	case 3:
		return INPUT_AGENT_NOTE;
	default:
		return INPUT_AGENT_SAID;
	}
}

static inline void send_new(struct client *c)
{
	static const char *const texts[] = {
		"payment methods",   "hello",    "xyzzy",
		"where is my order", "12345678", "a person please",
	};
	struct sent *s;

	if (!c->online || c->count == MESSAGES)
		return;
	s = &c->sent[c->count];
	*s = (struct sent){.type = any_deed(c),
			   .text = texts[dice(ARRAY_LEN(texts))]};
	snprintf(s->id, sizeof(s->id), "%c%zu", "mnxy"[c->index], c -> count++);
	feed_sent(c, s, s->text);
}

static inline void send_again(struct client *c)
{
	struct sent *s;

	if (!c->online || c->count == 0)
		return;
	s = &c->sent[dice((unsigned)c->count)];
	if (s->fate == REFUSED)
		return; /* the agent's tool gave it up */
	if (s->fate == STORED && s->type == INPUT_AGENT_CLAIMED)
		return; /* what was theirs already left nothing to repeat */
	feed_sent(c, s, s->text);
}

static inline void reuse_id(struct client *c)
{
	struct sent *s;

	if (!c->online || c->count == 0)
		return;
	s = &c->sent[dice((unsigned)c->count)];
	if (s->fate != STORED || s->type != INPUT_SHOPPER_SAID || rolled)
		return;
	s->reused = true;
	feed_sent(c, s, "other words");
}

static inline void drop(struct client *c)
{
	if (!c->online)
		return;
	if (talk)
		printf("%zu drops\n", c->index);
	hub_leave(hubs[c->hub], "c1", c->reader);
	c->online = c->joined = false;
	for (size_t i = 0; i < c->count; i++)
		c->sent[i].ghost |= c->sent[i].fate == PENDING;
}

/* Resumes: what it has, then again what it does not know to be stored. */
static inline void come(struct client *c)
{
	if (c->online)
		return;
	c->online = true;
	c->hub = dice(MODEL_HUBS);
	c->reader = ++next_reader;
	if (talk)
		printf("%zu comes to hub %zu with %u\n", c->index, c->hub,
		       (unsigned)c->have);
	hub_join(hubs[c->hub], "c1", c->reader,
		 c->agent != NULL ? READER_AGENT : READER_SHOPPER, c->have,
		 false);
	for (size_t i = 0; i < c->count; i++)
		if (c->sent[i].fate == PENDING)
			feed_sent(c, &c->sent[i], c->sent[i].text);
}

static inline void from_the_system(enum conv_input_type type)
{
	hub_feed(hubs[dice(MODEL_HUBS)], "c1", 0,
		 &(struct conv_input){
			 .type = type, .at_ms = now_ms, .shop_open = true});
}

#endif
