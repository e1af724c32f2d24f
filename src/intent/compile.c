/* From phrases as text to patterns and clauses: word groups first (each after
 * those it uses), then entities, evidence, and what is understood anywhere. */
#include "compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "catalog.h"
#include "entity.h"
#include "fold.h"
#include "pattern.h"
#include "plan.h"

#define GROUPS_MAX_DEPTH 30 /* of groups that use groups */

struct compiler {
	struct catalog *catalog;
	struct diags *diags;
	unsigned depth;
};

/* Where byte `at` of a text stands in its file, if it is on one line. */
static struct diag_place place_in(const struct text *t, size_t at)
{
	struct diag_place place = t->at;

	if (at > t->s.n)
		at = t->s.n;
	place.col += (unsigned)utf8_count(t->s.p, at) + !t->plain;
	return place;
}

static void phrase_error(struct compiler *k, const struct text *t, size_t at,
			 const struct buf *why)
{
	diag_error(k->diags, place_in(t, at), "phrase \"%.*s\": %s",
		   STR_ARG(t->s), why->data != NULL ? why->data : "");
}

/* ---- names in phrases ------------------------------------------------- */

static bool compile_group(struct compiler *k, struct group *g);

static void unknown_name(struct compiler *k, struct str name, struct buf *why)
{
	struct catalog *c = k->catalog;
	const char **names =
		xcalloc(c->rules.group_count + c->rules.entity_count + 1,
			sizeof(*names));
	const char *near;
	size_t n = 0;

	for (const struct group *g = c->rules.groups; g != NULL; g = g->next)
		names[n++] = g->name.s.p;
	for (const struct entity *e = c->rules.entities; e != NULL; e = e->next)
		names[n++] = e->name.s.p;
	near = diag_nearest(name, names, n);
	buf_addf(why, "there is no word group or entity <%.*s>; ",
		 STR_ARG(name));
	if (near != NULL)
		buf_addf(why, "did you mean <%s>?", near);
	else
		buf_add_s(why, "define it under \"words:\"");
	free(names);
}

static bool resolve(void *arg, struct part *ref, struct phrase_fault *fault)
{
	struct compiler *k = arg;
	struct group *g = map_get(k->catalog->groups, ref->text);

	ref->entity = map_get(k->catalog->entities, ref->text);
	if (ref->entity != NULL)
		return true;
	if (g == NULL) {
		unknown_name(k, ref->text, &fault->why);
		return false;
	}
	g->used = true;
	if (g->state == GROUP_OPEN) {
		buf_addf(&fault->why,
			 "<%.*s> uses itself, over one or more groups; break "
			 "the circle",
			 STR_ARG(g->name.s));
		return false;
	}
	if (k->depth == GROUPS_MAX_DEPTH) {
		buf_addf(&fault->why,
			 "word groups nest over %d deep; make "
			 "them flatter",
			 GROUPS_MAX_DEPTH);
		return false;
	}
	compile_group(k, g);
	ref->alt = g->alt;
	return g->alt != NULL;
}

/* Parses, resolves and settles. NULL: reported, or a group it uses was. */
static struct alt *read_phrase(struct compiler *k, const struct text *t)
{
	struct catalog *c = k->catalog;
	struct phrase_fault fault = {BUF_INIT, 0};
	struct alt *alt = phrase_parse(&c->phrases, t->s, &fault);
	bool ok = alt != NULL && phrase_resolve(alt, resolve, k, &fault);

	if (!ok && fault.why.len > 0)
		phrase_error(k, t, fault.at, &fault.why);
	buf_fini(&fault.why);
	if (!ok)
		return NULL;
	phrase_settle(&c->phrases, alt, &c->lexicon);
	phrase_words(alt, &c->lexicon);
	return alt;
}

/* ---- word groups ------------------------------------------------------ */

/* All phrases of a list as one: alternatives. NULL: none was right. */
static struct alt *join_phrases(struct compiler *k, const struct text *list,
				size_t n)
{
	struct alt *all = arena_alloc(&k->catalog->phrases, sizeof(*all));
	struct seq **tail = &all->first;

	for (size_t i = 0; i < n; i++) {
		struct alt *one = read_phrase(k, &list[i]);

		if (one == NULL)
			continue;
		*tail = one->first;
		while (*tail != NULL)
			tail = &(*tail)->next;
	}
	return all->first != NULL ? all : NULL;
}

static bool compile_group(struct compiler *k, struct group *g)
{
	if (g->state != GROUP_NEW)
		return g->alt != NULL;
	g->state = GROUP_OPEN;
	k->depth++;
	g->alt = join_phrases(k, g->phrases, g->phrase_count);
	k->depth--;
	g->state = GROUP_DONE;
	return g->alt != NULL;
}

