/* The phrase language, construct by construct: what a phrase matches and what
 * it does not, with and without the index. */
#include "catalog.h"
#include "load.h"

static bool planned; /* the last phrase, so that PCRE2 is not asked */

/* Whether a rule set of this one phrase answers the text. */
static bool says(const char *phrase, const char *text, bool no_index)
{
	struct buf yaml = BUF_INIT;
	struct intent_source source = {.name = "r.yaml"};
	struct catalog_options options = {.no_index = no_index,
					  .no_spelling = true};
	struct catalog *c;
	bool won;

	buf_add_s(&yaml,
		  "words:\n"
		  "  order: [order(s), parcel(s), 'order number']\n"
		  "  where: [where, track(ing|ed), 'how far']\n"
		  "  thing: [<order>, item]\n"
		  "entities:\n"
		  "  order_id: {pattern: '\\b\\d{6,18}\\b'}\n"
		  "  day: {pattern: '\\b(?:today|tomorrow|\\d+ days)\\b'}\n"
		  "intents:\n"
		  "  - name: it\n"
		  "    answer: yes it is\n"
		  "    match:\n"
		  "      - '");
	for (const char *p = phrase; *p != '\0'; p++)
		buf_add_s(&yaml, *p == '\'' ? "''" : (char[2]){*p, '\0'});
	buf_add_s(&yaml, "'\n");
	source.text = buf_str(&yaml);
	c = load_files(&source, 1, &options);
	if (c == NULL) {
		printf("%s: %s\n", phrase, load_findings.data);
		CHECK(!"the phrase loads");
		buf_fini(&yaml);
		return false;
	}
	won = strcmp(outcome_of(c, text), "it") == 0;
	planned = c->rules.entries->plan != NULL;
	catalog_free(&c);
	buf_fini(&yaml);
	return won;
}

static bool matches(const char *phrase, const char *text)
{
	bool with = says(phrase, text, false);
	bool without = says(phrase, text, true);

	if (with != without)
		printf("the index changes \"%s\" on \"%s\"\n", phrase, text);
	CHECK(with == without);
	return with;
}

static void a_word_is_a_whole_word(void)
{
	CHECK(matches("order", "my order please"));
	CHECK(matches("order", "Order!"));
	CHECK(!matches("order", "reorder"));
	CHECK(!matches("order", "orders"));
	CHECK(!matches("order", "ordering"));
}

static void words_stand_next_to_each_other(void)
{
	CHECK(matches("my order", "is my order here"));
	CHECK(matches("my   order", "my order"));
	CHECK(matches(" my order ", "my order"));
	CHECK(!matches("my order", "my big order"));
	CHECK(!matches("my order", "order my"));
	CHECK(!matches("my order", "it is my. Order it"));
}

static void a_gap_is_up_to_three_words(void)
{
	CHECK(matches("where ~ order", "where order"));
	CHECK(matches("where ~ order", "where is order"));
	CHECK(matches("where ~ order", "where a b c order"));
	CHECK(!matches("where ~ order", "where a b c d order"));
	CHECK(matches("where~order", "where is my order"));
}

static void a_double_gap_is_up_to_six_words(void)
{
	CHECK(matches("where ~~ order", "where order"));
	CHECK(matches("where ~~ order", "where a b c d e f order"));
	CHECK(!matches("where ~~ order", "where a b c d e f g order"));
	CHECK(matches("where ~ ~ order", "where a b c d e f order"));
}

static void no_gap_crosses_the_end_of_a_sentence(void)
{
	CHECK(!matches("where ~ order", "where? my order"));
	CHECK(!matches("where ~ order", "where. Order"));
	CHECK(!matches("where ~ order", "where\nis my order"));
	CHECK(matches("where ~ order", "where, please, is order"));
}

static void a_group_after_a_word_is_its_endings(void)
{
	CHECK(matches("track(ing|ed)", "track"));
	CHECK(matches("track(ing|ed)", "tracking"));
	CHECK(matches("track(ing|ed)", "tracked"));
	CHECK(!matches("track(ing|ed)", "tracks"));
	CHECK(matches("cancel(l)ing", "canceling it"));
	CHECK(matches("cancel(l)ing", "cancelling it"));
	CHECK(matches("work(er(s))", "workers"));
	CHECK(matches("work(er(s))", "worker"));
	CHECK(matches("work(er(s))", "work"));
	CHECK(matches("<order>(x)", "parcelx"));
}

