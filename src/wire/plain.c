/* The short way past the JSON parser; see plain.h. It accepts nothing that the
 * parser would refuse, and leaves to it whatever takes thought: escapes,
 * numbers, nesting, errors. */
#include "plain.h"

#include "base/little.h"
#include "base/octets.h"
#include "base/utf8.h"

static void skip_blanks(struct str *s)
{
	while (s->n > 0 && (s->p[0] == ' ' || s->p[0] == '\t' ||
			    s->p[0] == '\r' || s->p[0] == '\n')) {
		s->p++;
		s->n--;
	}
}

static bool skip(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		skip_blanks(s);
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* What a string may go on with, without being looked into. */
static size_t run(const char *p, size_t n)
{
	size_t at = 0;

	for (; n - at >= OCTETS; at += OCTETS) {
		uint64_t end = octets_special(little_get(p + at));

		if (end != 0)
			return at + octets_first(end);
	}
	while (at < n && p[at] != '"' && p[at] != '\\' &&
	       (unsigned char)p[at] >= 0x20)
		at++;
	return at;
}

static bool string(struct str *s, struct str *out)
{
	size_t n;

	if (!skip(s, '"'))
		return false;
	n = run(s->p, s->n);
	*out = (struct str){s->p, n};
	s->p += n;
	s->n -= n;
	return s->n > 0 && *s->p == '"' && skip(s, '"');
}

static bool member(struct str *s, struct plain *out)
{
	struct str name, value;

	if (!string(s, &name) || !skip(s, ':') || !string(s, &value))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (str_eq(out->members[i].name, name))
			return false;
	if (out->count == PLAIN_MEMBERS)
		return false;
	out->members[out->count].name = name;
	out->members[out->count++].value = value;
	return true;
}

bool plain_read(struct str json, struct plain *out)
{
	struct str s = json;

	out->count = 0;
	if (!skip(&s, '{'))
		return false;
	do
		if (!member(&s, out))
			return false;
	while (skip(&s, ','));
	if (!skip(&s, '}'))
		return false;
	skip_blanks(&s);
	return s.n == 0 && utf8_valid(json.p, json.n);
}

struct str plain_get(const struct plain *plain, struct str name)
{
	for (size_t i = 0; i < plain->count; i++)
		if (str_eq(plain->members[i].name, name))
			return plain->members[i].value;
	return STR_NONE;
}
