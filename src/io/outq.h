/* What is to be written to one WebSocket: ready-made frames (RFC 6455, from
 * the server, so unmasked) in one buffer, taken out in pieces of any size. It
 * knows which bytes belong to a frame already begun, so that the rest can be
 * dropped without corrupting the stream. No sockets in here. */
#ifndef OUTQ_H
#define OUTQ_H

#include "base/buf.h"

enum outq_opcode {
	OUTQ_TEXT = 1,
	OUTQ_BINARY = 2,
	OUTQ_CLOSE = 8,
	OUTQ_PING = 9,
};

#define OUTQ_CONTROL_BYTES 125 /* payload of a control frame, at most */

struct outq {
	struct buf buf;
	size_t at;    /* written so far of buf */
	size_t begun; /* bytes from `at` on of a frame partly written */
};

#define OUTQ_POOL 128

struct outq_pool {
	struct buf bufs[OUTQ_POOL];
	size_t count;
};

void outq_init(struct outq *q);
void outq_fini(struct outq *q); /* may be used again */
/* Memory for the short time between a message and its answer goes from one
 * connection to the next: an empty queue takes what is spare, and gives its
 * own back (or frees it) once it is empty again. */
void outq_borrow(struct outq *q, struct outq_pool *spare);
void outq_return(struct outq *q, struct outq_pool *spare);
void outq_pool_fini(struct outq_pool *spare); /* may be used again */
size_t outq_bytes(const struct outq *q);      /* still to be written */
/* Appends one frame; returns its length, header included. */
size_t outq_add(struct outq *q, enum outq_opcode opcode, struct str payload);
/* A close frame; `reason` is cut at a code point to what fits. */
size_t outq_add_close(struct outq *q, unsigned code, struct str reason);
/* The next bytes, at most `max`; valid until something is added. */
struct str outq_chunk(const struct outq *q, size_t max);
/* `n` bytes of the chunk were written. */
void outq_used(struct outq *q, size_t n);
/* Drops every frame of which nothing was written yet. */
void outq_drop(struct outq *q);

#endif
