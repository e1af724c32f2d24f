/* Grouping short messages by the words they share; see group.h. What works for
 * questions of three to ten words, of which two or three say something:
 *
 * 1. Messages with the same stems are one item. Every item is a vector of the
 *    stems' weights.
 * 2. Each item's neighbours are those with a cosine of at least NEAR.
 * 3. Items are taken in the order of how many messages stand around them; each
 *    that is still free leads a group and takes its free neighbours (Butina
 *    1999). These are tight: nearly the same words.
 * 4. Groups whose middles have a cosine of at least MERGE are one, each going
 * to the nearest larger that stays; that again, until nothing changes. So one
 *    message about two subjects goes to one of them and does not join them.
 *
 * Both numbers were chosen on labelled questions of shoppers: with MERGE lower
 * subjects begin to mix, with it higher they fall apart; with NEAR lower, step
 * 3 lets messages lead that stand between two subjects.
 *
 * Ties go to what stands first, so that equal messages give equal groups. */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "vectors.h"

#define NEAR           0.80
#define MERGE          0.45
#define NEIGHBOURS_MAX 96
#define ROUNDS_MAX     8
#define MIDDLE_TERMS   24

struct item {
	uint32_t first;  /* message */
	uint32_t count;  /* messages */
	uint32_t around; /* messages at it and its neighbours */
	uint32_t group;  /* GROUP_NONE: free */
	uint32_t neighbour_count;
	uint32_t *neighbours;
};

struct grouper {
	const struct corpus *corpus;
	struct item *items;
	size_t item_count;
	uint32_t *item_of; /* message to item; GROUP_NONE */
	struct vectors vectors;
	size_t group_count;
};

/* ---- 1. items --------------------------------------------------------- */

static void add_item(struct grouper *g, uint32_t message, const uint32_t *stems,
		     size_t n)
{
	double weights[CORPUS_MAX_TOKENS];

	for (size_t i = 0; i < n; i++)
		weights[i] = g->corpus->stems[stems[i]].weight;
	vectors_add(&g->vectors, stems, weights, n);
	g->items[g->item_count++] =
		(struct item){.first = message, .group = GROUP_NONE};
}

static void make_items(struct grouper *g)
{
	struct map *known = map_new();
	uint32_t stems[CORPUS_MAX_TOKENS];

	for (size_t m = 0; m < g->corpus->count; m++) {
		size_t n = corpus_stems(g->corpus, m, stems), item;
		struct str key = {(const char *)stems, n * sizeof(*stems)};

		g->item_of[m] = GROUP_NONE;
		if (n == 0)
			continue;
		item = (size_t)map_get(known, key);
		if (item == 0) {
			add_item(g, (uint32_t)m, stems, n);
			item = g->item_count;
			map_set(known, key, (void *)item);
		}
		g->item_of[m] = (uint32_t)item - 1;
		g->items[item - 1].count++;
	}
	map_free(&known);
	vectors_index(&g->vectors);
}

/* ---- 2. neighbours ---------------------------------------------------- */

static void find_neighbours(struct grouper *g)
{
	struct near near[NEIGHBOURS_MAX];

	for (size_t i = 0; i < g->item_count; i++) {
		struct item *it = &g->items[i];
		size_t n = vectors_near(&g->vectors, (uint32_t)i, NEAR, near,
					NEIGHBOURS_MAX);

		it->around = it->count;
		it->neighbours = xcalloc(n + 1, sizeof(*it->neighbours));
		it->neighbour_count = (uint32_t)n;
		for (size_t k = 0; k < n; k++) {
			it->neighbours[k] = near[k].vector;
			it->around += g->items[near[k].vector].count;
		}
	}
}

/* ---- 3. leaders ------------------------------------------------------- */

