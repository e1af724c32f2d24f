/* From the bot to the line: the words, and the change of state with all that
 * an agent sees before taking the chat. */
#include <string.h>

#include "step.h"

bool line_is_unattended(const struct step *s, const char *queue)
{
	const struct conv_policy *p = s->policy;
	size_t i = 0;

	while (i < p->queue_count && strcmp(p->queues[i], queue) != 0)
		i++;
	return s->in->shop_open && i < 64 && (s->in->unattended >> i & 1) != 0;
}

/* NULL: nothing that the shopper has not been told already. */
static const char *words(const struct step *s, const struct hand_over *why,
			 bool unattended)
{
	if (!s->in->shop_open)
		return "handoff_closed";
	if (unattended)
		return "handoff_unattended";
	if (why->answered)
		return NULL;
	if (str_is(str_of(why->kind), "complaint"))
		return "handoff_complaint";
	return "handoff";
}

static void say_words(struct step *s, const struct hand_over *why,
		      bool unattended)
{
	struct str text =
		text_for_reason(s, why->reason, words(s, why, unattended));

	if (text.n > 0)
		bot_say(s, &(struct say){.outcome = "handoff",
					 .text = text,
					 .considered = why->considered});
}

/* The intent named is the one that led here, else the last one answered. */
static struct str led_by(struct step *s, const struct hand_over *why)
{
	const char *name =
		why->intent != NULL ? why->intent : s->now->last_intent;

	return name[0] == '\0' ? STR_NONE
			       : arena_str(s->out->arena, str_of(name));
}

void hand_over(struct step *s, const struct hand_over *why)
{
	struct arena *arena = s->out->arena;
	const char *queue = step_queue_name(s, why->queue);
	bool unattended = !why->silent && line_is_unattended(s, queue);

	if (!why->silent)
		say_words(s, why, unattended);
	step_queue(s, CONV_QUEUE_ENQUEUE, queue);
	step_emit(s, &(struct event){
			     .type = EVENT_STATE,
			     .sender = STR("b"),
			     .id = step_sub_id(s, "s"),
			     .state = STR("queued"),
			     .reason = arena_str(arena, str_of(why->reason)),
			     .queue = arena_str(arena, str_of(queue)),
			     .intent = led_by(s, why),
			     .kind = why->kind == NULL ? STR("inquiry")
						       : str_of(why->kind),
			     .priority = why->priority,
			     .since_ms = s->in->at_ms,
			     .outcome = unattended ? STR("contact") : STR_NONE,
		     });
	s->out->counted = COUNTED_HANDED_OVER;
}
