/* Phrases that cannot do what they are there for: intents that never reach
 * their threshold, phrases written twice, words that no message ever has in
 * its normal form, phrases that by themselves are answered by another intent,
 * and phrases that match another intent's examples almost as well. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "catalog.h"
#include "lint.h"

#define SAYINGS    4   /* sentences made of each phrase */
#define NEAR_LEAST 250 /* thousandths of lead that are comfortable */

struct linter {
	const struct catalog *catalog;
	struct matcher *matcher;
	struct match match;
	struct diags *diags;
};

/* ---- unreachable ------------------------------------------------------ */

static int threshold_of(const struct catalog *c, const struct intent *in)
{
	return in->threshold != NO_NUMBER ? in->threshold
					  : c->rules.numbers.threshold;
}

/* The lowest that does anything. */
static int least_of(const struct catalog *c, const struct intent *in)
{
	int own = threshold_of(c, in);

	return in->threshold_miss != NO_NUMBER && in->threshold_miss < own
		       ? in->threshold_miss
		       : own;
}

static void lint_reach(struct linter *l)
{
	const struct catalog *c = l->catalog;
	int64_t *most = xcalloc(c->rules.intent_count + 1, sizeof(*most));

	for (const struct entry *e = c->rules.entries; e != NULL; e = e->next) {
		if (e->intent != NULL && e->weight > 0)
			most[e->intent->id] += e->weight;
	}
	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next) {
		if (most[in->id] < least_of(c, in))
			diag_warning(l->diags, in->name.at,
				     "all phrases of \"%s\" together weigh "
				     "%.3f, which never reaches its threshold "
				     "of %.3f; give them more weight",
				     in->info.name, (double)most[in->id] / 1000,
				     least_of(c, in) / 1000.0);
		if (in->threshold_miss != NO_NUMBER &&
		    in->threshold_miss >= threshold_of(c, in))
			diag_warning(l->diags, in->name.at,
				     "the threshold_miss of \"%s\" is not "
				     "below its threshold of %.3f and does "
				     "nothing; lower it, or take it out",
				     in->info.name,
				     threshold_of(c, in) / 1000.0);
	}
	free(most);
}

/* ---- doubles ---------------------------------------------------------- */

static void lint_doubles(struct linter *l)
{
	struct map *seen = map_new();
	struct buf key = BUF_INIT;

	for (struct entry *e = l->catalog->rules.entries; e != NULL;
	     e = e->next) {
		const struct entry *first;

		buf_clear(&key);
		buf_addf(&key, "%d %d ",
			 e->intent != NULL ? (int)e->intent->id : -1,
			 e->weight > 0);
		buf_add_str(&key, e->regex ? e->text.s : e->phrase->regex);
		first = map_get(seen, buf_str(&key));
		if (first == NULL)
			map_set(seen, buf_str(&key), e);
		else
			diag_warning(l->diags, e->text.at,
				     "phrase \"%.*s\" stands already at %s:%u; "
				     "it counts twice",
				     STR_ARG(e->text.s), first->text.at.file,
				     first->text.at.line);
	}
	buf_fini(&key);
	map_free(&seen);
}

/* Enough by itself to win whenever it matches. */
static bool is_enough(const struct linter *l, const struct entry *e)
{
	return e->intent != NULL && e->intent->after_count == 0 &&
	       e->weight >= threshold_of(l->catalog, e->intent);
}

/* The same phrase for two intents: neither wins by it. */
static void lint_rivals(struct linter *l)
{
	struct map *seen = map_new();

	for (struct entry *e = l->catalog->rules.entries; e != NULL;
	     e = e->next) {
		struct str key = e->regex ? e->text.s : e->phrase->regex;
		const struct entry *first;

		if (!is_enough(l, e))
			continue;
		first = map_get(seen, key);
		if (first == NULL)
			map_set(seen, key, e);
		else if (first->intent != e->intent)
			diag_warning(l->diags, e->text.at,
				     "shadowed: phrase \"%.*s\" of %s stands "
				     "at %s:%u for %s, too, so that neither "
				     "wins by it; leave it to one of them, or "
				     "make it longer",
				     STR_ARG(e->text.s), e->intent->info.name,
				     first->text.at.file, first->text.at.line,
				     first->intent->info.name);
	}
	map_free(&seen);
}

/* ---- words that never occur ------------------------------------------- */

static void lint_words(struct linter *l, const struct text *text,
		       struct alt *alt)
{
	struct arena arena;
	struct lexicon words;

