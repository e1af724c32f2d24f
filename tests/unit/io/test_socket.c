/* Sockets as their owner sees them, over loopback in this one process: the
 * promises of io/socket.h about ids, order, what is one write, the cap and the
 * end. */
#include "io/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "check.h"
#include "io/front.h"

#define TURNS_MAX 20000

static struct loop *loop;
static struct sockets *sockets;
static struct front *front;
static struct socket_ops ops;
static bool in_owner_call; /* no callback may come then */

/* What the last connection went through. */
static struct socket *last;
static uint64_t last_id;
static int opened, closed;
static unsigned closed_code;
static struct buf heard;
static void (*on_heard)(struct socket *s, struct str text);

static void note_opened(void *arg, struct socket *s)
{
	CHECK(!in_owner_call);
	CHECK(arg == &ops);
	last = s;
	last_id = socket_id(s);
	opened++;
}

static void note_text(void *arg, struct socket *s, struct str text)
{
	(void)arg;
	CHECK(!in_owner_call);
	buf_add_str(&heard, text);
	buf_add_c(&heard, '|');
	if (on_heard != NULL)
		on_heard(s, text);
}

static void note_closed(void *arg, struct socket *s, unsigned code)
{
	(void)arg;
	CHECK(!in_owner_call);
	CHECK(sockets_find(sockets, socket_id(s)) == NULL);
	CHECK(!socket_is_open(s));
	CHECK(!socket_send_text(s, STR("too late")));
	closed++;
	closed_code = code;
}

static void on_request(void *arg, uint64_t exchange,
		       const struct http_request *request)
{
	(void)arg;
	CHECK(request->is_upgrade);
	in_owner_call = true;
	CHECK(front_upgrade(front, exchange, NULL, &ops, &ops));
	CHECK(!front_upgrade(front, exchange, NULL, &ops, &ops));
	CHECK(!front_problem(front, exchange, 500, NULL));
	in_owner_call = false;
}

static void begin_with(struct sockets_options so, unsigned max_connections)
{
	static const char *const listen[] = {"127.0.0.1:0"};
	struct front_options fo = {.listen = listen,
				   .n_listen = 1,
				   .max_connections = max_connections};
	struct buf why = BUF_INIT;

	last = NULL;
	opened = closed = 0;
	closed_code = 0;
	on_heard = NULL;
	ops = (struct socket_ops){
		.opened = note_opened,
		.text = note_text,
		.closed = note_closed,
	};
	loop = loop_new();
	sockets = sockets_new(loop, &so, &why);
	CHECK(sockets != NULL);
	front = front_new(loop, sockets, &fo, on_request, NULL, &why);
	CHECK(front != NULL);
}

static void begin(unsigned max_connections)
{
	begin_with((struct sockets_options){.close_ms = 200}, max_connections);
}

static void end(void)
{
	front_free(&front);
	sockets_free(&sockets);
	loop_free(&loop);
	buf_fini(&heard);
	CHECK(opened <= closed);
}

/* Turns until `done` or long enough. */
static bool turn_until(bool (*done)(void))
{
	int i;

	for (i = 0; i < TURNS_MAX; i++) {
		if (done())
			return true;
		loop_turn(loop, false);
		usleep(100);
	}
	return false;
}

static bool is_opened(void)
{
	return opened > 0;
}

static bool is_closed(void)
{
	return closed > 0;
}

/* A client: a blocking socket, read without waiting. */
static int dial(void)
{
	static const char hello[] =
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)front_port(front));
	CHECK(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(send(fd, hello, sizeof(hello) - 1, 0) > 0);
	return fd;
}

/* What has arrived so far, the answer to the upgrade left out. */
static void drain(int fd, struct buf *in)
{
	char bytes[65536];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		buf_add(in, bytes, (size_t)n);
}

static int open_client(void)
{
	struct buf in = BUF_INIT;
	int fd = dial();

	opened = 0;
	CHECK(turn_until(is_opened));
	drain(fd, &in);
	buf_add_c(&in, '\0');
	CHECK(strstr(in.data, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL);
	buf_fini(&in);
	return fd;
}

static void say(int fd, const char *text)
{
	size_t n = strlen(text);
	char frame[200] = {(char)0x81, (char)(0x80 | n)};

	memcpy(frame + 6, text, n); /* masked with zeroes */
	CHECK(send(fd, frame, n + 6, 0) == (ssize_t)n + 6);
}

static int wanted_bytes;
static int client;
static struct buf got;

static bool has_got(void)
{
	drain(client, &got);
	return got.len >= (size_t)wanted_bytes;
}

static bool get(size_t n)
{
	wanted_bytes = (int)n;
	return turn_until(has_got);
}

/* -- the kernel ------------------------------------------------------------ */

static bool no_watches;

/* libuv's calls come here. */
int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	if (no_watches && op == EPOLL_CTL_ADD) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, op, fd, event);
}

