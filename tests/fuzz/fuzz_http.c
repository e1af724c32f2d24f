/* A stranger's bytes through the HTTP reader: whole, and cut in two at a place
 * that the first two bytes choose. Checked: both ways say the same; what is
 * taken keeps the reader's promises, what is refused has a status. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "http.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static void check_taken(const struct http_request *q)
{
	struct buf out = BUF_INIT;

	need(str_is(q->method, "GET") || str_is(q->method, "HEAD") ||
	     str_is(q->method, "POST") || str_is(q->method, "DELETE"));
	need(q->path.n > 0 && q->path.p[0] == '/');
	need(utf8_valid(q->path.p, q->path.n));
	need(memchr(q->path.p, '\0', q->path.n) == NULL);
	need(q->body.n <= FRONT_BODY_BYTES);
	need(q->n_headers <= FRONT_HEADERS);
	need(http_count(q, "Transfer-Encoding") == 0);
	need(http_count(q, "Origin") <= 1 && http_count(q, "Host") <= 1);
	if (q->is_upgrade)
		need(str_is(q->method, "GET") && q->body.n == 0 &&
		     http_header(q, "Sec-WebSocket-Key").n == 24);
	http_query(q, "q", &out);
	http_cookie(q, "c");
	http_offers(q, "answerd.chat.v1");
	buf_fini(&out);
}

static void check(const struct http_reader *r, enum http_progress progress)
{
	if (progress == READ_WHOLE)
		check_taken(http_reader_request(r));
	if (progress == READ_BAD)
		need(http_reader_refusal(r).status >= 400 &&
		     http_reader_refusal(r).detail != NULL);
}

static enum http_progress feed(struct http_reader *r, const char *p, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1); /* so that its end is guarded */
	enum http_progress progress;

	memcpy(copy, p, n);
	progress = http_reader_feed(r, (struct str){copy, n});
	free(copy);
	return progress;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct http_reader *whole = http_reader_new();
	struct http_reader *cut = http_reader_new();
	const char *p = (const char *)data + 2;
	enum http_progress once, twice;
	size_t at;

	if (size > 2) {
		size -= 2;
		at = ((size_t)data[0] << 8 | data[1]) % size;
		once = feed(whole, p, size);
		check(whole, once);
		twice = feed(cut, p, at);
		if (twice == READ_MORE || twice == READ_HEAD)
			twice = feed(cut, p + at, size - at);
		check(cut, twice);
		/* Early bytes after an upgrade are seen only if they are
		 * there already. */
		need(once == twice || once == READ_BAD);
	}
	http_reader_free(&whole);
	http_reader_free(&cut);
	return 0;
}
