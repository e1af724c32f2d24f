/* The conditions of answers: comparisons joined by and, or, not and
 * parentheses. A bare name holds where it has a value that is not "no",
 * "false" or 0. Texts compare without case, numbers as numbers. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "template.h"

#define DEPTH_MAX 20

enum node_type {
	TYPE_AND,
	TYPE_OR,
	TYPE_NOT,
	TYPE_SET,
	TYPE_COMPARE
};

struct condition {
	enum node_type type;
	struct condition *left, *right;
	struct str name;
	struct str literal;
	char operator[3];
};

struct reader {
	struct arena *arena;
	struct str s;
	size_t i;
	unsigned depth;
	struct buf *why;
	bool failed;
};

static struct condition *fail(struct reader *r, const char *why)
{
	if (!r->failed)
		buf_add_s(r->why, why);
	r->failed = true;
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	while (r->i < r->s.n && (r->s.p[r->i] == ' ' || r->s.p[r->i] == '\t' ||
				 r->s.p[r->i] == '\n'))
		r->i++;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

static struct str word_ahead(struct reader *r)
{
	size_t i;

	skip_blanks(r);
	for (i = r->i; i < r->s.n && is_word_char(r->s.p[i]); i++)
		;
	return (struct str){r->s.p + r->i, i - r->i};
}

static bool take_word(struct reader *r, const char *word)
{
	struct str ahead = word_ahead(r);

	if (!str_is(ahead, word))
		return false;
	r->i += ahead.n;
	return true;
}

static bool take_char(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->i >= r->s.n || r->s.p[r->i] != c)
		return false;
	r->i++;
	return true;
}

static struct condition *new_node(struct reader *r, enum node_type type)
{
	struct condition *c = arena_alloc(r->arena, sizeof(*c));

	c->type = type;
	return c;
}

static bool take_operator(struct reader *r, char out[3])
{
	static const char *const all[] = {
		"!=", "<=", ">=", "==", "=", "<", ">"};

	skip_blanks(r);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		size_t n = strlen(all[i]);

		if (r->s.n - r->i >= n &&
		    memcmp(r->s.p + r->i, all[i], n) == 0) {
			r->i += n;
			strcpy(out, strcmp(all[i], "==") == 0 ? "=" : all[i]);
			return true;
		}
	}
	return false;
}

static bool take_literal(struct reader *r, struct str *out)
{
	struct str word;
	const char *end;

	skip_blanks(r);
	if (r->i < r->s.n && (r->s.p[r->i] == '\'' || r->s.p[r->i] == '"')) {
		const char *from = r->s.p + r->i + 1;

		end = memchr(from, r->s.p[r->i], r->s.n - r->i - 1);
		if (end == NULL)
			return false;
		*out = arena_str(r->arena,
				 (struct str){from, (size_t)(end - from)});
		r->i = (size_t)(end - r->s.p) + 1;
		return true;
	}
	word = word_ahead(r);
	*out = arena_str(r->arena, word);
	r->i += word.n;
	return word.n > 0;
}

static struct condition *parse_or(struct reader *r);

static struct condition *parse_comparison(struct reader *r)
{
	struct condition *c = new_node(r, TYPE_SET);
	struct str name = word_ahead(r);

	if (name.n == 0)
		return fail(r, "a name is expected here; write \"name = "
			       "value\" or just \"name\"");
	c->name = arena_str(r->arena, name);
	r->i += name.n;
	if (!take_operator(r, c->operator))
		return c;
	c->type = TYPE_COMPARE;
	if (!take_literal(r, &c->literal))
		return fail(r, "nothing to compare with; write \"name = "
			       "value\", several words in quotes");
	return c;
}

static struct condition *parse_not(struct reader *r)
{
	struct condition *c;

	if (++r->depth > DEPTH_MAX)
		return fail(r, "it nests too deep; make two answers of it");
	if (take_word(r, "not")) {
		c = new_node(r, TYPE_NOT);
		c->left = parse_not(r);
	} else if (take_char(r, '(')) {
		c = parse_or(r);
		if (!take_char(r, ')'))
			return fail(r, "\"(\" without its \")\"; close it");
	} else {
		c = parse_comparison(r);
	}
	r->depth--;
	return c;
}

static struct condition *parse_and(struct reader *r)
{
	struct condition *left = parse_not(r);

	while (!r->failed && take_word(r, "and")) {
		struct condition *c = new_node(r, TYPE_AND);

		c->left = left;
		c->right = parse_not(r);
		left = c;
	}
	return left;
}

static struct condition *parse_or(struct reader *r)
{
	struct condition *left = parse_and(r);

	while (!r->failed && take_word(r, "or")) {
		struct condition *c = new_node(r, TYPE_OR);

		c->left = left;
		c->right = parse_and(r);
		left = c;
	}
	return left;
}

struct condition *condition_parse(struct arena *arena, struct str source,
				  struct buf *why)
{
	struct reader r = {.arena = arena, .s = source, .why = why};
	struct condition *c = parse_or(&r);

	skip_blanks(&r);
	if (!r.failed && r.i < source.n)
		fail(&r, "something is left over; join conditions with "
			 "\"and\" or \"or\", put several words in quotes");
	return r.failed ? NULL : c;
}

/* ---- holding ---------------------------------------------------------- */

static bool as_number(struct str s, double *out)
{
	char text[64], *end;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("0123456789.-", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	}
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

/* Below, at or above 0, as strcmp(). */
static int compare(struct str a, struct str b)
{
	double x, y;
	size_t n = a.n < b.n ? a.n : b.n;
	int order;

	if (as_number(a, &x) && as_number(b, &y))
		return x < y ? -1 : x > y;
	order = n > 0 ? strncasecmp(a.p, b.p, n) : 0;
	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

static bool is_set(struct str v)
{
	return v.p != NULL && v.n > 0 && compare(v, STR("false")) != 0 &&
	       compare(v, STR("no")) != 0 && compare(v, STR("0")) != 0;
}

static bool compares(const struct condition *c, struct str value)
{
	int order;

	if (value.p == NULL)
		return strcmp(c->operator, "!=") == 0;
	order = compare(value, c->literal);
	switch (c->operator[0]) {
	case '=':
		return order == 0;
	case '!':
		return order != 0;
	case '<':
		return order < 0 || (c->operator[1] == '=' && order == 0);
	default:
		return order > 0 || (c->operator[1] == '=' && order == 0);
	}
}

bool condition_holds(const struct condition *c, template_lookup lookup,
		     const void *arg)
{
	switch (c->type) {
	case TYPE_AND:
		return condition_holds(c->left, lookup, arg) &&
		       condition_holds(c->right, lookup, arg);
	case TYPE_OR:
		return condition_holds(c->left, lookup, arg) ||
		       condition_holds(c->right, lookup, arg);
	case TYPE_NOT:
		return !condition_holds(c->left, lookup, arg);
	case TYPE_SET:
		return is_set(lookup(arg, c->name));
	case TYPE_COMPARE:
		return compares(c, lookup(arg, c->name));
	}
	return false;
}

void condition_names(const struct condition *c, template_visitor each,
		     void *arg)
{
	if (c->left != NULL)
		condition_names(c->left, each, arg);
	if (c->right != NULL)
		condition_names(c->right, each, arg);
	if (c->name.p != NULL)
		each(arg, c->name, true);
}
