/* The state machine against a model, on random schedules: who has the
 * conversation, under which fence, what is refused and when the next step is
 * due, written down from what is promised, knowing nothing of texts and rules.
 * Two daemons with states of their own bring inputs to one log: late, doubled,
 * replayed, with a known id and other words, after agents who are gone, early
 * and late timers, and a log that lost its tail, which its senders send again.
 * A failing run says its seed and its shortest form.
 *
 *   CONV_SCHEDULES=100000 build/tests/unit/chat/test_conv_model
 *   CONV_SEED=hex                one schedule, told step by step
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "chat/conv.h"
#include "dice.h"
#include "policy.h"
#include "rules.h"

#ifdef __SANITIZE_ADDRESS__
#define SCHEDULES 300
#else
#define SCHEDULES 3000
#endif
#define INPUTS  30
#define DAEMONS 2
#define EVENTS  (INPUTS * 4 * CONV_MAX_EVENTS)
#define START   INT64_C(1700000000000)

static const char *const agents[] = {"maria", "paul"};

/* -- the model --------------------------------------------------------- */

enum words {
	ANSWERED,
	MISSED,
	PERSON,
	COMPLAINT,
	ENDS
};
static const char *const texts[] = {"payment methods", "xyzzy plugh",
				    "a person please", "terrible service",
				    "goodbye"};

enum owner {
	BOT,
	LINE,
	AGENT,
	NOBODY
};

struct model {
	enum owner owner;
	unsigned agent;
	uint64_t fence, seq, ask; /* the request for feedback; 0: none */
	unsigned misses, reminders;
	bool answered;       /* and nothing was said since */
	bool offered, waits; /* assigned: the shopper does */
	int64_t since_ms, due_ms, newest_ms;
	int64_t give_up_ms;
};

struct deed {
	enum conv_input_type type;
	enum words words;
	unsigned agent, to;
	bool to_agent, open, own_ask, oversees;
	int64_t score, at_ms;
	unsigned id;
};

static void enters(struct model *m, enum owner owner, int64_t at_ms)
{
	m->owner = owner;
	m->misses = owner == BOT ? m->misses : 0;
	m->reminders = 0;
	m->offered = false;
	m->waits = owner == AGENT;
	m->give_up_ms = at_ms + test_policy.queue_give_up_ms;
	m->due_ms = owner == LINE    ? at_ms + test_policy.queue_reminder_ms
		    : owner == AGENT ? at_ms + test_policy.agent_reply_ms
				     : 0;
}

static void gets_in_line(struct model *m, int64_t at_ms, bool back)
{
	enters(m, LINE, at_ms);
	if (back)
		m->fence++;
	else
		m->since_ms = at_ms;
}

static void is_given_to(struct model *m, unsigned agent, int64_t at_ms)
{
	enters(m, AGENT, at_ms);
	m->agent = agent;
	m->fence++;
}

static void shopper_says(struct model *m, const struct deed *d)
{
	if (m->owner == AGENT && !m->waits) {
		m->waits = true;
		m->reminders = 0;
		m->due_ms = d->at_ms + test_policy.agent_reply_ms;
	}
	if (m->owner != BOT)
		return;
	/* The same answer again helps no more than none. */
	if (d->words == MISSED || (d->words == ANSWERED && m->answered))
		m->misses++;
	else if (d->words == ANSWERED)
		m->misses = 0;
	m->answered = d->words == ANSWERED;
	if (d->words == ENDS)
		enters(m, NOBODY, d->at_ms);
	else if (d->words == PERSON || d->words == COMPLAINT ||
		 m->misses == test_policy.misses_to_hand_over)
		gets_in_line(m, d->at_ms, false);
}

static enum conv_refusal agent_does(struct model *m, const struct deed *d)
{
	bool owns = m->owner == AGENT && m->agent == d->agent;

