/* The practical floor: a WebSocket echo with nothing in it but what the kernel
 * and the framing ask for. One epoll loop, one read, and for each message two
 * frames (as an ack and an answer) in one write. It trusts its clients: no
 * limits, no UTF-8 check, no fragments, no close handshake. Prints the port.
 *
 *   bare
 *   bare SOCKET SCRIPT FILE      keeps the messages, too; see keep.h */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keep.h"

#define EVENTS 256
#define ROOM   4096

struct peer {
	int fd;
	int upgraded;
	unsigned number; /* no other has had it */
	unsigned said;
	size_t have;
	unsigned char *rest; /* what is not a whole frame yet */
};

/* For the one key that the load generator sends (RFC 6455's own example). */
static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\n"
			      "Upgrade: websocket\r\n"
			      "Connection: Upgrade\r\n"
			      "Sec-WebSocket-Accept: "
			      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
			      "Sec-WebSocket-Protocol: "
			      "answerd.chat.v1\r\n\r\n";

static int listen_anywhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
		perror("bare");
		exit(1);
	}
	printf("port %u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void accept_all(int epoll, int listener)
{
	static unsigned count;
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct peer *p = calloc(1, sizeof(*p));
		struct epoll_event event = {.events = EPOLLIN,
					    .data = {.ptr = p}};

		if (p == NULL)
			abort();
		p->fd = fd;
		p->number = ++count;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

static void hang_up(struct peer *p)
{
	close(p->fd);
	free(p->rest);
	p->rest = NULL;
	p->fd = -1; /* leaked: this is no server */
}

static size_t put_frame(unsigned char *out, const unsigned char *payload,
			size_t n)
{
	size_t at = 2;

	out[0] = 0x81;
	if (n < 126) {
		out[1] = (unsigned char)n;
	} else {
		out[1] = 126;
		out[at++] = (unsigned char)(n >> 8);
		out[at++] = (unsigned char)n;
	}
	memcpy(out + at, payload, n);
	return at + n;
}

static bool keeps;

static void send_stored(struct peer *p, unsigned id)
{
	unsigned char out[128];
	char text[100];
	int n = snprintf(text, sizeof(text),
			 "{\"type\":\"stored\",\"id\":\"m%u\",\"seq\":%u}", id,
			 3 * id - 2);
	size_t length = put_frame(out, (unsigned char *)text, (size_t)n);

	if (p->fd >= 0 && send(p->fd, out, length, MSG_NOSIGNAL) < 0)
		hang_up(p);
}

/* Answers all whole frames of `in`; returns the bytes that they took. */
static size_t answer(struct peer *p, unsigned char *in, size_t n)
{
	unsigned char out[4 * ROOM];
	size_t used = 0, length = 0;

	while (n - used >= 6) {
		unsigned char *f = in + used, *mask, *payload;
		size_t head = (f[1] & 0x7f) == 126 ? 4 : 2;
		size_t size =
			head == 4 ? (size_t)f[2] << 8 | f[3] : f[1] & 0x7f;

		if (n - used < head + 4 + size || size > ROOM / 2)
			break;
		mask = f + head;
		payload = mask + 4;
		for (size_t i = 0; i < size; i++)
			payload[i] ^= mask[i % 4];
		length += put_frame(out + length, payload, size);
		length += put_frame(out + length, payload, size);
		used += head + 4 + size;
		if (keeps)
			keep_put(p, p->number, ++p->said);
		if (length > 2 * ROOM)
			break;
	}
	if (length > 0 && send(p->fd, out, length, MSG_NOSIGNAL) < 0)
		hang_up(p);
	return used;
}

static void keep(struct peer *p, const unsigned char *rest, size_t n)
{
	p->have = n;
	if (n == 0)
		return;
	if (p->rest == NULL)
		p->rest = malloc(ROOM);
	if (p->rest == NULL)
		abort();
	memmove(p->rest, rest, n);
}

static void on_readable(struct peer *p)
{
	unsigned char in[ROOM];
	size_t used;
	ssize_t got;

	if (p->fd < 0)
		return;
	if (p->have > 0)
		memcpy(in, p->rest, p->have);
	got = recv(p->fd, in + p->have, sizeof(in) - p->have, 0);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			hang_up(p);
		return;
	}
	got += (ssize_t)p->have;
	if (!p->upgraded) {
		p->upgraded = 1;
		if (send(p->fd, upgrade, sizeof(upgrade) - 1, MSG_NOSIGNAL) < 0)
			hang_up(p);
		return;
	}
	used = answer(p, in, (size_t)got);
	if (p->fd >= 0)
		keep(p, in + used, (size_t)got - used);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}};
	struct rlimit limit;
	int epoll = epoll_create1(0), listener = listen_anywhere();

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	keeps = argc == 4;
	if (keeps)
		keep_begin(epoll, argv[1], argv[2], argv[3], send_stored);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				accept_all(epoll, listener);
			else if (!keeps || !keep_on_event(events[i].data.ptr))
				on_readable(events[i].data.ptr);
		}
		if (keeps)
			keep_turn();
	}
}
