/* Addresses to listen on and addresses of peers, as text and as the kernel has
 * them. Numeric only: nothing is looked up. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/buf.h"

#define ADDRESS_HOST_BYTES 64
#define ADDRESS_BYTES      80

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

/* "127.0.0.1:80", "[::1]:80", "localhost:80", "*:80" (all, of both families).
 * False and a reason in `why` otherwise. */
bool address_read(const char *given, union address *out, struct buf *why);
/* The host without port; IPv4 that came in over IPv6 as IPv4. */
void address_print_host(const union address *a, char out[ADDRESS_HOST_BYTES]);
/* Of a host alone, as text: who is behind it. An IPv4 address itself, of IPv6
 * the /64, which is one household's ("2001:db8:1:2::"), but "::1" itself.
 * False: no address. */
bool address_network(struct str host, char out[ADDRESS_HOST_BYTES]);
/* Whether a host, as text, is of no public network: of this machine ("local" of
 * a Unix socket, too), RFC 1918, RFC 4193, or link-local. Who is no address is
 * not. */
bool address_is_private(struct str host);
/* "host:port"; returns the port, 0 for what has none. */
unsigned address_print(const union address *a, char out[ADDRESS_BYTES]);

#endif
