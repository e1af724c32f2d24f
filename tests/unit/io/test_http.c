/* Reading requests and writing answers, bytes in and bytes out. The sharp
 * edges on a real connection are in tests/blackbox/front.test.mjs. */
#include "http.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

static struct http_reader *reader;

/* Feeds all of it in pieces of `step` bytes; the last answer. */
static enum http_progress feed(const char *bytes, size_t n, size_t step)
{
	enum http_progress progress = READ_MORE;
	size_t at;

	http_reader_free(&reader);
	reader = http_reader_new();
	for (at = 0; at < n; at += step) {
		size_t piece = n - at < step ? n - at : step;
		char *copy = xmalloc(piece); /* so that ASan sees its end */

		memcpy(copy, bytes + at, piece);
		progress = http_reader_feed(reader, (struct str){copy, piece});
		free(copy);
		if (progress == READ_WHOLE || progress == READ_BAD)
			break;
	}
	return progress;
}

static enum http_progress read_all(const char *bytes)
{
	return feed(bytes, strlen(bytes), strlen(bytes));
}

static unsigned refused(const char *bytes)
{
	if (read_all(bytes) != READ_BAD)
		return 0;
	return http_reader_refusal(reader).status;
}

static const char posted[] = "POST /a%2fb?x=1&y=%C3%A4+b HTTP/1.1\r\n"
			     "Host: shop\r\n"
			     "content-LENGTH:  5 \r\n"
			     "Cookie: first=1; session=\"abc\"\r\n"
			     "Cookie: other=2\r\n"
			     "Origin: https://shop\r\n"
			     "\r\n"
			     "helloGET / HTTP/1.1\r\n";

static void check_posted(void)
{
	const struct http_request *q = http_reader_request(reader);
	struct buf out = BUF_INIT;

	CHECK(str_is(q->method, "POST"));
	CHECK(str_is(q->path, "/a/b"));
	CHECK(str_is(q->query, "x=1&y=%C3%A4+b"));
	CHECK(str_is(q->target, "/a%2fb?x=1&y=%C3%A4+b"));
	CHECK(str_is(q->body, "hello"));
	CHECK(str_is(q->origin, "https://shop"));
	CHECK(!q->is_upgrade);
	CHECK(str_is(http_header(q, "CONTENT-length"), "5"));
	CHECK(http_header(q, "Content").p == NULL);
	CHECK(str_is(http_cookie(q, "session"), "abc"));
	CHECK(str_is(http_cookie(q, "other"), "2"));
	CHECK(http_cookie(q, "sess").p == NULL);
	CHECK(http_cookie(q, "SESSION").p == NULL);
	CHECK(http_query(q, "y", &out) && str_is(buf_str(&out), "ä b"));
	CHECK(!http_query(q, "z", &out) && out.len == strlen("ä b"));
	buf_fini(&out);
}

static void a_request_is_read_whole_in_pieces_of_any_size(void)
{
	size_t step;

	for (step = 1; step <= sizeof(posted) - 1; step++) {
		CHECK(feed(posted, sizeof(posted) - 1, step) == READ_WHOLE);
		check_posted();
	}
}

static void without_an_end_it_asks_for_more(void)
{
	CHECK(read_all("GET / HTTP/1.1\r\nHost: a\r\n") == READ_MORE);
	CHECK(read_all("") == READ_MORE);
	CHECK(read_all("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
		       "\r\nhell") == READ_HEAD);
}

static void no_prefix_of_a_request_is_refused(void)
{
	size_t n;

	for (n = 1; n < sizeof(posted) - 1; n++)
		CHECK(feed(posted, n, n) != READ_BAD);
}

