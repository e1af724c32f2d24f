/* The state machine's front: one input in, events and what goes with them
 * out. Sorts inputs to the owner of the conversation (conv_bot.c,
 * conv_agent.c, conv_timer.c, conv_feedback.c); the state itself is changed by
 * the fold only (conv_fold.c). */
#include "chat/conv.h"

#include <string.h>

#include "base/mem.h"
#include "slots.h"
#include "step.h"

/* The shopper's words, as they are logged: a pressed button has the text that
 * stood on it. */
static void emit_said(struct step *s)
{
	const struct intent *chosen = bot_chosen(s);
	char text[256];
	struct event e;

	step_own(s->in, s->out->arena, &e);
	if (button_text(str_of(s->now->buttons), s->in->value, text,
			sizeof(text)))
		e.text = arena_str(s->out->arena, str_of(text));
	else if (str_is(e.value, "human"))
		e.text = text_of(s, "human_request");
	else if (chosen != NULL && intent_info(chosen)->about != NULL)
		e.text = arena_str(s->out->arena,
				   str_of(intent_info(chosen)->about));
	else if (e.text.n == 0)
		e.text = e.value;
	step_emit_own(s, &e);
}

static bool is_emitted(const struct step *s, struct str id)
{
	for (size_t i = 0; i < s->out->event_count; i++)
		if (str_eq(s->out->events[i].id, id) &&
		    str_is(s->out->events[i].sender, "b"))
			return true;
	return false;
}

/* What the shopper saw before the log turned out to have moved, and what is
 * not said again now, is logged too: the agent shall see what they saw. */
void shown_is_logged(struct step *s)
{
	for (size_t i = 0; i < s->in->shown_count; i++) {
		struct event e = s->in->shown[i];

		if (is_emitted(s, e.id) ||
		    s->out->event_count == CONV_MAX_EVENTS)
			continue;
		e.late = true;
		step_emit(s, &e);
	}
}

/* Somebody is to answer there: what the bot had goes into line, and in line no
 * contact is asked for any more. */
static void contact_is_left(struct step *s)
{
	if (s->now->state == CONV_ASSIGNED)
		return; /* the agent reads it */
	s->out->counted = COUNTED_CONTACTS_LEFT;
	if (s->now->state == CONV_BOT)
		hand_over(s, &(struct hand_over){.reason = "contact",
						 .silent = true});
	step_system(s, "contact", "contact_taken", "contact");
}

/* Who takes a chat out of the line sees before what was said last. */
static void line_shows(struct step *s, const char *preview)
{
	if (s->now->state == CONV_QUEUED &&
	    strcmp(s->now->preview, preview) != 0)
		step_queue(s, CONV_QUEUE_ENQUEUE, s->now->queue);
}

static void shopper_says(struct step *s)
{
	char preview[sizeof(s->now->preview)];

	if (s->now->state == CONV_CLOSED && !s->in->was_logged) {
		step_refuse(s, REFUSE_CLOSED);
		return;
	}
	memcpy(preview, s->now->preview, sizeof(preview));
	emit_said(s);
	line_shows(s, preview);
	if (s->in->contact)
		contact_is_left(s);
	else if (s->now->state == CONV_BOT)
		bot_hears(s);
	else if (s->now->state == CONV_QUEUED)
		bot_in_line(s);
	shown_is_logged(s);
}

/* Who was with a person is asked how it was, as when that person ends it. */
void shopper_leaves(struct step *s)
{
	bool was_served = s->now->state == CONV_ASSIGNED;
	struct event e;

	if (s->now->state == CONV_CLOSED) {
		if (!s->in->was_logged)
			step_refuse(s, REFUSE_NOT_NOW);
		return;
	}
	step_own(s->in, s->out->arena, &e);
	step_emit_own(s, &e);
	step_close(s, "left", NULL);
	step_system(s, "bye", "left", NULL);
	if (was_served)
		step_ask(s, "csat");
}

/* Not without the question: where the log has lost it, it comes back with an
 * answer of the same id. */
