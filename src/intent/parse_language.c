/* Language files: how people of a language shorten and misspell, what a yes
 * is, and what the bot says on its own account. */
#include <string.h>

#include "base/mem.h"
#include "reader.h"

void parse_pairs(struct reader *r, const struct node *node, const char *what,
		 struct pair **list)
{
	if (!reader_map(r, node, what))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct pair *p = arena_alloc(r->arena, sizeof(*p));

		p->from = reader_short(r, node->keys[i]);
		p->to = reader_short(r, node->items[i]);
		if (p->to.s.p == NULL || p->from.s.p == NULL)
			continue;
		p->next = *list;
		*list = p;
	}
}

static void read_named_texts(struct reader *r, const struct node *node,
			     struct language *l)
{
	if (!reader_map(r, node, "texts"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct named_text *t = arena_alloc(r->arena, sizeof(*t));

		t->name = reader_name(r, node->keys[i]);
		t->variants =
			reader_texts(r, node->items[i], &t->variant_count);
		t->next = l->texts;
		l->texts = t;
	}
}

static const char *const language_keys[] = {
	"language", "contractions", "spellings", "protected",  "months",
	"weekdays", "yes",          "no",        "never_mind", "person",
	"polite",   "texts",        "date",      "list_and",   "joint",
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
	struct text *list = reader_texts(r, node, &n);

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
		parse_pairs(r, node, "contractions", &l->rewrites);
	if ((node = node_get(root, "spellings")) != NULL)
		parse_pairs(r, node, "spellings", &l->rewrites);
	if ((node = node_get(root, "protected")) != NULL)
		l->protected = reader_texts(r, node, &l->protected_count);
	if ((node = node_get(root, "polite")) != NULL)
		l->polite = reader_texts(r, node, &l->polite_count);
	if ((node = node_get(root, "months")) != NULL)
		l->months = exactly(r, node, 12);
	if ((node = node_get(root, "weekdays")) != NULL)
		l->weekdays = exactly(r, node, 7);
	if ((node = node_get(root, "date")) != NULL)
		l->date = reader_short(r, node);
	if ((node = node_get(root, "list_and")) != NULL)
		l->list_and = reader_short(r, node);
	if ((node = node_get(root, "joint")) != NULL)
		l->joint = reader_short(r, node);
	for (size_t i = 0; i < META_LISTS; i++) {
		if ((node = node_get(root, meta_keys[i])) != NULL)
			l->meta[i] = reader_texts(r, node, &l->meta_count[i]);
	}
	if ((node = node_get(root, "texts")) != NULL)
		read_named_texts(r, node, l);
}

void parse_language(struct reader *r, const struct node *root)
{
	const struct node *tag = node_get(root, "language");
	struct text t;

	reader_keys(r, root, language_keys, ARRAY_LEN(language_keys));
	if (tag == NULL) {
		wrong(r, root,
		      "a language file says which one it is; add "
		      "\"language: en\"");
		return;
	}
	t = reader_name(r, tag);
	if (t.s.p != NULL)
		read_language_lists(r, root, language_named(r, t.s, t.at));
}
