/* Which words a phrase is made of, and which it cannot do without.
 *
 * 1. A slot (what stands between two separators) that is plain letters,
 *    endings and small classes is enumerated: all words it can be.
 * 2. A sequence needs one clause for each of its slots that may not be absent.
 * 3. Alternatives need one clause together: the smallest of each, united. If
 *    one of them needs nothing, they need nothing.
 *
 * What cannot be enumerated (raw PCRE2) gives no clause: the index then lets
 * more through than necessary, never less. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entity.h"
#include "index.h"
#include "phrase.h"
#include "rules.h"

#define FORMS_MAX 200 /* words that one slot may be */

/* All words that some parts can be, as strings end to end. */
struct forms {
	struct buf bytes;
	size_t starts[FORMS_MAX + 1];
	size_t n;
};

static void forms_init(struct forms *f)
{
	buf_init(&f->bytes);
	f->n = 0;
	f->starts[0] = 0;
}

static bool forms_add(struct forms *f, struct str a, struct str b)
{
	if (f->n == FORMS_MAX)
		return false;
	buf_add_str(&f->bytes, a);
	buf_add_str(&f->bytes, b);
	f->starts[++f->n] = f->bytes.len;
	return true;
}

static struct str form(const struct forms *f, size_t i)
{
	return (struct str){f->bytes.data + f->starts[i],
			    f->starts[i + 1] - f->starts[i]};
}

static bool enumerate_parts(const struct part *p, struct forms *out);

static bool enumerate_alt(const struct alt *alt, struct forms *out)
{
	for (const struct seq *s = alt->first; s != NULL; s = s->next) {
		struct forms one;
		bool ok;

		forms_init(&one);
		ok = enumerate_parts(s->first, &one);
		for (size_t i = 0; ok && i < one.n; i++)
			ok = forms_add(out, form(&one, i), STR_NONE);
		buf_fini(&one.bytes);
		if (!ok)
			return false;
	}
	return true;
}

/* "[sz]": letters only. Anchors are nothing. */
static bool enumerate_raw(struct str raw, struct forms *out)
{
	if (str_is(raw, "^") || str_is(raw, "$") || str_is(raw, "\\b"))
		return forms_add(out, STR_NONE, STR_NONE);
	if (str_is(raw, " ") || raw.n < 3 || raw.p[0] != '[')
		return false;
	for (size_t i = 1; i + 1 < raw.n; i++) {
		if (raw.p[i] < 'a' || raw.p[i] > 'z')
			return false;
	}
	for (size_t i = 1; i + 1 < raw.n; i++) {
		if (!forms_add(out, (struct str){raw.p + i, 1}, STR_NONE))
			return false;
	}
	return true;
}

static bool enumerate_part(const struct part *p, struct forms *out)
{
	if (p->max != 1)
		return false;
	if (p->min == 0 && !forms_add(out, STR_NONE, STR_NONE))
		return false;
	switch (p->kind) {
	case PART_WORD:
		return forms_add(out, p->text, STR_NONE);
	case PART_RAW:
		return enumerate_raw(p->text, out);
	case PART_GROUP:
		return enumerate_alt(p->alt, out);
	case PART_REF:
		if (p->entity == NULL)
			return enumerate_alt(p->alt, out);
		return !p->entity->wordy &&
		       forms_add(out, p->entity->placeholder, STR_NONE);
	case PART_SPACE:
	case PART_GAP:
		break;
	}
	return false;
}

/* What stands in one place of a sentence: parts up to `end`. */
struct slot {
	const struct part *first, *end;
};

/* The next slot from `p` on; false: none. Anchors are nothing; a group that
 * brings its own spaces is a slot of its own. */
static bool next_slot(const struct part *p, struct slot *slot)
{
	while (p != NULL && (part_separates(p) || part_is_anchor(p)))
		p = p->next;
	slot->first = p;
	if (p == NULL)
		return false;
	do {
		bool closes = part_closes_apart(p) || part_opens_apart(p);

		p = p->next;
		if (closes)
			break;
	} while (p != NULL && !part_separates(p) && !part_is_anchor(p) &&
		 !part_opens_apart(p));
	slot->end = p;
	return true;
}

/* The product of all parts. */
static bool enumerate_slot(const struct slot *slot, struct forms *out)
{
	bool ok = forms_add(out, STR_NONE, STR_NONE);

	for (const struct part *p = slot->first; ok && p != slot->end;
	     p = p->next) {
		struct forms left = *out, right;

		forms_init(out);
		forms_init(&right);
		ok = enumerate_part(p, &right);
		for (size_t i = 0; ok && i < left.n; i++) {
			for (size_t k = 0; ok && k < right.n; k++)
				ok = forms_add(out, form(&left, i),
					       form(&right, k));
		}
		buf_fini(&left.bytes);
		buf_fini(&right.bytes);
	}
	return ok;
}

/* As words inside of a word: no separators. */
static bool enumerate_parts(const struct part *p, struct forms *out)
{
	struct slot slot = {p, NULL};

	for (const struct part *q = p; q != NULL; q = q->next) {
		if (part_separates(q))
			return false;
	}
	return enumerate_slot(&slot, out);
}

