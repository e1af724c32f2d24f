/* From YAML trees to rules: the one file that knows the keys of rule files.
 * Everything wrong is reported, with its place and what to do; nothing stops
 * at the first mistake. What needs other files (names of groups and intents,
 * compiling) is catalog.c's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/tree.h"
#include "base/utf8.h"
#include "rules.h"

#define TEXT_MAX_CHARS 4000

struct reader {
	struct rules *rules;
	struct arena *arena;
	const char *file; /* in the arena */
	struct diags *diags;
};

#define wrong(r, node, ...)                                                    \
	diag_error((r)->diags, node_place(node, (r)->file), __VA_ARGS__)

/* ---- scalars, lists, maps --------------------------------------------- */

static struct text as_text(struct reader *r, const struct node *node)
{
	struct text t = {STR_NONE, node_place(node, r->file), false};

	if (node->kind != NODE_SCALAR) {
		wrong(r, node,
		      "a text is expected here, not a %s; put it in single "
		      "quotes if it holds [ ] { } or a colon",
		      node->kind == NODE_LIST ? "list" : "map");
		return t;
	}
	t.s = arena_str(r->arena, node->text);
	t.plain = node->plain;
	return t;
}

static struct text as_short_text(struct reader *r, const struct node *node)
{
	struct text t = as_text(r, node);

	if (t.s.p != NULL && t.s.n == 0)
		wrong(r, node, "an empty text; write one or take the line out");
	if (t.s.p != NULL && utf8_count(t.s.p, t.s.n) > TEXT_MAX_CHARS)
		wrong(r, node, "a text of over %d characters; make it shorter",
		      TEXT_MAX_CHARS);
	return t;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && (c != '-' || i == 0))
			return false;
	}
	return s.n > 0 && s.n <= 64;
}

static struct text as_name(struct reader *r, const struct node *node)
{
	struct text t = as_text(r, node);

	if (t.s.p != NULL && !is_name(t.s))
		wrong(r, node,
		      "\"%.*s\" is no name; use small letters, digits and _, "
		      "64 at most",
		      STR_ARG(t.s));
	return t;
}

/* A list of texts, or one text alone. */
static struct text *as_texts(struct reader *r, const struct node *node,
			     size_t *count)
{
	struct text *list;
	size_t n = 0;

	if (node->kind == NODE_SCALAR) {
		list = arena_alloc(r->arena, sizeof(*list));
		list[0] = as_short_text(r, node);
		*count = 1;
		return list;
	}
	*count = 0;
	if (node->kind == NODE_MAP) {
		wrong(r, node,
		      "a list is expected here; begin each line with "
		      "\"- \"");
		return NULL;
	}
	list = arena_alloc(r->arena, node->count * sizeof(*list));
	for (size_t i = 0; i < node->count; i++) {
		list[n] = as_short_text(r, node->items[i]);
		n += list[n].s.p != NULL && list[n].s.n > 0;
	}
	*count = n;
	return list;
}

static bool want_map(struct reader *r, const struct node *node,
		     const char *what)
{
	if (node->kind == NODE_MAP)
		return true;
	if (node_is_null(node))
		return false; /* "words:" with nothing below it */
	wrong(r, node, "%s: names with a colon are expected here (\"name: …\")",
	      what);
	return false;
}

static bool want_list(struct reader *r, const struct node *node,
		      const char *what)
{
	if (node->kind == NODE_LIST)
		return true;
	if (node_is_null(node))
		return false;
	wrong(r, node,
	      "%s: a list is expected here; begin each line with "
	      "\"- \"",
	      what);
	return false;
}

/* A key that `keys` does not have is an error. */
static void check_keys(struct reader *r, const struct node *map,
		       const char *const *keys, size_t n)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct node *key = map->keys[i];
		const char *near;
		bool known = false;

		for (size_t k = 0; !known && k < n; k++)
			known = str_is(key->text, keys[k]);
		if (known)
			continue;
		near = diag_nearest(key->text, keys, n);
		if (near != NULL)
			wrong(r, key,
			      "unknown key \"%.*s\"; did you mean \"%s\"?",
			      STR_ARG(key->text), near);
		else
			wrong(r, key, "unknown key \"%.*s\"; take it out",
			      STR_ARG(key->text));
	}
}

