/* The short way past the parser: what it takes, and that it leaves everything
 * doubtful to the parser. */
#include "check.h"
#include "json.h"
#include "plain.h"

static bool is_plain(const char *json)
{
	struct plain plain;

	return plain_read(str_of(json), &plain);
}

static void a_flat_object_of_strings_is_read(void)
{
	struct plain plain;

	CHECK(plain_read(STR(" { \"type\" :\t\"message\", \"id\":\"m1\","
			     "\"text\":\"where is it? \xc3\xa9\" }\r\n"),
			 &plain));
	CHECK(plain.count == 3);
	CHECK(str_is(plain_get(&plain, STR("type")), "message"));
	CHECK(str_is(plain_get(&plain, STR("text")), "where is it? \xc3\xa9"));
	CHECK(plain_get(&plain, STR("value")).p == NULL);
	CHECK(plain_read(STR("{\"a\":\"\"}"), &plain));
	CHECK(plain_get(&plain, STR("a")).p != NULL);
	CHECK(plain_get(&plain, STR("a")).n == 0);
}

/* Each of them is JSON; the parser knows what to make of it. */
static void whatever_takes_thought_is_left_to_the_parser(void)
{
	static const char *const list[] = {
		"{}",
		"[]",
		"\"a\"",
		"{\"a\":1}",
		"{\"a\":null}",
		"{\"a\":[\"b\"]}",
		"{\"a\":{\"b\":\"c\"}}",
		"{\"a\":\"b\\n\"}",
		"{\"a\":\"\\u0062\"}",
		"{\"\\u0061\":\"b\"}",
		("{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\","
		 "\"f\":\"\",\"g\":\"\"}"),
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		json_t *json = json_parse(str_of(list[i]));

		CHECK(json != NULL);
		json_decref(json);
		CHECK(!is_plain(list[i]));
	}
}

static void any_byte_anywhere_is_seen(void)
{
	for (unsigned i = 0; i < 0x100 * 17; i++) {
		char json[] = "{\"a\":\"bc \x7f~! #[]\xc3\xa4hijkl\"}";
		char *byte = json + 6 + i / 0x100;
		bool is_tail = (unsigned char)*byte >= 0x80;
		struct plain plain;

		*byte = (char)i;
		if ((*byte & 0x80) != 0 || is_tail)
			continue; /* whether that is UTF-8 is utf8.c's */
		CHECK(plain_read((struct str){json, sizeof(json) - 1},
				 &plain) ==
		      (*byte >= 0x20 && *byte != '"' && *byte != '\\'));
	}
}

static void what_is_not_json_is_not_plain(void)
{
	static const char *const list[] = {
		"",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":\"b\"",
		"{\"a\":\"b",
		"{\"a\":\"b\"}}",
		"{\"a\":\"b\"} x",
		"{\"a\":\"b\",}",
		"{,\"a\":\"b\"}",
		"{\"a\" \"b\"}",
		"{\"a\":\"b\" \"c\":\"d\"}",
		"{\"a\":\"b\n\"}",
		"{\"a\":\"b\",\"a\":\"c\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"\xef\xbb\xbf{\"a\":\"b\"}",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		CHECK(!is_plain(list[i]));
	CHECK(!plain_read(STR("{\"a\":\"b\0c\"}"), &(struct plain){0}));
}

int main(void)
{
	RUN(a_flat_object_of_strings_is_read);
	RUN(whatever_takes_thought_is_left_to_the_parser);
	RUN(any_byte_anywhere_is_seen);
	RUN(what_is_not_json_is_not_plain);
	return check_done("wire/plain");
}
