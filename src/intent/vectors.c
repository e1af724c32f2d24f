/* Near vectors without comparing all with all; see vectors.h.
 *
 * Two unit vectors whose cosine is at least T must share one of the first terms
 * of either, when its terms are taken from the heaviest on until the length of
 * what is left is below T: the rest alone cannot reach it (prefix filtering,
 * Chaudhuri, Ganti and Kaushik 2006). So only the postings of those are read,
 * and those are the short ones, since what is rare weighs most. */
#include "vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TERMS_MAX 64

void vectors_init(struct vectors *v, size_t term_count)
{
	*v = (struct vectors){.term_count = term_count};
	v->starts = xcalloc(1, sizeof(*v->starts));
}

void vectors_fini(struct vectors *v)
{
	free(v->starts);
	free(v->terms);
	free(v->weights);
	free(v->posting_starts);
	free(v->postings);
	free(v->stamps);
	*v = (struct vectors){0};
}

static void make_room(struct vectors *v, size_t n)
{
	size_t at = v->starts[v->count];

	if (v->count + 1 >= v->cap) {
		v->cap = v->cap * 2 + 256;
		v->starts = xreallocarray(v->starts, v->cap + 1,
					  sizeof(*v->starts));
	}
	if (at + n > v->room) {
		v->room = v->room * 2 + n + 1024;
		v->terms = xreallocarray(v->terms, v->room, sizeof(*v->terms));
		v->weights =
			xreallocarray(v->weights, v->room, sizeof(*v->weights));
	}
}

void vectors_add(struct vectors *v, const uint32_t *terms,
		 const double *weights, size_t n)
{
	double sum = 0;
	size_t at;

	if (n > TERMS_MAX)
		n = TERMS_MAX;
	make_room(v, n);
	at = v->starts[v->count];
	for (size_t i = 0; i < n; i++)
		sum += weights[i] * weights[i];
	for (size_t i = 0; i < n; i++) {
		v->terms[at + i] = terms[i];
		v->weights[at + i] = sum > 0 ? weights[i] / sqrt(sum) : 0;
	}
	v->starts[++v->count] = at + n;
}

void vectors_index(struct vectors *v)
{
	size_t *next = xcalloc(v->term_count + 1, sizeof(*next));
	size_t all = v->starts[v->count];

	v->posting_starts = xcalloc(v->term_count + 1, sizeof(*next));
	v->postings = xcalloc(all + 1, sizeof(*v->postings));
	v->stamps = xcalloc(v->count + 1, sizeof(*v->stamps));
	for (size_t i = 0; i < all; i++)
		v->posting_starts[v->terms[i] + 1]++;
	for (size_t t = 0; t < v->term_count; t++) {
		v->posting_starts[t + 1] += v->posting_starts[t];
		next[t] = v->posting_starts[t];
	}
	for (size_t i = 0; i < v->count; i++) {
		for (size_t k = v->starts[i]; k < v->starts[i + 1]; k++)
			v->postings[next[v->terms[k]]++] = (uint32_t)i;
	}
	free(next);
}

double vectors_cosine(const struct vectors *v, size_t a, size_t b)
{
	size_t i = v->starts[a], k = v->starts[b];
	double sum = 0;

	while (i < v->starts[a + 1] && k < v->starts[b + 1]) {
		if (v->terms[i] == v->terms[k])
			sum += v->weights[i++] * v->weights[k++];
		else if (v->terms[i] < v->terms[k])
			i++;
		else
			k++;
	}
	return sum;
}

/* Sorts the places of a vector's terms, the heaviest first. */
static size_t heaviest_first(const struct vectors *v, uint32_t vector,
			     size_t order[TERMS_MAX])
{
	size_t n = 0;

	for (size_t k = v->starts[vector]; k < v->starts[vector + 1]; k++) {
		size_t at = n++;

		while (at > 0 && v->weights[order[at - 1]] < v->weights[k]) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = k;
	}
	return n;
}

static size_t keep(struct near *out, size_t n, size_t most, struct near one)
{
	size_t at = n;

	while (at > 0 && out[at - 1].cosine < one.cosine)
		at--;
	if (at == most)
		return n;
	if (n < most)
		n++;
	memmove(out + at + 1, out + at, (n - at - 1) * sizeof(*out));
	out[at] = one;
	return n;
}

/* All vectors with the term; how many looks are left. */
static size_t look(struct vectors *v, uint32_t vector, uint32_t term,
		   double least, size_t looks, struct near *out, size_t most,
		   size_t *found)
{
	for (size_t i = v->posting_starts[term];
	     i < v->posting_starts[term + 1] && looks > 0; i++) {
		struct near one = {v->postings[i], 0};

		if (v->stamps[one.vector] == v->now || one.vector == vector)
			continue;
		v->stamps[one.vector] = v->now;
		looks--;
		one.cosine = vectors_cosine(v, vector, one.vector);
		if (one.cosine >= least)
			*found = keep(out, *found, most, one);
	}
	return looks;
}

size_t vectors_near(struct vectors *v, uint32_t vector, double least,
		    struct near *out, size_t most)
{
	size_t order[TERMS_MAX], n = heaviest_first(v, vector, order);
	size_t looks = VECTORS_MAX_LOOKS, found = 0;
	double left = 1; /* squared length of the terms not looked up */

	v->now++;
	for (size_t i = 0; i < n && looks > 0 && left >= least * least; i++) {
		double w = v->weights[order[i]];

		looks = look(v, vector, v->terms[order[i]], least, looks, out,
			     most, &found);
		left -= w * w;
	}
	return found;
}