static void a_group_after_a_space_is_one_of_several(void)
{
	CHECK(matches("has (shipped|left)", "it has left"));
	CHECK(!matches("has (shipped|left)", "it has"));
	CHECK(matches("(shipped|left) it", "left it"));
	CHECK(matches("has (been sent|left)", "it has been sent"));
	CHECK(!matches("has (been sent|left)", "it has been"));
	CHECK(matches("(a|b) (c|d)", "b d"));
	CHECK(!matches("(a|b) (c|d)", "b"));
}

static void a_group_may_bring_its_own_space(void)
{
	CHECK(matches("hi( there)", "hi there"));
	CHECK(matches("(my )?(wife|son)", "son"));
	CHECK(matches("for (my )?(wife|son)", "for my wife"));
	CHECK(!matches("for (my )?(wife|son)", "for my"));
	CHECK(matches("^hi( <order>)?$", "hi order number"));
	CHECK(matches("^hi( <order>)?$", "hi"));
	CHECK(!matches("^hi( <order>)?$", "hi you"));
}

static void a_group_with_a_space_may_touch_what_follows(void)
{
	CHECK(matches("hi( the)re", "hi there"));
	CHECK(!matches("hi( the)re", "hi the re"));
	CHECK(matches("a( b c?d)ee$", "a bcdee") ==
	      matches("a( b c?d)ee", "a bcdee"));
	CHECK(matches("x(my )y", "xmy y"));
	CHECK(!matches("x(my )y", "x my y"));
	CHECK(matches("hi( there)?x", "hix"));
	CHECK(matches("x(my )?y", "xy"));
	CHECK(matches("ym( a )?2x", "ym2x"));
	CHECK(matches("(my )(big )?house", "my house"));
	CHECK(matches("(my )(big )?house", "my big house"));
	CHECK(matches("^(please)? (my )?house(s)?( now)?$", "house"));
	CHECK(matches("^(please)? (my )?house(s)?( now)?$",
		      "please my houses now"));
	CHECK(!matches("^(please)? (my )?house(s)?( now)?$",
		       "my please house"));
}

static void looking_around_takes_no_word(void)
{
	CHECK(matches("(?<!gift )card(s)", "my cards"));
	CHECK(!matches("(?<!gift )card(s)", "gift card"));
	CHECK(matches("order(?! id)", "order it"));
	CHECK(!matches("order(?! id)", "order id"));
	CHECK(matches("deliver(?!y)\\w*", "delivered"));
	CHECK(!matches("deliver(?!y)\\w*", "delivery"));
}

static void an_optional_word_takes_its_space_along(void)
{
	CHECK(matches("(please)? cancel", "cancel"));
	CHECK(matches("(please)? cancel", "please cancel"));
	CHECK(matches("cancel (it)? now", "cancel now"));
	CHECK(matches("cancel (it)? now", "cancel it now"));
	CHECK(!matches("cancel (it)? now", "cancel that now"));
	CHECK(matches("cancel (it|that)?", "cancel"));
	CHECK(matches("a (b)? ~ c", "a c"));
	CHECK(matches("a (b)? ~ c", "a b x y z c"));
	CHECK(matches("a ~ (b)? c", "a x c"));
	CHECK(matches("(very)* good", "very very good"));
	CHECK(matches("(very)* good", "good"));
	CHECK(matches("so (very)+ good", "so very very good"));
	CHECK(!matches("so (very)+ good", "so good"));
	CHECK(matches("(no){2,3} way", "no no way"));
	CHECK(!matches("(no){2,3} way", "no way"));
}

static void alternatives_may_be_whole_phrases(void)
{
	CHECK(matches("my order|your parcel", "your parcel"));
	CHECK(matches("my order|your parcel", "my order"));
	CHECK(!matches("my order|your parcel", "my parcel"));
	CHECK(!matches("my order|your parcel", "my orders"));
}

