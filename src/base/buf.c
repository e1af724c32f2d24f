/* Spans and growable buffers; see buf.h. Under every encoder and parser of
 * the project; knows nothing of what the bytes mean but for JSON strings. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/little.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/utf8.h"

bool str_starts(struct str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_to_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 20)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - '0';

		if (digit > 9 || v > (max - digit) / 10 || digit > max)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

void str_copy(char *to, size_t room, struct str s)
{
	size_t n = s.n < room ? s.n : room - 1;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

struct str str_cut(struct str *rest, char end)
{
	const char *p = rest->n == 0 ? NULL : memchr(rest->p, end, rest->n);
	struct str head = *rest;

	if (p == NULL) {
		*rest = STR_NONE;
		return head;
	}
	head.n = (size_t)(p - head.p);
	*rest = (struct str){p + 1, rest->n - head.n - 1};
	return head;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_fini(struct buf *b)
{
	free(b->data);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap == 0 ? 64 : 2 * b->cap;

	if (need < more)
		abort(); /* more than the address space: our mistake */
	if (need <= b->cap)
		return;
	if (cap < need)
		cap = need + need / 2;
	b->data = xrealloc(b->data, cap);
	b->cap = cap;
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[DIGITS_MAX], *start = digits_put(digits, v);

	buf_add(b, start, (size_t)(digits + DIGITS_MAX - start));
}

void buf_add_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_add_c(b, '-');
	buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_addv(b, format, args);
	va_end(args);
}

void buf_addv(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n <= 0)
		return;
	buf_reserve(b, (size_t)n);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
	b->len += (size_t)n;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){b->data == NULL ? "" : b->data, b->len};
}

char *buf_take(struct buf *b)
{
	char *data;

	buf_reserve(b, 0);
	b->data[b->len] = '\0';
	data = b->data;
	buf_init(b);
	return data;
}

/* Less than a word: its other bytes are written, too. */
static size_t copy_plain_tail(char *to, const char *p, size_t n)
{
	uint64_t w = little_tail(p, n);
	uint64_t odd = octets_odd(w);
	size_t plain;

	little_put(to, w);
	if (odd == 0)
		return n;
	plain = octets_first(odd);
	return plain < n ? plain : n;
}

/* Copies the plain bytes at the start; there is room for `n` and a word. How
 * many. The last word may reach back over bytes that were seen already. */
static size_t copy_plain(char *to, const char *p, size_t n)
{
	size_t at = 0;

	if (n < OCTETS)
		return copy_plain_tail(to, p, n);
	for (;;) {
		uint64_t w = little_get(p + at);
		uint64_t odd = octets_odd(w);

		little_put(to + at, w);
		if (odd != 0)
			return at + octets_first(odd);
		if (at + OCTETS == n)
			return n;
		at = n - at < 2 * OCTETS ? n - OCTETS : at + OCTETS;
	}
}

static void add_escape(struct buf *b, uint32_t cp)
{
	switch (cp) {
	case '"':
		buf_add_s(b, "\\\"");
		return;
	case '\\':
		buf_add_s(b, "\\\\");
		return;
	case '\n':
		buf_add_s(b, "\\n");
		return;
	case '\t':
		buf_add_s(b, "\\t");
		return;
	default:
		buf_addf(b, "\\u%04x", (unsigned)cp);
	}
}

/* One code point that is not plain ASCII; returns the bytes it took. */
static size_t add_special(struct buf *b, const char *p, size_t n)
{
	uint32_t cp;
	size_t took = utf8_decode(p, n, &cp);

	if (took == 0) {
		buf_add_s(b, "\xef\xbf\xbd");
		return 1;
	}
	if (took == 1 || cp == 0x2028 || cp == 0x2029)
		add_escape(b, cp);
	else
		buf_add(b, p, took);
	return took;
}

/* From the first byte on that is not plain. Apart, so that the others do not
 * pay for its registers. */
__attribute__((noinline)) static void add_unplain(struct buf *b, struct str s)
{
	size_t at = 0;

	while (at < s.n) {
		size_t run;

		at += add_special(b, s.p + at, s.n - at);
		buf_room(b, s.n - at + OCTETS);
		run = copy_plain(b->data + b->len, s.p + at, s.n - at);
		b->len += run;
		at += run;
	}
}

void buf_add_json(struct buf *b, struct str s)
{
	size_t run;

	buf_room(b, s.n + 2 + OCTETS);
	b->data[b->len++] = '"';
	run = copy_plain(b->data + b->len, s.p, s.n);
	b->len += run;
	if (run < s.n)
		add_unplain(b, (struct str){s.p + run, s.n - run});
	buf_add_c(b, '"');
}

void buf_add_json_list(struct buf *b, const struct str *list, size_t n)
{
	buf_add_c(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(b, ',');
		buf_add_json(b, list[i]);
	}
	buf_add_c(b, ']');
}
