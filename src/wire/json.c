/* The bytes before the parser; see json.h. jansson parses by recursion, so
 * the depth is known before it starts. */
#include "json.h"

#include <string.h>

struct scanner {
	struct str text;
	size_t at;
	size_t depth;
	bool is_id; /* the last string at depth 1 was "id" */
	bool after; /* and a colon followed */
	unsigned ids;
};

/* The string that begins at `at`, without its quotes; moves behind it. */
static struct str scan_string(struct scanner *s, bool *escaped)
{
	size_t start = ++s->at;

	*escaped = false;
	while (s->at < s->text.n && s->text.p[s->at] != '"') {
		if (s->text.p[s->at] == '\\') {
			*escaped = true;
			s->at++;
		}
		s->at++;
	}
	if (s->at > s->text.n)
		s->at = s->text.n;
	return (struct str){s->text.p + start, s->at - start};
}

static void on_string(struct scanner *s, struct json_scan *out)
{
	bool escaped;
	struct str string = scan_string(s, &escaped);

	if (s->depth != 1)
		return;
	if (s->after) {
		s->ids++;
		out->id = s->ids == 1 && !escaped && s->at < s->text.n
				  ? string
				  : STR_NONE;
	}
	s->is_id = !s->after && !escaped && str_is(string, "id");
	s->after = false;
}

static void on_other(struct scanner *s, char c, struct json_scan *out)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return;
	case '{':
	case '[':
		if (++s->depth > out->deepest)
			out->deepest = s->depth;
		if (s->depth > JSON_DEPTH_MAX)
			out->too_deep = true;
		break;
	case '}':
	case ']':
		if (s->depth > 0)
			s->depth--;
		break;
	default:
		break;
	}
	s->after = c == ':' && s->is_id && s->depth == 1;
	s->is_id = false;
}

void json_scan(struct str text, struct json_scan *out)
{
	struct scanner s = {.text = text};

	*out = (struct json_scan){.id = STR_NONE};
	out->has_nul = text.n > 0 && memchr(text.p, '\0', text.n) != NULL;
	for (; s.at < text.n; s.at++) {
		if (text.p[s.at] == '"')
			on_string(&s, out);
		else
			on_other(&s, text.p[s.at], out);
	}
}

json_t *json_parse_deep(struct str text, size_t depth)
{
	struct json_scan scan;

	json_scan(text, &scan);
	if (scan.deepest > depth || scan.has_nul || text.n == 0)
		return NULL;
	return json_loadb(text.p, text.n,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

json_t *json_parse(struct str text)
{
	return json_parse_deep(text, JSON_DEPTH_MAX);
}

struct str json_str_of(const json_t *value)
{
	if (!json_is_string(value))
		return STR_NONE;
	return (struct str){json_string_value(value),
			    json_string_length(value)};
}

struct str json_str(const json_t *object, const char *key)
{
	return json_str_of(json_object_get(object, key));
}
