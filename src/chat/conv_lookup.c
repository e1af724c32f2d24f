/* Messages whose answer waits for a data source: an order's state, say. The
 * shopper's message is logged with a mark, the source is asked by the shell,
 * and what it tells comes back as an input of its own:
 *   found       the answer, by its conditions
 *   not found   the number is asked for once more; then a person
 *   failed      said honestly, then a person
 * A source that never answers (its daemon may be gone) is found by the
 * conversation's timer, which any daemon runs. Asks nobody itself. */
#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "slots.h"
#include "step.h"

/* -- asking ------------------------------------------------------------ */

const struct conv_source *lookup_source(const struct step *s,
					const struct intent *intent)
{
	const char *name = intent_info(intent)->lookup;
	const struct conv_policy *p = s->policy;

	for (size_t i = 0; name != NULL && i < p->source_count; i++)
		if (strcmp(p->sources[i].name, name) == 0)
			return &p->sources[i];
	return NULL;
}

static bool fill_question(struct step *s, const struct conv_source *source)
{
	struct conv_question q = {.source = source->name, .id = s->about};

	for (size_t i = 0; i < source->slot_count; i++) {
		const char *name = source->slots[i];
		const char *value = slots_get(s->slots, s->slot_count, name);

		if (value == NULL || value[0] == '\0')
			return false;
		slots_set(q.slots, &q.slot_count, str_of(name), str_of(value));
	}
	s->out->question = q;
	return true;
}

/* The mark goes onto the shopper's own message: that is in the log whatever
 * becomes of the daemon. It brings the slots, for nothing is said yet. */
static void mark(struct step *s, const struct intent *intent)
{
	struct event *own = &s->out->events[0];
	struct arena *arena = s->out->arena;

	own->lookup = arena_str(arena, str_of(intent_info(intent)->name));
	own->slots = slots_to_json(s->slots, s->slot_count, arena);
	conv_note_lookup(s->now, own);
	s->out->counted = COUNTED_LOOKED_UP;
}

/* Before anything is said: the log has the mark first, too. One source a
 * message; a second intent that wants one answers without. */
size_t lookup_begin(struct step *s, const struct intent *const *intents,
		    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct conv_source *source = lookup_source(s, intents[i]);

		if (source == NULL || bot_lacks(s, intents[i]) ||
		    intent_info(intents[i])->kind == INTENT_COMPLAINT ||
		    !fill_question(s, source))
			continue;
		assert(s->out->event_count == 1);
		mark(s, intents[i]);
		return i;
	}
	return n;
}

/* -- what came of it --------------------------------------------------- */

static uint64_t digest_of(const struct conv_input *in)
{
	uint64_t h = HASH_SEED;

	for (size_t i = 0; i < in->value_count; i++) {
		h = hash_bytes(h, in->values[i].name.p, in->values[i].name.n);
		h = hash_bytes(h, in->values[i].value.p, in->values[i].value.n);
	}
	return h == 0 ? 1 : h;
}

static void failed(struct step *s, const char *intent)
{
	s->looked_up = LOOKED_UP_FAILED;
	bot_say(s, &(struct say){.outcome = "failed",
				 .text = text_of(s, "lookup_failed")});
	s->out->counted = COUNTED_LOOKUPS_FAILED;
	if (s->now->state == CONV_BOT)
		hand_over(s, &(struct hand_over){.reason = "lookup_failed",
						 .intent = intent});
}

/* Forgets the number, unless the shopper has told another one meanwhile. */
static void drop_slots(struct step *s, const struct conv_source *source)
{
	const struct conv_input *in = s->in;

	for (size_t i = 0; i < source->slot_count; i++) {
		const char *name = source->slots[i];
		const char *known = slots_get(s->slots, s->slot_count, name);
		struct str asked = field_get(in->values, in->value_count, name);

		if (known != NULL && str_is(asked, known))
			slots_drop(s->slots, &s->slot_count, name);
	}
}