/* ---- vocabulary ------------------------------------------------------- */

static void slot_words(const struct slot *slot, struct lexicon *lexicon)
{
	const struct part *p = slot->first;
	bool alone = p->next == slot->end;
	struct forms forms;

	if (alone && p->kind == PART_REF)
		return; /* the group's own words are entered once */
	if (alone && p->kind == PART_GROUP) {
		phrase_words(p->alt, lexicon);
		return;
	}
	forms_init(&forms);
	if (enumerate_slot(slot, &forms)) {
		for (size_t i = 0; i < forms.n; i++) {
			struct str word = form(&forms, i);

			if (word.n > 0 && word.n <= WORD_MAX_BYTES &&
			    memchr(word.p, ' ', word.n) == NULL)
				lexicon_add(lexicon, word)->rule = true;
		}
	}
	buf_fini(&forms.bytes);
}

void phrase_words(struct alt *alt, struct lexicon *lexicon)
{
	for (const struct seq *s = alt->first; s != NULL; s = s->next) {
		struct slot slot;

		for (const struct part *p = s->first; next_slot(p, &slot);
		     p = slot.end)
			slot_words(&slot, lexicon);
	}
}

/* ---- clauses ---------------------------------------------------------- */

struct ids {
	uint32_t v[CLAUSE_MAX_WORDS];
	size_t n;
};

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct clause *clause_of(struct index *index, struct ids *ids)
{
	size_t n = 0;

	if (ids->n == 0)
		return NULL;
	qsort(ids->v, ids->n, sizeof(ids->v[0]), by_id);
	for (size_t i = 0; i < ids->n; i++) {
		if (n == 0 || ids->v[n - 1] != ids->v[i])
			ids->v[n++] = ids->v[i];
	}
	return index_clause(index, ids->v, n);
}

static struct clause *slot_clause(const struct slot *slot, struct index *index,
				  struct lexicon *lexicon)
{
	struct forms forms;
	struct ids *ids = xmalloc(sizeof(*ids));
	struct clause *clause = NULL;
	bool ok;

	forms_init(&forms);
	ids->n = 0;
	ok = enumerate_slot(slot, &forms);
	for (size_t i = 0; ok && i < forms.n; i++) {
		struct str word = form(&forms, i);

		ok = word.n > 0 && memchr(word.p, ' ', word.n) == NULL;
		if (ok)
			ids->v[ids->n++] = lexicon_add(lexicon, word)->id;
	}
	if (ok)
		clause = clause_of(index, ids);
	free(ids);
	buf_fini(&forms.bytes);
	return clause;
}

struct clauses {
	struct clause *v[32];
	size_t n;
};

static void keep(struct clauses *list, struct clause *clause)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i] == clause)
			return;
	}
	if (clause != NULL && list->n < 32)
		list->v[list->n++] = clause;
}

static void seq_clauses(const struct seq *s, struct index *index,
			struct lexicon *lexicon, struct clauses *out)
{
	struct slot slot;

	for (const struct part *p = s->first; next_slot(p, &slot);
	     p = slot.end) {
		const struct part *q = slot.first;
		bool alone = q->next == slot.end;

		if (alone && q->min == 0)
			continue;
		if (alone && q->alt != NULL) {
			phrase_clauses(q->alt, index, lexicon);
			for (size_t i = 0; i < q->alt->clause_count; i++)
				keep(out, q->alt->clauses[i]);
		} else {
			keep(out, slot_clause(&slot, index, lexicon));
		}
	}
}

static const struct clause *smallest(const struct clauses *list)
{
	const struct clause *best = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (best == NULL || list->v[i]->word_count < best->word_count)
			best = list->v[i];
	}
	return best;
}

/* Step 3 of the essay above. */
static struct clause *united(const struct alt *alt, struct index *index,
			     struct lexicon *lexicon)
{
	struct ids *ids = xmalloc(sizeof(*ids));
	struct clause *clause = NULL;
	bool ok = true;

	ids->n = 0;
	for (const struct seq *s = alt->first; ok && s != NULL; s = s->next) {
		struct clauses list = {.n = 0};
		const struct clause *c;

		seq_clauses(s, index, lexicon, &list);
		c = smallest(&list);
		ok = c != NULL && ids->n + c->word_count <= CLAUSE_MAX_WORDS;
		if (ok) {
			memcpy(ids->v + ids->n, c->words,
			       c->word_count * sizeof(*c->words));
			ids->n += c->word_count;
		}
	}
	if (ok)
		clause = clause_of(index, ids);
	free(ids);
	return clause;
}

void phrase_clauses(struct alt *alt, struct index *index,
		    struct lexicon *lexicon)
{
	struct clauses list = {.n = 0};

	if (alt->has_clauses)
		return;
	alt->has_clauses = true;
	if (alt->first->next == NULL)
		seq_clauses(alt->first, index, lexicon, &list);
	else
		keep(&list, united(alt, index, lexicon));
	alt->clauses =
		arena_alloc(index->arena, list.n * sizeof(*alt->clauses));
	if (list.n > 0)
		memcpy(alt->clauses, list.v, list.n * sizeof(*alt->clauses));
	alt->clause_count = list.n;
}
