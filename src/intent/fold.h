/* Letters made alike: Unicode NFKC, case folding, accents off, typographic
 * apostrophes plain. Messages and rules go through the same folding, so that
 * what an operator writes is what a shopper's text is compared with. */
#ifndef INTENT_FOLD_H
#define INTENT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "pattern.h"

/* The most that a folded message may have; what comes after is not read. */
#define FOLD_MAX_BYTES 4096

/* Folded text and, for each of its bytes, where in the typed text it comes
 * from: the first `same` bytes, all where nobody writes more than ASCII, from
 * the same place, and those behind, and the end, as `at` says. */
struct fold {
	size_t n, same;
	char text[FOLD_MAX_BYTES + 1];
	uint32_t at[FOLD_MAX_BYTES + 1];
	struct byte_set bytes; /* of the typed text */
};

/* The place in the typed text of a byte, or of the end. */
static inline uint32_t fold_place(const struct fold *fold, size_t i)
{
	return i < fold->same ? (uint32_t)i : fold->at[i];
}

/* `text` is valid UTF-8; a byte that is not is read as a blank. */
void fold_text(struct fold *fold, struct str text);
/* Appends the folded `text` to `out`. */
void fold_into(struct buf *out, struct str text);
/* The length of the word character (letter or digit) at `p`, 0: not one. */
size_t fold_word_point(const char *p, size_t n); /* beyond ASCII */
static inline size_t fold_word_char(const char *p, size_t n)
{
	unsigned char c = (unsigned char)p[0];

	if (c >= 0x80)
		return fold_word_point(p, n);
	return (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10;
}

#endif
