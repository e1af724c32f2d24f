/* Units as bytes: whole and back, and anything that a broken file may hold. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"

static const struct field hash[] = {{STR("state"), STR("queued")},
				    {STR("page"), STR("")}};
static const struct field info[] = {{STR("reason"), STR("asked \"now\"\n")},
				    {STR("preview"), STR("where is\0it?")}};
static const struct field fields[] = {{STR("type"), STR("message")},
				      {STR("text"), STR("h\xc3\xa9llo")}};
static const struct store_entry entries[] = {
	{STR("s:m1"), 0x1234567890abcdef, fields, 2},
	{{NULL, 0}, 7, fields, 1},
	{STR("b:m1.a"), 0, NULL, 0},
};
static const struct store_unit full = {
	.conv = "C1",
	.expect = 41,
	.trail = 0x3fffffffffff,
	.fence = 3,
	.raise_fence = true,
	.entries = entries,
	.entry_count = 3,
	.hash = hash,
	.hash_count = 2,
	.queue_op = QUEUE_MOVE,
	.queue = "care",
	.queue_from = "sales",
	.agent = NULL,
	.priority = -2,
	.since_ms = 1700000000000,
	.info = info,
	.info_count = 2,
	.due_ms = 1700000000001,
	.visitor = "V1",
	.watch = true,
	.day = "2026-11-28",
	.figures = "messages 1\nhanded_over 1\n",
};

static bool same(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static bool same_fields(const struct field *a, size_t n, const struct field *b,
			size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same(a[i].name, b[i].name) ||
		    !same(a[i].value, b[i].value))
			return false;
	return true;
}

static void a_unit_comes_back_as_it_was(void)
{
	struct buf bytes = BUF_INIT;
	struct store_unit u;
	void *arrays;

	unit_pack(&full, &bytes);
	CHECK(unit_unpack(buf_str(&bytes), &u, &arrays));
	CHECK_STR(u.conv, "C1");
	CHECK_STR(u.queue, "care");
	CHECK_STR(u.queue_from, "sales");
	CHECK_STR(u.visitor, "V1");
	CHECK_STR(u.day, "2026-11-28");
	CHECK_STR(u.figures, full.figures);
	CHECK(u.agent == NULL && u.expect == 41 && u.fence == 3);
	CHECK(u.trail == full.trail);
	CHECK(u.raise_fence && u.watch && u.priority == -2);
	CHECK(u.since_ms == full.since_ms && u.due_ms == full.due_ms);
	CHECK(u.queue_op == QUEUE_MOVE && u.entry_count == 3);
	for (size_t i = 0; i < 3; i++) {
		CHECK(str_eq(u.entries[i].key, entries[i].key));
		CHECK(u.entries[i].content == entries[i].content);
		CHECK(same_fields(u.entries[i].fields, u.entries[i].field_count,
				  entries[i].fields, entries[i].field_count));
	}
	CHECK(u.hash_count == 3 && same_fields(u.hash, 2, hash, 2));
	CHECK(str_is(u.hash[2].name, "visitor"));
	CHECK(str_is(u.hash[2].value, "V1"));
	CHECK(same_fields(u.info, u.info_count, info, 2));
	free(arrays);
	buf_fini(&bytes);
}

/* What goes to Redis is what lua/append.lua asks for. */
static void the_arguments_are_those_of_the_script(void)
{
	static const struct store_unit small = {
		.conv = "C1",
		.entries = entries,
		.entry_count = 2,
		.hash = hash,
		.hash_count = 1,
		.visitor = "V1",
	};
	struct buf bytes = BUF_INIT;
	struct store_unit u;
	struct unit_args args;

	unit_pack(&small, &bytes);
	CHECK(unit_peek(buf_str(&bytes), &u, &args));
	CHECK_STR(u.conv, "C1");
	CHECK(u.entry_count == 2 && args.count == 18);
	CHECK(str_eq(args.bytes,
		     STR("$1\r\n2\r\n$5\r\nstate\r\n$6\r\nqueued\r\n"
			 "$7\r\nvisitor\r\n$2\r\nV1\r\n$1\r\n2\r\n"
			 "$4\r\ns:m1\r\n$16\r\n1234567890abcdef\r\n"
			 "$1\r\n2\r\n$4\r\ntype\r\n$7\r\nmessage\r\n"
			 "$4\r\ntext\r\n$6\r\nh\xc3\xa9llo\r\n"
			 "$0\r\n\r\n$16\r\n0000000000000007\r\n"
			 "$1\r\n1\r\n$4\r\ntype\r\n$7\r\nmessage\r\n")));
	buf_fini(&bytes);
}

