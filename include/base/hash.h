/* A fast hash for tables in memory and for comparing contents that are not
 * secret. Nothing here is for signatures or passwords. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/little.h"

#define HASH_SEED UINT64_C(0xcbf29ce484222325)

#define HASH_PRIME  UINT64_C(0x9e3779b97f4a7c15)
#define HASH_SECOND UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t hash_mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * HASH_PRIME;
	return h ^ h >> 32;
}

/* Eight bytes at a time, each multiplied into all that came before (as FNV-1a
 * does with single ones), and a final mix, so that the low bits may index a
 * table. The same on every machine: hashes stand in the store. Most are of a
 * few bytes, or none: hence here. */
static inline uint64_t hash_bytes(uint64_t seed, const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t h = seed ^ n * HASH_SECOND;

	for (; n >= sizeof(h); n -= sizeof(h), at += sizeof(h))
		h = hash_mix(h, little_get(at));
	h = hash_mix(h, little_tail(at, n)) * HASH_SECOND;
	return h ^ h >> 32;
}

/* The trail of a log: the times of its last eight entries, the older the
 * fainter, so that a log that has another end than the one with as many
 * entries that it is taken for can be told from it. 0: of an empty log.
 * lua/append.lua computes the same in its own numbers, which are whole up to
 * 2^53. */
static inline uint64_t hash_trail(uint64_t trail, int64_t at_ms)
{
	return (trail * 64 + (uint64_t)at_ms) & ((UINT64_C(1) << 46) - 1);
}

#endif
