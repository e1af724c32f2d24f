/* YAML as a tree of nodes that know where they stand. Built from libyaml's
 * events with everything refused that an operator's file never needs and an
 * attacker's would: anchors, aliases, tags, duplicate keys, depth over 16,
 * files over 1 MB, scalars over 64 kB, NUL bytes, several documents. */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

#define TREE_MAX_DEPTH  16
#define TREE_MAX_BYTES  (1024 * 1024)
#define TREE_MAX_SCALAR (64 * 1024)
#define TREE_MAX_NODES  200000

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

struct node {
	enum node_kind kind;
	bool plain; /* scalar without quotes: may mean a number, null … */
	unsigned line;
	unsigned col;
	struct str text;     /* of a scalar; NUL-terminated behind */
	size_t count;        /* items of a list, pairs of a map */
	struct node **items; /* of a list; of a map: the values */
	struct node **keys;  /* of a map: scalars */
};

/* Parses one file. The nodes live in `arena`. NULL where it is not YAML or
 * not ours; every finding is in `diags`, with the remedy ("put this in single
 * quotes" where a phrase was read as YAML syntax). An empty file is an empty
 * map. */
struct node *tree_parse(struct arena *arena, const char *file, struct str text,
			struct diags *diags);
struct node *node_get(const struct node *map, const char *key);
struct diag_place node_place(const struct node *node, const char *file);
/* Plain scalars: true/false/yes/no/on/off; numbers. False: not one. */
bool node_bool(const struct node *node, bool *out);
bool node_double(const struct node *node, double *out);
bool node_i64(const struct node *node, int64_t *out);
bool node_is_null(const struct node *node); /* plain ~, null or empty */

#endif
