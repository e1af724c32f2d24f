/* Redis that dies, stands still, comes back: what waits is in the log
 * afterwards, once, and every question gets an answer. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "away.h"

static struct got read_of(const char *conv)
{
	struct got got = {0};

	store_read(store, conv, 0, false, got_log, &got, 0);
	UNTIL(got.times == 1);
	return got;
}

/* -- gone and back --------------------------------------------------------- */

static void what_waits_is_appended_in_order_when_redis_is_back(void)
{
	struct got a[5] = {0}, b = {0}, read = {0};

	begin();
	CHECK(appended(store, "a", 0, "m0", "x", NULL) == STORE_OK);
	redis_kill();
	for (unsigned i = 0; i < 5; i++) {
		char id[8];

		snprintf(id, sizeof(id), "n%u", i);
		append_to(store, "a", 1 + i, id, "x", &a[i]);
	}
	append_to(store, "b", 0, "m1", "x", &b);
	UNTIL(!store_is_up(store));
	store_read(store, "a", 0, true, got_log, &read, 0);
	CHECK(read.times == 0);
	UNTIL(read.times == 1);
	CHECK(read.status == STORE_AWAY);
	pass_ms(300);
	CHECK(a[0].times == 0 && b.times == 0);
	CHECK(store_waiting_bytes(store) > 0);
	CHECK(store_stats(store)->waiting_units == 6);
	redis_start();
	UNTIL(a[4].times == 1 && b.times == 1);
	for (unsigned i = 0; i < 5; i++)
		CHECK(a[i].times == 1 && a[i].status == STORE_OK &&
		      a[i].appended.seq == 2 + i);
	CHECK(read_of("a").count == 6 && store_waiting_bytes(store) == 0);
	CHECK(seen.downs == 1 && seen.ups == 1 && seen.rolls == 1);
	CHECK_STR(redis("HGET t:conv:{a} epoch"), store_epoch(store));
}

/* Redis does what it has read, but nobody hears of it. */
static void what_was_done_unheard_is_done_once(void)
{
	struct got a[3] = {0}, q = {0}, read = {0};

	begin();
	kill(world.pid, SIGSTOP);
	for (unsigned i = 0; i < 3; i++) {
		char conv[8];

		snprintf(conv, sizeof(conv), "s%u", i);
		append_to(store, conv, 0, "m1", "x", &a[i]);
	}
	turn_to(store,
		&(struct turn){.conv = "q",
			       .state = "queued",
			       .queue = "care",
			       .op = QUEUE_ENQUEUE},
		&q);
	store_read(store, "s0", 0, false, got_log, &read, 0);
	UNTIL(read.times == 1);
	CHECK(read.status == STORE_AWAY);
	UNTIL(!store_is_up(store));
	kill(world.pid, SIGCONT);
	UNTIL(a[2].times == 1 && q.times == 1);
	for (unsigned i = 0; i < 3; i++)
		CHECK(a[i].times == 1 && a[i].status == STORE_OK &&
		      a[i].appended.seq == 1);
	CHECK(q.status == STORE_OK);
	settle_down(store);
	CHECK_STR(redis("XLEN t:conv:{s1}:log"), "1");
	CHECK_STR(redis("XLEN t:conv:{q}:log"), "1");
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "q");
	CHECK(seen.downs == 1 && seen.ups == 1 && seen.rolls == 0);
}

/* What is sent again may have gone out of the line meanwhile. */
static void sent_again_it_does_not_come_back_into_line(void)
{
	struct got q = {0};
	struct turn turn = {.conv = "q2",
			    .state = "queued",
			    .queue = "care",
			    .op = QUEUE_ENQUEUE};
	struct store *other = store_up("other", NULL);

	begin();
	kill(world.pid, SIGSTOP);
	turn_to(store, &turn, &q);
	UNTIL(!store_is_up(store) && !store_is_up(other));
	/* The other daemon is back first, and closes it. */
	store_free(&store);
	kill(world.pid, SIGCONT);
	UNTIL(store_is_up(other));
	settle_down(other);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "q2");
	CHECK(turned(other, &(struct turn){.conv = "q2",
					   .state = "closed",
					   .queue = "care",
					   .op = QUEUE_RESOLVE,
					   .expect = 1}) == STORE_OK);
	settle_down(other);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "");
	store = store_up("one", &ops);
	CHECK(turned(store, &turn) == STORE_MOVED);
	settle_down(store);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "");
	store_free(&other);
	CHECK(q.times == 0);
}

