/* Which words a phrase is made of, and which it cannot do without.
 *
 * 1. A slot (what stands between two separators) that is plain letters,
 *    endings and small classes is enumerated: all words it can be.
 * 2. A sequence needs one clause for each of its slots that may not be absent.
 * 3. Alternatives need one clause together: the rarest of each, united. If
 *    one of them needs nothing, they need nothing.
 *
 * What cannot be enumerated (raw PCRE2) gives no clause: the index then lets
 * more through than necessary, never less. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "forms.h"
#include "index.h"
#include "phrase.h"
#include "rules.h"

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
	if (forms_of_slot(slot, &forms)) {
		for (size_t i = 0; i < forms.n; i++) {
			struct str word = forms_get(&forms, i);

			if (word.n > 0 && word.n <= WORD_MAX_BYTES &&
			    memchr(word.p, ' ', word.n) == NULL)
				lexicon_add(lexicon, word)->rule = true;
		}
	}
	forms_fini(&forms);
}

void phrase_words(struct alt *alt, struct lexicon *lexicon)
{
	for (const struct seq *s = alt->first; s != NULL; s = s->next) {
		struct slot slot;

		for (const struct part *p = s->first; slot_next(p, &slot);
		     p = slot.end)
			slot_words(&slot, lexicon);
	}
}

static bool slot_vocabulary(const struct slot *slot, struct lexicon *lexicon,
			    unsigned char meta)
{
	struct forms forms;
	bool ok;

	if (slot->first->next == slot->end && slot->first->alt != NULL)
		return phrase_vocabulary(slot->first->alt, lexicon, meta);
	forms_init(&forms);
	ok = forms_of_slot(slot, &forms);
	for (size_t i = 0; ok && i < forms.n; i++) {
		struct str word = forms_get(&forms, i);

		if (word.n > 0)
			lexicon_add(lexicon, word)->meta |= meta;
	}
	forms_fini(&forms);
	return ok;
}

bool phrase_vocabulary(const struct alt *alt, struct lexicon *lexicon,
		       unsigned char meta)
{
	bool ok = true;

	for (const struct seq *s = alt->first; ok && s != NULL; s = s->next) {
		struct slot slot;

		for (const struct part *p = s->first; ok && p != NULL;
		     p = p->next)
			ok = p->kind != PART_GAP;
		for (const struct part *p = s->first; ok && slot_next(p, &slot);
		     p = slot.end)
			ok = slot_vocabulary(&slot, lexicon, meta);
	}
	return ok;
}

/* ---- clauses ---------------------------------------------------------- */

#define ALTERNATIVES_MAX 1000

struct ids {
	uint32_t v[CLAUSE_MAX_WORDS];
	size_t n;
};

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct clause *clause_of(struct index *index,
				const struct lexicon *lexicon, struct ids *ids)
{
	size_t n = 0;

	if (ids->n == 0)
		return NULL;
	qsort(ids->v, ids->n, sizeof(ids->v[0]), by_id);
	for (size_t i = 0; i < ids->n; i++) {
		if (n == 0 || ids->v[n - 1] != ids->v[i])
			ids->v[n++] = ids->v[i];
	}
	return index_clause(index, lexicon, ids->v, n);
}

struct clause *clause_of_slot(const struct slot *slot, struct index *index,
			      struct lexicon *lexicon)
{
	struct forms forms;
	struct ids *ids = xmalloc(sizeof(*ids));
	struct clause *clause = NULL;
	bool ok;

	forms_init(&forms);
	ids->n = 0;
	ok = forms_of_slot(slot, &forms);
	for (size_t i = 0; ok && i < forms.n; i++) {
		struct str word = forms_get(&forms, i);

		ok = word.n > 0 && memchr(word.p, ' ', word.n) == NULL;
		if (ok)
			ids->v[ids->n++] = lexicon_add(lexicon, word)->id;
	}
	if (ok)
		clause = clause_of(index, lexicon, ids);
	free(ids);
	forms_fini(&forms);
	return clause;
}

struct clause *clause_unite(struct index *index, const struct lexicon *lexicon,
			    const struct clause *const *list, size_t n)
{
	struct ids *ids = xmalloc(sizeof(*ids));
	struct clause *clause = NULL;
	bool ok = true;

	ids->n = 0;
	for (size_t i = 0; ok && i < n; i++) {
		ok = ids->n + list[i]->word_count <= CLAUSE_MAX_WORDS;
		if (ok) {
			memcpy(ids->v + ids->n, list[i]->words,
			       list[i]->word_count * sizeof(ids->v[0]));
			ids->n += list[i]->word_count;
		}
	}
	if (ok)
		clause = clause_of(index, lexicon, ids);
	free(ids);
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

	for (const struct part *p = s->first; slot_next(p, &slot);
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
			keep(out, clause_of_slot(&slot, index, lexicon));
		}
	}
}

static const struct clause *rarest(const struct clauses *list)
{
	const struct clause *best = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (best == NULL || list->v[i]->weight < best->weight)
			best = list->v[i];
	}
	return best;
}

/* Step 3 of the essay above. */
static struct clause *united(const struct alt *alt, struct index *index,
			     struct lexicon *lexicon)
{
	const struct clause *each[ALTERNATIVES_MAX];
	size_t n = 0;

	for (const struct seq *s = alt->first; s != NULL; s = s->next) {
		struct clauses list = {.n = 0};

		seq_clauses(s, index, lexicon, &list);
		if (list.n == 0 || n == ALTERNATIVES_MAX)
			return NULL;
		each[n++] = rarest(&list);
	}
	return clause_unite(index, lexicon, each, n);
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
