/* Spans and growable buffers of bytes. A span (`struct str`) is borrowed and
 * not terminated; a buffer owns its bytes and keeps a NUL after them, so that
 * `buf.data` may be printed once something was added. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p; /* NULL only when there is no value at all */
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((struct str){NULL, 0})
/* For printf's "%.*s". */
#define STR_ARG(s)   (int)(s).n, (s).p == NULL ? "" : (s).p

/* Of a C string; NULL gives STR_NONE. */
static inline struct str str_of(const char *s)
{
	return s == NULL ? STR_NONE : (struct str){s, strlen(s)};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *s)
{
	return str_eq(a, str_of(s));
}

bool str_starts(struct str a, const char *prefix);
int str_cmp(struct str a, struct str b); /* bytes, then length */
/* Decimal without sign, at most `max`; false on anything else. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *out);
/* Into a fixed room, terminated; what does not fit is cut between two code
 * points. */
void str_copy(char *to, size_t room, struct str s);
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
/* 0 to 15; -1: not a hexadecimal digit. */
int hex_digit(char c);
/* Cuts off what stands before the first `end`, which is passed over. Where it
 * is not there that is all, and `rest` becomes STR_NONE. */
struct str str_cut(struct str *rest, char end);
/* Without the blanks (space, tab, CR, LF) on both sides. */
struct str str_trim(struct str s);

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

#define BUF_INIT                                                               \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

void buf_init(struct buf *b);
void buf_fini(struct buf *b);  /* frees; the buffer may be used again */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_reserve(struct buf *b, size_t more);

/* These are the inner loop of every encoder, and mostly there is room: hence
 * here, where a literal's length is known. */
static inline void buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->len <= more)
		buf_reserve(b, more);
}

static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	buf_room(b, n);
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

static inline void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void buf_add_s(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_add_c(struct buf *b, char c)
{
	buf_room(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_i64(struct buf *b, int64_t v);
void buf_addf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Removes `n` bytes at the front. */
void buf_drop(struct buf *b, size_t n);
struct str buf_str(const struct buf *b);
/* The bytes, terminated, now the caller's to free(); the buffer is empty. */
char *buf_take(struct buf *b);

/* A JSON string with its quotes (RFC 8259). Bytes that are not UTF-8 become
 * U+FFFD; control characters, U+2028 and U+2029 are escaped. */
void buf_add_json(struct buf *b, struct str s);

/* A JSON list of strings. */
void buf_add_json_list(struct buf *b, const struct str *list, size_t n);

#endif
