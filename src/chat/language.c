/* Which language the shopper writes, told from the rules that their message
 * won: one with `speaks` names it, any other that is no small talk is of the
 * rules' own. Every text of the bot's and the system's follows it until another
 * message shows otherwise, in line and with an agent, too. Knows no language
 * itself. */
#include <assert.h>
#include <string.h>

#include "slots.h"
#include "step.h"

/* What the first that names a language names; NULL: none does. */
static const char *spoken(const struct match_winner *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *tag = intent_info(list[i].intent)->speaks;

		if (tag != NULL)
			return tag;
	}
	return NULL;
}

static bool any_inquiry(const struct match_winner *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (intent_info(list[i].intent)->kind != INTENT_CHAT)
			return true;
	return false;
}

/* NULL: it does not say. "Ok" and "hi" are said in many languages; and what no
 * rule knows says something only if its words do. */
static const char *language_of(const struct step *s, const struct match *m)
{
	const char *tag = spoken(m->winners, m->winner_count);

	if (tag != NULL || m->meta != META_NONE)
		return tag;
	if (s->now->language[0] == '\0')
		return NULL; /* nothing to come back from */
	if (any_inquiry(m->winners, m->winner_count))
		return catalog_tag(s->catalog);
	if (m->outcome == OUTCOME_MISS &&
	    spoken(m->near, m->near_count) == NULL &&
	    match_reads_own(s->catalog, s->matcher))
		return catalog_tag(s->catalog);
	return NULL;
}

/* Marked on the shopper's own message, so that it is known also where nothing
 * is said to it. */
bool language_heard(struct step *s, const struct match *m)
{
	struct event *own = &s->out->events[0];
	const char *tag = language_of(s, m);

	if (tag == NULL || strcmp(tag, s->now->language) == 0)
		return false;
	assert(s->out->event_count == 1);
	own->language = arena_str(s->out->arena, str_of(tag));
	text_set(s->now->language, sizeof(s->now->language), own->language);
	return true;
}
