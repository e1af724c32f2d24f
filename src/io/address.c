/* Text to socket address and back, for the listening sockets and for what the
 * log and the owner are told of a peer. Opens nothing, looks nothing up. */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void address_print_host(const union address *a, char out[ADDRESS_HOST_BYTES])
{
	static const char mapped[] = "::ffff:";

	out[0] = '\0';
	if (a->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->v4.sin_addr, out, ADDRESS_HOST_BYTES);
	else if (a->any.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->v6.sin6_addr, out, ADDRESS_HOST_BYTES);
	else
		strcpy(out, "local");
	if (strncmp(out, mapped, strlen(mapped)) == 0 &&
	    strchr(out, '.') != NULL)
		memmove(out, out + strlen(mapped),
			strlen(out + strlen(mapped)) + 1);
}

static bool read_host(struct str host, union address *a)
{
	char text[ADDRESS_HOST_BYTES];

	memset(a, 0, sizeof(*a));
	if (host.n == 0 || host.n >= sizeof(text) ||
	    memchr(host.p, '\0', host.n) != NULL)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1)
		a->v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1)
		a->v6.sin6_family = AF_INET6;
	return a->any.sa_family != AF_UNSPEC;
}

bool address_network(struct str host, char out[ADDRESS_HOST_BYTES])
{
	union address a;

	if (!read_host(host, &a))
		return false;
	if (a.any.sa_family == AF_INET6 &&
	    !IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr) &&
	    !IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr))
		memset(&a.v6.sin6_addr.s6_addr[8], 0, 8);
	address_print_host(&a, out);
	return true;
}

static bool is_private_v4(const unsigned char at[4])
{
	return at[0] == 10 || at[0] == 127 || (at[0] == 192 && at[1] == 168) ||
	       (at[0] == 172 && at[1] >= 16 && at[1] < 32) ||
	       (at[0] == 169 && at[1] == 254);
}

bool address_is_private(struct str host)
{
	union address a;
	const struct in6_addr *v6 = &a.v6.sin6_addr;

	if (str_is(host, "local"))
		return true;
	if (!read_host(host, &a))
		return false;
	if (a.any.sa_family == AF_INET)
		return is_private_v4((unsigned char *)&a.v4.sin_addr);
	if (IN6_IS_ADDR_V4MAPPED(v6))
		return is_private_v4(v6->s6_addr + 12);
	return IN6_IS_ADDR_LOOPBACK(v6) || IN6_IS_ADDR_LINKLOCAL(v6) ||
	       (v6->s6_addr[0] & 0xfe) == 0xfc;
}

unsigned address_print(const union address *a, char out[ADDRESS_BYTES])
{
	char host[ADDRESS_HOST_BYTES];
	unsigned port = 0;

	address_print_host(a, host);
	if (a->any.sa_family == AF_INET)
		port = ntohs(a->v4.sin_port);
	else if (a->any.sa_family == AF_INET6)
		port = ntohs(a->v6.sin6_port);
	snprintf(out, ADDRESS_BYTES,
		 strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
	return port;
}

/* "host:port" into its parts; the host without brackets. */
static bool split_address(const char *given, char host[ADDRESS_HOST_BYTES],
			  const char **port)
{
	const char *colon = strrchr(given, ':');
	size_t n;

	if (colon == NULL)
		return false;
	*port = colon + 1;
	if (given[0] == '[') {
		if (colon[-1] != ']')
			return false;
		given++;
		colon--;
	}
	n = (size_t)(colon - given);
	if (n == 0 || n >= ADDRESS_HOST_BYTES)
		return false;
	memcpy(host, given, n);
	host[n] = '\0';
	return true;
}

bool address_read(const char *given, union address *out, struct buf *why)
{
	char host[ADDRESS_HOST_BYTES];
	const char *port;
	uint64_t number;

	memset(out, 0, sizeof(*out));
	if (!split_address(given, host, &port) ||
	    !str_to_u64(str_of(port), UINT16_MAX, &number)) {
		buf_addf(why, "%s: not an address:port", given);
		return false;
	}
	if (strcmp(host, "localhost") == 0)
		strcpy(host, "127.0.0.1");
	if (strcmp(host, "*") == 0) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)number);
	} else if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((uint16_t)number);
	} else if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)number);
	} else {
		buf_addf(why, "%s: not a numeric address", given);
		return false;
	}
	return true;
}
