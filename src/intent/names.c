/* The names of a set of rules: intents in one space, word groups and entities
 * together in another; and the words that the language files bring. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "compile.h"
#include "fold.h"

#define REWRITE_MAX_WORDS 8

static void double_name(struct diags *diags, const struct text *second,
			const struct text *first, const char *what)
{
	diag_error(diags, second->at,
		   "%s \"%.*s\" stands also at %s:%u; rename one of them", what,
		   STR_ARG(second->s), first->at.file, first->at.line);
}

static void name_intents(struct catalog *c, struct diags *diags)
{
	uint32_t n = 0;

	c->intents = arena_alloc(&c->arena,
				 c->rules.intent_count * sizeof(*c->intents));
	for (struct intent *in = c->rules.intents; in != NULL; in = in->next) {
		const struct intent *other = map_get(c->by_name, in->name.s);

		if (other != NULL)
			double_name(diags, &in->name, &other->name, "intent");
		else
			map_set(c->by_name, in->name.s, in);
		in->id = n;
		c->intents[n++] = in;
	}
}

static void name_groups(struct catalog *c, struct diags *diags)
{
	for (struct group *g = c->rules.groups; g != NULL; g = g->next) {
		const struct group *other = map_get(c->groups, g->name.s);

		if (g->name.s.p == NULL)
			continue;
		if (other != NULL)
			double_name(diags, &g->name, &other->name,
				    "word group");
		else
			map_set(c->groups, g->name.s, g);
	}
}

static void name_entities(struct catalog *c, struct diags *diags)
{
	uint32_t id = 0;

	for (struct entity *e = c->rules.entities; e != NULL; e = e->next) {
		const struct entity *other = map_get(c->entities, e->name.s);
		const struct group *group = map_get(c->groups, e->name.s);
		struct buf placeholder = BUF_INIT;

		e->id = id++;
		buf_addf(&placeholder, "<%.*s>", STR_ARG(e->name.s));
		e->placeholder = arena_str(&c->arena, buf_str(&placeholder));
		buf_fini(&placeholder);
		if (other != NULL)
			double_name(diags, &e->name, &other->name, "entity");
		else if (group != NULL)
			double_name(diags, &e->name, &group->name, "the name");
		else
			map_set(c->entities, e->name.s, e);
	}
}

static void name_facts(struct catalog *c, struct diags *diags)
{
	for (struct pair *p = c->rules.facts; p != NULL; p = p->next) {
		const struct pair *other = map_get(c->facts, p->from.s);

		if (other != NULL)
			double_name(diags, &p->from, &other->from, "shop fact");
		else
			map_set(c->facts, p->from.s, p);
	}
}

void compile_names(struct catalog *c, struct diags *diags)
{
	name_intents(c, diags);
	name_groups(c, diags);
	name_entities(c, diags);
	name_facts(c, diags);
}

/* ---- words of the language files -------------------------------------- */

/* The folded words of a text, separated by blanks. */
static size_t words_of(struct catalog *c, struct str text, struct str *out,
		       size_t max)
{
	struct buf folded = BUF_INIT;
	struct str s;
	size_t n = 0, i = 0;

	fold_into(&folded, text);
	s = arena_str(&c->arena, buf_str(&folded));
	buf_fini(&folded);
	while (i < s.n && n < max) {
		size_t from;

		while (i < s.n && s.p[i] == ' ')
			i++;
		from = i;
		while (i < s.n && s.p[i] != ' ')
			i++;
		if (i > from)
			out[n++] = (struct str){s.p + from, i - from};
	}
	return n;
}

static void enter_rewrite(struct catalog *c, const struct pair *p,
			  struct diags *diags)
{
	struct str from[2], to[REWRITE_MAX_WORDS];
	size_t n = words_of(c, p->to.s, to, REWRITE_MAX_WORDS);
	struct word *w;

	if (words_of(c, p->from.s, from, 2) != 1) {
		diag_error(diags, p->from.at,
			   "\"%.*s\" is not one word; only single words are "
			   "rewritten",
			   STR_ARG(p->from.s));
		return;
	}
	if (n == 0)
		return;
	w = lexicon_add(&c->lexicon, from[0]);
	if (w->becomes != NULL) {
		diag_error(diags, p->from.at,
			   "\"%.*s\" is rewritten twice; take one of them out",
			   STR_ARG(p->from.s));
		return;
	}
	if (n == 1 && str_eq(to[0], from[0]))
		return; /* itself, to keep it from being corrected */
	w->language = true;
	w->becomes = arena_alloc(&c->arena, n * sizeof(*to));
	memcpy((struct str *)w->becomes, to, n * sizeof(*to));
	w->become_count = n;
	for (size_t i = 0; i < n; i++)
		lexicon_add(&c->lexicon, to[i])->language = true;
}

static void protect(struct catalog *c, const struct text *list, size_t n)
{
	struct str words[REWRITE_MAX_WORDS];

	for (size_t i = 0; i < n; i++) {
		size_t count = words_of(c, list[i].s, words, REWRITE_MAX_WORDS);

		for (size_t k = 0; k < count; k++)
			wordset_add(&c->protected, words[k]);
	}
}

void compile_languages(struct catalog *c, struct str protected_words,
		       struct diags *diags)
{
	if (protected_words.p != NULL)
		wordset_add_lines(&c->protected, protected_words);
	for (const struct language *l = c->rules.languages; l != NULL;
	     l = l->next) {
		protect(c, l->protected, l->protected_count);
		if (l->months != NULL)
			protect(c, l->months, 12);
		if (l->weekdays != NULL)
			protect(c, l->weekdays, 7);
		/* only the rules' own language is matched */
		if (!str_eq(l->tag, c->rules.language))
			continue;
		for (const struct pair *p = l->rewrites; p != NULL; p = p->next)
			enter_rewrite(c, p, diags);
	}
	wordset_close(&c->protected);
}
