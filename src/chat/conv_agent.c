/* What agents do: write, note, claim, release, transfer, resolve; and what is
 * done about an agent who is gone. Only the owner's deeds are taken, but for
 * notes, and transfers by who oversees. Everything an agent writes carries the
 * fence that it was written under; every change of owner raises it, so that
 * late writes are refused. */
#include <string.h>

#include "step.h"

static bool is_owner(const struct step *s)
{
	return s->now->state == CONV_ASSIGNED &&
	       str_is(s->in->agent, s->now->agent);
}

static struct event own(struct step *s)
{
	struct event e;

	step_own(s->in, s->out->arena, &e);
	return e;
}

/* Clients show an id once: where the shopper has used the agent's, the message
 * goes under "NAME.ID". The id alone stays what makes it idempotent. */
static void emit_own_words(struct step *s)
{
	struct arena *arena = s->out->arena;
	struct event e = own(s), shoppers = {.sender = STR("s"), .id = e.id};
	struct buf b = BUF_INIT;
	bool same;

	if (conv_known(s->now, event_key(&shoppers, arena), 0, &same) != 0) {
		buf_add_str(&b, s->in->agent);
		buf_add_c(&b, '.');
		buf_add_str(&b, e.id);
		e.wire_id = arena_str(arena, buf_str(&b));
		buf_fini(&b);
	}
	step_emit_own(s, &e);
}

static void writes(struct step *s)
{
	s->out->fence = s->now->fence;
	emit_own_words(s);
	s->out->counted = COUNTED_AGENT_MESSAGES;
}

static void joins(struct step *s, struct event e, struct str agent,
		  struct str display)
{
	e.state = STR("assigned");
	e.agent = agent;
	e.agent_display = display.n > 0 ? display : agent;
	e.fence = step_raise_fence(s);
	step_emit(s, &e);
	step_system(s, "joined", "agent_joined", NULL);
}

/* Out of no line: with it comes all that a line would know, for whoever gets it
 * next, and the queue makes a claim of it when the log has agreed. */
static void takes_from_bot(struct step *s, struct event e)
{
	struct arena *arena = s->out->arena;
	struct str queue = arena_str(arena, str_of(step_queue_name(s, NULL)));

	e.reason = STR("taken_over");
	e.queue = queue;
	e.intent = arena_str(arena, str_of(s->now->last_intent));
	e.kind = STR("inquiry");
	e.since_ms = s->in->at_ms;
	joins(s, e, s->in->agent, s->in->agent_display);
	step_queue(s, CONV_QUEUE_CLAIM_FOR, s->now->queue);
	s->out->counted = COUNTED_HANDED_OVER;
}

/* The queue has given it, or they need none: what is left is whether the log
 * agrees. */
static void claims(struct step *s)
{
	struct event e = own(s);

	if (is_owner(s))
		return;
	if (s->now->state == CONV_ASSIGNED) {
		step_refuse(s, REFUSE_TAKEN);
		return;
	}
	if (s->now->state == CONV_BOT && s->in->oversees && s->now->seq > 0) {
		takes_from_bot(s, e);
		return;
	}
	if (s->now->state != CONV_QUEUED) {
		step_refuse(s, REFUSE_NOT_NOW);
		return;
	}
	e.reason = STR("claimed");
	e.queue = s->in->queue;
	joins(s, e, s->in->agent, s->in->agent_display);
	step_queue(s, CONV_QUEUE_CLAIMED, s->now->queue);
	s->out->counted = COUNTED_CLAIMED;
}

static void releases(struct step *s)
{
	struct event e = own(s);
	struct str left = text_of(s, "agent_left");

	step_requeue(s, "released", NULL, &e);
	step_emit(s, &(struct event){.type = EVENT_MESSAGE,
				     .sender = STR("t"),
				     .id = step_id(s, "left"),
				     .text = left});
	s->out->counted = COUNTED_RELEASED;
}

