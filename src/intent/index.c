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
	map_free(&index->by_words);
}

static void marks_grow(struct marks *marks, size_t clauses)
{
	free(marks->marks);
	free(marks->places);
	free(marks->seen);
	marks->cap = clauses;
	marks->marks = xcalloc(marks->cap, sizeof(*marks->marks));
	marks->places = NULL;
	marks->seen = xcalloc(marks->cap, sizeof(*marks->seen));
	marks->now = 0;
}

void marks_begin(struct marks *marks, const struct index *index, size_t words)
{
	if (marks->cap < index->clause_count)
		marks_grow(marks, index->clause_count);
	marks->now += UINT64_C(1) << MARK_PLACES;
	if (marks->now == 0) { /* wrapped around: no old mark may count */
		if (marks->cap > 0)
			memset(marks->marks, 0,
			       marks->cap * sizeof(*marks->marks));
		marks->now = UINT64_C(1) << MARK_PLACES;
	}
	marks->seen_count = 0;
	marks->words = words;
	/* one place more, behind the last word */
	marks->limbs = words <= PLAN_WORDS ? words / 64 + 1 : 0;
	if (marks->limbs == 1 && words > MARK_PLACES)
		marks->limbs = 2;
	if (marks->limbs > 1 && marks->places == NULL)
		marks->places = xcalloc(marks->cap, sizeof(*marks->places));
}

void marks_fini(struct marks *marks)
{
	free(marks->marks);
	free(marks->places);
	free(marks->seen);
	*marks = (struct marks){0};
}

/* True: it is the first word of the clause. */
static bool note_long(struct marks *marks, uint32_t id, size_t position)
{
	bool first = marks->marks[id] < marks->now;

	if (first)
		marks->marks[id] = marks->now;
	if (first && marks->limbs > 0)
		memset(marks->places[id], 0, sizeof(marks->places[id]));
	if (position / 64 < marks->limbs)
		marks->places[id][position / 64] |= UINT64_C(1)
						    << position % 64;
	return first;
}

static void see(struct marks *marks, const struct clause *clause)
{
	marks->seen[marks->seen_count++] = clause;
}

static void word_of_long(struct marks *marks, const struct index *index,
			 const struct word *word, size_t position)
{
	for (size_t i = 0; i < word->clause_count; i++) {
		uint32_t id = word->clauses[i];

		if (note_long(marks, id, position) && i < word->filed_count)
			see(marks, index->clauses[id]);
	}
}

void marks_word(struct marks *marks, const struct index *index,
		const struct word *word, size_t position)
{
	const uint32_t *id = word->clauses, *end = id + word->clause_count;
	const uint32_t *filed = id + word->filed_count;
	uint64_t now = marks->now, bit = UINT64_C(1) << position % 64;
	uint64_t *list = marks->marks;

	if (marks->limbs != 1) {
		word_of_long(marks, index, word, position);
		return;
	}
	for (; id < filed; id++) {
		if (list[*id] < now) {
			list[*id] = now;
			see(marks, index->clauses[*id]);
		}
		list[*id] |= bit;
	}
	/* nearly all of the work, so without a branch */
	for (; id < end; id++) {
		uint64_t mark = list[*id];

		list[*id] = (mark < now ? now : mark) | bit;
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
