/* Commands in Redis's protocol (RESP2), built in place; see resp.h. Knows no
 * command. Everything is an argument with its length, so nothing that a
 * stranger wrote can end one or begin another. */
#include "resp.h"

#include <assert.h>
#include <string.h>

/* "*4294967295\r\n" is 13 bytes, "$99999999\r\n" 11. */
#define HEAD_ROOM 16
#define PART_ROOM 11

/* Every command carries several numbers: printf would take longer than all
 * the rest. Right-aligned in `out`; returns where it begins. */
static char *digits(char out[20], uint64_t v)
{
	char *p = out + 20;

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	return p;
}

/* "$12" CR LF, or with '*' for '$'; returns its length. */
static size_t head(char out[HEAD_ROOM], char kind, size_t n)
{
	char text[20], *start;
	size_t length;

	if (n < 10) { /* most of them */
		memcpy(out, (char[]){kind, (char)('0' + n), '\r', '\n'}, 4);
		return 4;
	}
	start = digits(text, n);
	length = (size_t)(text + 20 - start);
	assert(length <= HEAD_ROOM - 3);
	out[0] = kind;
	memcpy(out + 1, start, length);
	out[length + 1] = '\r';
	out[length + 2] = '\n';
	return length + 3;
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

void resp_add(struct resp *r, struct str arg)
{
	char *p;

	assert(arg.n <= RESP_PART_MAX);
	buf_reserve(&r->bytes, HEAD_ROOM + arg.n + 2);
	p = r->bytes.data + r->bytes.len;
	p += head(p, '$', arg.n);
	if (arg.n > 0)
		memcpy(p, arg.p, arg.n);
	p += arg.n;
	*p++ = '\r';
	*p++ = '\n';
	*p = '\0';
	r->bytes.len = (size_t)(p - r->bytes.data);
	r->count++;
}

void resp_add_s(struct resp *r, const char *arg)
{
	resp_add(r, arg == NULL ? STR("") : str_of(arg));
}

void resp_add_u64(struct resp *r, uint64_t arg)
{
	char text[20], *start = digits(text, arg);

	resp_add(r, (struct str){start, (size_t)(text + 20 - start)});
}

void resp_add_i64(struct resp *r, int64_t arg)
{
	bool minus = arg < 0;
	char text[21], *start;

	start = digits(text + 1, minus ? -(uint64_t)arg : (uint64_t)arg);
	if (minus)
		*--start = '-';
	resp_add(r, (struct str){start, (size_t)(text + 21 - start)});
}

/* Room for the longest head; what it does not need is closed up at the end. */
size_t resp_open(struct resp *r)
{
	buf_add(&r->bytes, "           ", PART_ROOM);
	return r->bytes.len;
}

void resp_close(struct resp *r, size_t mark)
{
	char text[HEAD_ROOM];
	size_t n = r->bytes.len - mark, len;

	assert(n <= RESP_PART_MAX);
	len = head(text, '$', n);
	memmove(r->bytes.data + mark - PART_ROOM + len, r->bytes.data + mark,
		n);
	memcpy(r->bytes.data + mark - PART_ROOM, text, len);
	r->bytes.len -= PART_ROOM - len;
	buf_add(&r->bytes, "\r\n", 2);
	r->count++;
}

struct str resp_done(struct resp *r)
{
	char text[HEAD_ROOM];
	size_t n = head(text, '*', r->count);
	char *start = r->bytes.data + HEAD_ROOM - n;

	memcpy(start, text, n);
	return (struct str){start, r->bytes.len - HEAD_ROOM + n};
}
