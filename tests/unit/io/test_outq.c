/* The queue of frames: the right bytes on the wire, and a drop that never
 * leaves half a frame behind. */
#include "outq.h"

#include <stdlib.h>

#include "check.h"

static char filler[80000];

static struct str payload(size_t n)
{
	return (struct str){filler, n};
}

static void lengths_are_encoded_in_7_16_or_64_bits(void)
{
	static const struct {
		size_t payload;
		unsigned char head[10];
		size_t head_n;
	} cases[] = {
		{0, {0x81, 0}, 2},
		{125, {0x81, 125}, 2},
		{126, {0x81, 126, 0, 126}, 4},
		{65535, {0x81, 126, 0xff, 0xff}, 4},
		{65536, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}, 10},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outq q;
		size_t n;

		outq_init(&q);
		n = outq_add(&q, OUTQ_TEXT, payload(cases[i].payload));
		CHECK(n == cases[i].head_n + cases[i].payload);
		CHECK(outq_bytes(&q) == n);
		CHECK(memcmp(q.buf.data, cases[i].head, cases[i].head_n) == 0);
		outq_fini(&q);
	}
}

static void chunks_are_the_frames_in_order(void)
{
	struct buf out = BUF_INIT;
	struct outq q;

	outq_init(&q);
	outq_add(&q, OUTQ_TEXT, STR("one"));
	outq_add(&q, OUTQ_BINARY, STR("two"));
	while (outq_bytes(&q) > 0) {
		struct str chunk = outq_chunk(&q, 4);

		CHECK(chunk.n <= 4);
		buf_add_str(&out, chunk);
		outq_used(&q, chunk.n);
	}
	CHECK(str_eq(buf_str(&out), STR("\x81\x03one\x82\x03two")));
	CHECK(outq_chunk(&q, 4).n == 0);
	buf_fini(&out);
	outq_fini(&q);
}

static void a_close_frame_carries_code_and_reason(void)
{
	struct outq q;

	outq_init(&q);
	outq_add_close(&q, 4408, STR("slow"));
	CHECK(str_eq(outq_chunk(&q, 100), STR("\x88\x06\x11\x38slow")));
	outq_fini(&q);
	outq_add_close(&q, 1000, STR_NONE);
	CHECK(str_eq(outq_chunk(&q, 100), STR("\x88\x02\x03\xe8")));
	outq_fini(&q);
}

static void a_long_reason_is_cut_between_code_points(void)
{
	struct buf reason = BUF_INIT;
	struct outq q;
	int i;

	for (i = 0; i < 61; i++)
		buf_add_s(&reason, "ä");
	buf_add_s(&reason, "€");
	outq_init(&q);
	outq_add_close(&q, 1000, buf_str(&reason));
	/* 122 bytes; the euro sign's three would make it 125. */
	CHECK(outq_bytes(&q) == 2 + 2 + 122);
	outq_fini(&q);
	outq_add_close(&q, 1000, STR("ok\xff not UTF-8"));
	CHECK(outq_bytes(&q) == 2 + 2 + 2);
	outq_fini(&q);
	buf_fini(&reason);
}

static void dropping_keeps_what_is_left_of_a_frame_begun(void)
{
	struct outq q;

	outq_init(&q);
	outq_add(&q, OUTQ_TEXT, STR("first"));
	outq_add(&q, OUTQ_TEXT, STR("second"));
	outq_used(&q, 3);
	outq_drop(&q);
	CHECK(str_eq(outq_chunk(&q, 100), STR("irst")));
	outq_add_close(&q, 4408, STR_NONE);
	CHECK(str_eq(outq_chunk(&q, 100), STR("irst\x88\x02\x11\x38")));
	outq_used(&q, 4);
	outq_drop(&q);
	CHECK(outq_bytes(&q) == 0);
	outq_fini(&q);
}

static void dropping_between_frames_drops_all(void)
{
	struct outq q;

	outq_init(&q);
	outq_add(&q, OUTQ_TEXT, STR("first"));
	outq_add(&q, OUTQ_TEXT, STR("second"));
	outq_used(&q, 7);
	outq_drop(&q);
	CHECK(outq_bytes(&q) == 0);
	outq_fini(&q);
}

/* Any mix of adding, writing and dropping leaves whole frames: the written
 * bytes are parsed as a client would. */
static void whatever_is_done_the_stream_stays_whole(void)
{
	struct buf wire = BUF_INIT;
	struct outq q;
	size_t at = 0;
	int i;

	srand(1);
	outq_init(&q);
	for (i = 0; i < 3000; i++) {
		size_t n = (size_t)rand() % 200;
		struct str chunk;

		outq_add(&q, OUTQ_TEXT, payload(i % 50 == 0 ? n * 400 : n));
		if (i % 97 == 0)
			outq_drop(&q);
		chunk = outq_chunk(&q, (size_t)rand() % 3000);
		buf_add_str(&wire, chunk);
		outq_used(&q, chunk.n);
	}
	while (outq_bytes(&q) > 0) {
		buf_add_str(&wire, outq_chunk(&q, 1000));
		outq_used(&q, outq_chunk(&q, 1000).n);
	}
	while (at < wire.len) {
		const unsigned char *p = (unsigned char *)wire.data + at;
		size_t n = p[1], head = 2;

		CHECK(p[0] == 0x81);
		if (p[0] != 0x81)
			break;
		if (n == 126) {
			n = (size_t)p[2] << 8 | p[3];
			head = 4;
		} else if (n == 127) {
			n = (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
			head = 10;
		}
		at += head + n;
	}
	CHECK(at == wire.len);
	buf_fini(&wire);
	outq_fini(&q);
}

int main(void)
{
	memset(filler, 'f', sizeof(filler));
	RUN(lengths_are_encoded_in_7_16_or_64_bits);
	RUN(chunks_are_the_frames_in_order);
	RUN(a_close_frame_carries_code_and_reason);
	RUN(a_long_reason_is_cut_between_code_points);
	RUN(dropping_keeps_what_is_left_of_a_frame_begun);
	RUN(dropping_between_frames_drops_all);
	RUN(whatever_is_done_the_stream_stays_whole);
	return check_done("io/outq");
}