static bool as_number(struct reader *r, const struct node *node, double low,
		      double high, double *out)
{
	if (node->kind == NODE_SCALAR && node_double(node, out) &&
	    *out >= low && *out <= high)
		return true;
	wrong(r, node, "a number from %g to %g is expected here", low, high);
	return false;
}

static int thousandths(double x)
{
	return (int)lround(x * 1000);
}

static int number_of(struct reader *r, const struct node *map, const char *key,
		     double low, double high, int otherwise)
{
	const struct node *node = node_get(map, key);
	double x;

	if (node == NULL || !as_number(r, node, low, high, &x))
		return otherwise;
	return thousandths(x);
}

/* ---- evidence --------------------------------------------------------- */

enum side {
	SIDE_MATCH,
	SIDE_AGAINST,
	SIDE_OFF_TOPIC
};

static const char *const entry_keys[] = {"phrase", "regex", "weight"};

/* Against evidence counts down, however its weight is written. */
static int signed_weight(struct reader *r, const struct node *node,
			 enum side side)
{
	double x = 1.0;

	if (node != NULL && !as_number(r, node, -WEIGHT_MAX, WEIGHT_MAX, &x))
		return 0;
	if (thousandths(x) == 0)
		wrong(r, node, "a weight of 0 does nothing; take the line out");
	if (side == SIDE_MATCH && x < 0)
		wrong(r, node,
		      "evidence for an intent has a weight above 0; "
		      "move the line to \"against\"");
	return side == SIDE_MATCH ? thousandths(x) : -thousandths(fabs(x));
}

static void read_entry(struct reader *r, const struct node *node,
		       enum side side, struct intent *intent)
{
	struct entry *e = arena_alloc(r->arena, sizeof(*e));
	const struct node *what = node, *weight = NULL;

	if (node->kind == NODE_MAP) {
		check_keys(r, node, entry_keys, ARRAY_LEN(entry_keys));
		what = node_get(node, "phrase");
		e->regex = what == NULL;
		if (what == NULL)
			what = node_get(node, "regex");
		if (what == NULL) {
			wrong(r, node,
			      "neither \"phrase\" nor \"regex\"; a "
			      "phrase that starts with \"{\" wants "
			      "single quotes");
			return;
		}
		if (!e->regex && node_get(node, "regex") != NULL)
			wrong(r, node,
			      "both \"phrase\" and \"regex\"; make "
			      "two lines of them");
		weight = node_get(node, "weight");
	}
	e->text = as_short_text(r, what);
	e->weight = signed_weight(r, weight, side);
	e->intent = intent;
	if (e->text.s.p == NULL || e->text.s.n == 0)
		return;
	if (r->rules->entry_count == RULES_MAX_ENTRIES) {
		wrong(r, what, "over %d phrases; that is all there may be",
		      RULES_MAX_ENTRIES);
		return;
	}
	e->id = (uint32_t)r->rules->entry_count++;
	*r->rules->entries_tail = e;
	r->rules->entries_tail = &e->next;
}

static void read_entries(struct reader *r, const struct node *node,
			 const char *what, enum side side,
			 struct intent *intent)
{
	if (node == NULL || !want_list(r, node, what))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_entry(r, node->items[i], side, intent);
}

/* ---- an intent -------------------------------------------------------- */

static const char *const intent_keys[] = {
	"name",      "about",          "kind",     "match",
	"against",   "needs",          "lookup",   "answer",
	"buttons",   "then",           "examples", "counterexamples",
	"threshold", "threshold_long", "margin",   "after",
};

static const char *const kind_names[] = {
	[INTENT_INQUIRY] = "inquiry",
	[INTENT_COMPLAINT] = "complaint",
	[INTENT_CHAT] = "chat",
};

static const char *const then_names[] = {
	[THEN_NOTHING] = "nothing",
	[THEN_ASK_SOLVED] = "ask_solved",
	[THEN_RESOLVE] = "resolve",
	[THEN_ESCALATE] = "escalate",
};

