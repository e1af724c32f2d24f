/* Numbers of eight bytes, the first byte the lowest, wherever they lie: as they
 * stand in files and are hashed, the same on every machine. */
#ifndef BASE_LITTLE_H
#define BASE_LITTLE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t little_get(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void little_put(void *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
