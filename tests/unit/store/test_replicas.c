/* Holding back what too few replicas have, against a real Redis and a real
 * replica of it; and the warnings about a Redis that does not keep its data. */
#include "world.h"

static pid_t replica;
static char replica_path[96], port_text[8];
static struct store *store;

static struct store *store_that_waits(void)
{
	return store_new(world.loop,
			 &(struct store_options){.url = world.url,
						 .prefix = "t:",
						 .node = "one",
						 .command_timeout_ms = 800,
						 .wait_replicas = 1,
						 .wait_timeout_ms = 100},
			 &(struct store_ops){0});
}

static void start_replica(void)
{
	replica = fork();
	if (replica != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
	       replica_path, "--dir", world.dir, "--dbfilename", "replica.rdb",
	       "--save", "", "--logfile", "/dev/null", "--replicaof",
	       "127.0.0.1", port_text, (char *)NULL);
	_exit(127);
}

static void end_replica(void)
{
	kill(replica, SIGKILL);
	waitpid(replica, NULL, 0);
}

static bool has_replica(void)
{
	return strstr(redis("INFO replication"), "state=online") != NULL;
}

static bool is_warned(enum store_warning warning)
{
	return (store_stats(store)->warnings & 1u << warning) != 0;
}

static struct got held; /* from one test to the next */

/* Nor read: its sender would take that for the receipt. */
static void without_a_replica_nothing_is_confirmed(void)
{
	struct got read = {0};

	store = store_that_waits();
	UNTIL(store_is_up(store));
	CHECK(is_warned(STORE_FEW_REPLICAS));
	append_to(store, "c", 0, "m1", "x", &held);
	UNTIL(store_stats(store)->replicas_behind);
	pass_ms(300);
	CHECK(held.times == 0);
	CHECK_STR(redis("XLEN t:conv:{c}:log"), "1");
	store_read(store, "c", 0, false, got_log, &read, 0);
	UNTIL(read.times == 1);
	CHECK(read.status == STORE_OK && read.count == 0 && read.last == 0);
	CHECK(store_waiting_bytes(store) > 0);
	/* All else is answered meanwhile. */
	settle_down(store);
}

static void what_was_held_is_confirmed_when_a_replica_has_it(void)
{
	struct got got = {0};

	append_to(store, "d", 0, "m1", "x", &got);
	start_replica();
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 1);
	CHECK(held.times == 1 && held.status == STORE_OK);
	CHECK(has_replica());
	UNTIL(!store_stats(store)->replicas_behind);
	CHECK(store_waiting_bytes(store) == 0);
	for (unsigned i = 0; i < 50; i++) {
		char id[8];

		snprintf(id, sizeof(id), "n%u", i);
		CHECK(appended(store, "d", 1 + i, id, "x", NULL) == STORE_OK);
	}
}

/* What it has heard may be lost with the connection: it is done again, once. */
static void a_lost_connection_confirms_nothing(void)
{
	struct got got = {0};

	kill(replica, SIGSTOP);
	append_to(store, "e", 0, "m1", "x", &got);
	UNTIL(store_stats(store)->replicas_behind);
	redis("CLIENT KILL TYPE normal SKIPME yes");
	UNTIL(!store_is_up(store));
	pass_ms(200);
	CHECK(got.times == 0);
	kill(replica, SIGCONT);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 1);
	CHECK_STR(redis("XLEN t:conv:{e}:log"), "1");
}

/* Nothing else is appended meanwhile that would ask. */
static void what_was_not_answered_is_asked_again(void)
{
	struct got got = {0};

	redis("ACL SETUSER default -wait");
	append_to(store, "g", 0, "m1", "x", &got);
	UNTIL(store_stats(store)->refused > 0);
	pass_ms(100);
	CHECK(got.times == 0);
	redis("ACL SETUSER default +wait");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
}

static void a_store_may_be_freed_while_it_waits(void)
{
	static struct got got;

	end_replica();
	append_to(store, "f", 0, "m1", "x", &got);
	pass_ms(150);
	store_free(&store);
	CHECK(got.times == 0);
}

static void a_redis_that_does_not_keep_its_data_is_told(void)
{
	start_replica();
	UNTIL(has_replica());
	redis("CONFIG SET appendonly no");
	redis("CONFIG SET maxmemory-policy allkeys-lru");
	store = store_up("two", NULL);
	CHECK(is_warned(STORE_NO_APPENDONLY) && is_warned(STORE_EVICTS));
	CHECK(is_warned(STORE_NO_MIN_REPLICAS));
	CHECK(!is_warned(STORE_FEW_REPLICAS));
	store_free(&store);
	redis("CONFIG SET appendonly yes");
	redis("CONFIG SET maxmemory-policy noeviction");
	redis("CONFIG SET min-replicas-to-write 1");
	store = store_up("two", NULL);
	CHECK(store_stats(store)->warnings == 0);
	store_free(&store);
	end_replica();
}

/* A port for the replica; 0 would let none in. */
static void open_port(void)
{
	unsigned port = 20000 + (unsigned)getpid() % 20000;

	do
		snprintf(port_text, sizeof(port_text), "%u", port++);
	while (strcmp(redis("CONFIG SET port %s", port_text), "OK") != 0);
	snprintf(replica_path, sizeof(replica_path), "%s/replica.sock",
		 world.dir);
}

int main(void)
{
	world_begin();
	open_port();
	redis("CONFIG SET repl-diskless-sync-delay 0");
	RUN(without_a_replica_nothing_is_confirmed);
	RUN(what_was_held_is_confirmed_when_a_replica_has_it);
	RUN(a_lost_connection_confirms_nothing);
	RUN(what_was_not_answered_is_asked_again);
	RUN(a_store_may_be_freed_while_it_waits);
	RUN(a_redis_that_does_not_keep_its_data_is_told);
	return world_end("store/replicas");
}