	if (d->type == INPUT_AGENT_NOTE)
		return m->seq > 0 ? REFUSE_NOT : REFUSE_NOT_NOW;
	if (!owns && !(d->oversees && m->owner == AGENT &&
		       d->type == INPUT_AGENT_TRANSFERRED))
		return m->owner == NOBODY ? REFUSE_NOT_NOW : REFUSE_NOT_YOURS;
	if (d->type == INPUT_AGENT_SAID) {
		m->waits = false;
		m->reminders = 0;
		m->due_ms = d->at_ms + test_policy.shopper_reply_ms;
	} else if (d->type == INPUT_AGENT_RESOLVED) {
		enters(m, NOBODY, d->at_ms);
	} else if (d->type == INPUT_AGENT_TRANSFERRED && d->to_agent) {
		is_given_to(m, d->to, d->at_ms);
	} else {
		gets_in_line(m, d->at_ms, true);
	}
	return REFUSE_NOT;
}

static enum conv_refusal claims(struct model *m, const struct deed *d)
{
	if (m->owner == AGENT)
		return m->agent == d->agent ? REFUSE_NOT : REFUSE_TAKEN;
	if (m->owner == BOT && d->oversees && m->seq > 0)
		m->since_ms = d->at_ms;
	else if (m->owner != LINE)
		return REFUSE_NOT_NOW;
	is_given_to(m, d->agent, d->at_ms);
	return REFUSE_NOT;
}

static void reminds_in_line(struct model *m, int64_t at_ms)
{
	int64_t next = at_ms + test_policy.queue_reminder_ms;

	if (m->offered) {
		m->reminders++;
		m->due_ms = at_ms + test_policy.queue_reminder_ms *
					    (INT64_C(2) << m->reminders);
	} else if (at_ms >= m->give_up_ms) {
		m->offered = true;
		m->reminders = 0;
		m->due_ms = at_ms + 2 * test_policy.queue_reminder_ms;
	} else {
		m->due_ms = next < m->give_up_ms ? next : m->give_up_ms;
	}
}

static int64_t due_ms(const struct model *m)
{
	if (m->owner == NOBODY)
		return 0;
	return m->owner == BOT ? m->newest_ms + test_policy.bot_idle_ms
			       : m->due_ms;
}

static void timer_fires(struct model *m, const struct deed *d)
{
	if (m->seq == 0 || m->owner == NOBODY || d->at_ms < due_ms(m))
		return;
	if (m->owner == LINE) {
		if (d->open)
			reminds_in_line(m, d->at_ms);
	} else if (m->owner == BOT || !m->waits) {
		enters(m, NOBODY, d->at_ms);
	} else if (m->reminders == 0) {
		m->reminders = 1;
		m->due_ms = d->at_ms + test_policy.agent_reply_ms;
	} else {
		gets_in_line(m, d->at_ms, true);
	}
}

/* What becomes of it, but for the seq. */
static enum conv_refusal foretell(struct model *m, const struct deed *d)
{
	switch (d->type) {
	case INPUT_SHOPPER_SAID:
		if (m->owner == NOBODY)
			return REFUSE_CLOSED;
		shopper_says(m, d);
		return REFUSE_NOT;
	case INPUT_SHOPPER_LEFT:
		if (m->owner == NOBODY)
			return REFUSE_NOT_NOW;
		enters(m, NOBODY, d->at_ms);
		return REFUSE_NOT;
	case INPUT_SHOPPER_FEEDBACK:
		if (m->ask == 0 || !d->own_ask)
			return REFUSE_BAD_ASK;
		if (d->score < 1 || d->score > 5)
			return REFUSE_BAD_SCORE;
		m->ask = 0;
		return REFUSE_NOT;
	case INPUT_AGENT_CLAIMED:
		return claims(m, d);
	case INPUT_LEASE_LOST:
		if (m->owner == AGENT && m->agent == d->agent)
			gets_in_line(m, d->at_ms, true);
		return REFUSE_NOT;
	case INPUT_TIMER:
		timer_fires(m, d);
		return REFUSE_NOT;
	default:
		return agent_does(m, d);
	}
}

/* -- the world --------------------------------------------------------- */

struct unit { /* of the log: what came of one deed */
	struct deed deed;
	size_t first, count;
	struct model after;
};

static struct {
	struct arena arena;
	struct event events[EVENTS];
	size_t event_count;
	struct unit units[INPUTS * 4];
	size_t unit_count;
	struct conv daemons[DAEMONS];
	struct deed deeds[INPUTS];
	unsigned skipped[INPUTS]; /* while the shortest form is sought */
} w;

static struct conv next;
static struct conv_actions out = {.after = &next};
static struct catalog *catalog;
static struct matcher *matcher;
static bool talk;
static unsigned long steps, moved, dups, reused, tails, states;

