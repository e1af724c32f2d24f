/* Which kind of entity a stretch is. */
#include "base/mem.h"
#include "entity.h"
#include "load.h"

static const char *kinds_of(const struct catalog *c, const char *text)
{
	static char out[300];
	struct match m = match_of(c, text);

	out[0] = '\0';
	for (size_t i = 0; i < m.entity_count; i++)
		sprintf(out + strlen(out), "%s%s=%s", i > 0 ? " " : "",
			m.entities[i].name, m.entities[i].value);
	return out;
}

#define INTENTS "intents: [{name: it, answer: y, match: [order ~ number]}]\n"

static void the_longer_one_wins(void)
{
	struct catalog *c =
		load_right("entities:\n"
			   "  short: {pattern: '\\d{3}'}\n"
			   "  long: {pattern: '\\d{3}-\\d{3}'}\n" INTENTS);

	CHECK_STR(kinds_of(c, "123-456"), "long=123-456");
	CHECK_STR(kinds_of(c, "123-45"), "short=123");
	catalog_free(&c);
}

static void the_one_yielded_to_wins_although_shorter(void)
{
	struct catalog *c =
		load_right("entities:\n"
			   "  code: {pattern: '\\d{8}', yields_to: [date]}\n"
			   "  date: {pattern: '20\\d{4}'}\n" INTENTS);

	CHECK_STR(kinds_of(c, "20240501"), "date=202405");
	CHECK_STR(kinds_of(c, "99240501"), "code=99240501");
	catalog_free(&c);
}

static void a_kind_without_its_near_word_is_no_rival(void)
{
	struct catalog *c = load_right(
		"entities:\n"
		"  code: {pattern: '\\d{8}', yields_to: [bill]}\n"
		"  bill: {pattern: '\\d{8}', near: bill(s)}\n" INTENTS);

	CHECK_STR(kinds_of(c, "my bill 20240501"), "bill=20240501");
	CHECK_STR(kinds_of(c, "my code 20240501"), "code=20240501");
	catalog_free(&c);
}

static void several_are_found_in_order(void)
{
	struct catalog *c =
		load_right("entities:\n"
			   "  n: {pattern: '\\b\\d{2}\\b'}\n"
			   "  m: {pattern: '\\b\\d{3}\\b'}\n" INTENTS);

	CHECK_STR(kinds_of(c, "12 345 67 89"), "n=12 m=345 n=67 n=89");
	catalog_free(&c);
}

static void case_does_not_matter(void)
{
	struct catalog *c = load_right(
		"entities: {od: {pattern: '\\bod\\d+\\b'}}\n" INTENTS);

	CHECK_STR(kinds_of(c, "it is OD12 and od13"), "od=OD12 od=od13");
	catalog_free(&c);
}

static void equal_ones_beat_each_other_by_order(void)
{
	struct catalog *c =
		load_right("entities:\n"
			   "  a: {pattern: '\\d+', yields_to: [b]}\n"
			   "  b: {pattern: '\\d+', yields_to: [c]}\n"
			   "  c: {pattern: '\\d+', yields_to: [a]}\n" INTENTS);

	CHECK_STR(kinds_of(c, "12"), "a=12"); /* a circle */
	catalog_free(&c);
}

static void more_than_there_is_room_for_is_left_out(void)
{
	struct catalog *c = load_right(
		"entities: {n: {pattern: '\\b\\d\\d\\b'}}\n" INTENTS);
	struct buf text = BUF_INIT;
	struct match m;

	for (int i = 0; i < 200; i++)
		buf_add_s(&text, "42 ");
	m = match_of(c, text.data);
	CHECK(m.entity_count == MATCH_MAX_ENTITIES);
	buf_fini(&text);
	catalog_free(&c);
}

#define ANY (NEED_DIGIT | NEED_AT)

static void what_a_pattern_needs_is_recognised(void)
{
	CHECK(regex_needs(STR("\\d"), ANY));
	CHECK(regex_needs(STR("\\b(?:OD)?\\d{6,18}\\b"), ANY));
	CHECK(regex_needs(STR("(a\\d|[0-9]b)"), ANY));
	CHECK(regex_needs(STR("[\\w.]+@x"), ANY));
	CHECK(regex_needs(STR("(a )*(\\d{6}|<order_id>)"),
			  NEED_DIGIT | NEED_PLACE));
	CHECK(!regex_needs(STR("a (\\d{6}|<order_id>)?"),
			   NEED_DIGIT | NEED_PLACE));
	CHECK(regex_needs(STR("#\\s?[0-9]{3,12}|RE-?\\d+"), ANY));
	CHECK(!regex_needs(STR("\\d|today"), ANY));
	CHECK(!regex_needs(STR("\\d*"), ANY));
	CHECK(!regex_needs(STR("\\d{0,3}"), ANY));
	CHECK(!regex_needs(STR("(\\d)?x"), ANY));
	CHECK(!regex_needs(STR("[a-z0-9]+"), ANY));
	CHECK(!regex_needs(STR("(?!\\d)x"), ANY));
	CHECK(!regex_needs(STR("(?<=\\d)x"), ANY));
	CHECK(!regex_needs(STR("((("), ANY));
	CHECK(regex_needs(STR("[\\w.]+@x"), NEED_AT));
	CHECK(!regex_needs(STR("[\\w.]+@x"), NEED_DIGIT));
	CHECK(regex_needs(STR("\\d{4}"), NEED_DIGIT));
	CHECK(!regex_needs(STR("\\d{4}"), NEED_AT));
	CHECK(regex_needs(STR("@|\\d"), ANY));
	CHECK(!regex_needs(STR("@|[0-9]"), NEED_AT));
	CHECK(!regex_needs(STR("@|[0-9]"), NEED_DIGIT));
}

