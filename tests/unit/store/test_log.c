/* The log against a real Redis: what an append promises, alone and against
 * others, and reading it back. */
#include "world.h"

static struct store *one, *two;

static struct got read_of(const char *conv, uint64_t since)
{
	struct got got = {0};

	store_read(one, conv, since, false, got_log, &got, 0);
	CHECK(got.times == 0);
	UNTIL(got.times == 1);
	return got;
}

static void an_append_gets_the_next_seq_and_is_read_back(void)
{
	struct got got;
	uint64_t seq;

	CHECK(appended(one, "a", 0, "m1", "hello", &seq) == STORE_OK);
	CHECK(seq == 1);
	CHECK(appended(one, "a", 1, "m2", "there", &seq) == STORE_OK);
	CHECK(seq == 2);
	got = read_of("a", 0);
	CHECK(got.status == STORE_OK && got.count == 2 && got.last == 2);
	CHECK(!got.more && got.first_seq == 1 && got.last_seq == 2);
	CHECK_STR(got.fields, "type=message;id=m1;sender=s;text=hello;"
			      "at=1700000000000;type=message;id=m2;sender=s;"
			      "text=there;at=1700000000000;");
	CHECK_STR(redis("HGET t:conv:{a} seq"), "2");
	CHECK_STR(redis("HGET t:conv:{a} epoch"), store_epoch(one));
	got = read_of("a", 1);
	CHECK(got.count == 1 && got.first_seq == 2);
	got = read_of("a", 2);
	CHECK(got.status == STORE_OK && got.count == 0 && got.last == 2);
	CHECK(!got.is_short);
}

static void an_unknown_conversation_has_no_events(void)
{
	struct got got = read_of("unknown", 0);

	CHECK(got.status == STORE_OK && got.count == 0 && got.last == 0);
	CHECK_STR(redis("EXISTS t:conv:{unknown}"), "0");
}

