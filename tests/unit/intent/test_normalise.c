/* From messages as typed to what phrases see. */
#include "load.h"

static struct catalog *rules;

static const char language[] = "language: en\n"
			       "contractions:\n"
			       "  \"can't\": can not\n"
			       "  \"it's\": it is\n"
			       "spellings:\n"
			       "  pls: please\n"
			       "  u: you\n"
			       "  asap: as soon as possible\n"
			       "protected: [shipwright]\n";

static const char yaml[] =
	"words:\n"
	"  order: [order(s), parcel(s), number, 'no']\n"
	"entities:\n"
	"  order_id: {pattern: '\\b(?:OD)?\\d{6,18}\\b', near: <order>,\n"
	"             yields_to: [phone, date]}\n"
	"  phone: {pattern: '\\+\\d{8,14}\\b'}\n"
	"  date: {pattern: '\\b\\d{2}\\.\\d{2}\\.\\d{4}\\b|\\btomorrow\\b'}\n"
	"  amount: {pattern: '[$€]\\s?\\d+(?:\\.\\d\\d)?|\\b\\d+ euros?\\b'}\n"
	"  mail: {pattern: '\\b[\\w.]+@[\\w.]+\\w\\b'}\n"
	"intents:\n"
	"  - name: it\n"
	"    answer: y\n"
	"    match: [where ~ my <order>, please cancel, delivery address,\n"
	"            tracking, password]\n";

static void load_rules(void)
{
	const struct intent_source sources[] = {
		{"intents/_language/en.yaml", str_of(language)},
		{"intents/r.yaml", str_of(yaml)},
	};
	const struct catalog_options options = {
		.protected_words = STR("possible\nwere\nhere\nwhom\nto's\n"
				       "cancer\nbig\nsoon\nnotice\n"),
	};

	rules = load_files(sources, 2, &options);
	CHECK(rules != NULL);
}

#define READ(text, normal) CHECK_STR(normal_of(rules, text), normal)

static void letters_are_made_alike(void)
{
	READ("WHERE", "where");
	READ("Ｗｈｅｒｅ", "where");
	READ("Éclair Ñandú Ąę", "eclair nandu ae");
	READ("Straße", "strasse");
	READ("ﬁne", "fine");
	READ("Łódź Ørsted Ǿre", "lodz orsted ore");
	READ("Привет", "привет");
	READ("zero\u200bwidth", "zerowidth");
}

static void blanks_are_one(void)
{
	READ("  where   is\tit  ", "where is it");
	READ("where\u00a0is", "where is");
	READ("", "");
	READ("   ", "");
	READ("?!", "");
}

static void punctuation_ends_sentences(void)
{
	READ("Where is it? Here.", "where is it | here");
	READ("No!!! Really...", "no | really");
	READ("one;two\nthree", "one | two | three");
	READ("well, (then) \"that\" - or / this: yes",
	     "well then that or this yes");
	READ("hello.Where is it", "hello | where is it");
	READ("see shop.example now", "see shop example now");
	READ("it is 3.50 or 1,000", "it is 3.50 or 1,000");
	READ("order no. 12", "order no 12");
	READ("好。是", "好 | 是");
}

static void apostrophes_and_hyphens_go(void)
{
	READ("can't", "can not");
	READ("can\u2019t", "can not");
	READ("the shop's door", "the shop door");
	READ("o'clock rock'n'roll", "oclock rocknroll");
	READ("e-mail well-known", "e mail well known");
	READ("'quoted'", "quoted");
}

static void chat_spellings_are_written_out(void)
{
	READ("pls", "please");
	READ("can u", "can you");
	READ("ASAP", "as soon as possible");
}

static void links_and_names_say_nothing(void)
{
	READ("@shop where is it", "where is it");
	READ("see https://t.example/x?y=1 now", "see now");
	READ("www.shop.example/a where", "where");
}

static void emoji_are_no_words(void)
{
	READ("where 😀 is it 👍🏽", "where is it");
}

static void entities_become_placeholders(void)
{
	READ("my order 12345678", "my order <order_id>");
	READ("it costs $5.20", "it costs <amount>");
	READ("call +4912345678 now", "call <phone> now");
	READ("from a.b@shop.example", "from <mail>");
	READ("$5.20.", "<amount>");
	READ("since 01.02.2024. Where", "since <date> | where");
}

static void near_wants_its_word_within_three(void)
{
	READ("order it is a 12345678", "order it is a 12345678");
	READ("order it is 12345678", "order it is <order_id>");
	READ("12345678 is my order", "<order_id> is my order");
	READ("12345678 is not my order", "12345678 is not my order");
	READ("it is 12345678", "it is 12345678");
	READ("my ordr 12345678", "my order <order_id>");
	READ("my order. 12345678", "my order | <order_id>");
}

static void words_stay_where_an_entity_has_no_digit(void)
{
	struct match m = match_of(rules, "order comes tomorrow");

	READ("order comes tomorrow", "order comes tomorrow");
	CHECK(m.entity_count == 1);
	CHECK_STR(m.entities[0].name, "date");
	CHECK_STR(m.entities[0].value, "tomorrow");
}

static void an_entity_may_begin_inside_of_a_word(void)
{
	READ("x$5y", "x <amount> y");
}

