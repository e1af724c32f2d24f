/* The front: the listening sockets, the HTTP head, plain answers, and the
 * check of WebSocket upgrades. It is the only part that reads what strangers
 * send before they are known to speak WebSocket; whatever does not pass here
 * is answered with application/problem+json (RFC 9457) and never reaches
 * libwebsockets. Every plain request is answered once and the connection is
 * closed. It decides nothing about paths, origins or users: the owner's
 * request callback does. */
#ifndef IO_FRONT_H
#define IO_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/loop.h"
#include "io/socket.h"

#define FRONT_HEAD_BYTES 16384 /* request line and headers: else 431 */
#define FRONT_HEADERS    64    /* else 431 */
#define FRONT_BODY_BYTES 65536 /* else 413 */
#define FRONT_HEAD_MS    10000 /* for the whole head: else 408 */
#define FRONT_BODY_MS    10000 /* for the body after it: else 408 */
#define FRONT_ANSWER_MS  30000 /* the owner's time to answer: else 503 */
#define FRONT_WRITE_MS   30000 /* the peer's time to read the answer */
#define FRONT_LISTEN_MAX 16    /* listening sockets */
/* Connections beyond max_connections that are still accepted: for plain
 * requests (/healthz when full), and to tell an upgrade 1013. Beyond those,
 * connections that send no request or do not read its answer are cut. */
#define FRONT_RESERVE    64

struct front;

struct http_header {
	struct str name; /* as sent, in a reply as it shall be sent */
	struct str value;
};

/* All of it is valid in the request callback only. */
struct http_request {
	struct str method; /* GET, HEAD, POST or DELETE, nothing else */
	struct str target; /* path and query as sent */
	struct str path;   /* percent-decoded, begins with '/', valid UTF-8,
			      no NUL, no "." or ".." segment */
	struct str query;  /* as sent, without '?'; see http_query() */
	struct str body;   /* empty if there is none */
	struct str origin; /* STR_NONE: no Origin. More than one: refused */
	struct str peer;   /* address of the other end ("127.0.0.1"), no port;
			      behind a proxy that is believed of whom it names;
			      of IPv6 the /64 ("2001:db8:1:2::") */
	bool of_many;    /* who is behind `peer` may be many: it is a proxy that
			    names nobody, or of a private network, where
			    proxies are that nobody has listed */
	bool is_upgrade; /* a checked WebSocket upgrade: answer it with
			    front_upgrade(), or refuse it with front_reply() */
	const struct http_header *headers;
	size_t n_headers;
};

/* The value of the first header of this name (any case); STR_NONE if none. */
struct str http_header(const struct http_request *request, const char *name);
/* The value of a cookie (names are case-sensitive); STR_NONE if none. */
struct str http_cookie(const struct http_request *request, const char *name);
/* Appends the decoded value of the first query parameter `name`; false and
 * nothing appended if it is not there or not decodable. */
bool http_query(const struct http_request *request, const char *name,
		struct buf *out);
/* Does this upgrade offer the sub-protocol? */
bool http_offers(const struct http_request *request, const char *subprotocol);
/* "Not Found" for 404; "Unknown" for what is not in the table. */
const char *http_reason(unsigned status);

struct http_reply {
	unsigned status;
	const char *content_type;          /* NULL: no body */
	const struct http_header *headers; /* extra: Set-Cookie, CSP, ... No
					      CR or LF in them (asserted) */
	size_t n_headers;
	struct str body; /* not sent to a HEAD */
};

/* Called once for each well-formed request. `exchange` names it until it was
 * answered; the answer may be given in the callback or later. */
typedef void front_fn(void *arg, uint64_t exchange,
		      const struct http_request *request);

struct front_options {
	/* "127.0.0.1:8080", "[::1]:8080", "*:8080", "localhost:0": numeric
	 * addresses, nothing is looked up. Port 0: the kernel chooses. */
	const char *const *listen;
	size_t n_listen;
	bool share_port; /* SO_REUSEPORT: several processes, one port. Without
			    it a port in use is an error at start */
	bool systemd;    /* take sockets passed by systemd instead, if any */
	unsigned max_connections; /* WebSockets and requests under way */
	/* Addresses of proxies whose X-Forwarded-For is believed. Borrowed for
	 * the front's life. */
	const char *const *proxies;
	size_t n_proxies;
	/* 0: the defaults above. For tests. */
	unsigned head_ms, body_ms, answer_ms, write_ms;
};

/* Borrows `loop` and `sockets` for its life, `options` for the call. NULL and
 * the reason in `why` (which address, what failed) if it cannot listen. The
 * first callback comes in a later turn. */
struct front *front_new(struct loop *loop, struct sockets *sockets,
			const struct front_options *options, front_fn *request,
			void *arg, struct buf *why);
/* Hangs up on every request under way; not from under its callback. To be
 * freed before `sockets`. */
void front_free(struct front **front);
/* Stops listening (a drain); requests under way are still answered. */
void front_stop_listening(struct front *front);

/* "127.0.0.1:8080" as bound, comma-separated if several. Appends. */
void front_addresses(const struct front *front, struct buf *out);
/* Whether `given` is one that it listens on; else `why` says what is wrong. */
bool front_address_is_valid(const char *given, struct buf *why);
unsigned front_port(const struct front *front); /* of the first; 0: unix */

/* Answers and closes. False: the exchange is over (the peer went, or it was
 * answered before); nothing to be done then. Copies what it is given. To
 * every answer it adds X-Content-Type-Options: nosniff, Referrer-Policy:
 * no-referrer, Connection: close, Date and Content-Length; and Cache-Control:
 * no-store unless the reply has a Cache-Control of its own. */
bool front_reply(struct front *front, uint64_t exchange,
		 const struct http_reply *reply);
/* The same with an application/problem+json body made of the status and
 * `detail` (NULL: none). */
bool front_problem(struct front *front, uint64_t exchange, unsigned status,
		   const char *detail);
/* 429, with Retry-After: after so many seconds it may be tried again. */
bool front_too_many(struct front *front, uint64_t exchange, int64_t after_s,
		    const char *detail);
/* Makes a checked upgrade a WebSocket; see struct socket_ops for what follows.
 * `subprotocol` is one that `sockets` was made with, or NULL for none. If the
 * client did not offer it, it is answered 400 and false is returned; false
 * too if the exchange is over or was no upgrade. True: ops->closed will be
 * called exactly once. Over max_connections it is accepted only to be closed
 * with 1013: closed() comes without opened(). */
bool front_upgrade(struct front *front, uint64_t exchange,
		   const char *subprotocol, const struct socket_ops *ops,
		   void *arg);

/* For /metrics. */
struct front_stats {
	uint64_t accepted;      /* connections taken */
	uint64_t requests;      /* handed to the owner, upgrades included */
	uint64_t refused;       /* answered by the front itself with an error */
	uint64_t no_room;       /* upgrades answered with 1013 */
	uint64_t gave_way;      /* connections cut for others, unanswered */
	uint64_t accept_pauses; /* times the listeners were not polled */
	uint64_t replies[6];    /* by first digit of the status; [0] unused */
	unsigned open;          /* plain connections now */
};
const struct front_stats *front_stats(const struct front *front);

#endif
