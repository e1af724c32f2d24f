/* Pieces of YAML trees as texts, names and numbers; see reader.h. */
#include "reader.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define TEXT_MAX_CHARS 4000

struct text reader_text(struct reader *r, const struct node *node)
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

struct text reader_short(struct reader *r, const struct node *node)
{
	struct text t = reader_text(r, node);

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

struct text reader_name(struct reader *r, const struct node *node)
{
	struct text t = reader_text(r, node);

	if (t.s.p != NULL && !is_name(t.s))
		wrong(r, node,
		      "\"%.*s\" is no name; use small letters, digits and _, "
		      "64 at most",
		      STR_ARG(t.s));
	return t;
}

/* A list of texts, or one text alone. */
struct text *reader_texts(struct reader *r, const struct node *node,
			  size_t *count)
{
	struct text *list;
	size_t n = 0;

	if (node->kind == NODE_SCALAR) {
		list = arena_alloc(r->arena, sizeof(*list));
		list[0] = reader_short(r, node);
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
		list[n] = reader_short(r, node->items[i]);
		n += list[n].s.p != NULL && list[n].s.n > 0;
	}
	*count = n;
	return list;
}

bool reader_map(struct reader *r, const struct node *node, const char *what)
{
	if (node->kind == NODE_MAP)
		return true;
	if (node_is_null(node))
		return false; /* "words:" with nothing below it */
	wrong(r, node, "%s: names with a colon are expected here (\"name: …\")",
	      what);
	return false;
}

bool reader_list(struct reader *r, const struct node *node, const char *what)
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
void reader_keys(struct reader *r, const struct node *map,
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

bool reader_number(struct reader *r, const struct node *node, double low,
		   double high, double *out)
{
	if (node->kind == NODE_SCALAR && node_double(node, out) &&
	    *out >= low && *out <= high)
		return true;
	wrong(r, node, "a number from %g to %g is expected here", low, high);
	return false;
}

int reader_thousandths(struct reader *r, const struct node *map,
		       const char *key, double low, double high, int otherwise)
{
	const struct node *node = node_get(map, key);
	double x;

	if (node == NULL || !reader_number(r, node, low, high, &x))
		return otherwise;
	return (int)lround(x * 1000);
}