static void log_shown(struct step *s)
{
	struct event asked = {.sender = STR("s"),
			      .id = s->in->shown[0].reply_to};
	bool same;

	if (s->in->is_asked ||
	    conv_known(s->now, event_key(&asked, s->out->arena), 0, &same) != 0)
		shown_is_logged(s);
}

static void dispatch(struct step *s)
{
	switch (s->in->type) {
	case INPUT_SHOPPER_SAID:
		shopper_says(s);
		break;
	case INPUT_SHOPPER_FEEDBACK:
		shopper_gives_feedback(s);
		break;
	case INPUT_SHOPPER_LEFT:
		shopper_leaves(s);
		break;
	case INPUT_AGENT_SAID:
	case INPUT_AGENT_NOTE:
	case INPUT_AGENT_CLAIMED:
	case INPUT_AGENT_RELEASED:
	case INPUT_AGENT_TRANSFERRED:
	case INPUT_AGENT_RESOLVED:
		agent_does(s);
		break;
	case INPUT_LEASE_LOST:
		lease_lost(s);
		break;
	case INPUT_TIMER:
		timer_fires(s);
		break;
	case INPUT_LOOKED_UP:
		looked_up(s);
		break;
	case INPUT_SHOWN:
		log_shown(s);
		break;
	}
}

/* The bot's words may be shown before they are logged; nothing else may. */
static void mark_shown(struct conv_actions *out)
{
	for (size_t i = 0; i < out->event_count; i++) {
		const struct event *e = &out->events[i];

		out->show[i] = e->type == EVENT_MESSAGE && !e->late &&
			       str_is(e->sender, "b");
	}
}

struct str conv_own_key(const struct conv_input *input, struct arena *arena,
			uint64_t *content)
{
	struct event own;

	*content = 0;
	if (!step_own(input, arena, &own))
		return STR("");
	*content = event_content(&own);
	return event_key(&own, arena);
}

static void own_values(struct conv_input *in, struct arena *arena)
{
	struct field *values;

	if (in->value_count == 0)
		return;
	values = arena_take(arena, in->value_count * sizeof(*values));
	for (size_t i = 0; i < in->value_count; i++)
		values[i] =
			(struct field){arena_str(arena, in->values[i].name),
				       arena_str(arena, in->values[i].value)};
	in->values = values;
}

void conv_input_own(struct conv_input *in, struct arena *arena)
{
	struct str *const spans[] = {
		&in->id,       &in->text,     &in->value,
		&in->ask,      &in->comment,  &in->agent,
		&in->queue,    &in->to_agent, &in->to_agent_display,
		&in->to_queue, &in->note,     &in->agent_display,
		&in->outcome,  &in->visitor,  &in->visitor_name,
		&in->page,     &in->locale,   &in->lookup_id,
	};

	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		if (spans[i]->p != NULL)
			*spans[i] = arena_str(arena, *spans[i]);
	own_values(in, arena);
}

void conv_actions_clear(struct conv_actions *actions)
{
	struct arena *arena = actions->arena;
	struct conv *after = actions->after;

	memset(actions, 0, offsetof(struct conv_actions, question));
	actions->arena = arena;
	actions->after = after;
	actions->question.source = NULL;
	actions->question.slot_count = 0;
}

void conv_actions_fini(struct conv_actions *actions)
{
	buf_fini(&actions->words);
	buf_fini(&actions->buttons);
}

void conv_step(const struct conv *conv, const struct catalog *catalog,
	       struct matcher *matcher, const struct conv_policy *policy,
	       const struct conv_input *input, struct conv_actions *actions)
{
	struct conv_slot slots[CONV_SLOTS];
	struct step s = {
		.now = actions->after,
		.catalog = catalog,
		.matcher = matcher,
		.policy = policy,
		.in = input,
		.out = actions,
		.slots = slots,
		.slot_count = conv->slot_count,
		.about = input->id,
		.letter = 'a',
	};

	conv_actions_clear(actions);
	*actions->after = *conv;
	memcpy(slots, conv->slots, conv->slot_count * sizeof(*slots));
	dispatch(&s);
	mark_shown(actions);
	actions->due_ms = conv_due_ms(s.now, policy);
	if (actions->due_ms != 0 && s.later_ms > actions->due_ms)
		actions->due_ms = s.later_ms;
}