static void what_is_wrong_decides_the_status(void)
{
	static const struct {
		const char *bytes;
		unsigned status;
	} cases[] = {
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.0\r\n\r\n", 0},
		{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
		{"PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
		{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
		{"NOSUCH / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
		{"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
		{"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
		{"GET /%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /.. HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /. HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /... HTTP/1.1\r\nHost: a\r\n\r\n", 0},
		{"GET /.a HTTP/1.1\r\nHost: a\r\n\r\n", 0},
		{"GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /% HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /%1 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417},
		{"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned got = refused(cases[i].bytes);

		CHECK(got == cases[i].status);
		if (got != cases[i].status)
			printf("%u for %s\n", got, cases[i].bytes);
	}
}

static void a_head_of_any_bytes_ends_in_an_answer(void)
{
	char bytes[400];
	int round;
	size_t i;

	srand(3);
	for (round = 0; round < 20000; round++) {
		size_t n = sizeof(posted) - 1;

		memcpy(bytes, posted, n);
		for (i = 0; i < 1u + (unsigned)rand() % 4; i++)
			bytes[(size_t)rand() % n] = (char)rand();
		if (feed(bytes, n, 1 + (size_t)rand() % n) == READ_BAD)
			CHECK(http_reader_refusal(reader).status >= 400);
	}
}

static const char upgrade[] = "GET /chat HTTP/1.1\r\n"
			      "Host: a\r\n"
			      "Upgrade: WebSocket\r\n"
			      "Connection: keep-alive, Upgrade\r\n"
			      "Sec-WebSocket-Version: 13\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			      "Sec-WebSocket-Protocol: a.v2 , a.v1\r\n"
			      "\r\n";

static void a_proper_upgrade_is_one(void)
{
	const struct http_request *q;

	CHECK(read_all(upgrade) == READ_WHOLE);
	q = http_reader_request(reader);
	CHECK(q->is_upgrade);
	CHECK(q->origin.p == NULL);
	CHECK(http_offers(q, "a.v1") && http_offers(q, "a.v2"));
	CHECK(!http_offers(q, "a.v") && !http_offers(q, "A.V1"));
}

static void an_offer_of_h2c_is_a_plain_request(void)
{
	CHECK(read_all("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n"
		       "Connection: Upgrade, HTTP2-Settings\r\n"
		       "HTTP2-Settings: AAMAAABk\r\n\r\n") == READ_WHOLE);
	CHECK(!http_reader_request(reader)->is_upgrade);
}

/* The upgrade with one header's value replaced. */
static unsigned upgrade_with(const char *name, const char *value)
{
	const char *at = strstr(upgrade, name);
	const char *end = strstr(at, "\r\n");
	struct buf bytes = BUF_INIT;
	unsigned status;

	buf_add(&bytes, upgrade, (size_t)(at - upgrade) + strlen(name));
	buf_addf(&bytes, ": %s%s", value, end);
	status = refused(bytes.data);
	buf_fini(&bytes);
	return status;
}

static void an_improper_upgrade_is_refused(void)
{
	CHECK(upgrade_with("Host", "a") == 0);
	CHECK(upgrade_with("Sec-WebSocket-Version", "8") == 426);
	CHECK_STR(http_reader_refusal(reader).header, "Sec-WebSocket-Version");
	CHECK_STR(http_reader_refusal(reader).value, "13");
	CHECK(upgrade_with("Sec-WebSocket-Key", "") == 400);
	CHECK(upgrade_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=") ==
	      400);
	/* 24 characters, but bits beyond 16 bytes. */
	CHECK(upgrade_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR==") ==
	      400);
	CHECK(upgrade_with("Connection", "keep-alive") == 400);
}

static const struct http_header extra[] = {
	{{"Set-Cookie", 10}, {"a=b", 3}},
	{{"cache-control", 13}, {"max-age=60", 10}},
};

static void an_answer_has_the_headers_that_all_have(void)
{
	struct http_reply reply = {.status = 200,
				   .content_type = "text/plain",
				   .body = {"hello", 5}};
	struct buf out = BUF_INIT;

	http_write_reply(&out, &reply, false, 784111777);
	CHECK_STR(out.data, "HTTP/1.1 200 OK\r\n"
			    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			    "Connection: close\r\n"
			    "X-Content-Type-Options: nosniff\r\n"
			    "Referrer-Policy: no-referrer\r\n"
			    "Cache-Control: no-store\r\n"
			    "Content-Type: text/plain\r\n"
			    "Content-Length: 5\r\n"
			    "\r\n"
			    "hello");
	buf_fini(&out);
}

static bool answer_has(unsigned status, const char *line)
{
	struct http_reply reply = {.status = status};
	struct buf out = BUF_INIT;
	bool has;

	http_write_reply(&out, &reply, false, 0);
	has = strstr(out.data, line) != NULL;
	buf_fini(&out);
	return has;
}

static void a_refusal_says_what_to_come_with(void)
{
	CHECK(answer_has(401, "\r\nWWW-Authenticate: Bearer\r\n"));
	CHECK(answer_has(426, "\r\nUpgrade: websocket\r\n"));
	CHECK(answer_has(426, "\r\nConnection: close, upgrade\r\n"));
	CHECK(!answer_has(403, "WWW-Authenticate"));
	CHECK(!answer_has(403, "pgrade"));
}

static void an_answer_may_have_headers_of_its_own(void)
{
	struct http_reply reply = {
		.status = 204, .headers = extra, .n_headers = ARRAY_LEN(extra)};
	struct buf out = BUF_INIT;

	http_write_reply(&out, &reply, false, 0);
	CHECK(strstr(out.data, "Set-Cookie: a=b\r\n") != NULL);
	CHECK(strstr(out.data, "cache-control: max-age=60\r\n") != NULL);
	CHECK(strstr(out.data, "no-store") == NULL);
	CHECK(strstr(out.data, "Content-Length") == NULL);
	buf_fini(&out);
}

static void a_head_is_answered_with_the_length_of_the_body(void)
{
	struct http_reply reply = {.status = 200,
				   .content_type = "text/plain",
				   .body = {"hello", 5}};
	struct buf out = BUF_INIT;

	http_write_reply(&out, &reply, true, 0);
	CHECK(strstr(out.data, "Content-Length: 5\r\n") != NULL);
	CHECK(strstr(out.data, "hello") == NULL);
	buf_fini(&out);
}

static void a_problem_is_json_with_the_status(void)
{
	struct buf body = BUF_INIT;

	http_write_problem(&body, 403, "a \"foreign\" origin");
	CHECK_STR(body.data,
		  "{\"type\":\"about:blank\",\"title\":\"Forbidden\","
		  "\"status\":403,\"detail\":\"a \\\"foreign\\\" origin\"}\n");
	buf_fini(&body);
	http_write_problem(&body, 599, NULL);
	CHECK_STR(body.data, "{\"type\":\"about:blank\","
			     "\"title\":\"Unknown\",\"status\":599}\n");
	buf_fini(&body);
}

int main(void)
{
	RUN(a_request_is_read_whole_in_pieces_of_any_size);
	RUN(without_an_end_it_asks_for_more);
	RUN(no_prefix_of_a_request_is_refused);
	RUN(what_is_wrong_decides_the_status);
	RUN(a_head_of_any_bytes_ends_in_an_answer);
	RUN(a_proper_upgrade_is_one);
	RUN(an_offer_of_h2c_is_a_plain_request);
	RUN(an_improper_upgrade_is_refused);
	RUN(an_answer_has_the_headers_that_all_have);
	RUN(an_answer_may_have_headers_of_its_own);
	RUN(a_refusal_says_what_to_come_with);
	RUN(a_head_is_answered_with_the_length_of_the_body);
	RUN(a_problem_is_json_with_the_status);
	http_reader_free(&reader);
	return check_done("io/http");
}
