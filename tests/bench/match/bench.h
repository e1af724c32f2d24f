/* The matching benchmark: the same rules and the same sentences for our engine
 * and for the ways in which one could do without it.
 *
 *   generate.c    rule sets of any size and messages, from a seed
 *   contender     one way to match; each runs in a process of its own, so that
 *                 its memory can be told, and they take turns, so that a busy
 *                 machine is busy for all
 *   main.c        measures, compares, prints; shipped.c: the rules we ship
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_SEED UINT64_C(20261122)

/* A phrase in all the forms that the contenders need. */
struct bench_rule {
	char *phrase;  /* in the rule language */
	char *pcre2;   /* over one sentence: words with single spaces */
	char *re2;     /* the same without what RE2 does not know */
	char **needed; /* of the words without which it cannot match, the
			* rarest set; all forms written out */
	size_t needed_count;
	size_t file; /* of bench_set */
	unsigned line;
};

struct bench_file {
	char *name;
	char *text;
	size_t length;
};

struct bench_set {
	struct bench_rule *rules;
	size_t rule_count;
	struct bench_file *files; /* the same rules as YAML */
	size_t file_count;
	char **messages;
	size_t message_count;
};

void bench_generate(struct bench_set *set, size_t rules, size_t messages,
		    uint64_t seed);

/* A message as the contenders other than ours get it: normalised, cut into
 * sentences; for nothing, since that is not what is compared. */
struct bench_input {
	char **sentences;
	size_t *lengths;
	size_t count;
};

/* Which rules a message matches, as a number that does not depend on the order
 * in which they are found. */
struct bench_hits {
	uint64_t count, digest;
};
void bench_hit(struct bench_hits *hits, size_t message, size_t sentence,
	       size_t rule);

struct contender {
	const char *name;
	double warm_s; /* of CPU, for messages before the first that counts */
	/* Makes the rules ready; NULL and `why`: it cannot. */
	void *(*load)(const struct bench_set *set, char why[256]);
	/* Matches message `i`. `hits` may be NULL: only the time counts. */
	void (*match)(void *state, const struct bench_set *set,
		      const struct bench_input *inputs, size_t i,
		      struct bench_hits *hits);
};

extern const struct contender contender_ours, contender_no_jit,
	contender_no_index, contender_normalise, contender_pcre2, contender_re2,
	contender_vectorscan;

/* ours.c: the sentences of a message as our normaliser makes them, one a line.
 * `*overfull`: it matches more than is told; leave it out. */
char *ours_normalise(void *state, const char *message, bool *overfull);

/* pcre2.c, for vectorscan.c as well */
struct pcre2_rules;
struct pcre2_rules *pcre2_rules_new(const struct bench_set *set, char why[256]);
bool pcre2_rules_match(struct pcre2_rules *rules, size_t rule, const char *text,
		       size_t length);

/* shipped.c: measures the rules of `dir` on the files of `data`, or on their
 * own examples; prints, and adds to the JSON. */
struct buf;
bool shipped_bench(const char *dir, const char *data, struct buf *json);

int64_t bench_cpu_ns(void);
int64_t bench_clock_ns(void);
double bench_median(double *list, size_t n); /* sorts it */

#ifdef __cplusplus
}
#endif

#endif