static void an_id_is_taken_once_whoever_brings_it(void)
{
	uint64_t seq;

	CHECK(appended(one, "b", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(one, "b", 1, "m2", "y", NULL) == STORE_OK);
	CHECK(appended(two, "b", 2, "m1", "x", &seq) == STORE_DUP);
	CHECK(seq == 1);
	CHECK(appended(two, "b", 0, "m2", "y", &seq) == STORE_DUP);
	CHECK(seq == 2);
	CHECK(appended(two, "b", 2, "m1", "another", &seq) == STORE_REUSED);
	CHECK(seq == 1);
	CHECK_STR(redis("XLEN t:conv:{b}:log"), "2");
}

static void got_known(void *arg, uint64_t tag, const struct store_known *known)
{
	struct store_known *got = arg;

	CHECK(tag == 7);
	*got = *known;
}

static struct store_known known_of(const char *conv, const char *key)
{
	struct store_known got = {.status = STORE_TAKEN};

	store_known(one, conv, str_of(key), got_known, &got, 7);
	CHECK(got.status == STORE_TAKEN);
	UNTIL(got.status != STORE_TAKEN);
	return got;
}

static void where_an_id_stands_can_be_asked(void)
{
	struct store_known x, y;

	CHECK(appended(one, "known", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(one, "known", 1, "m2", "y", NULL) == STORE_OK);
	x = known_of("known", "s:m1");
	y = known_of("known", "s:m2");
	CHECK(x.status == STORE_OK && x.seq == 1);
	CHECK(y.status == STORE_OK && y.seq == 2);
	CHECK(x.content != y.content);
	CHECK(known_of("known", "s:m3").status == STORE_EMPTY);
	CHECK(known_of("nothing", "s:m1").status == STORE_EMPTY);
	redis("HSET t:conv:{known}:ids s:m3 rubbish");
	redis("HSET t:conv:{known}:ids s:m4 12:xyz");
	redis("HSET t:conv:{known}:ids s:m5 12");
	redis("HSET t:conv:{known}:ids s:m6 99999999999999999999:0");
	CHECK(known_of("known", "s:m3").status == STORE_REFUSED);
	CHECK(known_of("known", "s:m4").status == STORE_REFUSED);
	CHECK(known_of("known", "s:m5").status == STORE_REFUSED);
	CHECK(known_of("known", "s:m6").status == STORE_REFUSED);
	redis("SET t:conv:{other}:ids rubbish");
	CHECK(known_of("other", "s:m1").status == STORE_REFUSED);
}

static void another_seq_than_expected_writes_nothing(void)
{
	uint64_t seq;

	CHECK(appended(one, "c", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(two, "c", 0, "m2", "y", &seq) == STORE_MOVED);
	CHECK(seq == 1);
	CHECK(appended(two, "c", 2, "m2", "y", &seq) == STORE_MOVED);
	CHECK_STR(redis("XLEN t:conv:{c}:log"), "1");
	CHECK_STR(redis("HEXISTS t:conv:{c}:ids s:m2"), "0");
}

/* By hand, as no daemon does. */
static void a_log_with_a_gap_is_written_behind_its_last(void)
{
	uint64_t seq;

	CHECK(appended(one, "gap", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(appended(one, "gap", 1, "m2", "x", NULL) == STORE_OK);
	CHECK(appended(one, "gap", 2, "m3", "x", NULL) == STORE_OK);
	CHECK_STR(redis("XDEL t:conv:{gap}:log 2-0"), "1");
	CHECK(appended(two, "gap", 2, "m4", "y", &seq) == STORE_MOVED);
	CHECK(seq == 3);
	CHECK_STR(redis("HEXISTS t:conv:{gap}:ids s:m4"), "0");
	CHECK(appended(two, "gap", 3, "m4", "y", &seq) == STORE_OK);
	CHECK(seq == 4);
}

static void of_two_daemons_that_race_one_writes(void)
{
	for (unsigned i = 0; i < 100; i++) {
		struct got a = {0}, b = {0};
		char x[16], y[16];

		snprintf(x, sizeof(x), "x%u", i);
		snprintf(y, sizeof(y), "y%u", i);
		append_to(one, "race", i, x, "x", &a);
		append_to(two, "race", i, y, "y", &b);
		UNTIL(a.times == 1 && b.times == 1);
		CHECK((a.status == STORE_OK) + (b.status == STORE_OK) == 1);
		CHECK((a.status == STORE_MOVED) + (b.status == STORE_MOVED) ==
		      1);
	}
	CHECK_STR(redis("XLEN t:conv:{race}:log"), "100");
}

static void units_of_one_conversation_may_be_on_their_way_together(void)
{
	struct got got[20] = {0};

	for (unsigned i = 0; i < 20; i++) {
		char id[16];

		snprintf(id, sizeof(id), "m%u", i);
		append_to(one, "many", i, id, "x", &got[i]);
	}
	UNTIL(got[19].times == 1);
	for (unsigned i = 0; i < 20; i++)
		CHECK(got[i].times == 1 && got[i].status == STORE_OK &&
		      got[i].appended.seq == i + 1);
}

/* The log moved by as many entries as the first unit has: the second one's
 * number would fit, its history would not. */
static void what_follows_a_refused_unit_is_refused_too(void)
{
	struct got got[3] = {0}, later = {0};

	CHECK(appended(two, "follow", 0, "other", "x", NULL) == STORE_OK);
	for (unsigned i = 0; i < 3; i++) {
		char id[16];

		snprintf(id, sizeof(id), "n%u", i);
		append_to(one, "follow", i, id, "x", &got[i]);
	}
	UNTIL(got[2].times == 1);
	for (unsigned i = 0; i < 3; i++)
		CHECK(got[i].times == 1 && got[i].status == STORE_MOVED &&
		      got[i].appended.seq == (i == 0 ? 1 : i));
	CHECK_STR(redis("XLEN t:conv:{follow}:log"), "1");
	append_to(one, "follow", 1, "n0", "x", &later);
	UNTIL(later.times == 1);
	CHECK(later.status == STORE_OK && later.appended.seq == 2);
}

/* Whoever is told "moved" may append again at once. */
static struct got again;

static void append_again(void *arg, uint64_t tag,
			 const struct store_appended *result)
{
	struct got *got = arg;

	got_append(got, tag, result);
	if (result->status == STORE_MOVED)
		append_to(one, "at once", result->last, "n0", "x", &again);
}

static void a_unit_may_be_appended_from_within_an_answer(void)
{
	struct said said;
	struct got got = {0}, behind = {0};

	CHECK(appended(two, "at once", 0, "other", "x", NULL) == STORE_OK);
	say(&said, "n0", "x");
	store_append(one,
		     &(struct store_unit){.conv = "at once",
					  .entries = &said.entry,
					  .entry_count = 1,
					  .due_ms = 1},
		     append_again, &got, 0);
	append_to(one, "at once", 1, "n1", "x", &behind);
	UNTIL(again.times == 1);
	CHECK(got.status == STORE_MOVED && behind.status == STORE_MOVED);
	CHECK(again.status == STORE_OK && again.appended.seq == 2);
}

static void a_unit_is_all_or_nothing(void)
{
	struct said said[3];
	struct store_entry entries[3];
	struct got got = {0};

	say(&said[0], "m1", "ask");
	say(&said[1], "m1.a", "answer");
	say(&said[2], "m1.b", "more");
	for (int i = 0; i < 3; i++)
		entries[i] = said[i].entry;
	for (int i = 0; i < 2; i++) {
		store_append(one,
			     &(struct store_unit){.conv = "unit",
						  .expect = 0,
						  .entries = entries,
						  .entry_count = 3,
						  .due_ms = 1},
			     got_append, &got, 0);
		UNTIL(got.times == 1 + (unsigned)i);
		CHECK(got.status == (i == 0 ? STORE_OK : STORE_DUP));
		CHECK(got.appended.seq == 1 && got.appended.last == 3);
	}
	CHECK_STR(redis("XLEN t:conv:{unit}:log"), "3");
	/* A later one that is known while the first is not. */
	say(&said[0], "m2", "again");
	entries[0] = said[0].entry;
	store_append(one,
		     &(struct store_unit){.conv = "unit",
					  .expect = 3,
					  .entries = entries,
					  .entry_count = 2,
					  .due_ms = 1},
		     got_append, &got, 0);
	UNTIL(got.times == 3);
	CHECK(got.status == STORE_REUSED);
	CHECK_STR(redis("XLEN t:conv:{unit}:log"), "3");
}

/* Both computed what the system says at that place: who comes second is to
 * compute it anew, and has not used an id of somebody else's. */
static void who_adds_the_same_at_the_same_place_is_to_step_again(void)
{
	struct got got = {0};

	append_two(one, "added", 0, "m1", "thanks.2", &got);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	append_two(two, "added", 0, "m2", "thanks.2", &got);
	UNTIL(got.times == 2);
	CHECK(got.status == STORE_MOVED && got.appended.last == 2);
	append_two(two, "added", 2, "m2", "thanks.4", &got);
	UNTIL(got.times == 3);
	CHECK(got.status == STORE_OK);
}

static enum store_status agent_writes(uint64_t expect, uint64_t fence,
				      bool raise)
{
	return turned(one, &(struct turn){.conv = "f",
					  .state = "assigned",
					  .expect = expect,
					  .fence = fence,
					  .raise = raise});
}

static void an_older_owner_is_refused(void)
{
	CHECK(appended(one, "f", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(agent_writes(1, 1, true) == STORE_OK);
	CHECK(agent_writes(2, 1, false) == STORE_OK);
	CHECK(agent_writes(3, 2, true) == STORE_OK);
	CHECK(agent_writes(4, 1, false) == STORE_FENCED);
	CHECK(agent_writes(4, 2, true) == STORE_FENCED);
	CHECK(agent_writes(3, 3, true) == STORE_MOVED);
	CHECK(agent_writes(4, 2, false) == STORE_OK);
	CHECK(read_of("f", 0).fence == 2);
	CHECK(appended(one, "f", 5, "m2", "y", NULL) == STORE_OK);
}

static void what_is_erased_takes_nothing_and_gives_nothing(void)
{
	CHECK(appended(one, "gone", 0, "m1", "x", NULL) == STORE_OK);
	redis("DEL t:conv:{gone}:log t:conv:{gone}:ids");
	redis("HSET t:conv:{gone} tombstone 1");
	CHECK(appended(one, "gone", 0, "m1", "x", NULL) == STORE_GONE);
	CHECK(read_of("gone", 0).status == STORE_GONE);
	CHECK_STR(redis("EXISTS t:conv:{gone}:log"), "0");
}

/* The hash beside it is a cache: without it the log goes on where it was. */
static void the_log_is_the_truth(void)
{
	uint64_t seq;

	CHECK(appended(one, "truth", 0, "m1", "x", NULL) == STORE_OK);
	redis("DEL t:conv:{truth}");
	CHECK(appended(one, "truth", 0, "m2", "x", &seq) == STORE_MOVED);
	CHECK(seq == 1);
	CHECK(appended(one, "truth", 1, "m2", "x", &seq) == STORE_OK);
	CHECK(seq == 2 && read_of("truth", 0).last == 2);
}

static void a_long_log_comes_in_pages(void)
{
	struct got got;

	for (unsigned i = 0; i < STORE_PAGE + 7; i++) {
		struct got done = {0};
		char id[16];

		snprintf(id, sizeof(id), "m%u", i);
		append_to(one, "long", i, id, "x", &done);
		UNTIL(done.times == 1);
	}
	got = read_of("long", 0);
	CHECK(got.count == STORE_PAGE && got.more &&
	      got.last_seq == STORE_PAGE);
	CHECK(got.last == STORE_PAGE + 7);
	got = read_of("long", got.last_seq);
	CHECK(got.count == 7 && !got.more && got.first_seq == STORE_PAGE + 1);
	CHECK(got.last_seq == STORE_PAGE + 7 && got.last == STORE_PAGE + 7);
	got = read_of("long", 7);
	CHECK(got.count == STORE_PAGE && !got.more);
	/* A reader that knows more than there is (the log lost its tail). */
	got = read_of("long", 10000);
	CHECK(got.count == 0 && got.last == STORE_PAGE + 7 && got.is_short);
}

static void any_bytes_come_back_as_they_were(void)
{
	static const char as_they_were[] =
		"type=message;text=a\0b\r\n$3\r\n\xff;";
	struct field fields[] = {{STR("type"), STR("message")},
				 {STR("text"), STR("a\0b\r\n$3\r\n\xff")}};
	struct store_entry entry = {STR("s:bytes"), 1, fields, 2};
	struct got got = {0};

	store_append(one,
		     &(struct store_unit){.conv = "bytes",
					  .entries = &entry,
					  .entry_count = 1,
					  .due_ms = 1},
		     got_append, &got, 0);
	UNTIL(got.times == 1);
	got = read_of("bytes", 0);
	CHECK(got.count == 1);
	CHECK(memcmp(got.fields, as_they_were, sizeof(as_they_were)) == 0);
}

/* What stands in the way is refused, told and left as it is; the next one and
 * other conversations go on. */
static void a_key_of_another_kind_is_refused_and_harms_nobody(void)
{
	redis("SET t:conv:{wrong}:log text");
	CHECK(appended(one, "wrong", 0, "m1", "x", NULL) == STORE_REFUSED);
	CHECK(read_of("wrong", 0).status == STORE_REFUSED);
	redis("DEL t:conv:{wrong}:log");
	redis("SET t:conv:{wrong}:ids text");
	CHECK(appended(one, "wrong", 0, "m1", "x", NULL) == STORE_REFUSED);
	CHECK_STR(redis("EXISTS t:conv:{wrong}:log"), "0");
	redis("DEL t:conv:{wrong}:ids");
	CHECK(appended(one, "wrong", 0, "m1", "x", NULL) == STORE_OK);
	CHECK(store_is_up(one));
}

static void scripts_that_redis_has_lost_are_sent_again(void)
{
	struct got a = {0}, b = {0};

	redis("SCRIPT FLUSH");
	append_to(one, "flush", 0, "m1", "x", &a);
	append_to(one, "flush", 1, "m2", "y", &b);
	UNTIL(a.times == 1 && b.times == 1);
	CHECK(a.status == STORE_OK && b.status == STORE_OK);
	CHECK(b.appended.seq == 2);
}

static void fields_of_the_hash_and_the_visitor_go_along(void)
{
	struct said said;
	struct field hash[] = {{STR("state"), STR("bot")}};
	struct got got = {0};

	say(&said, "m1", "x");
	store_append(one,
		     &(struct store_unit){.conv = "first",
					  .entries = &said.entry,
					  .entry_count = 1,
					  .hash = hash,
					  .hash_count = 1,
					  .visitor = "V1",
					  .due_ms = 1234},
		     got_append, &got, 0);
	UNTIL(got.times == 1);
	settle_down(one);
	CHECK_STR(redis("HMGET t:conv:{first} state visitor seq"), "bot V1 1");
	CHECK_STR(redis("HGET t:visitor:{V1} conversation"), "first");
}

/* Who does not heed store_has_room() is refused, not held without a bound. */
static void what_waits_is_bounded(void)
{
	struct store *away = store_new(
		world.loop,
		&(struct store_options){.url = "unix:///nonexistent/r.sock",
					.prefix = "t:",
					.node = "away",
					.max_waiting_bytes = 1000},
		&(struct store_ops){0});
	struct got got = {0}, kept = {0};

	append_to(away, "w", 0, "m0", "x", &kept);
	for (unsigned i = 0; i < 30; i++)
		append_to(away, "w", 0, "m1", "x", &got);
	CHECK(!store_has_room(away) && got.times == 0);
	CHECK(store_waiting_bytes(away) <= 2000);
	UNTIL(got.times > 10);
	CHECK(got.status == STORE_REFUSED && got.times < 30);
	CHECK(store_stats(away)->waiting_units == 31 - got.times);
	store_free(&away);
	CHECK(kept.times == 0);
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	two = store_up("two", NULL);
	RUN(an_append_gets_the_next_seq_and_is_read_back);
	RUN(an_unknown_conversation_has_no_events);
	RUN(an_id_is_taken_once_whoever_brings_it);
	RUN(where_an_id_stands_can_be_asked);
	RUN(another_seq_than_expected_writes_nothing);
	RUN(a_log_with_a_gap_is_written_behind_its_last);
	RUN(of_two_daemons_that_race_one_writes);
	RUN(units_of_one_conversation_may_be_on_their_way_together);
	RUN(what_follows_a_refused_unit_is_refused_too);
	RUN(a_unit_may_be_appended_from_within_an_answer);
	RUN(a_unit_is_all_or_nothing);
	RUN(who_adds_the_same_at_the_same_place_is_to_step_again);
	RUN(an_older_owner_is_refused);
	RUN(what_is_erased_takes_nothing_and_gives_nothing);
	RUN(the_log_is_the_truth);
	RUN(a_long_log_comes_in_pages);
	RUN(any_bytes_come_back_as_they_were);
	RUN(a_key_of_another_kind_is_refused_and_harms_nobody);
	RUN(scripts_that_redis_has_lost_are_sent_again);
	RUN(fields_of_the_hash_and_the_visitor_go_along);
	RUN(what_waits_is_bounded);
	store_free(&one);
	store_free(&two);
	return world_end("store/log");
}
