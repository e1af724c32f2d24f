/* Answers, questions, texts and buttons at load: parsed, and every name in
 * them checked, so that no shopper sees a hole. */
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "compile.h"
#include "template.h"

/* What the conversation brings for every text. */
static const char *const chat_names[] = {
	"agent", "name",    "position", "wait",   "reason", "intent",
	"about", "text",    "queue",    "open",   "opens",  "closes",
	"ahead", "minutes", "waiting",  "locale", "solved",
};

struct check {
	struct catalog *catalog;
	struct diags *diags;
	const struct intent *intent; /* NULL: one of the texts */
	const struct text *text;
};

static bool is_chat_name(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(chat_names); i++) {
		if (str_is(name, chat_names[i]))
			return true;
	}
	return false;
}

static void unknown_fact(struct check *k, struct str name)
{
	const char *names[256];
	const char *near;
	size_t n = 0;

	for (const struct pair *p = k->catalog->rules.facts;
	     p != NULL && n < ARRAY_LEN(names); p = p->next)
		names[n++] = p->from.s.p;
	near = diag_nearest(name, names, n);
	if (near != NULL)
		diag_error(k->diags, k->text->at,
			   "{{shop.%.*s}} is no fact of the shop; did you "
			   "mean {{shop.%s}}?",
			   STR_ARG(name), near);
	else
		diag_error(
			k->diags, k->text->at,
			"{{shop.%.*s}} is no fact of the shop; add \"%.*s:\" "
			"under \"shop:\"",
			STR_ARG(name), STR_ARG(name));
}

static void unknown_slot(struct check *k, struct str name)
{
	const char *names[RULES_MAX_ENTITIES];
	const char *near;
	size_t n = 0;

	for (const struct entity *e = k->catalog->rules.entities; e != NULL;
	     e = e->next)
		names[n++] = e->name.s.p;
	near = diag_nearest(name, names, n);
	if (near != NULL)
		diag_error(k->diags, k->text->at,
			   "nothing fills {{%.*s}}; did you mean {{%s}}?",
			   STR_ARG(name), near);
	else
		diag_error(k->diags, k->text->at,
			   "nothing fills {{%.*s}}; ask for it under "
			   "\"needs:\", or take it out",
			   STR_ARG(name));
}

static bool is_need(const struct intent *in, struct str name)
{
	for (size_t i = 0; i < in->info.needs; i++) {
		if (str_eq(in->needs[i].name.s, name))
			return true;
	}
	return false;
}

static void check_name(void *arg, struct str name, bool defaulted)
{
	struct check *k = arg;
	const char *dot = memchr(name.p, '.', name.n);
	struct str head = {name.p,
			   dot != NULL ? (size_t)(dot - name.p) : name.n};

	(void)defaulted;
	if (dot != NULL && str_is(head, "shop")) {
		struct str fact = {dot + 1, name.n - head.n - 1};

		if (map_get(k->catalog->facts, fact) == NULL)
			unknown_fact(k, fact);
		return;
	}
	if (k->intent == NULL || is_chat_name(name))
		return; /* texts get what the conversation has */
	if (dot != NULL) {
		if (k->intent->lookup.s.p == NULL ||
		    !str_eq(k->intent->lookup.s, head))
			diag_error(k->diags, k->text->at,
				   "{{%.*s}} comes from a lookup \"%.*s\" that "
				   "this intent does not have; add \"lookup: "
				   "%.*s\"",
				   STR_ARG(name), STR_ARG(head), STR_ARG(head));
		return;
	}
	if (!is_need(k->intent, name) &&
	    catalog_entity(k->catalog, name) == NULL)
		unknown_slot(k, name);
}

static struct template *parse(struct check *k, const struct text *text)
{
	struct buf why = BUF_INIT;
	struct template *t = template_parse(&k->catalog->arena, text->s, &why);

	k->text = text;
	if (t == NULL)
		diag_error(k->diags, text->at, "%s", why.data);
	else
		template_names(t, check_name, k);
	buf_fini(&why);
	return t;
}

