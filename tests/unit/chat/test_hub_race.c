/* Two hubs on one store, two tabs of a shopper and two agents, and everything
 * that may happen in any order: answers that come late or twice, lost bells,
 * dropped connections, repeats, ids used again, leases lost, the store away,
 * the log's tail lost. Each client keeps a ledger of what it sent and was told;
 * afterwards ledgers and log must agree: nothing lost, doubled or out of order,
 * nobody talking who has not got the chat. */
#include "chat/hub.h"
#include "check.h"
#include "model.h"

#define CLIENTS  4 /* 0 and 1: the shopper's tabs; 2 and 3: agents */
#define MESSAGES 12
#define ACTIONS  160
#ifdef __SANITIZE_ADDRESS__
#define SCHEDULES 250
#else
#define SCHEDULES 2500
#endif

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
static unsigned events_seen, resteps, refusals, lates;

static unsigned dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static struct model_log *the_log(void)
{
	return model_log(&model, "c1");
}

/* -- what a client is told --------------------------------------------- */

static struct client *client_of(uint64_t reader)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (clients[i].online && clients[i].reader == reader)
			return &clients[i];
	CHECK(!"a reader that has left is told something");
	return NULL;
}

static const char *sender_of(const struct client *c)
{
	return c->index < 2 ? "s" : c->index == 2 ? "a:maria" : "a:paul";
}

static struct sent *sent_of(struct client *c, struct str id)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_is(id, c->sent[i].id))
			return &c->sent[i];
	return NULL;
}

/* The next one in turn, and truly what stands there. */
static void takes(struct client *c, uint64_t seq, struct str id)
{
	const struct model_log *log = the_log();

	CHECK(seq == c->have + 1);
	CHECK(seq <= log->count || rolled);
	if (seq <= log->count && !rolled)
		CHECK(str_eq(log->events[seq - 1].id, id));
	c->have = seq;
	events_seen++;
}

