/* Redis that is there and does not want: full, loading, crowded, busy, somebody
 * else's replica. It is waited for, and what waited is in the log, once. */
#include <sys/stat.h>

#include "away.h"

/* Redis refuses for a while: the unit is not answered; then it is. */
static void waits_while(const char *unwilling, const char *value,
			const char *willing, const char *id)
{
	struct got got = {0};

	redis("CONFIG SET %s %s", unwilling, value);
	append_to(store, "unwilling", (uint64_t)atoi(id + 1), id, "x", &got);
	pass_ms(400);
	CHECK(got.times == 0);
	redis("CONFIG SET %s %s", unwilling, willing);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
}

static void an_error_that_passes_is_waited_for(void)
{
	begin();
	waits_while("maxmemory", "1", "0", "m0");
	waits_while("min-replicas-to-write", "1", "0", "m1");
	CHECK(store_is_up(store) && seen.downs == 0);
	CHECK_STR(redis("XLEN t:conv:{unwilling}:log"), "2");
}

static void until_info_says(const char *section, const char *part)
{
	UNTIL((pass_ms(20), strstr(redis("INFO %s", section), part) != NULL));
}

/* Its snapshot cannot be written: a directory has the file's name. */
static void a_full_disk_is_waited_for(void)
{
	struct got got = {0};
	char file[96];

	begin();
	snprintf(file, sizeof(file), "%s/dump.rdb", world.dir);
	mkdir(file, 0700);
	redis("CONFIG SET save %s", "3600 100000");
	redis("BGSAVE");
	until_info_says("persistence", "rdb_last_bgsave_status:err");
	CHECK(strncmp(redis("SET x 1"), "MISCONF", 7) == 0);
	append_to(store, "full", 0, "m1", "x", &got);
	pass_ms(300);
	CHECK(got.times == 0 && store_is_up(store));
	rmdir(file);
	redis("BGSAVE");
	until_info_says("persistence", "rdb_last_bgsave_status:ok");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 1);
	redis("CONFIG SET save %s", "");
	unlink(file);
}

enum there {
	THERE_NOT,
	THERE_LOADING,
	THERE_UP,
};

/* By a connection of its own, as the direct one ended with the last life. */
static enum there redis_is_there(void)
{
	redisContext *c = redisConnectUnix(world.path);
	redisReply *reply = redisCommand(c, "GET x");
	enum there there = THERE_UP;

	if (reply == NULL)
		there = THERE_NOT;
	else if (reply->type == REDIS_REPLY_ERROR &&
		 strncmp(reply->str, "LOADING", 7) == 0)
		there = THERE_LOADING;
	if (reply != NULL)
		freeReplyObject(reply);
	redisFree(c);
	return there;
}

/* False: it had loaded all before anybody looked. The stores see nothing of it,
 * as the loop does not turn. */
static bool redis_starts_loading(void)
{
	enum there there = THERE_NOT;

	redis_kill();
	world.option = "--key-load-delay";
	world.value = "400";
	redis_launch();
	world.option = NULL;
	for (int i = 0; i < WAIT_MS && there == THERE_NOT; i++) {
		usleep(1000);
		there = redis_is_there();
	}
	return there == THERE_LOADING;
}

/* It answers once in about a thousand keys: twice at least. */
static void a_redis_that_still_loads_is_waited_for(void)
{
	struct got got = {0};
	redisReply *reply = NULL;
	int tries = 0;

	begin();
	for (int i = 0; i < 2000; i++)
		redisAppendCommand(world.direct, "SET filler:%d x", i);
	for (int i = 0; i < 2000; i++) {
		redisGetReply(world.direct, (void **)&reply);
		freeReplyObject(reply);
	}
	redis_kill();
	append_to(store, "loads", 0, "m1", "x", &got);
	UNTIL(!store_is_up(store));
	while (!redis_starts_loading() && tries < 20)
		tries++;
	CHECK(tries < 20);
	while (redis_is_there() == THERE_LOADING) {
		CHECK(got.times == 0 && !store_is_up(store));
		pass_ms(10);
	}
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	CHECK(redis_greet());
	redis("FLUSHALL");
}

/* The password is changed under us, and told later. */
static void a_password_that_comes_later_is_waited_for(void)
{
	struct got got = {0};

	begin();
	redis("CONFIG SET requirepass other");
	redis("AUTH other");
	redis("CLIENT KILL TYPE normal SKIPME yes");
	append_to(store, "password", 0, "m1", "x", &got);
	pass_ms(400);
	CHECK(got.times == 0 && !store_is_up(store));
	redis("CONFIG SET requirepass %s", "");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	UNTIL(store_is_up(store));
}

/* Others' connections are closed; ours comes when there is room again. */
static void a_crowded_redis_is_waited_for(void)
{
	struct got got = {0};

	begin();
	redis("CONFIG SET maxclients 1");
	redis("CLIENT KILL TYPE normal SKIPME yes");
	redis("CLIENT KILL TYPE pubsub");
	append_to(store, "crowd", 0, "m1", "x", &got);
	pass_ms(400);
	CHECK(got.times == 0 && !store_is_up(store));
	redis("CONFIG SET maxclients 1000");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	UNTIL(store_is_up(store));
}

/* Lost scripts are sent again with the call itself. */
static void flushed_scripts_are_given_again(void)
{
	struct got got = {0};

	begin();
	redis("SCRIPT FLUSH");
	append_to(store, "flushed", 0, "m1", "x", &got);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && seen.downs == 0);
}

static void a_replica_is_left_until_it_is_the_primary(void)
{
	struct got got = {0};

	begin();
	redis("REPLICAOF 127.0.0.1 1");
	append_to(store, "replica", 0, "m1", "x", &got);
	UNTIL(seen.downs > 0);
	CHECK(got.times == 0);
	redis("REPLICAOF NO ONE");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.appended.seq == 1);
	UNTIL(store_is_up(store));
}

static void a_busy_redis_is_waited_for(void)
{
	struct got got = {0};
	redisContext *busy = redisConnectUnix(world.path);
	int done = 0;

	begin();
	redis("CONFIG SET busy-reply-threshold 50");
	redisAppendCommand(busy, "EVAL %s 0", "while true do end");
	while (!done)
		redisBufferWrite(busy, &done);
	pass_ms(100);
	append_to(store, "busy", 0, "m1", "x", &got);
	pass_ms(250);
	CHECK(got.times == 0);
	redis("SCRIPT KILL");
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	redisFree(busy);
}

int main(void)
{
	world_begin();
	store = store_up("one", &ops);
	RUN(an_error_that_passes_is_waited_for);
	RUN(a_full_disk_is_waited_for);
	RUN(a_redis_that_still_loads_is_waited_for);
	RUN(a_password_that_comes_later_is_waited_for);
	RUN(a_crowded_redis_is_waited_for);
	RUN(flushed_scripts_are_given_again);
	RUN(a_replica_is_left_until_it_is_the_primary);
	RUN(a_busy_redis_is_waited_for);
	store_free(&store);
	return world_end("store/unwilling");
}
