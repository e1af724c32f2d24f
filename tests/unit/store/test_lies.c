/* A Redis that answers what does not fit: a relay before the real one, on a
 * socket of its own, gives any of its answers in another form: of another type,
 * cut, endless, nested, byte by byte, an error of every class, or hangs up in
 * the middle; where it likes the command has been done all the same. Nothing
 * ends the process, every question is answered once, and in the end the log has
 * each message once, in order. LIES=all: each lie to each question. */
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core.h"
#include "redis_reply.h"
#include "world.h"

#define BUFFER    (256 * 1024)
#define PEERS     16
#define DRIP_MAX  64 /* bytes one by one */
#define QUESTIONS 14 /* the lie is told to one of so many */

/* What the relay is to do; shared with it. */
static struct orders {
	char answer[8192]; /* instead of the next one that is due */
	size_t n;
	int after;     /* answers that are left as they are; -1: all */
	bool done_too; /* the command is done all the same */
	bool hangs_up; /* after it */
	bool drips;    /* all answers come byte by byte */
	unsigned told; /* lies so far */
} * orders;

/* -- the relay ------------------------------------------------------------- */

struct side {
	int fd;
	char *data;
	size_t n;
};

struct peer {
	struct side client, server;
};

static struct peer peers[PEERS];
static char socket_path[96];
static pid_t relay;

/* Bytes of the value at the start; 0: it is not all there. */
static size_t value_end(const char *p, size_t n)
{
	const char *eol = n > 0 ? memchr(p, '\n', n) : NULL;
	size_t at = eol == NULL ? 0 : (size_t)(eol - p) + 1;
	long count = at > 0 ? strtol(p + 1, NULL, 10) : 0;

	if (at == 0)
		return 0;
	if (*p == '$' && count >= 0)
		return n < at + (size_t)count + 2 ? 0 : at + (size_t)count + 2;
	for (long i = 0; *p == '*' && i < count; i++) {
		size_t item = value_end(p + at, n - at);

		if (item == 0)
			return 0;
		at += item;
	}
	return at;
}

static bool fill(struct side *s)
{
	ssize_t got = read(s->fd, s->data + s->n, BUFFER - s->n);

	if (got <= 0)
		return false;
	s->n += (size_t)got;
	return true;
}

static void drop(struct side *s, size_t n)
{
	memmove(s->data, s->data + n, s->n - n);
	s->n -= n;
}