static bool wrong(const char *what)
{
	if (talk)
		printf("  wrong: %s\n", what);
	return false;
}

static uint64_t last_seq(void)
{
	const struct unit *u;

	if (w.unit_count == 0)
		return 0;
	u = &w.units[w.unit_count - 1];
	return u->first + u->count;
}

/* The model where the log is at `seq`. */
static const struct model *model_at(uint64_t seq)
{
	static const struct model start;

	for (size_t i = w.unit_count; i > 0; i--)
		if (w.units[i - 1].after.seq == seq)
			return &w.units[i - 1].after;
	return &start;
}

static void read_on(struct conv *c)
{
	if (c->seq > last_seq())
		conv_init(c, "c1"); /* a reset: all of it anew */
	for (size_t i = c->seq; i < last_seq(); i++)
		conv_apply(c, &w.events[i]);
}

static struct conv_input input_of(const struct deed *d, const struct model *m)
{
	static char id[16];
	struct conv_input in = {
		.type = d->type,
		.at_ms = d->at_ms,
		.text = str_of(texts[d->words]),
		.agent = str_of(agents[d->agent]),
		.agent_display = str_of(agents[d->agent]),
		.oversees = d->oversees,
		.queue = STR("general"),
		.outcome = STR("helped"),
		.shop_open = d->open,
		.score = d->score,
	};

	snprintf(id, sizeof(id), "m%u", d->id);
	if (d->type != INPUT_TIMER && d->type != INPUT_LEASE_LOST)
		in.id = arena_str(&w.arena, str_of(id));
	in.ask = d->own_ask && m->ask > 0 ? w.events[m->ask - 1].id
					  : STR("csat.999");
	if (d->to_agent)
		in.to_agent = str_of(agents[d->to]);
	else
		in.to_queue = STR("vip");
	return in;
}

/* -- what must hold ---------------------------------------------------- */

static bool is_as_foretold(const struct conv *c, const struct model *m)
{
	static const enum conv_state named[] = {
		[BOT] = CONV_BOT,
		[LINE] = CONV_QUEUED,
		[AGENT] = CONV_ASSIGNED,
		[NOBODY] = CONV_CLOSED,
	};
	const char *agent = m->owner == AGENT ? agents[m->agent] : "";

	if (c->state != named[m->owner] || strcmp(c->agent, agent) != 0)
		return wrong("the owner");
	if (c->fence != m->fence)
		return wrong("the fence");
	if (m->owner == LINE && c->since_ms != m->since_ms)
		return wrong("the place in line");
	if (conv_due_ms(c, &test_policy) != due_ms(m) && m->seq > 0)
		return wrong("the next step");
	return true;
}

static bool is_in_turn(const struct model *was, const struct deed *d)
{
	bool spoke = false;

	for (size_t i = 0; i < out.event_count; i++)
		spoke |= str_is(out.events[i].sender, "b");
	if (spoke && (was->owner == AGENT || was->owner == NOBODY))
		return wrong("the bot talks");
	if (!spoke && was->owner == BOT && d->type == INPUT_SHOPPER_SAID)
		return wrong("the bot is silent");
	if (d->type == INPUT_AGENT_SAID && out.event_count > 0 &&
	    out.fence != was->fence)
		return wrong("an agent's words without their fence");
	return true;
}

/* The seq of a request for feedback that the events from `seq` on make. */
static void note_events(struct model *m, uint64_t seq, const struct deed *d)
{
	for (size_t i = 0; i < out.event_count; i++) {
		if (out.events[i].type == EVENT_ASK_FEEDBACK)
			m->ask = seq + i;
		states += out.events[i].type == EVENT_STATE;
	}
	m->seq = seq + out.event_count - 1;
	if (out.event_count > 0 && d->at_ms > m->newest_ms)
		m->newest_ms = d->at_ms;
}

/* -- appending, as the script promises --------------------------------- */

/* The unit of the first entry's key; NULL: there is none. */
static const struct unit *known(const struct event *e)
{
	for (size_t i = 0; i < w.unit_count && e->id.n > 0; i++) {
		const struct event *have = &w.events[w.units[i].first];

		if (str_eq(have->id, e->id) && str_eq(have->sender, e->sender))
			return &w.units[i];
	}
	return NULL;
}

