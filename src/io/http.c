/* The HTTP request reader: http-parser (the one door to it), bounded in bytes
 * and headers, strict where an ambiguity could mean two requests: no chunked
 * bodies, one Content-Length, no folded headers, one Host. front.c feeds it;
 * it knows nothing of connections and time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <http_parser.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "http.h"

/* A part of the head, by offset: the buffer moves while it grows. */
struct span {
	size_t at, n;
};

struct http_reader {
	http_parser parser;
	struct buf in;
	size_t parsed; /* bytes of `in` the parser has seen */
	struct span url;
	struct span names[FRONT_HEADERS];
	struct span values[FRONT_HEADERS];
	size_t n_headers;
	bool in_value; /* the last thing seen was a value */
	bool head_done;
	size_t head_bytes;
	size_t body_bytes;
	struct http_refusal refusal;
	struct buf path; /* decoded */
	struct http_header headers[FRONT_HEADERS];
	struct http_request request;
};

static const struct http_refusal none;

static void refuse(struct http_reader *r, unsigned status, const char *detail)
{
	if (r->refusal.status != 0)
		return;
	r->refusal.status = status;
	r->refusal.detail = detail;
}

/* -- the parser's callbacks ------------------------------------------------ */

/* Adds to a span what continues it; false if it does not (a folded header:
 * line break and blanks have been left out between). */
static bool extend(struct http_reader *r, struct span *span, const char *at,
		   size_t n)
{
	size_t offset = (size_t)(at - r->in.data);

	if (span->n == 0)
		span->at = offset;
	else if (span->at + span->n != offset)
		return false;
	span->n += n;
	return true;
}

static int on_url(http_parser *parser, const char *at, size_t n)
{
	struct http_reader *r = parser->data;

	return extend(r, &r->url, at, n) ? 0 : -1;
}

static int on_name(http_parser *parser, const char *at, size_t n)
{
	struct http_reader *r = parser->data;

	if (r->in_value || r->n_headers == 0) {
		if (r->n_headers == FRONT_HEADERS) {
			refuse(r, 431, "too many headers");
			return -1;
		}
		r->n_headers++;
	}
	r->in_value = false;
	return extend(r, &r->names[r->n_headers - 1], at, n) ? 0 : -1;
}

static int on_value(http_parser *parser, const char *at, size_t n)
{
	struct http_reader *r = parser->data;

	r->in_value = true;
	if (extend(r, &r->values[r->n_headers - 1], at, n))
		return 0;
	refuse(r, 400, "folded header");
	return -1;
}

/* The body is ours to count: the parser stops here. */
static int on_head(http_parser *parser)
{
	struct http_reader *r = parser->data;

	r->head_done = true;
	http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings settings = {
	.on_url = on_url,
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
};

/* -- checks ---------------------------------------------------------------- */

static const char *const known_methods[] = {"GET", "HEAD", "POST", "DELETE"};

static bool is_known_method(struct str method)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(known_methods); i++)
		if (str_is(method, known_methods[i]))
			return true;
	return false;
}

static void check_method(struct http_reader *r)
{
	r->request.method =
		str_of(http_method_str((enum http_method)r->parser.method));
	if (is_known_method(r->request.method))
		return;
	if (r->refusal.status != 0)
		return;
	refuse(r, 405, "only GET, HEAD, POST and DELETE are spoken here");
	r->refusal.header = "Allow";
	r->refusal.value = "GET, HEAD, POST, DELETE";
}

static void check_version(struct http_reader *r)
{
	if (r->parser.http_major != 1 || r->parser.http_minor > 1)
		refuse(r, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
}

/* Debian builds the parser without its strict mode: a blank in a name, or any
 * byte in a value or target, would pass. */
static bool is_token(struct str s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr(marks, c) == NULL))
			return false;
	}
	return s.n > 0;
}

/* No control characters (but tabs); in a target no blanks and nothing beyond
 * ASCII either. */
