/* Parsing phrases; see phrase.h for the language. Nothing here
 * knows of files or intents: a fault is a sentence and a byte. */
#include "phrase.h"

#include <string.h>

#include "base/utf8.h"
#include "fold.h"

struct parser {
	struct arena *arena;
	struct str text;
	size_t i;
	unsigned depth;
	struct phrase_fault *fault;
	bool failed;
};

static void *fail(struct parser *p, size_t at, const char *why)
{
	if (!p->failed) {
		buf_add_s(&p->fault->why, why);
		p->fault->at = at;
	}
	p->failed = true;
	return NULL;
}

static char peek(const struct parser *p)
{
	return p->i < p->text.n ? p->text.p[p->i] : '\0';
}

static struct part *new_part(struct parser *p, enum part_kind kind, size_t at)
{
	struct part *part = arena_alloc(p->arena, sizeof(*part));

	part->kind = kind;
	part->min = part->max = 1;
	part->at = at;
	return part;
}

/* ---- the pieces ------------------------------------------------------- */

static struct part *parse_space(struct parser *p)
{
	size_t at = p->i;
	struct part *part = new_part(p, PART_SPACE, at);
	unsigned gap = 0;
	bool any = false;

	for (; peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' ||
	       peek(p) == '~';
	     p->i++) {
		if (peek(p) == '~') {
			gap += GAP_SHORT;
			any = true;
		}
	}
	if (any) {
		part->kind = PART_GAP;
		part->gap = gap;
	}
	if (gap > GAP_LONG)
		fail(p, at,
		     "a gap is of three words, ~, or of six, ~~; there is "
		     "none longer");
	return part;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

static struct part *parse_ref(struct parser *p)
{
	struct part *part = new_part(p, PART_REF, p->i);
	size_t from = ++p->i;

	while (is_name_char(peek(p)))
		p->i++;
	if (peek(p) != '>' || p->i == from)
		return fail(p, part->at,
			    "\"<\" opens no <name> of small letters, digits "
			    "and _; name a word group or an entity, or write "
			    "\\< for the character");
	part->text = (struct str){p->text.p + from, p->i - from};
	p->i++;
	return part;
}

/* "[…]": ends at the first "]" that is not the first character. */
static bool skip_class(struct parser *p)
{
	size_t i = p->i + 1;

	if (i < p->text.n && p->text.p[i] == '^')
		i++;
	if (i < p->text.n && p->text.p[i] == ']')
		i++;
	for (; i < p->text.n && p->text.p[i] != ']'; i++) {
		if (p->text.p[i] == '\\')
			i++;
		else if (p->text.p[i] == '[' && i + 1 < p->text.n &&
			 p->text.p[i + 1] == ':') {
			const char *end =
				memmem(p->text.p + i, p->text.n - i, ":]", 2);
			if (end != NULL)
				i = (size_t)(end - p->text.p) + 1;
		}
	}
	if (i >= p->text.n)
		return fail(p, p->i,
			    "\"[\" without its \"]\"; close the "
			    "class") != NULL;
	p->i = i + 1;
	return true;
}

static bool skip_escape(struct parser *p)
{
	size_t i = p->i + 1;

	if (i >= p->text.n)
		return fail(p, p->i,
			    "a \"\\\" at the end escapes nothing; "
			    "leave it out") != NULL;
	if ((p->text.p[i] >= '1' && p->text.p[i] <= '9') ||
	    p->text.p[i] == 'k' || p->text.p[i] == 'g')
		return fail(p, p->i,
			    "a back reference, whose cost nothing bounds; "
			    "write the alternatives out") != NULL;
	i += utf8_prefix(p->text.p + i, p->text.n - i, 1);
	if (i < p->text.n && p->text.p[i] == '{' &&
	    strchr("pPxoN", p->text.p[i - 1]) != NULL) {
		while (i < p->text.n && p->text.p[i] != '}')
			i++;
		i += i < p->text.n;
	}
	p->i = i;
	return true;
}

/* "(?…)" and "(*…)" are PCRE2's, up to the parenthesis that closes them. */
static bool skip_special(struct parser *p)
{
	size_t at = p->i;
	unsigned open = 0;

	while (p->i < p->text.n) {
		char c = p->text.p[p->i];

		if (c == '\\' ? !skip_escape(p) : c == '[' && !skip_class(p))
			return false;
		if (c == '\\' || c == '[')
			continue;
		p->i++;
		open += c == '(';
		if (c == ')' && --open == 0)
			return true;
	}
	return fail(p, at, "\"(?\" without its \")\"; close it") != NULL;
}

static struct alt *parse_alt(struct parser *p);

/* A group that touches the end of a word is its endings. It does not touch
 * one where it starts with a space itself, or where "(my )" ends with one. */
static bool is_ending(const struct part *group, const struct part *before)
{
	return before != NULL && !part_separates(before) &&
	       before->kind != PART_RAW && !part_opens_apart(group) &&
	       !part_closes_apart(before);
}

static struct part *parse_group(struct parser *p, const struct part *before)
{
	struct part *part = new_part(p, PART_GROUP, p->i);

