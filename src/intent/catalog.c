/* Loading a set of rules, all or nothing:
 *
 * 1. read every file (parse.c), so that all mistakes of all files are known;
 * 2. names: intents, word groups, entities share one namespace each, doubles
 *    are errors; enter the words of the language files;
 * 3. compile: word groups (in the order of their use, cycles are errors),
 *    entities, evidence, answers, texts;
 * 4. build the index and the table of typing errors;
 * 5. run the examples.
 *
 * A later step runs only when those before found nothing wrong, since it would
 * only repeat their mistakes; within a step everything is reported. */
#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "compile.h"
#include "pattern.h"

#define DEFAULT_THRESHOLD      1000
#define DEFAULT_THRESHOLD_LONG 1300
#define DEFAULT_LONG_WORDS     25
#define DEFAULT_MARGIN         50

/* ---- the version ------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct intent_source *const *)a)->name,
		      (*(const struct intent_source *const *)b)->name);
}

/* Bytes of the directory that all names begin with. */
static size_t common_dir(const char *first, const char *last)
{
	size_t dir = 0;

	for (size_t i = 0; first[i] != '\0' && first[i] == last[i]; i++)
		if (first[i] == '/')
			dir = i + 1;
	return dir;
}

/* Of names and texts in the order of names, so that it does not depend on the
 * order in which a directory is read, nor on how its path is spelled. */
static void set_version(struct catalog *c, const struct intent_source *sources,
			size_t n)
{
	const struct intent_source **sorted =
		xcalloc(n + 1, sizeof(struct intent_source *));
	uint64_t hash = HASH_SEED;
	size_t dir;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &sources[i];
	qsort(sorted, n, sizeof(struct intent_source *), by_name);
	dir = n == 0 ? 0 : common_dir(sorted[0]->name, sorted[n - 1]->name);
	for (size_t i = 0; i < n; i++) {
		const char *name = sorted[i]->name + dir;

		hash = hash_bytes(hash, name, strlen(name) + 1);
		hash = hash_bytes(hash, sorted[i]->text.p, sorted[i]->text.n);
	}
	snprintf(c->version, sizeof(c->version), "%012llx",
		 (unsigned long long)(hash >> 16));
	free(sorted);
}

/* ---- order as written ------------------------------------------------- */

/* parse.c puts new things in front; turn the lists round. */
#define REVERSE(type, head)                                                    \
	do {                                                                   \
		type *turned = NULL;                                           \
		while ((head) != NULL) {                                       \
			type *one = (head);                                    \
			(head) = one->next;                                    \
			one->next = turned;                                    \
			turned = one;                                          \
		}                                                              \
		(head) = turned;                                               \
	} while (0)

static void put_in_order(struct rules *rules)
{
	REVERSE(struct language, rules->languages);
	REVERSE(struct pair, rules->facts);
	REVERSE(struct group, rules->groups);
	REVERSE(struct entity, rules->entities);
	REVERSE(struct intent, rules->intents);
	for (struct language *l = rules->languages; l != NULL; l = l->next) {
		REVERSE(struct pair, l->rewrites);
		REVERSE(struct named_text, l->texts);
	}
	if (rules->language.p == NULL)
		rules->language = STR("en");
}

/* ---- all -------------------------------------------------------------- */

static void init(struct catalog *c, const struct catalog_options *options)
{
	arena_init(&c->arena);
	arena_init(&c->phrases);
	if (options != NULL)
		c->options = *options;
	c->options.protected_words = STR_NONE; /* only borrowed */
	c->rules.numbers = (struct numbers){
		.threshold = DEFAULT_THRESHOLD,
		.threshold_long = DEFAULT_THRESHOLD_LONG,
		.long_words = DEFAULT_LONG_WORDS,
		.margin = DEFAULT_MARGIN,
	};
	lexicon_init(&c->lexicon, &c->arena);
	index_init(&c->index, &c->arena);
	c->by_name = map_new();
	c->groups = map_new();
	c->entities = map_new();
	c->facts = map_new();
}

