/* The bot's answer for an agent; see chat/suggest.h. Asks the rules as the bot
 * does (conv_bot.c) and emits nothing: the conversation is the agent's. Only
 * answers that stand for themselves: an agent does not need to be told to ask
 * for the order number, and must not pass on what was not looked up. */
#include "chat/suggest.h"

#include <string.h>

#include "step.h"

static bool stands_alone(const struct step *s, const struct intent *intent)
{
	return intent_info(intent)->lookup == NULL &&
	       !intent_hands_over(intent) && !bot_lacks(s, intent);
}

static bool add_answer(struct step *s, const struct intent *intent,
		       struct buf *text)
{
	struct answer_request request = text_request(s);
	size_t before = text->len;

	if (!stands_alone(s, intent))
		return false;
	if (before > 0)
		buf_add_s(text, "\n\n");
	return answer_render(s->catalog, intent, &request, text) &&
	       text->len > before;
}

static size_t understood(struct step *s,
			 const struct intent *winners[MATCH_MAX_WINNERS])
{
	const struct intent *chosen = bot_chosen(s);
	struct match m;

	if (chosen != NULL) {
		winners[0] = chosen;
		return 1;
	}
	if (s->in->value.n > 0 || s->in->text.n == 0)
		return 0;
	bot_understand(s, &m);
	bot_learn(s, &m);
	if (m.meta != META_NONE || m.outcome != OUTCOME_ANSWER)
		return 0;
	for (size_t i = 0; i < m.winner_count; i++)
		winners[i] = m.winners[i].intent;
	return m.winner_count;
}

static bool answer(struct step *s, struct buf *text, struct buf *intent)
{
	const struct intent *winners[MATCH_MAX_WINNERS];
	size_t n = understood(s, winners);
	struct buf all = BUF_INIT;
	bool whole = n > 0;

	for (size_t i = 0; i < n && whole; i++)
		whole = add_answer(s, winners[i], &all);
	if (whole) {
		buf_add_str(text, buf_str(&all));
		buf_add_s(intent, intent_info(winners[0])->name);
	}
	buf_fini(&all);
	return whole;
}

/* No source is asked for a suggestion, and nothing is handed over. */
static const struct conv_policy no_policy;

bool suggest_answer(const struct conv *conv, const struct catalog *catalog,
		    struct matcher *matcher, const struct event *said,
		    struct buf *text, struct buf *intent)
{
	struct arena arena;
	struct conv state = *conv;
	struct conv_actions out = {.arena = &arena, .after = &state};
	struct conv_input in = {
		.type = INPUT_SHOPPER_SAID,
		.at_ms = said->at_ms,
		.id = said->id,
		.text = said->text,
		.value = said->value,
	};
	struct conv_slot slots[CONV_SLOTS];
	struct step s = {
		.now = &state,
		.policy = &no_policy,
		.catalog = catalog,
		.matcher = matcher,
		.in = &in,
		.out = &out,
		.about = said->id,
		.slots = slots,
		.slot_count = conv->slot_count,
	};
	bool found;

	if (catalog == NULL)
		return false;
	arena_init(&arena);
	memcpy(slots, conv->slots, conv->slot_count * sizeof(*slots));
	found = answer(&s, text, intent);
	conv_actions_fini(&out);
	arena_fini(&arena);
	return found;
}
