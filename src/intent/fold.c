/* The folding of fold.h, one code point at a time, so that every folded byte
 * knows its place in the typed text. The one door to utf8proc. */
#include "fold.h"

#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

#define POINT_MAX 32 /* code points that one may decompose to; U+FDFA: 18 */

static const struct {
	uint32_t from;
	const char *to;
} by_hand[] = {
	/* apostrophes as people and their keyboards write them */
	{0x2018, "'"},
	{0x2019, "'"},
	{0x201b, "'"},
	{0x02bc, "'"},
	{0x2032, "'"},
	{0xff07, "'"},
	{0x00b4, "'"},
	/* hyphens */
	{0x2010, "-"},
	{0x2011, "-"},
	/* letters with strokes, which do not decompose */
	{0x00e6, "ae"},
	{0x00c6, "ae"},
	{0x0153, "oe"},
	{0x0152, "oe"},
	{0x00f8, "o"},
	{0x00d8, "o"},
	{0x0142, "l"},
	{0x0141, "l"},
	{0x0111, "d"},
	{0x0110, "d"},
	{0x0131, "i"},
	/* sentence ends of other scripts */
	{0x3002, "."},
	{0x0964, "."},
	{0x061f, "?"},
};

/* 0: it is none of those. */
static size_t fold_by_hand(uint32_t cp, char *out)
{
	for (size_t i = 0; i < ARRAY_LEN(by_hand); i++) {
		if (by_hand[i].from == cp) {
			strcpy(out, by_hand[i].to);
			return strlen(out);
		}
	}
	return 0;
}

/* Writes what `cp` becomes, which may be nothing at all. What it is made of may
 * be a letter by hand, too: U+01FE is one with a stroke and an accent. */
static size_t fold_point(uint32_t cp, char out[POINT_MAX * 4])
{
	utf8proc_int32_t points[POINT_MAX];
	int boundary = 0;
	size_t n = fold_by_hand(cp, out);
	utf8proc_ssize_t got;

	if (n > 0)
		return n;
	got = utf8proc_decompose_char(
		(utf8proc_int32_t)cp, points, POINT_MAX,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
			UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
		&boundary);
	for (utf8proc_ssize_t i = 0; i < got && i < POINT_MAX; i++) {
		size_t by = fold_by_hand((uint32_t)points[i], out + n);

		n += by > 0 ? by : utf8_encode((uint32_t)points[i], out + n);
	}
	return n;
}

/* NUL is a blank, "`" an apostrophe, letters are small. */
static const char ascii[128 + 1] =
	" \x01\x02\x03\x04\x05\x06\x07\b\t\n\v\f\r\x0e\x0f"
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
	" !\"#$%&'()*+,-./0123456789:;<=>?"
	"@abcdefghijklmnopqrstuvwxyz[\\]^_"
	"'abcdefghijklmnopqrstuvwxyz{|}~\x7f";

/* One code point of `p`; `*used` bytes of it were read. */
static size_t fold_one(const char *p, size_t n, size_t *used,
		       char out[POINT_MAX * 4])
{
	uint32_t cp;

	if ((unsigned char)p[0] < 0x80) {
		*used = 1;
		out[0] = ascii[(unsigned char)p[0]];
		return 1;
	}
	*used = utf8_decode(p, n, &cp);
	if (*used == 0) {
		*used = 1;
		out[0] = ' ';
		return 1;
	}
	return fold_point(cp, out);
}

/* ASCII, up to the first byte that is not. Returns how many bytes that is. */
static size_t fold_plain(struct fold *fold, struct str text)
{
	size_t n = text.n < FOLD_MAX_BYTES ? text.n : FOLD_MAX_BYTES, i = 0;

	for (; i < n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x80)
			break;
		fold->bytes.has[c] = true;
		fold->text[i] = ascii[c];
	}
	return i;
}

void fold_text(struct fold *fold, struct str text)
{
	char out[POINT_MAX * 4];
	size_t i, end;

	memset(&fold->bytes, 0, sizeof(fold->bytes));
	fold->same = i = end = fold_plain(fold, text);
	for (size_t k = i; k < text.n; k++)
		fold->bytes.has[(unsigned char)text.p[k]] = true;
	while (i < text.n) {
		unsigned char c = (unsigned char)text.p[i];
		size_t used, n;

		if (c < 0x80 && end < FOLD_MAX_BYTES) {
			fold->text[end] = ascii[c];
			fold->at[end++] = (uint32_t)i++;
			continue;
		}
		n = fold_one(text.p + i, text.n - i, &used, out);
		if (end + n > FOLD_MAX_BYTES)
			break;
		for (size_t k = 0; k < n; k++) {
			fold->text[end] = out[k];
			fold->at[end++] = (uint32_t)i;
		}
		i += used;
	}
	fold->n = end;
	fold->text[end] = '\0';
	fold->at[end] = (uint32_t)i;
}

void fold_into(struct buf *out, struct str text)
{
	char point[POINT_MAX * 4];
	size_t used;

	for (size_t i = 0; i < text.n; i += used) {
		size_t n = fold_one(text.p + i, text.n - i, &used, point);

		buf_add(out, point, n);
	}
}

size_t fold_word_point(const char *p, size_t n)
{
	uint32_t cp;
	size_t len = utf8_decode(p, n, &cp);

	if (len == 0)
		return 0;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return len;
	default:
		return 0;
	}
}
