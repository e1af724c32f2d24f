/* All that stands in Redis about one visitor: taking it out, and giving it
 * away. Both go through many small commands; nobody is held up. They know
 * visitors by the name in their token, and find what is theirs by visitor:{V}
 * and by the lines of `recent`. */
#ifndef STORE_VISITOR_H
#define STORE_VISITOR_H

#include "store/store.h"

struct store_erased {
	/* OK; EMPTY: nothing was there of such a visitor; AWAY or REFUSED: some
	 * of it may be left, do it again */
	enum store_status status;
	size_t conversations, events;
	size_t notes; /* lines of `recent`, samples of `unanswered` */
};
typedef void (*store_erased_fn)(void *arg, uint64_t tag,
				const struct store_erased *erased);
/* Erases logs, ids, places in the queues, next steps, context, and notes. What
 * stays for spool.max_age are tombstones, which say no more than that a name
 * is not to be used again: no append, whoever brings it, and no `open` goes
 * past them. Who shows one of the conversations hears its bell and finds it
 * gone. `queues`: all there are. May be done again. */
void store_erase(struct store *store, const char *visitor,
		 const char *const *queues, size_t n, store_erased_fn fn,
		 void *arg, uint64_t tag);

/* For who finds a conversation erased: takes away what was written beside its
 * log by then or has been sent since, by this store: next step, context, the
 * newest notes. Nobody waits. */
void store_erase_traces(struct store *store, const char *conv);

/* One closed conversation, for its age: the same is left of it as after
 * store_erase(), and its visitor stays who they are. Lines of `recent` about it
 * are left to store_notes_trim(). Where that is cut short its due time stands,
 * and all of it may be done again. Nobody waits. `visitor` "": not known. */
void store_expire(struct store *store, const char *conv, const char *visitor);

struct store_exported {
	enum store_status
		status;  /* OK, EMPTY, AWAY, REFUSED: above the limit */
	struct str json; /* borrowed */
};
typedef void (*store_exported_fn)(void *arg, uint64_t tag,
				  const struct store_exported *exported);
/* One JSON object: {visitor, exported_ms, owner (where somebody has signed in;
 * as it is stored), conversations: [{conversation,
 * attributes, context, log: [{seq, …}, …]}, …], recent: […], unanswered: […]},
 * values as they are stored. At most `max_bytes`. */
void store_export(struct store *store, const char *visitor, size_t max_bytes,
		  store_exported_fn fn, void *arg, uint64_t tag);

#endif