static void on_joined(void *arg, uint64_t reader, const struct conv *conv,
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

static void on_event(void *arg, uint64_t reader, const struct conv *conv,
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

static void on_show(void *arg, uint64_t reader, const struct conv *conv,
		    const struct event *e)
{
	struct client *c = client_of(reader);

	(void)arg;
	(void)conv;
	if (c == NULL)
		return;
	CHECK(c->joined && c->agent == NULL);
	CHECK(e->seq == 0 && str_is(e->sender, "b"));
}

static void settle_sent(struct client *c, struct sent *s, uint64_t seq)
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

static void on_stored(void *arg, uint64_t reader, const struct conv *conv,
		      struct str id, uint64_t seq)
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

static void on_refused(void *arg, uint64_t reader, const char *conv,
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

static void on_reset(void *arg, uint64_t reader, const struct conv *conv)
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

static void load(void *arg, const char *conv, uint64_t since, bool watch,
		 uint64_t tag)
{
	model_port_load(arg, conv, since, watch, tag);
}

static bool append(void *arg, const struct hub_unit *unit, uint64_t tag)
{
	return model_port_append(arg, unit, tag);
}

static void forget(void *arg, const char *conv)
{
	model_port_forget(arg, conv);
}

static void set_due(void *arg, const char *conv, int64_t due_ms)
{
	(void)conv;
	((struct model_side *)arg)->model->logs[0].due_ms = due_ms;
}

static void repair(void *arg, const struct conv *conv, struct str queue)
{
	(void)queue;
	(void)arg;
	(void)conv;
}

static void changed(void *arg, const struct conv *conv)
{
	(void)arg;
	(void)conv;
}

static void done(void *arg, const struct conv *conv, enum conv_input_type type,
		 const char *counted, bool unanswered, struct str text)
{
	(void)arg;
	(void)conv;
	(void)type;
	(void)counted;
	(void)unanswered;
	(void)text;
}

/* -- what a client does ------------------------------------------------ */

static void feed_sent(struct client *c, const struct sent *s, const char *text)
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

static enum conv_input_type any_deed(const struct client *c)
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

static void send_new(struct client *c)
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

static void send_again(struct client *c)
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

static void reuse_id(struct client *c)
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

static void drop(struct client *c)
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
static void come(struct client *c)
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

static void from_the_system(enum conv_input_type type)
{
	hub_feed(hubs[dice(MODEL_HUBS)], "c1", 0,
		 &(struct conv_input){
			 .type = type, .at_ms = now_ms, .shop_open = true});
}

/* -- what the store does ----------------------------------------------- */

static void ring(bool lose)
{
	struct model_log *log = the_log();

	for (size_t i = 0; i < MODEL_HUBS; i++) {
		uint64_t seq = log->bell[i];

		log->bell[i] = 0;
		if (seq > 0 && !lose)
			hub_bell(hubs[i], "c1", seq);
	}
}

static void go_away(bool away)
{
	if (model.away == away)
		return;
	model.away = away;
	for (size_t i = 0; i < MODEL_HUBS; i++)
		hub_store_up(hubs[i], !away, false);
}

/* What was to be written when the tail went is a story of its own (the spool);
 * here the tail goes while nothing is on its way. */
static void lose_tail(void)
{
	struct model_log *log = the_log();

	for (size_t i = 0; i < MODEL_HUBS; i++)
		model_settle(&model, i, hubs[i]);
	if (log->count == 0 || model.away)
		return;
	rolled = true;
	log->count -= 1 + dice((unsigned)log->count);
	if (talk)
		printf("tail lost: %zu left\n", log->count);
	for (size_t i = 0; i < MODEL_HUBS; i++) {
		hub_store_up(hubs[i], true, true);
		log->bell[i] = 0;
	}
}

static void act(bool with_rolls)
{
	struct client *c = &clients[dice(CLIENTS)];
	size_t hub = dice(MODEL_HUBS);

	now_ms += dice(20000);
	switch (dice(with_rolls ? 21 : 20)) {
	case 0:
	case 1:
	case 2:
		send_new(c);
		break;
	case 3:
		send_again(c);
		break;
	case 4:
		reuse_id(c);
		break;
	case 5:
		drop(c);
		break;
	case 6:
	case 7:
		come(c);
		break;
	case 8:
		from_the_system(INPUT_TIMER);
		break;
	case 9:
		from_the_system(INPUT_LEASE_LOST);
		break;
	case 10:
		ring(dice(3) == 0);
		break;
	case 11:
		if (dice(4) == 0)
			go_away(!model.away);
		break;
	case 12:
		hub_poll(hubs[hub]);
		break;
	case 13:
		model_repeat_last(&model, hub);
		break;
	case 14:
		if (model.sides[hub].tail - model.sides[hub].head >= 2)
			model_swap(&model, hub);
		break;
	case 20:
		lose_tail();
		break;
	default:
		if (dice(2))
			model_execute(&model, hub);
		else
			model_answer(&model, hub, hubs[hub]);
		break;
	}
}

/* -- afterwards -------------------------------------------------------- */

static void send_what_was_busy(struct client *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (!c->sent[i].again)
			continue;
		c->sent[i].again = false;
		feed_sent(c, &c->sent[i], c->sent[i].text);
	}
}

static void calm_down(void)
{
	go_away(false);
	for (size_t i = 0; i < CLIENTS; i++)
		come(&clients[i]);
	for (int round = 0; round < 40; round++)
		for (size_t i = 0; i < MODEL_HUBS; i++) {
			ring(false);
			hub_poll(hubs[i]);
			model_settle(&model, i, hubs[i]);
			for (size_t k = 0; k < CLIENTS; k++)
				send_what_was_busy(&clients[k]);
		}
}

static void ledger_agrees(const struct client *c)
{
	const struct model_log *log = the_log();
	uint64_t before = 0;

	CHECK(c->joined && c->have == log->count);
	for (size_t i = 0; i < c->count; i++) {
		const struct sent *s = &c->sent[i];
		size_t found = 0;
		uint64_t seq = 0;

		for (size_t k = 0; k < log->count; k++)
			if (str_is(log->events[k].id, s->id) &&
			    str_is(log->events[k].sender, sender_of(c))) {
				found++;
				seq = log->events[k].seq;
			}
		CHECK(s->fate != PENDING);
		CHECK(found <= 1);
		if (rolled)
			continue;
		CHECK(s->fate != REFUSED || found == 0 || s->ghost);
		if (s->fate != STORED || s->type == INPUT_AGENT_CLAIMED)
			continue;
		CHECK(found == 1 && seq == s->seq);
		/* In the order in which it was sent; but what an agent may not
		 * do now, refused to a connection that is gone, may be allowed
		 * when it comes again. */
		if (c->agent != NULL && s->ghost)
			continue;
		CHECK(seq > before);
		before = seq;
	}
}

static bool replied_to(const struct model_log *log, size_t at)
{
	for (size_t k = at + 1; k < log->count; k++)
		if (str_eq(log->events[k].reply_to, log->events[at].id))
			return true;
	return false;
}

/* Who may talk is who has the chat, and the bot never leaves a message
 * without a word. */
static void turns_are_kept(void)
{
	const struct model_log *log = the_log();
	struct conv conv;

	conv_init(&conv, "c1");
	for (size_t k = 0; k < log->count; k++) {
		const struct event *e = &log->events[k];

		CHECK(e->seq == k + 1);
		if (e->type == EVENT_MESSAGE && str_starts(e->sender, "a:"))
			CHECK(conv.state == CONV_ASSIGNED &&
			      strcmp(e->sender.p + 2, conv.agent) == 0);
		if (e->type == EVENT_MESSAGE && str_is(e->sender, "b"))
			CHECK(e->late || conv.state == CONV_BOT ||
			      conv.state == CONV_QUEUED);
		/* The model's tail may end within a unit; Redis's does not. */
		if (!rolled && str_is(e->sender, "s") && conv.state == CONV_BOT)
			CHECK(replied_to(log, k));
		lates += e->late;
		conv_apply(&conv, e);
	}
	for (size_t i = 0; i < MODEL_HUBS; i++) {
		const struct conv *held = hub_conv(hubs[i], "c1");

		CHECK(held == NULL || memcmp(held, &conv, sizeof(conv)) == 0);
		CHECK(hub_stats(hubs[i]).pending == 0);
	}
}

static void keys_are_unique(void)
{
	const struct model_log *log = the_log();

	for (size_t i = 0; i < log->count; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(!(str_eq(log->events[i].id, log->events[j].id) &&
				str_eq(log->events[i].sender,
				       log->events[j].sender)));
}

static void erased(void *arg, const char *conv)
{
	(void)arg;
	(void)conv;
}

static void open_world(void)
{
	static const char *const agents[CLIENTS] = {NULL, NULL, "maria",
						    "paul"};
	struct hub_ports ports = {
		NULL,      load,     append,  forget,    set_due,    repair,
		on_joined, on_event, on_show, on_stored, on_refused, on_reset,
		changed,   done,     NULL,    erased,
	};

	model_init(&model);
	model.page = 3;
	memset(clients, 0, sizeof(clients));
	now_ms = INT64_C(1700000000000);
	rolled = false;
	for (size_t i = 0; i < MODEL_HUBS; i++) {
		ports.arg = &model.sides[i];
		hubs[i] = hub_new(&ports, &test_policy);
		hub_set_catalog(hubs[i], catalog);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		clients[i].index = i;
		clients[i].agent = agents[i];
	}
}

static void close_world(void)
{
	for (size_t i = 0; i < CLIENTS; i++)
		drop(&clients[i]);
	for (size_t i = 0; i < MODEL_HUBS; i++) {
		struct hub_stats stats = hub_stats(hubs[i]);

		CHECK(stats.rooms == 0 && stats.readers == 0);
		resteps += (unsigned)stats.resteps;
		hub_free(&hubs[i]);
	}
	model_fini(&model);
}

static void run_schedule(uint64_t number, bool with_rolls)
{
	seed = number;
	open_world();
	for (int i = 0; i < ACTIONS; i++)
		act(with_rolls);
	calm_down();
	for (size_t i = 0; i < CLIENTS; i++)
		ledger_agrees(&clients[i]);
	turns_are_kept();
	keys_are_unique();
	close_world();
}

static void any_schedule(bool with_rolls)
{
	int before = check_failed;

	for (uint64_t i = 1; i <= SCHEDULES; i++) {
		run_schedule(i, with_rolls);
		if (check_failed == before)
			continue;
		printf("schedule %u\n", (unsigned)i);
		return;
	}
}

static void nothing_is_lost_doubled_or_out_of_order(void)
{
	any_schedule(false);
	/* It would prove nothing if nothing had happened. */
	CHECK(events_seen > SCHEDULES * 20);
	CHECK(resteps > SCHEDULES / 5 && refusals > SCHEDULES && lates > 5);
}

static void a_lost_tail_leaves_everybody_with_one_view(void)
{
	any_schedule(true);
}

int main(int argc, char **argv)
{
	catalog = rules_load();
	if (argc == 3) {
		talk = true;
		run_schedule(strtoull(argv[2], NULL, 10),
			     strcmp(argv[1], "rolls") == 0);
	} else {
		RUN(nothing_is_lost_doubled_or_out_of_order);
		RUN(a_lost_tail_leaves_everybody_with_one_view);
	}
	catalog_free(&catalog);
	return check_done("chat/hub_race");
}
