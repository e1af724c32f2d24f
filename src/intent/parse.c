/* A rule file: which keys it may have, and whose part each is. What needs other
 * files (names of groups and intents, compiling) is catalog.c's. */
#include <string.h>

#include "base/mem.h"
#include "reader.h"

/* ---- words and entities ----------------------------------------------- */

static void read_words(struct reader *r, const struct node *node)
{
	if (!reader_map(r, node, "words"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct group *g = arena_alloc(r->arena, sizeof(*g));

		g->name = reader_name(r, node->keys[i]);
		g->phrases = reader_texts(r, node->items[i], &g->phrase_count);
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

	if (!reader_map(r, node, "an entity"))
		return;
	reader_keys(r, node, entity_keys, ARRAY_LEN(entity_keys));
	pattern = node_get(node, "pattern");
	near = node_get(node, "near");
	yields = node_get(node, "yields_to");
	if (pattern == NULL) {
		wrong(r, key, "entity \"%.*s\" has no \"pattern\"; add one",
		      STR_ARG(key->text));
		return;
	}
	e->name = reader_name(r, key);
	e->source = reader_short(r, pattern);
	if (near != NULL)
		e->near = reader_short(r, near);
	if (yields != NULL)
		e->yields_to = reader_texts(r, yields, &e->yield_count);
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
	if (!reader_map(r, node, "entities"))
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

	if (!reader_map(r, node, "match"))
		return;
	reader_keys(r, node, match_keys, ARRAY_LEN(match_keys));
	if (r->rules->has_numbers)
		wrong(r, node, "a second \"match:\"; one file has it");
	r->rules->has_numbers = true;
	n->threshold = reader_thousandths(r, node, "threshold", 0.1, 100,
					  n->threshold);
	n->threshold_long = reader_thousandths(r, node, "threshold_long", 0.1,
					       100, n->threshold_long);
	n->margin = reader_thousandths(r, node, "margin", 0, 10, n->margin);
	n->long_words = reader_thousandths(r, node, "long_words", 1, 1000,
					   n->long_words * 1000) /
			1000;
}

static const char *const rule_keys[] = {
	"language", "match",     "shop",    "words",
	"entities", "off_topic", "intents",
};

static void read_rule_language(struct reader *r, const struct node *node)
{
	struct text t = reader_name(r, node);

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

	reader_keys(r, root, rule_keys, ARRAY_LEN(rule_keys));
	if ((node = node_get(root, "language")) != NULL)
		read_rule_language(r, node);
	if ((node = node_get(root, "match")) != NULL)
		read_numbers(r, node);
	if ((node = node_get(root, "shop")) != NULL)
		parse_pairs(r, node, "shop", &r->rules->facts);
	if ((node = node_get(root, "words")) != NULL)
		read_words(r, node);
	if ((node = node_get(root, "entities")) != NULL)
		read_entities(r, node);
	parse_entries(r, node_get(root, "off_topic"), "off_topic",
		      SIDE_OFF_TOPIC, NULL);
	node = node_get(root, "intents");
	if (node == NULL || !reader_list(r, node, "intents"))
		return;
	for (size_t i = 0; i < node->count; i++)
		parse_intent(r, node->items[i]);
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
	if (root != NULL && reader_map(&r, root, "a rule file")) {
		if (is_language_file(file))
			parse_language(&r, root);
		else
			read_rule_file(&r, root);
	}
	arena_fini(&nodes);
}
