/* The bot's turn: what it makes of a shopper's message while nobody else has
 * the conversation. In this order: a pressed button; yes, no, "never mind", "a
 * person please"; the answer to its own question; the rules. Ends with an
 * answer, a question, an offer, or a hand-over, never with silence (but in
 * line, where the shopper is told once a minute that the place is kept). */
#include <string.h>

#include "base/mem.h"
#include "slots.h"
#include "step.h"

#define PLACE_TOLD_EVERY_MS 60000

/* -- saying ------------------------------------------------------------ */

static struct str kept(struct step *s, struct str text)
{
	return text.p == NULL ? STR_NONE : arena_str(s->out->arena, text);
}

static bool slots_changed(const struct step *s)
{
	return s->slot_count != s->now->slot_count ||
	       memcmp(s->slots, s->now->slots,
		      s->slot_count * sizeof(*s->slots)) != 0;
}

void bot_say(struct step *s, const struct say *say)
{
	char suffix[2] = {s->letter++, '\0'};
	struct event e = {
		.type = EVENT_MESSAGE,
		.sender = STR("b"),
		.id = step_sub_id(s, suffix),
		.text = say->text,
		.reply_to = s->about,
		.outcome = str_of(say->outcome),
		.intent = kept(s, say->intent),
		.buttons = say->buttons,
		.kind = str_of(say->kind),
		.slot = kept(s, str_of(say->slot)),
		.yes = kept(s, say->yes),
		.no = kept(s, say->no),
		.considered = say->considered,
	};

	if (say->intent.p != NULL)
		e.rules = kept(s, str_of(catalog_version(s->catalog)));
	if (slots_changed(s))
		e.slots = slots_to_json(s->slots, s->slot_count, s->out->arena);
	if (s->has_looked_up) {
		e.looked_up = str_of(conv_looked_up_names[s->looked_up]);
		e.digest = s->digest;
		s->has_looked_up = false;
	}
	step_emit(s, &e);
}

void bot_offer_person(struct step *s, const char *text, const char *outcome)
{
	struct buttons b = buttons_begin(s);

	buttons_add_person(&b, s);
	bot_say(s, &(struct say){.outcome = outcome,
				 .text = text_of(s, text),
				 .buttons = buttons_done(&b, s),
				 .yes = STR("human"),
				 .no = STR("nothing")});
}

static void say_plain(struct step *s, const char *text, const char *outcome)
{
	bot_say(s, &(struct say){.outcome = outcome, .text = text_of(s, text)});
}

static void want_person(struct step *s)
{
	hand_over(s, &(struct hand_over){.reason = "wants_person"});
}

/* -- buttons, yes and no ----------------------------------------------- */

static const struct intent *intent_of(const struct step *s, struct str value)
{
	static const char prefix[] = "intent:";
	const size_t n = sizeof(prefix) - 1;

	if (s->catalog == NULL || !str_starts(value, prefix))
		return NULL;
	return catalog_find(s->catalog, (struct str){value.p + n, value.n - n});
}

const struct intent *bot_chosen(const struct step *s)
{
	return intent_of(s, s->in->value);
}

static bool asks_for_person(const struct step *s)
{
	return s->in->human || str_is(s->in->value, "human");
}

/* A bare "yes" or "no": what it stands for is what the bot said last. False:
 * for nothing. */
static bool take_offer(struct step *s, enum meta meta)
{
	struct str value = str_of(meta == META_YES ? s->now->yes : s->now->no);
	const struct intent *intent = intent_of(s, value);

	if (str_is(value, "human"))
		want_person(s);
	else if (str_is(value, "solved") || str_is(value, "unsolved"))
		shopper_rates(s, str_is(value, "solved"));
	else if (str_is(value, "nothing"))
		say_plain(s, "never_mind", "meta");
	else if (intent != NULL)
		bot_answer(s, &intent, 1);
	else
		return false;
	if (s->out->counted == COUNTED_NOTHING)
		s->out->counted = COUNTED_ANSWERED;
	return true;
}

/* True: the message was one of those that are understood anywhere. */
static bool understood_anywhere(struct step *s, enum meta meta)
{
	switch (meta) {
	case META_PERSON:
		want_person(s);
		return true;
	case META_NEVER_MIND:
		say_plain(s, "never_mind", "meta");
		s->out->counted = COUNTED_ANSWERED;
		return true;
	case META_YES:
	case META_NO:
		return take_offer(s, meta);
	case META_NONE:
		break;
	}
	return false;
}

/* -- the open question ------------------------------------------------- */

static const struct intent *open_intent(const struct step *s)
{
	if (s->now->open_intent[0] == '\0')
		return NULL;
	return catalog_find(s->catalog, str_of(s->now->open_intent));
}

static bool is_won(const struct match *m)
{
	return m->outcome == OUTCOME_ANSWER || m->outcome == OUTCOME_ESCALATE;
}

