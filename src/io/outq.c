/* Ready-made frames on their way out: the encoder of frame headers and a
 * buffer that is emptied from the front. socket.c fills it and feeds the
 * library from it; it refuses nothing, the bound is its owner's. */
#include "outq.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define FIN           0x80
#define LENGTH_16BIT  126
#define LENGTH_64BIT  127
#define HEAD_MAX      10
/* Written bytes are moved out of the way when they are at least this many
 * and half of the buffer: each byte is moved once on average. */
#define COMPACT_BYTES 65536

void outq_init(struct outq *q)
{
	memset(q, 0, sizeof(*q));
}

void outq_fini(struct outq *q)
{
	buf_fini(&q->buf);
	outq_init(q);
}

#define SPARE_MAX 2048

void outq_borrow(struct outq *q, struct outq_pool *spare)
{
	if (q->buf.data == NULL && spare->count > 0)
		q->buf = spare->bufs[--spare->count];
}

void outq_return(struct outq *q, struct outq_pool *spare)
{
	if (outq_bytes(q) > 0 || q->buf.data == NULL)
		return;
	if (spare->count == ARRAY_LEN(spare->bufs) || q->buf.cap > SPARE_MAX) {
		outq_fini(q);
		return;
	}
	buf_clear(&q->buf);
	spare->bufs[spare->count++] = q->buf;
	outq_init(q);
}

void outq_pool_fini(struct outq_pool *spare)
{
	while (spare->count > 0)
		buf_fini(&spare->bufs[--spare->count]);
}

size_t outq_bytes(const struct outq *q)
{
	return q->buf.len - q->at;
}

static void add_big_endian(struct buf *b, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		buf_add_c(b, (char)(v >> (8 * bytes)));
}

static void compact(struct outq *q)
{
	if (q->at < COMPACT_BYTES || q->at < q->buf.len / 2)
		return;
	buf_drop(&q->buf, q->at);
	q->at = 0;
}

size_t outq_add(struct outq *q, enum outq_opcode opcode, struct str payload)
{
	size_t before;

	compact(q);
	before = q->buf.len;
	buf_room(&q->buf, payload.n + HEAD_MAX);
	buf_add_c(&q->buf, (char)(FIN | opcode));
	if (payload.n < LENGTH_16BIT) {
		buf_add_c(&q->buf, (char)payload.n);
	} else if (payload.n <= UINT16_MAX) {
		buf_add_c(&q->buf, LENGTH_16BIT);
		add_big_endian(&q->buf, payload.n, 2);
	} else {
		buf_add_c(&q->buf, LENGTH_64BIT);
		add_big_endian(&q->buf, payload.n, 8);
	}
	if (payload.n > 0)
		buf_add(&q->buf, payload.p, payload.n);
	return q->buf.len - before;
}

size_t outq_add_close(struct outq *q, unsigned code, struct str reason)
{
	char payload[OUTQ_CONTROL_BYTES];
	size_t n = 0;
	size_t left = sizeof(payload) - 2;
	uint32_t cp;

	assert(code >= 1000 && code < 5000);
	payload[0] = (char)(code >> 8);
	payload[1] = (char)code;
	while (n < reason.n) {
		size_t step = utf8_decode(reason.p + n, reason.n - n, &cp);

		if (step == 0 || n + step > left)
			break;
		n += step;
	}
	if (n > 0)
		memcpy(payload + 2, reason.p, n);
	return outq_add(q, OUTQ_CLOSE, (struct str){payload, n + 2});
}

struct str outq_chunk(const struct outq *q, size_t max)
{
	size_t n = outq_bytes(q);

	if (n == 0)
		return (struct str){"", 0};
	return (struct str){q->buf.data + q->at, n < max ? n : max};
}

/* The length of the frame that begins at `p`, which we made ourselves. */
static size_t frame_bytes(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t n = 0;
	int i;

	if (u[1] < LENGTH_16BIT)
		return 2u + u[1];
	if (u[1] == LENGTH_16BIT)
		return 4u + (((size_t)u[2] << 8) | u[3]);
	for (i = 2; i < 10; i++)
		n = (n << 8) | u[i];
	return 10 + n;
}

void outq_used(struct outq *q, size_t n)
{
	assert(n <= outq_bytes(q));
	while (n > 0) {
		size_t step;

		if (q->begun == 0)
			q->begun = frame_bytes(q->buf.data + q->at);
		step = n < q->begun ? n : q->begun;
		q->at += step;
		q->begun -= step;
		n -= step;
	}
	if (q->at == q->buf.len) {
		buf_clear(&q->buf);
		q->at = 0;
	}
}

void outq_drop(struct outq *q)
{
	if (q->begun == 0) {
		outq_fini(q);
		return;
	}
	q->buf.len = q->at + q->begun;
}
