/* UTF-8 by the table of RFC 3629, section 4; see utf8.h. */
#include "base/utf8.h"

#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

static size_t decode_long(const unsigned char *u, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	uint32_t v;

	if (u[0] < 0xc2 || u[0] > 0xf4 || n < len)
		return 0;
	v = u[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (!is_tail(u[i]))
			return 0;
		v = v << 6 | (u[i] & 0x3fu);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return len;
}

size_t utf8_decode(const char *p, size_t n, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)p;

	if (n == 0)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	return decode_long(u, n, cp);
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

#define EIGHT sizeof(uint64_t)

/* The next eight bytes, where there are so many. */
static bool is_ascii(const char *p, size_t n)
{
	uint64_t bytes;

	if (n < EIGHT)
		return false;
	memcpy(&bytes, p, EIGHT);
	return (bytes & UINT64_C(0x8080808080808080)) == 0;
}

bool utf8_valid(const char *p, size_t n)
{
	uint32_t cp;

	while (n > 0) {
		size_t took = is_ascii(p, n) ? EIGHT : utf8_decode(p, n, &cp);

		if (took == 0)
			return false;
		p += took;
		n -= took;
	}
	return true;
}

bool utf8_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

size_t utf8_count(const char *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !is_tail((unsigned char)p[i]);
	return count;
}

size_t utf8_prefix(const char *p, size_t n, size_t points)
{
	for (size_t i = 0; i < n; i++)
		if (!is_tail((unsigned char)p[i]) && points-- == 0)
			return i;
	return n;
}