static bool is_clean(struct str s, bool is_target)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == 0x7f || (c < ' ' && (c != '\t' || is_target)))
			return false;
		if (is_target && (c == ' ' || c > 0x7f))
			return false;
	}
	return true;
}

static void check_bytes(struct http_reader *r)
{
	size_t i;

	if (!is_clean(r->request.target, true))
		refuse(r, 400, "the target is not a path");
	for (i = 0; i < r->n_headers; i++)
		if (!is_token(r->headers[i].name) ||
		    !is_clean(r->headers[i].value, false))
			refuse(r, 400, "a header is malformed");
}

static void check_headers(struct http_reader *r)
{
	const struct http_request *q = &r->request;
	size_t hosts = http_count(q, "Host");

	if (hosts > 1 || (hosts == 0 && r->parser.http_minor == 1))
		refuse(r, 400, "one Host header, please");
	if (http_count(q, "Origin") > 1)
		refuse(r, 400, "more than one Origin");
	if (http_count(q, "Transfer-Encoding") > 0)
		refuse(r, 411,
		       "send a Content-Length; chunked bodies are "
		       "not taken");
	if (http_count(q, "Expect") > 0 && !http_reader_wants_continue(r))
		refuse(r, 417, "only 100-continue can be expected");
}

static void check_length(struct http_reader *r)
{
	if (!(r->parser.flags & F_CONTENTLENGTH))
		return;
	if (r->parser.content_length > FRONT_BODY_BYTES) {
		refuse(r, 413, "the body is too long");
		return;
	}
	r->body_bytes = (size_t)r->parser.content_length;
}

/* -- the target ------------------------------------------------------------ */

static bool has_dot_segment(struct str path)
{
	size_t i = 0;

	while (i < path.n) {
		size_t end = ++i; /* behind the slash */

		while (end < path.n && path.p[end] != '/')
			end++;
		if (end - i <= 2 && end > i && path.p[i] == '.' &&
		    path.p[end - 1] == '.')
			return true;
		i = end;
	}
	return false;
}

static struct str field(struct str target, const struct http_parser_url *url,
			enum http_parser_url_fields which)
{
	if (!(url->field_set & (1 << which)))
		return (struct str){"", 0};
	return (struct str){target.p + url->field_data[which].off,
			    url->field_data[which].len};
}

static void split_target(struct http_reader *r)
{
	struct http_request *q = &r->request;
	struct http_parser_url url;
	struct str path;

	http_parser_url_init(&url);
	if (http_parser_parse_url(q->target.p, q->target.n, 0, &url) != 0) {
		refuse(r, 400, "the target is not a path");
		return;
	}
	path = field(q->target, &url, UF_PATH);
	q->query = field(q->target, &url, UF_QUERY);
	if (!http_decode(path, false, &r->path) ||
	    !str_starts(buf_str(&r->path), "/") ||
	    has_dot_segment(buf_str(&r->path)))
		refuse(r, 400, "the path is not a plain one");
	q->path = buf_str(&r->path);
}

/* -- the whole ------------------------------------------------------------- */

static struct str resolve(const struct http_reader *r, struct span span)
{
	if (span.n == 0)
		return (struct str){"", 0};
	return (struct str){r->in.data + span.at, span.n};
}

/* Offsets become pointers: room for the whole body first, then `in` does not
 * move any more. */
static void resolve_all(struct http_reader *r)
{
	struct http_request *q = &r->request;
	size_t i;

	buf_reserve(&r->in, r->body_bytes + 1);
	q->target = resolve(r, r->url);
	for (i = 0; i < r->n_headers; i++) {
		r->headers[i].name = resolve(r, r->names[i]);
		r->headers[i].value = str_trim(resolve(r, r->values[i]));
	}
	q->headers = r->headers;
	q->n_headers = r->n_headers;
	q->origin = http_header(q, "Origin");
}

static void check_upgrade(struct http_reader *r)
{
	struct http_refusal refusal = none;

	r->request.is_upgrade =
		http_check_upgrade(&r->request, r->parser.http_minor == 1,
				   r->body_bytes > 0, &refusal);
	if (refusal.status != 0 && r->refusal.status == 0)
		r->refusal = refusal;
	if (r->request.is_upgrade && r->in.len > r->head_bytes)
		refuse(r, 400, "wait for the answer before you send frames");
}

