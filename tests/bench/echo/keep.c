/* See keep.h. Redis by one pipeline a turn, the file by a thread of its own,
 * as in answerd. It trusts Redis: whatever is no success ends it. */
#include "keep.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOM      (1 << 20)
#define LINE      4096 /* messages under way, at most */
#define FILE_MOST (64 << 20)

struct bytes {
	char p[ROOM];
	size_t n;
};

struct message {
	struct peer *peer;
	unsigned id;
};

static struct {
	int redis, file;
	int given, done; /* eventfds: to the thread, and from it */
	void (*stored)(struct peer *p, unsigned id);
	struct message line[LINE];
	/* of all messages so far: put, in the log, in the file, told */
	unsigned put, logged, written, told;
	unsigned writing; /* in the file when the thread is done; 0: idle */
	struct bytes command, rows, thread_rows;
} keep;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* -- the file -------------------------------------------------------------- */

static void *write_rows(void *arg)
{
	uint64_t one = 1, count;
	size_t size = 0;

	(void)arg;
	while (read(keep.given, &count, sizeof(count)) > 0) {
		ssize_t n = write(keep.file, keep.thread_rows.p,
				  keep.thread_rows.n);

		if (n < 0)
			fail("the file");
		size += (size_t)n;
		if (size > FILE_MOST) {
			lseek(keep.file, 0, SEEK_SET);
			size = 0;
		}
		if (write(keep.done, &one, sizeof(one)) < 0)
			fail("eventfd");
	}
	return NULL;
}

static void give_rows(void)
{
	uint64_t one = 1;

	if (keep.writing != 0 || keep.rows.n == 0)
		return;
	memcpy(keep.thread_rows.p, keep.rows.p, keep.rows.n);
	keep.thread_rows.n = keep.rows.n;
	keep.rows.n = 0;
	keep.writing = keep.put;
	if (write(keep.given, &one, sizeof(one)) < 0)
		fail("eventfd");
}

/* -- the log --------------------------------------------------------------- */

/* A question, its answer and whether that was one, as store/lua/append.lua
 * takes them; the command of each message is this one with its numbers. */
#define PEER "@@@@@@@@"
#define ID   "########"
#define WIDE 8
#define KEY  "echo:conv:{peer-" PEER "}"
#define AT   "1767225600000"
static const char *const command[] = {
	"EVALSHA", "", "3", KEY, KEY ":log", KEY ":ids",
	/* to whom, from where, and one field of the hash */
	"echo:bell:", "echo", "peer-" PEER, "", "*", "0", "0", "0", "0", "1",
	"event_at_ms", AT, "3",
	/* the shopper's */
	"s:m" ID, "2ec2e32abfe24a88", "5", "type", "message", "id", "m" ID,
	"sender", "s", "text",
	"could you tell me how much the shipping of a small parcel is", "at",
	AT,
	/* the bot's */
	"b:m" ID ".a", "c3dee0969ec879fa", "9", "type", "message", "id",
	"m" ID ".a", "sender", "b", "text",
	"We offer standard and express delivery, to the countries listed at "
	"checkout. The price is shown at checkout before you pay, and "
	"everything about delivery stands at https://shop.example/shipping.",
	"at", AT, "reply_to", "m" ID, "intent", "delivery_options", "rules",
	"875341064295", "outcome", "answer",
	/* and its question */
	"b:m" ID ".q", "8a189800321b655f", "6", "type", "ask_feedback", "id",
	"m" ID ".q", "sender", "b", "text", "Did that answer your question?",
	"at", AT, "ask_kind", "solved"};
#define ARGS   (sizeof(command) / sizeof(*command))
#define SCRIPT 1 /* its place */

static struct {
	char p[4096];
	size_t n;
	size_t peers[8], ids[8]; /* where the numbers go */
	size_t peer_count, id_count;
} form;

