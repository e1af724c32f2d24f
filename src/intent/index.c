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

size_t index_bytes(const struct index *index)
{
	return index->clause_cap * sizeof(*index->clauses) +
	       index->entry_cap * sizeof(*index->entries);
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
	clause = arena_alloc(index->arena, sizeof(*clause) + key.n);
	clause->id = (uint32_t)index->clause_count;
	memcpy(clause->words, words, key.n);
	clause->word_count = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		clause->hint |= UINT64_C(1) << words[i] % 64;
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
	for (size_t i = 0; i < entry->clause_count; i++)
		entry->clauses[i]->uses++;
}

/* Does `a` stop more sentences than `b`, as far as the examples tell? */
static bool is_rarer(const struct clause *a, const struct clause *b)
{
	return a->weight != b->weight ? a->weight < b->weight
				      : a->uses < b->uses;
}

/* NULL: there is none. */
static struct clause *rarest(const struct entry *entry)
{
	struct clause *best = NULL;

	for (size_t i = 0; i < entry->clause_count; i++) {
		if (best == NULL || is_rarer(entry->clauses[i], best))
			best = entry->clauses[i];
	}
	return best;
}

/* With the rarest but `but`, the rarest first. */
static struct filed filed_but(struct entry *e, const struct clause *but)
{
	const struct clause *list[FILED_MARKS];
	struct filed filed = {.entry = e};
	size_t n = 0;

