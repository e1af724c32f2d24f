/* One shopper of the load: connects, upgrades, says hello and sentences, and
 * looks at the frames that come just far enough to know which they are. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define WAIT_ACK    1u
#define WAIT_ANSWER 2u
#define WAIT_STORED 4u

int64_t load_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fail(struct shopper *s, const char *what, const char *detail,
		 size_t n)
{
	struct load *load = s->load;

	load->errors++;
	if (load->trouble[0] == '\0')
		snprintf(load->trouble, sizeof(load->trouble), "%s: %.*s", what,
			 (int)n, detail);
}

void shopper_end(struct shopper *s)
{
	if (s->state == SHOPPER_GONE)
		return;
	if (s->state == SHOPPER_READY)
		s->load->ready--;
	s->state = SHOPPER_GONE;
	s->load->gone++;
	close(s->fd);
	free(s->due_ns);
	free(s->waits);
	free(s->rest);
	s->due_ns = NULL;
	s->waits = NULL;
	s->rest = NULL;
}

static void lose(struct shopper *s, const char *what, int error)
{
	const char *why = strerror(error);

	fail(s, what, why, strlen(why));
	shopper_end(s);
}

/* -- sending --------------------------------------------------------------- */

/* What does not fit the socket at once is an error: a shopper's few bytes
 * always do, unless the server stopped reading. */
static bool put(struct shopper *s, const void *bytes, size_t n)
{
	ssize_t wrote = send(s->fd, bytes, n, MSG_NOSIGNAL);

	if (wrote == (ssize_t)n)
		return true;
	lose(s, "send", wrote < 0 ? errno : EAGAIN);
	return false;
}

/* A masked text frame. */
static bool put_frame(struct shopper *s, const char *text, size_t n)
{
	static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	unsigned char frame[1024];
	size_t at = 2;

	if (n > sizeof(frame) - 8)
		n = sizeof(frame) - 8;
	frame[0] = 0x81;
	if (n < 126) {
		frame[1] = (unsigned char)(0x80 | n);
	} else {
		frame[1] = 0x80 | 126;
		frame[at++] = (unsigned char)(n >> 8);
		frame[at++] = (unsigned char)n;
	}
	memcpy(frame + at, mask, 4);
	at += 4;
	for (size_t i = 0; i < n; i++)
		frame[at + i] = (unsigned char)text[i] ^ mask[i % 4];
	return put(s, frame, at + n);
}

static void upgrade(struct shopper *s)
{
	static const char head[] = "GET /chat HTTP/1.1\r\n"
				   "Host: 127.0.0.1\r\n"
				   "Upgrade: websocket\r\n"
				   "Connection: Upgrade\r\n"
				   "Sec-WebSocket-Version: 13\r\n"
				   "Sec-WebSocket-Key: "
				   "dGhlIHNhbXBsZSBub25jZQ==\r\n"
				   "Sec-WebSocket-Protocol: "
				   "answerd.chat.v1\r\n\r\n";

	s->state = SHOPPER_UPGRADING;
	put(s, head, sizeof(head) - 1);
}

bool shopper_say(struct shopper *s, int64_t due_ns)
{
	const struct load *load = s->load;
	const char *text;
	char frame[1024];
	unsigned at;
	int n;

	if (s->outstanding == SHOPPER_OUTSTANDING || s->state != SHOPPER_READY)
		return false;
	if (s->due_ns == NULL) {
		s->due_ns = calloc(SHOPPER_OUTSTANDING, sizeof(*s->due_ns));
		s->waits = calloc(SHOPPER_OUTSTANDING, sizeof(*s->waits));
		if (s->due_ns == NULL || s->waits == NULL)
			abort();
	}
	at = (unsigned)(++s->said % SHOPPER_OUTSTANDING);
	if (s->waits[at] != 0)
		return false; /* one that never came */
	text = load->sentences.list[((size_t)s->fd * 31 + s->said) %
				    load->sentences.count];
	n = snprintf(frame, sizeof(frame),
		     "{\"type\":\"message\",\"id\":\"m%llu\",\"text\":\"%s\"}",
		     (unsigned long long)s->said, text);
	s->due_ns[at] = due_ns;
	s->waits[at] =
		WAIT_ACK | WAIT_ANSWER | (load->stored ? WAIT_STORED : 0);
	s->outstanding++;
	s->load->sent++;
	return put_frame(s, frame, (size_t)n);
}