static void not_found(struct step *s, const struct intent *intent)
{
	const struct conv_source *source = lookup_source(s, intent);
	const char *name = intent_info(intent)->name;
	bool again = s->now->unknown > 0;

	if (source == NULL || source->slot_count == 0) {
		failed(s, name); /* nothing that could be asked for again */
		return;
	}
	s->looked_up = LOOKED_UP_NOT_FOUND;
	s->number =
		field_get(s->in->values, s->in->value_count, source->slots[0]);
	drop_slots(s, source);
	bot_say(s, &(struct say){
			   .outcome = again ? "unknown" : "ask",
			   .text = text_of(s, again ? "lookup_still_unknown"
						    : "lookup_unknown"),
			   .intent = str_of(name),
			   .slot = again ? NULL : source->slots[0],
		   });
	s->out->counted = again ? COUNTED_NUMBERS_UNKNOWN : COUNTED_ASKED;
	if (again && s->now->state == CONV_BOT)
		hand_over(s, &(struct hand_over){.reason = "unknown_number",
						 .intent = name});
}

/* The same once more, word for word or not: see bot_repeat(). */
static bool is_known(const struct step *s, const struct intent_info *info)
{
	return s->now->state == CONV_BOT && s->now->last_answer != 0 &&
	       info->then != THEN_ESCALATE &&
	       s->now->last_answer == conv_answer_hash(str_of(info->name),
						       s->slots, s->slot_count,
						       s->digest);
}

static void found(struct step *s, const struct intent *intent)
{
	const struct intent_info *info = intent_info(intent);

	s->looked_up = LOOKED_UP_FOUND;
	s->digest = digest_of(s->in);
	if (is_known(s, info)) {
		bot_repeat(s, intent);
		return;
	}
	if (bot_answer_one(s, intent))
		bot_follow(s, &intent, 1);
	else
		failed(s, info->name); /* no answer for what was found */
}

static void settle(struct step *s, const struct conv_lookup *waits,
		   enum conv_looked_up how)
{
	const struct intent *intent =
		s->catalog == NULL
			? NULL
			: catalog_find(s->catalog, str_of(waits->intent));
	char name[CONV_NAME_MAX + 1];

	memcpy(name, waits->intent, sizeof(name));
	s->about = arena_str(s->out->arena, str_of(waits->id));
	s->letter = waits->letter;
	s->has_looked_up = true;
	switch (intent == NULL ? LOOKED_UP_FAILED : how) {
	case LOOKED_UP_FOUND:
		found(s, intent);
		break;
	case LOOKED_UP_NOT_FOUND:
		not_found(s, intent);
		break;
	case LOOKED_UP_FAILED:
		failed(s, name);
		break;
	}
}

/* Nothing is said where nobody waits for it: an agent has the chat, it is
 * over, the shopper did not mind any more, or it was answered already. */
void looked_up(struct step *s)
{
	for (size_t i = 0; i < CONV_LOOKUPS; i++) {
		const struct conv_lookup *waits = &s->now->lookups[i];

		if (waits->id[0] == '\0' ||
		    !str_is(s->in->lookup_id, waits->id))
			continue;
		settle(s, waits, s->in->looked_up);
		break;
	}
	shown_is_logged(s);
}

/* -- no answer at all -------------------------------------------------- */

static const struct conv_lookup *oldest(const struct conv *conv)
{
	for (size_t i = CONV_LOOKUPS; i > 0; i--)
		if (conv->lookups[i - 1].id[0] != '\0')
			return &conv->lookups[i - 1];
	return NULL;
}

int64_t lookup_due_ms(const struct conv *conv)
{
	const struct conv_lookup *waits = oldest(conv);

	return waits == NULL ? 0 : waits->at_ms + CONV_LOOKUP_MAX_MS;
}

void lookup_overdue(struct step *s)
{
	settle(s, oldest(s->now), LOOKED_UP_FAILED);
}
