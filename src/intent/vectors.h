/* Sparse unit vectors and which of them are near each other (cosine). A vector
 * is a list of terms, ascending, with weights; all of them live end to end. */
#ifndef INTENT_VECTORS_H
#define INTENT_VECTORS_H

#include <stddef.h>
#include <stdint.h>

struct vectors {
	size_t count, cap;
	size_t *starts; /* of vectors; one more: the end */
	uint32_t *terms;
	double *weights;
	size_t room;
	/* by term, after vectors_index() */
	size_t term_count;
	size_t *posting_starts;
	uint32_t *postings; /* vectors, ascending */
	/* scratch of vectors_near() */
	uint32_t *stamps;
	uint32_t now;
};

struct near {
	uint32_t vector;
	double cosine;
};

/* Looked at for one vector at most, so that no set of messages takes long. */
#define VECTORS_MAX_LOOKS 1000

void vectors_init(struct vectors *vectors, size_t term_count);
void vectors_fini(struct vectors *vectors);
/* Adds one, made as long as 1. Terms ascending. */
void vectors_add(struct vectors *vectors, const uint32_t *terms,
		 const double *weights, size_t n);
/* After the last vectors_add(). */
void vectors_index(struct vectors *vectors);
double vectors_cosine(const struct vectors *vectors, size_t a, size_t b);
/* The nearest others of `vector`, at most `most`, nearest first (of equal ones
 * the first), that are at least `least` near. Returns how many. */
size_t vectors_near(struct vectors *vectors, uint32_t vector, double least,
		    struct near *out, size_t most);

#endif
