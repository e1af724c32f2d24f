/* The next step of every state that is not closed: when it is due and what is
 * done then. Nobody waits on nobody:
 *   bot       nobody writes for long          closed with a note
 *   queued    every so often                  told that the place is kept;
 *             after long, or at once where    offered to leave a contact,
 *             nobody is there any more        then reminded ever more rarely
 *   assigned  the agent does not answer       shopper and agent are told;
 *             still not                       back in line
 *             the shopper does not answer     closed with a note
 *   bot, queued  a source does not answer     said so, and handed over
 * Times are computed from the state alone, so that every daemon finds the same
 * ones; a step that comes early does nothing, but for the one at once. */
#include "step.h"

#define LEAST_MS     1000 /* a slip in the configuration must not spin */
#define MOST_DOUBLED 8
#define NOT_OPEN_MS  (60 * 60 * 1000) /* opening time unknown: look again */
#define DUE_MAX_MS   (INT64_MAX / 4)

static int64_t at_least(int64_t ms)
{
	return ms < LEAST_MS ? LEAST_MS : ms;
}

/* -- when -------------------------------------------------------------- */

static int64_t next_reminder_ms(const struct conv *c,
				const struct conv_policy *p)
{
	int64_t from = c->last_reminder_ms > c->state_at_ms
			       ? c->last_reminder_ms
			       : c->state_at_ms;
	int64_t wait = at_least(p->queue_reminder_ms);
	unsigned doubled = c->reminders + 1;

	if (!c->contact_offered)
		return from + wait;
	if (doubled > MOST_DOUBLED)
		doubled = MOST_DOUBLED;
	return from + wait * ((int64_t)1 << doubled);
}

static int64_t give_up_ms(const struct conv *c, const struct conv_policy *p)
{
	return c->state_at_ms + at_least(p->queue_give_up_ms);
}

static int64_t queued_due_ms(const struct conv *c, const struct conv_policy *p)
{
	int64_t remind = next_reminder_ms(c, p);

	if (c->contact_offered || remind < give_up_ms(c, p))
		return remind;
	return give_up_ms(c, p);
}

/* Who waits decides; after a reminder the same time once more. */
static int64_t assigned_due_ms(const struct conv *c,
			       const struct conv_policy *p)
{
	int64_t wait = at_least(p->agent_reply_ms);

	if (c->unanswered_ms == 0)
		return c->last_agent_ms + at_least(p->shopper_reply_ms);
	if (c->reminders > 0)
		return c->last_reminder_ms + wait;
	return c->unanswered_ms + wait;
}

int64_t conv_due_ms(const struct conv *conv, const struct conv_policy *policy)
{
	int64_t due_ms = 0;

	switch (conv->state) {
	case CONV_BOT:
		due_ms = conv->last_event_ms + at_least(policy->bot_idle_ms);
		break;
	case CONV_QUEUED:
		due_ms = queued_due_ms(conv, policy);
		break;
	case CONV_ASSIGNED:
		due_ms = assigned_due_ms(conv, policy);
		break;
	case CONV_CLOSED:
		return 0;
	}
	if (lookup_due_ms(conv) != 0 && lookup_due_ms(conv) < due_ms)
		due_ms = lookup_due_ms(conv);
	return due_ms < 1 ? 1 : due_ms > DUE_MAX_MS ? DUE_MAX_MS : due_ms;
}

/* -- what -------------------------------------------------------------- */

/* All who could take it have left: that is no matter of time. */
static bool is_deserted(const struct step *s)
{
	return s->now->state == CONV_QUEUED && !s->now->contact_offered &&
	       line_is_unattended(s, s->now->queue);
}

static void offer_contact(struct step *s, const char *text)
{
	step_system(s, "contact", text, "contact");
	s->out->counted = COUNTED_CONTACTS_OFFERED;
}

/* Outside of the hours nobody is expected to come: no reminders, the next
 * look is when the shop opens. */
static void in_line(struct step *s)
{
	const struct conv_input *in = s->in;

	if (!in->shop_open) {
		s->later_ms = in->opens_at_ms > in->at_ms
				      ? in->opens_at_ms
				      : in->at_ms + NOT_OPEN_MS;
		return;
	}
	if (is_deserted(s)) {
		offer_contact(s, "handoff_unattended");
		return;
	}
	if (!s->now->contact_offered &&
	    in->at_ms >= give_up_ms(s->now, s->policy)) {
		offer_contact(s, "contact_offer");
		return;
	}
	step_system(s, "remind", "waiting_reminder", "remind");
	s->out->counted = COUNTED_REMINDED;
}

/* The agent's reminder is a note: the shopper gets their own words. */
static void remind_agent(struct step *s)
{
	step_system(s, "remind", "agent_slow", "remind");
	step_emit(s, &(struct event){.type = EVENT_NOTE,
				     .sender = STR("t"),
				     .id = step_id(s, "nudge"),
				     .text = text_of(s, "agent_nudge")});
	s->out->counted = COUNTED_AGENTS_REMINDED;
}

static void take_back(struct step *s)
{
	struct str left = text_of(s, "agent_left");

	step_requeue(s, "agent_silent", NULL, NULL);
	step_emit(s, &(struct event){.type = EVENT_MESSAGE,
				     .sender = STR("t"),
				     .id = step_id(s, "left"),
				     .text = left});
	s->out->counted = COUNTED_AGENTS_SILENT;
}

static void close_idle(struct step *s)
{
	step_close(s, "idle", NULL);
	step_system(s, "idle", "idle_close", NULL);
	s->out->counted = COUNTED_CLOSED_IDLE;
}

static void with_agent(struct step *s)
{
	if (s->now->unanswered_ms == 0)
		close_idle(s);
	else if (s->now->reminders == 0)
		remind_agent(s);
	else
		take_back(s);
}

void timer_fires(struct step *s)
{
	int64_t due_ms = conv_due_ms(s->now, s->policy);

	if (s->now->seq == 0) /* nobody has said a word: nothing to close */
		s->later_ms = s->in->at_ms + at_least(s->policy->bot_idle_ms);
	if (s->now->seq == 0 || due_ms == 0 ||
	    (s->in->at_ms < due_ms && !is_deserted(s)))
		return;
	if (lookup_due_ms(s->now) != 0 &&
	    s->in->at_ms >= lookup_due_ms(s->now)) {
		lookup_overdue(s);
		return;
	}
	switch (s->now->state) {
	case CONV_BOT:
		close_idle(s);
		break;
	case CONV_QUEUED:
		in_line(s);
		break;
	case CONV_ASSIGNED:
		with_agent(s);
		break;
	case CONV_CLOSED:
		break;
	}
}
