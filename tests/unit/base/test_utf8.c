/* UTF-8: every code point there and back, and what is refused. */
#include "base/utf8.h"

#include "check.h"

static void every_code_point_survives_a_round_trip(void)
{
	unsigned wrong = 0;

	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char bytes[4];
		uint32_t back = 0xffffffff;
		size_t n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_encode(cp, bytes);
		wrong += utf8_decode(bytes, n, &back) != n || back != cp;
		wrong += n > 1 && utf8_decode(bytes, n - 1, &back) != 0;
	}
	CHECK(wrong == 0);
}

static void long_forms_surrogates_and_strays_are_refused(void)
{
	static const char *const bad[] = {
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"\x80",
		"\xbf",
		"\xc3",
		"\xc3(",
		"\xe2\x82",
		"\xe2(\xa1",
		"\xf0\x9f\x98",
		"\xf8\x88\x80\x80\x80",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t cp;

		CHECK(!utf8_valid(bad[i], strlen(bad[i])));
		CHECK(utf8_decode(bad[i], strlen(bad[i]), &cp) == 0);
	}
	CHECK(utf8_valid("", 0) && utf8_valid("a\0b", 3));
	CHECK(!utf8_valid("ok\xc3", 3));
}

static void controls_are_what_a_terminal_obeys(void)
{
	static const uint32_t controls[] = {0,      0x1b,  0x1f,   0x7f,
					    0x9b,   0x9f,  0x2028, 0x202e,
					    0x2066, 0x2069};
	static const uint32_t others[] = {0x20,   0x7e,   0xa0,    0x200d,
					  0x2027, 0x202f, 0x2065,  0x206a,
					  0x20ac, 0x627,  0x1f600, 0x10ffff};

	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		CHECK(utf8_is_control(controls[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!utf8_is_control(others[i]));
}

static void lengths_and_prefixes_count_code_points(void)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";

	CHECK(utf8_count(text, 10) == 4 && utf8_count(text, 0) == 0);
	CHECK(utf8_prefix(text, 10, 0) == 0);
	CHECK(utf8_prefix(text, 10, 1) == 1);
	CHECK(utf8_prefix(text, 10, 2) == 3);
	CHECK(utf8_prefix(text, 10, 3) == 6);
	CHECK(utf8_prefix(text, 10, 4) == 10);
	CHECK(utf8_prefix(text, 10, 99) == 10);
}

int main(void)
{
	RUN(every_code_point_survives_a_round_trip);
	RUN(long_forms_surrogates_and_strays_are_refused);
	RUN(controls_are_what_a_terminal_obeys);
	RUN(lengths_and_prefixes_count_code_points);
	return check_done("base/utf8");
}
