/* What is said: conditions, variants, slots, formats, languages. */
#include "load.h"
#include "rules.h"
#include "template.h"

static const char *said(const struct catalog *c, const char *intent,
			const struct answer_value *values, size_t n,
			const char *message_id)
{
	static struct buf out;
	struct answer_request request = {
		.message_id = str_of(message_id),
		.values = values,
		.value_count = n,
		.keep_slots = str_is(str_of(message_id), "keep"),
	};

	buf_clear(&out);
	buf_add_s(&out, "");
	if (!answer_render(c, catalog_find(c, str_of(intent)), &request, &out))
		return "(none)";
	return out.data;
}

#define VALUE(name, value)                                                     \
	{                                                                      \
		name,                                                          \
		{                                                              \
			value, sizeof(value) - 1                               \
		}                                                              \
	}

static void slots_are_filled(void)
{
	struct catalog *c = load_right(
		"shop: {name: Demo}\n"
		"entities: {order_id: {pattern: '1'}}\n"
		"intents:\n"
		"  - name: a\n"
		"    lookup: order\n"
		"    match: [one]\n"
		"    answer: 'Hi {{name}}, {{shop.name}} has {{ order_id }}: "
		"{{order.status}}.'\n");
	const struct answer_value values[] = {
		VALUE("order_id", "12"), VALUE("order.status", "sent {{x}}"),
		VALUE("name", "Zoë")};

	CHECK_STR(said(c, "a", values, 3, "m1"),
		  "Hi Zoë, Demo has 12: sent {{x}}.");
	/* what is not known is left out with its blank */
	CHECK_STR(said(c, "a", values, 2, "m1"),
		  "Hi, Demo has 12: sent {{x}}.");
	CHECK_STR(said(c, "a", NULL, 0, "m1"), "Hi, Demo has:.");
	/* or stays, to be filled in */
	CHECK_STR(said(c, "a", values, 1, "keep"),
		  "Hi {{name}}, Demo has 12: {{order.status}}.");
	catalog_free(&c);
}

static void the_first_condition_that_holds_decides(void)
{
	struct catalog *c =
		load_right("intents:\n"
			   "  - name: a\n"
			   "    lookup: order\n"
			   "    match: [one]\n"
			   "    answer:\n"
			   "      - always one\n"
			   "      - {when: order.status = late, say: late}\n"
			   "      - {when: order.days > 3, say: long}\n"
			   "      - {when: order.days > 2, say: longer}\n"
			   "  - name: b\n"
			   "    match: [two]\n"
			   "    answer: [{when: agent, say: hello agent}]\n");
	const struct answer_value late[] = {VALUE("order.status", "Late"),
					    VALUE("order.days", "9")};
	const struct answer_value days[] = {VALUE("order.days", "3")};

	CHECK_STR(said(c, "a", late, 2, "m"), "late");
	CHECK_STR(said(c, "a", late + 1, 1, "m"), "long");
	CHECK_STR(said(c, "a", days, 1, "m"), "longer");
	CHECK_STR(said(c, "a", NULL, 0, "m"), "always one");
	CHECK_STR(said(c, "b", NULL, 0, "m"), "(none)");
	catalog_free(&c);
}

static struct str one_value(const void *arg, struct str name)
{
	return str_is(name, "x") ? str_of(arg) : STR_NONE;
}

static bool holds(const char *condition, const char *x)
{
	struct arena arena;
	struct buf why = BUF_INIT;
	struct condition *c;
	bool ok;

	arena_init(&arena);
	c = condition_parse(&arena, str_of(condition), &why);
	CHECK(c != NULL);
	ok = c != NULL && condition_holds(c, one_value, x);
	arena_fini(&arena);
	buf_fini(&why);
	return ok;
}

