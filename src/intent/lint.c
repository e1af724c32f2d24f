/* What loading lets pass and an operator should know: the parts that look at
 * what is written, not at how it matches (those are the other lint_ files). */
#include "lint.h"

#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "fold.h"
#include "template.h"

/* ---- word groups ------------------------------------------------------ */

static void lint_groups(const struct catalog *c, struct diags *diags)
{
	for (const struct group *g = c->rules.groups; g != NULL; g = g->next) {
		if (!g->used)
			diag_warning(diags, g->name.at,
				     "no phrase uses word group <%.*s>; use it "
				     "or take it out",
				     STR_ARG(g->name.s));
	}
}

/* ---- slots ------------------------------------------------------------ */

struct slots {
	const struct catalog *catalog;
	const struct intent *intent;
	const struct answer *answer;
	struct diags *diags;
	bool used[RULES_MAX_NEEDS];
	bool in_condition;
	bool looked_up; /* the condition holds only after a lookup */
};

static bool is_field(const struct intent *in, struct str name)
{
	size_t n = in->lookup.s.n;

	return in->lookup.s.p != NULL && name.n > n && name.p[n] == '.' &&
	       memcmp(name.p, in->lookup.s.p, n) == 0;
}

static bool is_asked(struct slots *s, struct str name)
{
	for (size_t i = 0; i < s->intent->info.needs; i++) {
		if (str_eq(s->intent->needs[i].name.s, name))
			return s->used[i] = true;
	}
	return false;
}

static void note_slot(void *arg, struct str name, bool defaulted)
{
	struct slots *s = arg;
	bool asked = is_asked(s, name);

	if (s->in_condition) {
		s->looked_up = s->looked_up || is_field(s->intent, name) ||
			       catalog_entity(s->catalog, name) != NULL;
		return;
	}
	if (!asked && !defaulted && !s->looked_up &&
	    catalog_entity(s->catalog, name) != NULL)
		diag_warning(s->diags, s->answer->say.at,
			     "nobody asks for {{%.*s}}: without it in the "
			     "message the text has a hole; put it under "
			     "\"needs:\" or give a default",
			     STR_ARG(name));
}

static bool is_known(const struct slots *s, struct str name)
{
	for (size_t i = 0; i < s->intent->info.needs; i++) {
		if (str_eq(s->intent->needs[i].name.s, name))
			return true;
	}
	return is_field(s->intent, name) || str_starts(name, "shop.") ||
	       catalog_entity(s->catalog, name) != NULL;
}

/* The name in "{name}" with one brace, at `s`'s front; or none. */
static struct str braced(struct str s)
{
	const char *end = memchr(s.p, '}', s.n);

	if (s.p[0] != '{' || end == NULL)
		return STR_NONE;
	return str_trim((struct str){s.p + 1, (size_t)(end - s.p) - 1});
}

/* Shoppers would see the braces. */
static void lint_braces(const struct slots *s, const struct text *say)
{
	for (size_t i = 0; i < say->s.n; i++) {
		struct str name =
			braced((struct str){say->s.p + i, say->s.n - i});

		if (name.n == 0 || !is_known(s, name) ||
		    (i > 0 && say->s.p[i - 1] == '{'))
			continue;
		diag_warning(s->diags, say->at,
			     "{%.*s} is said as it stands; write {{%.*s}}",
			     STR_ARG(name), STR_ARG(name));
	}
}

/* What a condition asks about has been found when it holds. */
static void lint_answer(struct slots *s, const struct answer *a)
{
	s->answer = a;
	s->looked_up = false;
	s->in_condition = true;
	if (a->condition != NULL)
		condition_names(a->condition, note_slot, s);
	s->in_condition = false;
	template_names(a->template, note_slot, s);
	lint_braces(s, &a->say);
}

static void lint_slots(const struct catalog *c, const struct intent *in,
		       struct diags *diags)
{
	struct slots s = {.catalog = c, .intent = in, .diags = diags};

	for (size_t i = 0; i < in->answer_count; i++)
		lint_answer(&s, &in->answers[i]);
	for (size_t i = 0; i < in->info.needs; i++) {
		if (!s.used[i] && in->info.lookup == NULL &&
		    in->info.then != THEN_ESCALATE)
			diag_warning(diags, in->needs[i].name.at,
				     "\"%.*s\" is asked for and then used "
				     "nowhere; use {{%.*s}} in an answer or "
				     "do not ask",
				     STR_ARG(in->needs[i].name.s),
				     STR_ARG(in->needs[i].name.s));
	}
}

/* ---- apologies -------------------------------------------------------- */

/* Beginnings of the words with which one apologises. */
static const struct {
	const char *tag;
	const char *words[6];
} apologies[] = {
	{"en", {"sorry", "apolog", "regret", "forgive"}},
	{"de", {"leid", "entschuldig", "bedauer", "verzeih"}},
	{"fr", {"desole", "excus", "regrett"}},
	{"es", {"lo siento", "disculp", "perdon"}},
	{"it", {"mi dispiace", "scus", "spiacent"}},
};