/* Which of `names` the scalar is; `otherwise` and an error if none. */
static size_t choice(struct reader *r, const struct node *node,
		     const char *const *names, size_t n, size_t otherwise)
{
	struct buf list = BUF_INIT;

	for (size_t i = 0; node->kind == NODE_SCALAR && i < n; i++) {
		if (str_is(node->text, names[i]))
			return i;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	wrong(r, node, "one of %s is expected here", list.data);
	buf_fini(&list);
	return otherwise;
}

static void read_needs(struct reader *r, const struct node *node,
		       struct intent *intent)
{
	if (!want_map(r, node, "needs"))
		return;
	if (node->count > RULES_MAX_NEEDS) {
		wrong(r, node, "over %d slots; ask for fewer", RULES_MAX_NEEDS);
		return;
	}
	intent->needs =
		arena_alloc(r->arena, node->count * sizeof(*intent->needs));
	for (size_t i = 0; i < node->count; i++) {
		struct need *need = &intent->needs[intent->info.needs++];

		need->name = as_name(r, node->keys[i]);
		need->question = as_short_text(r, node->items[i]);
	}
}

static const char *const answer_keys[] = {"when", "say"};

static void read_one_answer(struct reader *r, const struct node *node,
			    struct intent *intent)
{
	struct answer *a = &intent->answers[intent->answer_count];
	const struct node *say = node, *when = NULL;

	if (node->kind == NODE_MAP) {
		check_keys(r, node, answer_keys, ARRAY_LEN(answer_keys));
		when = node_get(node, "when");
		say = node_get(node, "say");
		if (say == NULL) {
			wrong(r, node,
			      "an answer without \"say\"; add the text");
			return;
		}
	}
	if (when != NULL)
		a->when = as_short_text(r, when);
	a->say = as_short_text(r, say);
	if (a->say.s.p != NULL && a->say.s.n > 0)
		intent->answer_count++;
}

static void read_answer(struct reader *r, const struct node *node,
			struct intent *intent)
{
	bool list = node->kind == NODE_LIST;
	size_t n = list ? node->count : 1;

	intent->answers = arena_alloc(r->arena, n * sizeof(*intent->answers));
	for (size_t i = 0; i < n; i++)
		read_one_answer(r, list ? node->items[i] : node, intent);
}

static const char *const button_keys[] = {"text", "intent", "value", "url"};

static void read_button(struct reader *r, const struct node *node,
			struct intent *intent)
{
	struct answer_button *b = &intent->buttons[intent->button_count];
	const struct node *text, *to, *value, *url;

	if (!want_map(r, node, "buttons"))
		return;
	check_keys(r, node, button_keys, ARRAY_LEN(button_keys));
	text = node_get(node, "text");
	to = node_get(node, "intent");
	value = node_get(node, "value");
	url = node_get(node, "url");
	if (text == NULL ||
	    (to != NULL) + (value != NULL) + (url != NULL) != 1) {
		wrong(r, node,
		      "a button has a \"text\" and one of \"intent\", "
		      "\"value\" and \"url\"");
		return;
	}
	b->text = as_short_text(r, text).s;
	if (to != NULL)
		intent->button_intents[intent->button_count] = as_name(r, to);
	if (value != NULL)
		b->value = as_short_text(r, value).s;
	if (url != NULL)
		b->url = as_short_text(r, url).s;
	if (url != NULL && b->url.p != NULL &&
	    !str_starts(b->url, "https://") && !str_starts(b->url, "http://") &&
	    !str_starts(b->url, "{{shop."))
		wrong(r, url,
		      "a link begins with https:// (or is a fact of "
		      "the shop: {{shop.…}})");
	intent->button_count++;
}

static void read_buttons(struct reader *r, const struct node *node,
			 struct intent *intent)
{
	if (!want_list(r, node, "buttons"))
		return;
	if (node->count > RULES_MAX_BUTTONS) {
		wrong(r, node, "over %d buttons; nobody reads so many",
		      RULES_MAX_BUTTONS);
		return;
	}
	intent->buttons =
		arena_alloc(r->arena, node->count * sizeof(*intent->buttons));
	intent->button_intents = arena_alloc(
		r->arena, node->count * sizeof(*intent->button_intents));
	for (size_t i = 0; i < node->count; i++)
		read_button(r, node->items[i], intent);
}

static const char *const escalate_keys[] = {"queue", "priority", "reason"};

static void read_escalation(struct reader *r, const struct node *node,
			    struct intent_info *info)
{
	const struct node *queue, *priority, *reason;
	double x;

	if (!want_map(r, node, "escalate"))
		return;
	check_keys(r, node, escalate_keys, ARRAY_LEN(escalate_keys));
	queue = node_get(node, "queue");
	priority = node_get(node, "priority");
	reason = node_get(node, "reason");
	if (queue != NULL)
		info->queue = as_name(r, queue).s.p;
	if (reason != NULL)
		info->reason = as_name(r, reason).s.p;
	if (priority != NULL && as_number(r, priority, -9, 9, &x))
		info->priority = (int)x;
}

static void read_then(struct reader *r, const struct node *node,
		      struct intent_info *info)
{
	static const char *const keys[] = {"escalate"};

	if (node->kind != NODE_MAP) {
		info->then = (enum intent_then)choice(r, node, then_names,
						      ARRAY_LEN(then_names), 0);
		return;
	}
	check_keys(r, node, keys, ARRAY_LEN(keys));
	info->then = THEN_ESCALATE;
	if (node_get(node, "escalate") != NULL)
		read_escalation(r, node_get(node, "escalate"), info);
}

static void read_intent_texts(struct reader *r, const struct node *map,
			      struct intent *in)
{
	const struct node *node = node_get(map, "about");

	if (node != NULL)
		in->info.about = as_short_text(r, node).s.p;
	if ((node = node_get(map, "kind")) != NULL)
		in->info.kind = (enum intent_kind)choice(
			r, node, kind_names, ARRAY_LEN(kind_names), 0);
	if ((node = node_get(map, "lookup")) != NULL)
		in->lookup = as_name(r, node);
	in->info.lookup = in->lookup.s.p;
	if ((node = node_get(map, "after")) != NULL)
		in->after = as_texts(r, node, &in->after_count);
	if ((node = node_get(map, "examples")) != NULL)
		in->examples = as_texts(r, node, &in->example_count);
	if ((node = node_get(map, "counterexamples")) != NULL)
		in->counterexamples =
			as_texts(r, node, &in->counterexample_count);
	if ((node = node_get(map, "needs")) != NULL)
		read_needs(r, node, in);
	if ((node = node_get(map, "answer")) != NULL)
		read_answer(r, node, in);
	if ((node = node_get(map, "buttons")) != NULL)
		read_buttons(r, node, in);
	if ((node = node_get(map, "then")) != NULL)
		read_then(r, node, &in->info);
}

static void read_intent(struct reader *r, const struct node *map)
{
	struct intent *in = arena_alloc(r->arena, sizeof(*in));
	const struct node *name;

	if (!want_map(r, map, "an intent"))
		return;
	check_keys(r, map, intent_keys, ARRAY_LEN(intent_keys));
	name = node_get(map, "name");
	if (name == NULL) {
		wrong(r, map, "an intent without a name; add \"name: …\"");
		return;
	}
	in->name = as_name(r, name);
	if (in->name.s.p == NULL)
		return;
	in->info.name = in->name.s.p;
	in->info.about = in->info.name;
	in->threshold = number_of(r, map, "threshold", 0.1, 100, NO_NUMBER);
	in->threshold_long =
		number_of(r, map, "threshold_long", 0.1, 100, NO_NUMBER);
	in->margin = number_of(r, map, "margin", 0, 10, NO_NUMBER);
	read_intent_texts(r, map, in);
	if (node_get(map, "match") == NULL)
		wrong(r, name,
		      "intent \"%s\" has no \"match\"; write phrases that are "
		      "evidence for it",
		      in->info.name);
	if (in->answer_count == 0 && in->info.then != THEN_ESCALATE)
		wrong(r, name,
		      "intent \"%s\" has no answer; add \"answer: …\" or "
		      "\"then: {escalate: {}}\"",
		      in->info.name);
	read_entries(r, node_get(map, "match"), "match", SIDE_MATCH, in);
	read_entries(r, node_get(map, "against"), "against", SIDE_AGAINST, in);
	in->next = r->rules->intents;
	r->rules->intents = in;
	r->rules->intent_count++;
}

/* ---- words and entities ----------------------------------------------- */

static void read_words(struct reader *r, const struct node *node)
{
	if (!want_map(r, node, "words"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct group *g = arena_alloc(r->arena, sizeof(*g));

		g->name = as_name(r, node->keys[i]);
		g->phrases = as_texts(r, node->items[i], &g->phrase_count);
		if (g->phrase_count == 0)
			wrong(r, node->keys[i],
			      "word group \"%.*s\" is empty; add words",
			      STR_ARG(g->name.s));
		g->next = r->rules->groups;
		r->rules->groups = g;
		r->rules->group_count++;
	}
}

static const char *const entity_keys[] = {"pattern", "near", "yields_to"};

static void read_entity(struct reader *r, const struct node *key,
			const struct node *node)
{
	struct entity *e = arena_alloc(r->arena, sizeof(*e));
	const struct node *pattern, *near, *yields;

	if (!want_map(r, node, "an entity"))
		return;
	check_keys(r, node, entity_keys, ARRAY_LEN(entity_keys));
	pattern = node_get(node, "pattern");
	near = node_get(node, "near");
	yields = node_get(node, "yields_to");
	if (pattern == NULL) {
		wrong(r, key, "entity \"%.*s\" has no \"pattern\"; add one",
		      STR_ARG(key->text));
		return;
	}
	e->name = as_name(r, key);
	e->source = as_short_text(r, pattern);
	if (near != NULL)
		e->near = as_short_text(r, near);
	if (yields != NULL)
		e->yields_to = as_texts(r, yields, &e->yield_count);
	if (r->rules->entity_count == RULES_MAX_ENTITIES) {
		wrong(r, key, "over %d entities; that is all there may be",
		      RULES_MAX_ENTITIES);
		return;
	}
	r->rules->entity_count++;
	e->next = r->rules->entities;
	r->rules->entities = e;
}

static void read_entities(struct reader *r, const struct node *node)
{
	if (!want_map(r, node, "entities"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_entity(r, node->keys[i], node->items[i]);
}

/* ---- files ------------------------------------------------------------ */

static const char *const match_keys[] = {"threshold", "threshold_long",
					 "long_words", "margin"};

static void read_numbers(struct reader *r, const struct node *node)
{
	struct numbers *n = &r->rules->numbers;

	if (!want_map(r, node, "match"))
		return;
	check_keys(r, node, match_keys, ARRAY_LEN(match_keys));
	if (r->rules->has_numbers)
		wrong(r, node, "a second \"match:\"; one file has it");
	r->rules->has_numbers = true;
	n->threshold = number_of(r, node, "threshold", 0.1, 100, n->threshold);
	n->threshold_long = number_of(r, node, "threshold_long", 0.1, 100,
				      n->threshold_long);
	n->margin = number_of(r, node, "margin", 0, 10, n->margin);
	n->long_words = number_of(r, node, "long_words", 1, 1000,
				  n->long_words * 1000) /
			1000;
}

static void read_pairs(struct reader *r, const struct node *node,
		       const char *what, struct pair **list)
{
	if (!want_map(r, node, what))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct pair *p = arena_alloc(r->arena, sizeof(*p));

		p->from = as_short_text(r, node->keys[i]);
		p->to = as_short_text(r, node->items[i]);
		if (p->to.s.p == NULL || p->from.s.p == NULL)
			continue;
		p->next = *list;
		*list = p;
	}
}

static void read_named_texts(struct reader *r, const struct node *node,
			     struct language *l)
{
	if (!want_map(r, node, "texts"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct named_text *t = arena_alloc(r->arena, sizeof(*t));

		t->name = as_name(r, node->keys[i]);
		t->variants = as_texts(r, node->items[i], &t->variant_count);
		t->next = l->texts;
		l->texts = t;
	}
}

static const char *const language_keys[] = {
	"language", "contractions", "spellings", "protected",  "months",
	"weekdays", "yes",          "no",        "never_mind", "person",
	"polite",   "texts",        "date",      "list_and",
};

static const char *const meta_keys[META_LISTS] = {"yes", "no", "never_mind",
						  "person"};

static struct language *language_named(struct reader *r, struct str tag,
				       struct diag_place at)
{
	struct language *l;

	for (l = r->rules->languages; l != NULL; l = l->next) {
		if (str_eq(l->tag, tag))
			return l;
	}
	l = arena_alloc(r->arena, sizeof(*l));
	l->tag = tag;
	l->at = at;
	l->next = r->rules->languages;
	r->rules->languages = l;
	return l;
}

static struct text *exactly(struct reader *r, const struct node *node,
			    size_t want)
{
	size_t n;
	struct text *list = as_texts(r, node, &n);

	if (n == want)
		return list;
	wrong(r, node, "%zu names are expected here, not %zu", want, n);
	return NULL;
}

static void read_language_lists(struct reader *r, const struct node *root,
				struct language *l)
{
	const struct node *node;

	if ((node = node_get(root, "contractions")) != NULL)
		read_pairs(r, node, "contractions", &l->rewrites);
	if ((node = node_get(root, "spellings")) != NULL)
		read_pairs(r, node, "spellings", &l->rewrites);
	if ((node = node_get(root, "protected")) != NULL)
		l->protected = as_texts(r, node, &l->protected_count);
	if ((node = node_get(root, "polite")) != NULL)
		l->polite = as_texts(r, node, &l->polite_count);
	if ((node = node_get(root, "months")) != NULL)
		l->months = exactly(r, node, 12);
	if ((node = node_get(root, "weekdays")) != NULL)
		l->weekdays = exactly(r, node, 7);
	if ((node = node_get(root, "date")) != NULL)
		l->date = as_short_text(r, node);
	if ((node = node_get(root, "list_and")) != NULL)
		l->list_and = as_short_text(r, node);
	for (size_t i = 0; i < META_LISTS; i++) {
		if ((node = node_get(root, meta_keys[i])) != NULL)
			l->meta[i] = as_texts(r, node, &l->meta_count[i]);
	}
	if ((node = node_get(root, "texts")) != NULL)
		read_named_texts(r, node, l);
}

static void read_language(struct reader *r, const struct node *root)
{
	const struct node *tag = node_get(root, "language");
	struct text t;

	check_keys(r, root, language_keys, ARRAY_LEN(language_keys));
	if (tag == NULL) {
		wrong(r, root,
		      "a language file says which one it is; add "
		      "\"language: en\"");
		return;
	}
	t = as_name(r, tag);
	if (t.s.p != NULL)
		read_language_lists(r, root, language_named(r, t.s, t.at));
}

static const char *const rule_keys[] = {
	"language", "match",     "shop",    "words",
	"entities", "off_topic", "intents",
};

static void read_rule_language(struct reader *r, const struct node *node)
{
	struct text t = as_name(r, node);

	if (t.s.p == NULL)
		return;
	if (r->rules->language.p == NULL)
		r->rules->language = t.s;
	else if (!str_eq(r->rules->language, t.s))
		wrong(r, node,
		      "\"%.*s\", while other files say \"%.*s\"; all rules of "
		      "a set are in one language",
		      STR_ARG(t.s), STR_ARG(r->rules->language));
}

static void read_rule_file(struct reader *r, const struct node *root)
{
	const struct node *node;

	check_keys(r, root, rule_keys, ARRAY_LEN(rule_keys));
	if ((node = node_get(root, "language")) != NULL)
		read_rule_language(r, node);
	if ((node = node_get(root, "match")) != NULL)
		read_numbers(r, node);
	if ((node = node_get(root, "shop")) != NULL)
		read_pairs(r, node, "shop", &r->rules->facts);
	if ((node = node_get(root, "words")) != NULL)
		read_words(r, node);
	if ((node = node_get(root, "entities")) != NULL)
		read_entities(r, node);
	read_entries(r, node_get(root, "off_topic"), "off_topic",
		     SIDE_OFF_TOPIC, NULL);
	node = node_get(root, "intents");
	if (node == NULL || !want_list(r, node, "intents"))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_intent(r, node->items[i]);
}

static bool is_language_file(const char *name)
{
	return strncmp(name, "_language/", 10) == 0 ||
	       strstr(name, "/_language/") != NULL;
}

void rules_read(struct rules *rules, struct arena *arena, const char *file,
		struct str text, struct diags *diags)
{
	struct reader r = {rules, arena,
			   arena_strndup(arena, file, strlen(file)), diags};
	struct arena nodes;
	const struct node *root;

	if (rules->entries_tail == NULL)
		rules->entries_tail = &rules->entries;
	arena_init(&nodes);
	root = tree_parse(&nodes, r.file, text, diags);
	if (root != NULL && want_map(&r, root, "a rule file")) {
		if (is_language_file(file))
			read_language(&r, root);
		else
			read_rule_file(&r, root);
	}
	arena_fini(&nodes);
}
