/* What the rule files say, piece by piece: parse.c fills it in from the YAML
 * trees, catalog.c makes it ready to run. Everything lives in the catalog's
 * arena, except what a pattern holds. */
#ifndef INTENT_RULES_H
#define INTENT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "intent/intent.h"
#include "phrase.h"

/* What a set of rules may hold; more is an error, not a crash. */
#define RULES_MAX_ENTRIES  200000
#define RULES_MAX_ENTITIES 64
#define RULES_MAX_NEEDS    8
#define RULES_MAX_BUTTONS  6
#define RULES_MAX_TAG      15  /* as a conversation keeps it */
#define RULES_MAX_VALUE    256 /* bytes of a button's value, as the wire takes */
#define WEIGHT_MAX         100.0

#define NO_NUMBER      INT32_MIN /* a number that is not given */
/* Of an intent that wins nothing but a miss, by its threshold_miss. */
#define THRESHOLD_NONE INT32_MAX

struct pattern;
struct clause;
struct condition;
struct map;
struct plan;
struct template;

/* A scalar and where it stands. */
struct text {
	struct str s;
	struct diag_place at;
	bool plain; /* no quotes */
};

/* One piece of evidence. */
struct entry {
	const struct plan *plan; /* NULL: PCRE2 decides */
	struct pattern *pattern; /* NULL with a plan where `only_match` */
	struct intent *intent;   /* NULL: against all (off-topic) */
	uint32_t id;
	int weight;   /* thousandths; against is below 0 */
	bool regex;   /* PCRE2 on the message as typed */
	bool figures; /* without a plan: needs a digit or a placeholder */
	struct clause **clauses; /* all needed for a match */
	size_t clause_count;
	struct alt *phrase; /* NULL for a regex */
	struct text text;
	struct entry *next; /* of the same intent, then of the next */
};

/* A named list of phrases. */
struct group {
	struct text name;
	struct text *phrases;
	size_t phrase_count;
	struct alt *alt;
	enum {
		GROUP_NEW,
		GROUP_OPEN,
		GROUP_DONE
	} state; /* for cycles */
	bool used;
	struct group *next;
};

struct entity {
	struct text name;
	struct text source;
	struct text near; /* .s.p NULL: anywhere */
	struct text *yields_to;
	size_t yield_count;
	struct pattern *pattern;
	struct pattern *near_pattern;
	uint64_t beaten_by; /* bits of the entities it yields to */
	uint32_t id;
	struct str placeholder; /* "<name>", as it stands in normalised text */
	bool wordy;     /* may be found without a digit or an "@" in it */
	unsigned needs; /* bits of NEED_*: each must stand in it */
	struct entity *next;
};

struct need {
	struct text name;
	struct text question;
	struct template *ask;
};

struct answer {
	struct text when; /* .s.p NULL: none */
	struct text say;
	struct condition *condition;
	struct template *template;
};

struct intent {
	struct intent_info info;
	struct text name;
	uint32_t id;
	/* thousandths or NO_NUMBER; of the first THRESHOLD_NONE, too */
	int threshold, threshold_long, margin, threshold_miss;
	struct text lookup;
	struct text queue; /* of an escalation; .s.p NULL: the default */
	struct text *after;
	size_t after_count;
	const struct intent **after_intents;
	struct need *needs;
	struct answer *answers;
	size_t answer_count;
	struct answer_button *buttons;
	struct text *button_intents; /* .s.p NULL: not of that kind */
	size_t button_count;
	struct filed *waiting; /* of its entries; see entry_waits() */
	size_t waiting_count;
	struct text *examples;
	size_t example_count;
	struct text *counterexamples;
	size_t counterexample_count;
	struct intent *next;
};

/* Wins nothing but a miss. */
static inline bool intent_waits(const struct intent *intent)
{
	return intent->threshold == THRESHOLD_NONE;
}

/* Is looked for only where its intent has a score or may win a miss: what
 * speaks against one, and all of one that wins nothing else. */
static inline bool entry_waits(const struct entry *entry)
{
	return entry->intent != NULL &&
	       (entry->weight < 0 || intent_waits(entry->intent));
}

/* A pair of texts: "can't" → "cannot", "shop.name" → "…". */
struct pair {
	struct text from, to;
	struct pair *next;
};

/* texts: of one language. A name may have variants. */
struct named_text {
	struct text name;
	struct text *variants;
	struct template **templates;
	size_t variant_count;
	struct named_text *next;
};

#define META_LISTS 4 /* yes, no, never mind, a person */

struct language {
	struct str tag; /* "en" */
	struct diag_place at;
	struct pair *rewrites;  /* contractions and chat spellings */
	struct text *protected; /* words */
	size_t protected_count;
	struct text *polite; /* phrases around a yes or no */
	size_t polite_count;
	struct text *meta[META_LISTS];
	size_t meta_count[META_LISTS];
	struct text *months;   /* 12 or none */
	struct text *weekdays; /* 7 from Monday, or none */
	struct text date;      /* "{weekday}, {day} {month} {year}" */
	struct text list_and;  /* the word before the last of a list */
	struct text joint;     /* PCRE2: what joins two questions; or none */
	struct text money;
	struct named_text *texts;
	struct map *texts_by_name; /* those that say something */
	struct language *next;
};

struct numbers {
	int threshold, threshold_long, margin; /* thousandths */
	int long_words;
};

struct rules {
	struct str language; /* of the rules; the fallback of the texts */
	struct numbers numbers;
	bool has_numbers;
	struct language *languages;
	struct pair *facts; /* shop: */
	struct group *groups;
	size_t group_count;
	struct entity *entities;
	size_t entity_count;
	struct intent *intents;
	size_t intent_count;
	struct entry *entries; /* of all intents, in order, and off-topic */
	struct entry **entries_tail;
	size_t entry_count;
};

struct arena;

/* Reads one file into `rules`; all that is wrong is in `diags`. */
void rules_read(struct rules *rules, struct arena *arena, const char *file,
		struct str text, struct diags *diags);

#endif
