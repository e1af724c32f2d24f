/* The listening sockets: binding them, or taking systemd's, and accepting. */
#ifndef LISTEN_H
#define LISTEN_H

#include <sys/socket.h>

#include "io/front.h"

struct listener;

/* A connection: non-blocking, close-on-exec, no delay. The callee owns `fd`;
 * `peer` is the address without port. It may pause the listener. Not 0: an
 * errno that says what it lacks; it has closed `fd`, and nothing more is
 * accepted for a moment. */
typedef int accepted_fn(void *arg, int fd, const char *peer);

struct listener *listener_new(struct loop *loop,
			      const struct front_options *options,
			      accepted_fn *accepted, void *arg,
			      uint64_t *pauses, struct buf *why);
void listener_free(struct listener **listener);
void listener_pause(struct listener *listener, bool paused);
void listener_addresses(const struct listener *listener, struct buf *out);
unsigned listener_port(const struct listener *listener);

#endif