/* The digits stand in what may be absent, or are no digits. */
static void of_what_is_not_certain_nothing_is_needed(void)
{
	static const char *const sources[] = {
		"wh(?:9){e)?$",  "wh(?:9 {e)?$", "9{,3}",       "9{00}",
		"\\x41",         "\\x{41}",      "\\N{U+0041}", "\\061",
		"\\Q9\\E?",      "\\Q9",         "[^]9]",       "[[:alpha:]9]",
		"[\\Q]9]",       "(?x)9 ?",      "(?xi:9 ?)",   "(*MARK:9)a",
		"(?(DEFINE)9)a", "\\g<1>(a)",    "[0-9-]",      "[-9]",
		"[0-3-9]",       "[--9]",        "[\\d-]",
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (regex_needs(str_of(sources[i]), NEED_DIGIT | NEED_PLACE))
			printf("needed: %s\n", sources[i]);
		CHECK(!regex_needs(str_of(sources[i]),
				   NEED_DIGIT | NEED_PLACE));
	}
	CHECK(regex_needs(STR("a{e9}"), ANY));
	CHECK(regex_needs(STR("(?i)9"), ANY));
	CHECK(regex_needs(STR("(?<x>a)9"), ANY));
}

static void a_pattern_runs_where_what_it_needs_stands(void)
{
	struct catalog *c =
		load_right("entities:\n"
			   "  either: {pattern: '\\bx(?:@|\\d)'}\n"
			   "  mail: {pattern: '\\w+@\\w+'}\n"
			   "  number: {pattern: '\\d{3,}'}\n"
			   "  word: {pattern: 'today|\\d\\d'}\n" INTENTS);

	CHECK_STR(kinds_of(c, "today"), "word=today");
	CHECK_STR(kinds_of(c, "a@b"), "mail=a@b");
	CHECK_STR(kinds_of(c, "123 a"), "number=123");
	CHECK_STR(kinds_of(c, "123 today a@b"),
		  "number=123 word=today mail=a@b");
	CHECK_STR(kinds_of(c, "x5"), "either=x5");
	CHECK_STR(kinds_of(c, "x@"), "either=x@");
	CHECK_STR(kinds_of(c, "x"), "");
	catalog_free(&c);
}

static void a_slot_is_filled_by_its_entity_without_its_near_word(void)
{
	struct catalog *c =
		load_right("entities: {n: {pattern: '\\b\\d{4,}\\b', near: "
			   "order}}\n" INTENTS);
	struct matcher *m = matcher_new();
	char value[128];

	CHECK(slot_fill(c, m, "n", STR(" it is 12345 "), value));
	CHECK_STR(value, "12345");
	CHECK(!slot_fill(c, m, "n", STR("no idea"), value));
	CHECK(!slot_fill(c, m, "n", STR(""), value));
	matcher_free(&m);
	catalog_free(&c);
}

static void a_slot_without_an_entity_takes_any_text(void)
{
	struct catalog *c = load_right(INTENTS);
	struct matcher *m = matcher_new();
	char value[128], text[400];

	CHECK(slot_fill(c, m, "colour", STR("  dark blue \n"), value));
	CHECK_STR(value, "dark blue");
	CHECK(!slot_fill(c, m, "colour", STR("  "), value));
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "é", 3);
	CHECK(slot_fill(c, m, "colour", str_of(text), value));
	CHECK(strlen(value) == 126); /* no half character */
	matcher_free(&m);
	catalog_free(&c);
}

int main(void)
{
	RUN(the_longer_one_wins);
	RUN(the_one_yielded_to_wins_although_shorter);
	RUN(a_kind_without_its_near_word_is_no_rival);
	RUN(several_are_found_in_order);
	RUN(case_does_not_matter);
	RUN(equal_ones_beat_each_other_by_order);
	RUN(more_than_there_is_room_for_is_left_out);
	RUN(what_a_pattern_needs_is_recognised);
	RUN(of_what_is_not_certain_nothing_is_needed);
	RUN(a_pattern_runs_where_what_it_needs_stands);
	RUN(a_slot_is_filled_by_its_entity_without_its_near_word);
	RUN(a_slot_without_an_entity_takes_any_text);
	buf_fini(&load_findings);
	return check_done("intent/entity");
}