static void a_name_is_a_word_group(void)
{
	CHECK(matches("<where> ~ <order>", "how far is my order number"));
	CHECK(matches("<where> ~ <order>", "tracking of my parcels"));
	CHECK(!matches("<where> ~ <order>", "how is my order"));
	CHECK(matches("my <thing>", "my item"));
	CHECK(matches("my <thing>", "my parcels"));
	CHECK(matches("my (<thing>|lamp)", "my order"));
	CHECK(matches("(<where>)? <order>", "order"));
}

static void a_name_may_be_an_entity(void)
{
	CHECK(matches("order <order_id>", "order 12345678"));
	CHECK(matches("order ~ <order_id>", "order with number 12345678"));
	CHECK(!matches("order <order_id>", "order 123"));
	CHECK(!matches("order <order_id>", "order order_id"));
	CHECK(matches("order arrives", "order arrives 12345678"));
	CHECK(matches("arrive <day>", "it will arrive tomorrow"));
	CHECK(matches("arrive in <day>", "arrive in 3 days"));
	CHECK(matches("arrive tomorrow", "it will arrive tomorrow"));
}

static void the_rest_is_pcre2(void)
{
	CHECK(matches("orders?", "order"));
	CHECK(matches("orders?", "orders"));
	CHECK(matches("organi[sz]e", "organise"));
	CHECK(matches("organi[sz]e", "organize"));
	CHECK(matches("deliver\\w*", "deliveries"));
	CHECK(matches("^order", "order it"));
	CHECK(!matches("^order", "my order"));
	CHECK(matches("order$", "my order"));
	CHECK(!matches("order$", "order it"));
	CHECK(matches("go+d", "goood"));
	CHECK(matches("a.c", "abc"));
	CHECK(matches("(?:where|how) order", "how order"));
	CHECK(matches("order (?!id)\\w+", "order it"));
	CHECK(!matches("order (?!id)\\w+", "order id"));
	CHECK(matches("[^ ]+ order", "my order"));
	CHECK(matches("b{2}", "bb"));
	CHECK(matches("\\d{2}", "42"));
}

static bool planned_matches(const char *phrase, const char *text)
{
	bool ok = matches(phrase, text);

	CHECK(planned);
	return ok;
}

static void any_word_or_number_needs_no_pcre2(void)
{
	CHECK(planned_matches("my \\w+ box", "my red box"));
	CHECK(planned_matches("my \\w+ box", "my R2d2 box"));
	CHECK(!planned_matches("my \\w+ box", "my box"));
	CHECK(!planned_matches("my \\w+ box", "my \xe4\xb8\xad box"));
	CHECK(!planned_matches("my \\w+ box", "my 12345678 box"));
	CHECK(planned_matches("my \\w box", "my x box"));
	CHECK(!planned_matches("my \\w box", "my xy box"));
	CHECK(planned_matches("\\w+", "zzz"));
	CHECK(planned_matches("\\w{2}\\w+$", "is zzz"));
	CHECK(!planned_matches("\\w{2}\\w+$", "is zz"));
	CHECK(planned_matches("size \\d{2,3}", "size 42"));
	CHECK(!planned_matches("size \\d{2,3}", "size 7"));
	CHECK(!planned_matches("size \\d{2,3}", "size 4200"));
	CHECK(!planned_matches("size \\d{2,3}", "size 42x"));
	CHECK(planned_matches("size \\d\\d", "size 42"));
	CHECK(planned_matches("(\\d+|ten) ~ box", "I want 5 red box"));
	CHECK(planned_matches("a (\\w+ ){0,2}b$", "a b"));
	CHECK(planned_matches("a (\\w+ ){0,2}b$", "a x 1 b"));
	CHECK(!planned_matches("a (\\w+ ){0,2}b$", "a x y z b"));
	CHECK(!matches("\\w*x\\d", "x"));
	CHECK(!planned);
}

static void a_group_may_come_again_with_its_space(void)
{
	CHECK(planned_matches("^so (very )+good", "so very good"));
	CHECK(planned_matches("^so (very )+good", "so very very good"));
	CHECK(!planned_matches("^so (very )+good", "so good"));
	CHECK(planned_matches("^hi( there)+$", "hi there"));
	CHECK(planned_matches("^hi( there)+$", "hi there there"));
	CHECK(!planned_matches("^hi( there)+$", "hi"));
	CHECK(planned_matches("^hi( there){2,3} you", "hi there there you"));
	CHECK(!planned_matches("^hi( there){2,3} you", "hi there you"));
	CHECK(!planned_matches("^hi( a){2,3} b", "hi a a a a b"));
}