static void cut_connections_lose_and_double_nothing(void)
{
	enum {
		CONVS = 40,
		ROUNDS = 15
	};
	static struct got got[CONVS];

	begin();
	for (unsigned round = 0; round < ROUNDS; round++) {
		memset(got, 0, sizeof(got));
		for (unsigned i = 0; i < CONVS; i++) {
			char conv[8], id[8];

			snprintf(conv, sizeof(conv), "k%u", i);
			snprintf(id, sizeof(id), "r%u", round);
			append_to(store, conv, round, id, "x", &got[i]);
		}
		if (round % 3 == 0)
			loop_turn(world.loop, false);
		redis("CLIENT KILL TYPE normal SKIPME yes");
		for (unsigned i = 0; i < CONVS; i++) {
			UNTIL(got[i].times == 1);
			CHECK(got[i].status == STORE_OK &&
			      got[i].appended.seq == round + 1);
		}
	}
	for (unsigned i = 0; i < CONVS; i++)
		CHECK(atoi(redis("XLEN t:conv:{k%u}:log", i)) == ROUNDS);
}

static void a_repair_asked_for_while_redis_is_away_is_made(void)
{
	begin();
	CHECK(turned(store, &(struct turn){.conv = "r",
					   .state = "queued",
					   .queue = "care",
					   .op = QUEUE_ENQUEUE}) == STORE_OK);
	redis("DEL t:queue:{care}");
	redis_kill();
	UNTIL(!store_is_up(store));
	store_queue_repair(store, "r", "care", "queued", "");
	redis_start();
	UNTIL(store_is_up(store));
	settle_down(store);
	CHECK_STR(redis("ZRANGE t:queue:{care} 0 -1"), "r");
}

/* Every question has one answer, in whatever state Redis is. */
static void all_questions_are_answered_once(void)
{
	static const char *const care[] = {"care"}, *const convs[] = {"c"};
	struct got got[10] = {0};

	begin();
	for (int round = 0; round < 2; round++) {
		memset(got, 0, sizeof(got));
		if (round == 1) {
			redis_kill();
			UNTIL(!store_is_up(store));
		} else {
			kill(world.pid, SIGSTOP);
		}
		store_read(store, "c", 0, true, got_log, &got[0], 0);
		store_open(store, "V", NULL, "c", "", got_opened, &got[1], 0);
		store_queue(store, care, 1, 9, got_items, &got[2], 0);
		store_claimed(store, care, 1, NULL, got_items, &got[3], 0);
		store_claim(store, care, 1, NULL, "maria", "x", got_claim,
			    &got[4], 0);
		store_renew(store, "maria", convs, care, 1, got_name, &got[5],
			    0);
		store_reap(store, care, 1, got_reaped, &got[6], 0);
		store_place(store, "care", "c", got_place, &got[7], 0);
		store_due(store, 5, 5, got_name, &got[8], 0);
		store_hash_get(store, "agent:maria", got_hash, &got[9], 0);
		store_unwatch(store, "c");
		for (unsigned i = 0; i < ARRAY_LEN(got); i++)
			CHECK(got[i].times == 0);
		for (unsigned i = 0; i < ARRAY_LEN(got); i++) {
			UNTIL(got[i].times == 1);
			CHECK(got[i].status == STORE_AWAY);
			CHECK(got[i].names[0] == '\0');
		}
		kill(world.pid, SIGCONT);
		if (round == 1)
			redis_start();
		UNTIL(store_is_up(store));
	}
	pass_ms(50);
	for (unsigned i = 0; i < ARRAY_LEN(got); i++)
		CHECK(got[i].times == 1);
}

