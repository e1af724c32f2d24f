/* YAML bytes to a tree, from libyaml's events; see tree.h. Under the rules
 * and the configuration. Depth and counts are checked event by event, so that
 * nothing is built that will be refused; what was wrong with a single node
 * does not stop the reading, so that one run shows all of it. The one door to
 * libyaml. */
#include "base/tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tree_remedy.h"

/* libyaml's time grows with the square of the nesting that it has to look
 * ahead over; this many in a row are nobody's file. */
#define OPENERS_IN_A_ROW_MAX 128
/* Up to here keys are compared each with each, beyond they are sorted. */
#define KEYS_COMPARED_MAX    16

/* A list or map whose end has not come yet. */
struct open {
	struct node *node;
	struct node **items;
	struct node **keys;
	size_t count, cap;
	struct node *key; /* read, its value not */
};

struct builder {
	struct arena *arena;
	struct diags *diags;
	const char *file;
	struct str text;
	struct open open[TREE_MAX_DEPTH];
	size_t depth;
	size_t nodes;
	size_t documents;
	struct node *root;
	size_t seen_points, seen_bytes; /* how far warn_of_comment() counted */
	bool stop;
};

static struct diag_place place(const struct builder *b, yaml_mark_t at)
{
	return (struct diag_place){b->file, (unsigned)at.line + 1,
				   (unsigned)at.column + 1};
}

static void add_item(struct open *o, struct node *key, struct node *item)
{
	if (o->count == o->cap) {
		o->cap = o->cap == 0 ? 8 : o->cap * 2;
		o->items = xreallocarray(o->items, o->cap, sizeof(*o->items));
		o->keys = xreallocarray(o->keys, o->cap, sizeof(*o->keys));
	}
	o->keys[o->count] = key;
	o->items[o->count++] = item;
}

/* -- putting nodes in their place -------------------------------------- */

static void check_key(struct builder *b, const struct node *key)
{
	if (key->kind != NODE_SCALAR)
		diag_error(b->diags, node_place(key, b->file),
			   "a key must be a word, not a %s; put this in "
			   "single quotes if it is text",
			   key->kind == NODE_MAP ? "map" : "list");
	else if (key->text.n == 0)
		diag_error(b->diags, node_place(key, b->file),
			   "a key is missing before \":\"; write \"key: "
			   "value\"");
}

static void place_node(struct builder *b, struct node *node)
{
	struct open *o;

	if (b->depth == 0) {
		b->root = node;
		return;
	}
	o = &b->open[b->depth - 1];
	if (o->node->kind == NODE_LIST) {
		add_item(o, NULL, node);
	} else if (o->key == NULL) {
		check_key(b, node);
		o->key = node;
	} else {
		add_item(o, o->key, node);
		o->key = NULL;
	}
}

static struct node *new_node(struct builder *b, enum node_kind kind,
			     const yaml_event_t *ev)
{
	struct node *node;

	if (++b->nodes > TREE_MAX_NODES) {
		diag_error(b->diags, place(b, ev->start_mark),
			   "more than %d values in one file; split the file",
			   TREE_MAX_NODES);
		b->stop = true;
		return NULL;
	}
	node = arena_alloc(b->arena, sizeof(*node));
	node->kind = kind;
	node->line = (unsigned)ev->start_mark.line + 1;
	node->col = (unsigned)ev->start_mark.column + 1;
	node->text = STR("");
	return node;
}

/* -- duplicate keys ---------------------------------------------------- */

static void report_twice(struct builder *b, const struct node *first,
			 const struct node *second)
{
	diag_error(b->diags, node_place(second, b->file),
		   "the key \"%.*s\" stands here a second time (first in line "
		   "%u); remove one of them",
		   (int)(second->text.n > 64 ? 64 : second->text.n),
		   second->text.p, first->line);
}

static int by_text(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a;
	const struct node *y = *(struct node *const *)b;
	int order = str_cmp(x->text, y->text);

	if (order != 0)
		return order;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->col < y->col ? -1 : x->col > y->col;
}

