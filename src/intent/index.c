/* The inverted index of index.h. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "rules.h"

void index_init(struct index *index, struct arena *arena)
{
	*index = (struct index){.arena = arena, .by_words = map_new()};
}

void index_fini(struct index *index)
{
	map_free(&index->by_words);
	free(index->clauses);
	free(index->entries);
	*index = (struct index){0};
}

/* How often its words stand in the examples; unknown words count, too. */
static uint32_t weigh(const struct clause *c, const struct lexicon *lexicon)
{
	uint32_t weight = 0;

	for (size_t i = 0; i < c->word_count; i++)
		weight += 4 * lexicon->list[c->words[i]]->seen + 1;
	return weight;
}

struct clause *index_clause(struct index *index, const struct lexicon *lexicon,
			    const uint32_t *words, size_t n)
{
	struct str key = {(const char *)words, n * sizeof(*words)};
	struct clause *clause = map_get(index->by_words, key);

	if (clause != NULL)
		return clause;
	clause = arena_alloc(index->arena, sizeof(*clause));
	clause->id = (uint32_t)index->clause_count;
	clause->words = arena_alloc(index->arena, key.n);
	memcpy(clause->words, words, key.n);
	clause->word_count = n;
	clause->weight = weigh(clause, lexicon);
	map_set(index->by_words, key, clause);
	if (index->clause_count == index->clause_cap) {
		index->clause_cap = index->clause_cap * 2 + 64;
		index->clauses =
			xreallocarray(index->clauses, index->clause_cap,
				      sizeof(*index->clauses));
	}
	index->clauses[index->clause_count++] = clause;
	return clause;
}

void index_add(struct index *index, struct entry *entry)
{
	if (index->entry_count == index->entry_cap) {
		index->entry_cap = index->entry_cap * 2 + 64;
		index->entries = xreallocarray(index->entries, index->entry_cap,
					       sizeof(*index->entries));
	}
	index->entries[index->entry_count++] = entry;
	for (size_t i = 0; i < entry->clause_count; i++) {
		entry->clauses[i]->uses++;
		entry->clauses[i]->marked = true;
	}
}

/* The clause that the fewest sentences satisfy, as far as the examples tell,
 * leaving out two; NULL: there is none. */
static struct clause *rarest(const struct entry *entry,
			     const struct clause *but, const struct clause *nor)
{
	struct clause *best = NULL;

	for (size_t i = 0; i < entry->clause_count; i++) {
		struct clause *c = entry->clauses[i];

		if (c == but || c == nor)
			continue;
		if (best == NULL || c->weight < best->weight ||
		    (c->weight == best->weight && c->uses < best->uses))
			best = c;
	}
	return best;
}

static uint32_t id_of(const struct clause *clause)
{
	return clause != NULL ? clause->id : NO_CLAUSE;
}

/* With the rarest two but `but`. */
static struct filed filed_but(struct entry *e, const struct clause *but)
{
	const struct clause *first = rarest(e, but, NULL);

	return (struct filed){e, {id_of(first), id_of(rarest(e, but, first))}};
}

struct filed index_filed(struct entry *entry)
{
	return filed_but(entry, NULL);
}

static void file_entries(struct index *index)
{
	for (size_t i = 0; i < index->entry_count; i++) {
		struct clause *c = rarest(index->entries[i], NULL, NULL);

		if (entry_speaks_against(index->entries[i]))
			continue;
		if (c != NULL)
			c->filed_count++;
		else
			index->always_count++;
	}
	index->always = arena_alloc(
		index->arena, index->always_count * sizeof(*index->always));
	index->always_count = 0;
	for (size_t i = 0; i < index->entry_count; i++) {
		struct entry *e = index->entries[i];
		struct clause *c = rarest(e, NULL, NULL);

		if (entry_speaks_against(e))
			continue;
		if (c == NULL) {
			index->always[index->always_count++] = e;
			continue;
		}
		if (c->filed == NULL) {
			c->filed =
				arena_alloc(index->arena,
					    c->filed_count * sizeof(*c->filed));
			c->filed_count = 0;
		}
		c->filed[c->filed_count++] = filed_but(e, c);
	}
}

static bool is_filed(const struct clause *c)
{
	return c->filed_count > 0;
}

/* Tells its words of each clause that is filed, or is not. Only clauses that
 * some entry or plan needs are worth a mark. */
