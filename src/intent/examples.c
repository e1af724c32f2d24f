/* The examples of a set of rules, run when it is loaded: what an operator
 * wrote must come true, or the set does not replace the old one. */
#include <stdlib.h>

#include "base/mem.h"

#include "catalog.h"

struct trial {
	const struct catalog *catalog;
	struct matcher *matcher;
	struct match match;
	struct diags *diags;
};

static bool has_won(const struct match *m, const struct intent *in)
{
	if (m->outcome != OUTCOME_ANSWER && m->outcome != OUTCOME_ESCALATE)
		return false;
	for (size_t i = 0; i < m->winner_count; i++) {
		if (m->winners[i].intent == in)
			return true;
	}
	return false;
}

static void match_one(struct trial *t, const struct intent *in,
		      const struct text *text)
{
	struct match_context context = {.explain = false};

	if (in->after_count > 0 && in->after_intents[0] != NULL)
		context.last_intent = in->after_intents[0]->info.name;
	match_message(t->catalog, t->matcher, text->s, &context, &t->match);
}

/* What happened instead, in words. */
static void describe(const struct match *m, struct buf *out)
{
	if (m->outcome == OUTCOME_MISS && m->near_count == 0) {
		buf_add_s(out, "nothing");
		return;
	}
	for (size_t i = 0; m->outcome != OUTCOME_MISS && i < m->winner_count;
	     i++)
		buf_addf(out, "%s%s (%.3f)", i > 0 ? ", " : "",
			 m->winners[i].intent->info.name,
			 m->winners[i].score / 1000.0);
	if (m->outcome == OUTCOME_MISS)
		buf_addf(out, "nothing (nearest: %s, %.3f)",
			 m->near[0].intent->info.name,
			 m->near[0].score / 1000.0);
	if (m->outcome == OUTCOME_CLARIFY)
		buf_add_s(out, ", too near to each other");
}

static void run_example(struct trial *t, const struct intent *in,
			const struct text *text)
{
	struct buf got = BUF_INIT;

	match_one(t, in, text);
	if (has_won(&t->match, in))
		return;
	describe(&t->match, &got);
	diag_error(t->diags, text->at,
		   "example \"%.*s\" of %s gets %s; add evidence, or see why "
		   "with \"answerctl match\"",
		   STR_ARG(text->s), in->info.name, got.data);
	buf_fini(&got);
}

static void run_counterexample(struct trial *t, const struct intent *in,
			       const struct text *text)
{
	match_one(t, in, text);
	if (has_won(&t->match, in))
		diag_error(t->diags, text->at,
			   "counterexample \"%.*s\" is answered by %s; add "
			   "evidence against it",
			   STR_ARG(text->s), in->info.name);
}

size_t catalog_test(const struct catalog *catalog, struct diags *diags)
{
	struct trial *t = xcalloc(1, sizeof(*t));
	size_t n = 0;

	t->catalog = catalog;
	t->diags = diags;
	t->matcher = matcher_new();
	for (const struct intent *in = catalog->rules.intents; in != NULL;
	     in = in->next) {
		for (size_t i = 0; i < in->example_count; i++, n++)
			run_example(t, in, &in->examples[i]);
		for (size_t i = 0; i < in->counterexample_count; i++, n++)
			run_counterexample(t, in, &in->counterexamples[i]);
	}
	matcher_free(&t->matcher);
	free(t);
	return n;
}