static void check_sorted(struct builder *b, struct node *const *keys, size_t n)
{
	struct node **sorted = xreallocarray(NULL, n, sizeof(struct node *));

	memcpy(sorted, keys, n * sizeof(struct node *));
	qsort(sorted, n, sizeof(struct node *), by_text);
	for (size_t i = 1; i < n; i++)
		if (str_eq(sorted[i - 1]->text, sorted[i]->text))
			report_twice(b, sorted[i - 1], sorted[i]);
	free(sorted);
}

static void check_keys(struct builder *b, struct node *const *keys, size_t n)
{
	if (n > KEYS_COMPARED_MAX) {
		check_sorted(b, keys, n);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (!str_eq(keys[i]->text, keys[j]->text))
				continue;
			report_twice(b, keys[j], keys[i]);
			break;
		}
	}
}

/* -- events ------------------------------------------------------------ */

static void refuse_anchor_and_tag(struct builder *b, const yaml_event_t *ev,
				  const yaml_char_t *anchor,
				  const yaml_char_t *tag)
{
	if (anchor != NULL)
		diag_error(b->diags, place(b, ev->start_mark),
			   "text that starts with \"&\" is an anchor in YAML, "
			   "which is not supported; put this in single quotes");
	if (tag != NULL)
		diag_error(b->diags, place(b, ev->start_mark),
			   "text that starts with \"!\" is a tag in YAML, "
			   "which is not supported; put this in single quotes");
}

static void on_alias(struct builder *b, const yaml_event_t *ev)
{
	struct node *node = new_node(b, NODE_SCALAR, ev);

	if (node == NULL)
		return;
	diag_error(b->diags, place(b, ev->start_mark),
		   "text that starts with \"*\" is an alias in YAML, which is "
		   "not supported; put this in single quotes");
	place_node(b, node);
}

/* libyaml counts in code points. Marks only grow, so the counting goes on
 * where it stopped and the whole file is counted once. */
static struct str text_after(struct builder *b, yaml_mark_t mark)
{
	struct str rest = {b->text.p + b->seen_bytes,
			   b->text.n - b->seen_bytes};
	size_t bytes = utf8_prefix(rest.p, rest.n, mark.index - b->seen_points);

	b->seen_points = mark.index;
	b->seen_bytes += bytes;
	return (struct str){rest.p + bytes, rest.n - bytes};
}

/* A "#5" that YAML takes for a comment: legal, and never meant. */
static void warn_of_comment(struct builder *b, const yaml_event_t *ev)
{
	struct str rest = text_after(b, ev->end_mark);
	size_t i = 0;

	while (i < rest.n && rest.p[i] == ' ')
		i++;
	if (i == 0 || i + 1 >= rest.n || rest.p[i] != '#')
		return;
	if (strchr(" \t\r\n#", rest.p[i + 1]) != NULL)
		return;
	diag_warning(b->diags, place(b, ev->end_mark),
		     "what follows \" #\" is a comment; put this in single "
		     "quotes if it belongs to the text");
}

static void on_scalar(struct builder *b, const yaml_event_t *ev)
{
	struct str value = {(const char *)ev->data.scalar.value,
			    ev->data.scalar.length};
	struct node *node = new_node(b, NODE_SCALAR, ev);

	if (node == NULL)
		return;
	refuse_anchor_and_tag(b, ev, ev->data.scalar.anchor,
			      ev->data.scalar.tag);
	if (value.n > TREE_MAX_SCALAR) {
		diag_error(b->diags, place(b, ev->start_mark),
			   "a text of more than %d kB; shorten it",
			   TREE_MAX_SCALAR / 1024);
		value = STR("");
	}
	if (value.n > 0 && memchr(value.p, '\0', value.n) != NULL) {
		diag_error(b->diags, place(b, ev->start_mark),
			   "a NUL character in the text; remove the \"\\0\"");
		value = STR("");
	}
	node->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_str(b->arena, value);
	if (node->plain && value.n > 0)
		warn_of_comment(b, ev);
	place_node(b, node);
}

