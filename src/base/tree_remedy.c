/* Remedies for YAML that does not parse; see tree_remedy.h. libyaml says what
 * it expected, which helps nobody who wrote a phrase; so the line is looked at
 * again the way an operator reads it: "- phrase" or "key: text". Knows nothing
 * of what the file is for. */
#include "tree_remedy.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static struct str line_of(struct str text, size_t line)
{
	struct str rest = text;
	const char *end;

	for (; line > 1; line--) {
		end = memchr(rest.p, '\n', rest.n);
		if (rest.n == 0 || end == NULL)
			return STR("");
		rest.n -= (size_t)(end + 1 - rest.p);
		rest.p = end + 1;
	}
	end = rest.n == 0 ? NULL : memchr(rest.p, '\n', rest.n);
	if (end != NULL)
		rest.n = (size_t)(end - rest.p);
	if (rest.n > 0 && rest.p[rest.n - 1] == '\r')
		rest.n--;
	return rest;
}

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* Bytes of "key: " at the front, or 0. */
static size_t key_len(struct str s)
{
	size_t i = 0;

	while (i < s.n && is_key_char(s.p[i]))
		i++;
	if (i == 0 || i + 1 >= s.n || s.p[i] != ':' || s.p[i + 1] != ' ')
		return 0;
	return i + 2;
}

/* What stands behind "- " and "key: " in a line; `offset` where, in bytes. */
static struct str value_of(struct str line, size_t *offset)
{
	size_t i = 0;
	size_t key;

	for (;;) {
		while (i < line.n && line.p[i] == ' ')
			i++;
		if (i + 1 >= line.n || line.p[i] != '-' || line.p[i + 1] != ' ')
			break;
		i += 2;
	}
	key = key_len((struct str){line.p + i, line.n - i});
	for (i += key; key > 0 && i < line.n && line.p[i] == ' ';)
		i++;
	*offset = i;
	return (struct str){line.p + i, line.n - i};
}

/* "key:" and nothing else: then what stands above it is wrong. */
static bool is_bare_key(struct str s)
{
	size_t i = 0;

	while (i < s.n && is_key_char(s.p[i]))
		i++;
	return i > 0 && i + 1 == s.n && s.p[i] == ':';
}

static bool holds(struct str s, const char *what)
{
	return s.n > 0 && memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static bool begins_with_tab(struct str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == ' ')
		i++;
	return i < line.n && line.p[i] == '\t';
}

/* What the value itself tells; false: nothing. */
static bool explain_value(struct str value, struct buf *out)
{
	if (value.n == 0 || is_bare_key(value))
		return false;
	if (value.p[0] == '\'') {
		buf_add_s(out, "this text in single quotes ends too early or "
			       "never; write an apostrophe in it twice ('') "
			       "and close the quote");
		return true;
	}
	if (value.p[0] == '"') {
		buf_add_s(out, "this text in double quotes does not end well; "
			       "use single quotes, in which nothing but the "
			       "apostrophe ('') is special");
		return true;
	}
	if (strchr("{[!*&%@~`|>", value.p[0]) != NULL) {
		buf_addf(out,
			 "text that starts with \"%c\" means something else "
			 "in YAML; put this in single quotes",
			 value.p[0]);
		return true;
	}
	if (value.p[0] == ':') {
		buf_add_s(out, "a key is missing before \":\"; write \"key: "
			       "value\"");
		return true;
	}
	if (holds(value, ": ") || value.p[value.n - 1] == ':') {
		buf_add_s(out, "text that holds \": \" means something else "
			       "in YAML; put this in single quotes");
		return true;
	}
	return false;
}

static const struct {
	const char *what; /* in libyaml's problem */
	const char *say;
} sayings[] = {
	{"mapping values are not allowed",
	 "a \":\" where none can stand; put the text before it in quotes, or "
	 "check the indentation, of the lines above as well"},
	{"could not find expected ':'",
	 "a line without \"key:\"; write \"key: value\", or check the "
	 "indentation"},
	{"did not find expected key",
	 "this does not fit what stands above it; check the indentation and "
	 "the quotes"},
	{"did not find expected '-'",
	 "this does not fit the list above it; begin with \"- \" in the same "
	 "column"},
	{"block sequence entries are not allowed",
	 "a \"- \" where no list can stand; check the indentation"},
	{"did not find expected node content",
	 "a value is missing here; close the \"[\" or \"{\" above, or take out "
	 "the comma before"},
	{"did not find expected ',' or ']'",
	 "this list is not closed; add \"]\", and put items that hold , [ ] "
	 "{ } in single quotes"},
	{"did not find expected ',' or '}'",
	 "this map is not closed; add \"}\", and put values that hold , [ ] "
	 "{ } in single quotes"},
};

static void explain_problem(const struct tree_problem *problem, struct buf *out)
{
	const char *what = problem->what == NULL ? "" : problem->what;

	for (size_t i = 0; i < ARRAY_LEN(sayings); i++) {
		if (strstr(what, sayings[i].what) == NULL)
			continue;
		buf_add_s(out, sayings[i].say);
		return;
	}
	buf_addf(out, "not valid YAML (%s); check quotes and indentation",
		 what);
}

/* A list or map that ends nowhere is noticed where the next line does not fit
 * into it; the hand has to go to its bracket. */
static bool try_bracket(struct tree_problem *problem, struct buf *out)
{
	const char *in = problem->context == NULL ? "" : problem->context;
	bool map = strstr(in, "while parsing a flow mapping") != NULL;

	if (!map && strstr(in, "while parsing a flow sequence") == NULL)
		return false;
	if (problem->context_line >= problem->line)
		return false;
	buf_addf(out,
		 "this %s is not closed; add \"%s\", or put this in single "
		 "quotes if it is text",
		 map ? "map" : "list", map ? "}" : "]");
	problem->line = problem->context_line;
	problem->col = problem->context_col;
	return true;
}

static bool try_line(struct str text, size_t line, struct tree_problem *problem,
		     struct buf *out)
{
	struct str whole = line_of(text, line);
	size_t offset;
	struct str value = value_of(whole, &offset);

	if (!explain_value(value, out))
		return false;
	problem->line = line;
	problem->col = utf8_count(whole.p, offset) + 1;
	return true;
}

void tree_remedy(struct str text, struct tree_problem *problem, struct buf *out)
{
	bool scanning = problem->context != NULL &&
			strstr(problem->context, "while scanning") != NULL;

	if (begins_with_tab(line_of(text, problem->line))) {
		buf_add_s(out, "a tab at the start of the line; indent with "
			       "spaces");
		return;
	}
	if (try_bracket(problem, out))
		return;
	if (try_line(text, problem->line, problem, out))
		return;
	/* A quote that never ends is noticed far below its start. */
	if (scanning && try_line(text, problem->context_line, problem, out))
		return;
	explain_problem(problem, out);
}
