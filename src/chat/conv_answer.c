/* From winning intents to the bot's answers and what follows from them: ask
 * for a missing slot, say the answer, then hand over, close, or ask whether it
 * helped. */
#include <string.h>

#include "slots.h"
#include "step.h"

/* -- one intent -------------------------------------------------------- */

size_t bot_missing(const struct step *s, const struct intent *intent)
{
	size_t n = intent_info(intent)->needs, i = 0;

	while (i < n && slots_get(s->slots, s->slot_count,
				  intent_need(intent, i)) != NULL)
		i++;
	return i;
}

bool bot_lacks(const struct step *s, const struct intent *intent)
{
	return bot_missing(s, intent) < intent_info(intent)->needs;
}

static void ask(struct step *s, const struct intent *intent, size_t need)
{
	struct answer_request request = text_request(s);

	answer_need(s->catalog, intent, need, &request, text_begin(s));
	bot_say(s, &(struct say){
			   .outcome = "ask",
			   .text = text_end(s),
			   .intent = str_of(intent_info(intent)->name),
			   .slot = intent_need(intent, need),
		   });
	s->out->counted = COUNTED_ASKED;
}

static struct str own_buttons(struct step *s, const struct intent *intent)
{
	const struct answer_button *list;
	size_t n = intent_buttons(intent, &list);
	struct buttons b = buttons_begin(s);

	for (size_t i = 0; i < n; i++)
		buttons_add(&b, list[i].text, list[i].value, list[i].url);
	return buttons_done(&b, s);
}

static bool is_repeat(const struct step *s, const struct intent *intent)
{
	const struct intent_info *info = intent_info(intent);

	return info->kind != INTENT_CHAT && s->now->last_answer != 0 &&
	       s->now->last_answer == conv_answer_hash(str_of(info->name),
						       s->slots, s->slot_count,
						       0);
}

bool bot_answer_one(struct step *s, const struct intent *intent)
{
	const struct intent_info *info = intent_info(intent);
	struct answer_request request = text_request(s);

	if (!answer_render(s->catalog, intent, &request, text_begin(s)))
		return false;
	bot_say(s, &(struct say){
			   .outcome = "answer",
			   .text = text_end(s),
			   .buttons = own_buttons(s, intent),
			   .intent = str_of(info->name),
			   .kind = info->kind == INTENT_CHAT ? "chat" : NULL,
		   });
	s->out->counted = COUNTED_ANSWERED;
	return true;
}

/* -- what follows ------------------------------------------------------ */

/* By its own answer, in this step. */
static bool has_answered(const struct step *s, const struct intent_info *info)
{
	for (size_t i = 0; i < s->out->event_count; i++)
		if (str_is(s->out->events[i].outcome, "answer") &&
		    str_is(s->out->events[i].intent, info->name))
			return true;
	return false;
}

static void hand_over_for(struct step *s, const struct intent_info *info)
{
	bool complaint = info->kind == INTENT_COMPLAINT;
	bool told = info->then == THEN_ESCALATE;
	struct hand_over why = {
		.reason = info->name,
		.intent = info->name,
		.kind = complaint ? "complaint" : "inquiry",
		.answered = has_answered(s, info),
	};

	if (told) {
		why.queue = info->queue;
		why.priority = info->priority;
	}
	if (told && info->reason != NULL)
		why.reason = info->reason;
	else if (complaint)
		why.reason = "complaint";
	if (complaint && why.priority < 1)
		why.priority = 1;
	hand_over(s, &why);
}

/* The one of `n` that is most urgent to a person, if any leads to one: a
 * complaint before others of its priority, then the first. */
static const struct intent_info *to_person(const struct intent *const *intents,
					   size_t n)
{
	const struct intent_info *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct intent_info *info = intent_info(intents[i]);

		if (!intent_hands_over(intents[i]))
			continue;
		if (best == NULL || info->priority > best->priority ||
		    (info->priority == best->priority &&
		     info->kind == INTENT_COMPLAINT &&
		     best->kind != INTENT_COMPLAINT))
			best = info;
	}
	return best;
}

/* In line nothing follows: the place is kept, whatever was answered. */
void bot_follow(struct step *s, const struct intent *const *intents, size_t n)
{
	const struct intent_info *person = to_person(intents, n);
	bool resolve = false, solved = false;

	if (s->now->state != CONV_BOT)
		return;
	if (person != NULL) {
		hand_over_for(s, person);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct intent_info *info = intent_info(intents[i]);

		resolve |= info->then == THEN_RESOLVE;
		solved |= info->then == THEN_ASK_SOLVED;
	}
	if (s->out->question.source != NULL)
		return; /* there is more to come */
	if (resolve && n == 1)
		step_close(s, "resolved", NULL);
	else if (solved)
		step_ask_as(s, STR("b"), step_sub_id(s, "q"), "solved");
}

/* The same answer a second time: the bot says that it knows, and offers a
 * person; a third time somebody else must look at it. Counted as misses. */
void bot_repeat(struct step *s, const struct intent *intent)
{
	if (s->now->state != CONV_BOT)
		return; /* in line: it stands above */
	if (s->now->misses + 1 >= s->policy->misses_to_hand_over) {
		hand_over(s, &(struct hand_over){
				     .reason = "repeated",
				     .intent = intent_info(intent)->name});
		return;
	}
	bot_offer_person(s, "repeat", "repeat");
	s->out->counted = COUNTED_REPEATED;
}

/* Those with all they need are answered, one of them perhaps when its source
 * was asked; of the others the first one asks. Who is handed over is asked
 * nothing: a person does that. */
void bot_answer(struct step *s, const struct intent *const *intents, size_t n)
{
	const struct intent *asking = NULL, *done[MATCH_MAX_WINNERS];
	size_t done_count = 0, waits;

	if (n > MATCH_MAX_WINNERS)
		n = MATCH_MAX_WINNERS;
	waits = lookup_begin(s, intents, n);
	if (n == 1 && waits == n && is_repeat(s, intents[0]) &&
	    !intent_hands_over(intents[0])) {
		bot_repeat(s, intents[0]);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct intent_info *info = intent_info(intents[i]);

		if (i == waits)
			continue;
		if (info->kind != INTENT_COMPLAINT &&
		    bot_lacks(s, intents[i])) {
			asking = asking == NULL ? intents[i] : asking;
			continue;
		}
		if (!bot_answer_one(s, intents[i]) &&
		    !intent_hands_over(intents[i]))
			continue;
		done[done_count++] = intents[i];
	}
	if (asking != NULL && to_person(done, done_count) == NULL) {
		ask(s, asking, bot_missing(s, asking));
		return;
	}
	if (done_count == 0 && waits == n && s->now->state == CONV_BOT)
		hand_over(s, &(struct hand_over){.reason = "no_answer"});
	bot_follow(s, done, done_count);
}