static void append(const struct deed *d, const struct model *after)
{
	struct unit *u = &w.units[w.unit_count];

	*u = (struct unit){.deed = *d,
			   .first = last_seq(),
			   .count = out.event_count,
			   .after = *after};
	w.unit_count++;
	for (size_t i = 0; i < u->count; i++) {
		struct event copy = event_copy(&out.events[i], &w.arena);
		struct field fields[EVENT_MAX_FIELDS];
		size_t n = event_to_fields(&copy, &w.arena, fields);

		event_from_fields(fields, n, u->first + i + 1,
				  &w.events[u->first + i]);
	}
}

/* One daemon with one deed, until the log has it or it is answered. */
static bool bring(struct conv *c, const struct deed *d)
{
	for (int tries = 0; tries < 2; tries++) {
		struct model m = *model_at(c->seq), was = m;
		struct conv_input in = input_of(d, &m);
		enum conv_refusal want = foretell(&m, d);
		const struct unit *have;

		steps++;
		out.arena = &w.arena;
		conv_step(c, catalog, matcher, &test_policy, &in, &out);
		if (out.refusal != want)
			return wrong("the refusal");
		if (!is_in_turn(&was, d))
			return false;
		if (want != REFUSE_NOT || out.event_count == 0)
			return out.event_count == 0 && is_as_foretold(c, &m);
		have = known(&out.events[0]);
		if (have != NULL) {
			bool same = event_content(&w.events[have->first]) ==
				    event_content(&out.events[0]);

			dups += same;
			reused += !same;
			read_on(c);
			return is_as_foretold(c, model_at(c->seq));
		}
		if (c->seq != last_seq()) {
			moved++;
			read_on(c);
			continue;
		}
		note_events(&m, c->seq + 1, d);
		append(d, &m);
		read_on(c);
		if (memcmp(c, &next, sizeof(next)) != 0)
			return wrong("the state that the step foretells");
		return is_as_foretold(c, &m);
	}
	return wrong("moved, with nobody else there");
}

/* -- a tail is lost ---------------------------------------------------- */

/* Back to some unit. Who had sent what stood behind sends it again, to any
 * daemon, in the history as it is now. */
static bool lose_tail(void)
{
	size_t lost = w.unit_count == 0 ? 0 : dice((unsigned)w.unit_count);
	size_t all = w.unit_count, keep = all - (lost > 4 ? 4 : lost);
	bool right = true;
	struct deed again[4];

	tails++;
	for (size_t i = keep; i < all; i++)
		again[i - keep] = w.units[i].deed;
	w.unit_count = keep;
	for (size_t i = 0; i < DAEMONS; i++)
		if (w.daemons[i].seq > last_seq())
			read_on(&w.daemons[i]);
	for (size_t i = 0; right && i < all - keep; i++)
		right = bring(&w.daemons[dice(DAEMONS)], &again[i]);
	return right;
}

/* -- schedules --------------------------------------------------------- */

static struct deed any_deed(unsigned n, const struct conv *c, int64_t now_ms)
{
	static const enum conv_input_type types[] = {
		INPUT_SHOPPER_SAID,   INPUT_SHOPPER_SAID,
		INPUT_SHOPPER_SAID,   INPUT_AGENT_CLAIMED,
		INPUT_AGENT_CLAIMED,  INPUT_AGENT_SAID,
		INPUT_AGENT_SAID,     INPUT_AGENT_NOTE,
		INPUT_AGENT_RELEASED, INPUT_AGENT_TRANSFERRED,
		INPUT_AGENT_RESOLVED, INPUT_LEASE_LOST,
		INPUT_TIMER,          INPUT_TIMER,
		INPUT_SHOPPER_LEFT,   INPUT_SHOPPER_FEEDBACK,
	};
	struct deed d = {
		.type = types[dice(ARRAY_LEN(types))],
		.words = (enum words)dice(dice(3) ? ENDS : ENDS + 1),
		.agent = dice(2),
		.to = dice(2),
		.to_agent = dice(2),
		.open = dice(4) != 0,
		.own_ask = dice(3) != 0,
		.oversees = dice(4) == 0,
		.score = dice(7),
		.at_ms = now_ms,
		.id = n,
	};

