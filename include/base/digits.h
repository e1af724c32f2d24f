/* A number in decimal, without printf: every message carries a dozen, most of
 * them times of 13 digits. Two digits at a time, as dividing is what takes
 * long. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 20 /* of UINT64_MAX */

/* Right-aligned; returns where it begins. */
static inline char *digits_put(char out[DIGITS_MAX], uint64_t v)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char *p = out + DIGITS_MAX;

	for (; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (v % 100), 2);
	}
	if (v < 10) {
		*--p = (char)('0' + v);
	} else {
		p -= 2;
		memcpy(p, pairs + 2 * v, 2);
	}
	return p;
}

#endif
