/* WebSocket connections: whole messages in, text frames out, closes with the
 * right code. Behind it stands libwebsockets, which nobody but lws.c knows.
 * Sockets come from front_upgrade() only. It enforces size, UTF-8, pings and
 * a bounded queue; it does not know what the messages mean. */
#ifndef IO_SOCKET_H
#define IO_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/loop.h"

#define SOCKET_MESSAGE_BYTES (32u << 10)  /* a message from the peer */
#define SOCKET_QUEUE_BYTES   (256u << 10) /* unsent, before 4408 */
#define SOCKET_PING_MS       20000        /* silence before we ping */
#define SOCKET_HANGUP_MS     30000        /* silence before we hang up */
#define SOCKET_CLOSE_MS      2000         /* for the peer to answer our close */
#define SOCKET_PROTOCOLS_MAX 8
#define SOCKET_REASON_BYTES  123 /* RFC 6455: of a close frame */

/* Close codes, each once: name, number, what it says to a reader. The peer
 * may send others; they count as "other". */
#define SOCKET_CODES(X)                                                        \
	X(NORMAL, 1000, "normal")                                              \
	X(GOING_AWAY, 1001, "the daemon stops, or the page was left")          \
	X(PROTOCOL, 1002, "protocol error")                                    \
	X(UNSUPPORTED, 1003, "a binary frame")                                 \
	X(NO_STATUS, 1005, "closed without a code")                            \
	X(ABNORMAL, 1006, "the connection broke, or went silent")              \
	X(NOT_UTF8, 1007, "not UTF-8")                                         \
	X(POLICY, 1008, "too many bad frames")                                 \
	X(TOO_BIG, 1009, "a message over the limit")                           \
	X(RESTART, 1012, "the daemon restarts")                                \
	X(NO_ROOM, 1013, "no room for a new connection")                       \
	X(NOT_AUTHORISED, 4401, "not authorised")                              \
	X(NOT_READING, 4408, "the client does not read")

enum socket_code {
#define X(name, number, text) SOCKET_##name = number,
	SOCKET_CODES(X)
#undef X
};

struct sockets; /* all of them, with what they share */
struct socket;

/* What its owner does with a connection. Lives as long as any socket made
 * with it; the limits may be changed meanwhile and hold from the next message
 * on. No callback runs under a call of the owner into this header or under
 * front_upgrade(). A `struct socket *` is good until closed() has returned;
 * across a wait carry socket_id() instead. */
struct socket_ops {
	/* The handshake is done; the socket can be written to. May be NULL. */
	void (*opened)(void *arg, struct socket *s);
	/* A whole text message: valid UTF-8, at most max_message_bytes; may
	 * hold NUL. Borrowed. */
	void (*text)(void *arg, struct socket *s, struct str text);
	/* A whole binary message. NULL: a binary frame is closed with 1003. */
	void (*binary)(void *arg, struct socket *s, struct str bytes);
	/* The last call for this socket, exactly once, also when opened() was
	 * never called. `code`: the one we closed with, else the peer's, 1005
	 * for a close without, 1006 if the connection broke. May be NULL. */
	void (*closed)(void *arg, struct socket *s, unsigned code);
	size_t max_message_bytes; /* 0: SOCKET_MESSAGE_BYTES; else 1009 */
	size_t max_queue_bytes;   /* 0: SOCKET_QUEUE_BYTES; else 4408 */
};

struct sockets_options {
	/* Names that front_upgrade() may choose; copied. */
	const char *const *subprotocols;
	size_t n_subprotocols;
	/* 0: the defaults above. For tests. */
	unsigned ping_ms, hangup_ms, close_ms;
};

/* Borrows `loop`. NULL and a reason in `why` if libwebsockets cannot start. */
struct sockets *sockets_new(struct loop *loop,
			    const struct sockets_options *options,
			    struct buf *why);
/* Not while the loop runs. Breaks what is still open (closed() is called),
 * and turns the loop itself a few times until libwebsockets has let go: timers
 * and callbacks of others may run in there, so whoever could then reach what
 * is freed already is stopped before. */
void sockets_free(struct sockets **sockets);
/* Closes every socket with `code`; those that open later too. */
void sockets_close_all(struct sockets *sockets, unsigned code);
/* Not yet closed(), those in the handshake and in closing included. */
size_t sockets_count(const struct sockets *sockets);
/* NULL: gone. */
struct socket *sockets_find(struct sockets *sockets, uint64_t id);
/* Walks the open ones (nothing may be closed by the walk's body but through
 * socket_close(), which never calls back): start with NULL. */
struct socket *sockets_next(struct sockets *sockets, struct socket *after);

uint64_t socket_id(const struct socket *s);     /* never 0, never used again */
struct str socket_peer(const struct socket *s); /* address, without port */
void *socket_arg(const struct socket *s);       /* front_upgrade()'s */
/* Bytes waiting because the client reads slowly. */
size_t socket_queued_bytes(const struct socket *s);
/* Opened, and neither side has begun to close. */
bool socket_is_open(const struct socket *s);

/* Sends `n` text frames, one message each (valid UTF-8: the owner's duty).
 * They are copied and leave in order, what is sent in one turn of the loop in
 * one write at its end, or before it where many connections send. False: not
 * open any more, or this overfilled the queue (it is then closed with 4408);
 * never half a call. */
bool socket_send(struct socket *s, const struct str *texts, size_t n);
bool socket_send_text(struct socket *s, struct str text);
bool socket_send_binary(struct socket *s, struct str bytes);
/* Lets out what was sent before, then the close frame; the peer has close_ms
 * to answer it. No text() comes after this; closed() comes later, never under
 * this call. Closing twice changes nothing. `reason`: UTF-8, cut to
 * SOCKET_REASON_BYTES, may be STR_NONE. `code` is one that may be sent (not
 * 1005, 1006). */
void socket_close(struct socket *s, unsigned code, struct str reason);

/* For /metrics. */
#define SOCKET_CODE_COUNT 14 /* SOCKET_CODES and "other" */
struct socket_stats {
	uint64_t opened;
	uint64_t messages_in, bytes_in; /* payload */
	uint64_t frames_out, bytes_out; /* as written, headers included */
	uint64_t writes;                /* write calls for them */
	uint64_t choked;                /* times a client's pipe was full */
	uint64_t pings;
	uint64_t closes[SOCKET_CODE_COUNT]; /* as socket_code_at() */
};
const struct socket_stats *sockets_stats(const struct sockets *sockets);
/* The number that closes[i] counts; 0 for the last, "other". */
unsigned socket_code_at(size_t i);

#endif