/* As containers and a sysctl do it. Of this process, for good. */
static bool refuse_io_uring(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_LEN(filter), filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* -- tests ----------------------------------------------------------------- */

static void a_socket_is_found_by_its_id_while_it_lives(void)
{
	begin(10);
	client = open_client();
	CHECK(last_id != 0 && sockets_find(sockets, last_id) == last);
	CHECK(sockets_find(sockets, last_id + 1) == NULL);
	CHECK(sockets_count(sockets) == 1);
	CHECK(str_is(socket_peer(last), "127.0.0.1"));
	CHECK(socket_is_open(last));
	CHECK(sockets_next(sockets, NULL) == last);
	CHECK(sockets_next(sockets, last) == NULL);
	close(client);
	CHECK(turn_until(is_closed));
	CHECK(closed_code == SOCKET_ABNORMAL);
	CHECK(sockets_find(sockets, last_id) == NULL);
	CHECK(sockets_count(sockets) == 0);
	end();
}

static const struct str answers[] = {{"one", 3}, {"", 0}, {"three", 5}};

static void answer_thrice(struct socket *s, struct str text)
{
	(void)text;
	in_owner_call = true;
	CHECK(socket_send(s, answers, 2));
	CHECK(socket_send_text(s, answers[2]));
	in_owner_call = false;
}

static void answers_in_a_callback_leave_in_order_and_in_one_write(void)
{
	uint64_t writes;

	begin(10);
	client = open_client();
	on_heard = answer_thrice;
	writes = sockets_stats(sockets)->writes;
	say(client, "hi");
	CHECK(get(14));
	CHECK(str_eq(buf_str(&got), STR("\x81\x03one\x81\x00\x81\x05three")));
	CHECK(sockets_stats(sockets)->writes == writes + 1);
	buf_fini(&got);
	close(client);
	end();
}

static void sends_of_one_turn_leave_in_one_write(void)
{
	uint64_t writes;

	begin(10);
	client = open_client();
	writes = sockets_stats(sockets)->writes;
	in_owner_call = true;
	CHECK(socket_send(last, answers, 1));
	CHECK(socket_send(last, answers + 2, 1));
	CHECK(sockets_stats(sockets)->writes == writes);
	in_owner_call = false;
	CHECK(get(12));
	CHECK(sockets_stats(sockets)->writes == writes + 1);
	buf_fini(&got);
	close(client);
	end();
}

#define MANY 140

static int clients[MANY];

static void send_to_all(void)
{
	struct socket *s = NULL;

	in_owner_call = true;
	while ((s = sockets_next(sockets, s)) != NULL)
		CHECK(socket_send(s, answers, 1));
	in_owner_call = false;
}

/* Nobody waits for the end of a long turn: 128 leave as soon as they are. */
static void many_sends_of_one_turn_leave_before_its_end(void)
{
	uint64_t writes;

	begin(MANY);
	for (int i = 0; i < MANY; i++)
		clients[i] = open_client();
	writes = sockets_stats(sockets)->writes;
	send_to_all();
	CHECK(sockets_stats(sockets)->writes == writes + 128);
	for (int i = 0; i < MANY; i++) {
		client = clients[i];
		CHECK(get(5) && str_eq(buf_str(&got), STR("\x81\x03one")));
		buf_fini(&got);
	}
	CHECK(sockets_stats(sockets)->writes == writes + MANY);
	send_to_all(); /* and end with some that wait */
	for (int i = 0; i < MANY; i++)
		close(clients[i]);
	opened = MANY;
	end();
}

static void without_io_uring_they_leave_all_the_same(void)
{
	CHECK(refuse_io_uring());
	many_sends_of_one_turn_leave_before_its_end();
}

static void use_the_text_after_closing(struct socket *s, struct str text)
{
	in_owner_call = true;
	socket_close(s, SOCKET_POLICY, STR("enough"));
	socket_close(s, SOCKET_NORMAL, STR("not again"));
	CHECK(!socket_send_text(s, STR("no more")));
	in_owner_call = false;
	CHECK(str_is(text, "first"));
	CHECK(!socket_is_open(s));
}

static void after_a_close_nothing_is_heard_or_sent(void)
{
	begin(10);
	client = open_client();
	on_heard = use_the_text_after_closing;
	say(client, "first");
	say(client, "second");
	CHECK(get(10));
	CHECK(str_eq(buf_str(&got), STR("\x88\x08\x03\xf0"
					"enough")));
	CHECK(str_is(buf_str(&heard), "first|"));
	CHECK(closed == 0);
	/* It does not answer the close, and is ended. */
	CHECK(turn_until(is_closed));
	CHECK(closed_code == SOCKET_POLICY);
	buf_fini(&got);
	close(client);
	end();
}

static void what_was_sent_before_a_close_arrives_before_it(void)
{
	begin(10);
	client = open_client();
	CHECK(socket_send_text(last, STR("bye")));
	socket_close(last, SOCKET_NORMAL, STR_NONE);
	CHECK(get(9));
	CHECK(str_eq(buf_str(&got), STR("\x81\x03"
					"bye\x88\x02\x03\xe8")));
	buf_fini(&got);
	close(client);
	CHECK(turn_until(is_closed));
	CHECK(closed_code == SOCKET_NORMAL);
	end();
}

static void one_long_answer_is_never_held_against_a_reader(void)
{
	struct str big = {xcalloc(1, 3 << 20), 3 << 20};

	begin(10);
	ops.max_queue_bytes = 10000;
	client = open_client();
	CHECK(socket_send(last, &big, 1));
	CHECK(get(10 + big.n));
	CHECK(got.len == 10 + big.n);
	CHECK(socket_queued_bytes(last) == 0);
	CHECK(socket_is_open(last));
	buf_fini(&got);
	close(client);
	end();
	free((char *)big.p);
}

static void who_does_not_read_is_closed_at_the_cap_and_not_before(void)
{
	struct str frame = {xcalloc(1, 50000), 50000};
	int sent = 0;

	begin(10);
	ops.max_queue_bytes = 100000;
	client = open_client();
	while (sent < 1000 && socket_send(last, &frame, 1)) {
		CHECK(socket_queued_bytes(last) <= 100000 + frame.n + 4);
		sent++;
		loop_turn(loop, false);
	}
	CHECK(sent < 1000);
	CHECK(!socket_is_open(last));
	CHECK(closed == 0);
	CHECK(turn_until(is_closed));
	CHECK(closed_code == SOCKET_NOT_READING);
	close(client);
	end();
	free((char *)frame.p);
}

/* A trickle below the cap does not count as reading. */
static void who_does_not_read_is_hung_up_on_though_we_go_on_sending(void)
{
	struct str big = {xcalloc(1, 8 << 20), 8 << 20};
	int64_t until_us = loop_now_us() + 60000000;

	begin_with((struct sockets_options){.ping_ms = 100, .hangup_ms = 300},
		   10);
	ops.max_queue_bytes = 64 << 20;
	client = open_client();
	CHECK(socket_send(last, &big, 1));
	while (closed == 0 && loop_now_us() < until_us) {
		loop_turn(loop, false);
		if (closed == 0)
			socket_send_text(last, STR("trickle"));
		usleep(5000);
	}
	CHECK(closed == 1);
	CHECK(closed_code == SOCKET_NOT_READING);
	close(client);
	end();
	free((char *)big.p);
}

static void where_we_stood_still_one_is_pinged_and_not_hung_up_on(void)
{
	begin_with((struct sockets_options){.ping_ms = 100, .hangup_ms = 300},
		   10);
	client = open_client();
	usleep(400000);
	CHECK(get(9));
	CHECK(str_eq(buf_str(&got), STR("\x89\x07"
					"answerd")));
	buf_fini(&got);
	close(client);
	end();
}

static void who_is_sent_something_when_it_is_time_is_pinged_too(void)
{
	begin_with((struct sockets_options){.ping_ms = 100, .hangup_ms = 60000},
		   10);
	client = open_client();
	usleep(200000);
	CHECK(socket_send_text(last, STR("now")));
	CHECK(get(5 + 9));
	CHECK(str_eq(buf_str(&got), STR("\x81\x03now\x89\x07"
					"answerd")));
	buf_fini(&got);
	close(client);
	end();
}

static void over_the_limit_it_is_closed_without_being_opened(void)
{
	begin(0);
	client = dial();
	CHECK(turn_until(is_closed));
	CHECK(get(100));
	CHECK(opened == 0);
	CHECK(got.len > 4 &&
	      memcmp(got.data + got.len - 4, "\x88\x02\x03\xf5", 4) == 0);
	CHECK(closed == 1 && closed_code == SOCKET_NO_ROOM);
	CHECK(front_stats(front)->no_room == 1);
	buf_fini(&got);
	close(client);
	end();
}

static void closing_all_reaches_those_that_come_later_too(void)
{
	begin(10);
	client = open_client();
	sockets_close_all(sockets, SOCKET_RESTART);
	CHECK(get(4));
	CHECK(str_eq(buf_str(&got), STR("\x88\x02\x03\xf4")));
	buf_fini(&got);
	close(client);
	CHECK(turn_until(is_closed));
	closed = opened = 0;
	client = dial();
	CHECK(turn_until(is_closed));
	CHECK(opened == 0 && closed_code == SOCKET_RESTART);
	close(client);
	end();
}

static void freeing_tells_every_owner_even_in_the_handshake(void)
{
	int fds[4];
	int i;

	begin(10);
	for (i = 0; i < 4; i++)
		fds[i] = open_client();
	opened = 4;
	for (i = 0; i < 4; i++)
		if (i % 2)
			CHECK(socket_send_text(last, STR("unsent")));
	end();
	CHECK(closed == 4);
	for (i = 0; i < 4; i++)
		close(fds[i]);
}

static void codes_are_counted_each_once(void)
{
	size_t i;

	for (i = 0; i + 1 < SOCKET_CODE_COUNT; i++)
		CHECK(socket_code_at(i) >= 1000);
	CHECK(socket_code_at(SOCKET_CODE_COUNT - 1) == 0);
	begin(10);
	client = open_client();
	close(client);
	CHECK(turn_until(is_closed));
	for (i = 0; i < SOCKET_CODE_COUNT; i++)
		CHECK(sockets_stats(sockets)->closes[i] ==
		      (socket_code_at(i) == SOCKET_ABNORMAL));
	end();
}

static void an_address_that_is_none_is_refused_with_a_reason(void)
{
	static const char *const bad[] = {
		"nonsense", "127.0.0.1", "a.b:80",    "127.0.0.1:99999",
		"[::1:80",  ":80",       "127.0.0.1:"};
	size_t i;

	begin(10);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct front_options fo = {.listen = &bad[i],
					   .n_listen = 1,
					   .max_connections = 10};
		struct buf why = BUF_INIT;

		CHECK(front_new(loop, sockets, &fo, on_request, NULL, &why) ==
		      NULL);
		CHECK(why.len > 0 && strstr(why.data, bad[i]) == why.data);
		buf_fini(&why);
	}
	end();
}

