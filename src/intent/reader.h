/* Reading pieces of a rule file's YAML tree: texts, names, lists, numbers. What
 * is not what was expected becomes a finding with its place and the remedy, and
 * reading goes on. */
#ifndef INTENT_READER_H
#define INTENT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/tree.h"
#include "rules.h"

struct reader {
	struct rules *rules;
	struct arena *arena;
	const char *file; /* in the arena */
	struct diags *diags;
};

#define wrong(r, node, ...)                                                    \
	diag_error((r)->diags, node_place(node, (r)->file), __VA_ARGS__)

/* A scalar, copied; .s.p is NULL where it is none. */
struct text reader_text(struct reader *r, const struct node *node);
/* The same, neither empty nor endless. */
struct text reader_short(struct reader *r, const struct node *node);
/* The same, of small letters, digits and _. */
struct text reader_name(struct reader *r, const struct node *node);
/* A list of short texts, or one alone. */
struct text *reader_texts(struct reader *r, const struct node *node,
			  size_t *count);
/* Is it one? An empty value ("words:") is none, but not wrong. */
bool reader_map(struct reader *r, const struct node *node, const char *what);
bool reader_list(struct reader *r, const struct node *node, const char *what);
/* Keys that are not among `keys` are wrong. */
void reader_keys(struct reader *r, const struct node *map,
		 const char *const *keys, size_t n);
bool reader_number(struct reader *r, const struct node *node, double low,
		   double high, double *out);
/* The number under `key`, times 1,000; `otherwise` where there is none. */
int reader_thousandths(struct reader *r, const struct node *map,
		       const char *key, double low, double high, int otherwise);

/* The parts of a file (parse_intent.c, parse_language.c). */
enum side {
	SIDE_MATCH,
	SIDE_AGAINST,
	SIDE_OFF_TOPIC
};
void parse_entries(struct reader *r, const struct node *node, const char *what,
		   enum side side, struct intent *intent);
void parse_intent(struct reader *r, const struct node *map);
void parse_language(struct reader *r, const struct node *root);
void parse_pairs(struct reader *r, const struct node *node, const char *what,
		 struct pair **list);

#endif
