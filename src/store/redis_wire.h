/* A connection to Redis: bytes out, answers in. What is said in a turn of the
 * loop is written at its end, in one piece and without asking whether it may;
 * only what does not fit waits for the socket. Knows no command. */
#ifndef REDIS_WIRE_H
#define REDIS_WIRE_H

#include "io/loop.h"
#include "redis_reply.h"

struct wire;

struct wire_ops {
	/* One whole answer, in the order in which they come; borrowed for the
	 * call. */
	void (*answer)(void *arg, const struct reply *reply);
	/* It ended, and why; once, and nothing comes after it. Never before
	 * wire_open() has returned. It is still to be closed. */
	void (*ended)(void *arg, const char *why);
	void *arg;
};

/* Begins to connect, to a Unix socket or (NULL) to an address in digits. NULL
 * and a reason in `why`, of so much room: cannot even be tried. */
struct wire *wire_open(struct loop *loop, const char *path, const char *address,
		       unsigned port, const struct wire_ops *ops, char *why,
		       size_t room);
/* Not from within `answer` or `ended`. NULL is fine. */
void wire_close(struct wire **wire);
/* Copies `bytes`; before it is connected they wait. */
void wire_send(struct wire *wire, struct str bytes);
int wire_fd(const struct wire *wire);

#endif
