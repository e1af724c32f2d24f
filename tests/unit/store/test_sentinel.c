/* Following the primary by Sentinel, against three real Sentinels over one
 * primary and two replicas on free ports of the loopback: killed, stopped,
 * lied to. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "world.h"

#define ASK_S 5

/* Also a server that none of them knows, and a Sentinel that calls it the
 * primary: as one would that was cut off with it. */
enum {
	SET = 3,
	STRANGER = SET,
	SERVERS,
	SENTINELS = 3,
	LIAR = SERVERS + SENTINELS,
	NODES,
};

static struct node {
	unsigned port;
	pid_t pid;
	char dir[96];
} nodes[NODES];
static struct store *store;
static struct {
	unsigned ups, downs, rolls, bells;
} seen;

static void on_state(void *arg, bool up, const char *epoch, bool rolled)
{
	(void)arg;
	(void)epoch;
	seen.ups += up;
	seen.downs += !up;
	seen.rolls += rolled;
}

static void on_bell(void *arg, const char *conv, uint64_t seq)
{
	(void)arg;
	(void)conv;
	(void)seq;
	seen.bells++;
}

static const struct store_ops ops = {.state = on_state, .bell = on_bell};

/* -- the servers ----------------------------------------------------------- */

/* Held until it is known, so that no two get the same. */
static int hold_port(unsigned *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sa, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
		exit(1);
	*port = ntohs(sa.sin_port);
	return fd;
}

static void choose_ports(void)
{
	int fds[NODES];

	for (size_t i = 0; i < NODES; i++) {
		snprintf(nodes[i].dir, sizeof(nodes[i].dir), "%s/%zu",
			 world.dir, i);
		mkdir(nodes[i].dir, 0700);
		fds[i] = hold_port(&nodes[i].port);
	}
	for (size_t i = 0; i < NODES; i++)
		close(fds[i]);
}

static void write_config(const struct node *node, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/conf", node->dir);
	file = fopen(path, "w");
	fprintf(file,
		"port %u\nbind 127.0.0.1\ndir %s\nlogfile %s/log\n"
		"protected-mode no\n%s",
		node->port, node->dir, node->dir, text);
	fclose(file);
}

static void start(struct node *node)
{
	const char *program =
		node < &nodes[SERVERS] ? "redis-server" : "redis-sentinel";
	char path[128];

	snprintf(path, sizeof(path), "%s/conf", node->dir);
	node->pid = fork();
	if (node->pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp(program, program, path, (char *)NULL);
	_exit(127);
}

static void end(struct node *node)
{
	if (node->pid <= 0)
		return;
	kill(node->pid, SIGKILL);
	waitpid(node->pid, NULL, 0);
	node->pid = 0;
}

static void configure_server(struct node *node)
{
	char text[160] = "save \"\"\nrepl-diskless-sync-delay 0\n";

	if (node != nodes && node != &nodes[STRANGER])
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "replicaof 127.0.0.1 %u\n", nodes[0].port);
	write_config(node, text);
}

static void configure_sentinel(struct node *node)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "sentinel monitor shop 127.0.0.1 %u 2\n"
		 "sentinel down-after-milliseconds shop 2500\n"
		 "sentinel failover-timeout shop 4000\n",
		 nodes[node == &nodes[LIAR] ? STRANGER : 0].port);
	write_config(node, text);
}

/* One question past the store; "" where nobody answers. */
static const char *ask(const struct node *node, const char *question)
{
	static char text[4096];
	redisContext *c =
		redisConnectWithTimeout("127.0.0.1", (int)node->port,
					(struct timeval){.tv_sec = ASK_S});
	redisReply *reply = NULL;
	struct buf b = BUF_INIT;

	if (c->err == 0) {
		redisSetTimeout(c, (struct timeval){.tv_sec = ASK_S});
		reply = redisCommand(c, question, " ", (size_t)1);
	}
	as_text(reply, &b);
	buf_add_c(&b, '\0');
	snprintf(text, sizeof(text), "%s", b.data);
	buf_fini(&b);
	if (reply != NULL)
		freeReplyObject(reply);
	redisFree(c);
	return text;
}

static void until_says(const struct node *node, const char *question,
		       const char *part)
{
	UNTIL((pass_ms(50), strstr(ask(node, question), part) != NULL));
}

static void start_all(void)
{
	choose_ports();
	for (size_t i = 0; i < SERVERS; i++) {
		configure_server(&nodes[i]);
		start(&nodes[i]);
	}
	until_says(&nodes[0], "INFO replication", "connected_slaves:2");
	for (size_t i = SERVERS; i < NODES; i++) {
		configure_sentinel(&nodes[i]);
		start(&nodes[i]);
	}
	for (size_t i = SERVERS; i < LIAR; i++) {
		until_says(&nodes[i], "SENTINEL MASTER shop", "num-slaves 2");
		until_says(&nodes[i], "SENTINEL MASTER shop",
			   "num-other-sentinels 2");
	}
}

static struct store *store_by_sentinel(const char *name)
{
	char url[160];