	if (++p->depth > PHRASE_MAX_DEPTH)
		return fail(p, p->i,
			    "parentheses nest too deep; use word "
			    "groups");
	p->i++;
	part->alt = parse_alt(p);
	p->depth--;
	if (p->failed)
		return NULL;
	if (peek(p) != ')')
		return fail(p, part->at, "\"(\" without its \")\"; close it");
	p->i++;
	if (is_ending(part, before)) {
		part->ending = true;
		part->min = 0;
	}
	return part;
}

static struct part *raw(struct parser *p, size_t from)
{
	struct part *part = new_part(p, PART_RAW, from);

	part->text = (struct str){p->text.p + from, p->i - from};
	return part;
}

static struct part *parse_word(struct parser *p)
{
	struct part *part = new_part(p, PART_WORD, p->i);
	size_t from = p->i, n = 0;

	while (p->i < p->text.n) {
		char c = p->text.p[p->i];

		if ((unsigned char)c >= 0x80)
			n = utf8_prefix(p->text.p + p->i, p->text.n - p->i, 1);
		else if (c == '\'' || c == '-' || fold_word_char(&c, 1) != 0)
			n = 1;
		else
			break;
		p->i += n;
	}
	part->text = (struct str){p->text.p + from, p->i - from};
	if (p->i == from)
		return fail(p, p->i,
			    "punctuation is taken out of messages, so this "
			    "never matches; leave it out, or use regex: for "
			    "the message as typed");
	return part;
}

static struct part *parse_part(struct parser *p, const struct part *before)
{
	size_t from = p->i;
	bool ok = true;

	switch (peek(p)) {
	case ' ':
	case '\t':
	case '\n':
	case '~':
		return parse_space(p);
	case '<':
		return parse_ref(p);
	case '(':
		if (p->i + 1 < p->text.n &&
		    (p->text.p[p->i + 1] == '?' || p->text.p[p->i + 1] == '*'))
			return skip_special(p) ? raw(p, from) : NULL;
		return parse_group(p, before);
	case '[':
		ok = skip_class(p);
		return ok ? raw(p, from) : NULL;
	case '\\':
		ok = skip_escape(p);
		return ok ? raw(p, from) : NULL;
	case '.':
	case '^':
	case '$':
		p->i++;
		return raw(p, from);
	case '?':
	case '*':
	case '+':
		return fail(p, from,
			    "nothing stands before this repeat; put "
			    "it behind a word or a group");
	default:
		return parse_word(p);
	}
}

/* ---- repeats ---------------------------------------------------------- */

static bool read_number(struct parser *p, unsigned *out)
{
	size_t from = p->i;

	*out = 0;
	while (is_digit(peek(p)) && *out < 1000)
		*out = *out * 10 + (unsigned)(p->text.p[p->i++] - '0');
	return p->i > from;
}

/* "{n}", "{n,}", "{n,m}"; else nothing is read. */
static bool read_braces(struct parser *p, unsigned *min, unsigned *max)
{
	size_t from = p->i++;

	if (read_number(p, min)) {
		*max = *min;
		if (peek(p) == ',') {
			p->i++;
			if (!read_number(p, max))
				*max = REPEAT_ENDLESS;
		}
		if (peek(p) == '}') {
			p->i++;
			return true;
		}
	}
	p->i = from;
	return false;
}

static bool read_repeat(struct parser *p, unsigned *min, unsigned *max)
{
	switch (peek(p)) {
	case '?':
		*min = 0, *max = 1;
		break;
	case '*':
		*min = 0, *max = REPEAT_ENDLESS;
		break;
	case '+':
		*min = 1, *max = REPEAT_ENDLESS;
		break;
	case '{':
		return read_braces(p, min, max);
	default:
		return false;
	}
	p->i++;
	return true;
}

/* A repeat behind a word means its last letter only, as in PCRE2. */
static struct part *split_last(struct parser *p, struct part *word)
{
	size_t n = word->text.n - 1;
	struct part *last;

