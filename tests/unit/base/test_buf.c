/* Spans, buffers and JSON strings. */
#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

static void spans_compare_by_bytes_then_length(void)
{
	CHECK(str_eq(STR("abc"), str_of("abc")));
	CHECK(!str_eq(STR("abc"), STR("abd")));
	CHECK(!str_eq(STR("abc"), STR("ab")));
	CHECK(str_eq(STR_NONE, STR("")));
	CHECK(str_of(NULL).p == NULL);
	CHECK(str_is(STR("a\0b"), "a") == false);
	CHECK(str_starts(STR("abc"), "ab") && str_starts(STR_NONE, ""));
	CHECK(!str_starts(STR("a"), "ab"));
	CHECK(str_cmp(STR("a"), STR("b")) < 0);
	CHECK(str_cmp(STR("a"), STR("aa")) < 0);
	CHECK(str_cmp(STR("b"), STR("aa")) > 0);
	CHECK(str_cmp(STR("\xff"), STR("a")) > 0);
	CHECK(str_cmp(STR("x"), STR("x")) == 0 &&
	      str_cmp(STR_NONE, STR("")) == 0);
}

static void decimals_are_read_up_to_their_maximum(void)
{
	uint64_t v = 7;

	CHECK(str_to_u64(STR("0"), 0, &v) && v == 0);
	CHECK(str_to_u64(STR("18446744073709551615"), UINT64_MAX, &v));
	CHECK(v == UINT64_MAX);
	CHECK(!str_to_u64(STR("18446744073709551616"), UINT64_MAX, &v));
	CHECK(!str_to_u64(STR("99999999999999999999"), UINT64_MAX, &v));
	CHECK(str_to_u64(STR("65535"), 65535, &v) && v == 65535);
	CHECK(!str_to_u64(STR("65536"), 65535, &v));
	CHECK(!str_to_u64(STR("9"), 5, &v));
	CHECK(str_to_u64(STR("000000000000000005"), 5, &v) && v == 5);
	CHECK(!str_to_u64(STR(""), 5, &v) && !str_to_u64(STR("-1"), 5, &v));
	CHECK(!str_to_u64(STR("1 "), 5, &v) && !str_to_u64(STR("+1"), 5, &v));
	CHECK(v == 5);
}

static void blanks_are_cut_on_both_sides(void)
{
	CHECK(str_is(str_trim(STR(" \t\r\na b\n ")), "a b"));
	CHECK(str_trim(STR("  \n")).n == 0);
	CHECK(str_trim(STR_NONE).n == 0);
}

static void a_buffer_grows_and_stays_terminated(void)
{
	struct buf b = BUF_INIT;

	CHECK(buf_str(&b).n == 0 && buf_str(&b).p != NULL);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%03d", i);
	CHECK(b.len == 3000 && b.data[3000] == '\0');
	CHECK(memcmp(b.data + 2997, "999", 3) == 0);
	buf_drop(&b, 2997);
	CHECK_STR(b.data, "999");
	buf_drop(&b, 100);
	CHECK(b.len == 0);
	CHECK_STR(b.data, "");
	buf_add(&b, NULL, 0);
	buf_add_str(&b, STR_NONE);
	buf_addf(&b, "%s", "");
	CHECK(b.len == 0);
	buf_add_s(&b, "x");
	buf_clear(&b);
	CHECK_STR(b.data, "");
	buf_fini(&b);
	buf_fini(&b);
	CHECK(b.data == NULL);
}

static void dropping_from_an_empty_buffer_is_harmless(void)
{
	struct buf b = BUF_INIT;

	buf_drop(&b, 5);
	buf_clear(&b);
	CHECK(b.len == 0 && b.data == NULL);
}

static void numbers_are_written_whole(void)
{
	struct buf b = BUF_INIT;

	buf_add_u64(&b, 0);
	buf_add_c(&b, ' ');
	buf_add_u64(&b, UINT64_MAX);
	buf_add_c(&b, ' ');
	buf_add_i64(&b, INT64_MIN);
	buf_add_c(&b, ' ');
	buf_add_i64(&b, INT64_MAX);
	CHECK_STR(b.data, "0 18446744073709551615 -9223372036854775808 "
			  "9223372036854775807");
	buf_fini(&b);
}

/* Around each power of ten, where a digit more begins, and all that are short.
 */
static void numbers_have_the_digits_that_printf_gives_them(void)
{
	struct buf b = BUF_INIT;
	char expected[24];
	uint64_t power = 1;

	for (uint64_t v = 0; v < 1000; v++) {
		buf_clear(&b);
		buf_add_u64(&b, v);
		snprintf(expected, sizeof(expected), "%" PRIu64, v);
		CHECK_STR(b.data, expected);
	}
	for (int i = 0; i < 19; i++) {
		power *= 10;
		for (uint64_t v = power - 1; v <= power + 1; v++) {
			buf_clear(&b);
			buf_add_u64(&b, v);
			snprintf(expected, sizeof(expected), "%" PRIu64, v);
			CHECK_STR(b.data, expected);
		}
	}
	buf_fini(&b);
}

static void taking_the_bytes_leaves_an_empty_buffer(void)
{
	struct buf b = BUF_INIT;
	char *s = buf_take(&b);

	CHECK_STR(s, "");
	free(s);
	buf_add_s(&b, "kept");
	s = buf_take(&b);
	CHECK_STR(s, "kept");
	CHECK(b.data == NULL && b.len == 0 && b.cap == 0);
	free(s);
}

static void check_json(struct str in, const char *want)
{
	struct buf b = BUF_INIT;

	buf_add_json(&b, in);
	CHECK_STR(b.data, want);
	buf_fini(&b);
}

