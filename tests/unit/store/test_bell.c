/* The bell between two stores: who shows a conversation hears of it. */
#include "world.h"

struct ears {
	char bells[1024], queues[1024], whispers[1024], news[1024];
};

static struct ears ears[2];
static struct store *one, *two;

static void on_bell(void *arg, const char *conv, uint64_t seq)
{
	struct ears *e = arg;
	char text[64];

	snprintf(text, sizeof(text), "%s:%" PRIu64, conv, seq);
	add_text(e->bells, sizeof(e->bells), str_of(text), ' ');
}

static void on_queue(void *arg, const char *queue)
{
	struct ears *e = arg;

	add_text(e->queues, sizeof(e->queues), str_of(queue), ' ');
}

static void on_whisper(void *arg, const char *conv, struct str text)
{
	struct ears *e = arg;

	add_text(e->whispers, sizeof(e->whispers), str_of(conv), '=');
	add_text(e->whispers, sizeof(e->whispers), text, ' ');
}

static void on_news(void *arg, const char *what)
{
	struct ears *e = arg;

	add_text(e->news, sizeof(e->news), str_of(what), ' ');
}

static struct store *with_ears(const char *node, struct ears *e)
{
	return store_up(node, &(struct store_ops){.bell = on_bell,
						  .queue_bell = on_queue,
						  .whisper = on_whisper,
						  .news = on_news,
						  .arg = e});
}

static void read_and_watch(struct store *store, const char *conv)
{
	struct got got = {0};

	store_read(store, conv, 0, true, got_log, &got, 0);
	UNTIL(got.times == 1);
}

static void both_hear(void)
{
	static const char *const channels[] = {"t:bell:one", "t:bell:two"};

	for (int i = 0; i < 2; i++)
		for (int n = 0;
		     n < 100 &&
		     strcmp(redis("PUBLISH %s *", channels[i]), "1") != 0;
		     n++)
			pass_ms(20);
	memset(ears, 0, sizeof(ears));
}

