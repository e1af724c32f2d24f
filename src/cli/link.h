/* The tool's way to the daemon's Redis: the configuration, a loop, the store,
 * and calls that wait for their answer. */
#ifndef CLI_LINK_H
#define CLI_LINK_H

#include "base/arena.h"
#include "daemon/config.h"
#include "store/store.h"

struct link {
	struct config config;
	struct loop *loop;
	struct store *store;
	struct arena arena; /* what the answers are made of */
	bool up;
};

/* Reads the configuration only. CLI_OK, or what was wrong has been printed.
 * link_close() in any case. */
int link_config(struct link *link);
/* The process's clock is the shop's from now on. */
void link_use_shop_zone(const struct link *link);
/* Connects, after that. CLI_AWAY when Redis does not answer. */
int link_connect(struct link *link);
/* Both. */
int link_open(struct link *link);
void link_close(struct link *link);

/* A copy of a hash's fields, in the link's arena. */
struct hash {
	enum store_status status;
	struct field *fields;
	size_t count;
};
struct hash link_hash(struct link *link, const char *key);
struct hash link_agents(struct link *link);
/* Not CLI_OK: it was not done, and why has been printed. */
int link_set(struct link *link, const char *key, const struct field *fields,
	     size_t n);
int link_del(struct link *link, const char *key);

/* Takes a field out of a hash, if it is there. */
void link_drop(struct link *link, const char *key, const char *field);
/* Tells all daemons that what stands under `what` has changed, after what was
 * written before. */
int link_news(struct link *link, const char *what);

/* A copy of items, in the link's arena. */
struct items {
	enum store_status status;
	struct store_item *items;
	size_t count, total;
};
struct items link_waiting(struct link *link, const char *const *queues,
			  size_t n);
struct items link_claimed(struct link *link, const char *const *queues,
			  size_t n);

/* A page of a stream's notes, copied into the link's arena; see
 * store_notes(). */
struct notes {
	enum store_status status;
	struct store_noted *list;
	size_t count; /* STORE_PAGE: there may be more */
};
struct notes link_notes(struct link *link, const char *stream,
			const char *before);

/* Says in words that Redis did not answer or refused; gives CLI_AWAY or
 * CLI_FAILED. */
int link_failed(enum store_status status);

#endif
