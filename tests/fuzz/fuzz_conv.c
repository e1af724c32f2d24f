/* Any inputs in any order through the state machine. Each round takes a few
 * bytes: what happens, who does it, how much time has passed, what is said. The
 * oracle: exactly one owner, known from the changes of state alone; a fence
 * that only grows, by one with each owner who is given it or loses it; no word
 * of the bot's while an agent has the chat, and none of an agent's who has not;
 * a next step for every state but closed, later than a timer that has fired;
 * seqs without a gap; a closed conversation that takes nothing but notes and
 * feedback; and the log alone (through its named values) gives the same state.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chat/conv.h"
#include "policy.h"
#include "rules.h"
#include "slots.h"

#define MOST_ROUNDS 64

static const char *const said[] = {
	"delivery options",
	"where is my order",
	"12345678",
	"hello",
	"yes",
	"no",
	"never mind",
	"a person please",
	"voucher",
	"newsletter",
	"terrible service",
	"wholesale",
	"goodbye",
	"send it back",
	"blue",
};
static const char *const values[] = {"human", "intent:track_order",
				     "intent:wholesale", "intent:none"};
static const char *const agents[] = {"maria", "paul"};

static void need(bool ok)
{
	if (!ok)
		abort();
}

struct world {
	struct conv conv, folded;
	struct conv_actions actions;
	struct conv after;
	struct arena arena;
	struct catalog *catalog;
	struct matcher *matcher;
	int64_t now_ms, due_ms;
	enum conv_state state;         /* as the events say: the oracle's own */
	char owner[CONV_NAME_MAX + 1]; /* the agent who has it */
	uint64_t fence;
	unsigned inputs;
	bool takes_from_bot; /* who oversees, by a claim */
	const uint8_t *p, *end;
};

static unsigned take(struct world *w)
{
	return w->p < w->end ? *w->p++ : 0;
}

/* A phrase of the rules, or the input's own bytes. */
static struct str words(struct world *w)
{
	unsigned which = take(w);
	size_t n = which & 0x3f;
	struct str own;

	if (which < 0x80)
		return str_of(said[which % ARRAY_LEN(said)]);
	if (n > (size_t)(w->end - w->p))
		n = (size_t)(w->end - w->p);
	own = (struct str){(const char *)w->p, n};
	w->p += n;
	for (size_t i = 0; i < n; i++)
		if ((signed char)own.p[i] <= 0)
			return STR("not text"); /* the front lets none in */
	return own;
}

static void pass_time(struct world *w)
{
	unsigned how = take(w);

	if (how < 0x40 && w->due_ms > w->now_ms)
		w->now_ms = w->due_ms;
	else
		w->now_ms += (int64_t)how * how * 20;
}

static struct conv_input next_input(struct world *w)
{
	unsigned what = take(w), who = take(w);
	struct conv_input in = {
		.type = (enum conv_input_type)(what % (INPUT_TIMER + 1)),
		.at_ms = w->now_ms,
		.text = words(w),
		.agent = str_of(agents[who & 1]),
		.shop_open = (who & 2) == 0,
		.unattended = who >> 7,
		.oversees = (who & 16) != 0,
		.human = (who & 0xfc) == 4,
		.score = (int64_t)(who >> 4) - 1,
		.ask = arena_str(&w->arena,
				 str_of(w->conv.asks[(who >> 2) & 3].id)),
		.queue = STR("general"),
		.note = (who & 8) ? STR("look") : STR_NONE,
	};
	static char id[16];

	snprintf(id, sizeof(id), "m%u", ++w->inputs);
	in.id = arena_str(&w->arena, str_of(id));
	if ((who & 0xfc) == 8)
		in.value = str_of(values[who & 3]);
	if (who & 4)
		in.to_queue = STR("vip");
	else
		in.to_agent = str_of(agents[(who >> 3) & 1]);
	return in;
}

/* -- the oracle ------------------------------------------------------------ */

static enum conv_state state_named(struct str name)
{
	for (int i = CONV_BOT; i <= CONV_CLOSED; i++)
		if (str_is(name, conv_state_names[i]))
			return (enum conv_state)i;
	abort();
}

/* Which changes there may be; the fence is raised with all but those in which
 * no agent has or had it. */