static void too_many_questions_at_once_are_told_to_come_later(void)
{
	struct got got = {0};

	begin();
	for (unsigned i = 0; i < 25000; i++)
		store_hash_get(store, "agent:maria", got_hash, &got, 0);
	CHECK(got.times == 0);
	UNTIL(got.times == 25000);
	UNTIL(store_is_up(store));
}

/* As many as may be on their way, but for one. */
static void crowd(struct got *got)
{
	settle_down(store);
	got->times = 0;
	for (unsigned i = 0; i < 19999; i++)
		store_hash_get(store, "agent:maria", got_hash, got, 0);
}

/* There is room for its first command only. */
static void a_question_of_several_commands_is_asked_as_a_whole(void)
{
	const char *queues[] = {"care", "sales"};
	struct got crowded = {0}, got = {0};

	begin();
	crowd(&crowded);
	store_read(store, "c", 0, false, got_log, &got, 0);
	UNTIL(crowded.times == 19999);
	CHECK(got.times == 1 && got.status == STORE_AWAY);
	crowd(&crowded);
	store_place(store, "care", "c", got_place, &got, 0);
	UNTIL(crowded.times == 19999);
	CHECK(got.times == 2 && got.status == STORE_AWAY);
	crowd(&crowded);
	store_claim(store, queues, 1, NULL, "maria", "x1", got_claim, &got, 0);
	UNTIL(crowded.times == 19999);
	CHECK(got.times == 3 && got.status == STORE_AWAY);
	crowd(&crowded);
	store_queue(store, queues, 2, 10, got_items, &got, 0);
	UNTIL(crowded.times == 19999);
	CHECK(got.times == 4 && got.status == STORE_AWAY);
	store_read(store, "c", 0, false, got_log, &got, 0);
	UNTIL(got.times == 5);
	CHECK(got.status == STORE_OK);
}

/* This process stood still, not Redis. */
static void our_own_pause_is_not_taken_for_redis(void)
{
	struct got got = {0};

	begin();
	store_read(store, "c", 0, false, got_log, &got, 0);
	loop_turn(world.loop, false);
	usleep((COMMAND_MS + 200) * 1000);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && seen.downs == 0);
}

/* And when it goes on after a long time, Redis has as long as ever. */
static void after_our_own_pause_redis_has_its_time(void)
{
	struct got got = {0};
	int64_t until_us;

	begin();
	usleep((COMMAND_MS + 200) * 1000);
	kill(world.pid, SIGSTOP);
	store_read(store, "c", 0, false, got_log, &got, 0);
	for (until_us = loop_now_us() + 300000; loop_now_us() < until_us;
	     usleep(1000))
		loop_turn(world.loop, false);
	kill(world.pid, SIGCONT);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && seen.downs == 0);
}

/* -- the way there --------------------------------------------------------- */

static unsigned free_port(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sa, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
		exit(1);
	close(fd);
	return ntohs(sa.sin_port);
}

static struct store *store_at(const char *url)
{
	return store_new(
		world.loop,
		&(struct store_options){.url = url,
					.prefix = "t:",
					.node = "tcp",
					.command_timeout_ms = COMMAND_MS},
		&(struct store_ops){0});
}

static void by_name_with_a_password_into_a_database(void)
{
	unsigned port = free_port();
	char url[96];
	struct store *tcp, *wrong;

	begin();
	snprintf(url, sizeof(url), "%u", port);
	redis("CONFIG SET bind 127.0.0.1 port %s", url);
	redis("ACL SETUSER shop on >s@cret ~* &* +@all");
	redis("ACL SETUSER default on >other");
	snprintf(url, sizeof(url), "redis://shop:s%%40cret@localhost:%u/3",
		 port);
	tcp = store_at(url);
	UNTIL(store_is_up(tcp));
	CHECK(appended(tcp, "db", 0, "m1", "x", NULL) == STORE_OK);
	snprintf(url, sizeof(url), "redis://shop:wrong@localhost:%u", port);
	wrong = store_at(url);
	pass_ms(300);
	CHECK(!store_is_up(wrong));
	CHECK_STR(redis("EXISTS t:conv:{db}"), "0");
	redis("SELECT 3");
	CHECK_STR(redis("EXISTS t:conv:{db}"), "1");
	redis("SELECT 0");
	redis("ACL SETUSER default nopass");
	store_free(&tcp);
	store_free(&wrong);
}