static void find_places(char letter, size_t *places, size_t *count)
{
	for (size_t i = 0; i < form.n; i++) {
		if (form.p[i] != letter)
			continue;
		places[(*count)++] = i;
		i += WIDE - 1;
	}
}

static void make_form(const char *script)
{
	form.n = (size_t)snprintf(form.p, sizeof(form.p), "*%zu\r\n", ARGS);
	for (size_t i = 0; i < ARGS; i++) {
		const char *arg = i == SCRIPT ? script : command[i];

		form.n += (size_t)snprintf(form.p + form.n,
					   sizeof(form.p) - form.n,
					   "$%zu\r\n%s\r\n", strlen(arg), arg);
	}
	find_places('@', form.peers, &form.peer_count);
	find_places('#', form.ids, &form.id_count);
}

static void put_number(char *to, const size_t *places, size_t count, unsigned v)
{
	char digits[WIDE];

	for (size_t i = WIDE; i-- > 0; v /= 10)
		digits[i] = (char)('0' + v % 10);
	for (size_t i = 0; i < count; i++)
		memcpy(to + places[i], digits, WIDE);
}

static void put_form(struct bytes *to, unsigned number, unsigned id)
{
	char *p = to->p + to->n;

	memcpy(p, form.p, form.n);
	put_number(p, form.peers, form.peer_count, number);
	put_number(p, form.ids, form.id_count, id);
	to->n += form.n;
}

void keep_put(struct peer *p, unsigned number, unsigned id)
{
	put_form(&keep.command, number, id);
	put_form(&keep.rows, number, id);
	keep.line[keep.put++ % LINE] = (struct message){p, id};
}

/* -- both ------------------------------------------------------------------ */

static void tell(void)
{
	while (keep.told != keep.logged && keep.told != keep.written) {
		const struct message *m = &keep.line[keep.told++ % LINE];

		keep.stored(m->peer, m->id);
	}
}

/* "*4 $2 OK :seq :last $0"; no other status has a K, and each a D or a G. */
static void on_redis(void)
{
	static char in[65536];
	ssize_t n = recv(keep.redis, in, sizeof(in), MSG_DONTWAIT);

	for (ssize_t i = 0; i < n; i++) {
		keep.logged += in[i] == 'K';
		if (strchr("-DG", in[i]) != NULL) {
			fprintf(stderr, "Redis: %.*s\n", (int)n, in);
			exit(1);
		}
	}
	if (n == 0)
		exit(0);
	tell();
}

static void on_done(void)
{
	uint64_t count;

	if (read(keep.done, &count, sizeof(count)) < 0)
		return;
	keep.written = keep.writing;
	keep.writing = 0;
	tell();
}

bool keep_on_event(const void *ptr)
{
	if (ptr == &keep.redis)
		on_redis();
	else if (ptr == &keep.done)
		on_done();
	else
		return false;
	return true;
}

void keep_turn(void)
{
	struct bytes *c = &keep.command;
	ssize_t n;

	give_rows();
	if (c->n == 0)
		return;
	n = send(keep.redis, c->p, c->n, MSG_NOSIGNAL);
	if (n != (ssize_t)c->n)
		fail("Redis");
	c->n = 0;
}

static void watch(int epoll, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = fd}};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, *fd, &event) != 0)
		fail("epoll");
}

void keep_begin(int epoll, const char *socket_path, const char *script,
		const char *file, void (*stored)(struct peer *p, unsigned id))
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	pthread_t thread;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", socket_path);
	make_form(script);
	keep.stored = stored;
	keep.redis = socket(AF_UNIX, SOCK_STREAM, 0);
	keep.file = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	keep.given = eventfd(0, 0);
	keep.done = eventfd(0, EFD_NONBLOCK);
	if (keep.file < 0 || keep.given < 0 || keep.done < 0)
		fail(file);
	if (connect(keep.redis, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail(socket_path);
	watch(epoll, &keep.redis);
	watch(epoll, &keep.done);
	if (pthread_create(&thread, NULL, write_rows, NULL) != 0)
		fail("thread");
}