static void space_and_tilde_are_plain_inside_of_classes(void)
{
	CHECK(matches("a[ ]b", "a b"));
	CHECK(!matches("where[~]order", "where is order"));
	CHECK(matches("a(?: |-)b", "a b"));
	CHECK(!matches("a(?:~)b", "a x b"));
}

static void words_are_written_as_people_write_them(void)
{
	CHECK(matches("Café", "a cafe"));
	CHECK(matches("cafe", "a CAFÉ"));
	CHECK(matches("ORDER", "order"));
	CHECK(matches("e-mail", "my e-mail"));
	CHECK(matches("e-mail", "my e mail"));
	CHECK(matches("shop's", "the shop's door"));
	CHECK(matches("straße", "Strasse"));
	CHECK(matches("ﬁne", "fine"));
}

static bool faulty(const char *phrase, const char *why)
{
	struct buf yaml = BUF_INIT;
	bool ok;

	buf_addf(&yaml,
		 "words: {order: [order]}\n"
		 "intents: [{name: it, answer: y, match: ['%s']}]\n",
		 phrase);
	ok = refuses(yaml.data, why);
	if (!ok)
		printf("phrase: %s\n", phrase);
	buf_fini(&yaml);
	return ok;
}

static void faults_say_where_and_what_to_do(void)
{
	CHECK(faulty("my <ordr>", "r.yaml:2:45: error: phrase \"my <ordr>\": "
				  "there is no word group or entity <ordr>; "
				  "did you mean <order>?"));
	CHECK(faulty("my <order", "\"<\" opens no <name>"));
	CHECK(faulty("a (b", "\"(\" without its \")\""));
	CHECK(faulty("a b)", "\")\" without its \"(\""));
	CHECK(faulty("a [b", "\"[\" without its \"]\""));
	CHECK(faulty("a (?:b", "\"(?\" without its \")\""));
	CHECK(faulty("~ order", "a gap stands between two words"));
	CHECK(faulty("order ~", "a gap stands between two words"));
	CHECK(faulty("order |", "an empty phrase or alternative"));
	CHECK(faulty("?", "nothing stands before this repeat"));
	CHECK(faulty("a ~+ b", "a gap cannot be repeated"));
	CHECK(faulty("a ~~~ b", "a gap is of three words, ~, or of six, ~~"));
	CHECK(faulty("a ~~ ~ b", "a gap is of three words"));
	CHECK(faulty("hello!", "punctuation is taken out"));
	CHECK(faulty("(\\w+) \\1", "a back reference"));
	CHECK(faulty("(a)?", "matches the empty text"));
	CHECK(faulty("a\\", "escapes nothing"));
	CHECK(faulty("((((((((((((((((((a))))))))))))))))))",
		     "parentheses nest too deep"));
}

int main(void)
{
	RUN(a_word_is_a_whole_word);
	RUN(words_stand_next_to_each_other);
	RUN(a_gap_is_up_to_three_words);
	RUN(a_double_gap_is_up_to_six_words);
	RUN(no_gap_crosses_the_end_of_a_sentence);
	RUN(a_group_after_a_word_is_its_endings);
	RUN(a_group_after_a_space_is_one_of_several);
	RUN(a_group_may_bring_its_own_space);
	RUN(a_group_with_a_space_may_touch_what_follows);
	RUN(looking_around_takes_no_word);
	RUN(an_optional_word_takes_its_space_along);
	RUN(alternatives_may_be_whole_phrases);
	RUN(a_name_is_a_word_group);
	RUN(a_name_may_be_an_entity);
	RUN(the_rest_is_pcre2);
	RUN(any_word_or_number_needs_no_pcre2);
	RUN(a_group_may_come_again_with_its_space);
	RUN(space_and_tilde_are_plain_inside_of_classes);
	RUN(words_are_written_as_people_write_them);
	RUN(faults_say_where_and_what_to_do);
	buf_fini(&load_findings);
	return check_done("intent/phrase");
}