static void who_shows_a_conversation_hears_what_others_append(void)
{
	read_and_watch(one, "a");
	read_and_watch(two, "a");
	CHECK(appended(one, "a", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(two, "a", 1, "m2", "x", NULL) == STORE_OK);
	CHECK(appended(one, "other", 0, "m1", "x", NULL) == STORE_OK);
	UNTIL(ears[1].bells[0] != '\0' && ears[0].bells[0] != '\0');
	CHECK_STR(ears[1].bells, "a:1 ");
	CHECK_STR(ears[0].bells, "a:2 ");
	CHECK_STR(redis("PTTL t:conv:{a}"), "-1");
}

static void an_append_may_note_its_own_node(void)
{
	struct said said;
	struct got got = {0};

	memset(ears, 0, sizeof(ears));
	say(&said, "m1", "x");
	store_append(one,
		     &(struct store_unit){.conv = "w",
					  .entries = &said.entry,
					  .entry_count = 1,
					  .watch = true,
					  .due_ms = 1},
		     got_append, &got, 0);
	UNTIL(got.times == 1);
	CHECK(appended(two, "w", 1, "m2", "x", NULL) == STORE_OK);
	UNTIL(ears[0].bells[0] != '\0');
	CHECK_STR(ears[0].bells, "w:2 ");
}

static void who_shows_it_no_more_hears_no_more(void)
{
	memset(ears, 0, sizeof(ears));
	store_unwatch(one, "a");
	settle_down(one);
	CHECK(appended(two, "a", 2, "m3", "x", NULL) == STORE_OK);
	pass_ms(50);
	CHECK_STR(ears[0].bells, "");
	CHECK(strncmp(redis("HGET t:conv:{a} nodes"), "two=", 4) == 0);
}

static void what_is_only_watched_is_let_go(void)
{
	read_and_watch(one, "never");
	CHECK(atoi(redis("PTTL t:conv:{never}")) > 80000000);
	CHECK(appended(one, "never", 0, "m1", "x", NULL) == STORE_OK);
	CHECK_STR(redis("PTTL t:conv:{never}"), "-1");
}

/* Nodes that died without a word. */
static void who_is_deaf_falls_out(void)
{
	const char *now;

	redis("HSET t:conv:{a} nodes %s", "dead=1000 two=1000");
	CHECK(appended(one, "a", 3, "m4", "x", NULL) == STORE_OK);
	CHECK_STR(redis("HGET t:conv:{a} nodes"), "");
	now = redis("EVAL %s 0", "return redis.call('TIME')[1] .. '000'");
	redis("HSET t:conv:{a} nodes dead=%s", now);
	CHECK(appended(one, "a", 4, "m5", "x", NULL) == STORE_OK);
	CHECK(strstr(redis("HGET t:conv:{a} nodes"), "dead=") != NULL);
	redis("HSET t:conv:{a} nodes %s",
	      "n1=1 n2=2 n3=3 n4=4 n5=5 n6=6 n7=7 n8=8 n9=9");
	read_and_watch(two, "a");
	CHECK(strncmp(redis("HGET t:conv:{a} nodes"),
		      "n3=3 n4=4 n5=5 n6=6 n7=7 n8=8 n9=9 two=", 39) == 0);
}

static void whispers_reach_the_others(void)
{
	char long_text[5000];

	memset(ears, 0, sizeof(ears));
	read_and_watch(one, "wh");
	read_and_watch(two, "wh");
	store_whisper(one, "wh", STR("typing agent 1"));
	memset(long_text, 'x', sizeof(long_text));
	store_whisper(one, "wh", (struct str){long_text, sizeof(long_text)});
	UNTIL(ears[1].whispers[0] != '\0');
	pass_ms(20);
	CHECK_STR(ears[1].whispers, "wh=typing agent 1 ");
	CHECK_STR(ears[0].whispers, "");
}

static void a_change_of_a_queue_is_heard_by_all(void)
{
	memset(ears, 0, sizeof(ears));
	CHECK(turned(one, &(struct turn){.conv = "q",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_ENQUEUE}) == STORE_OK);
	UNTIL(ears[0].queues[0] != '\0' && ears[1].queues[0] != '\0');
	CHECK_STR(ears[0].queues, "care ");
	CHECK_STR(ears[1].queues, "care ");
}

static void on_told(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	(void)fields;
	CHECK(status == STORE_OK && n == 0 && tag == 3);
	*(bool *)arg = true;
}

/* And what was written before stands there when they hear it. */
static void news_are_heard_by_all(void)
{
	bool told = false;

	memset(ears, 0, sizeof(ears));
	store_hash_set(one, "announcements",
		       &(struct field){STR("a1"), STR("{}")}, 1, 0, NULL, NULL,
		       0);
	store_news(one, "announcements", on_told, &told, 3);
	store_news(two, "other", NULL, NULL, 0);
	UNTIL(told && strstr(ears[0].news, "announcements ") != NULL &&
	      strstr(ears[1].news, "announcements ") != NULL &&
	      strstr(ears[0].news, "other ") != NULL);
	CHECK_STR(redis("HGET t:announcements a1"), "{}");
	CHECK_STR(ears[0].queues, "");
}

static void rubbish_on_a_channel_is_passed_over(void)
{
	static const char *const rubbish[] = {
		"",
		" ",
		"x",
		"x ",
		"x y",
		"x -1",
		"x 99999999999999999999",
		"! text",
		"!",
		"!x",
	};
	char longest[600];

	memset(ears, 0, sizeof(ears));
	for (size_t i = 0; i < ARRAY_LEN(rubbish); i++)
		redis("PUBLISH t:bell:one %s", rubbish[i]);
	memset(longest, 'c', sizeof(longest));
	memcpy(longest + 590, " 1", 3);
	redis("PUBLISH t:bell:one %s", longest);
	redis("PUBLISH t:bell:queues %s", longest);
	redis("PUBLISH t:bell:news %s", longest);
	redis("EVAL %s 0", "redis.call('PUBLISH', 't:bell:queues', 'a\\0b')");
	redis("EVAL %s 0", "redis.call('PUBLISH', 't:bell:news', 'a\\0b')");
	redis("PUBLISH t:bell:one %s", "last 7");
	UNTIL(ears[0].bells[0] != '\0');
	CHECK_STR(ears[0].bells, "last:7 ");
	CHECK_STR(ears[0].whispers, "");
	CHECK_STR(ears[0].queues, "");
	CHECK_STR(ears[0].news, "");
}

/* The listening connection alone is cut: it comes back by itself and says
 * that something may have been missed. */
static void a_cut_bell_comes_back(void)
{
	memset(ears, 0, sizeof(ears));
	redis("CLIENT KILL TYPE pubsub");
	UNTIL(strstr(ears[0].queues, "* ") != NULL &&
	      strstr(ears[1].queues, "* ") != NULL);
	CHECK_STR(ears[0].news, "* ");
	CHECK(store_is_up(one) && store_is_up(two));
	CHECK(appended(one, "wh", 0, "m1", "x", NULL) == STORE_OK);
	UNTIL(ears[1].bells[0] != '\0');
	CHECK_STR(ears[1].bells, "wh:1 ");
}

int main(void)
{
	world_begin();
	one = with_ears("one", &ears[0]);
	two = with_ears("two", &ears[1]);
	both_hear();
	RUN(who_shows_a_conversation_hears_what_others_append);
	RUN(an_append_may_note_its_own_node);
	RUN(who_shows_it_no_more_hears_no_more);
	RUN(what_is_only_watched_is_let_go);
	RUN(who_is_deaf_falls_out);
	RUN(whispers_reach_the_others);
	RUN(a_change_of_a_queue_is_heard_by_all);
	RUN(news_are_heard_by_all);
	RUN(rubbish_on_a_channel_is_passed_over);
	RUN(a_cut_bell_comes_back);
	store_free(&one);
	store_free(&two);
	return world_end("store/bell");
}
