/* One connection to Redis on the loop, kept up for ever: resolve, connect,
 * sign in, PING, and only after PONG it is open. A command without an answer
 * in time, an error or an end of the connection closes it, and it is tried
 * again, after 100 ms to 5 s. It knows no command but its greeting. */
#ifndef REDIS_H
#define REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "base/buf.h"
#include "io/loop.h"
#include "redis_reply.h"

struct redis;

/* See `where`. */
typedef bool redis_where_fn(void *arg, const char **host, unsigned *port);

struct redis_ops {
	/* Redis said PONG: commands may be sent. */
	void (*open)(void *arg);
	/* It is closed. Everything that waited for an answer has been told
	 * before. Not for a connection that was never open. */
	void (*closed)(void *arg);
	/* Where the primary is, asked before each try; `host` is borrowed for
	 * the call. False: nobody knows yet. It must say itself (ROLE) that it
	 * is one. NULL: connect to the address. */
	redis_where_fn *where;
	void *arg;
};

/* `address` is borrowed for as long as the connection lives; `label` names it
 * in the log. Connects from the loop's next turn on. */
struct redis *redis_new(struct loop *loop, const struct address *address,
			const char *label, int64_t timeout_ms,
			const struct redis_ops *ops);
/* What waits for an answer is told (NULL), `closed` is not called. Not from
 * within an answer. */
void redis_free(struct redis **redis);

/* `reply` is NULL where none came: then nobody knows whether Redis has done
 * it. Exactly once, never before redis_send() has returned. */
typedef void redis_reply_fn(void *arg, const struct reply *reply);
/* `command` is whole, as resp_done() gives it. False: not open, and `fn` is
 * never called. NULL for `fn`: nobody wants the answer. */
bool redis_send(struct redis *redis, struct str command, redis_reply_fn *fn,
		void *arg);
/* Why it was closed, or could not be opened, the last time; "" where that went
 * well. */
const char *redis_trouble(const struct redis *redis);
/* Commands without an answer so far. */
size_t redis_in_flight(const struct redis *redis);

/* A connection that listens sends nothing else afterwards. `heard` is called
 * for every message, and with an empty channel once each channel is
 * subscribed. False: not open. */
typedef void redis_heard_fn(void *arg, struct str channel, struct str message);
bool redis_subscribe(struct redis *redis, const char *const *channels, size_t n,
		     redis_heard_fn *heard, void *arg);

/* Closes at the end of this turn and connects anew. May be called from within
 * an answer. */
void redis_reset(struct redis *redis, const char *why);
/* `where` has another answer now: leaves what it has, and does not wait before
 * the next try. */
void redis_move(struct redis *redis, const char *why);
/* Whether it is open to, or on its way to, this place. */
bool redis_is_at(const struct redis *redis, const char *host, unsigned port);

#endif
