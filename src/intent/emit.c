/* From a phrase's tree to its PCRE2 pattern. The subject is one normalised
 * sentence: words with single spaces between, no blanks around.
 *
 * A slot that may be absent takes one of its separators with it, so that
 * "(please) cancel" and "cancel (it) now" need no spaces that are not there:
 * the one before it, or, while nothing stands before, the one behind. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entity.h"
#include "forms.h"
#include "pattern.h"
#include "phrase.h"

#define NO_SEPARATOR (-1)

static void emit_alt(struct arena *arena, struct alt *alt, struct buf *out);

/* A separator is its number of words: 0 for a plain space. */
static void emit_separator(int gap, struct buf *out)
{
	if (gap > 0)
		buf_addf(out, "(?: [^ ]++){0,%d}? ", gap);
	else if (gap == 0)
		buf_add_c(out, ' ');
}

static int separator_of(const struct part *p)
{
	return p->kind == PART_GAP ? (int)p->gap : 0;
}

static void emit_repeat(unsigned min, unsigned max, char greed, struct buf *out)
{
	if (min == 1 && max == 1)
		return;
	if (min == 0 && max == 1)
		buf_add_c(out, '?');
	else if (max == REPEAT_ENDLESS)
		buf_addf(out, "{%u,}", min);
	else
		buf_addf(out, "{%u,%u}", min, max);
	if (greed != 0)
		buf_add_c(out, greed);
}

static void emit_atom(struct arena *arena, const struct part *p,
		      struct buf *out)
{
	switch (p->kind) {
	case PART_WORD:
		if (p->min == 1 && p->max == 1) {
			buf_add_str(out, p->text);
			break;
		}
		buf_add_s(out, "(?:");
		buf_add_str(out, p->text);
		buf_add_c(out, ')');
		break;
	case PART_RAW:
		buf_add_str(out, p->text);
		break;
	case PART_GROUP:
		emit_alt(arena, p->alt, out);
		break;
	case PART_REF:
		if (p->entity != NULL)
			entity_emit(p->entity, out);
		else
			emit_alt(arena, p->alt, out);
		break;
	case PART_SPACE:
	case PART_GAP:
		break;
	}
}

/* A slot: up to the next separator, which is returned. */
static const struct part *emit_slot(struct arena *arena, const struct part *p,
				    struct buf *out)
{
	bool alone = p->next == NULL || part_separates(p->next) ||
		     part_is_anchor(p->next);

	if (alone && p->max > 1 && p->min >= 1 &&
	    (p->kind == PART_GROUP || p->kind == PART_REF)) {
		/* repeated words have spaces between them */
		emit_atom(arena, p, out);
		buf_add_s(out, "(?: ");
		emit_atom(arena, p, out);
		buf_add_c(out, ')');
		emit_repeat(p->min - 1,
			    p->max == REPEAT_ENDLESS ? p->max : p->max - 1,
			    p->greed, out);
		return p->next;
	}
	for (; p != NULL && !part_separates(p) && !part_is_anchor(p);
	     p = p->next) {
		emit_atom(arena, p, out);
		emit_repeat(p->min, p->max, p->greed, out);
	}
	return p;
}

static void emit_optional(struct arena *arena, const struct part *p, int before,
			  int behind, struct buf *out)
{
	buf_add_s(out, "(?:");
	emit_separator(before, out);
	emit_atom(arena, p, out);
	emit_separator(behind, out);
	buf_add_c(out, ')');
	emit_repeat(p->min, p->max, p->greed, out);
}

static void emit_seq(struct arena *arena, const struct seq *seq,
		     struct buf *out)
{
	const struct part *p = seq->first;
	int pending = NO_SEPARATOR;
	bool begun = false; /* something necessary stands before */

	if (p != NULL && part_separates(p))
		begun = true;
	while (p != NULL) {
		if (part_separates(p)) {
			if (separator_of(p) > pending)
				pending = separator_of(p);
			p = p->next;
		} else if (part_is_anchor(p)) {
			buf_add_str(out, p->text);
			p = p->next;
		} else if (part_is_optional_word(p) && begun) {
			emit_optional(arena, p, pending, NO_SEPARATOR, out);
			p = p->next;
		} else if (part_is_optional_word(p)) {
			bool behind =
				p->next != NULL && part_separates(p->next);

			emit_optional(arena, p, NO_SEPARATOR,
				      behind ? separator_of(p->next)
					     : NO_SEPARATOR,
				      out);
			p = behind ? p->next->next : p->next;
		} else {
			if (begun)
				emit_separator(pending, out);
			pending = NO_SEPARATOR;
			begun = true;
			p = emit_slot(arena, p, out);
		}
	}
	if (begun && seq->first != NULL) {
		const struct part *last = seq->first;

		while (last->next != NULL)
			last = last->next;
		if (part_separates(last))
			emit_separator(pending, out);
	}
}

