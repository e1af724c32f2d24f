/* Commands in Redis's protocol (RESP2), built in place; see resp.h. Knows no
 * command. Everything is an argument with its length, so nothing that a
 * stranger wrote can end one or begin another. */
#include "resp.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* "*4294967295\r\n" is 13 bytes, "$99999999\r\n" 11. */
#define HEAD_ROOM 16
#define PART_ROOM 11

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
	buf_add_c(&r->bytes, '$');
	buf_add_u64(&r->bytes, arg.n);
	buf_add(&r->bytes, "\r\n", 2);
	buf_add(&r->bytes, arg.p, arg.n);
	buf_add(&r->bytes, "\r\n", 2);
	r->count++;
}

void resp_add_s(struct resp *r, const char *arg)
{
	resp_add(r, arg == NULL ? STR("") : str_of(arg));
}

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
	char head[PART_ROOM + 1];
	size_t n = r->bytes.len - mark;
	int len;

	assert(n <= RESP_PART_MAX);
	len = snprintf(head, sizeof(head), "$%zu\r\n", n);
	memmove(r->bytes.data + mark - PART_ROOM + len, r->bytes.data + mark,
		n);
	memcpy(r->bytes.data + mark - PART_ROOM, head, (size_t)len);
	r->bytes.len -= PART_ROOM - (size_t)len;
	buf_add(&r->bytes, "\r\n", 2);
	r->count++;
}

struct str resp_done(struct resp *r)
{
	char head[HEAD_ROOM + 1];
	int n = snprintf(head, sizeof(head), "*%zu\r\n", r->count);
	char *start = r->bytes.data + HEAD_ROOM - n;

	assert(n > 0 && n <= HEAD_ROOM);
	memcpy(start, head, (size_t)n);
	return (struct str){start, r->bytes.len - HEAD_ROOM + (size_t)n};
}
