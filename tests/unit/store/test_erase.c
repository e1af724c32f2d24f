/* Erasing and exporting a visitor against a real Redis: what goes, what stays,
 * and that what comes later is refused or taken out again. */
#include "store/visitor.h"
#include "world.h"

static const char *const queues[] = {"support"};
static struct store *store;

struct outcome {
	unsigned times;
	struct store_erased erased;
	enum store_status status;
	struct buf json;
};

static void got_erased(void *arg, uint64_t tag,
		       const struct store_erased *erased)
{
	struct outcome *o = arg;

	(void)tag;
	o->times++;
	o->erased = *erased;
}

static void got_exported(void *arg, uint64_t tag,
			 const struct store_exported *exported)
{
	struct outcome *o = arg;

	(void)tag;
	o->times++;
	o->status = exported->status;
	buf_clear(&o->json);
	buf_add_str(&o->json, exported->json);
}

static struct store_erased erase_of(const char *visitor)
{
	struct outcome o = {.times = 0};

	store_erase(store, visitor, queues, 1, got_erased, &o, 0);
	CHECK(o.times == 0);
	UNTIL(o.times == 1);
	return o.erased;
}

/* The first message of a visitor, who waits for a person with it. */
static enum store_status waits(const char *visitor, const char *conv,
			       const char *id, uint64_t expect)
{
	struct got got = {0};
	struct said said;
	struct field hash[] = {{STR("state"), STR("queued")},
			       {STR("queue"), STR("support")},
			       {STR("visitor"), str_of(visitor)}};

	say(&said, id, "secret");
	store_append(store,
		     &(struct store_unit){.conv = conv,
					  .expect = expect,
					  .entries = &said.entry,
					  .entry_count = 1,
					  .hash = hash,
					  .hash_count = 3,
					  .queue_op = QUEUE_ENQUEUE,
					  .queue = "support",
					  .due_ms = 1,
					  .visitor = visitor},
		     got_append, &got, 0);
	UNTIL(got.times == 1);
	return got.status;
}

static void note(const char *stream, const char *conv, const char *visitor)
{
	struct field fields[] = {{STR("conversation"), str_of(conv)},
				 {STR("visitor"), str_of(visitor)},
				 {STR("text"), STR("secret")}};

	store_note(store, stream, fields, 3, 1000);
}

static void erasing_leaves_tombstones_and_refuses_what_comes_later(void)
{
	struct store_erased erased;
	struct got log = {0}, opened = {0};

	CHECK(waits("v1", "c1", "m1", 0) == STORE_OK);
	CHECK(waits("v2", "c2", "m1", 0) == STORE_OK);
	note("recent", "c1", "v1");
	note("recent", "c2", "v2");
	note("recent", "c0", "v1"); /* one that visitor:{V} has forgotten */
	note("unanswered:2023-11-14", "c1", ""); /* the day of `at` */
	note("unanswered:2023-11-14", "c2", "");
	erased = erase_of("v1");
	CHECK(erased.status == STORE_OK && erased.conversations == 1);
	CHECK(erased.events == 1 && erased.notes == 3);
	CHECK_STR(redis("HKEYS t:conv:{c1}"), "tombstone");
	CHECK_STR(redis("HKEYS t:conv:{c0}"), "tombstone");
	CHECK_STR(redis("HKEYS t:visitor:{v1}"), "tombstone");
	CHECK(atoll(redis("PTTL t:conv:{c1}")) > 6 * 24 * 3600 * INT64_C(1000));
	CHECK_STR(redis("EXISTS t:conv:{c1}:log t:conv:{c1}:ids"), "0");
	CHECK_STR(redis("ZRANGE t:queue:{support} 0 -1"), "c2");
	CHECK_STR(redis("HKEYS t:queue:{support}:info"), "c2");
	CHECK_STR(redis("XLEN t:recent"), "1");
	CHECK_STR(redis("XLEN t:unanswered:{2023-11-14}"), "1");
	CHECK(waits("v1", "c1", "m2", 1) == STORE_GONE);
	store_read(store, "c1", 0, false, got_log, &log, 0);
	store_open(store, "v1", NULL, "c9", "", got_opened, &opened, 0);
	UNTIL(log.times == 1 && opened.times == 1);
	CHECK(log.status == STORE_GONE && log.count == 0);
	CHECK(opened.status == STORE_GONE);
	/* Its place in line was made before the append was refused. */
	UNTIL(strcmp(redis("ZRANGE t:queue:{support} 0 -1"), "c2") == 0);
}