/* -- hearing --------------------------------------------------------------- */

/* Message `id` got `what`; true: that was all it waited for. */
static bool settle(struct shopper *s, uint64_t id, unsigned what,
		   struct histogram *times, uint64_t *count)
{
	unsigned at = (unsigned)(id % SHOPPER_OUTSTANDING);

	if (id == 0 || id > s->said || id + SHOPPER_OUTSTANDING <= s->said)
		return false;
	if ((s->waits[at] & what) == 0)
		return false;
	++*count;
	if (s->load->counting)
		histogram_add(times, load_now_ns() - s->due_ns[at]);
	s->waits[at] &= (unsigned char)~what;
	if (s->waits[at] != 0)
		return false;
	s->outstanding--;
	s->load->done++;
	return true;
}

static bool starts(const char *p, size_t n, const char *with)
{
	size_t length = strlen(with);

	return n >= length && memcmp(p, with, length) == 0;
}

/* The number of "m123" after `name`; 0: none, or an answer's ("m123.a"). */
static uint64_t number_after(const char *p, size_t n, const char *name)
{
	const char *at = memmem(p, n, name, strlen(name));
	uint64_t v = 0;

	if (at == NULL)
		return 0;
	for (at += strlen(name); at < p + n && *at >= '0' && *at <= '9'; at++)
		v = v * 10 + (uint64_t)(*at - '0');
	return at < p + n && *at == '"' ? v : 0;
}

static void hear_announcement(struct shopper *s)
{
	if (s->announced)
		return;
	s->announced = true;
	s->load->last_announced_ns = load_now_ns();
	if (s->load->announced++ == 0)
		s->load->first_announced_ns = s->load->last_announced_ns;
}

static bool hear_echo(struct shopper *s)
{
	struct load *load = s->load;

	if (s->acks == s->answers)
		return settle(s, ++s->acks, WAIT_ACK, &load->ack, &load->acked);
	return settle(s, ++s->answers, WAIT_ANSWER, &load->answer,
		      &load->answered);
}

static bool hear_text(struct shopper *s, const char *p, size_t n)
{
	struct load *load = s->load;

	if (load->plain && !starts(p, n, "{\"type\":\"stored\""))
		return hear_echo(s);
	if (starts(p, n, "{\"type\":\"ack\""))
		return settle(s, number_after(p, n, "\"id\":\"m"), WAIT_ACK,
			      &load->ack, &load->acked);
	if (starts(p, n, "{\"type\":\"message\""))
		return settle(s, number_after(p, n, "\"reply_to\":\"m"),
			      WAIT_ANSWER, &load->answer, &load->answered);
	if (starts(p, n, "{\"type\":\"stored\""))
		return settle(s, number_after(p, n, "\"id\":\"m"), WAIT_STORED,
			      &load->stored_times, &load->stored_count);
	if (starts(p, n, "{\"type\":\"announcement\""))
		hear_announcement(s);
	if (starts(p, n, "{\"type\":\"error\""))
		fail(s, "told", p, n);
	if (starts(p, n, "{\"type\":\"welcome\"") &&
	    s->state == SHOPPER_GREETING) {
		s->state = SHOPPER_READY;
		load->ready++;
	}
	return false;
}

/* The length of the whole frame at `p`, 0: it is not all there. */
static size_t frame_length(const unsigned char *p, size_t n, size_t *head)
{
	size_t length;

	if (n < 2)
		return 0;
	*head = (p[1] & 0x7f) == 127 ? 10 : (p[1] & 0x7f) == 126 ? 4 : 2;
	if (n < *head)
		return 0;
	length = p[1] & 0x7f;
	if (*head > 2) {
		length = 0;
		for (size_t i = 2; i < *head; i++)
			length = length << 8 | p[i];
	}
	return n - *head < length ? 0 : *head + length;
}