static enum http_progress take_head(struct http_reader *r)
{
	check_version(r);
	check_method(r);
	check_length(r);
	resolve_all(r);
	check_bytes(r);
	check_headers(r);
	if (r->refusal.status == 0)
		split_target(r);
	if (r->refusal.status == 0)
		check_upgrade(r);
	return r->refusal.status == 0 ? READ_HEAD : READ_BAD;
}

static enum http_progress take_body(struct http_reader *r)
{
	if (r->in.len - r->head_bytes < r->body_bytes)
		return READ_HEAD;
	r->request.body =
		(struct str){r->in.data + r->head_bytes, r->body_bytes};
	return READ_WHOLE;
}

/* What the parser itself does not accept. */
static enum http_progress parse_error(struct http_reader *r)
{
	enum http_errno error = HTTP_PARSER_ERRNO(&r->parser);

	if (str_starts(buf_str(&r->in), "PRI * HTTP/2"))
		refuse(r, 505, "HTTP/2 is not spoken here");
	else if (error == HPE_INVALID_METHOD && r->in.len > 0 &&
		 r->in.data[0] >= 'A' && r->in.data[0] <= 'Z')
		refuse(r, 501, "no such method");
	else if (error == HPE_HEADER_OVERFLOW)
		refuse(r, 431, "the head is too long");
	else
		refuse(r, 400, http_errno_description(error));
	return READ_BAD;
}

static enum http_progress parse(struct http_reader *r)
{
	size_t n = r->in.len - r->parsed;
	size_t used = http_parser_execute(&r->parser, &settings,
					  r->in.data + r->parsed, n);

	if (r->head_done) {
		/* It paused on the last line feed. */
		r->head_bytes = r->parsed + used + 1;
		if (r->head_bytes <= FRONT_HEAD_BYTES)
			return take_head(r);
		refuse(r, 431, "the head is too long");
		return READ_BAD;
	}
	if (HTTP_PARSER_ERRNO(&r->parser) != HPE_OK)
		return parse_error(r);
	r->parsed = r->in.len;
	if (r->in.len <= FRONT_HEAD_BYTES)
		return READ_MORE;
	refuse(r, 431, "the head is too long");
	return READ_BAD;
}

enum http_progress http_reader_feed(struct http_reader *r, struct str in)
{
	enum http_progress progress = READ_HEAD;
	size_t max = FRONT_HEAD_BYTES + FRONT_BODY_BYTES + 1;

	if (r->head_done)
		max = r->head_bytes + r->body_bytes + 1;
	assert(r->in.len <= max);
	if (in.n > max - r->in.len) /* behind the request: not looked at */
		in.n = max - r->in.len;
	buf_add(&r->in, in.p, in.n);
	if (!r->head_done)
		progress = parse(r);
	return progress == READ_HEAD ? take_body(r) : progress;
}

struct http_refusal http_reader_refusal(const struct http_reader *r)
{
	return r->refusal;
}

bool http_reader_wants_continue(const struct http_reader *r)
{
	struct str expect = http_header(&r->request, "Expect");

	return http_count(&r->request, "Expect") == 1 && expect.n == 12 &&
	       strncasecmp(expect.p, "100-continue", 12) == 0;
}

const struct http_request *http_reader_request(const struct http_reader *r)
{
	return &r->request;
}

struct http_reader *http_reader_new(void)
{
	struct http_reader *r = xcalloc(1, sizeof(*r));

	http_parser_init(&r->parser, HTTP_REQUEST);
	r->parser.data = r;
	r->request.origin = STR_NONE;
	return r;
}

void http_reader_free(struct http_reader **r)
{
	if (*r == NULL)
		return;
	buf_fini(&(*r)->in);
	buf_fini(&(*r)->path);
	free(*r);
	*r = NULL;
}