static bool give(int fd, const char *p, size_t n)
{
	while (n > 0) {
		size_t most = orders->drips && n < DRIP_MAX ? 1 : n;
		ssize_t sent = send(fd, p, most, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
		if (orders->drips)
			usleep(200);
	}
	return true;
}

static void part(struct peer *p)
{
	close(p->client.fd);
	close(p->server.fd);
	p->client.fd = p->server.fd = -1;
	p->client.n = p->server.n = 0;
}

/* The server's whole answer to a command; 0: it is gone. */
static size_t ask_server(struct peer *p, size_t n)
{
	size_t end = 0;

	if (!give(p->server.fd, p->client.data, n))
		return 0;
	while ((end = value_end(p->server.data, p->server.n)) == 0)
		if (!fill(&p->server))
			return 0;
	return end;
}

/* False: the peers part. */
static bool lie(struct peer *p, size_t n)
{
	struct orders o = *orders;
	size_t end = o.done_too ? ask_server(p, n) : 0;

	orders->after = -1;
	orders->told++;
	drop(&p->server, end);
	return give(p->client.fd, o.answer, o.n) && !o.hangs_up;
}

static bool serve(struct peer *p)
{
	size_t n, end;

	while ((n = value_end(p->client.data, p->client.n)) > 0) {
		if (orders->after == 0) {
			if (!lie(p, n))
				return false;
		} else {
			orders->after -= orders->after > 0;
			end = ask_server(p, n);
			if (end == 0 ||
			    !give(p->client.fd, p->server.data, end))
				return false;
			drop(&p->server, end);
		}
		drop(&p->client, n);
	}
	return true;
}

static void take(int listening)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = accept(listening, NULL, NULL);
	struct peer *p = peers;

	while (p < peers + PEERS && p->client.fd >= 0)
		p++;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", world.path);
	if (fd < 0 || p == peers + PEERS) {
		close(fd);
		return;
	}
	p->client.fd = fd;
	p->server.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(p->server.fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		part(p);
}

/* Bells come without having been asked for. */
static bool pass_on(struct peer *p)
{
	bool fine = fill(&p->server) &&
		    give(p->client.fd, p->server.data, p->server.n);

	p->server.n = 0;
	return fine;
}

static void turn(int listening)
{
	struct pollfd fds[1 + 2 * PEERS] = {
		{.fd = listening, .events = POLLIN}};

	for (size_t i = 0; i < PEERS; i++) {
		fds[1 + 2 * i] = (struct pollfd){peers[i].client.fd, POLLIN, 0};
		fds[2 + 2 * i] = (struct pollfd){peers[i].server.fd, POLLIN, 0};
	}
	if (poll(fds, ARRAY_LEN(fds), -1) < 0)
		return;
	for (size_t i = 0; i < PEERS; i++) {
		bool fine = true;

		if (fds[1 + 2 * i].revents != 0)
			fine = fill(&peers[i].client) && serve(&peers[i]);
		else if (fds[2 + 2 * i].revents != 0)
			fine = pass_on(&peers[i]);
		if (!fine)
			part(&peers[i]);
	}
	if (fds[0].revents != 0)
		take(listening);
}

static void relay_start(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(socket_path, sizeof(socket_path), "%s/lies.sock", world.dir);
	memcpy(at.sun_path, socket_path, sizeof(socket_path));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, PEERS) != 0)
		exit(1);
	orders = mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	orders->after = -1;
	relay = fork();
	if (relay != 0) {
		close(fd);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < PEERS; i++) {
		peers[i].client = (struct side){-1, xmalloc(BUFFER), 0};
		peers[i].server = (struct side){-1, xmalloc(BUFFER), 0};
	}
	for (;;)
		turn(fd);
}

/* -- what is asked meanwhile ----------------------------------------------- */

static struct store *store;
static uint64_t known_seq;
static unsigned messages;

static void order(const char *answer, size_t n, int after, bool done_too,
		  bool hangs_up)
{
	CHECK(n <= sizeof(orders->answer));
	memcpy(orders->answer, answer, n);
	orders->n = n;
	orders->done_too = done_too;
	orders->hangs_up = hangs_up;
	__atomic_store_n(&orders->after, after, __ATOMIC_SEQ_CST);
}

/* Without the pauses between its tries. */
static bool is_up(void)
{
	if (!store->up && !redis_is_at(store->redis, "", 0))
		redis_move(store->redis, "tries at once");
	return store_is_up(store);
}

static bool may_refuse; /* what Redis says is that it never will */

/* As a daemon does: again from where the log is, until it stands there. */
static void store_one(void)
{
	char id[16];
	enum store_status status = STORE_MOVED;

	snprintf(id, sizeof(id), "m%u", messages++);
	for (int i = 0; i < 20 && status != STORE_OK && status != STORE_DUP;
	     i++) {
		struct got got = {0};

		append_to(store, "c", known_seq, id, id, &got);
		UNTIL(is_up() && got.times == 1);
		status = got.status;
		CHECK(status != STORE_REFUSED || may_refuse);
		if (status == STORE_OK || status == STORE_DUP ||
		    status == STORE_MOVED)
			known_seq = got.appended.last;
	}
	CHECK(status == STORE_OK || status == STORE_DUP);
}

