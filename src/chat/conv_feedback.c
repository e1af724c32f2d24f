/* Feedback: by the widget's buttons, or typed as a bare "yes" or "no". Taken
 * once for each request, within its scale. */
#include <string.h>

#include "base/mem.h"
#include "step.h"

static const struct {
	const char *kind;
	int64_t least, most;
} scales[] = {
	{"solved", 0, 1},
	{"csat", 1, 5},
	{"ces", 1, 7},
	{"nps", 0, 10},
};

/* The kind of the open request, or NULL. */
static const char *asked_kind(const struct conv *c, struct str ask)
{
	for (size_t i = 0; i < CONV_ASKS; i++)
		if (ask.n > 0 && str_is(ask, c->asks[i].id))
			return c->asks[i].kind;
	return NULL;
}

static bool in_scale(const char *kind, int64_t score)
{
	for (size_t i = 0; i < ARRAY_LEN(scales); i++)
		if (strcmp(scales[i].kind, kind) == 0)
			return score >= scales[i].least &&
			       score <= scales[i].most;
	return false;
}

static void react(struct step *s, int64_t score)
{
	if (s->now->state != CONV_BOT)
		return;
	if (score == 0)
		bot_offer_person(s, "offer_person", "meta");
	else
		bot_say(s,
			&(struct say){.outcome = "meta",
				      .text = text_of(s, "feedback_thanks")});
}

void shopper_gives_feedback(struct step *s)
{
	const char *kind = asked_kind(s->now, s->in->ask);
	bool solved = kind != NULL && strcmp(kind, "solved") == 0;
	struct event e;

	if (kind == NULL) {
		step_refuse(s, REFUSE_BAD_ASK);
		return;
	}
	if (!in_scale(kind, s->in->score)) {
		step_refuse(s, REFUSE_BAD_SCORE);
		return;
	}
	step_own(s->in, s->out->arena, &e);
	e.ask_kind = arena_str(s->out->arena, str_of(kind));
	step_emit_own(s, &e);
	s->out->counted = COUNTED_RATED;
	if (solved)
		react(s, s->in->score);
	else if (s->policy->ask_effort && str_is(e.ask_kind, "csat"))
		/* One at a time: who answers the first is asked the second. */
		step_ask(s, "ces");
}

/* The newest request is the one that "yes" and "no" answer. Its id cannot
 * meet one of the shopper's own: those have no dot. */
void shopper_rates(struct step *s, int64_t score)
{
	struct event e = {
		.type = EVENT_FEEDBACK,
		.sender = STR("s"),
		.id = step_sub_id(s, "f"),
		.ask = arena_str(s->out->arena, str_of(s->now->asks[0].id)),
		.ask_kind = STR("solved"),
		.score = score,
		.has_score = true,
	};

	step_emit(s, &e);
	s->out->counted = COUNTED_RATED;
	react(s, score);
}