static void where_nobody_is_it_keeps_trying(void)
{
	static const char *const nowhere[] = {"unix:///nonexistent/redis.sock",
					      "redis://127.0.0.1:1",
					      "redis://not..a..name:6379"};
	struct store *stores[3];

	for (int i = 0; i < 3; i++)
		stores[i] = store_at(nowhere[i]);
	pass_ms(400);
	for (int i = 0; i < 3; i++) {
		CHECK(!store_is_up(stores[i]));
		CHECK_STR(store_epoch(stores[i]), "");
		store_free(&stores[i]);
	}
	CHECK(store_at("http://localhost") == NULL);
}

/* The kernel accepts for a stopped Redis: that is not up. */
static void a_stopped_redis_is_not_up(void)
{
	struct store *late;

	begin();
	kill(world.pid, SIGSTOP);
	late = store_made("late", NULL);
	pass_ms(COMMAND_MS + 300);
	CHECK(!store_is_up(late));
	kill(world.pid, SIGCONT);
	UNTIL(store_is_up(late));
	store_free(&late);
}

/* Nobody is called, and nothing stays behind (ASan). */
static void a_store_may_be_freed_at_any_moment(void)
{
	static const char *const care[] = {"care"};
	static struct got got;

	begin();
	for (int turns = 0; turns < 12; turns++) {
		struct store *brief = turns < 6 ? store_made("brief", NULL)
						: store_up("brief", NULL);

		append_to(brief, "f", 9, "m1", "x", &got);
		append_to(brief, "f", 10, "m2", "x", &got);
		store_read(brief, "f", 0, true, got_log, &got, 0);
		store_claim(brief, care, 1, NULL, "a", "x", got_claim, &got, 0);
		store_queue(brief, care, 1, 5, got_items, &got, 0);
		store_due(brief, 1, 1, got_name, &got, 0);
		store_queue_repair(brief, "f", "care", "closed", "");
		store_free(&brief);
		CHECK(got.times == 0);
		for (int i = 0; i < turns % 6; i++)
			loop_turn(world.loop, false);
	}
	CHECK(got.times == 0);
}

static void waiting_has_an_end(void)
{
	bool done = false, never = false;
	struct store *tool = store_made("tool", NULL);
	int64_t from_us;

	CHECK(!store_wait(tool, &never, 30));
	usleep(200000); /* as long as it takes to type a password */
	from_us = loop_now_us();
	CHECK(!store_wait(tool, &never, 100));
	CHECK(loop_now_us() - from_us >= 90000);
	done = true;
	CHECK(store_wait(tool, &done, 1000));
	store_free(&tool);
}

int main(void)
{
	world_begin();
	store = store_up("one", &ops);
	RUN(what_waits_is_appended_in_order_when_redis_is_back);
	RUN(what_was_done_unheard_is_done_once);
	RUN(sent_again_it_does_not_come_back_into_line);
	RUN(cut_connections_lose_and_double_nothing);
	RUN(a_repair_asked_for_while_redis_is_away_is_made);
	RUN(all_questions_are_answered_once);
	RUN(too_many_questions_at_once_are_told_to_come_later);
	RUN(a_question_of_several_commands_is_asked_as_a_whole);
	RUN(our_own_pause_is_not_taken_for_redis);
	RUN(after_our_own_pause_redis_has_its_time);
	RUN(by_name_with_a_password_into_a_database);
	RUN(where_nobody_is_it_keeps_trying);
	RUN(a_stopped_redis_is_not_up);
	RUN(a_store_may_be_freed_at_any_moment);
	RUN(waiting_has_an_end);
	store_free(&store);
	return world_end("store/away");
}
