/* The kinds of fields: ids, texts, names, addresses. Decides what is
 * well-formed and says in words what is not; what a field means is not known
 * here. */
#include "kind.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define PHONE_DIGITS 5 /* at least */

bool kind_is_string(enum kind kind)
{
	switch (kind) {
	case KIND_SEQ:
	case KIND_SCORE:
	case KIND_BOOL:
	case KIND_NUMBER:
	case KIND_USER:
	case KIND_JSON:
		return false;
	default:
		return true;
	}
}

bool kind_fail(struct frame_error *error, enum frame_fault fault,
	       const char *format, ...)
{
	va_list args;

	error->fault = fault;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

bool frame_id_valid(struct str id)
{
	if (id.n == 0 || id.n > ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

struct str kind_cut(struct str s, size_t max_bytes)
{
	if (s.n <= max_bytes)
		return s;
	while (max_bytes > 0 && (s.p[max_bytes] & 0xc0) == 0x80)
		max_bytes--;
	return (struct str){s.p, max_bytes};
}

/* Whether mail may go there is for the mail's own way to find out; this is only
 * what is surely none: no @, two of them, nothing before it, no dot within what
 * follows, a space. */
static bool is_email(struct str s, size_t max)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, '@', s.n);
	const char *end = s.p + s.n, *dot;

	if (at == NULL || at == s.p || s.n > max || has_control(s) ||
	    memchr(s.p, ' ', s.n) != NULL ||
	    memchr(at + 1, '@', (size_t)(end - at - 1)) != NULL)
		return false;
	dot = memchr(at + 1, '.', (size_t)(end - at - 1));
	return dot != NULL && dot > at + 1 && end[-1] != '.';
}

static bool is_phone(struct str s, size_t max)
{
	size_t digits = 0;

	if (s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i]))
			digits++;
		else if (memchr("+-/(). ", s.p[i], 7) == NULL)
			return false;
	}
	return digits >= PHONE_DIGITS;
}

/* Code points are never more than bytes: few are to be counted. */
static bool check_text(enum kind kind, const char *name, size_t max,
		       struct str s, struct frame_error *error)
{
	size_t points = s.n > max ? utf8_count(s.p, s.n) : s.n;

	if (points > max)
		return kind_fail(error, FAULT_TOO_LONG,
				 "\"%s\" has %zu characters, at most %zu are "
				 "taken",
				 name, points, max);
	if (kind == KIND_TEXT && points == 0)
		return kind_fail(error, FAULT_BAD_FRAME, "\"%s\" is empty",
				 name);
	return true;
}

bool kind_check(enum kind kind, const char *name, size_t max, struct str *s,
		struct frame_error *error)
{
	switch (kind) {
	case KIND_ID:
		if (frame_id_valid(*s))
			return true;
		return kind_fail(error, FAULT_BAD_FRAME,
				 "\"%s\" must be 1 to %d of A-Z a-z 0-9 _ -",
				 name, ID_MAX);
	case KIND_TEXT:
	case KIND_PROSE:
		return check_text(kind, name, max, *s, error);
	case KIND_NAME:
		if (s->n > 0 && s->n <= max && !has_control(*s))
			return true;
		return kind_fail(
			error, FAULT_BAD_FRAME,
			"\"%s\" must be 1 to %zu bytes without control "
			"characters",
			name, max);
	case KIND_STRING:
		if (s->n > max)
			return kind_fail(error, FAULT_BAD_FRAME,
					 "\"%s\" is longer than %zu bytes",
					 name, max);
		if (s->n == 0)
			*s = STR_NONE;
		return true;
	case KIND_CUT:
		*s = s->n == 0 ? STR_NONE : kind_cut(*s, max);
		return true;
	case KIND_STATUS:
		if (str_is(*s, "online") || str_is(*s, "away"))
			return true;
		return kind_fail(error, FAULT_BAD_FRAME,
				 "\"%s\" must be \"online\" or \"away\"", name);
	case KIND_EMAIL:
		if (is_email(*s, max))
			return true;
		return kind_fail(
			error, FAULT_BAD_FRAME,
			"\"%s\" must be an address like name@example.org, "
			"at most %zu bytes",
			name, max);
	case KIND_PHONE:
		if (is_phone(*s, max))
			return true;
		return kind_fail(
			error, FAULT_BAD_FRAME,
			"\"%s\" must have %d digits or more, and else only "
			"+ - / ( ) . and spaces",
			name, PHONE_DIGITS);
	default:
		assert(!"not a kind of string");
		return false;
	}
}
