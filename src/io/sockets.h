/* What socket.c (one connection) and sockets.c (all of them) share. Nobody
 * else includes this. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "adopt.h"
#include "burst.h"
#include "door.h"
#include "ids.h"
#include "outq.h"
#include "wheel.h"

/* No more than so many wait for the turn's end with what they have to write:
 * ack, answer and `stored` leave in one write, and none waits for long. */
#define SOCKETS_LATE OUTQ_POOL

enum socket_state {
	HANDSHAKE, /* waits for the library to answer 101 */
	OPEN,
	CLOSING, /* our close frame is queued or sent; wait for the answer */
	LEAVING, /* the other side or the library closes; no more writing */
	GONE,    /* closed() was called; freed at the end of the turn */
};

struct socket {
	struct sockets *all;
	uint64_t id;
	struct lws *wsi; /* NULL before it is open and when it is gone */
	const struct socket_ops *ops;
	void *arg;
	enum socket_state state;
	unsigned code;               /* that closed() will get; 0: 1006 */
	struct socket *next, **prev; /* all, or those to be freed */
	struct wheel_item look;      /* pings, hang-up, close time-out */
	struct deferred turn_end;    /* adopt, or end a broken one */
	/* incoming */
	struct buf in; /* parts of an unfinished message */
	bool is_in_message;
	bool is_binary;
	int64_t heard_ms;
	bool is_pinged; /* since it was heard */
	/* outgoing */
	struct outq out;
	bool is_choked;      /* the pipe is full; reading is paused */
	bool is_late;        /* is among those that write at the turn's end */
	bool is_broken;      /* writing failed; killed at the end of the turn */
	int64_t progress_ms; /* while choked: when bytes last went out */
	int64_t close_by_ms; /* when closing */
	/* handshake */
	int fd;
	unsigned refuse;
	const char *subprotocol;
	char key[ADOPT_KEY_BYTES];
	char peer[ADOPT_PEER_BYTES];
};

struct sockets {
	struct loop *loop;
	struct door *door;
	char *subprotocols[SOCKET_PROTOCOLS_MAX];
	size_t n_subprotocols;
	unsigned ping_ms, hangup_ms, close_ms;
	struct socket *first;
	struct ids ids;
	struct wheel wheel;
	struct timer *tick;
	struct socket *gone;
	/* Written at the end of the turn, or as soon as there are so many. */
	struct socket *late[SOCKETS_LATE];
	size_t late_count;
	struct deferred write;
	bool has_let_others;    /* `write` was called, and has put itself off */
	struct burst *burst;    /* NULL: one by one */
	struct outq_pool spare; /* memory of output queues that are empty */
	struct deferred sweep;
	unsigned closing; /* sockets_close_all()'s code */
	void (*room)(void *arg);
	void *room_arg;
	struct socket_stats stats;
};

/* Writes as long as the kernel takes it. False: the connection is broken. */
bool socket_write_out(struct socket *s);
/* Deferred calls: writes for all that are late; ends a broken connection. */
void sockets_write_late(void *arg);
void socket_end_broken(void *arg);
/* It is not among those that write at the end of the turn. */
void socket_not_late(struct socket *s);
/* Ends the connection. Not from under a callback of the library for it. */
void socket_kill(struct socket *s, bool abort);
/* The last of a socket: tells the owner, frees it at the end of the turn. */
void sockets_finish(struct socket *s);

#endif
