/* Latencies counted in logarithmic buckets; see histogram.h. */
#include "histogram.h"

/* Below HISTOGRAM_SUB each value has its own; above, the bits behind the
 * leading one choose within its doubling. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned shift, at;

	if (ns < HISTOGRAM_SUB)
		return (unsigned)ns;
	shift = 63u - (unsigned)__builtin_clzll(ns) - 6u;
	at = (shift + 1) * HISTOGRAM_SUB + (unsigned)(ns >> shift) -
	     HISTOGRAM_SUB;
	return at < HISTOGRAM_BUCKETS ? at : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into it. */
static uint64_t top_of(unsigned bucket)
{
	unsigned shift;

	if (bucket < HISTOGRAM_SUB)
		return bucket;
	shift = bucket / HISTOGRAM_SUB - 1;
	return (((uint64_t)(bucket % HISTOGRAM_SUB + HISTOGRAM_SUB) + 1)
		<< shift) -
	       1;
}

void histogram_add(struct histogram *h, int64_t ns)
{
	uint64_t v = ns < 0 ? 0 : (uint64_t)ns;

	h->count++;
	h->buckets[bucket_of(v)]++;
	if (v > h->max_ns)
		h->max_ns = v;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t seen = 0;
	double want = share * (double)h->count;

	if (h->count == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen > 0 && (double)seen >= want)
			return top_of(i) < h->max_ns ? top_of(i) : h->max_ns;
	}
	return h->max_ns;
}

void histogram_print(const struct histogram *h, const char *name, FILE *out)
{
	static const struct {
		const char *name;
		double share;
	} points[] = {
		{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

	fprintf(out, "\"%s\":{\"count\":%llu", name,
		(unsigned long long)h->count);
	for (unsigned i = 0; i < sizeof(points) / sizeof(*points); i++)
		fprintf(out, ",\"%s\":%.1f", points[i].name,
			(double)histogram_at(h, points[i].share) / 1000);
	fprintf(out, ",\"max\":%.1f}", (double)h->max_ns / 1000);
}
