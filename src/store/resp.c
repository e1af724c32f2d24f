/* Commands in Redis's protocol (RESP2), built in place; see resp.h. Knows no
 * command. Everything is an argument with its length, so nothing that a
 * stranger wrote can end one or begin another. */
#include "resp.h"

#include <assert.h>
#include <string.h>

#include "base/digits.h"

#define HEAD_ROOM 16 /* "*4294967295\r\n" is 13 bytes */

static char *put_digits(char *p, uint64_t n)
{
	char text[DIGITS_MAX], *start = digits_put(text, n);
	size_t digits = (size_t)(text + DIGITS_MAX - start);

	memcpy(p, start, digits);
	return p + digits;
}

/* "*12" CR LF. */
static char *put_count(char *p, size_t n)
{
	*p = '*';
	return resp_put_end(put_digits(p + 1, n));
}

char *resp_put_long(char *p, size_t n)
{
	assert(n <= RESP_PART_MAX);
	return put_digits(p, n);
}

char *resp_put_pieces(char *p, const struct str *pieces, size_t n)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += pieces[i].n;
	assert(length <= RESP_PART_MAX);
	p = resp_put_head(p, length);
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].n > 0)
			memcpy(p, pieces[i].p, pieces[i].n);
		p += pieces[i].n;
	}
	return resp_put_end(p);
}

/* Most are counts and flags. */
char *resp_put_u64(char *p, uint64_t arg)
{
	char digit = (char)('0' + arg), text[DIGITS_MAX], *start;

	if (arg < 10)
		return resp_put(p, (struct str){&digit, 1});
	start = digits_put(text, arg);
	return resp_put(
		p, (struct str){start, (size_t)(text + DIGITS_MAX - start)});
}

bool resp_get(struct str *bytes, struct str *arg)
{
	const char *end = memchr(bytes->p, '\r', bytes->n);
	size_t head = end == NULL ? 0 : (size_t)(end - bytes->p);
	uint64_t n;

	if (head < 2 || bytes->p[0] != '$' ||
	    !str_to_u64((struct str){bytes->p + 1, head - 1}, RESP_PART_MAX,
			&n) ||
	    (head > 2 && bytes->p[1] == '0') || bytes->n < head + 4 ||
	    n > bytes->n - head - 4 || bytes->p[head + 1] != '\n' ||
	    memcmp(bytes->p + head + 2 + n, "\r\n", 2) != 0)
		return false;
	*arg = (struct str){bytes->p + head + 2, (size_t)n};
	bytes->p += head + 4 + n;
	bytes->n -= head + 4 + n;
	return true;
}

void resp_fini(struct resp *r)
{
	buf_fini(&r->bytes);
}

void resp_start(struct resp *r, const char *command)
{
	buf_clear(&r->bytes);
	buf_add(&r->bytes, "                ", HEAD_ROOM);
	r->count = 0;
	resp_add_s(r, command);
}

char *resp_room(struct resp *r, size_t n)
{
	if (r->bytes.cap - r->bytes.len <= n)
		buf_reserve(&r->bytes, n);
	return r->bytes.data + r->bytes.len;
}

void resp_end(struct resp *r, char *p, size_t count)
{
	*p = '\0';
	r->bytes.len = (size_t)(p - r->bytes.data);
	r->count += count;
}

void resp_add(struct resp *r, struct str arg)
{
	resp_end(r, resp_put(resp_room(r, RESP_ARG_ROOM + arg.n), arg), 1);
}

void resp_add_ready(struct resp *r, struct str bytes, size_t count)
{
	char *p = resp_room(r, bytes.n);

	memcpy(p, bytes.p, bytes.n);
	resp_end(r, p + bytes.n, count);
}

void resp_add_pieces(struct resp *r, const struct str *pieces, size_t n)
{
	size_t room = RESP_ARG_ROOM;

	for (size_t i = 0; i < n; i++)
		room += pieces[i].n;
	resp_end(r, resp_put_pieces(resp_room(r, room), pieces, n), 1);
}

void resp_add_s(struct resp *r, const char *arg)
{
	resp_add(r, arg == NULL ? STR("") : str_of(arg));
}

void resp_add_u64(struct resp *r, uint64_t arg)
{
	char text[DIGITS_MAX], *start = digits_put(text, arg);

	resp_add(r, (struct str){start, (size_t)(text + DIGITS_MAX - start)});
}

void resp_add_i64(struct resp *r, int64_t arg)
{
	bool minus = arg < 0;
	char text[1 + DIGITS_MAX], *start;

	start = digits_put(text + 1, minus ? -(uint64_t)arg : (uint64_t)arg);
	if (minus)
		*--start = '-';
	resp_add(r, (struct str){start, (size_t)(text + sizeof(text) - start)});
}

struct str resp_done(struct resp *r)
{
	char head[HEAD_ROOM + 4];
	size_t n = (size_t)(put_count(head, r->count) - head);
	char *start = r->bytes.data + HEAD_ROOM - n;

	assert(n <= HEAD_ROOM);
	memcpy(start, head, n);
	return (struct str){start, r->bytes.len - HEAD_ROOM + n};
}