static void on_start(struct builder *b, enum node_kind kind,
		     const yaml_event_t *ev, const yaml_char_t *anchor,
		     const yaml_char_t *tag)
{
	struct node *node;

	if (b->depth == TREE_MAX_DEPTH) {
		diag_error(b->diags, place(b, ev->start_mark),
			   "lists and maps within each other more than %d "
			   "deep; put this in single quotes if it is text",
			   TREE_MAX_DEPTH);
		b->stop = true;
		return;
	}
	node = new_node(b, kind, ev);
	if (node == NULL)
		return;
	refuse_anchor_and_tag(b, ev, anchor, tag);
	place_node(b, node);
	b->open[b->depth++] = (struct open){.node = node};
}

static struct node **keep(struct builder *b, struct node **list, size_t n)
{
	struct node **kept;

	if (n == 0)
		return NULL;
	kept = arena_alloc(b->arena, n * sizeof(struct node *));
	memcpy(kept, list, n * sizeof(struct node *));
	return kept;
}

static void on_end(struct builder *b)
{
	struct open *o = &b->open[--b->depth];
	struct node *node = o->node;

	node->count = o->count;
	node->items = keep(b, o->items, o->count);
	if (node->kind == NODE_MAP) {
		node->keys = keep(b, o->keys, o->count);
		check_keys(b, node->keys, node->count);
	}
	free(o->items);
	free(o->keys);
}

static void on_document(struct builder *b, const yaml_event_t *ev)
{
	if (++b->documents == 1)
		return;
	diag_error(b->diags, place(b, ev->start_mark),
		   "a second document in one file; remove the \"---\" line or "
		   "split the file");
	b->stop = true;
}

