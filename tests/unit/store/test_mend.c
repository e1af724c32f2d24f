/* The queue follows the log where the two are at odds, against a real Redis. */
#include "line.h"

static void repair(const char *conv, const char *queue, const char *state,
		   const char *agent)
{
	store_queue_repair(one, conv, queue, state, agent);
	settle_down(one);
}

static void a_lost_place_in_line_is_found_again(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "care", 0, 1700000000001);
	redis("ZREM t:queue:{care} a");
	redis("HDEL t:queue:{care}:info a");
	repair("a", "care", "queued", "");
	CHECK_STR(line_of(care, 1), "a b ");
}

static void a_closed_one_leaves_the_line(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "closed",
					 .expect = 1}) == STORE_OK);
	CHECK_STR(line_of(care, 1), "a ");
	repair("a", "care", "closed", "");
	CHECK_STR(line_of(care, 1), "");
}

/* The queue remembers a claim of a log that was lost; this one is shorter. */
static void a_closed_one_leaves_whatever_the_queue_remembers(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	assign("a", "care", "maria", 1);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "closed",
					 .queue = "care",
					 .expect = 2}) == STORE_OK);
	redis("HSET t:queue:{care}:info a %s",
	      "{\"seq\":99,\"score\":\"100\",\"agent\":\"maria\","
	      "\"held\":true}");
	CHECK_STR(claims(NULL), "a@maria ");
	repair("a", "care", "closed", "");
	CHECK_STR(claims(NULL), "");
	CHECK_STR(line_of(care, 1), "");
}

static void the_unit_that_closes_does_not_ask_what_it_remembers(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	assign("a", "care", "maria", 1);
	redis("HSET t:queue:{care}:info a %s",
	      "{\"seq\":99,\"score\":\"100\",\"agent\":\"maria\","
	      "\"held\":true}");
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "closed",
					 .queue = "care",
					 .op = QUEUE_RESOLVE,
					 .expect = 2}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claims(NULL), "");
}

static void an_assigned_one_is_claimed_again(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	assign("a", "care", "maria", 1);
	repair("a", "care", "assigned", "maria");
	CHECK_STR(claims(NULL), "a@maria ");
	CHECK_STR(line_of(care, 1), "");
	redis("DEL t:queue:{care}:claimed");
	repair("a", "care", "assigned", "maria");
	CHECK_STR(claims(NULL), "a@maria ");
}

/* The caller's picture may be old: what the conversation says now counts. */
static void a_repair_goes_by_what_the_conversation_says_now(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	repair("a", "care", "closed", "");
	CHECK_STR(line_of(care, 1), "a ");
	enqueue("b", "sales", 0, 200);
	redis("ZADD t:queue:{care} 5 b");
	repair("b", "care", "queued", "");
	CHECK_STR(line_of(care, 1), "a ");
	CHECK_STR(line_of(both, 2), "a b ");
}

static unsigned held_back(void)
{
	const char *at = redis("CLIENT LIST");
	unsigned n = 0;

	while ((at = strstr(at, " flags=b")) != NULL) {
		n++;
		at++;
	}
	return n;
}

/* Closed by another daemon. Redis holds writes back, and does them in the order
 * in which they came. */
static void send_close(redisContext *other)
{
	static const char *const close[] = {
		"HSET t:conv:{a} state closed",
		"ZREM t:queue:{care}:claimed a",
		"HDEL t:queue:{care}:info a",
	};
	unsigned held = held_back();
	int done = 0;

	for (size_t i = 0; i < ARRAY_LEN(close); i++)
		redisAppendCommand(other, close[i]);
	while (redisBufferWrite(other, &done) == REDIS_OK && !done)
		;
	UNTIL(held_back() == held + 1);
}

/* Between what the repair reads and what it writes. */
static void one_that_is_closed_meanwhile_is_not_put_back(void)
{
	redisContext *other = redisConnectUnix(world.path);

	begin();
	enqueue("a", "care", 0, 100);
	assign("a", "care", "maria", 1);
	settle_down(one);
	redis("CLIENT PAUSE 60000 WRITE");
	send_close(other);
	store_queue_repair(one, "a", "care", "assigned", "maria");
	UNTIL(held_back() == 2);
	redis("CLIENT UNPAUSE");
	settle_down(one);
	CHECK_STR(claims(NULL), "");
	CHECK_STR(line_of(care, 1), "");
	redisFree(other);
}

/* Between the log's word and the claim that it makes last. */
static void a_claim_of_one_that_is_closed_at_once_does_not_last(void)
{
	redisContext *other = redisConnectUnix(world.path);
	struct got got = {0};

	begin();
	enqueue("a", "care", 0, 100);
	redis("CLIENT PAUSE 60000 WRITE");
	turn_to(one,
		&(struct turn){.conv = "a",
			       .state = "assigned",
			       .queue = "care",
			       .agent = "maria",
			       .op = QUEUE_CLAIMED,
			       .expect = 1},
		&got);
	UNTIL(held_back() == 1);
	send_close(other);
	redis("CLIENT UNPAUSE");
	UNTIL(got.times == 1);
	settle_down(one);
	settle_down(one);
	CHECK(got.status == STORE_OK);
	CHECK_STR(claims(NULL), "");
	CHECK_STR(line_of(care, 1), "");
	redisFree(other);
}

/* Enqueued from a later seq than the one that says "out". */
static void what_comes_late_does_not_undo_what_is_newer(void)
{
	const char *name, *text;
	char sha1[41];
	size_t i = 0;

	begin();
	CHECK(appended(one, "a", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_ENQUEUE,
					 .expect = 1,
					 .since_ms = 100}) == STORE_OK);
	while (store_script(i, &name, &text, sha1) > i &&
	       strcmp(name, "resolve") != 0)
		i++;
	CHECK_STR(redis("EVALSHA %s 5 t:queue:{care} t:queue:{care}:claimed "
			"t:queue:{care}:info t:queue:{care}:pace "
			"t:queue:{care}:reaped t:bell:queues care a 1",
			sha1),
		  "KEPT");
	CHECK_STR(line_of(care, 1), "a ");
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	RUN(a_lost_place_in_line_is_found_again);
	RUN(a_closed_one_leaves_the_line);
	RUN(a_closed_one_leaves_whatever_the_queue_remembers);
	RUN(the_unit_that_closes_does_not_ask_what_it_remembers);
	RUN(an_assigned_one_is_claimed_again);
	RUN(a_repair_goes_by_what_the_conversation_says_now);
	RUN(one_that_is_closed_meanwhile_is_not_put_back);
	RUN(a_claim_of_one_that_is_closed_at_once_does_not_last);
	RUN(what_comes_late_does_not_undo_what_is_newer);
	store_free(&one);
	return world_end("store/mend");
}