static void parse_condition(struct check *k, struct answer *a)
{
	struct buf why = BUF_INIT;

	k->text = &a->when;
	a->condition = condition_parse(&k->catalog->arena, a->when.s, &why);
	if (a->condition == NULL)
		diag_error(k->diags, a->when.at, "condition \"%.*s\": %s",
			   STR_ARG(a->when.s), why.data);
	else
		condition_names(a->condition, check_name, k);
	buf_fini(&why);
}

static void check_button(struct check *k, struct intent *in, size_t i)
{
	const struct text *to = &in->button_intents[i];
	struct answer_button *b = &in->buttons[i];
	struct buf value = BUF_INIT;
	const char *names[1000];
	const char *near;
	size_t n = 0;

	if (to->s.p == NULL)
		return;
	if (catalog_find(k->catalog, to->s) != NULL) {
		buf_addf(&value, "intent:%.*s", STR_ARG(to->s));
		b->value = arena_str(&k->catalog->arena, buf_str(&value));
		buf_fini(&value);
		return;
	}
	for (const struct intent *o = k->catalog->rules.intents;
	     o != NULL && n < ARRAY_LEN(names); o = o->next)
		names[n++] = o->info.name;
	near = diag_nearest(to->s, names, n);
	diag_error(k->diags, to->at,
		   near != NULL ? "there is no intent \"%.*s\"; did you mean "
				  "\"%s\"?"
				: "there is no intent \"%.*s\"%s; define it or "
				  "take the button out",
		   STR_ARG(to->s), near != NULL ? near : "");
}

/* A link that is a fact of the shop is filled in now: facts do not change. */
static void fill_link(struct check *k, struct answer_button *b)
{
	struct str fact;
	const struct pair *p;

	if (b->url.p == NULL || !str_starts(b->url, "{{shop.") ||
	    b->url.n < 10 || memcmp(b->url.p + b->url.n - 2, "}}", 2) != 0)
		return;
	fact = (struct str){b->url.p + 7, b->url.n - 9};
	p = map_get(k->catalog->facts, fact);
	if (p == NULL)
		unknown_fact(k, fact);
	else
		b->url = p->to.s;
}

static void compile_intent(struct check *k, struct intent *in)
{
	k->intent = in;
	for (size_t i = 0; i < in->info.needs; i++) {
		if (in->needs[i].question.s.p != NULL)
			in->needs[i].ask = parse(k, &in->needs[i].question);
	}
	for (size_t i = 0; i < in->answer_count; i++) {
		struct answer *a = &in->answers[i];

		if (a->when.s.p != NULL)
			parse_condition(k, a);
		a->template = parse(k, &a->say);
	}
	k->text = &in->name;
	for (size_t i = 0; i < in->button_count; i++) {
		check_button(k, in, i);
		fill_link(k, &in->buttons[i]);
	}
}

static void compile_text(struct check *k, struct named_text *t)
{
	t->templates = arena_alloc(&k->catalog->arena,
				   t->variant_count * sizeof(*t->templates));
	for (size_t i = 0; i < t->variant_count; i++)
		t->templates[i] = parse(k, &t->variants[i]);
}

/* The first of a name counts. */
static void compile_texts(struct check *k, struct language *l)
{
	l->texts_by_name = map_new();
	for (struct named_text *t = l->texts; t != NULL; t = t->next) {
		void **place;

		compile_text(k, t);
		if (t->variant_count == 0)
			continue;
		place = map_place(l->texts_by_name, t->name.s);
		if (*place == NULL)
			*place = t;
	}
}

void compile_answers(struct catalog *c, struct diags *diags)
{
	struct check k = {.catalog = c, .diags = diags};

	for (struct intent *in = c->rules.intents; in != NULL; in = in->next)
		compile_intent(&k, in);
	k.intent = NULL;
	for (struct language *l = c->rules.languages; l != NULL; l = l->next)
		compile_texts(&k, l);
}
