/* The pieces that every step is made of: its events, ids, and what goes to
 * the queue with them; see step.h. Decides nothing. */
#include "step.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "slots.h"

/* -- the input's own event --------------------------------------------- */

static struct str sender_of(struct str agent, struct arena *arena)
{
	char *p = arena_take(arena, agent.n + 3);

	p[0] = 'a';
	p[1] = ':';
	if (agent.n > 0)
		memcpy(p + 2, agent.p, agent.n);
	p[agent.n + 2] = '\0';
	return (struct str){p, agent.n + 2};
}

static void shoppers(const struct conv_input *in, enum event_type type,
		     struct event *out)
{
	*out = (struct event){.type = type,
			      .at_ms = in->at_ms,
			      .sender = STR("s"),
			      .id = in->id,
			      .content = in->content};
}

static struct event agents(const struct conv_input *in, enum event_type type,
			   struct arena *arena)
{
	return (struct event){.type = type,
			      .at_ms = in->at_ms,
			      .sender = sender_of(in->agent, arena),
			      .id = in->id,
			      .content = in->content};
}

static struct event agents_state(const struct conv_input *in,
				 enum conv_state state, struct arena *arena)
{
	struct event e = agents(in, EVENT_STATE, arena);

	e.state = str_of(conv_state_names[state]);
	return e;
}

bool step_own(const struct conv_input *in, struct arena *arena,
	      struct event *out)
{
	switch (in->type) {
	case INPUT_SHOPPER_SAID:
		shoppers(in, EVENT_MESSAGE, out);
		out->text = in->text;
		out->value = in->human ? STR("human") : in->value;
		out->outcome = in->contact ? STR("contact") : STR_NONE;
		return true;
	case INPUT_SHOPPER_FEEDBACK:
		shoppers(in, EVENT_FEEDBACK, out);
		out->ask = in->ask;
		out->comment = in->comment;
		out->score = in->score;
		out->has_score = true;
		return true;
	case INPUT_SHOPPER_LEFT:
		shoppers(in, EVENT_LEAVE, out);
		return true;
	case INPUT_AGENT_SAID:
	case INPUT_AGENT_NOTE:
		*out = agents(in,
			      in->type == INPUT_AGENT_SAID ? EVENT_MESSAGE
							   : EVENT_NOTE,
			      arena);
		out->text = in->text;
		out->name = in->agent_display;
		return true;
	case INPUT_AGENT_CLAIMED:
		*out = agents_state(in, CONV_ASSIGNED, arena);
		return true;
	case INPUT_AGENT_RELEASED:
		*out = agents_state(in, CONV_QUEUED, arena);
		return true;
	case INPUT_AGENT_TRANSFERRED:
		*out = agents_state(
			in, in->to_agent.n > 0 ? CONV_ASSIGNED : CONV_QUEUED,
			arena);
		out->reason = STR("transferred");
		if (in->to_agent.n > 0)
			out->agent = in->to_agent;
		else
			out->queue = in->to_queue;
		return true;
	case INPUT_AGENT_RESOLVED:
		*out = agents_state(in, CONV_CLOSED, arena);
		out->outcome_of = in->outcome;
		return true;
	case INPUT_SHOWN:
		*out = in->shown[0];
		return true;
	case INPUT_LEASE_LOST:
	case INPUT_TIMER:
	case INPUT_LOOKED_UP:
		return false;
	}
	return false;
}

/* -- emitting ---------------------------------------------------------- */

void step_emit(struct step *s, const struct event *e)
{
	struct conv_actions *out = s->out;
	struct event *added = &out->events[out->event_count];

	assert(out->event_count < CONV_MAX_EVENTS);
	*added = *e;
	added->at_ms = s->in->at_ms;
	added->seq = s->now->seq + 1;
	conv_apply(s->now, added);
	added->seq = 0;
	out->event_count++;
}

/* As the fold would keep it, which cuts what is too long. */
static bool differs(const char *have, size_t room, struct str now)
{
	char cut[256];

	if (now.n < room && str_is(now, have))
		return false;
	assert(room <= sizeof(cut));
	text_set(cut, room, now);
	return strcmp(cut, have) != 0;
}
#define DIFFERS(member, now) differs(member, sizeof(member), now)

static bool circumstances_changed(const struct step *s)
{
	const struct conv_input *in = s->in;
	const struct conv *c = s->now;

	if (in->visitor.p == NULL)
		return false;
	return DIFFERS(c->visitor, in->visitor) ||
	       DIFFERS(c->visitor_name, in->visitor_name) ||
	       DIFFERS(c->page, in->page) || DIFFERS(c->locale, in->locale) ||
	       in->verified != c->verified;
}