static void on_event(struct builder *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		on_document(b, ev);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(b, ev);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(b, ev);
		break;
	case YAML_SEQUENCE_START_EVENT:
		on_start(b, NODE_LIST, ev, ev->data.sequence_start.anchor,
			 ev->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		on_start(b, NODE_MAP, ev, ev->data.mapping_start.anchor,
			 ev->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(b);
		break;
	case YAML_STREAM_END_EVENT:
		b->stop = true;
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

static void report_syntax(struct builder *b, const yaml_parser_t *parser)
{
	struct tree_problem problem = {
		.what = parser->problem,
		.line = parser->problem_mark.line + 1,
		.col = parser->problem_mark.column + 1,
		.context = parser->context,
		.context_line = parser->context_mark.line + 1,
		.context_col = parser->context_mark.column + 1,
	};
	struct buf text = BUF_INIT;

	tree_remedy(b->text, &problem, &text);
	diag_error(b->diags,
		   ((struct diag_place){b->file, (unsigned)problem.line,
					(unsigned)problem.col}),
		   "%s", text.data);
	buf_fini(&text);
}

static void build(struct builder *b)
{
	yaml_parser_t parser;
	yaml_event_t ev;

	if (!yaml_parser_initialize(&parser))
		abort(); /* no memory */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)b->text.p,
				     b->text.n);
	while (!b->stop) {
		if (!yaml_parser_parse(&parser, &ev)) {
			report_syntax(b, &parser);
			break;
		}
		on_event(b, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&parser);
	while (b->depth > 0) { /* stopped in the middle */
		b->depth--;
		free(b->open[b->depth].items);
		free(b->open[b->depth].keys);
	}
}

/* -- before libyaml sees it -------------------------------------------- */

/* Characters that YAML or a terminal takes for something else. */
static const char *bad_point(uint32_t cp, char next)
{
	if (cp == '\0')
		return "a NUL byte; this is not a text file";
	if (cp == '\r')
		return next == '\n' ? NULL
				    : "a carriage return within a line; end "
				      "lines as Unix or Windows do";
	if ((cp < 0x20 && cp != '\t' && cp != '\n') ||
	    (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0xfeff || (cp & 0xfffe) == 0xfffe)
		return "a control character; remove it";
	return NULL;
}

/* What no file of an operator holds, with its place. NULL: nothing found. */
static const char *bad_byte(struct str text, size_t *at)
{
	size_t openers = 0;
	size_t took;

	for (*at = 0; *at < text.n; *at += took) {
		const char *p = text.p + *at;
		const char *what;
		uint32_t cp;

		took = utf8_decode(p, text.n - *at, &cp);
		if (took == 0)
			return "not UTF-8; save the file as UTF-8";
		what = bad_point(cp, *at + 1 < text.n ? p[1] : '\n');
		if (what != NULL)
			return what;
		if (cp == '[' || cp == '{')
			openers++;
		else if (cp != ' ' && cp != '\n' && cp != '\r')
			openers = 0;
		if (openers > OPENERS_IN_A_ROW_MAX)
			return "too many opening brackets in a row; put this "
			       "in single quotes if it is text";
	}
	return NULL;
}

static struct diag_place place_of(const char *file, struct str text, size_t at)
{
	struct diag_place place = {file, 1, 1};
	size_t start = 0;

	for (size_t i = 0; i < at; i++) {
		if (text.p[i] != '\n')
			continue;
		place.line++;
		start = i + 1;
	}
	place.col = (unsigned)utf8_count(text.p + start, at - start) + 1;
	return place;
}

static bool is_sound(const char *file, struct str text, struct diags *diags)
{
	const char *what;
	size_t at;

	if (text.n > TREE_MAX_BYTES) {
		diag_error(diags, ((struct diag_place){file, 0, 0}),
			   "the file is larger than %d kB; split it",
			   TREE_MAX_BYTES / 1024);
		return false;
	}
	what = bad_byte(text, &at);
	if (what == NULL)
		return true;
	diag_error(diags, place_of(file, text, at), "%s", what);
	return false;
}

struct node *tree_parse(struct arena *arena, const char *file, struct str text,
			struct diags *diags)
{
	size_t before = diags->errors;
	struct builder b = {.arena = arena, .diags = diags, .file = file};

	if (str_starts(text, "\xef\xbb\xbf")) {
		text.p += 3;
		text.n -= 3;
	}
	if (!is_sound(file, text, diags))
		return NULL;
	b.text = text;
	build(&b);
	if (diags->errors != before)
		return NULL;
	if (b.root == NULL || node_is_null(b.root)) {
		b.root = arena_alloc(arena, sizeof(*b.root));
		*b.root = (struct node){
			.kind = NODE_MAP, .line = 1, .col = 1, .text = STR("")};
	}
	return b.root;
}

/* -- reading the tree -------------------------------------------------- */

struct node *node_get(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (str_is(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

struct diag_place node_place(const struct node *node, const char *file)
{
	return (struct diag_place){file, node->line, node->col};
}

static bool is_plain(const struct node *node)
{
	return node != NULL && node->kind == NODE_SCALAR && node->plain;
}

/* A word as YAML lets it be written: true, True, TRUE. */
static bool is_word(struct str text, const char *word)
{
	size_t n = strlen(word);
	bool upper = true, lower = true;

	if (text.n != n || n == 0 || (text.p[0] | 0x20) != word[0])
		return false;
	for (size_t i = 1; i < n; i++) {
		upper = upper && text.p[i] == word[i] - 0x20;
		lower = lower && text.p[i] == word[i];
	}
	return lower || (upper && text.p[0] == word[0] - 0x20);
}

bool node_bool(const struct node *node, bool *out)
{
	static const char *const words[] = {"true",  "yes", "on",
					    "false", "no",  "off"};

	if (!is_plain(node))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!is_word(node->text, words[i]))
			continue;
		*out = i < 3;
		return true;
	}
	return false;
}

bool node_double(const struct node *node, double *out)
{
	char *end;
	double v;

	if (!is_plain(node) || node->text.n == 0 || node->text.n > 32)
		return false;
	if (strspn(node->text.p, "+-.0123456789eE") != node->text.n)
		return false;
	v = strtod(node->text.p, &end);
	if (end != node->text.p + node->text.n || v > 1e300 || v < -1e300)
		return false;
	*out = v;
	return true;
}

bool node_i64(const struct node *node, int64_t *out)
{
	struct str digits;
	bool minus;
	uint64_t v;

	if (!is_plain(node))
		return false;
	digits = node->text;
	minus = digits.n > 0 && digits.p[0] == '-';
	if (digits.n > 1 && (minus || digits.p[0] == '+')) {
		digits.p++;
		digits.n--;
	}
	if (!str_to_u64(digits, INT64_MAX, &v))
		return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

bool node_is_null(const struct node *node)
{
	if (!is_plain(node))
		return false;
	return node->text.n == 0 || str_is(node->text, "~") ||
	       is_word(node->text, "null");
}