/* One of each kind. */
static void ask_all(void)
{
	static const char *const queues[] = {"q"};
	static const char *const convs[] = {"c"};
	static struct got got[12];
	size_t n = 0;

	memset(got, 0, sizeof(got));
	store_read(store, "c", 0, true, got_log, &got[n++], 0);
	store_open(store, "v", "", "c", "", got_opened, &got[n++], 0);
	store_queue(store, queues, 1, 10, got_items, &got[n++], 0);
	store_claimed(store, queues, 1, NULL, got_items, &got[n++], 0);
	store_claim(store, queues, 1, NULL, "maria", "x", got_claim, &got[n++],
		    0);
	store_renew(store, "maria", convs, queues, 1, got_name, &got[n++], 0);
	store_reap(store, queues, 1, got_reaped, &got[n++], 0);
	store_place(store, "q", "c", got_place, &got[n++], 0);
	store_due(store, 1, 5, got_name, &got[n++], 0);
	store_hash_get(store, "agent:maria", got_hash, &got[n++], 0);
	for (size_t i = 0; i < n; i++)
		UNTIL(is_up() && got[i].times == 1);
	settle_down(store);
	for (size_t i = 0; i < n; i++)
		CHECK(got[i].times == 1);
}

static void stands_once_and_in_order(void)
{
	const char *log = redis("XRANGE t:conv:{c}:log - +"), *before = log;

	CHECK((unsigned)atoi(redis("XLEN t:conv:{c}:log")) == messages);
	for (unsigned i = 0; i < messages; i++) {
		char word[32];
		const char *at;

		snprintf(word, sizeof(word), " id m%u ", i);
		at = strstr(before, word);
		CHECK(at != NULL);
		before = at == NULL ? before : at;
	}
}

/* To each question in turn. */
static void survives(const char *answer, size_t n, bool hangs_up)
{
	static unsigned turn_of;
	unsigned most = getenv("LIES") != NULL ? QUESTIONS : 3;

	for (unsigned i = 0; i < most; i++) {
		int after = i < 2 ? (int)i : (int)(++turn_of % QUESTIONS);
		unsigned told = orders->told;

		UNTIL(is_up());
		order(answer, n, after, (i + turn_of) % 2 == 0, hangs_up);
		if (after < 2) /* its due time, the append */
			store_one();
		ask_all();
		store_one();
		CHECK(orders->told > told);
		orders->after = -1;
	}
}

/* -- lies ------------------------------------------------------------------ */

#define LIE(text)                                                              \
	{                                                                      \
		text, sizeof(text) - 1, false                                  \
	}
#define CUT(text)                                                              \
	{                                                                      \
		text, sizeof(text) - 1, true                                   \
	}

static const struct {
	const char *text;
	size_t n;
	bool hangs_up;
} lies[] = {
	LIE("+OK\r\n"),
	LIE("+\r\n"),
	LIE(":1\r\n"),
	LIE(":-9223372036854775808\r\n"),
	LIE(":99999999999999999999\r\n"),
	LIE("$-1\r\n"),
	LIE("$0\r\n\r\n"),
	LIE("$-7\r\n"),
	LIE("$99999999999\r\n"),
	LIE("$x\r\n"),
	LIE("*-1\r\n"),
	LIE("*0\r\n"),
	LIE("*-5\r\n"),
	LIE("*99999999999\r\n"),
	LIE("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n"),
	LIE("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n"),
	LIE("*4\r\n$4\r\nWHAT\r\n:1\r\n:1\r\n$0\r\n\r\n"),
	LIE("*2\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n*0\r\n"),
	LIE("*1\r\n$2\r\nOK\r\n"),
	LIE("-\r\n"),
	LIE("\r\n\r\n"),
	LIE("\0\0\0\0\r\n"),
	LIE("HTTP/1.1 400 Bad Request\r\n\r\n"),
	CUT(""),
	CUT("*"),
	CUT("*4\r\n$2\r\nOK\r\n:1\r\n"),
	CUT("$100\r\nabc"),
};