static void tell_of(struct index *index, struct lexicon *lexicon, bool filed)
{
	for (size_t i = 0; i < index->clause_count; i++) {
		const struct clause *c = index->clauses[i];

		for (size_t k = 0;
		     c->marked && is_filed(c) == filed && k < c->word_count;
		     k++) {
			struct word *w = lexicon->list[c->words[k]];

			w->clauses[w->clause_count++] = c->id;
			w->filed_count += filed;
		}
	}
}

static void tell_words(struct index *index, struct lexicon *lexicon)
{
	for (size_t i = 0; i < index->clause_count; i++) {
		const struct clause *c = index->clauses[i];

		for (size_t k = 0; c->marked && k < c->word_count; k++)
			lexicon->list[c->words[k]]->clause_count++;
	}
	for (size_t i = 0; i < lexicon->count; i++) {
		struct word *w = lexicon->list[i];

		w->clauses = arena_alloc(index->arena,
					 w->clause_count * sizeof(uint32_t));
		w->clause_count = 0;
	}
	tell_of(index, lexicon, true);
	tell_of(index, lexicon, false);
}

void index_build(struct index *index, struct lexicon *lexicon)
{
	file_entries(index);
	tell_words(index, lexicon);
}

void marks_begin(struct marks *marks, const struct index *index, size_t words)
{
	if (marks->cap < index->clause_count) {
		free(marks->marks);
		free(marks->rest);
		free(marks->seen);
		marks->cap = index->clause_count;
		marks->marks = xcalloc(marks->cap, sizeof(*marks->marks));
		marks->rest = xcalloc(marks->cap, sizeof(*marks->rest));
		marks->seen = xcalloc(marks->cap, sizeof(*marks->seen));
		marks->now = 0;
	}
	if (++marks->now == 0) { /* wrapped around: no old mark may count */
		if (marks->cap > 0)
			memset(marks->marks, 0,
			       marks->cap * sizeof(*marks->marks));
		marks->now = 1;
	}
	marks->seen_count = 0;
	marks->words = words;
	/* one place more, behind the last word */
	marks->limbs = words <= PLAN_WORDS ? words / 64 + 1 : 0;
}

void marks_fini(struct marks *marks)
{
	free(marks->marks);
	free(marks->rest);
	free(marks->seen);
	*marks = (struct marks){0};
}

/* True: it is the first word of the clause. */
static inline bool note(struct marks *marks, uint32_t id, size_t limb,
			uint64_t bit)
{
	struct mark *mark = &marks->marks[id];
	bool first = mark->now != marks->now;

	if (first) {
		mark->now = marks->now;
		mark->first = 0;
		if (marks->limbs > 1)
			memset(marks->rest[id], 0, sizeof(marks->rest[id]));
	}
	if (limb == 0)
		mark->first |= bit;
	else if (limb < marks->limbs)
		marks->rest[id][limb - 1] |= bit;
	return first;
}

void marks_word(struct marks *marks, const struct index *index,
		const struct word *word, size_t position)
{
	uint64_t bit = UINT64_C(1) << position % 64;
	size_t limb = position / 64, i = 0;
	struct mark *list = marks->marks;
	uint32_t now = marks->now;

	for (; i < word->filed_count; i++) {
		if (note(marks, word->clauses[i], limb, bit))
			marks->seen[marks->seen_count++] =
				index->clauses[word->clauses[i]];
	}
	if (marks->limbs > 1) {
		for (; i < word->clause_count; i++)
			note(marks, word->clauses[i], limb, bit);
		return;
	}
	/* nearly all of the work, so without a branch */
	for (; i < word->clause_count; i++) {
		struct mark *mark = &list[word->clauses[i]];

		mark->first = (mark->now == now ? mark->first : 0) | bit;
		mark->now = now;
	}
}

bool marks_all(const struct marks *marks, const struct entry *entry)
{
	for (size_t i = 0; i < entry->clause_count; i++) {
		if (!marks_has(marks, entry->clauses[i]->id))
			return false;
	}
	return true;
}

void marks_visit(const struct marks *marks, const struct index *index,
		 index_visitor each, void *arg)
{
	for (size_t i = 0; i < index->always_count; i++)
		each(arg, index->always[i]);
	for (size_t i = 0; i < marks->seen_count; i++) {
		const struct clause *c = marks->seen[i];

		for (size_t k = 0; k < c->filed_count; k++) {
			const struct filed *f = &c->filed[k];

			if (marks_allow(marks, f))
				each(arg, f->entry);
		}
	}
}
