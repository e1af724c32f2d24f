/* UTF-8 (RFC 3629): no surrogates, nothing over U+10FFFF, no long forms. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length in bytes of the code point at `p` (1 to 4) with its value in
 * `cp`, or 0 where the `n` bytes do not begin with a whole valid one. */
size_t utf8_decode(const char *p, size_t n, uint32_t *cp);
/* Writes 1 to 4 bytes to `out`, returns how many. `cp` must be valid. */
size_t utf8_encode(uint32_t cp, char out[4]);
bool utf8_valid(const char *p, size_t n);
/* Controls (C0, DEL, C1), ends of lines, and what turns the direction of all
 * that follows in the line: a terminal, or its reader, would obey them. */
bool utf8_is_control(uint32_t cp);
/* Code points in valid UTF-8. */
size_t utf8_count(const char *p, size_t n);
/* Bytes of the first `points` code points of valid UTF-8 (all, if fewer). */
size_t utf8_prefix(const char *p, size_t n, size_t points);

#endif
