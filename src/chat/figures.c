/* What a unit's events bring about, as figures; see chat/figures.h. Reads the
 * events and the state before them; what a step only knows itself (whether a
 * rule has answered) comes as its `counted`. */
#include "chat/figures.h"

#include <string.h>

#include "base/mem.h"

/* Seconds; what takes longer is in no bucket. Ascending. */
static const int64_t buckets[] = {15,  30,  60,   120,  300,
				  600, 900, 1800, 3600, 14400};

/* The state as far as figures need it, while the events go by. */
struct walk {
	enum conv_state state;
	int64_t state_at_ms; /* since when */
	int64_t since_ms;    /* handed over; 0: never */
	int64_t last_agent_ms;
	struct str queue, intent;
	struct buf *out;
};

/* Mostly one. */
static void add_by(struct walk *w, int64_t by)
{
	if (by == 1) {
		buf_add(w->out, " 1\n", 3);
		return;
	}
	buf_add_c(w->out, ' ');
	buf_add_i64(w->out, by);
	buf_add_c(w->out, '\n');
}

static void add(struct walk *w, const char *name, int64_t by)
{
	buf_add_s(w->out, name);
	add_by(w, by);
}

static void add_of(struct walk *w, const char *name, const char *kind,
		   struct str value, int64_t by)
{
	if (value.n == 0 || memchr(value.p, '\n', value.n) != NULL)
		return;
	buf_add_s(w->out, name);
	buf_add_c(w->out, '/');
	buf_add_s(w->out, kind);
	buf_add_c(w->out, '/');
	buf_add_str(w->out, value);
	add_by(w, by);
}

static void add_queued(struct walk *w, const char *name, int64_t by)
{
	add(w, name, by);
	add_of(w, name, "queue", w->queue, by);
}

static void add_number(struct walk *w, const char *name, const char *kind,
		       int64_t value)
{
	struct buf text = BUF_INIT;

	buf_add_i64(&text, value);
	add_of(w, name, kind, buf_str(&text), 1);
	buf_fini(&text);
}

/* How often, how long in all, and within what. */
static void add_time(struct walk *w, const char *count, const char *sum,
		     int64_t ms)
{
	int64_t s = ms <= 0 ? 0 : ms / 1000;
	size_t i = 0;

	add_queued(w, count, 1);
	add_queued(w, sum, s);
	while (i < ARRAY_LEN(buckets) && s > buckets[i])
		i++;
	if (i < ARRAY_LEN(buckets))
		add_number(w, count, "within", buckets[i]);
}

/* -- messages ---------------------------------------------------------- */

static void message(struct walk *w, const struct event *e)
{
	if (str_is(e->sender, "s")) {
		add(w, "messages", 1);
	} else if (str_starts(e->sender, "a:")) {
		add(w, "agent_messages", 1);
		if (w->since_ms > 0 && w->last_agent_ms < w->since_ms)
			add_time(w, "first_replies", "first_reply_s",
				 e->at_ms - w->since_ms);
		w->last_agent_ms = e->at_ms;
	} else if (str_is(e->outcome, "answer") && e->intent.n > 0 &&
		   !str_is(e->kind, "chat")) {
		add_of(w, "answered", "intent", e->intent, 1);
	}
}

/* -- the state --------------------------------------------------------- */

static void leaves_bot(struct walk *w, const struct event *e)
{
	w->since_ms = e->since_ms;
	add_queued(w, "handed_over", 1);
	add_of(w, "handed_over", "reason", e->reason, 1);
	add_of(w, "handed_over", "intent", e->intent, 1);
}

static void in_line(struct walk *w, const struct event *e)
{
	if (e->queue.n > 0)
		w->queue = e->queue;
	if (str_is(e->outcome, "contact")) /* with the words of the hand-off */
		add(w, "contacts_offered", 1);
	if (w->state == CONV_BOT)
		leaves_bot(w, e);
}

