/* What an echo would have to do besides, so that each message is kept as
 * answerd keeps it: appended to a log in Redis, written to a file, and a
 * receipt when both have it. The system calls and nothing else: the bytes are
 * of the same number, nobody has thought about them. */
#ifndef KEEP_H
#define KEEP_H

#include <stdbool.h>

struct peer;

/* `script`: the digest of store/lua/append.lua, which Redis has loaded. Calls
 * `stored` for each message that was put and is in both. */
void keep_begin(int epoll, const char *socket, const char *script,
		const char *file, void (*stored)(struct peer *p, unsigned id));
/* Message `id` of a peer; to be called with 1, 2, 3 … */
void keep_put(struct peer *p, unsigned number, unsigned id);
/* True: the event was its own. */
bool keep_on_event(const void *ptr);
/* All events of a turn are looked after: everything goes out together. */
void keep_turn(void);

#endif