static void what_is_cut_short_or_too_long_is_refused(void)
{
	struct buf bytes = BUF_INIT;
	struct store_unit u;
	void *arrays;

	unit_pack(&full, &bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		char *cut = xmalloc(n); /* so that ASan sees a read beyond */

		memcpy(cut, bytes.data, n);
		CHECK(!unit_unpack((struct str){cut, n}, &u, &arrays));
		CHECK(arrays == NULL);
		free(cut);
	}
	buf_add_c(&bytes, 'x');
	CHECK(!unit_unpack(buf_str(&bytes), &u, &arrays));
	buf_fini(&bytes);
}

/* Taken or refused, but never read beyond, and what is taken packs again. */
static void flipped_bits_do_no_harm(void)
{
	struct buf bytes = BUF_INIT;
	size_t taken = 0, refused = 0;

	unit_pack(&full, &bytes);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		struct store_unit u;
		void *arrays;
		char *copy = xmalloc(bytes.len);

		memcpy(copy, bytes.data, bytes.len);
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		if (unit_unpack((struct str){copy, bytes.len}, &u, &arrays)) {
			struct buf again = BUF_INIT;

			taken++;
			unit_pack(&u, &again);
			free(arrays);
			CHECK(unit_unpack(buf_str(&again), &u, &arrays));
			free(arrays);
			buf_fini(&again);
		} else {
			refused++;
		}
		free(copy);
	}
	CHECK(taken > 0 && refused > 0);
	buf_fini(&bytes);
}

static void a_count_beyond_what_we_make_is_refused(void)
{
	static struct store_entry many[UNIT_MAX_ENTRIES + 1];
	struct store_unit u = {.conv = "C", .entries = many}, back;
	struct buf bytes = BUF_INIT;
	void *arrays;

	u.entry_count = UNIT_MAX_ENTRIES;
	unit_pack(&u, &bytes);
	CHECK(unit_unpack(buf_str(&bytes), &back, &arrays));
	free(arrays);
	buf_clear(&bytes);
	u.entry_count++;
	unit_pack(&u, &bytes);
	CHECK(!unit_unpack(buf_str(&bytes), &back, &arrays));
	buf_clear(&bytes);
	u.entry_count = 0;
	unit_pack(&u, &bytes);
	CHECK(!unit_unpack(buf_str(&bytes), &back, &arrays));
	buf_fini(&bytes);
}

static double score(int priority, int64_t since_ms)
{
	struct buf text = BUF_INIT;
	double n;

	unit_score(priority, since_ms, &text);
	n = strtod(text.data, NULL);
	buf_fini(&text);
	return n;
}

static void a_place_is_by_priority_then_by_age_to_the_millisecond(void)
{
	CHECK(score(1, 1700000000001) < score(0, 1700000000000));
	CHECK(score(0, 1700000000000) < score(0, 1700000000001));
	CHECK(score(-1, 0) > score(0, 1900000000000));
	CHECK(score(800, 1700000000000) < score(800, 1700000000001));
	CHECK(score(-800, 1700000000000) < score(-800, 1700000000001));
	CHECK(score(1000000, 5) == score(800, 5));
	CHECK(score(-1000000, 5) == score(-800, 5));
	CHECK(score(0, INT64_MIN) == score(0, 0));
	CHECK(score(0, INT64_MAX) < score(-1, 0));
}

static void a_record_is_json_whatever_the_shopper_wrote(void)
{
	struct buf text = BUF_INIT;

	unit_record(&full, &text);
	CHECK_STR(text.data, "{\"score\":\"21700000000000\",\"priority\":-2,"
			     "\"since_ms\":1700000000000,\"seq\":41,\"info\":{"
			     "\"reason\":\"asked \\\"now\\\"\\n\","
			     "\"preview\":\"where is\\u0000it?\"}}");
	buf_fini(&text);
}

/* Else all that the fuzzer begins with is refused by its first byte. */
static void what_the_fuzzer_begins_with_is_of_this_version(void)
{
	static const char *const seeds[] = {"plain", "enqueue", "transfer"};

	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		struct buf bytes = BUF_INIT, why = BUF_INIT;
		struct store_unit u;
		char path[80];
		void *arrays;

		snprintf(path, sizeof(path), "tests/fuzz/corpus/unit/%s",
			 seeds[i]);
		CHECK(file_read(path, UNIT_MAX_BYTES, &bytes, &why));
		CHECK(unit_unpack(buf_str(&bytes), &u, &arrays));
		free(arrays);
		buf_fini(&bytes);
		buf_fini(&why);
	}
}

int main(void)
{
	RUN(a_unit_comes_back_as_it_was);
	RUN(the_arguments_are_those_of_the_script);
	RUN(what_is_cut_short_or_too_long_is_refused);
	RUN(flipped_bits_do_no_harm);
	RUN(a_count_beyond_what_we_make_is_refused);
	RUN(a_place_is_by_priority_then_by_age_to_the_millisecond);
	RUN(a_record_is_json_whatever_the_shopper_wrote);
	RUN(what_the_fuzzer_begins_with_is_of_this_version);
	return check_done("store/unit");
}
