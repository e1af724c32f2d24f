/* Many small sends as one call: of a turn's messages each goes to another
 * connection, and by send() each costs a way into the kernel, and often the
 * processor, when who was written to wakes up on it. io_uring(7) takes them
 * together. Where the kernel has none, or does not let us (containers and the
 * sysctl kernel.io_uring_disabled), nothing is lost but that. */
#ifndef BURST_H
#define BURST_H

#include "base/buf.h"

struct burst;

/* For up to `room` sends together. NULL: without. */
struct burst *burst_new(unsigned room);
void burst_free(struct burst **burst);
/* One more, at most `room` of them; the bytes stay where they are until
 * burst_send(). It never waits: `fd` is a socket whose peer may not read. */
void burst_add(struct burst *burst, int fd, struct str bytes);
/* Sends them. `sent[i]`: how many bytes of the i-th the kernel took; 0 where
 * it took none or there was an error, which the next send() will have, too.
 * False: the burst is of no more use; `sent` holds all the same. */
bool burst_send(struct burst *burst, size_t *sent);

#endif