static void with_agent(struct walk *w, const struct event *e)
{
	if (e->queue.n > 0)
		w->queue = e->queue;
	if (w->state == CONV_QUEUED)
		add_time(w, "waits", "waited_s", e->at_ms - w->state_at_ms);
	else if (w->state == CONV_BOT)
		leaves_bot(w, e);
	else
		add(w, "passed_on", 1);
}

static void closed(struct walk *w, const struct event *e)
{
	add(w, "closed", 1);
	add_of(w, "closed", "reason", e->reason, 1);
	if (w->since_ms == 0)
		add(w, "closed_by_bot", 1);
	if (w->state == CONV_QUEUED)
		add_queued(w, "abandoned", 1);
	if (w->state == CONV_ASSIGNED && str_is(e->reason, "resolved")) {
		add_queued(w, "resolved", 1);
		add_of(w, "resolved", "outcome", e->outcome_of, 1);
	}
}

static void state(struct walk *w, const struct event *e)
{
	enum conv_state next = w->state;

	for (int i = CONV_BOT; i <= CONV_CLOSED; i++)
		if (str_is(e->state, conv_state_names[i]))
			next = (enum conv_state)i;
	switch (next) {
	case CONV_BOT:
		break;
	case CONV_QUEUED:
		in_line(w, e);
		break;
	case CONV_ASSIGNED:
		with_agent(w, e);
		break;
	case CONV_CLOSED:
		closed(w, e);
		break;
	}
	w->state = next;
	w->state_at_ms = e->at_ms;
}

/* -- ratings ----------------------------------------------------------- */

static void feedback(struct walk *w, const struct event *e)
{
	static const char *const known[][2] = {{"solved", "solved_sum"},
					       {"csat", "csat_sum"},
					       {"ces", "ces_sum"},
					       {"nps", "nps_sum"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_is(e->ask_kind, known[i][0]))
			continue;
		add_queued(w, known[i][0], 1);
		add_queued(w, known[i][1], e->score);
		add_number(w, known[i][0], "score", e->score);
		if (i == 0) {
			add_of(w, "solved", "intent", w->intent, 1);
			add_of(w, "solved_sum", "intent", w->intent, e->score);
		}
	}
}

/* -- all of it --------------------------------------------------------- */

/* Of what a step did. What the events tell by themselves, and better, has
 * none. */
static const char *const step_figures[COUNTED_KINDS] = {
	[COUNTED_ANSWERED] = "answered",
	[COUNTED_CLARIFIED] = "clarified",
	[COUNTED_MISSED] = "missed",
	[COUNTED_ASKED] = "asked",
	[COUNTED_REPEATED] = "repeated",
	[COUNTED_LOOKED_UP] = "looked_up",
	[COUNTED_LOOKUPS_FAILED] = "lookups_failed",
	[COUNTED_NUMBERS_UNKNOWN] = "numbers_unknown",
	[COUNTED_CONTACTS_LEFT] = "contacts_left",
	[COUNTED_CONTACTS_OFFERED] = "contacts_offered",
	[COUNTED_REMINDED] = "reminded",
	[COUNTED_AGENTS_REMINDED] = "agents_reminded",
	[COUNTED_AGENTS_SILENT] = "agents_silent",
	[COUNTED_RELEASED] = "released",
	[COUNTED_AGENTS_GONE] = "agents_gone",
};

void figures_of(const struct conv *before, const struct event *events, size_t n,
		enum conv_counted counted, struct buf *out)
{
	struct walk w = {
		.state = before->state,
		.state_at_ms = before->state_at_ms,
		.since_ms = before->since_ms,
		.last_agent_ms = before->last_agent_ms,
		.queue = str_of(before->queue),
		.intent = str_of(before->last_intent),
		.out = out,
	};

	if (before->seq == 0)
		add(&w, "conversations", 1);
	if (step_figures[counted] != NULL)
		add(&w, step_figures[counted], 1);
	for (size_t i = 0; i < n; i++) {
		const struct event *e = &events[i];

		if (e->type == EVENT_MESSAGE && !e->late)
			message(&w, e);
		else if (e->type == EVENT_STATE)
			state(&w, e);
		else if (e->type == EVENT_FEEDBACK)
			feedback(&w, e);
	}
}