	snprintf(url, sizeof(url),
		 "redis+sentinel://127.0.0.1:%u,localhost:%u,127.0.0.1:%u,"
		 "127.0.0.1:%u/%s",
		 nodes[LIAR].port, nodes[SERVERS].port, nodes[SERVERS + 1].port,
		 nodes[SERVERS + 2].port, name);
	return store_new(
		world.loop,
		&(struct store_options){.url = url,
					.prefix = "t:",
					.node = "one",
					.command_timeout_ms = COMMAND_MS},
		&ops);
}

/* The server that says that it is the primary, but `not`. */
static struct node *primary_but(const struct node * not )
{
	for (size_t i = 0; i < SET; i++)
		if (&nodes[i] != not &&nodes[i].pid > 0 &&
		    strncmp(ask(&nodes[i], "ROLE"), "master", 6) == 0)
			return &nodes[i];
	return NULL;
}

/* -- following ------------------------------------------------------------- */

static void the_primary_is_found_by_its_name(void)
{
	store = store_by_sentinel("shop");
	UNTIL(store_is_up(store));
	CHECK(appended(store, "c", 0, "m1", "x", NULL) == STORE_OK);
	CHECK_STR(ask(&nodes[0], "XLEN t:conv:{c}:log"), "1");
}

static void nobody_is_taken_for_a_primary_of_another_name(void)
{
	struct store *other = store_by_sentinel("nosuch");

	pass_ms(400);
	CHECK(!store_is_up(other));
	store_free(&other);
}

/* Somebody else writes where the bell must be heard. */
static void the_bell_rings(const struct node *at)
{
	unsigned before = seen.bells;

	UNTIL((ask(at, "PUBLISH t:bell:one c%b1"), pass_ms(50),
	       seen.bells > before));
}

static void a_killed_primary_is_left_for_the_next(void)
{
	struct got got = {0};
	struct node *next;

	end(&nodes[0]);
	append_to(store, "c", 1, "m2", "x", &got);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 2);
	next = primary_but(NULL);
	CHECK(next != NULL && next != &nodes[0]);
	CHECK_STR(ask(next, "XLEN t:conv:{c}:log"), "2");
	CHECK(seen.rolls == 1);
	UNTIL(store_is_up(store));
	the_bell_rings(next);
}

/* It is there again and calls itself a primary until the Sentinels notice. */
static void one_that_comes_back_is_not_followed(void)
{
	struct node *now = primary_but(NULL);
	unsigned downs = seen.downs;
	char text[64];

	start(&nodes[0]);
	until_says(&nodes[0], "ROLE", "master");
	pass_ms(1500);
	CHECK(appended(store, "c", 2, "m3", "x", NULL) == STORE_OK);
	CHECK_STR(ask(now, "XLEN t:conv:{c}:log"), "3");
	CHECK(seen.downs == downs);
	/* Sentinels take 10 s and more for this. */
	snprintf(text, sizeof(text), "REPLICAOF 127.0.0.1 %u", now->port);
	ask(&nodes[0], text);
	until_says(&nodes[0], "INFO replication", "master_link_status:up");
	until_says(now, "INFO replication", "connected_slaves:2");
}

/* One Sentinel is gone and the liar stays: two are enough. */
static void a_stopped_primary_is_left_for_the_next(void)
{
	struct got got = {0};
	struct node *was = primary_but(NULL), *next;

	end(&nodes[SERVERS]);
	kill(was->pid, SIGSTOP);
	append_to(store, "c", 3, "m4", "x", &got);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 4);
	next = primary_but(was);
	CHECK(next != NULL);
	kill(was->pid, SIGCONT);
	pass_ms(500);
	CHECK(appended(store, "c", 4, "m5", "x", NULL) == STORE_OK);
	CHECK_STR(ask(next, "XLEN t:conv:{c}:log"), "5");
	CHECK(seen.rolls == 2);
}

/* Without any Sentinel, what is there goes on. */
static void without_sentinels_the_last_primary_stands(void)
{
	unsigned downs = seen.downs;

	for (size_t i = SERVERS; i < NODES; i++)
		end(&nodes[i]);
	pass_ms(300);
	CHECK(appended(store, "c", 5, "m6", "x", NULL) == STORE_OK);
	ask(primary_but(NULL), "CLIENT KILL TYPE normal");
	CHECK(appended(store, "c", 6, "m7", "x", NULL) == STORE_OK);
	CHECK(seen.downs <= downs + 1);
	CHECK_STR(ask(&nodes[STRANGER], "DBSIZE"), "0");
}

int main(void)
{
	world_begin();
	start_all();
	RUN(the_primary_is_found_by_its_name);
	RUN(nobody_is_taken_for_a_primary_of_another_name);
	RUN(a_killed_primary_is_left_for_the_next);
	RUN(one_that_comes_back_is_not_followed);
	RUN(a_stopped_primary_is_left_for_the_next);
	RUN(without_sentinels_the_last_primary_stands);
	store_free(&store);
	for (size_t i = 0; i < NODES; i++)
		end(&nodes[i]);
	return world_end("store/sentinel");
}
