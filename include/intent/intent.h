/* The rule engine: rules as operators write them in, what a message means and
 * how to answer it out. Pure: no files, sockets, clock, randomness or logging;
 * the caller reads the files. The library's one front door; docs of the
 * language are in the manual page intents(5).
 *
 *   sources ── catalog_load() ──▶ catalog (immutable, shareable by threads)
 *   message ── match_message(catalog, matcher) ──▶ struct match
 *   intent  ── answer_render(catalog, intent, values) ──▶ text, buttons
 */
#ifndef INTENT_INTENT_H
#define INTENT_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"

struct catalog; /* one loaded, checked, compiled set of rules */
struct intent;  /* one of its intents; lives as long as the catalog */
struct matcher; /* scratch memory for matching; one a thread */

/* -- loading ----------------------------------------------------------- */

#define INTENT_FILES ".yaml .yml" /* for file_tree() */

struct intent_source {
	const char *name; /* "orders.yaml", as findings shall show it */
	struct str text;
};

struct catalog_options {
	bool no_jit;      /* PCRE2's interpreter only */
	bool no_index;    /* every phrase in turn: for proofs and benchmarks */
	bool no_spelling; /* no correction of typing errors */
	bool skip_examples; /* do not run examples and counterexamples */
	/* Forgets what only checking needs, which is half of all memory: not
	 * for catalog_lint() and catalog_words(). */
	bool only_match;
	/* Common words that are never corrected, one a line (a word list of
	 * the system); borrowed for the call. */
	struct str protected_words;
};

/* All or nothing: NULL where anything is wrong, and every finding of all files
 * is in `diags` with file:line:col and remedy. May take long (compiles
 * patterns, runs examples): call it in a worker. */
struct catalog *catalog_load(const struct intent_source *sources, size_t n,
			     const struct catalog_options *options,
			     struct diags *diags);
void catalog_free(struct catalog **catalog);
/* 12 hex digits that name this set of rules: equal sources, equal version. */
const char *catalog_version(const struct catalog *catalog);
/* The language that the rules are written in: "en". */
const char *catalog_tag(const struct catalog *catalog);
size_t catalog_count(const struct catalog *catalog);
const struct intent *catalog_intent(const struct catalog *catalog, size_t i);
const struct intent *catalog_find(const struct catalog *catalog,
				  struct str name);
bool catalog_has_jit(const struct catalog *catalog);
/* The memory that it takes, but for the tables of its names. */
size_t catalog_bytes(const struct catalog *catalog);

/* What loading lets pass and an operator should know all the same: shadowed
 * and unreachable rules, phrases near another intent's examples, patterns that
 * run into limits (an error), unused word groups, slots nobody asks for or
 * uses, complaints without an apology, missing translations. */
void catalog_lint(const struct catalog *catalog, struct diags *diags);
/* A data source of the configuration, as far as rules have to fit it. */
struct catalog_source {
	const char *name;
	const char *const *slots; /* that it is asked with */
	size_t slot_count;
	const char *const *fields; /* that it gives; none: nobody knows */
	size_t field_count;
};
/* Lookups of sources that are not there, slots that nobody fills, fields that
 * nobody gives. */
void catalog_lint_sources(const struct catalog *catalog,
			  const struct catalog_source *sources, size_t n,
			  struct diags *diags);
/* Escalations to a queue that is not one of the `n`: such a chat goes to
 * `fallback`. */
void catalog_lint_queues(const struct catalog *catalog,
			 const char *const *queues, size_t n,
			 const char *fallback, struct diags *diags);
/* Runs all examples and counterexamples; what fails is an error in `diags`.
 * Returns how many there are. */
size_t catalog_test(const struct catalog *catalog, struct diags *diags);

/* A word that rules or language files know. */
struct catalog_word {
	struct str text;
	bool is_rule;      /* a phrase has it: typing errors become it */
	bool is_protected; /* it is a common word besides (word lists) */
	const struct str *becomes; /* it is read as these words instead */
	size_t become_count;
};
/* Calls `each` for all of them, in the order of their bytes. */
void catalog_words(const struct catalog *catalog,
		   void (*each)(void *arg, const struct catalog_word *word),
		   void *arg);
/* Calls `each` for all word groups, in the order of their names, with all that
 * one can be, in the order of bytes; none where that cannot be listed (it holds
 * PCRE2, or is too many). */
void catalog_groups(const struct catalog *catalog,
		    void (*each)(void *arg, struct str name,
				 const struct str *forms, size_t n),
		    void *arg);

enum intent_kind {
	INTENT_INQUIRY,
	INTENT_COMPLAINT,
	INTENT_CHAT,
};

enum intent_then {
	THEN_NOTHING,
	THEN_ASK_SOLVED,
	THEN_RESOLVE,
	THEN_ESCALATE,
};

/* What the state machine needs to know of an intent. Strings live as long as
 * the catalog. */
struct intent_info {
	const char *name;
	const char *about;
	enum intent_kind kind;
	enum intent_then then;
	const char *queue;  /* of an escalation; NULL: the default queue */
	int priority;       /* of an escalation: -9 to 9, higher first */
	const char *reason; /* of an escalation: a word; NULL: the name */
	size_t needs;       /* slots */
	const char *lookup; /* NULL: none */
	const char *speaks; /* who writes this writes that language, "de"; NULL:
			     * nothing is said of it */
};
const struct intent_info *intent_info(const struct intent *intent);
/* The name of needed slot `i`. */
const char *intent_need(const struct intent *intent, size_t i);
/* Leads to a person: it escalates, or is a complaint. */
bool intent_hands_over(const struct intent *intent);
/* False: it only hands over. */
bool intent_has_answer(const struct intent *intent);

