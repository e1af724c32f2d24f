/* Finding entities and settling which kind a stretch is; see entity.h. */
#include "entity.h"

#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "pattern.h"
#include "rules.h"

/* ---- finding ---------------------------------------------------------- */

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i]) || s.p[i] == '@')
			return true;
	}
	return false;
}

static void find_kind(const struct entity *entity, struct engine *engine,
		      struct str text, struct spans *out)
{
	size_t from = 0;
	struct span found;

	while (out->n < SPANS_MAX && from < text.n &&
	       pattern_find(entity->pattern, engine, text, from, &found) ==
		       PATTERN_YES) {
		struct str value = {text.p + found.at, found.len};

		from = found.at + (found.len > 0 ? found.len : 1);
		if (found.len == 0)
			continue;
		out->list[out->n++] = (struct found_span){
			.entity = entity,
			.at = (uint32_t)found.at,
			.end = (uint32_t)(found.at + found.len),
			.digits = has_digit(value),
		};
	}
}

static int by_place(const void *a, const void *b)
{
	const struct found_span *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->entity->id < y->entity->id ? -1 : 1;
}

static unsigned needs_met(const struct byte_set *bytes)
{
	bool digit = false;

	for (unsigned char c = '0'; c <= '9'; c++)
		digit |= bytes->has[c];
	return (digit ? NEED_DIGIT : 0) | (bytes->has['@'] ? NEED_AT : 0);
}

void entities_find(const struct catalog *catalog, struct engine *engine,
		   struct str text, const struct byte_set *bytes,
		   struct spans *out)
{
	unsigned met = needs_met(bytes);

	out->n = 0;
	for (const struct entity *e = catalog->rules.entities; e != NULL;
	     e = e->next) {
		if ((e->wordy || met != 0) && (e->needs & ~met) == 0 &&
		    pattern_may_start(e->pattern, bytes))
			find_kind(e, engine, text, out);
	}
	if (out->n > 1)
		qsort(out->list, out->n, sizeof(out->list[0]), by_place);
}

/* ---- settling --------------------------------------------------------- */

static bool overlap(const struct found_span *a, const struct found_span *b)
{
	return a->at < b->end && b->at < a->end;
}

static bool yields(const struct found_span *a, const struct found_span *b)
{
	return (a->entity->beaten_by >> b->entity->id & 1) != 0 &&
	       (b->entity->beaten_by >> a->entity->id & 1) == 0;
}

/* Does `b` take the place of `a`? */
static bool beats(const struct found_span *b, const struct found_span *a)
{
	if (yields(a, b) || yields(b, a))
		return yields(a, b);
	if (b->end - b->at != a->end - a->at)
		return b->end - b->at > a->end - a->at;
	return b->entity->id < a->entity->id;
}

/* The strongest that is left takes its place and all that overlap it lose;
 * the list is short. */
static struct found_span *strongest(struct spans *spans, const bool *done)
{
	struct found_span *best = NULL;

	for (size_t i = 0; i < spans->n; i++) {
		struct found_span *s = &spans->list[i];
		bool beaten = false;

		if (s->lost || done[i])
			continue;
		for (size_t k = 0; !beaten && k < spans->n; k++) {
			const struct found_span *o = &spans->list[k];

			beaten = k != i && !o->lost && !done[k] &&
				 overlap(s, o) && beats(o, s);
		}
		if (!beaten)
			return s;
		if (best == NULL)
			best = s; /* they beat each other in a circle */
	}
	return best;
}

void entities_settle(struct spans *spans)
{
	bool done[SPANS_MAX] = {false};
	struct found_span *s;

	while ((s = strongest(spans, done)) != NULL) {
		done[s - spans->list] = true;
		for (size_t k = 0; k < spans->n; k++) {
			struct found_span *o = &spans->list[k];

			if (o != s && !done[k] && overlap(s, o))
				o->lost = true;
		}
	}
}

/* ---- what does a pattern need? ------------------------------------- */

/* What is not known for certain to be one thing in PCRE2 ends the scan: then
 * the pattern needs nothing. */
struct scan {
	struct str s;
	size_t i;
	unsigned depth;
	unsigned what;
	bool unsure;
};

static bool give_up(struct scan *scan)
{
	scan->unsure = true;
	scan->i = scan->s.n;
	return false;
}

static bool alternatives_need(struct scan *scan);

static char at(const struct scan *scan, size_t i)
{
	return i < scan->s.n ? scan->s.p[i] : '\0';
}

/* "{2}", "{2,}", "{,2}"; any other brace is a character. */
static bool is_braced_repeat(const struct scan *scan)
{
	size_t i = scan->i + 1;

	while (is_digit(at(scan, i)) || at(scan, i) == ',' ||
	       at(scan, i) == ' ')
		i++;
	return at(scan, scan->i) == '{' && i > scan->i + 1 &&
	       at(scan, i) == '}';
}

