/* A fast hash for tables in memory and for comparing contents that are not
 * secret. Nothing here is for signatures or passwords. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/little.h"

#define HASH_SEED UINT64_C(0xcbf29ce484222325)

#define HASH_PRIME  UINT64_C(0x9e3779b97f4a7c15)
#define HASH_SECOND UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t hash_mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * HASH_PRIME;
	return h ^ h >> 32;
}

/* Fewer than eight bytes as one number, the first the lowest: without a call
 * and without a loop, by reading some of them twice. */
static inline uint64_t hash_tail(const unsigned char *at, size_t n)
{
	uint32_t low, high;

	if (n == 0)
		return 0;
	if (n < sizeof(low))
		return at[0] | (uint64_t)at[n / 2] << 8 * (n / 2) |
		       (uint64_t)at[n - 1] << 8 * (n - 1);
	memcpy(&low, at, sizeof(low));
	memcpy(&high, at + n - sizeof(high), sizeof(high));
	return le32toh(low) | (uint64_t)le32toh(high) << 8 * (n - sizeof(high));
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
	h = hash_mix(h, hash_tail(at, n)) * HASH_SECOND;
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
