/* A loaded set of rules, ready to run; immutable but for counters. */
#ifndef INTENT_CATALOG_H
#define INTENT_CATALOG_H

#include "base/arena.h"
#include "base/map.h"
#include "index.h"
#include "intent/intent.h"
#include "lexicon.h"
#include "rules.h"
#include "spell.h"

struct catalog {
	struct arena arena;
	struct arena phrases; /* their trees; empty where `only_match` */
	struct rules rules;
	char version[13];
	struct catalog_options options;
	bool has_jit;
	struct lexicon lexicon;
	struct wordset protected;
	struct spell spell;
	struct index index;
	const struct language *own; /* of the rules; NULL: none */
	struct map *by_name;        /* struct intent */
	struct map *groups;         /* struct group */
	struct map *entities;       /* struct entity */
	struct map *facts;          /* struct pair */
	struct intent **intents;    /* by id */
	struct entry **regexes;     /* but for those that wait */
	size_t regex_count;
	struct pattern *meta[META_LISTS]; /* NULL: none */
	struct pattern *joint;            /* the same */
	unsigned char
		meta_open; /* bits: it may have words that we cannot list */
};

/* Entity or NULL. */
const struct entity *catalog_entity(const struct catalog *catalog,
				    struct str name);
/* The language of just this tag ("de"); NULL: none. */
const struct language *catalog_language_with(const struct catalog *catalog,
					     struct str tag);
/* A language by its tag, the region left off; NULL: none. Of no locale: the
 * rules' own. */
const struct language *catalog_language(const struct catalog *catalog,
					const char *locale);

#endif
