/* Looking at everything that stands in Redis, in small steps, for a check:
 * changes nothing and holds nobody up. */
#ifndef STORE_INSPECT_H
#define STORE_INSPECT_H

#include "store/store.h"

/* One step of a walk over all conversations (SCAN). `cursor` is "0" for the
 * first; `next` for the step after it, "0": that was the last. A name may come
 * more than once. */
struct store_walk {
	enum store_status status;
	const char *next;
	const char *const *convs; /* borrowed */
	size_t count;
};
typedef void (*store_walk_fn)(void *arg, const struct store_walk *walk);
void store_walk(struct store *store, const char *cursor, store_walk_fn fn,
		void *arg);

/* All conversations that a queue names, waiting, claimed or only noted; at
 * most some ten thousand. `next` is NULL. */
void store_queue_names(struct store *store, const char *queue, store_walk_fn fn,
		       void *arg);

/* Where a conversation stands in one queue. */
struct store_seat {
	const char *queue;
	bool waits, claimed;
	int64_t lease_ms; /* claimed: its end, by Redis's clock */
	struct str info;  /* JSON; STR_NONE: none */
};
/* What stands about one conversation beside its log. */
struct store_facts {
	enum store_status status;
	int64_t now_ms; /* Redis's clock */
	const struct field *hash, *ids;
	size_t hash_count, id_count;
	int64_t due_ms;                 /* 0: no next step */
	const struct store_seat *seats; /* one for each queue asked for */
	size_t seat_count;
};
typedef void (*store_facts_fn)(void *arg, const struct store_facts *facts);
void store_facts(struct store *store, const char *conv,
		 const char *const *queues, size_t n, store_facts_fn fn,
		 void *arg);

#endif