/* ---- patterns --------------------------------------------------------- */

static struct pattern *phrase_pattern(struct compiler *k, struct alt *alt,
				      const struct text *t)
{
	struct catalog *c = k->catalog;
	struct buf regex = BUF_INIT, why = BUF_INIT;
	struct pattern *p;
	size_t at;

	phrase_emit(&c->phrases, alt, &regex);
	p = pattern_new(buf_str(&regex), false,
			!c->options.no_jit &&
				(alt->plan == NULL || c->options.no_index),
			&why, &at);
	if (p == NULL)
		phrase_error(k, t, 0, &why);
	else if (pattern_has_jit(p))
		c->has_jit = true;
	buf_fini(&regex);
	buf_fini(&why);
	return p;
}

static struct pattern *regex_pattern(struct compiler *k, const struct text *t,
				     bool caseless, const char *what)
{
	struct catalog *c = k->catalog;
	struct buf why = BUF_INIT;
	struct pattern *p;
	size_t at;

	p = pattern_new(t->s, caseless, !c->options.no_jit, &why, &at);
	if (p == NULL)
		diag_error(k->diags, place_in(t, at), "%s: %s", what, why.data);
	buf_fini(&why);
	return p;
}

/* ---- entities --------------------------------------------------------- */

static void compile_yields(struct compiler *k, struct entity *e)
{
	for (size_t i = 0; i < e->yield_count; i++) {
		const struct entity *other =
			catalog_entity(k->catalog, e->yields_to[i].s);

		if (other == NULL)
			diag_error(k->diags, e->yields_to[i].at,
				   "there is no entity \"%.*s\"; take it out "
				   "or define it",
				   STR_ARG(e->yields_to[i].s));
		else
			e->beaten_by |= UINT64_C(1) << other->id;
	}
}

static void compile_entity(struct compiler *k, struct entity *e)
{
	compile_yields(k, e);
	e->wordy = !regex_needs(e->source.s, NEED_DIGIT | NEED_AT);
	if (regex_needs(e->source.s, NEED_DIGIT))
		e->needs |= NEED_DIGIT;
	if (regex_needs(e->source.s, NEED_AT))
		e->needs |= NEED_AT;
	lexicon_add(&k->catalog->lexicon, e->placeholder);
	if (e->source.s.n > 0)
		e->pattern = regex_pattern(k, &e->source, true, "pattern");
}

/* After the groups, which `near` names. */
static void compile_near(struct compiler *k, struct entity *e)
{
	struct alt *alt;

	if (e->near.s.p == NULL || e->near.s.n == 0)
		return;
	alt = read_phrase(k, &e->near);
	if (alt != NULL)
		e->near_pattern = phrase_pattern(k, alt, &e->near);
}

/* ---- evidence --------------------------------------------------------- */

static void read_entry(struct compiler *k, struct entry *e)
{
	if (!e->regex)
		e->phrase = read_phrase(k, &e->text);
}

/* When all words are known, and how common they are. */
static void compile_entry(struct compiler *k, struct entry *e)
{
	struct catalog *c = k->catalog;

	if (e->regex) {
		e->pattern = regex_pattern(k, &e->text, false, "regex");
		c->regex_count++;
		return;
	}
	if (e->phrase == NULL)
		return;
	e->plan = plan_make(e->phrase, &c->index, &c->lexicon);
	e->pattern = phrase_pattern(k, e->phrase, &e->text);
	if (e->plan != NULL && c->options.only_match && !c->options.no_index)
		pattern_free(&e->pattern); /* it is right; the plan decides */
	e->figures = e->plan == NULL &&
		     regex_needs(e->phrase->regex, NEED_DIGIT | NEED_PLACE);
	phrase_clauses(e->phrase, &c->index, &c->lexicon);
	e->clauses = e->phrase->clauses;
	e->clause_count = e->phrase->clause_count;
	index_add(&c->index, e);
}

static void collect_regexes(struct catalog *c)
{
	size_t n = 0;

	c->regexes =
		arena_alloc(&c->arena, c->regex_count * sizeof(*c->regexes));
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next) {
		if (e->regex && !entry_waits(e))
			c->regexes[n++] = e;
	}
	c->regex_count = n;
}

void compile_waiting(struct catalog *c)
{
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		if (entry_waits(e))
			e->intent->waiting_count++;
	for (struct intent *in = c->rules.intents; in != NULL; in = in->next) {
		in->waiting = arena_alloc(
			&c->arena, in->waiting_count * sizeof(*in->waiting));
		in->waiting_count = 0;
	}
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		if (entry_waits(e))
			e->intent->waiting[e->intent->waiting_count++] =
				index_filed(e);
}

