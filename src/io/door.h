/* The one door to libwebsockets. lws.c stands behind it and is the only file
 * that includes the library; socket.c stands before it. Downwards `door_*`,
 * upwards `socket_on_*`. */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/loop.h"

struct door; /* the library's context and our vhost */
struct lws;  /* the library's connection */
struct socket;

/* NULL and a reason in `why` if the library cannot start. */
struct door *door_new(struct loop *loop, const char *const *subprotocols,
		      size_t n_subprotocols, struct buf *why);
/* Breaks all connections; turns the loop until the library has let go. */
void door_free(struct door **door);
/* Hands over a descriptor whose upgrade was checked. The library gets a head
 * of our own making, with nothing of the client's in it but the key. It owns
 * `fd` from here on. False: no socket_on_*() will ever be called; otherwise
 * socket_on_closed() will be. May call socket_on_open() before it returns. */
bool door_adopt(struct door *door, int fd, const char *subprotocol,
		struct str key, struct socket *s);
/* Writes ready-made frames or a part of one; only while door_is_choked() is
 * false. At most DOOR_WRITE_BYTES. False: the connection is broken. */
#define DOOR_WRITE_BYTES 4096
bool door_write(struct lws *wsi, struct str bytes);
/* Its descriptor: whoever has ready-made frames may send them by it, while
 * door_is_choked() is false. */
int door_fd(struct lws *wsi);
/* Does the library still hold bytes that the kernel did not take? */
bool door_is_choked(struct lws *wsi);
/* Asks for socket_on_writable(). */
void door_want_write(struct lws *wsi);
/* Stops and resumes reading. */
void door_pause(struct lws *wsi, bool paused);
/* Ends the connection, at once or within a turn or two; not from under a
 * socket_on_*() of the same connection. `abort`: with a reset, so that the
 * kernel does not keep what the peer does not read. */
void door_kill(struct lws *wsi, bool abort);

/* From lws.c. The bool ones: false ends the connection. */
void socket_on_open(struct socket *s, struct lws *wsi);
/* A part of a message. `rest`: payload of the current frame still to come.
 * `is_last`: the message ends with this part. */
bool socket_on_data(struct socket *s, struct str part, uint64_t rest,
		    bool is_last, bool is_binary);
void socket_on_pong(struct socket *s);
bool socket_on_writable(struct socket *s);
/* The peer closes, or answers our close; the payload of its frame. True: let
 * the library echo it. */
bool socket_on_peer_close(struct socket *s, struct str payload);
/* The library has begun to close, with this code (0: none). */
void socket_on_leaving(struct socket *s, unsigned code);
void socket_on_closed(struct socket *s);

#endif