	arena_init(&arena);
	lexicon_init(&words, &arena);
	phrase_words(alt, &words);
	for (size_t i = 0; i < words.count; i++) {
		struct str word = words.list[i]->text;
		const struct word *known =
			lexicon_find(&l->catalog->lexicon, word);

		if (known != NULL && known->becomes != NULL)
			diag_warning(l->diags, text->at,
				     "\"%.*s\" never stands in a message when "
				     "phrases see it: a language file rewrites "
				     "it to \"%.*s%s\"; write that",
				     STR_ARG(word), STR_ARG(known->becomes[0]),
				     known->become_count > 1 ? " …" : "");
	}
	lexicon_fini(&words);
	arena_fini(&arena);
}

/* ---- shadowed --------------------------------------------------------- */

static bool has_won(const struct match *m, const struct intent *in)
{
	for (size_t i = 0; i < m->winner_count; i++) {
		if (m->winners[i].intent == in)
			return true;
	}
	return false;
}

/* The intent that answers every sentence that the phrase can be, instead of
 * its own; NULL: its own is among them, or nobody. */
static const struct intent *usurper(struct linter *l, const struct entry *e)
{
	const struct intent *other = NULL;
	struct match_context context = {.explain = false};
	struct buf said = BUF_INIT;

	if (e->intent->after_count > 0)
		context.last_intent = e->intent->after_intents[0]->info.name;
	for (unsigned which = 0; which < SAYINGS; which++) {
		const struct match *m = &l->match;

		buf_clear(&said);
		if (!phrase_say(e->phrase, which, &said) || said.len == 0) {
			other = NULL;
			break;
		}
		match_message(l->catalog, l->matcher, buf_str(&said), &context,
			      &l->match);
		if (m->outcome == OUTCOME_MISS || has_won(m, e->intent)) {
			other = NULL;
			break;
		}
		other = m->winners[0].intent;
	}
	buf_fini(&said);
	return other;
}

static void lint_shadow(struct linter *l, const struct entry *e)
{
	const struct intent *other;

	if (e->regex || e->intent == NULL ||
	    e->weight < threshold_of(l->catalog, e->intent))
		return;
	other = usurper(l, e);
	if (other != NULL)
		diag_warning(l->diags, e->text.at,
			     "shadowed: what phrase \"%.*s\" of %s says is "
			     "answered by %s; make it longer, or add evidence "
			     "against %s",
			     STR_ARG(e->text.s), e->intent->info.name,
			     other->info.name, other->info.name);
}

/* ---- near another's examples ------------------------------------------ */

/* The heaviest evidence of the runner-up in the match at hand. */
static const struct match_evidence *heaviest(const struct match *m)
{
	const struct match_evidence *best = NULL;

	for (size_t i = 0; i < m->evidence_count; i++) {
		const struct match_evidence *e = &m->evidence[i];

		if (e->intent == m->runner_up &&
		    (best == NULL || e->weight > best->weight))
			best = e;
	}
	return best;
}

static void lint_example(struct linter *l, const struct intent *in,
			 const struct text *example)
{
	struct match_context context = {.explain = true};
	const struct match *m = &l->match;
	const struct match_evidence *e;

	if (in->after_count > 0)
		context.last_intent = in->after_intents[0]->info.name;
	match_message(l->catalog, l->matcher, example->s, &context, &l->match);
	if (m->winner_count != 1 || m->winners[0].intent != in ||
	    m->runner_up == NULL ||
	    m->runner_up_score < threshold_of(l->catalog, m->runner_up) ||
	    m->winners[0].score - m->runner_up_score >= NEAR_LEAST)
		return;
	e = heaviest(m);
	if (e != NULL)
		diag_warning(l->diags, example->at,
			     "example \"%.*s\" of %s is also a case for %s "
			     "(%.3f against %.3f), by \"%s\" at %s:%u; add "
			     "evidence against it there",
			     STR_ARG(example->s), in->info.name,
			     m->runner_up->info.name,
			     m->winners[0].score / 1000.0,
			     m->runner_up_score / 1000.0, e->phrase, e->file,
			     e->line);
}

/* ---- all -------------------------------------------------------------- */

void lint_phrases(const struct catalog *c, struct diags *diags)
{
	struct linter *l = xcalloc(1, sizeof(*l));

	l->catalog = c;
	l->diags = diags;
	l->matcher = matcher_new();
	lint_reach(l);
	lint_doubles(l);
	lint_rivals(l);
	for (const struct group *g = c->rules.groups; g != NULL; g = g->next) {
		if (g->alt != NULL)
			lint_words(l, &g->name, g->alt);
	}
	for (const struct entry *e = c->rules.entries; e != NULL; e = e->next) {
		if (e->phrase != NULL)
			lint_words(l, &e->text, e->phrase);
		if (e->weight > 0)
			lint_shadow(l, e);
	}
	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next) {
		for (size_t i = 0; i < in->example_count; i++)
			lint_example(l, in, &in->examples[i]);
	}
	matcher_free(&l->matcher);
	free(l);
}