static void compile_after(struct compiler *k, struct intent *in)
{
	in->after_intents =
		arena_alloc(&k->catalog->arena,
			    in->after_count * sizeof(const struct intent *));
	for (size_t i = 0; i < in->after_count; i++) {
		in->after_intents[i] = catalog_find(k->catalog, in->after[i].s);
		if (in->after_intents[i] == NULL)
			diag_error(k->diags, in->after[i].at,
				   "there is no intent \"%.*s\" to follow; "
				   "take it out or define it",
				   STR_ARG(in->after[i].s));
	}
}

/* ---- understood anywhere ---------------------------------------------- */

static const char *const default_polite[] = {
	"please", "thanks", "thank you", "ok",   "hi",    "hello",
	"hey",    "well",   "oh",        "just", "sorry", "um",
};

/* A message with any other word need not be tried. */
static void note_meta_words(struct catalog *c, const struct alt *list,
			    const struct alt *polite, size_t which)
{
	unsigned char bit = (unsigned char)(1u << which);

	if (polite == NULL || !phrase_vocabulary(list, &c->lexicon, bit) ||
	    !phrase_vocabulary(polite, &c->lexicon, bit))
		c->meta_open |= bit;
}

/* The whole message: one of the list, politeness around it. */
static void compile_meta(struct compiler *k, const struct language *l,
			 size_t which)
{
	struct catalog *c = k->catalog;
	struct alt *list =
		join_phrases(k, l->meta[which], l->meta_count[which]);
	struct alt *polite = join_phrases(k, l->polite, l->polite_count);
	struct buf regex = BUF_INIT, manners = BUF_INIT, why = BUF_INIT;
	size_t at;

	if (list == NULL)
		return;
	buf_add_s(&manners, "(?:");
	for (size_t i = 0; i < ARRAY_LEN(default_polite); i++)
		buf_addf(&manners, "%s%s", i > 0 ? "|" : "", default_polite[i]);
	buf_add_c(&manners, ')');
	if (polite != NULL) {
		buf_clear(&manners);
		phrase_emit(&c->phrases, polite, &manners);
	}
	buf_addf(&regex, "^(?:%s ){0,3}(?:", manners.data);
	phrase_emit(&c->phrases, list, &regex);
	buf_addf(&regex, ")(?: %s){0,3}$", manners.data);
	note_meta_words(c, list, polite, which);
	c->meta[which] = pattern_new(buf_str(&regex), false, !c->options.no_jit,
				     &why, &at);
	if (c->meta[which] == NULL)
		phrase_error(k, &l->meta[which][0], 0, &why);
	buf_fini(&regex);
	buf_fini(&manners);
	buf_fini(&why);
}

/* How common words are, for the index. */
static void count_words(struct catalog *c, const struct text *list, size_t n)
{
	struct buf folded = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		buf_clear(&folded);
		fold_into(&folded, list[i].s);
		while (at < folded.len) {
			size_t from = at, len = 0;
			struct word *word;

			while (at < folded.len &&
			       (len = fold_word_char(folded.data + at,
						     folded.len - at)) > 0)
				at += len;
			word = lexicon_find(
				&c->lexicon,
				(struct str){folded.data + from, at - from});
			if (word != NULL)
				word->seen++;
			at++;
		}
	}
	buf_fini(&folded);
}

void compile_phrases(struct catalog *c, struct diags *diags)
{
	struct compiler k = {c, diags, 0};
	const struct language *l = c->own;

	for (struct entity *e = c->rules.entities; e != NULL; e = e->next)
		compile_entity(&k, e);
	for (struct group *g = c->rules.groups; g != NULL; g = g->next)
		compile_group(&k, g);
	for (struct entity *e = c->rules.entities; e != NULL; e = e->next)
		compile_near(&k, e);
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		read_entry(&k, e);
	for (struct intent *in = c->rules.intents; in != NULL; in = in->next) {
		count_words(c, in->examples, in->example_count);
		count_words(c, in->counterexamples, in->counterexample_count);
	}
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		compile_entry(&k, e);
	for (struct intent *in = c->rules.intents; in != NULL; in = in->next)
		compile_after(&k, in);
	for (size_t i = 0; l != NULL && i < META_LISTS; i++)
		compile_meta(&k, l, i);
	if (l != NULL && l->joint.s.p != NULL)
		c->joint = regex_pattern(&k, &l->joint, true, "joint");
	collect_regexes(c);
}