	while (n > 0 && ((unsigned char)word->text.p[n] & 0xc0) == 0x80)
		n--;
	if (n == 0)
		return word;
	last = new_part(p, PART_WORD, word->at + n);
	last->text = (struct str){word->text.p + n, word->text.n - n};
	word->text.n = n;
	word->next = last;
	return last;
}

/* Returns the last part: `part` or what was split from it. */
static struct part *parse_repeat(struct parser *p, struct part *part)
{
	unsigned min, max;
	size_t from = p->i;

	if (!read_repeat(p, &min, &max))
		return part;
	if (part_separates(part)) {
		if (part->kind == PART_GAP)
			return fail(p, from,
				    "a gap cannot be repeated; use "
				    "~~ for a longer one");
		part->kind = PART_RAW;
		part->text = STR(" ");
	}
	if (part->kind == PART_WORD)
		part = split_last(p, part);
	part->min = min;
	part->max = max;
	if (peek(p) == '?' || peek(p) == '+')
		part->greed = p->text.p[p->i++];
	return part;
}

/* ---- sequences -------------------------------------------------------- */

static struct seq *parse_seq(struct parser *p)
{
	struct seq *seq = arena_alloc(p->arena, sizeof(*seq));
	struct part **tail = &seq->first;
	struct part *last = NULL;

	while (p->i < p->text.n && peek(p) != '|' && peek(p) != ')') {
		struct part *part = parse_part(p, last);

		if (part == NULL)
			return NULL;
		*tail = part;
		last = parse_repeat(p, part);
		if (last == NULL)
			return NULL;
		tail = &last->next;
	}
	return seq;
}

static struct alt *parse_alt(struct parser *p)
{
	struct alt *alt = arena_alloc(p->arena, sizeof(*alt));
	struct seq **tail = &alt->first;

	for (;;) {
		*tail = parse_seq(p);
		if (*tail == NULL)
			return NULL;
		tail = &(*tail)->next;
		if (peek(p) != '|' || p->i >= p->text.n)
			return alt;
		p->i++;
	}
}

/* Blanks around a phrase mean nothing, gaps there would not either. */
static void trim_ends(struct parser *p, struct alt *alt)
{
	for (struct seq *s = alt->first; s != NULL; s = s->next) {
		struct part *last = s->first, *before = NULL;

		if (last != NULL && last->kind == PART_SPACE)
			s->first = last = last->next;
		for (; last != NULL && last->next != NULL; last = last->next)
			before = last;
		if (before != NULL && last->kind == PART_SPACE) {
			before->next = NULL;
			last = before;
		}
		if (s->first == NULL)
			fail(p, 0,
			     "an empty phrase or alternative would match "
			     "everything; write a word or leave it out");
		else if (s->first->kind == PART_GAP || last->kind == PART_GAP)
			fail(p, s->first->at,
			     "a gap stands between two words; put one on "
			     "either side of the ~");
	}
}

bool part_opens_apart(const struct part *p)
{
	if (p->kind != PART_GROUP)
		return false;
	for (const struct seq *s = p->alt->first; s != NULL; s = s->next) {
		if (s->first == NULL || !part_separates(s->first))
			return false;
	}
	return true;
}

bool part_closes_apart(const struct part *p)
{
	if (p->kind != PART_GROUP)
		return false;
	for (const struct seq *s = p->alt->first; s != NULL; s = s->next) {
		const struct part *last = s->first;

		while (last != NULL && last->next != NULL)
			last = last->next;
		if (last == NULL || !part_separates(last))
			return false;
	}
	return true;
}

struct alt *phrase_parse(struct arena *arena, struct str text,
			 struct phrase_fault *fault)
{
	struct parser p = {.arena = arena, .text = text, .fault = fault};
	struct alt *alt;

	if (text.n > PHRASE_MAX_BYTES)
		return fail(&p, 0, "a phrase of over 2000 bytes; split it");
	alt = parse_alt(&p);
	if (alt != NULL && p.i < text.n)
		fail(&p, p.i, "\")\" without its \"(\"; leave it out");
	if (alt != NULL && !p.failed)
		trim_ends(&p, alt);
	return p.failed ? NULL : alt;
}
