/* Frames of one shopper's that are not in the log yet, oldest first, as they
 * came: should the conversation turn out to be closed, they go to the next
 * one. All shoppers share a pool of memory for them. */
#ifndef DAEMON_SENT_H
#define DAEMON_SENT_H

#include <stdbool.h>

#include "base/buf.h"

struct sent {
	struct sent *next;
	char id[65];
	bool fed;       /* handed to the hub */
	bool contact;   /* taken into the facts when it is stored */
	struct str raw; /* behind the struct */
};

struct sent_list {
	struct sent *first;
	size_t count;
};

struct sent_pool {
	struct sent *first; /* of usual size */
	size_t count;
};

/* Copies both. The id is valid; how many there may be is the caller's. */
struct sent *sent_keep(struct sent_list *list, struct sent_pool *pool,
		       struct str id, struct str raw);
struct sent *sent_find(const struct sent_list *list, struct str id);
/* Of an id that is not there: nothing. */
void sent_drop(struct sent_list *list, struct sent_pool *pool, struct str id);
void sent_drop_all(struct sent_list *list, struct sent_pool *pool);
void sent_pool_fini(struct sent_pool *pool);

#endif
