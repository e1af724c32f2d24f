/* A host's addresses, looked up in the pool: a resolver may take its time, the
 * loop may not. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <netinet/in.h>
#include <stddef.h>

#include "io/loop.h"

#define RESOLVED_MAX 8

struct resolved {
	char addresses[RESOLVED_MAX][INET6_ADDRSTRLEN];
	size_t count; /* 0: see `error` */
};

struct lookup;
/* Never called before resolve() has returned; `error` in words. */
typedef void resolve_fn(void *arg, const struct resolved *found,
			const char *error);

/* The lookup is over when `fn` has been called; until then it may be
 * cancelled. */
struct lookup *resolve(struct loop *loop, const char *host, resolve_fn *fn,
		       void *arg);
/* `fn` is not called any more. NULL is fine. */
void resolve_cancel(struct lookup **lookup);

#endif
