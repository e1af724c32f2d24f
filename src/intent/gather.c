/* Gathering the evidence of a message, see gather.h: the index names the
 * phrases that can match a sentence, plans of masks or PCRE2 decide. */
#include "gather.h"

#include <assert.h>

#include "catalog.h"
#include "matcher.h"
#include "plan.h"

/* ---- counting --------------------------------------------------------- */

static void explain(struct gather *g, const struct entry *e)
{
	struct match *out = g->out;

	if (g->context == NULL || !g->context->explain ||
	    out->evidence_count == MATCH_MAX_EVIDENCE)
		return;
	out->evidence[out->evidence_count++] = (struct match_evidence){
		.intent = e->intent,
		.phrase = e->text.s.p,
		.file = e->text.at.file,
		.line = e->text.at.line,
		.weight = e->weight,
		.sentence = (int)g->sentence,
	};
}

static bool is_counted(const struct matcher *m, const struct entry *e)
{
	return m->entry_stamps[e->id] == m->entry_now;
}

static void count(struct gather *g, const struct entry *e)
{
	struct matcher *m = g->m;

	board_add(&m->sentence, e);
	if (!is_counted(m, e)) {
		m->entry_stamps[e->id] = m->entry_now;
		board_add(&m->whole, e);
	}
	explain(g, e);
}

/* ---- one piece -------------------------------------------------------- */

static bool follows(const struct gather *g, const struct intent *in)
{
	for (size_t i = 0; i < in->after_count; i++) {
		if (g->last.p != NULL && str_eq(in->after[i].s, g->last))
			return true;
	}
	return false;
}

static inline bool may_follow(const struct gather *g, const struct intent *in)
{
	return in == NULL || in->after_count == 0 || follows(g, in);
}

static bool phrase_holds(struct gather *g, const struct entry *e)
{
	struct matcher *m = g->m;

	if (e->plan != NULL && !g->catalog->options.no_index)
		return plan_matches(e->plan, &m->marks);
	return pattern_find(e->pattern, m->engine,
			    normal_sentence(&m->normal, g->sentence), 0,
			    NULL) == PATTERN_YES;
}

/* Regexes see the message as typed; the sentence is that of their start. */
static bool regex_holds(struct gather *g, const struct entry *e)
{
	const struct normal *n = &g->m->normal;
	const struct sentence *s = &n->sentences[g->sentence];
	size_t from = g->sentence == 0 ? 0 : n->tokens[s->first].at;
	size_t end = g->sentence + 1 < n->sentence_count
			     ? n->tokens[n->sentences[g->sentence + 1].first].at
			     : SIZE_MAX;
	struct span found;

	return pattern_may_start(e->pattern, &n->fold.bytes) &&
	       pattern_find(e->pattern, g->m->engine, buf_str(&n->typed), from,
			    &found) == PATTERN_YES &&
	       found.at < end;
}

static void try_phrase(void *arg, struct entry *e)
{
	struct gather *g = arg;

	if (e->figures && !g->figures)
		return;
	if (may_follow(g, e->intent) && phrase_holds(g, e))
		count(g, e);
}

static void try_regex(struct gather *g, const struct entry *e)
{
	if (may_follow(g, e->intent) && regex_holds(g, e))
		count(g, e);
}

/* ---- a sentence ------------------------------------------------------- */

static_assert(TOKENS_MAX <= PLAN_WORDS, "a plan walks over any sentence");

static void mark(struct gather *g)
{
	const struct index *index = &g->catalog->index;
	struct matcher *m = g->m;
	const struct sentence *s = &m->normal.sentences[g->sentence];

	marks_begin(&m->marks, index, s->end - s->first);
	g->figures = false;
	for (uint32_t i = s->first; i < s->end; i++) {
		const struct token *t = &m->normal.tokens[i];
		unsigned char traits = t->word != NULL ? t->word->traits
						       : text_traits(t->text);

		if (t->word != NULL)
			marks_word(&m->marks, t->word, i - s->first);
		marks_text(&m->marks, t->text, traits, i - s->first);
		g->figures |= (traits & TEXT_FIGURES) != 0;
	}
}

static void try_entry(struct gather *g, struct entry *e)
{
	if (e->regex)
		try_regex(g, e);
	else
		try_phrase(g, e);
}

/* What of the intent has waited; `g->sentence` is marked. */
static void try_waiting(struct gather *g, const struct intent *in)
{
	for (size_t i = 0; i < in->waiting_count; i++) {
		const struct filed *f = &in->waiting[i];

		if (marks_allow(&g->m->marks, f))
			try_entry(g, f->entry);
	}
}

/* Against those that the message speaks for by now, from the one at `from` on
 * the board of the whole. */
static void try_against(struct gather *g, size_t from)
{
	const struct board *whole = &g->m->whole;

	for (size_t i = from; i < whole->touched_count; i++)
		try_waiting(g, g->catalog->intents[whole->touched[i]]);
}

/* Every one in turn, for proofs; of misses, or not. */
static void try_all(struct gather *g, bool of_misses)
{
	g->figures = true;
	for (struct entry *e = g->catalog->rules.entries; e != NULL;
	     e = e->next) {
		bool waits = e->intent != NULL && intent_waits(e->intent);

		if (waits == of_misses)
			try_entry(g, e);
	}
}

void gather_sentence(struct gather *g, size_t sentence)
{
	const struct catalog *c = g->catalog;

	g->sentence = sentence;
	board_begin(&g->m->sentence, c->rules.intent_count);
	if (c->options.no_index) {
		try_all(g, false);
		return;
	}
	mark(g);
	marks_visit(&g->m->marks, &c->index, try_phrase, g);
	for (size_t i = 0; i < c->regex_count; i++)
		try_regex(g, c->regexes[i]);
	try_against(g, 0);
	g->m->known[sentence] = g->m->whole.touched_count;
}

void gather_whole(struct gather *g)
{
	const struct board *whole = &g->m->whole;
	size_t n = g->m->normal.sentence_count;

	if (g->catalog->options.no_index)
		return;
	for (g->sentence = 0; g->sentence < n; g->sentence++) {
		size_t known = g->m->known[g->sentence];

		if (known == whole->touched_count)
			return; /* nor is there more in those behind */
		mark(g);
		try_against(g, known);
	}
}

void gather_missed(struct gather *g)
{
	const struct catalog *c = g->catalog;
	size_t n = g->m->normal.sentence_count;

	for (g->sentence = 0; g->sentence < n; g->sentence++) {
		if (c->options.no_index) {
			try_all(g, true);
			continue;
		}
		mark(g);
		for (const struct intent *in = c->rules.intents; in != NULL;
		     in = in->next)
			if (intent_waits(in))
				try_waiting(g, in);
	}
}