	for (size_t i = 0; i < e->clause_count; i++) {
		const struct clause *c = e->clauses[i];
		size_t at;

		if (c == but)
			continue;
		if (n == FILED_MARKS) {
			filed.more = true;
			if (!is_rarer(c, list[n - 1]))
				continue;
			n--;
		}
		for (at = n++; at > 0 && is_rarer(c, list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = c;
	}
	for (size_t i = 0; i < n; i++)
		filed.marks[i] = list[i]->mark; /* else MARK_ALWAYS */
	return filed;
}

struct filed index_filed(struct entry *entry)
{
	return filed_but(entry, NULL);
}

static void count_filed(struct index *index)
{
	for (size_t i = 0; i < index->entry_count; i++) {
		struct clause *c = rarest(index->entries[i]);

		if (entry_waits(index->entries[i]))
			continue;
		if (c != NULL)
			c->filed_count++;
		else
			index->always_count++;
	}
}

static void file_entries(struct index *index)
{
	index->always = arena_alloc(
		index->arena, index->always_count * sizeof(*index->always));
	index->always_count = 0;
	for (size_t i = 0; i < index->entry_count; i++) {
		struct entry *e = index->entries[i];
		struct clause *c = rarest(e);

		if (entry_waits(e))
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

/* ---- marks ------------------------------------------------------------ */

/* Clauses by their commonest word, so that those which a common word satisfies
 * stand together. */
static int by_common(const void *a, const void *b)
{
	const struct clause *x = *(const struct clause *const *)a;
	const struct clause *y = *(const struct clause *const *)b;

	if (x->common != y->common)
		return x->common < y->common ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static uint32_t commonest(const struct clause *c, const struct lexicon *lexicon)
{
	uint32_t best = c->words[0];

	for (size_t i = 1; i < c->word_count; i++) {
		if (lexicon->list[c->words[i]]->seen >
		    lexicon->list[best]->seen)
			best = c->words[i];
	}
	return best;
}

/* Numbers the clauses that entries need. */
static void number(struct index *index, const struct lexicon *lexicon)
{
	index->marked = arena_alloc(index->arena, (index->clause_count +
						   1) * sizeof(*index->marked));
	index->mark_count = 1;
	for (size_t i = 0; i < index->clause_count; i++) {
		struct clause *c = index->clauses[i];

		if (c->uses == 0)
			continue;
		c->common = commonest(c, lexicon);
		index->marked[index->mark_count++] = c;
	}
	qsort(index->marked + 1, index->mark_count - 1, sizeof(*index->marked),
	      by_common);
	for (size_t i = 1; i < index->mark_count; i++)
		index->marked[i]->mark = (uint32_t)i;
}

/* Tells the words of a clause what is filed under it, those of all clauses in
 * the order of the rules. */
static void tell_filed(struct index *index, struct lexicon *lexicon)
{
	for (size_t i = 0; i < index->clause_count; i++) {
		const struct clause *c = index->clauses[i];

		for (size_t k = 0; c->filed_count > 0 && k < c->word_count;
		     k++) {
			struct word *w = lexicon->list[c->words[k]];

			if (w->drawers != NULL)
				w->drawers[w->drawer_count] = (struct drawer){
					c->filed, c->filed_count, c->mark};
			w->drawer_count++;
		}
	}
}

static void tell_marked(struct index *index, struct lexicon *lexicon)
{
	for (uint32_t i = 1; i < index->mark_count; i++) {
		const struct clause *c = index->marked[i];

		for (size_t k = 0; c->filed_count == 0 && k < c->word_count;
		     k++) {
			struct word *w = lexicon->list[c->words[k]];

			if (w->last != i / 32 + 1)
				w->marked_count++;
			w->last = i / 32 + 1;
			if (w->marked == NULL)
				continue;
			w->marked[w->marked_count - 1].at = i / 32;
			w->marked[w->marked_count - 1].bits |= UINT32_C(1)
							       << i % 32;
		}
	}
}

/* First how much room there has to be. */
static void tell_words(struct index *index, struct lexicon *lexicon)
{
	tell_filed(index, lexicon);
	tell_marked(index, lexicon);
	for (size_t i = 0; i < lexicon->count; i++) {
		struct word *w = lexicon->list[i];

		w->marked = arena_alloc(index->arena,
					w->marked_count * sizeof(*w->marked));
		w->drawers = arena_alloc(index->arena,
					 w->drawer_count * sizeof(*w->drawers));
		w->marked_count = w->drawer_count = w->last = 0;
	}
	tell_filed(index, lexicon);
	tell_marked(index, lexicon);
}

void index_build(struct index *index, struct lexicon *lexicon)
{
	count_filed(index);
	number(index, lexicon);
	file_entries(index);
	tell_words(index, lexicon);
	map_free(&index->by_words);
}

static void marks_grow(struct marks *marks, size_t count)
{
	free(marks->bits);
	free(marks->open);
	marks->cap = count;
	marks->bits = xcalloc(count / 32 + 1, sizeof(*marks->bits));
	marks->open = xcalloc(count + 1, sizeof(*marks->open));
}

/* With one place more, behind the last word. */
static size_t limbs_of(size_t words)
{
	if (words < LIMBS_SHORT * 64)
		return LIMBS_SHORT;
	return words < LIMBS_LONG * 64 ? LIMBS_LONG : LIMBS_MOST;
}

void marks_begin(struct marks *marks, const struct index *index, size_t words)
{
	if (marks->cap < index->mark_count || marks->bits == NULL)
		marks_grow(marks, index->mark_count);
	memset(marks->bits, 0,
	       (index->mark_count / 32 + 1) * sizeof(*marks->bits));
	marks->bits[0] = 1; /* MARK_ALWAYS */
	marks->open_count = 0;
	marks->hint = 0;
	marks->words = words;
	marks->limbs = limbs_of(words);
	for (size_t i = 0; i < marks->limbs; i++)
		marks->plain[i] = marks->digits[i] = 0;
}

void marks_fini(struct marks *marks)
{
	free(marks->bits);
	free(marks->open);
	*marks = (struct marks){0};
}

/* A walk goes over all limbs: none may have places of an earlier sentence. */
static void note_place(struct marks *marks, uint32_t word, size_t position)
{
	uint64_t bit = UINT64_C(1) << word % 64;
	uint64_t *places = marks->places[word % 64];

	for (size_t i = 0; (marks->hint & bit) == 0 && i < marks->limbs; i++)
		places[i] = 0;
	marks->hint |= bit;
	marks->ids[position] = word;
	places[position / 64] |= UINT64_C(1) << position % 64;
}

void marks_text(struct marks *marks, struct str text, unsigned char traits,
		size_t position)
{
	uint64_t bit = UINT64_C(1) << position % 64;

	if ((traits & TEXT_PLAIN) == 0)
		return; /* nor of digits */
	marks->plain[position / 64] |= bit;
	if ((traits & TEXT_DIGITS) != 0)
		marks->digits[position / 64] |= bit;
	marks->lengths[position] = (uint16_t)text.n;
}

void marks_word(struct marks *marks, const struct word *word, size_t position)
{
	note_place(marks, word->id, position);
	for (size_t i = 0; i < word->drawer_count; i++) {
		const struct drawer *d = &word->drawers[i];

		if (marks_has(marks, d->mark))
			continue;
		marks->bits[d->mark / 32] |= UINT32_C(1) << d->mark % 32;
		marks->open[marks->open_count++] = d;
		__builtin_prefetch(d->list);
	}
	for (size_t i = 0; i < word->marked_count; i++)
		marks->bits[word->marked[i].at] |= word->marked[i].bits;
}

bool marks_all(const struct marks *marks, const struct entry *entry)
{
	for (size_t i = 0; i < entry->clause_count; i++) {
		if (!marks_has(marks, entry->clauses[i]->mark))
			return false;
	}
	return true;
}

/* Candidates, before they are looked at: what the processor is told to fetch is
 * there when it is their turn. */
struct found {
	struct entry *list[64];
	size_t count;
};

static void visit_found(struct found *found, index_visitor each, void *arg)
{
	for (size_t i = 0; i < found->count; i++)
		__builtin_prefetch(found->list[i]->plan);
	for (size_t i = 0; i < found->count; i++)
		each(arg, found->list[i]);
	found->count = 0;
}

void marks_visit(const struct marks *marks, const struct index *index,
		 index_visitor each, void *arg)
{
	struct found found;

	found.count = 0;
	for (size_t i = 0; i < index->always_count; i++)
		each(arg, index->always[i]);
	for (size_t i = 0; i < marks->open_count; i++) {
		const struct drawer *d = marks->open[i];

		for (uint32_t k = 0; k < d->count; k++) {
			const struct filed *f = &d->list[k];

			if (!marks_allow(marks, f))
				continue;
			__builtin_prefetch(f->entry);
			found.list[found.count++] = f->entry;
			if (found.count == ARRAY_LEN(found.list))
				visit_found(&found, each, arg);
		}
	}
	visit_found(&found, each, arg);
}