static void forget_phrases(struct catalog *c)
{
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		e->phrase = NULL;
	for (struct group *g = c->rules.groups; g != NULL; g = g->next)
		g->alt = NULL;
	arena_fini(&c->phrases);
}

static void load(struct catalog *c, const struct intent_source *sources,
		 size_t n, const struct catalog_options *options,
		 struct diags *diags)
{
	size_t before = diags->errors;

	for (size_t i = 0; i < n; i++)
		rules_read(&c->rules, &c->arena, sources[i].name,
			   sources[i].text, diags);
	put_in_order(&c->rules);
	c->own = catalog_language_with(c, c->rules.language);
	compile_names(c, diags);
	compile_languages(c,
			  options != NULL ? options->protected_words : STR_NONE,
			  diags);
	compile_phrases(c, diags);
	compile_answers(c, diags);
	if (c->rules.intent_count == 0 && diags->errors == before)
		diag_error(diags,
			   (struct diag_place){
				   n > 0 ? sources[0].name : "intents", 0, 0},
			   "no intents in any file; add \"intents:\"");
	if (diags->errors > before)
		return;
	if (c->options.only_match)
		forget_phrases(c);
	index_build(&c->index, &c->lexicon);
	compile_waiting(c);
	spell_build(&c->spell, &c->lexicon);
	if (!c->options.skip_examples)
		catalog_test(c, diags);
}

struct catalog *catalog_load(const struct intent_source *sources, size_t n,
			     const struct catalog_options *options,
			     struct diags *diags)
{
	struct catalog *c = xcalloc(1, sizeof(*c));
	size_t before = diags->errors;

	init(c, options);
	set_version(c, sources, n);
	load(c, sources, n, options, diags);
	diags_sort(diags);
	if (diags->errors > before)
		catalog_free(&c);
	return c;
}

static void free_patterns(struct catalog *c)
{
	for (struct entry *e = c->rules.entries; e != NULL; e = e->next)
		pattern_free(&e->pattern);
	for (struct entity *e = c->rules.entities; e != NULL; e = e->next) {
		pattern_free(&e->pattern);
		pattern_free(&e->near_pattern);
	}
	for (size_t i = 0; i < META_LISTS; i++)
		pattern_free(&c->meta[i]);
	pattern_free(&c->joint);
}

void catalog_free(struct catalog **catalogp)
{
	struct catalog *c = *catalogp;

	if (c == NULL)
		return;
	free_patterns(c);
	spell_fini(&c->spell);
	wordset_fini(&c->protected);
	index_fini(&c->index);
	lexicon_fini(&c->lexicon);
	for (struct language *l = c->rules.languages; l != NULL; l = l->next)
		map_free(&l->texts_by_name);
	map_free(&c->by_name);
	map_free(&c->groups);
	map_free(&c->entities);
	map_free(&c->facts);
	arena_fini(&c->phrases);
	arena_fini(&c->arena);
	free(c);
	*catalogp = NULL;
}

/* ---- looking in ------------------------------------------------------- */

const char *catalog_version(const struct catalog *c)
{
	return c->version;
}

const char *catalog_tag(const struct catalog *c)
{
	return c->rules.language.p;
}

size_t catalog_count(const struct catalog *c)
{
	return c->rules.intent_count;
}

const struct intent *catalog_intent(const struct catalog *c, size_t i)
{
	return i < c->rules.intent_count ? c->intents[i] : NULL;
}

const struct intent *catalog_find(const struct catalog *c, struct str name)
{
	return map_get(c->by_name, name);
}

bool catalog_has_jit(const struct catalog *c)
{
	return c->has_jit;
}