static void it_may_be_done_again_and_finds_nothing_of_strangers(void)
{
	CHECK(erase_of("v1").status == STORE_OK);
	CHECK(erase_of("v1").conversations == 0);
	CHECK(erase_of("nobody").status == STORE_EMPTY);
}

static void what_is_appended_for_an_erased_visitor_goes_again(void)
{
	CHECK(waits("v1", "c7", "m1", 0) == STORE_OK);
	UNTIL(strcmp(redis("HKEYS t:conv:{c7}"), "tombstone") == 0);
	UNTIL(strcmp(redis("ZRANGE t:queue:{support} 0 -1"), "c2") == 0);
	CHECK_STR(redis("EXISTS t:conv:{c7}:log t:conv:{c7}:ids"), "0");
}

static void an_export_is_all_of_one_visitor(void)
{
	struct outcome o = {.times = 0};

	store_export(store, "v2", 1 << 20, got_exported, &o, 0);
	UNTIL(o.times == 1);
	CHECK(o.status == STORE_OK);
	CHECK(strstr(o.json.data, "\"conversation\":\"c2\"") != NULL);
	CHECK(strstr(o.json.data, "\"text\":\"secret\"") != NULL);
	CHECK(strstr(o.json.data, "\"c1\"") == NULL);
	store_export(store, "v2", 100, got_exported, &o, 0);
	UNTIL(o.times == 2);
	CHECK(o.status == STORE_REFUSED);
	store_export(store, "v1", 1 << 20, got_exported, &o, 0);
	UNTIL(o.times == 3);
	CHECK(o.status == STORE_EMPTY);
	buf_fini(&o.json);
}

/* Nobody is called, and nothing is lost: the sanitizer looks. */
static void a_store_may_go_in_the_midst_of_it(void)
{
	for (int turns = 0; turns < 12; turns++) {
		struct outcome o = {.times = 0};
		struct store *two = store_up("two", NULL);
		unsigned told;

		store_export(two, "v2", 1 << 20, got_exported, &o, 0);
		store_erase(two, "v3", queues, 1, got_erased, &o, 0);
		for (int i = 0; i < turns; i++)
			loop_turn(world.loop, false);
		told = o.times;
		store_free(&two);
		CHECK(o.times == told);
		buf_fini(&o.json);
	}
}

static void without_redis_it_says_so(void)
{
	struct outcome o = {.times = 0};

	redis_kill();
	store_erase(store, "v2", queues, 1, got_erased, &o, 0);
	store_export(store, "v2", 1 << 20, got_exported, &o, 0);
	UNTIL(o.times == 2);
	CHECK(o.erased.status == STORE_AWAY && o.status == STORE_AWAY);
	buf_fini(&o.json);
}

int main(void)
{
	world_begin();
	store = store_up("one", NULL);
	RUN(erasing_leaves_tombstones_and_refuses_what_comes_later);
	RUN(it_may_be_done_again_and_finds_nothing_of_strangers);
	RUN(what_is_appended_for_an_erased_visitor_goes_again);
	RUN(an_export_is_all_of_one_visitor);
	RUN(a_store_may_go_in_the_midst_of_it);
	RUN(without_redis_it_says_so);
	store_free(&store);
	return world_end("store/erase");
}