static void leaves_note(struct step *s)
{
	struct event e = own(s);

	if (s->in->note.n == 0)
		return;
	e.type = EVENT_NOTE;
	e.state = STR_NONE;
	e.id = step_sub_id(s, "n");
	e.text = s->in->note;
	e.name = s->in->agent_display;
	step_emit(s, &e);
}

static void transfers(struct step *s)
{
	struct event e = own(s);
	struct str left = text_of(s, "agent_left");
	char queue[CONV_NAME_MAX + 1];

	s->out->counted = COUNTED_TRANSFERRED;
	if (s->in->to_agent.n > 0) {
		step_queue(s, CONV_QUEUE_CLAIM_FOR, s->now->queue);
		joins(s, e, s->in->to_agent, s->in->to_agent_display);
		leaves_note(s);
		return;
	}
	if (s->in->to_queue.n == 0 || s->in->to_queue.n > CONV_NAME_MAX) {
		step_refuse(s, REFUSE_NOT_NOW);
		return;
	}
	memcpy(queue, s->in->to_queue.p, s->in->to_queue.n);
	queue[s->in->to_queue.n] = '\0';
	if (strcmp(step_queue_name(s, queue), queue) != 0) {
		step_refuse(s, REFUSE_NOT_NOW); /* there is no such queue */
		return;
	}
	step_requeue(s, "transferred", queue, &e);
	step_emit(s, &(struct event){.type = EVENT_MESSAGE,
				     .sender = STR("t"),
				     .id = step_id(s, "left"),
				     .text = left});
	leaves_note(s);
}

static void resolves(struct step *s)
{
	struct event e = own(s);

	s->out->fence = s->now->fence;
	step_close(s, "resolved", &e);
	step_system(s, "solved", "resolved", NULL);
	step_ask(s, "csat");
	s->out->counted = COUNTED_RESOLVED;
}

/* Only the owner, and who oversees may hand on what is another's: closed says
 * that it is over, all else that it is not theirs. */
static bool may(struct step *s)
{
	if (is_owner(s) ||
	    (s->in->oversees && s->in->type == INPUT_AGENT_TRANSFERRED &&
	     s->now->state == CONV_ASSIGNED))
		return true;
	step_refuse(s, s->now->state == CONV_CLOSED ? REFUSE_NOT_NOW
						    : REFUSE_NOT_YOURS);
	return false;
}

/* Everybody may, also where it is closed; a note alone makes no conversation.
 */
static void notes(struct step *s)
{
	if (s->now->seq == 0)
		step_refuse(s, REFUSE_NOT_NOW);
	else
		emit_own_words(s);
}

void agent_does(struct step *s)
{
	enum conv_input_type type = s->in->type;

	if (type == INPUT_AGENT_CLAIMED) {
		claims(s);
		return;
	}
	if (type == INPUT_AGENT_NOTE) {
		notes(s);
		return;
	}
	if (!may(s))
		return;
	if (type == INPUT_AGENT_SAID)
		writes(s);
	else if (type == INPUT_AGENT_RELEASED)
		releases(s);
	else if (type == INPUT_AGENT_TRANSFERRED)
		transfers(s);
	else if (type == INPUT_AGENT_RESOLVED)
		resolves(s);
}

/* A report may come late: what another agent has, or the same one has claimed
 * anew since, is not taken from them. */
static bool has_lost(const struct step *s)
{
	const struct conv_input *in = s->in;

	return s->now->state == CONV_ASSIGNED &&
	       (in->agent.n == 0 || is_owner(s)) &&
	       (in->lost_at_seq == 0 ||
		s->now->assigned_seq <= in->lost_at_seq);
}

/* The queue took it back from an agent who is gone. */
void lease_lost(struct step *s)
{
	struct str left;

	if (!has_lost(s))
		return;
	left = text_of(s, "agent_left");
	step_requeue(s, "agent_gone", NULL, NULL);
	step_emit(s, &(struct event){.type = EVENT_MESSAGE,
				     .sender = STR("t"),
				     .id = step_id(s, "left"),
				     .text = left});
	s->out->counted = COUNTED_AGENTS_GONE;
}