static void changes(struct world *w, const struct event *e)
{
	enum conv_state was = w->state, now = state_named(e->state);
	bool theirs = now == CONV_ASSIGNED ||
		      (was == CONV_ASSIGNED && now == CONV_QUEUED);

	need(was != CONV_CLOSED && now != CONV_BOT);
	need(now != CONV_QUEUED || was != CONV_QUEUED);
	need(now != CONV_ASSIGNED || was != CONV_BOT || w->takes_from_bot);
	need((e->agent.n > 0) == (now == CONV_ASSIGNED));
	need(e->fence == (theirs ? w->fence + 1 : 0));
	need(w->actions.raise_fence == theirs);
	if (theirs)
		w->fence = e->fence;
	text_set(w->owner, sizeof(w->owner), e->agent);
	w->state = now;
}

/* Who may have said it as things stand. */
static void speaks(const struct world *w, const struct event *e)
{
	if (str_is(e->sender, "b"))
		need(w->state != CONV_ASSIGNED && w->state != CONV_CLOSED);
	if (!str_starts(e->sender, "a:"))
		return;
	need(w->state == CONV_ASSIGNED && w->actions.fence == w->fence);
	need(str_is((struct str){e->sender.p + 2, e->sender.n - 2}, w->owner));
}

/* Before it is folded in. */
static void judge(struct world *w, const struct event *e)
{
	switch (e->type) {
	case EVENT_MESSAGE:
		if (str_is(e->sender, "s"))
			need(w->state != CONV_CLOSED);
		speaks(w, e);
		break;
	case EVENT_STATE:
		changes(w, e);
		break;
	case EVENT_LEAVE:
		need(w->state != CONV_CLOSED);
		break;
	case EVENT_NOTE:
	case EVENT_ASK_FEEDBACK:
	case EVENT_FEEDBACK:
		break;
	}
}

static void log_events(struct world *w)
{
	for (size_t i = 0; i < w->actions.event_count; i++) {
		struct event e = w->actions.events[i], back;
		struct field fields[EVENT_MAX_FIELDS];
		uint64_t seq = w->conv.seq;
		size_t n;

		judge(w, &e);
		e.seq = seq + 1;
		conv_apply(&w->conv, &e);
		need(w->conv.seq == seq + 1);
		n = event_to_fields(&e, &w->arena, fields);
		need(event_from_fields(fields, n, e.seq, &back));
		conv_apply(&w->folded, &back);
	}
	need(w->actions.refusal != REFUSE_NOT ||
	     memcmp(&w->conv, &w->after, sizeof(w->conv)) == 0);
}

static void check(const struct world *w)
{
	const struct conv *c = &w->conv;

	need(memcmp(c, &w->folded, sizeof(*c)) == 0);
	need(c->state == w->state && c->fence == w->fence);
	need(strcmp(c->agent, w->owner) == 0);
	need((c->agent[0] != '\0') == (c->state == CONV_ASSIGNED));
	need(c->state != CONV_QUEUED || c->queue[0] != '\0');
	need(c->state != CONV_QUEUED || c->since_ms > 0);
	need((conv_due_ms(c, &test_policy) == 0) == (c->state == CONV_CLOSED));
	need((w->actions.due_ms == 0) == (c->state == CONV_CLOSED));
	need(w->actions.refusal == REFUSE_NOT || w->actions.event_count == 0);
	need(c->slot_count <= CONV_SLOTS);
}

/* A step that was taken is not the next one: the timer would spin. */
static void check_next(const struct world *w, const struct conv_input *in)
{
	if (in->type == INPUT_TIMER && w->conv.state != CONV_CLOSED)
		need(w->actions.due_ms > w->now_ms);
}

static void round_of(struct world *w)
{
	struct conv_input in;

	pass_time(w);
	in = next_input(w);
	w->takes_from_bot = in.type == INPUT_AGENT_CLAIMED && in.oversees;
	w->actions.arena = &w->arena;
	w->actions.after = &w->after;
	conv_step(&w->conv, w->catalog, w->matcher, &test_policy, &in,
		  &w->actions);
	w->due_ms = w->actions.due_ms;
	log_events(w);
	check(w);
	check_next(w, &in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	if (w.catalog == NULL) {
		w.catalog = rules_load();
		w.matcher = matcher_new();
	}
	arena_init(&w.arena);
	conv_init(&w.conv, "c1");
	conv_init(&w.folded, "c1");
	w.now_ms = INT64_C(1700000000000);
	w.due_ms = 0;
	w.state = CONV_BOT;
	w.owner[0] = '\0';
	w.fence = 0;
	w.inputs = 0;
	w.p = data;
	w.end = data + size;
	for (int i = 0; i < MOST_ROUNDS && w.p < w.end; i++)
		round_of(&w);
	arena_fini(&w.arena);
	return 0;
}
