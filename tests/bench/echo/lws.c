/* An echo on libwebsockets as its own examples are written: its own poll loop,
 * received messages in a queue, one frame out of it for each WRITEABLE, which
 * is asked for again while there are more. For each message it sends two, as
 * an ack and an answer. Prints the port. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <libwebsockets.h>

#define QUEUE 64

struct message {
	size_t n;
	unsigned char *bytes; /* behind LWS_PRE */
};

struct session {
	struct message queue[QUEUE];
	unsigned head, tail;
};

static void put(struct session *s, const void *in, size_t n)
{
	struct message *m = &s->queue[s->tail++ % QUEUE];

	m->n = n;
	m->bytes = malloc(LWS_PRE + n);
	if (m->bytes == NULL)
		abort();
	memcpy(m->bytes + LWS_PRE, in, n);
}

static int write_one(struct lws *wsi, struct session *s)
{
	struct message *m = &s->queue[s->head % QUEUE];
	int wrote;

	if (s->head == s->tail)
		return 0;
	s->head++;
	wrote = lws_write(wsi, m->bytes + LWS_PRE, m->n, LWS_WRITE_TEXT);
	free(m->bytes);
	if (wrote < (int)m->n)
		return -1;
	if (s->head != s->tail)
		lws_callback_on_writable(wsi);
	return 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
		    void *user, void *in, size_t n)
{
	struct session *s = user;

	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		if (s->tail - s->head > QUEUE - 2)
			return -1;
		put(s, in, n);
		put(s, in, n);
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_one(wsi, s);
	case LWS_CALLBACK_CLOSED:
		while (s->head != s->tail)
			free(s->queue[s->head++ % QUEUE].bytes);
		return 0;
	default:
		return 0;
	}
}

/* A port that is free now. */
static int free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &length) != 0)
		return 0;
	shutdown(fd, SHUT_RDWR);
	return close(fd) == 0 ? ntohs(at.sin_port) : 0;
}

int main(void)
{
	static const struct lws_protocols protocols[] = {
		{"answerd.chat.v1", callback, sizeof(struct session), 1024, 0,
		 NULL, 0},
		{NULL, NULL, 0, 0, 0, NULL, 0},
	};
	struct lws_context_creation_info info = {0};
	struct lws_context *context;

	lws_set_log_level(LLL_ERR, NULL);
	info.port = free_port();
	info.iface = "lo";
	info.protocols = protocols;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	context = info.port == 0 ? NULL : lws_create_context(&info);
	if (context == NULL)
		return 1;
	printf("port %d\n", info.port);
	fflush(stdout);
	while (lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return 0;
}
