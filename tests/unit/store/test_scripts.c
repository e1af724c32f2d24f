/* The scripts as a shop's own tool would call them: by SHA1, from outside, and
 * a chat taken, answered and resolved with nothing else. */
#include "world.h"

static struct store *store;

static const char *sha1_of(const char *want)
{
	static char sha1[41];
	const char *name, *text;

	for (size_t i = 0; i < store_script(i, &name, &text, sha1); i++) {
		store_script(i, &name, &text, sha1);
		if (strcmp(name, want) == 0)
			return sha1;
	}
	return "";
}

static void each_has_the_sha1_that_redis_gives_it(void)
{
	static const char *const wanted[] = {
		"open",  "append",  "assign",  "enqueue", "claim",
		"renew", "release", "resolve", "reap",    "due"};
	const char *name, *text;
	char sha1[41];
	size_t n = store_script(SIZE_MAX, &name, &text, sha1);

	CHECK(n >= ARRAY_LEN(wanted));
	for (size_t i = 0; i < n; i++) {
		store_script(i, &name, &text, sha1);
		CHECK_STR(redis("SCRIPT LOAD %s", text), sha1);
		CHECK(strncmp(text, "-- ", 3) == 0 &&
		      strncmp(text + 3, name, strlen(name)) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(sha1_of(wanted[i])[0] != '\0');
}

static const char *assign(const char *agent, const char *id)
{
	return redis("EVALSHA %s 3 t:conv:{a} t:conv:{a}:log t:conv:{a}:ids "
		     "t:bell: a %s %s Display care 1700000000500",
		     sha1_of("assign"), agent, id);
}

/* A script of the queue; NULL: no more arguments. */
static const char *queue_call(const char *script, const char *a, const char *b,
			      const char *c, const char *d, const char *e)
{
	const char *args[14] = {"EVALSHA",
				sha1_of(script),
				"5",
				"t:queue:{care}",
				"t:queue:{care}:claimed",
				"t:queue:{care}:info",
				"t:queue:{care}:pace",
				"t:queue:{care}:reaped",
				a,
				b,
				c,
				d,
				e};
	int n = 8;
	redisReply *reply;
	static struct buf text;

	while (args[n] != NULL)
		n++;
	reply = redisCommandArgv(world.direct, n, args, NULL);
	buf_clear(&text);
	as_text(reply, &text);
	buf_add_c(&text, '\0');
	freeReplyObject(reply);
	return text.data;
}

static void a_tool_needs_nothing_but_the_scripts(void)
{
	struct got got = {0};

	CHECK(turned(store, &(struct turn){.conv = "a",
					   .state = "queued",
					   .queue = "care",
					   .op = QUEUE_ENQUEUE,
					   .since_ms = 100}) == STORE_OK);
	CHECK_STR(queue_call("claim", "t:bell:queues", "care", "a", "tool",
			     "30000"),
		  "OK a");
	CHECK_STR(assign("tool", "x1"), "OK 2 1");
	CHECK_STR(assign("tool", "x1"), "OK 2 1");
	CHECK_STR(assign("other", "x1"), "TAKEN 0 1");
	CHECK_STR(redis("EVALSHA %s 3 t:conv:{a} t:conv:{a}:log t:conv:{a}:ids "
			"t:bell: %s a %s * 1 0 0 0 0 1 a:tool:x2 hash 2 type "
			"message text hello",
			sha1_of("append"), "", ""),
		  "OK 3 3 tool");
	CHECK_STR(redis("EVALSHA %s 5 t:queue:{care} t:queue:{care}:claimed "
			"t:queue:{care}:info t:queue:{care}:pace "
			"t:queue:{care}:reaped t:bell:queues care a agent 2 "
			"tool 30000 {}",
			sha1_of("settle")),
		  "OK");
	CHECK_STR(queue_call("renew", "tool", "30000", "a", NULL, NULL), "");
	CHECK_STR(redis("EVALSHA %s 3 t:conv:{a} t:conv:{a}:log t:conv:{a}:ids "
			"t:bell: %s a %s * 2 1 0 0 0 1 a:tool:x3 "
			"hash 3 type state state closed fence 2",
			sha1_of("append"), "", ""),
		  "OK 4 4 tool");
	/* The cache follows the log. */
	CHECK_STR(redis("HMGET t:conv:{a} seq state owner agent fence"),
		  "4 closed nobody  2");
	CHECK_STR(
		queue_call("resolve", "t:bell:queues", "care", "a", "4", NULL),
		"OK");
	CHECK_STR(
		queue_call("resolve", "t:bell:queues", "care", "a", "4", NULL),
		"EMPTY");
	CHECK_STR(assign("tool", "x9"), "TAKEN 0 2");
	store_read(store, "a", 0, false, got_log, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.count == 4 && got.fence == 2);
	CHECK(strstr(got.fields, "state=assigned;reason=claimed;agent=tool;"
				 "agent_display=Display;queue=care;fence=1;"
				 "since=1700000000000;") != NULL);
}

static void an_assignment_rings_who_shows_the_conversation(void)
{
	char text[64];

	CHECK_STR(assign("tool", "y"), "TAKEN 0 2");
	redis("HSET t:conv:{a} state queued nodes one=1");
	snprintf(text, sizeof(text), "%s", assign("jo", "y"));
	CHECK_STR(text, "OK 5 3");
	redis("HSET t:conv:{a} tombstone 1");
	CHECK_STR(assign("jo", "z"), "GONE 0 0");
	redis("DEL t:conv:{a} t:conv:{a}:log t:conv:{a}:ids");
	CHECK_STR(assign("jo", "z"), "EMPTY 0 0");
}

int main(void)
{
	world_begin();
	store = store_up("one", NULL);
	RUN(each_has_the_sha1_that_redis_gives_it);
	RUN(a_tool_needs_nothing_but_the_scripts);
	RUN(an_assignment_rings_who_shows_the_conversation);
	store_free(&store);
	return world_end("store/scripts");
}
