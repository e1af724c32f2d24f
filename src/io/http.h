/* Reading one HTTP request from a stream of bytes, and writing one answer. No
 * sockets, no clock: bytes in, a `struct http_request` or a refusal out. */
#ifndef HTTP_H
#define HTTP_H

#include "io/front.h"

/* Why a request is not taken. */
struct http_refusal {
	unsigned status; /* 0: none */
	const char *detail;
	const char *header, *value; /* one more header of the answer, or NULL */
};

enum http_progress {
	READ_MORE,  /* bytes are missing */
	READ_HEAD,  /* the head is whole; the body is not */
	READ_WHOLE, /* http_reader_request() may be called */
	READ_BAD,   /* see http_reader_refusal() */
};

struct http_reader;

struct http_reader *http_reader_new(void);
void http_reader_free(struct http_reader **reader);
/* Not again after READ_WHOLE or READ_BAD. What comes after the request is
 * ignored, but for an upgrade, where it is refused. */
enum http_progress http_reader_feed(struct http_reader *reader, struct str in);
struct http_refusal http_reader_refusal(const struct http_reader *reader);
/* Does the client wait for "100 Continue" before it sends the body? */
bool http_reader_wants_continue(const struct http_reader *reader);
/* All but `peer`. Borrowed from the reader, whole until it is freed. */
const struct http_request *http_reader_request(
	const struct http_reader *reader);

/* Is this request an upgrade to WebSocket, and a proper one? True with
 * `refusal.status` 0: yes; with a status: it wants to be, but is not. False:
 * it is a plain request, whatever its Upgrade header says. */
bool http_check_upgrade(const struct http_request *request, bool is_http11,
			bool has_body, struct http_refusal *refusal);
/* How many headers of this name (any case). */
size_t http_count(const struct http_request *request, const char *name);
/* Percent-decodes; `plus` makes '+' a blank. False and nothing appended for a
 * broken escape, a NUL, or what is not UTF-8 then. */
bool http_decode(struct str in, bool plus, struct buf *out);
/* Is `token` in the comma-separated list of this header (all of its lines)? */
bool http_has_token(const struct http_request *request, const char *name,
		    const char *token, bool any_case);

/* Whom the proxy nearest to us names in X-Forwarded-For: the last of all.
 * Empty: nobody. */
struct str http_forwarded_for(const struct http_request *request);

/* The bytes of an answer. `is_head`: without the body. */
void http_write_reply(struct buf *out, const struct http_reply *reply,
		      bool is_head, int64_t now_s);
/* Body and headers of an application/problem+json (RFC 9457). */
void http_write_problem(struct buf *body, unsigned status, const char *detail);

#endif