	if ((d.type == INPUT_SHOPPER_LEFT || d.type == INPUT_AGENT_RESOLVED) &&
	    dice(2))
		d.type = INPUT_SHOPPER_SAID;
	if (d.type == INPUT_TIMER && dice(3) &&
	    conv_due_ms(c, &test_policy) > now_ms)
		d.at_ms = conv_due_ms(c, &test_policy);
	return d;
}

static bool one_step(unsigned i, int64_t *now_ms)
{
	struct conv *c = &w.daemons[dice(DAEMONS)];
	struct deed *d = &w.deeds[i];
	unsigned how = dice(12);

	*now_ms += dice(4) ? dice(5000) : dice(400000);
	*d = any_deed(i, c, *now_ms);
	if (d->at_ms > *now_ms)
		*now_ms = d->at_ms;
	if (i > 0 && how == 0) /* a repeat, late */
		*d = w.deeds[dice(i)];
	if (i > 0 && how == 1) { /* a known id, often with other words */
		d->id = dice(i);
		d->type = w.deeds[d->id].type;
		d->agent = w.deeds[d->id].agent;
	}
	if (how == 2)
		read_on(c);
	if (w.skipped[i])
		return true;
	if (talk)
		printf("  %u: daemon %td at %u brings type %d m%u words %d "
		       "agent %u\n",
		       i, c - w.daemons, (unsigned)c->seq, d->type, d->id,
		       d->words, d->agent);
	if (how == 3 && !lose_tail())
		return false;
	return bring(c, d) && (how != 4 || bring(&w.daemons[dice(DAEMONS)], d));
}

/* In the end all daemons, and who reads the log from its start, agree. */
static bool all_agree(void)
{
	struct conv fresh;

	conv_init(&fresh, "c1");
	read_on(&fresh);
	for (size_t i = 0; i < DAEMONS; i++) {
		read_on(&w.daemons[i]);
		if (memcmp(&fresh, &w.daemons[i], sizeof(fresh)) != 0)
			return wrong("two daemons make two states of a log");
	}
	return is_as_foretold(&fresh, model_at(fresh.seq));
}

static bool run(uint64_t from)
{
	int64_t now_ms = START;
	bool right = true;

	dice_seed = from;
	w.unit_count = 0;
	arena_init(&w.arena);
	for (size_t i = 0; i < DAEMONS; i++)
		conv_init(&w.daemons[i], "c1");
	for (unsigned i = 0; right && i < INPUTS; i++)
		right = one_step(i, &now_ms);
	right = right && all_agree();
	arena_fini(&w.arena);
	return right;
}

/* Leaves out every step that it fails without, and tells what is left. */
static void shorten(uint64_t from)
{
	for (unsigned i = 0; i < INPUTS; i++) {
		w.skipped[i] = 1;
		w.skipped[i] = !run(from);
	}
	printf("seed %" PRIx64 ":\n", from);
	talk = true;
	run(from);
	talk = false;
	memset(w.skipped, 0, sizeof(w.skipped));
}

static void every_step_is_as_the_model_says(void)
{
	const char *count = getenv("CONV_SCHEDULES");
	unsigned long n = count != NULL ? strtoul(count, NULL, 10) : SCHEDULES;
	unsigned failed = 0;

	for (unsigned long i = 0; i < n && failed < 3; i++) {
		uint64_t from = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);

		if (run(from))
			continue;
		failed++;
		shorten(from);
	}
	CHECK(failed == 0);
	/* None of this was for nothing. */
	CHECK(moved > n && dups > n / 2 && reused > n / 10 && tails > n &&
	      states > 2 * n);
	printf("schedules %lu steps %lu moved %lu dups %lu reused %lu tails "
	       "%lu states %lu\n",
	       n, steps, moved, dups, reused, tails, states);
}

static void the_schedule_that_was_asked_for(void)
{
	uint64_t from = strtoull(getenv("CONV_SEED"), NULL, 16);

	CHECK(run(from));
	shorten(from);
}

int main(void)
{
	catalog = rules_load();
	matcher = matcher_new();
	if (getenv("CONV_SEED") != NULL)
		RUN(the_schedule_that_was_asked_for);
	else
		RUN(every_step_is_as_the_model_says);
	matcher_free(&matcher);
	catalog_free(&catalog);
	return check_done("chat/conv_model");
}