static bool wins(const struct match *m, const struct intent *intent)
{
	if (!is_won(m))
		return false;
	for (size_t i = 0; i < m->winner_count; i++)
		if (m->winners[i].intent == intent)
			return true;
	return false;
}

/* Nothing won it; it may go to a person for that. */
static bool is_missed(const struct match *m)
{
	return m->outcome == OUTCOME_MISS || m->by_miss;
}

static bool any_hands_over(const struct match *m)
{
	if (!is_won(m))
		return false;
	for (size_t i = 0; i < m->winner_count; i++)
		if (intent_hands_over(m->winners[i].intent))
			return true;
	return false;
}

static bool fills(struct step *s, struct str text)
{
	char value[128];

	if (!slot_fill(s->catalog, s->matcher, s->now->asked_slot, text, value))
		return false;
	slots_set(s->slots, &s->slot_count, str_of(s->now->asked_slot),
		  str_of(value));
	return true;
}

/* "What is your order number?" was asked. True: this message is dealt with.
 * (1) Who complains or wants a person is not held up by a question. (2) A
 * question that sleeps (something else was answered since) is filled only by
 * what means nothing else. (3) What fills it goes on to the answer. (4) What
 * another intent wins is that intent's, and what nothing wins a person's, if
 * the rules say so. (5) Asked once more; (6) handed over: somebody without the
 * number must not be asked for ever. */
static bool answer_open(struct step *s, const struct match *m)
{
	const struct intent *intent = open_intent(s);
	bool sleeps = s->now->asked_times == 0;

	if (intent == NULL ||
	    (any_hands_over(m) && !m->by_miss && !wins(m, intent)))
		return false; /* (1) */
	if (sleeps && !is_missed(m))
		return false; /* (2) */
	if (fills(s, s->in->text)) {
		bot_answer(s, &intent, 1); /* (3) */
		return true;
	}
	if (sleeps || m->by_miss ||
	    (m->outcome == OUTCOME_ANSWER && !wins(m, intent)))
		return false; /* (4) */
	if (s->now->asked_times >= 2) {
		hand_over(s, &(struct hand_over){
				     .reason = "needs_data",
				     .intent = intent_info(intent)->name});
		return true; /* (6) */
	}
	bot_say(s, &(struct say){.outcome = "ask",
				 .text = text_of(s, "ask_again"),
				 .intent = str_of(s->now->open_intent),
				 .slot = s->now->asked_slot});
	s->out->counted = COUNTED_ASKED;
	return true; /* (5) */
}

/* -- the rules --------------------------------------------------------- */

void bot_understand(struct step *s, struct match *m)
{
	struct match_context context = {
		.last_intent = s->now->last_intent[0] != '\0'
				       ? s->now->last_intent
				       : NULL,
	};

	match_message(s->catalog, s->matcher, s->in->text, &context, m);
}

/* Nothing near says that the number is one of an order; but it stands in what
 * asks for the state of one. */
static void learn_unnamed(struct step *s, const struct match *m,
			  const char *slot)
{
	char value[128];

	for (size_t i = 0; i < m->entity_count; i++)
		if (strcmp(m->entities[i].name, slot) == 0)
			return;
	if (slot_find(s->catalog, s->matcher, slot, s->in->text, m, value))
		slots_set(s->slots, &s->slot_count, str_of(slot),
			  str_of(value));
}

static bool needs(const struct intent *intent, const char *slot)
{
	for (size_t i = 0; i < intent_info(intent)->needs; i++)
		if (strcmp(intent_need(intent, i), slot) == 0)
			return true;
	return false;
}

static void learn_for(struct step *s, const struct match *m,
		      const struct intent *intent)
{
	const struct conv_source *source = lookup_source(s, intent);

	for (size_t i = 0; i < intent_info(intent)->needs; i++)
		learn_unnamed(s, m, intent_need(intent, i));
	for (size_t i = 0; source != NULL && i < source->slot_count; i++)
		if (!needs(intent, source->slots[i])) /* looked for already */
			learn_unnamed(s, m, source->slots[i]);
}

void bot_learn(struct step *s, const struct match *m)
{
	for (size_t i = 0; i < m->entity_count; i++)
		slots_set(s->slots, &s->slot_count, str_of(m->entities[i].name),
			  str_of(m->entities[i].value));
	if (!is_won(m))
		return;
	for (size_t i = 0; i < m->winner_count; i++)
		learn_for(s, m, m->winners[i].intent);
}

/* The best candidate that is a complaint. */
static const struct intent *complaint_among(const struct match *m)
{
	for (size_t i = 0; i < m->winner_count; i++) {
		const struct intent *intent = m->winners[i].intent;

		if (intent_info(intent)->kind == INTENT_COMPLAINT)
			return intent;
	}
	return NULL;
}

/* Who may be complaining is not asked which of its words for it was meant:
 * they get the apology and a person. */