void step_emit_own(struct step *s, struct event *e)
{
	if (str_is(e->sender, "s") && circumstances_changed(s)) {
		e->visitor = s->in->visitor;
		e->visitor_name = s->in->visitor_name;
		e->page = s->in->page;
		e->locale = s->in->locale;
		e->verified = s->in->verified;
	}
	step_emit(s, e);
}

struct str step_id(struct step *s, const char *word)
{
	struct buf b = BUF_INIT;
	struct str id;

	buf_addf(&b, "%s.%" PRIu64 ".%" PRIx64, word, s->now->seq + 1,
		 s->now->trail);
	id = arena_str(s->out->arena, buf_str(&b));
	buf_fini(&b);
	return id;
}

struct str step_sub_id(struct step *s, const char *suffix)
{
	size_t n = strlen(suffix);
	char *p = arena_take(s->out->arena, s->about.n + n + 2);

	if (s->about.n > 0)
		memcpy(p, s->about.p, s->about.n);
	p[s->about.n] = '.';
	memcpy(p + s->about.n + 1, suffix, n + 1);
	return (struct str){p, s->about.n + 1 + n};
}

void step_system(struct step *s, const char *word, const char *text,
		 const char *outcome)
{
	step_emit(s, &(struct event){.type = EVENT_MESSAGE,
				     .sender = STR("t"),
				     .id = step_id(s, word),
				     .text = text_of(s, text),
				     .outcome = str_of(outcome)});
}

void step_ask_as(struct step *s, struct str sender, struct str id,
		 const char *kind)
{
	char name[16] = "ask_";

	str_copy(name + 4, sizeof(name) - 4, str_of(kind));
	step_emit(s, &(struct event){.type = EVENT_ASK_FEEDBACK,
				     .sender = sender,
				     .id = id,
				     .text = text_of(s, name),
				     .ask_kind = str_of(kind)});
}

void step_ask(struct step *s, const char *kind)
{
	step_ask_as(s, STR("t"), step_id(s, kind), kind);
}

void step_refuse(struct step *s, enum conv_refusal why)
{
	s->out->refusal = why;
	s->out->event_count = 0;
}

/* -- queue, fence, state ----------------------------------------------- */

void step_queue(struct step *s, enum conv_queue_op op, const char *queue)
{
	s->out->queue_op = op;
	text_set(s->out->queue, sizeof(s->out->queue), str_of(queue));
}

uint64_t step_raise_fence(struct step *s)
{
	s->out->raise_fence = true;
	s->out->fence = s->now->fence + 1;
	return s->out->fence;
}

const char *step_queue_name(const struct step *s, const char *name)
{
	const struct conv_policy *p = s->policy;

	if (name == NULL || name[0] == '\0')
		return p->default_queue;
	if (p->queue_count == 0)
		return name;
	for (size_t i = 0; i < p->queue_count; i++)
		if (strcmp(p->queues[i], name) == 0)
			return name;
	return p->default_queue;
}

static struct event systems_state(struct step *s, const char *word)
{
	return (struct event){.type = EVENT_STATE,
			      .sender = STR("t"),
			      .id = step_id(s, word)};
}

void step_close(struct step *s, const char *reason, const struct event *own)
{
	struct event e = own != NULL ? *own : systems_state(s, "closed");

	e.state = str_of(conv_state_names[CONV_CLOSED]);
	e.reason = str_of(reason);
	if (conv_has_agents(s->now))
		step_queue(s, CONV_QUEUE_RESOLVE, s->now->queue);
	step_emit(s, &e);
}

static struct str kept(struct step *s, const char *value)
{
	return value[0] == '\0' ? STR_NONE
				: arena_str(s->out->arena, str_of(value));
}

void step_requeue(struct step *s, const char *reason, const char *queue,
		  const struct event *own)
{
	struct event e = own != NULL ? *own : systems_state(s, reason);
	const struct conv *c = s->now;

	e.state = str_of(conv_state_names[CONV_QUEUED]);
	e.reason = str_of(reason);
	e.queue = kept(s, queue == NULL ? c->queue : queue);
	e.intent = kept(s, c->intent);
	e.kind = kept(s, c->kind);
	e.priority = c->priority;
	e.since_ms = c->since_ms;
	e.fence = step_raise_fence(s);
	if (queue == NULL || strcmp(queue, c->queue) == 0) {
		step_queue(s, CONV_QUEUE_BACK, c->queue);
	} else {
		step_queue(s, CONV_QUEUE_MOVE, queue);
		text_set(s->out->queue_from, sizeof(s->out->queue_from),
			 str_of(c->queue));
	}
	step_emit(s, &e);
}
