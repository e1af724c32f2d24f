/* Hashes with an end, a visitor's conversation, notes and counters, against a
 * real Redis. */
#include "store/visitor.h"
#include "world.h"

static struct store *one, *two;

static struct got hash_of(const char *key)
{
	struct got got = {0};

	store_hash_get(one, key, got_hash, &got, 0);
	CHECK(got.times == 0);
	UNTIL(got.times == 1);
	return got;
}

static enum store_status set(const char *key, const char *name,
			     const char *value, int64_t ttl_ms)
{
	struct field field = {str_of(name), str_of(value)};
	struct got got = {0};

	store_hash_set(one, key, &field, 1, ttl_ms, got_hash, &got, 0);
	UNTIL(got.times == 1);
	return got.status;
}

static void fields_are_set_read_dropped_and_deleted(void)
{
	struct got got = {0};

	CHECK(hash_of("token:x").status == STORE_EMPTY);
	CHECK(set("token:x", "agent", "maria", 0) == STORE_OK);
	CHECK(set("token:x", "seen", "1", 0) == STORE_OK);
	CHECK_STR(hash_of("token:x").fields, "agent=maria;seen=1;");
	CHECK_STR(redis("HGET t:token:{x} agent"), "maria");
	CHECK_STR(redis("PTTL t:token:{x}"), "-1");
	store_hash_drop(one, "token:x", "seen");
	CHECK_STR(hash_of("token:x").fields, "agent=maria;");
	store_hash_del(one, "token:x", got_hash, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	CHECK(hash_of("token:x").status == STORE_EMPTY);
}

static void a_hash_ends_by_itself(void)
{
	CHECK(set("session:y", "agent", "maria", 60) == STORE_OK);
	CHECK(set("session:y", "seen", "1", 0) == STORE_OK);
	CHECK(hash_of("session:y").count == 2);
	pass_ms(100);
	CHECK(hash_of("session:y").status == STORE_EMPTY);
	CHECK(set("session:z", "agent", "maria", 3600000) == STORE_OK);
	CHECK(strlen(redis("PTTL t:session:{z}")) == 7);
}

static void what_is_there_is_not_added_again(void)
{
	const struct field fields[] = {{STR("agent"), STR("maria")},
				       {STR("seen"), STR("2")}};
	struct got got = {0};

	CHECK(set("session:out", "agent", "", 3600000) == STORE_OK);
	CHECK(set("session:touched", "seen", "1", 3600000) == STORE_OK);
	store_hash_add(one, "session:out", fields, 2, 3600000, got_hash, &got,
		       0);
	store_hash_add(two, "session:touched", fields, 2, 3600000, got_hash,
		       &got, 0);
	store_hash_add(one, "session:lost", fields, 2, 3600000, got_hash, &got,
		       0);
	UNTIL(got.times == 3);
	CHECK_STR(hash_of("session:out").fields, "agent=;");
	CHECK_STR(redis("HGET t:session:{touched} agent"), "maria");
	CHECK_STR(hash_of("session:lost").fields, "agent=maria;seen=2;");
	CHECK(strlen(redis("PTTL t:session:{lost}")) == 7);
}

static void a_key_without_a_colon_stands_as_it_is(void)
{
	CHECK(set("announcements", "a1", "sale", 0) == STORE_OK);
	CHECK_STR(redis("HGET t:announcements a1"), "sale");
}

static void agents_are_listed_by_name(void)
{
	struct got got = {0};

	CHECK(set("agent:maria", "hash", "$argon2id", 0) == STORE_OK);
	CHECK(set("agent:jo", "hash", "$argon2id", 0) == STORE_OK);
	store_agents(one, got_hash, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.count == 2 && strstr(got.fields, "maria=") != NULL &&
	      strstr(got.fields, "jo=") != NULL);
	store_hash_del(one, "agent:jo", NULL, NULL, 0);
	got = (struct got){0};
	store_agents(one, got_hash, &got, 0);
	UNTIL(got.times == 1);
	CHECK_STR(got.fields, "maria=;");
}

static const char *opened(struct store *store, const char *closed,
			  const char *candidate)
{
	static struct got got;

	got = (struct got){0};
	store_open(store, "V", closed, candidate, "", got_opened, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	return got.names;
}

static void a_visitor_has_one_conversation_however_many_ask(void)
{
	struct got a = {0}, b = {0};

	store_open(one, "tabs", NULL, "a1", "", got_opened, &a, 0);
	store_open(two, "tabs", NULL, "b1", "", got_opened, &b, 0);
	UNTIL(a.times == 1 && b.times == 1);
	CHECK(a.names[0] != '\0' && strcmp(a.names, b.names) == 0);
	CHECK_STR(opened(one, NULL, "c1"), "c1 ");
	CHECK_STR(opened(two, "", "c2"), "c1 ");
	CHECK_STR(opened(two, "other", "c2"), "c1 ");
	CHECK_STR(opened(two, "c1", "c2"), "c2 ");
	CHECK_STR(opened(one, "c1", "c3"), "c2 ");
	CHECK_STR(opened(one, "c2", "c2"), "c2 ");
	CHECK_STR(redis("HGET t:visitor:{V} history"), "c1");
}

static struct got asked(struct store *store, const char *owner)
{
	struct got got = {0};

	store_open(store, "own", NULL, "c1", owner, got_opened, &got, 0);
	UNTIL(got.times == 1);
	return got;
}

static void a_visitor_belongs_to_who_signed_in_first(void)
{
	struct got got;

	CHECK(asked(one, "").status == STORE_OK);
	CHECK_STR(redis("HEXISTS t:visitor:{own} owner"), "0");
	CHECK(asked(one, "ada").status == STORE_OK);
	CHECK(asked(two, "ada").status == STORE_OK);
	got = asked(two, "ben");
	CHECK(got.status == STORE_TAKEN);
	CHECK_STR(got.names, "ada ");
	got = asked(one, "");
	CHECK(got.status == STORE_TAKEN);
	CHECK_STR(redis("HGET t:visitor:{own} owner"), "ada");
	CHECK_STR(redis("HGET t:visitor:{own} conversation"), "c1");
	/* The last conversation goes for its age: it is nobody's again. */
	store_expire(one, "c1", "own");
	settle_down(one);
	CHECK_STR(redis("EXISTS t:visitor:{own}"), "0");
	CHECK(asked(two, "ben").status == STORE_OK);
	CHECK_STR(opened(two, "c1", "c2"), "c2 ");
}

static void notes_are_capped(void)
{
	struct field note[] = {{STR("text"), STR("where # is")}};

	for (int i = 0; i < 1000; i++)
		store_note_of_day(one, "unanswered:2026-01-02", note, 1, 100);
	settle_down(one);
	CHECK(atoi(redis("XLEN t:unanswered:{2026-01-02}")) <= 200);
	CHECK(atoi(redis("XLEN t:unanswered:{2026-01-02}")) >= 100);
	/* It ends by itself: a day has one of its own. */
	CHECK(atol(redis("TTL t:unanswered:{2026-01-02}")) > 399 * 86400);
	store_note(one, "audit", note, 1, 100);
	settle_down(one);
	CHECK_STR(redis("TTL t:audit"), "-1");
}

static void got_notes(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct got *got = arg;

	(void)tag;
	got->times++;
	got->status = notes->status;
	got->count = notes->count;
	for (size_t i = 0; i < notes->count; i++) {
		CHECK(notes->list[i].at_ms > 1700000000000);
		CHECK(i == 0 ||
		      notes->list[i - 1].at_ms >= notes->list[i].at_ms);
		add_fields(got, notes->list[i].fields,
			   notes->list[i].field_count);
		snprintf(got->names, sizeof(got->names), "%s",
			 notes->list[i].id);
	}
}

static struct got notes_of(const char *stream, const char *before, size_t most)
{
	struct got got = {0};

	store_notes(one, stream, before, most, got_notes, &got, 0);
	CHECK(got.times == 0);
	UNTIL(got.times == 1);
	return got;
}

static void notes_are_read_newest_first_and_page_by_page(void)
{
	char text[8];
	struct field note = {STR("text"), {text, 2}};
	struct got got;

	for (int i = 0; i < 7; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		store_note(one, "unanswered:2026-01-03", &note, 1, 100);
	}
	settle_down(one);
	got = notes_of("unanswered:2026-01-03", NULL, 3);
	CHECK(got.status == STORE_OK && got.count == 3);
	CHECK_STR(got.fields, "text=n6;text=n5;text=n4;");
	got = notes_of("unanswered:2026-01-03", got.names, 3);
	CHECK_STR(got.fields, "text=n3;text=n2;text=n1;");
	got = notes_of("unanswered:2026-01-03", got.names, 3);
	CHECK_STR(got.fields, "text=n0;");
	got = notes_of("unanswered:2026-01-03", got.names, 3);
	CHECK(got.status == STORE_OK && got.count == 0);
	CHECK(notes_of("unanswered:1999-01-01", NULL, 9).count == 0);
	redis("SET t:unanswered:{1999-01-02} text");
	CHECK(notes_of("unanswered:1999-01-02", NULL, 9).status ==
	      STORE_REFUSED);
}

static void a_key_of_another_kind_is_refused(void)
{
	redis("SET t:token:{bad} text");
	CHECK(hash_of("token:bad").status == STORE_REFUSED);
	CHECK(set("token:bad", "a", "b", 0) == STORE_REFUSED);
	CHECK(set("token:bad", "a", "b", 50) == STORE_REFUSED);
	CHECK(store_is_up(one));
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	two = store_up("two", NULL);
	RUN(fields_are_set_read_dropped_and_deleted);
	RUN(a_hash_ends_by_itself);
	RUN(what_is_there_is_not_added_again);
	RUN(a_key_without_a_colon_stands_as_it_is);
	RUN(agents_are_listed_by_name);
	RUN(a_visitor_has_one_conversation_however_many_ask);
	RUN(a_visitor_belongs_to_who_signed_in_first);
	RUN(notes_are_capped);
	RUN(notes_are_read_newest_first_and_page_by_page);
	RUN(a_key_of_another_kind_is_refused);
	store_free(&one);
	store_free(&two);
	return world_end("store/hash");
}