/* Behind an atom: is it necessary? Steps over the repeat. */
static bool is_needed(struct scan *scan)
{
	char c = at(scan, scan->i);
	bool needed = true;

	if (c == '?' || c == '*') {
		needed = false;
		scan->i++;
	} else if (c == '+') {
		scan->i++;
	} else if (is_braced_repeat(scan)) {
		needed = at(scan, scan->i + 1) >= '1' &&
			 at(scan, scan->i + 1) <= '9';
		while (scan->s.p[scan->i++] != '}')
			;
	}
	if (at(scan, scan->i) == '?' || at(scan, scan->i) == '+')
		scan->i++;
	return needed;
}

static bool is_needed_char(const struct scan *scan, char c)
{
	return ((scan->what & NEED_DIGIT) != 0 && is_digit(c)) ||
	       ((scan->what & NEED_AT) != 0 && c == '@') ||
	       ((scan->what & NEED_PLACE) != 0 && c == '<');
}

/* "[…]" that holds digits only; a "-" may be one of a range. */
static bool class_of_digits(struct scan *scan)
{
	bool only = (scan->what & NEED_DIGIT) != 0;
	size_t i = scan->i + 1;

	if (at(scan, i) == '^')
		i++, only = false;
	if (at(scan, i) == ']')
		i++, only = false;
	for (; i < scan->s.n && scan->s.p[i] != ']'; i++) {
		if (scan->s.p[i] == '[' ||
		    (scan->s.p[i] == '\\' && at(scan, i + 1) == 'Q'))
			return give_up(scan); /* "[[:alpha:]]" */
		if (scan->s.p[i] == '\\') {
			only = only && at(scan, i + 1) == 'd';
			i++;
		} else if (is_digit(scan->s.p[i]) && at(scan, i + 1) == '-' &&
			   is_digit(at(scan, i + 2))) {
			i += 2;
		} else {
			only = only && is_digit(scan->s.p[i]);
		}
	}
	scan->i = i + 1;
	return only;
}

/* "\\d" is a digit; others of one letter are none, and what is longer, or
 * quotes what follows, is not taken apart here. */
static bool escape_needs(struct scan *scan)
{
	char c = at(scan, scan->i + 1);
	bool letter =
		(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);

	if (letter && strchr("dDsSwWbBhHvVRXAzZntrf", c) == NULL)
		return give_up(scan);
	scan->i += 2;
	return (scan->what & NEED_DIGIT) != 0 && c == 'd';
}

/* "(?i)" and the like, where "(?x)" makes blanks and "#" something else. */
static bool sets_extended(const struct scan *scan)
{
	size_t i = scan->i + 1;
	bool x = false;

	for (;
	     (at(scan, i) >= 'a' && at(scan, i) <= 'z') || at(scan, i) == 'J' ||
	     at(scan, i) == 'U' || at(scan, i) == '-' || at(scan, i) == '^';
	     i++)
		x |= at(scan, i) == 'x';
	return x && (at(scan, i) == ')' || at(scan, i) == ':');
}

static bool group_needs(struct scan *scan)
{
	bool plain = true, needs;

	scan->i++;
	if (at(scan, scan->i) == '*')
		return give_up(scan); /* a verb, with a name perhaps */
	if (at(scan, scan->i) == '?') {
		if (sets_extended(scan))
			return give_up(scan);
		plain = at(scan, scan->i + 1) == ':';
		scan->i += plain ? 2 : 1;
	}
	if (++scan->depth > 50) {
		scan->i = scan->s.n;
		return false;
	}
	needs = alternatives_need(scan);
	scan->depth--;
	scan->i++;
	return plain && needs;
}

static bool sequence_needs(struct scan *scan)
{
	bool needs = false;

	while (scan->i < scan->s.n && at(scan, scan->i) != '|' &&
	       at(scan, scan->i) != ')') {
		char c = at(scan, scan->i);
		bool atom;

		if (c == '\\') {
			atom = escape_needs(scan);
		} else if (c == '[') {
			atom = class_of_digits(scan);
		} else if (c == '(') {
			atom = group_needs(scan);
		} else {
			atom = is_needed_char(scan, c);
			scan->i++;
		}
		if (is_needed(scan) && atom)
			needs = true;
	}
	return needs;
}

static bool alternatives_need(struct scan *scan)
{
	bool needs = sequence_needs(scan);

	while (at(scan, scan->i) == '|' && scan->i < scan->s.n) {
		scan->i++;
		needs = sequence_needs(scan) && needs;
	}
	return needs;
}

bool regex_needs(struct str source, unsigned what)
{
	struct scan scan = {.s = source, .what = what};
	bool needs = alternatives_need(&scan);

	return needs && scan.i >= source.n && !scan.unsure;
}

/* ---- in a phrase ------------------------------------------------------ */

void entity_emit(const struct entity *entity, struct buf *out)
{
	buf_add_s(out, "(?:");
	buf_add_str(out, entity->placeholder);
	if (entity->wordy) {
		/* found without digits it stays in the text as its words */
		buf_add_s(out, "|(?i:");
		buf_add_str(out, entity->source.s);
		buf_add_c(out, ')');
	}
	buf_add_c(out, ')');
}
