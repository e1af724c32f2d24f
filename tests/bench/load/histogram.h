/* How often each latency was seen, in buckets that grow with it: 64 to every
 * doubling, so that a percentile is right to 1.6 % over nanoseconds to hours.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_SUB     64
#define HISTOGRAM_BUCKETS (HISTOGRAM_SUB * 40)

struct histogram {
	uint64_t count, max_ns;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, int64_t ns);
/* The least value that `share` (0 to 1) of all do not exceed; 0: none. */
uint64_t histogram_at(const struct histogram *h, double share);
/* "name":{"p50":…,"p90":…,"p99":…,"p999":…,"max":…} in microseconds */
void histogram_print(const struct histogram *h, const char *name, FILE *out);

#endif