static void spans_are_those_of_the_message_as_typed(void)
{
	const char *text = "Mein Örder: order 12345678!";
	struct match m = match_of(rules, text);

	CHECK(m.entity_count == 1);
	CHECK(memcmp(text + m.entities[0].at, "12345678", m.entities[0].len) ==
	      0);
	CHECK_STR(m.entities[0].value, "12345678");
}

static void typing_errors_become_the_rules_words(void)
{
	READ("wher is my ordr", "where is my order");
	READ("whree", "where");        /* exchanged */
	READ("passwrod", "password");  /* eight letters */
	READ("pasworrd", "password");  /* two slips */
	READ("trackking", "tracking"); /* doubled */
	READ("delivrey addres", "delivery address");
	READ("pleeeease", "please");
	READ("ordeeeer", "order");
}

static void known_words_are_left_alone(void)
{
	READ("were here cancer whom", "were here cancer whom");
	READ("shipwright", "shipwright");
	READ("can", "can");     /* too short */
	READ("ordr1", "ordr1"); /* a code */
	READ("zzzzq", "zzzzq");
	READ("to's", "to");
}

static void two_words_run_together_are_parted(void)
{
	READ("myorder", "my order");
	READ("wheremy", "where my");
	READ("deliveryaddress", "delivery address");
	READ("pleasecancel", "please cancel");
}

static void long_messages_are_read_at_both_ends(void)
{
	struct buf text = BUF_INIT;
	const char *got;

	buf_add_s(&text, "where ");
	while (text.len < 5000)
		buf_add_s(&text, "blah ");
	buf_add_s(&text, "order 12345678 cancel");
	got = normal_of(rules, text.data);
	CHECK(strncmp(got, "where blah", 10) == 0);
	CHECK(strstr(got, "order <order_id> cancel") != NULL);
	CHECK(strlen(got) < 1010);
	{
		struct match m = match_of(rules, text.data);

		CHECK(m.entity_count == 1);
		CHECK(m.entities[0].at == text.len - 15);
	}
	buf_fini(&text);
}

static void nothing_typed_is_too_strange(void)
{
	char junk[3000];

	for (size_t i = 0; i < sizeof(junk) - 1; i++)
		junk[i] = (char)("\x01 .?!;'-@#<>(){}[]|~1a"[i % 22]);
	junk[sizeof(junk) - 1] = '\0';
	normal_of(rules, junk);
	memset(junk, '\'', sizeof(junk) - 1);
	READ(junk, "");
	memset(junk, '.', sizeof(junk) - 1);
	READ(junk, "");
	memset(junk, 'a', sizeof(junk) - 1);
	CHECK(strlen(normal_of(rules, junk)) > 900);
	for (size_t i = 0; i + 3 < sizeof(junk); i += 3)
		memcpy(junk + i, "\uFDFA", 3); /* 18 letters each */
	CHECK(strlen(normal_of(rules, junk)) > 900);
	for (size_t i = 0; i + 9 < sizeof(junk); i += 9)
		memcpy(junk + i, "+12345678 ", 9);
	normal_of(rules, junk);
	for (size_t i = 0; i + 5 < sizeof(junk); i += 5)
		memcpy(junk + i, "asap ", 5);
	CHECK(strncmp(normal_of(rules, junk), "as soon as possible as", 22) ==
	      0);
}

static void corrections_are_shown(void)
{
	struct matcher *m = matcher_new();
	struct match_context context = {.explain = true};
	struct match out;

	match_message(rules, m, STR("wher is myorder"), &context, &out);
	CHECK(str_is(out.corrections, "wher>where myorder>my+order"));
	matcher_free(&m);
}

/* The amount, which has the line's end in it, loses to the date. */
static void a_sentence_may_end_where_an_entity_is_none(void)
{
	struct buf text = BUF_INIT;
	const char *read;
	size_t sentences = 1;

	READ("x $\n02.02.2024 y. z", "x | <date> y | z");
	for (int i = 0; i < 40; i++)
		buf_add_s(&text, "x $\n02.02.2024 ");
	read = normal_of(rules, text.data);
	for (const char *p = read; (p = strchr(p, '|')) != NULL; p++)
		sentences++;
	CHECK(sentences > 30 && sentences <= 48);
	buf_fini(&text);
}

int main(void)
{
	load_rules();
	RUN(letters_are_made_alike);
	RUN(blanks_are_one);
	RUN(punctuation_ends_sentences);
	RUN(apostrophes_and_hyphens_go);
	RUN(chat_spellings_are_written_out);
	RUN(links_and_names_say_nothing);
	RUN(emoji_are_no_words);
	RUN(entities_become_placeholders);
	RUN(near_wants_its_word_within_three);
	RUN(words_stay_where_an_entity_has_no_digit);
	RUN(an_entity_may_begin_inside_of_a_word);
	RUN(spans_are_those_of_the_message_as_typed);
	RUN(typing_errors_become_the_rules_words);
	RUN(known_words_are_left_alone);
	RUN(two_words_run_together_are_parted);
	RUN(long_messages_are_read_at_both_ends);
	RUN(nothing_typed_is_too_strange);
	RUN(corrections_are_shown);
	RUN(a_sentence_may_end_where_an_entity_is_none);
	catalog_free(&rules);
	buf_fini(&load_findings);
	return check_done("intent/normalise");
}