static unsigned hear_frames(struct shopper *s, const char *p, size_t n,
			    size_t *used)
{
	unsigned done = 0;
	size_t head = 0, length;

	*used = 0;
	while (s->state != SHOPPER_GONE &&
	       (length = frame_length((const unsigned char *)p + *used,
				      n - *used, &head)) > 0) {
		const char *frame = p + *used;

		*used += length;
		switch (frame[0] & 0x0f) {
		case 1:
			done += hear_text(s, frame + head, length - head);
			break;
		case 8:
			lose(s, "closed by the server", 0);
			break;
		case 9: /* a ping: any pong will do */
			put(s, "\x8a\x80\0\0\0\0", 6);
			break;
		default:
			break;
		}
	}
	return done;
}

/* The answer to the upgrade; the bytes it took, 0: not all there. */
static size_t hear_upgrade(struct shopper *s, const char *p, size_t n)
{
	static const char hello[] = "{\"type\":\"hello\",\"locale\":\"en\","
				    "\"page\":\"https://shop.example/p/1\"}";
	const char *end = memmem(p, n, "\r\n\r\n", 4);

	if (end == NULL)
		return 0;
	if (!starts(p, n, "HTTP/1.1 101")) {
		fail(s, "upgrade", p, n < 40 ? n : 40);
		shopper_end(s);
		return 0;
	}
	if (s->load->plain) {
		s->state = SHOPPER_READY;
		s->load->ready++;
	} else {
		s->state = SHOPPER_GREETING;
		put_frame(s, hello, sizeof(hello) - 1);
	}
	return (size_t)(end + 4 - p);
}

static unsigned take(struct shopper *s, const char *p, size_t n, size_t *used)
{
	size_t head = 0;
	unsigned done;

	*used = 0;
	if (s->state == SHOPPER_UPGRADING) {
		head = hear_upgrade(s, p, n);
		if (head == 0)
			return 0;
	}
	done = hear_frames(s, p + head, n - head, used);
	*used += head;
	return done;
}

static void keep_rest(struct shopper *s, const char *p, size_t n)
{
	char *rest = NULL;

	if (n > 0 && s->state != SHOPPER_GONE) {
		rest = malloc(n);
		if (rest == NULL)
			abort();
		memcpy(rest, p, n);
	}
	free(s->rest);
	s->rest = rest;
	s->rest_length = rest == NULL ? 0 : n;
}

static unsigned on_readable(struct shopper *s)
{
	static char room[256 * 1024];
	size_t used, n = s->rest_length;
	ssize_t got;
	unsigned done;

	if (n > 0)
		memcpy(room, s->rest, n);
	got = recv(s->fd, room + n, sizeof(room) - n, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		lose(s, "connection", got == 0 ? ECONNRESET : errno);
		return 0;
	}
	n += (size_t)got;
	done = take(s, room, n, &used);
	keep_rest(s, room + used, n - used);
	return done;
}

/* -- the connection -------------------------------------------------------- */

bool shopper_start(struct shopper *s, struct load *load)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)load->port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT,
				    .data = {.ptr = s}};
	int on = 1;

	s->load = load;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return false;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(s->fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
	    errno != EINPROGRESS) {
		close(s->fd);
		return false;
	}
	return epoll_ctl(load->epoll, EPOLL_CTL_ADD, s->fd, &event) == 0;
}

static void on_connected(struct shopper *s)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = s}};
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error != 0) {
		lose(s, "connect", error);
		return;
	}
	epoll_ctl(s->load->epoll, EPOLL_CTL_MOD, s->fd, &event);
	upgrade(s);
}

unsigned shopper_on_event(struct shopper *s, uint32_t events)
{
	if (s->state == SHOPPER_GONE)
		return 0;
	if (s->state == SHOPPER_CONNECTING) {
		if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
			on_connected(s);
		return 0;
	}
	return on_readable(s);
}
