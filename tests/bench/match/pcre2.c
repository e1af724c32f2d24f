/* PCRE2 with JIT, each pattern in turn: what everybody does at first. Its
 * sentences come normalised, for nothing. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench.h"

struct pcre2_rules {
	pcre2_code **codes;
	size_t count;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

struct pcre2_rules *pcre2_rules_new(const struct bench_set *set, char why[256])
{
	struct pcre2_rules *r = xcalloc(1, sizeof(*r));

	r->count = set->rule_count;
	r->codes = xcalloc(r->count, sizeof(pcre2_code *));
	for (size_t i = 0; i < r->count; i++) {
		int error;
		PCRE2_SIZE at;

		r->codes[i] = pcre2_compile(
			(PCRE2_SPTR)set->rules[i].pcre2, PCRE2_ZERO_TERMINATED,
			PCRE2_NO_AUTO_CAPTURE, &error, &at, NULL);
		if (r->codes[i] == NULL ||
		    pcre2_jit_compile(r->codes[i], PCRE2_JIT_COMPLETE) != 0) {
			snprintf(why, 256, "%s: no JIT, or error %d",
				 set->rules[i].pcre2, error);
			return NULL;
		}
	}
	r->data = pcre2_match_data_create(1, NULL);
	r->context = pcre2_match_context_create(NULL);
	r->stack = pcre2_jit_stack_create(32 * 1024, 128 * 1024, NULL);
	pcre2_jit_stack_assign(r->context, NULL, r->stack);
	return r;
}

bool pcre2_rules_match(struct pcre2_rules *r, size_t rule, const char *text,
		       size_t length)
{
	return pcre2_jit_match(r->codes[rule], (PCRE2_SPTR)text, length, 0, 0,
			       r->data, r->context) >= 0;
}

static void *load(const struct bench_set *set, char why[256])
{
	return pcre2_rules_new(set, why);
}

static void match(void *state, const struct bench_set *set,
		  const struct bench_input *inputs, size_t i,
		  struct bench_hits *hits)
{
	struct pcre2_rules *r = state;
	const struct bench_input *in = &inputs[i];

	(void)set;
	for (size_t s = 0; s < in->count; s++) {
		for (size_t k = 0; k < r->count; k++) {
			if (pcre2_rules_match(r, k, in->sentences[s],
					      in->lengths[s]) &&
			    hits != NULL)
				bench_hit(hits, i, s, k);
		}
	}
}

const struct contender contender_pcre2 = {"PCRE2 JIT", 0.5, load, match};
