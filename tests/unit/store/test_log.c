/* The log against a real Redis: what an append promises, alone and against
 * others, and reading it back. */
#include "world.h"

static struct store *store;

static void an_append_gets_the_next_seq_and_is_read_back(void)
{
	struct got got = {0};
	uint64_t seq;

	CHECK(appended(store, "a", 0, "m1", "hello", &seq) == STORE_OK);
	CHECK(seq == 1);
	CHECK(appended(store, "a", 1, "m2", "there", &seq) == STORE_OK);
	CHECK(seq == 2);
	store_read(store, "a", 0, false, got_log, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.count == 2 && got.last == 2);
	CHECK(!got.more && got.first_seq == 1 && got.last_seq == 2);
	CHECK_STR(got.fields, "type=message;id=m1;sender=s;text=hello;"
			      "at=1700000000000;type=message;id=m2;sender=s;"
			      "text=there;at=1700000000000;");
	CHECK_STR(redis("HGET t:conv:{a} seq"), "2");
	CHECK_STR(redis("HGET t:conv:{a} epoch"), store_epoch(store));
}

int main(void)
{
	world_begin();
	store = store_up("one", NULL);
	RUN(an_append_gets_the_next_seq_and_is_read_back);
	store_free(&store);
	return world_end("store/log");
}
