/* FNV-1a with a final mix, so that the low bits may index a table. */
#include "base/hash.h"

uint64_t hash_bytes(uint64_t seed, const void *p, size_t n)
{
	const unsigned char *u = p;
	uint64_t h = seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ u[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	return h * UINT64_C(0x9e3779b97f4a7c15);
}