static void conditions_compare_and_combine(void)
{
	CHECK(holds("x = sent", "sent") && holds("x = sent", "SENT"));
	CHECK(!holds("x = sent", "sen") && !holds("x = sent", NULL));
	CHECK(holds("x == sent", "sent"));
	CHECK(holds("x != sent", "late") && holds("x != sent", NULL));
	CHECK(!holds("x != sent", "sent"));
	CHECK(holds("x = 'in transit'", "in transit"));
	CHECK(holds("x = \"in transit\"", "In Transit"));
	CHECK(holds("x > 9", "10") && !holds("x > 9", "9"));
	CHECK(holds("x >= 9", "9.0") && holds("x <= 9", "-1"));
	CHECK(holds("x < b", "a") && !holds("x < 9", NULL));
	CHECK(holds("x", "yes") && !holds("x", "no") && !holds("x", "0"));
	CHECK(!holds("x", "False") && !holds("x", "") && !holds("x", NULL));
	CHECK(holds("not x", NULL) && !holds("not x", "y"));
	CHECK(holds("not not x", "y"));
	CHECK(holds("x = a or x = b", "b") && !holds("x = a or x = b", "c"));
	CHECK(holds("x > 1 and x < 5", "3") && !holds("x > 1 and x < 5", "7"));
	CHECK(holds("x = a or x = b and y", "a")); /* and binds tighter */
	CHECK(!holds("(x = a or x = b) and y", "a"));
}

static void variants_depend_on_the_message_only(void)
{
	struct catalog *c = load_right(
		"intents:\n"
		"  - {name: a, match: [one], answer: [v0, v1, v2]}\n");
	unsigned seen[3] = {0};
	char id[20], first[20];

	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		strcpy(first, said(c, "a", NULL, 0, id));
		CHECK_STR(said(c, "a", NULL, 0, id), first);
		CHECK(first[0] == 'v' && first[1] >= '0' && first[1] <= '2');
		seen[first[1] - '0']++;
	}
	for (int i = 0; i < 3; i++)
		CHECK(seen[i] > 50);
	catalog_free(&c);
}

static void questions_ask_for_slots(void)
{
	struct catalog *c = load_right(
		"shop: {name: Demo}\n"
		"intents:\n"
		"  - name: a\n"
		"    match: [one]\n"
		"    needs: {n: 'Which {{shop.name}} number?', m: And?}\n"
		"    answer: '{{n}} {{m}}'\n");
	const struct intent *a = catalog_find(c, STR("a"));
	struct answer_request request = {.locale = NULL};
	struct buf out = BUF_INIT;

	answer_need(c, a, 0, &request, &out);
	CHECK_STR(out.data, "Which Demo number?");
	buf_clear(&out);
	answer_need(c, a, 1, &request, &out);
	CHECK_STR(out.data, "And?");
	answer_need(c, a, 2, &request, &out);
	CHECK_STR(out.data, "And?");
	buf_fini(&out);
	catalog_free(&c);
}

static struct catalog *two_languages(void)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml",
		 str_of("language: en\n"
			"months: [january, february, march, april, may, june, "
			"july, august, september, october, november, "
			"december]\n"
			"weekdays: [monday, tuesday, wednesday, thursday, "
			"friday, saturday, sunday]\n"
			"texts:\n"
			"  miss: Sorry {{name}}\n"
			"  only: 'here on {{day | date}}'\n")},
		{"_language/de.yaml",
		 str_of("language: de\n"
			"months: [Januar, Februar, März, April, Mai, Juni, "
			"Juli, August, September, Oktober, November, "
			"Dezember]\n"
			"weekdays: [Montag, Dienstag, Mittwoch, Donnerstag, "
			"Freitag, Samstag, Sonntag]\n"
			"texts:\n"
			"  miss: [Tut mir leid, Pardon]\n"
			"  day: '{{day | date}}'\n"
			"  sum: '{{sum | money}}'\n"
			"  all: '{{all | list}}'\n")},
		{"r.yaml",
		 str_of("intents: [{name: a, answer: y, match: [one]}]\n")},
	};

	return load_files(sources, 3, NULL);
}

static const char *text_of(const struct catalog *c, const char *name,
			   const char *locale, const char *value)
{
	static struct buf out;
	const struct answer_value values[] = {{"day", str_of(value)},
					      {"sum", str_of(value)},
					      {"all", str_of(value)}};
	struct answer_request request = {
		.locale = locale,
		.message_id = STR("m"),
		.values = values,
		.value_count = 3,
	};

	buf_clear(&out);
	buf_add_s(&out, "");
	if (!answer_text(c, name, &request, &out)) {
		CHECK(out.len == 0);
		return "(none)";
	}
	return out.data;
}

