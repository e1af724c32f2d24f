/* Text eight bytes at a time: what ends a run within a JSON string. Encoder
 * and decoder go over every message with it. */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

#include <stddef.h>
#include <stdint.h>

#define OCTETS            sizeof(uint64_t)
#define OCTETS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define OCTETS_HIGH       OCTETS_EACH(0x80)

/* Of eight bytes, the first the lowest (little_get()): the high bits of the
 * bytes below a blank, of quotes and of backslashes. The lowest of them is
 * right; behind it a borrow may have set some wrongly. */
static inline uint64_t octets_special(uint64_t w)
{
	uint64_t quote = w ^ OCTETS_EACH('"');
	uint64_t slash = w ^ OCTETS_EACH('\\');

	return (((w - OCTETS_EACH(0x20)) & ~w) |
		((quote - OCTETS_EACH(1)) & ~quote) |
		((slash - OCTETS_EACH(1)) & ~slash)) &
	       OCTETS_HIGH;
}

/* The same with all that is not ASCII: this needs no second look at a byte
 * whose high bit was set before. */
static inline uint64_t octets_odd(uint64_t w)
{
	return ((w - OCTETS_EACH(0x20)) |
		((w ^ OCTETS_EACH('"')) - OCTETS_EACH(1)) |
		((w ^ OCTETS_EACH('\\')) - OCTETS_EACH(1)) | w) &
	       OCTETS_HIGH;
}

/* Where the first of such bits is; there is one. */
static inline size_t octets_first(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / 8;
}

#endif