/* -- matching ---------------------------------------------------------- */

enum outcome {
	OUTCOME_ANSWER,   /* at least one intent won */
	OUTCOME_CLARIFY,  /* several within the margin: ask which */
	OUTCOME_ESCALATE, /* won, and its rule hands over to a person */
	OUTCOME_MISS,     /* nothing won */
};
extern const char *const outcome_names[]; /* "answer" … as in --json */

/* What is understood anywhere, before the rules are asked. */
enum meta {
	META_NONE,
	META_YES,
	META_NO,
	META_NEVER_MIND,
	META_PERSON, /* asks for a person */
};

#define MATCH_MAX_WINNERS  4
#define MATCH_MAX_NEAR     3
#define MATCH_MAX_ENTITIES 16
#define MATCH_MAX_EVIDENCE 64

struct match_entity {
	const char *name; /* of the catalog */
	char value[128];  /* as typed, cleaned of the blanks around */
	size_t at, len;   /* bytes in the message */
};

struct match_winner {
	const struct intent *intent;
	int score;    /* thousandths */
	int sentence; /* from 0; -1: the message as a whole */
};

/* One phrase that matched, for `answerctl match`. */
struct match_evidence {
	const struct intent *intent; /* NULL: off-topic, against all */
	const char *phrase;          /* as written */
	const char *file;
	unsigned line;
	int weight; /* thousandths, below 0 is against */
	int sentence;
};

struct match {
	enum outcome outcome;
	enum meta meta;
	size_t winner_count; /* of ANSWER and ESCALATE: in order of sentence;
			      * of CLARIFY: the candidates, best first */
	struct match_winner winners[MATCH_MAX_WINNERS];
	/* ESCALATE: nothing won, but the one winner reached its
	 * `threshold_miss` */
	bool by_miss;
	const struct intent *runner_up; /* NULL: none */
	int runner_up_score;
	size_t near_count; /* of MISS: the best that did not reach it */
	struct match_winner near[MATCH_MAX_NEAR];
	size_t entity_count;
	struct match_entity entities[MATCH_MAX_ENTITIES];
	unsigned limits_hit; /* patterns that ran into a limit of PCRE2 */
	/* Explanation; filled where the context asks for it. */
	size_t evidence_count;
	struct match_evidence evidence[MATCH_MAX_EVIDENCE];
	struct str normalised;  /* in the matcher, until its next use */
	struct str corrections; /* "wher>where ordr>order", the same */
};

/* What a conversation knows when a message is matched. */
struct match_context {
	const char *last_intent; /* answered last (for `after`), or NULL */
	bool explain;
};

struct matcher *matcher_new(void);
void matcher_free(struct matcher **matcher);
/* Never fails; `text` is valid UTF-8 of any length. `context` may be NULL. */
void match_message(const struct catalog *catalog, struct matcher *matcher,
		   struct str text, const struct match_context *context,
		   struct match *out);
/* The message matched last, whether or not a rule knew it, reads as one in the
 * catalog's own language: three words at least, three of four common ones. */
bool match_reads_own(const struct catalog *catalog,
		     const struct matcher *matcher);
/* Counted over the life of the catalog, for reports: how often patterns ran
 * into a limit (not thread-safe beyond a relaxed counter). */
uint64_t catalog_limits_hit(const struct catalog *catalog);
/* The same by rule: calls `each` for those that did. */
struct catalog_limit {
	const char *phrase; /* or pattern, as written; of yes, no … the first
			     * of the list */
	const char *file;
	unsigned line;
	uint64_t count;
};
void catalog_limits(const struct catalog *catalog,
		    void (*each)(void *arg, const struct catalog_limit *limit),
		    void *arg);
/* True where `text` fills the slot `name` (an entity of that name is found in
 * it, or, where there is no such entity, any text): the value is copied. */
bool slot_fill(const struct catalog *catalog, struct matcher *matcher,
	       const char *name, struct str text, char value[128]);
/* True where exactly one stretch of `text` could be the entity `name` and is
 * none that `match` has found in it, whatever stands near: "Where is my order?
 * 10234567." */
bool slot_find(const struct catalog *catalog, struct matcher *matcher,
	       const char *name, struct str text, const struct match *match,
	       char value[128]);

/* -- answers ----------------------------------------------------------- */

struct answer_value {
	const char *name; /* "order_id", "order.status", "agent" */
	struct str value;
};

struct answer_request {
	const char *locale;    /* BCP 47; NULL: the catalog's language */
	struct str message_id; /* which variant is taken depends on it only */
	const struct answer_value *values;
	size_t value_count;
	/* A slot without value and default stays as "{{name}}", for somebody
	 * to fill in; else it is left out. */
	bool keep_slots;
};

/* The intent's answer: the first whose `when` holds, else one of those
 * without, chosen by the message's id. Appends to `text`. False: there is no
 * answer (an intent may only hand over). */
bool answer_render(const struct catalog *catalog, const struct intent *intent,
		   const struct answer_request *request, struct buf *text);
/* The question for needed slot `i`. */
void answer_need(const struct catalog *catalog, const struct intent *intent,
		 size_t i, const struct answer_request *request,
		 struct buf *text);
/* A text of the language files (`texts:`), with {{slots}} filled: "handoff",
 * "miss" … In the locale's language, else in the catalog's. False and nothing
 * appended where there is none. */
bool answer_text(const struct catalog *catalog, const char *name,
		 const struct answer_request *request, struct buf *text);

struct answer_button {
	struct str text;
	struct str value; /* sent back by `choose`; NONE: a link */
	struct str url;   /* of a link */
};
/* A button whose value is "intent:NAME" asks for that intent. */
size_t intent_buttons(const struct intent *intent,
		      const struct answer_button **list);

#endif