static void texts_are_in_the_language_asked_for(void)
{
	struct catalog *c = two_languages();
	const char *german;

	CHECK(c != NULL);
	CHECK_STR(text_of(c, "miss", NULL, ""), "Sorry");
	CHECK_STR(text_of(c, "miss", "en-GB", ""), "Sorry");
	german = text_of(c, "miss", "de-AT", "");
	CHECK(strcmp(german, "Tut mir leid") == 0 ||
	      strcmp(german, "Pardon") == 0);
	CHECK_STR(text_of(c, "miss", "fr", ""), "Sorry");
	CHECK_STR(text_of(c, "only", "de", "2024-05-04"),
		  "here on Saturday, 4 May 2024");
	CHECK_STR(text_of(c, "nothing", "de", ""), "(none)");
	CHECK_STR(text_of(c, "day", "DE_at", "2024-05-04T10:00:00Z"),
		  "Samstag, 4. Mai 2024");
	catalog_free(&c);
}

static const char *formatted(const char *value, const char *format,
			     const struct language *language)
{
	static struct buf out;
	static char source[200];
	struct arena arena;
	struct buf why = BUF_INIT;
	struct template_env env = {one_value, value, language, false};
	struct template *t;

	arena_init(&arena);
	snprintf(source, sizeof(source), "[{{x | %s}}]", format);
	t = template_parse(&arena, str_of(source), &why);
	CHECK(t != NULL);
	buf_clear(&out);
	if (t != NULL)
		template_render(t, &env, &out);
	arena_fini(&arena);
	buf_fini(&why);
	return out.data;
}

static void dates_are_written_out(void)
{
	struct catalog *c = two_languages();

	CHECK_STR(text_of(c, "only", "en", "2000-02-29"),
		  "here on Tuesday, 29 February 2000");
	CHECK_STR(text_of(c, "only", "en", "1970-01-01"),
		  "here on Thursday, 1 January 1970");
	CHECK_STR(text_of(c, "only", "en", "2023-02-29"),
		  "here on 2023-02-29"); /* there was none */
	CHECK_STR(text_of(c, "only", "en", "1714816800000"),
		  "here on Saturday, 4 May 2024");
	CHECK_STR(text_of(c, "only", "en", "soon"), "here on soon");
	CHECK_STR(formatted("2024-05-04", "date", NULL), "[2024-05-04]");
	catalog_free(&c);
}

static void amounts_are_written_as_in_the_language(void)
{
	struct catalog *c = two_languages();

	CHECK_STR(text_of(c, "sum", "de", "1234.5 EUR"), "1.234,50 €");
	CHECK_STR(formatted("1234567.891 USD", "money", NULL),
		  "[$1,234,567.89]");
	CHECK_STR(formatted("EUR 12", "money", NULL), "[€12.00]");
	CHECK_STR(formatted("12", "money", NULL), "[12.00]");
	CHECK_STR(formatted("-12.05 CHF", "money", NULL), "[-12.05 CHF]");
	CHECK_STR(formatted("a lot", "money", NULL), "[a lot]");
	CHECK_STR(formatted("", "money", NULL), "[]");
	catalog_free(&c);
}

static void lists_are_joined(void)
{
	struct catalog *c = two_languages();

	CHECK_STR(formatted("a", "list", NULL), "[a]");
	CHECK_STR(formatted("a,b", "list", NULL), "[a and b]");
	CHECK_STR(formatted("a, b, c d", "list", NULL), "[a, b and c d]");
	CHECK_STR(formatted("", "list", NULL), "[]");
	CHECK_STR(text_of(c, "all", "de", "a,b,c"), "a, b und c");
	catalog_free(&c);
}

static void prefixes_and_defaults(void)
{
	CHECK_STR(formatted("Ann", "prefix ', '", NULL), "[, Ann]");
	CHECK_STR(formatted(NULL, "prefix ', '", NULL), "[]");
	CHECK_STR(formatted(NULL, "default 'all | of you'", NULL),
		  "[all | of you]");
	CHECK_STR(formatted("Ann", "default: you", NULL), "[Ann]");
	CHECK_STR(formatted(NULL, "default: you", NULL), "[you]");
	CHECK_STR(formatted("2024-05-04", "date | prefix 'on '", NULL),
		  "[on 2024-05-04]");
}

int main(void)
{
	RUN(slots_are_filled);
	RUN(the_first_condition_that_holds_decides);
	RUN(conditions_compare_and_combine);
	RUN(variants_depend_on_the_message_only);
	RUN(questions_ask_for_slots);
	RUN(texts_are_in_the_language_asked_for);
	RUN(dates_are_written_out);
	RUN(amounts_are_written_as_in_the_language);
	RUN(lists_are_joined);
	RUN(prefixes_and_defaults);
	buf_fini(&load_findings);
	return check_done("intent/answer");
}