static void clarify(struct step *s, const struct match *m)
{
	const struct intent *complaint = complaint_among(m);
	struct buttons b = buttons_begin(s);

	if (complaint != NULL) {
		bot_answer(s, &complaint, 1);
		return;
	}
	for (size_t i = 0; i < m->winner_count; i++)
		buttons_add_intent(&b, m->winners[i].intent);
	buttons_add_person(&b, s);
	bot_say(s, &(struct say){.outcome = "clarify",
				 .text = text_of(s, "clarify"),
				 .buttons = buttons_done(&b, s),
				 .considered = considered_in(s, m)});
	s->out->counted = COUNTED_CLARIFIED;
}

/* "Is it one of these? If not, I will get you a person." */
static void offer_near(struct step *s, const struct match *m)
{
	struct buttons b = buttons_begin(s);
	struct buf yes = BUF_INIT;

	for (size_t i = 0; i < m->near_count; i++)
		buttons_add_intent(&b, m->near[i].intent);
	buttons_add_person(&b, s);
	buf_add_s(&yes, "intent:");
	buf_add_s(&yes, intent_info(m->near[0].intent)->name);
	bot_say(s, &(struct say){.outcome = "miss",
				 .text = text_of(s, "miss"),
				 .buttons = buttons_done(&b, s),
				 .yes = m->near_count == 1 ? buf_str(&yes)
							   : STR_NONE,
				 .no = STR("human"),
				 .considered = considered_in(s, m)});
	buf_fini(&yes);
}

static void miss(struct step *s, const struct match *m)
{
	s->out->unanswered = true;
	if (s->now->misses + 1 >= s->policy->misses_to_hand_over) {
		hand_over(s, &(struct hand_over){.reason = "not_understood",
						 .considered =
							 considered_in(s, m)});
		return;
	}
	if (m->near_count > 0)
		offer_near(s, m);
	else
		bot_offer_person(s, "miss_alone", "miss");
	s->out->counted = COUNTED_MISSED;
}

static void by_rules(struct step *s, const struct match *m)
{
	const struct intent *winners[MATCH_MAX_WINNERS];

	switch (m->outcome) {
	case OUTCOME_ANSWER:
	case OUTCOME_ESCALATE:
		for (size_t i = 0; i < m->winner_count; i++)
			winners[i] = m->winners[i].intent;
		bot_answer(s, winners, m->winner_count);
		s->out->unanswered = m->by_miss;
		break;
	case OUTCOME_CLARIFY:
		clarify(s, m);
		break;
	case OUTCOME_MISS:
		miss(s, m);
		break;
	}
}

void bot_hears(struct step *s)
{
	const struct intent *chosen = bot_chosen(s);
	struct match m;

	if (asks_for_person(s)) {
		want_person(s);
		return;
	}
	if (s->catalog == NULL) {
		hand_over(s, &(struct hand_over){.reason = "no_rules"});
		return;
	}
	if (chosen != NULL) {
		bot_answer(s, &chosen, 1);
		return;
	}
	bot_understand(s, &m);
	language_heard(s, &m);
	bot_learn(s, &m);
	if (understood_anywhere(s, m.meta) || answer_open(s, &m))
		return;
	by_rules(s, &m);
}

/* -- in line ----------------------------------------------------------- */

static void tell_place(struct step *s)
{
	say_plain(s, "already_queued", "kept");
}

static void tell_place_at_times(struct step *s)
{
	if (s->in->at_ms - s->now->place_told_ms >= PLACE_TOLD_EVERY_MS)
		tell_place(s);
}

/* Something that the bot can answer at once: one of the rules, a button, the
 * number that it had asked for. */
static bool answers_in_line(struct step *s, const struct match *m)
{
	const struct intent *winners[MATCH_MAX_WINNERS];
	const struct intent *open = open_intent(s);
	size_t n = 0;

	if (open != NULL && is_missed(m) && fills(s, s->in->text)) {
		bot_answer(s, &open, 1);
		return true;
	}
	if (m->outcome != OUTCOME_ANSWER || any_hands_over(m))
		return false;
	for (size_t i = 0; i < m->winner_count; i++)
		winners[n++] = m->winners[i].intent;
	bot_answer(s, winners, n);
	return s->out->event_count > 1 || s->out->question.source != NULL;
}

void bot_in_line(struct step *s)
{
	const struct intent *chosen = bot_chosen(s);
	struct match m;
	bool changes;

	if (asks_for_person(s)) {
		tell_place(s);
		return;
	}
	if (s->catalog == NULL) {
		tell_place_at_times(s);
		return;
	}
	if (chosen != NULL && !intent_hands_over(chosen)) {
		bot_answer(s, &chosen, 1);
		return;
	}
	bot_understand(s, &m);
	changes = language_heard(s, &m);
	bot_learn(s, &m);
	if (m.meta == META_PERSON)
		tell_place(s);
	else if (answers_in_line(s, &m))
		return;
	else if (changes)
		tell_place(s);
	else
		tell_place_at_times(s);
}
