/* Numbers of eight bytes, the first byte the lowest, wherever they lie: as they
 * stand in files and are hashed, the same on every machine. */
#ifndef BASE_LITTLE_H
#define BASE_LITTLE_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t little_get(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* Fewer than eight bytes as one number: without a call and without a loop, by
 * reading some of them twice. */
static inline uint64_t little_tail(const void *p, size_t n)
{
	const unsigned char *at = p;
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

static inline void little_put(void *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
