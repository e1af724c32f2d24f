/* RE2::Set: all patterns as one automaton, made while matching: every message
 * adds the states that it needs and none before it did. So it is given a long
 * time with other messages before it counts. */
#include <re2/re2.h>
#include <re2/set.h>

#include <cstdio>
#include <vector>

#include "bench.h"

#define MEMORY_MAX (INT64_C(1) << 30) /* for the automaton */

namespace
{

struct re2_rules {
	RE2::Set set;
	std::vector<int> found;

	explicit re2_rules(const RE2::Options &options)
	    : set(options, RE2::UNANCHORED)
	{
	}
};

void *load(const struct bench_set *set, char why[256])
{
	RE2::Options options;
	std::string error;

	options.set_max_mem(MEMORY_MAX);
	options.set_never_capture(true);
	options.set_log_errors(false);
	auto *r = new re2_rules(options);
	for (size_t i = 0; i < set->rule_count; i++) {
		if (r->set.Add(set->rules[i].re2, &error) < 0) {
			snprintf(why, 256, "%s: %s", set->rules[i].re2,
				 error.c_str());
			return nullptr;
		}
	}
	if (!r->set.Compile()) {
		snprintf(why, 256, "out of memory");
		return nullptr;
	}
	return r;
}

void match(void *state, const struct bench_set *, const struct bench_input *in,
	   size_t i, struct bench_hits *hits)
{
	auto *r = static_cast<re2_rules *>(state);

	for (size_t s = 0; s < in[i].count; s++) {
		r->found.clear();
		r->set.Match(
			re2::StringPiece(in[i].sentences[s], in[i].lengths[s]),
			&r->found);
		if (hits == nullptr)
			continue;
		for (int k : r->found)
			bench_hit(hits, i, s, static_cast<size_t>(k));
	}
}

} // namespace

extern "C" const struct contender contender_re2 = {"RE2::Set", 12, load, match};