static void no_answer_that_does_not_fit_ends_or_loses_anything(void)
{
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		int before = check_failed;

		may_refuse = lies[i].text[0] == '-'; /* of no known class */
		survives(lies[i].text, lies[i].n, lies[i].hangs_up);
		if (check_failed > before)
			printf("lie %zu: %s\n", i, lies[i].text);
	}
	stands_once_and_in_order();
}

static void no_error_ends_or_loses_anything(void)
{
	size_t n;
	const struct reply_error *errors = reply_errors(&n);

	for (size_t i = 0; i <= n; i++) {
		char text[80];
		int before = check_failed;

		snprintf(text, sizeof(text), "-%s so it is\r\n",
			 i < n ? errors[i].word : "ERR");
		may_refuse = i == n || errors[i].class == CLASS_REFUSE;
		survives(text, strlen(text), false);
		if (check_failed > before)
			printf("error: %s", text);
	}
	stands_once_and_in_order();
}

static void open_store(int64_t timeout_ms)
{
	static char url[120], dir[100];
	static const struct store_ops none;

	snprintf(url, sizeof(url), "unix://%s", socket_path);
	snprintf(dir, sizeof(dir), "%s/state", world.dir);
	mkdir(dir, 0700);
	store = store_new(
		world.loop,
		&(struct store_options){.url = url,
					.prefix = "t:",
					.node = "one",
					.command_timeout_ms = timeout_ms,
					.lease_ms = 30000,
					.max_waiting_bytes = 1 << 20,
					.spool = {.dir = dir,
						  .hold_ms = 60000,
						  .max_age_ms = 86400000}},
		&none);
	CHECK(store != NULL);
	UNTIL(store_is_up(store));
}

/* Of a busy machine's time each byte may take a slice. */
static void answers_byte_by_byte_are_answers(void)
{
	open_store(WAIT_MS);
	orders->drips = true;
	for (int i = 0; i < 3; i++) {
		store_one();
		ask_all();
	}
	orders->drips = false;
	stands_once_and_in_order();
	store_free(&store);
}

static unsigned misplaced, listed;

/* Who waits in `a` is a, and so on. */
static void look_where(void *arg, uint64_t tag, const struct store_items *items)
{
	(void)arg, (void)tag;
	for (size_t i = 0; i < items->count; i++)
		misplaced += strcmp(items->items[i].conv,
				    items->items[i].queue) != 0;
	listed = (unsigned)items->count;
}

/* Which is asked again behind the others then. */
static void a_forgotten_script_mixes_no_queues(void)
{
	static const char *const queues[] = {"a", "b", "c"};
	static const char forgotten[] = "-NOSCRIPT No matching script.\r\n";

	redis("ZADD t:queue:{a} 1 a");
	redis("ZADD t:queue:{b} 2 b");
	redis("ZADD t:queue:{c} 3 c");
	for (int after = 0; after < 3; after++) {
		settle_down(store);
		UNTIL(is_up());
		order(forgotten, sizeof(forgotten) - 1, after, false, false);
		listed = 0;
		store_queue(store, queues, ARRAY_LEN(queues), 10, look_where,
			    NULL, 0);
		UNTIL(listed > 0);
		CHECK(orders->after < 0);
		CHECK(listed == 3);
		CHECK(misplaced == 0);
	}
}

int main(void)
{
	world_begin();
	relay_start();
	RUN(answers_byte_by_byte_are_answers);
	open_store(200);
	RUN(a_forgotten_script_mixes_no_queues);
	RUN(no_answer_that_does_not_fit_ends_or_loses_anything);
	RUN(no_error_ends_or_loses_anything);
	store_free(&store);
	kill(relay, SIGKILL);
	waitpid(relay, NULL, 0);
	munmap(orders, sizeof(*orders));
	return world_end("store/lies");
}
