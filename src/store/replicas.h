/* redis.wait_replicas: what Redis has taken counts as stored only once so many
 * replicas have it, too. On a connection of its own, as WAIT holds up all that
 * comes after it. */
#ifndef REPLICAS_H
#define REPLICAS_H

#include <stdbool.h>
#include <stddef.h>

struct store;
struct redis;
struct held;

struct replicas {
	struct redis *redis;        /* NULL: nothing is waited for */
	char run[64];               /* of the Redis that it is connected to */
	bool asking;                /* WAIT is on its way */
	bool behind;                /* too few had it in time, last time */
	struct held *first, **last; /* came after that was asked */
	struct held *asked, **asked_last;
	size_t count;
};

void replicas_init(struct store *store);
void replicas_fini(struct store *store);

/* True: `fn` is called once, later: `have`: enough replicas have all that was
 * answered before this call; not: the connection to Redis was lost before, and
 * nobody knows. False: nothing is to be waited for. */
typedef void replicas_fn(void *arg, bool have);
bool replicas_hold(struct store *store, replicas_fn *fn, void *arg);
/* The connection for commands is up; and every second, should Redis have
 * refused to answer. */
void replicas_kick(struct store *store);
void replicas_lost(struct store *store); /* that connection */

#endif