static int by_around(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a;
	const struct item *y = *(struct item *const *)b;

	if (x->around != y->around)
		return x->around < y->around ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

static void lead(struct grouper *g)
{
	struct item **order = xcalloc(g->item_count + 1, sizeof(*order));

	for (size_t i = 0; i < g->item_count; i++)
		order[i] = &g->items[i];
	qsort(order, g->item_count, sizeof(struct item *), by_around);
	for (size_t i = 0; i < g->item_count; i++) {
		struct item *it = order[i];

		if (it->group != GROUP_NONE)
			continue;
		it->group = (uint32_t)g->group_count++;
		for (size_t k = 0; k < it->neighbour_count; k++) {
			struct item *other = &g->items[it->neighbours[k]];

			if (other->group == GROUP_NONE)
				other->group = it->group;
		}
	}
	free(order);
}

/* ---- 4. middles ------------------------------------------------------- */

struct term {
	uint32_t id;
	double weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_id(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The heaviest terms of what was summed up, as a vector. */
static void add_middle(struct vectors *middles, struct term *terms, size_t n)
{
	uint32_t ids[MIDDLE_TERMS];
	double weights[MIDDLE_TERMS];

	qsort(terms, n, sizeof(*terms), by_weight);
	if (n > MIDDLE_TERMS)
		n = MIDDLE_TERMS;
	qsort(terms, n, sizeof(*terms), by_id);
	for (size_t i = 0; i < n; i++) {
		ids[i] = terms[i].id;
		weights[i] = terms[i].weight;
	}
	vectors_add(middles, ids, weights, n);
}

/* Items in the order of their groups; `starts` has one more: the end. */
static uint32_t *sort_by_group(const struct grouper *g, size_t *starts)
{
	uint32_t *sorted = xcalloc(g->item_count + 1, sizeof(*sorted));
	size_t *next = xcalloc(g->group_count + 1, sizeof(*next));

	memset(starts, 0, (g->group_count + 1) * sizeof(*starts));
	for (size_t i = 0; i < g->item_count; i++)
		starts[g->items[i].group + 1]++;
	for (size_t k = 0; k < g->group_count; k++) {
		starts[k + 1] += starts[k];
		next[k] = starts[k];
	}
	for (size_t i = 0; i < g->item_count; i++)
		sorted[next[g->items[i].group]++] = (uint32_t)i;
	free(next);
	return sorted;
}

/* The middle of every group, as many as it has messages, to `sizes`. */
static void find_middles(const struct grouper *g, struct vectors *middles,
			 uint32_t *sizes)
{
	const struct vectors *v = &g->vectors;
	double *sums = xcalloc(v->term_count + 1, sizeof(*sums));
	struct term *terms = xcalloc(v->term_count + 1, sizeof(*terms));
	size_t *starts = xcalloc(g->group_count + 2, sizeof(*starts));
	uint32_t *sorted = sort_by_group(g, starts);

	vectors_init(middles, v->term_count);
	for (size_t k = 0; k < g->group_count; k++) {
		size_t n = 0;

		sizes[k] = 0;
		for (size_t i = starts[k]; i < starts[k + 1]; i++) {
			uint32_t item = sorted[i];

			sizes[k] += g->items[item].count;
			for (size_t t = v->starts[item];
			     t < v->starts[item + 1]; t++) {
				double *sum = &sums[v->terms[t]];

				if (*sum == 0)
					terms[n++].id = v->terms[t];
				*sum += v->weights[t] * g->items[item].count;
			}
		}
		for (size_t i = 0; i < n; i++) {
			terms[i].weight = sums[terms[i].id];
			sums[terms[i].id] = 0;
		}
		add_middle(middles, terms, n);
	}
	free(sums);
	free(terms);
	free(starts);
	free(sorted);
}

static bool is_larger(const uint32_t *sizes, uint32_t a, uint32_t b)
{
	return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : a < b;
}

/* The nearest larger group of each; itself where none is near. */
static void find_larger(struct vectors *middles, const uint32_t *sizes,
			uint32_t *into)
{
	struct near near[NEIGHBOURS_MAX];

	for (uint32_t k = 0; k < middles->count; k++) {
		size_t n =
			vectors_near(middles, k, MERGE, near, NEIGHBOURS_MAX);

		into[k] = k;
		for (size_t i = 0; i < n && into[k] == k; i++) {
			if (is_larger(sizes, near[i].vector, k))
				into[k] = near[i].vector;
		}
	}
}

/* One round; true: groups were merged, and are numbered anew. A group goes only
 * to one that stays: no chains. */
static bool merge(struct grouper *g)
{
	uint32_t *sizes = xcalloc(g->group_count + 1, sizeof(*sizes));
	uint32_t *into = xcalloc(g->group_count + 1, sizeof(*into));
	uint32_t *number = xcalloc(g->group_count + 1, sizeof(*number));
	struct vectors middles;
	uint32_t left = 0;
	bool merged;

	find_middles(g, &middles, sizes);
	vectors_index(&middles);
	find_larger(&middles, sizes, into);
	for (uint32_t k = 0; k < g->group_count; k++)
		number[k] = into[k] == k || into[into[k]] != into[k]
				    ? left++
				    : GROUP_NONE;
	for (size_t i = 0; i < g->item_count; i++) {
		struct item *it = &g->items[i];

		it->group = number[it->group] != GROUP_NONE
				    ? number[it->group]
				    : number[into[it->group]];
	}
	merged = left < g->group_count;
	g->group_count = left;
	free(sizes);
	free(into);
	free(number);
	vectors_fini(&middles);
	return merged;
}

/* ---- all -------------------------------------------------------------- */

/* How near each item is to the middle of its group. */
static double *measure(const struct grouper *g)
{
	double *out = xcalloc(g->item_count + 1, sizeof(*out));
	uint32_t *sizes = xcalloc(g->group_count + 1, sizeof(*sizes));
	struct vectors middles;

	find_middles(g, &middles, sizes);
	for (size_t i = 0; i < g->item_count; i++) {
		size_t group = g->items[i].group, k = middles.starts[group];
		const struct vectors *v = &g->vectors;

		for (size_t t = v->starts[i]; t < v->starts[i + 1]; t++) {
			while (k < middles.starts[group + 1] &&
			       middles.terms[k] < v->terms[t])
				k++;
			if (k < middles.starts[group + 1] &&
			    middles.terms[k] == v->terms[t])
				out[i] += v->weights[t] * middles.weights[k];
		}
	}
	free(sizes);
	vectors_fini(&middles);
	return out;
}

static void tell(const struct grouper *g, struct groups *out)
{
	double *nearness = measure(g);

	out->count = g->group_count;
	for (size_t m = 0; m < g->corpus->count; m++) {
		uint32_t item = g->item_of[m];

		out->of[m] =
			item == GROUP_NONE ? GROUP_NONE : g->items[item].group;
		out->nearness[m] = item == GROUP_NONE ? 0 : nearness[item];
	}
	free(nearness);
}

void groups_init(struct groups *out, const struct corpus *corpus)
{
	struct grouper g = {.corpus = corpus};

	g.items = xcalloc(corpus->count + 1, sizeof(*g.items));
	g.item_of = xcalloc(corpus->count + 1, sizeof(*g.item_of));
	out->of = xcalloc(corpus->count + 1, sizeof(*out->of));
	out->nearness = xcalloc(corpus->count + 1, sizeof(*out->nearness));
	vectors_init(&g.vectors, corpus->stem_count);
	make_items(&g);
	find_neighbours(&g);
	lead(&g);
	for (int i = 0; i < ROUNDS_MAX && merge(&g); i++)
		;
	tell(&g, out);
	for (size_t i = 0; i < g.item_count; i++)
		free(g.items[i].neighbours);
	free(g.items);
	free(g.item_of);
	vectors_fini(&g.vectors);
}

void groups_fini(struct groups *groups)
{
	free(groups->of);
	free(groups->nearness);
}