static void emit_seqs(struct arena *arena, const struct alt *alt,
		      struct buf *out)
{
	buf_add_s(out, "(?:");
	for (const struct seq *s = alt->first; s != NULL; s = s->next) {
		emit_seq(arena, s, out);
		if (s->next != NULL)
			buf_add_c(out, '|');
	}
	buf_add_c(out, ')');
}

/* ---- many words as a tree of their letters ----------------------------
 *
 * PCRE2 tries alternatives one after the other, each at the price of a step of
 * the match limit. A group of sixty words costs sixty steps wherever it does
 * not match, and gaps multiply that. So where all alternatives are plain
 * strings they are sorted and written as a tree, "(?:order(?:ed|s)?|parcel)",
 * behind a look at the first letter. */

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static size_t point_length(struct str s, size_t at)
{
	size_t n = 1;

	while (at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool same_point(struct str a, struct str b, size_t at)
{
	size_t n = point_length(a, at);

	return b.n >= at + n && memcmp(a.p + at, b.p + at, n) == 0;
}

/* The strings from..end begin alike up to byte `at`. */
static void emit_tree(const struct str *list, size_t from, size_t end,
		      size_t at, struct buf *out)
{
	bool may_end = false;
	size_t branches = 0, next;

	while (from < end && list[from].n == at) {
		may_end = true; /* the shortest stands first */
		from++;
	}
	if (from == end)
		return;
	for (size_t i = from; i < end; i++)
		branches += i == from || !same_point(list[i - 1], list[i], at);
	if (branches > 1 || may_end)
		buf_add_s(out, "(?:");
	for (size_t i = from; i < end; i = next) {
		size_t n = point_length(list[i], at);

		next = i + 1;
		while (next < end && same_point(list[i], list[next], at))
			next++;
		if (i > from)
			buf_add_c(out, '|');
		buf_add(out, list[i].p + at, n);
		emit_tree(list, i, next, at + n, out);
	}
	if (branches > 1 || may_end)
		buf_add_c(out, ')');
	if (may_end)
		buf_add_c(out, '?');
}

#define GLANCE_FROM 4 /* different first letters */

/* "(?=[abc])" saves trying one after the other where none can match. */
static void emit_glance(const struct str *list, size_t n, struct buf *out)
{
	char first[26];
	size_t letters = 0;

	for (size_t i = 0; i < n; i++) {
		if (list[i].n == 0 || list[i].p[0] < 'a' || list[i].p[0] > 'z')
			return;
		if (letters == 0 || first[letters - 1] != list[i].p[0])
			first[letters++] = list[i].p[0];
	}
	if (letters < GLANCE_FROM)
		return;
	buf_add_s(out, "(?=[");
	buf_add(out, first, letters);
	buf_add_s(out, "])");
}

static bool emit_words(const struct alt *alt, struct buf *out)
{
	struct forms forms;
	struct str *list;
	bool ok;

	forms_init(&forms);
	ok = alt->first->next != NULL && forms_of_alt(alt, &forms) &&
	     forms.n > 1;
	if (ok) {
		list = xcalloc(forms.n, sizeof(*list));
		for (size_t i = 0; i < forms.n; i++)
			list[i] = forms_get(&forms, i);
		qsort(list, forms.n, sizeof(*list), by_bytes);
		buf_add_s(out, "(?:");
		emit_glance(list, forms.n, out);
		emit_tree(list, 0, forms.n, 0, out);
		buf_add_c(out, ')');
		free(list);
	}
	forms_fini(&forms);
	return ok;
}

static void emit_alt(struct arena *arena, struct alt *alt, struct buf *out)
{
	struct buf own = BUF_INIT;

	if (!alt->has_regex) {
		if (!emit_words(alt, &own))
			emit_seqs(arena, alt, &own);
		/* Groups of groups can grow without end; pattern_new() then
		 * refuses what is over the limit. */
		if (own.len > PATTERN_MAX_BYTES + 1)
			own.len = PATTERN_MAX_BYTES + 1;
		alt->regex = arena_str(arena, buf_str(&own));
		alt->has_regex = true;
		buf_fini(&own);
	}
	if (out->len <= PATTERN_MAX_BYTES)
		buf_add_str(out, alt->regex);
}

void phrase_emit(struct arena *arena, struct alt *alt, struct buf *out)
{
	buf_add_s(out, "(?<![^ ])");
	emit_alt(arena, alt, out);
	buf_add_s(out, "(?![^ ])");
}