static size_t patterns_bytes(const struct catalog *c)
{
	size_t sum = pattern_bytes(c->joint);

	for (const struct entry *e = c->rules.entries; e != NULL; e = e->next)
		sum += pattern_bytes(e->pattern);
	for (const struct entity *e = c->rules.entities; e != NULL; e = e->next)
		sum += pattern_bytes(e->pattern) +
		       pattern_bytes(e->near_pattern);
	for (size_t i = 0; i < META_LISTS; i++)
		sum += pattern_bytes(c->meta[i]);
	return sum;
}

size_t catalog_bytes(const struct catalog *c)
{
	return arena_bytes(&c->arena) + arena_bytes(&c->phrases) +
	       patterns_bytes(c) + lexicon_bytes(&c->lexicon) +
	       index_bytes(&c->index) + buckets_bytes(&c->protected.words) +
	       buckets_bytes(&c->spell.buckets);
}

const struct entity *catalog_entity(const struct catalog *c, struct str name)
{
	return map_get(c->entities, name);
}

const struct language *catalog_language_with(const struct catalog *c,
					     struct str tag)
{
	for (const struct language *l = c->rules.languages; l != NULL;
	     l = l->next) {
		if (str_eq(l->tag, tag))
			return l;
	}
	return NULL;
}

const struct language *catalog_language(const struct catalog *c,
					const char *locale)
{
	char tag[64];
	size_t n = 0;
	const struct language *l;

	if (locale == NULL)
		return c->own;
	for (; locale[n] != '\0' && n < sizeof(tag); n++) {
		char ch = locale[n] == '_' ? '-' : locale[n];

		tag[n] = ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
	}
	while (n > 0) { /* "de-at", then "de" */
		l = catalog_language_with(c, (struct str){tag, n});
		if (l != NULL)
			return l;
		while (n > 0 && tag[--n] != '-')
			;
	}
	return NULL;
}

struct limits {
	void (*each)(void *arg, const struct catalog_limit *limit);
	void *arg;
};

static void tell_limit(const struct limits *l, const struct text *text,
		       const struct pattern *pattern)
{
	struct catalog_limit limit = {text->s.p, text->at.file, text->at.line,
				      0};

	if (pattern != NULL)
		limit.count = pattern_limits_hit(pattern);
	if (limit.count > 0)
		l->each(l->arg, &limit);
}

void catalog_limits(const struct catalog *c,
		    void (*each)(void *arg, const struct catalog_limit *limit),
		    void *arg)
{
	const struct limits l = {each, arg};
	for (const struct entry *e = c->rules.entries; e != NULL; e = e->next)
		tell_limit(&l, &e->text, e->pattern);
	for (const struct entity *e = c->rules.entities; e != NULL;
	     e = e->next) {
		tell_limit(&l, &e->source, e->pattern);
		tell_limit(&l, &e->near, e->near_pattern);
	}
	for (size_t i = 0; i < META_LISTS; i++) {
		if (c->meta[i] != NULL)
			tell_limit(&l, &c->own->meta[i][0], c->meta[i]);
	}
	if (c->joint != NULL)
		tell_limit(&l, &c->own->joint, c->joint);
}

static void add_limit(void *arg, const struct catalog_limit *limit)
{
	*(uint64_t *)arg += limit->count;
}

uint64_t catalog_limits_hit(const struct catalog *c)
{
	uint64_t sum = 0;

	catalog_limits(c, add_limit, &sum);
	return sum;
}

const struct intent_info *intent_info(const struct intent *intent)
{
	return &intent->info;
}

bool intent_hands_over(const struct intent *intent)
{
	return intent->info.then == THEN_ESCALATE ||
	       intent->info.kind == INTENT_COMPLAINT;
}

bool intent_has_answer(const struct intent *intent)
{
	return intent->answer_count > 0;
}

const char *intent_need(const struct intent *intent, size_t i)
{
	return i < intent->info.needs ? intent->needs[i].name.s.p : NULL;
}

size_t intent_buttons(const struct intent *intent,
		      const struct answer_button **list)
{
	*list = intent->buttons;
	return intent->button_count;
}