static bool apologises(struct str language, struct str text)
{
	struct buf folded = BUF_INIT;
	bool known = false, found = false;

	fold_into(&folded, text);
	for (size_t i = 0; i < ARRAY_LEN(apologies); i++) {
		if (!str_is(language, apologies[i].tag))
			continue;
		known = true;
		for (size_t k = 0; apologies[i].words[k] != NULL; k++)
			found = found ||
				(folded.len > 0 &&
				 strstr(folded.data, apologies[i].words[k]) !=
					 NULL);
	}
	buf_fini(&folded);
	return found || !known;
}

static void lint_apology(const struct catalog *c, const struct intent *in,
			 struct diags *diags)
{
	if (in->info.kind != INTENT_COMPLAINT)
		return;
	for (size_t i = 0; i < in->answer_count; i++) {
		if (!apologises(c->rules.language, in->answers[i].say.s))
			diag_warning(diags, in->answers[i].say.at,
				     "the answer to a complaint does not "
				     "apologise; begin with \"I am sorry\"");
	}
}

/* ---- nothing to say --------------------------------------------------- */

/* Who is handed over hears that at least. */
static void lint_conditions(const struct intent *in, struct diags *diags)
{
	if (in->answer_count == 0 || intent_hands_over(in))
		return;
	for (size_t i = 0; i < in->answer_count; i++)
		if (in->answers[i].when.s.p == NULL)
			return;
	diag_warning(diags, in->answers[0].when.at,
		     "all answers of \"%s\" have a condition: where none of "
		     "them holds, nothing is said; add one without \"when\"",
		     in->info.name);
}

/* ---- translations ----------------------------------------------------- */

static bool has_text(const struct language *l, struct str name)
{
	for (const struct named_text *t = l->texts; t != NULL; t = t->next) {
		if (str_eq(t->name.s, name))
			return true;
	}
	return false;
}

/* Texts of one language that another, which has texts, lacks. */
static void lint_language(const struct language *of, const struct language *in,
			  struct diags *diags)
{
	for (const struct named_text *t = of->texts; t != NULL; t = t->next) {
		if (!has_text(in, t->name.s))
			diag_warning(diags, in->at,
				     "text \"%.*s\" is missing in \"%.*s\" "
				     "(%s:%u has it in \"%.*s\"); translate it",
				     STR_ARG(t->name.s), STR_ARG(in->tag),
				     t->name.at.file, t->name.at.line,
				     STR_ARG(of->tag));
	}
}

/* Built-in texts are there without one, but nobody is understood who says yes
 * or wants a person. */
static void lint_own(const struct catalog *c, struct diags *diags)
{
	const struct language *l = c->own;
	struct str tag = c->rules.language;
	bool asks = l != NULL && l->meta[META_PERSON - 1] != NULL;

	if (asks || c->rules.intents == NULL)
		return;
	diag_warning(
		diags,
		l != NULL ? l->at
			  : (struct diag_place){c->rules.intents->name.at.file,
						0, 0},
		"no \"person:\" in a language file of \"%.*s\", so who "
		"asks for a person is not understood; begin with "
		"_language/ of the shipped rules",
		STR_ARG(tag));
}

static void lint_speaks(const struct catalog *c, const struct intent *in,
			struct diags *diags)
{
	const char *tag = in->info.speaks;
	const struct language *l;

	if (tag == NULL || str_is(c->rules.language, tag))
		return;
	l = catalog_language_with(c, str_of(tag));
	if (l == NULL || l->texts == NULL)
		diag_warning(diags, in->name.at,
			     "\"%s\" speaks \"%s\", of which no language file "
			     "has texts; write _language/%s.yaml, or another "
			     "\"speaks:\"",
			     in->info.name, tag, tag);
}

static void lint_translations(const struct catalog *c, struct diags *diags)
{
	const struct language *own = c->own;

	for (const struct language *l = c->rules.languages; l != NULL;
	     l = l->next) {
		if (own == NULL || l == own || l->texts == NULL)
			continue;
		lint_language(own, l, diags);
		lint_language(l, own, diags);
	}
}

/* ---- intents ---------------------------------------------------------- */

static void lint_intent(const struct catalog *c, const struct intent *in,
			struct diags *diags)
{
	if (in->example_count == 0)
		diag_warning(diags, in->name.at,
			     "intent \"%s\" has no examples; a few keep it "
			     "right when other rules change",
			     in->info.name);
	lint_slots(c, in, diags);
	lint_conditions(in, diags);
	lint_apology(c, in, diags);
	lint_speaks(c, in, diags);
}

void catalog_lint(const struct catalog *c, struct diags *diags)
{
	lint_groups(c, diags);
	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next)
		lint_intent(c, in, diags);
	lint_own(c, diags);
	lint_translations(c, diags);
	lint_entities(c, diags);
	lint_phrases(c, diags);
	lint_cost(c, diags);
	diags_sort(diags);
}
