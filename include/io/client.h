/* Outbound HTTP for look-ups and webhooks: libcurl's multi interface on the
 * loop. TLS is verified; redirects are not followed; names are resolved in
 * libcurl's own thread, never on the loop; proxies of the environment are not
 * used. The one door to libcurl. */
#ifndef IO_CLIENT_H
#define IO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/loop.h"

#define CLIENT_BODY_BYTES (256u << 10) /* of an answer: beyond is a failure */
#define CLIENT_MAX_ASKED  256          /* under way at once */

struct http_client;

struct client_request {
	const char *method;         /* "GET" or "POST" */
	const char *url;            /* http:// or https:// */
	const char *const *headers; /* "Name: value" */
	size_t n_headers;
	struct str body;
	int64_t timeout_ms; /* for the whole of it */
};

struct client_answer {
	unsigned status; /* 0: there was no answer, `why` says why */
	struct str body;
	const char *why;
};

/* Runs once for each accepted request, never before http_client_ask() has
 * returned. May ask again; must not free the client. */
typedef void (*client_fn)(void *arg, uint64_t tag,
			  const struct client_answer *answer);

/* Borrows `loop` for its life. NULL: libcurl does not start. */
struct http_client *http_client_new(struct loop *loop);
/* What is under way is given up: its callbacks do not run. */
void http_client_free(struct http_client **client);
/* Copies the request. False: too many are under way, nothing was asked. */
bool http_client_ask(struct http_client *client,
		     const struct client_request *request, client_fn fn,
		     void *arg, uint64_t tag);
size_t http_client_asked(const struct http_client *client);

#endif
