/* How a checked upgrade passes from the front to the sockets. Private to
 * src/io: nobody else makes sockets. */
#ifndef ADOPT_H
#define ADOPT_H

#include "io/socket.h"

#define ADOPT_KEY_BYTES  24 /* base64 of 16 bytes */
#define ADOPT_PEER_BYTES 64

struct handshake {
	int fd;
	const char *subprotocol; /* one of the sockets_options, or NULL */
	struct str key;
	struct str peer;
	unsigned refuse; /* a code to close with at once; 0: welcome */
};

/* Takes over the descriptor. Copies the handshake but for `subprotocol`,
 * which is sockets_protocol()'s. Calls nobody back before it returns. */
void sockets_adopt(struct sockets *sockets, const struct handshake *hs,
		   const struct socket_ops *ops, void *arg);
/* The sockets' own copy of a sub-protocol's name; NULL: not theirs. */
const char *sockets_protocol(const struct sockets *sockets, const char *name);
/* `room` is called when a socket has gone, at the end of that turn. */
void sockets_on_room(struct sockets *sockets, void (*room)(void *arg),
		     void *arg);

#endif
