/* hiredis on libuv: the adapter between the two. */
#ifndef REDIS_POLL_H
#define REDIS_POLL_H

#include <stdbool.h>

#include "io/loop.h"

struct redisAsyncContext;

struct redis_poll_ops {
	/* hiredis frees the context; all of its callbacks have run. `error`
	 * says why, or is NULL. */
	void (*gone)(void *arg, const char *error);
	/* The descriptor has an error that hiredis does not see: free it. */
	void (*failed)(void *arg, const char *error);
	void *arg;
};

/* From now on the loop drives the context. False: libuv will not have its
 * descriptor, and the context is as it was. */
bool redis_poll(struct loop *loop, struct redisAsyncContext *context,
		const struct redis_poll_ops *ops);

#endif