static bool is_paused(void)
{
	return front_stats(front)->accept_pauses > 0;
}

static bool is_hung_up(void)
{
	char c;

	return recv(client, &c, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

static void where_the_kernel_watches_no_more_a_connection_is_refused(void)
{
	begin(10);
	loop_turn(loop, false); /* the listener itself is watched */
	no_watches = true;
	client = dial();
	CHECK(turn_until(is_paused));
	CHECK(turn_until(is_hung_up));
	CHECK(front_stats(front)->accepted == 0);
	CHECK(front_stats(front)->open == 0);
	no_watches = false;
	close(client);
	client = dial();
	CHECK(turn_until(is_opened)); /* after a moment */
	close(client);
	end();
}

int main(void)
{
	RUN(a_socket_is_found_by_its_id_while_it_lives);
	RUN(answers_in_a_callback_leave_in_order_and_in_one_write);
	RUN(sends_of_one_turn_leave_in_one_write);
	RUN(many_sends_of_one_turn_leave_before_its_end);
	RUN(after_a_close_nothing_is_heard_or_sent);
	RUN(what_was_sent_before_a_close_arrives_before_it);
	RUN(one_long_answer_is_never_held_against_a_reader);
	RUN(who_does_not_read_is_closed_at_the_cap_and_not_before);
	RUN(who_does_not_read_is_hung_up_on_though_we_go_on_sending);
	RUN(where_we_stood_still_one_is_pinged_and_not_hung_up_on);
	RUN(who_is_sent_something_when_it_is_time_is_pinged_too);
	RUN(over_the_limit_it_is_closed_without_being_opened);
	RUN(closing_all_reaches_those_that_come_later_too);
	RUN(freeing_tells_every_owner_even_in_the_handshake);
	RUN(codes_are_counted_each_once);
	RUN(an_address_that_is_none_is_refused_with_a_reason);
	RUN(where_the_kernel_watches_no_more_a_connection_is_refused);
	RUN(without_io_uring_they_leave_all_the_same); /* the last: see there */
	return check_done("io/socket");
}