static void json_strings_are_escaped(void)
{
	check_json(STR_NONE, "\"\"");
	check_json(STR("plain text"), "\"plain text\"");
	check_json(STR("a\"b\\c/\n\t"), "\"a\\\"b\\\\c/\\n\\t\"");
	check_json(STR("\0\x1f\r"), "\"\\u0000\\u001f\\u000d\"");
	check_json(STR("\x7f"), "\"\x7f\""); /* as RFC 8259 allows */
	check_json(STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		   "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	check_json(STR("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"");
}

static void add_one_by_one(struct buf *b, const char *text, size_t n)
{
	struct buf one = BUF_INIT;

	buf_add_c(b, '"');
	for (size_t at = 0; at < n; at++) {
		buf_clear(&one);
		buf_add_json(&one, (struct str){text + at, 1});
		buf_add(b, one.data + 1, one.len - 2);
	}
	buf_add_c(b, '"');
	buf_fini(&one);
}

static void json_is_escaped_alike_eight_bytes_at_a_time_and_singly(void)
{
	for (unsigned i = 0; i < 0x100 * 16; i++) {
		char text[16] = "abcd \x7f~! #[]efg";
		struct buf whole = BUF_INIT, want = BUF_INIT;

		text[i / 0x100] = (char)i;
		buf_add_json(&whole, (struct str){text, sizeof(text)});
		add_one_by_one(&want, text, sizeof(text));
		CHECK_STR(whole.data, want.data);
		buf_fini(&whole);
		buf_fini(&want);
	}
}

static void json_is_escaped_wherever_in_a_text_of_any_length(void)
{
	static const char odd[] = {'"', '\\', '\n', '\0', 0x1f, 'x'};
	size_t wrong = 0;

	for (size_t n = 1; n < 40; n++)
		for (size_t at = 0; at < n * sizeof(odd); at++) {
			char *text = xmalloc(n); /* no byte more */
			struct buf whole = BUF_INIT, single = BUF_INIT;

			memset(text, 'a', n);
			text[at / sizeof(odd)] = odd[at % sizeof(odd)];
			buf_add_json(&whole, (struct str){text, n});
			add_one_by_one(&single, text, n);
			wrong += !str_eq(buf_str(&whole), buf_str(&single));
			buf_fini(&whole);
			buf_fini(&single);
			free(text);
		}
	CHECK(wrong == 0);
}

static void bytes_that_are_not_utf8_are_replaced_in_json(void)
{
	check_json(STR("a\xff"
		       "b"),
		   "\"a\xef\xbf\xbd"
		   "b\"");
	check_json(STR("\xc3"), "\"\xef\xbf\xbd\"");
	check_json(STR("\xed\xa0\x80"),
		   "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void a_copy_is_cut_between_code_points(void)
{
	char room[4];

	str_copy(room, sizeof(room), STR("abc"));
	CHECK_STR(room, "abc");
	str_copy(room, sizeof(room), STR("ab\xc3\xa4"));
	CHECK_STR(room, "ab");
	str_copy(room, sizeof(room), STR_NONE);
	CHECK_STR(room, "");
}

static void hexadecimal_digits_are_known(void)
{
	CHECK(hex_digit('0') == 0 && hex_digit('9') == 9);
	CHECK(hex_digit('a') == 10 && hex_digit('F') == 15);
	CHECK(hex_digit('g') == -1 && hex_digit('/') == -1);
	CHECK(hex_digit(':') == -1 && hex_digit('@') == -1);
}

static void json_lists_are_joined_by_commas(void)
{
	const struct str list[] = {STR("a"), STR("b\"c")};
	struct buf b = BUF_INIT;

	buf_add_json_list(&b, list, 0);
	buf_add_json_list(&b, list, 2);
	CHECK_STR(b.data, "[][\"a\",\"b\\\"c\"]");
	buf_fini(&b);
}

static void a_span_is_cut_at_what_parts_it(void)
{
	struct str rest = STR("a, b,,c");

	CHECK(str_is(str_cut(&rest, ','), "a") && str_is(rest, " b,,c"));
	CHECK(str_is(str_cut(&rest, ','), " b") && str_is(rest, ",c"));
	CHECK(str_cut(&rest, ',').n == 0 && str_is(rest, "c"));
	CHECK(str_is(str_cut(&rest, ','), "c") && rest.p == NULL);
	CHECK(str_cut(&rest, ',').n == 0 && rest.p == NULL);
	rest = STR("d,");
	CHECK(str_is(str_cut(&rest, ','), "d") && rest.p != NULL &&
	      rest.n == 0);
}

int main(void)
{
	RUN(spans_compare_by_bytes_then_length);
	RUN(decimals_are_read_up_to_their_maximum);
	RUN(blanks_are_cut_on_both_sides);
	RUN(a_span_is_cut_at_what_parts_it);
	RUN(a_buffer_grows_and_stays_terminated);
	RUN(dropping_from_an_empty_buffer_is_harmless);
	RUN(numbers_are_written_whole);
	RUN(numbers_have_the_digits_that_printf_gives_them);
	RUN(taking_the_bytes_leaves_an_empty_buffer);
	RUN(json_strings_are_escaped);
	RUN(json_is_escaped_alike_eight_bytes_at_a_time_and_singly);
	RUN(json_is_escaped_wherever_in_a_text_of_any_length);
	RUN(bytes_that_are_not_utf8_are_replaced_in_json);
	RUN(a_copy_is_cut_between_code_points);
	RUN(hexadecimal_digits_are_known);
	RUN(json_lists_are_joined_by_commas);
	return check_done("base/buf");
}
