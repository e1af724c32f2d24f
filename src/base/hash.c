/* Eight bytes at a time, each multiplied into all that came before (as FNV-1a
 * does with single ones), and a final mix, so that the low bits may index a
 * table. The same on every machine: hashes stand in the store. */
#include "base/hash.h"

#include <endian.h>
#include <string.h>

#define PRIME  UINT64_C(0x9e3779b97f4a7c15)
#define SECOND UINT64_C(0xd6e8feb86659fd93)

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ le64toh(word)) * PRIME;
	return h ^ h >> 32;
}

uint64_t hash_bytes(uint64_t seed, const void *p, size_t n)
{
	const char *at = p;
	uint64_t h = seed ^ n * SECOND, word;

	for (; n >= sizeof(word); n -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		h = mix(h, word);
	}
	word = 0;
	if (n > 0)
		memcpy(&word, at, n);
	h = mix(h, word) * SECOND;
	return h ^ h >> 32;
}
