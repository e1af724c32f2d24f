/* Distances, and which word a typing error becomes. */
#include "base/mem.h"
#include "check.h"
#include "spell.h"

static struct arena arena;
static struct lexicon lexicon;
static struct wordset common;
static struct spell spell;

static unsigned distance(const char *a, const char *b, unsigned max)
{
	unsigned there = spell_distance(str_of(a), str_of(b), max);

	CHECK(there == spell_distance(str_of(b), str_of(a), max));
	return there;
}

static void distances_count_slips_of_the_finger(void)
{
	CHECK(distance("order", "order", 2) == 0);
	CHECK(distance("order", "ordr", 2) == 1);
	CHECK(distance("order", "ordier", 2) == 1);
	CHECK(distance("order", "ordar", 2) == 1);
	CHECK(distance("order", "oredr", 2) == 1); /* exchanged */
	CHECK(distance("order", "rodre", 2) == 2);
	CHECK(distance("order", "rd", 2) == 3); /* over the limit */
	CHECK(distance("", "ab", 2) == 2);
	CHECK(distance("abcdef", "ghijkl", 2) == 3);
}

static const char *corrected(const char *word)
{
	static char out[200];
	struct str to[SPELL_PARTS];
	size_t n = spell_correct(&spell, &lexicon, &common, str_of(word), to);
	size_t len = 0;

	if (n == 0)
		return "=";
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s",
					i > 0 ? " " : "", STR_ARG(to[i]));
	return out;
}

static void one_slip_from_four_letters_on(void)
{
	CHECK_STR(corrected("ordr"), "order");
	CHECK_STR(corrected("rfund"), "refund");
	CHECK_STR(corrected("oder"), "order");
	CHECK_STR(corrected("ord"), "=");
	CHECK_STR(corrected("odr"), "=");
	CHECK_STR(corrected("ordrr"), "order");
	CHECK_STR(corrected("rodre"), "="); /* two, and too short for it */
}

static void two_slips_from_eight_letters_on(void)
{
	CHECK_STR(corrected("delivvry"), "delivery");
	CHECK_STR(corrected("dellvery"), "delivery");
	CHECK_STR(corrected("delvvery"), "delivery");
	CHECK_STR(corrected("dlivry"), "="); /* six letters */
	CHECK_STR(corrected("deilevry"), "delivery");
	CHECK_STR(corrected("ddeeliveryy"), "="); /* three */
}

static void between_two_words_it_does_not_choose(void)
{
	CHECK_STR(corrected("bock"), "="); /* book, lock */
	CHECK_STR(corrected("boook"), "book");
}

static void one_slip_goes_before_two(void)
{
	CHECK_STR(corrected("trackingg"), "tracking");
	CHECK_STR(corrected("trakking"), "tracking");
}

/* "delivers" is common, and one slip away; "delivery" is two. */
static void a_common_word_that_is_nearer_keeps_it(void)
{
	CHECK_STR(corrected("deliverrs"), "="); /* one letter too many */
	CHECK_STR(corrected("delievrs"), "=");  /* two exchanged */
	CHECK_STR(corrected("deliwers"), "=");  /* a wrong one */
	CHECK_STR(corrected("delivrs"), "=");   /* and too short for two */
	CHECK_STR(corrected("deliverzz"), "delivery"); /* two from both */
}

static void held_down_letters_are_let_go(void)
{
	CHECK_STR(corrected("ooorder"), "order");
	CHECK_STR(corrected("refunddddddd"), "refund");
	CHECK_STR(corrected("boooooook"), "book");
	CHECK_STR(corrected("aaaaaaaaaa"), "=");
}

static void words_run_together_are_parted(void)
{
	CHECK_STR(corrected("myorder"), "my order");
	CHECK_STR(corrected("refundorder"), "refund order");
	CHECK_STR(corrected("refundnever"), "refund never"); /* common */
	CHECK_STR(corrected("neverever"), "=");    /* none of the rules */
	CHECK_STR(corrected("irefund"), "refund"); /* one slip is likelier */
}

static void many_words_run_together_are_parted_where_all_are_of_the_rules(void)
{
	CHECK_STR(corrected("refundmyorder"), "refund my order");
	CHECK_STR(corrected("irefundmyorder"), "i refund my order");
	CHECK_STR(corrected("myordermybook"), "my order my book");
	CHECK_STR(corrected("refundneverorder"), "="); /* a common one */
	CHECK_STR(corrected("refundmyorders"), "=");
	CHECK_STR(corrected("myimyi"), "="); /* too short */
	CHECK_STR(corrected("mybookmybookmybookmybook"),
		  "my book my book my book my book");
	CHECK_STR(corrected("mybookmybookmybookmybookmy"), "="); /* nine */
}

static void numbers_and_monsters_are_left_alone(void)
{
	char monster[200];

	CHECK_STR(corrected("ord3r"), "=");
	memset(monster, 'o', sizeof(monster) - 1);
	monster[sizeof(monster) - 1] = '\0';
	CHECK_STR(corrected(monster), "=");
	memcpy(monster, "order", 5);
	monster[64] = '\0';
	CHECK_STR(corrected(monster), "=");
}

static void an_empty_vocabulary_corrects_nothing(void)
{
	struct arena a;
	struct lexicon none;
	struct spell s;
	struct str to[SPELL_PARTS];

	arena_init(&a);
	lexicon_init(&none, &a);
	spell_build(&s, &none);
	CHECK(spell_correct(&s, &none, &common, STR("ordr"), to) == 0);
	spell_fini(&s);
	lexicon_fini(&none);
	arena_fini(&a);
}

static void words_are_told_apart_by_every_letter(void)
{
	static const char *const words[] = {
		"",         "a",         "ab",        "abc",
		"abcd",     "abcdefg",   "abcdefgh",  "abcdefgi",
		"bbcdefgh", "abcdefghi", "abcdefghk", "abcdefghijklmnop"};
	struct lexicon some;

	lexicon_init(&some, &arena);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct str word = str_of(words[i]);

		CHECK(lexicon_find(&some, word) == NULL);
		CHECK(lexicon_add(&some, word)->id == i);
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct str word = str_of(words[i]);

		CHECK(lexicon_find(&some, word) == some.list[i]);
		CHECK(lexicon_add(&some, word) == some.list[i]);
	}
	CHECK(lexicon_find(&some, (struct str){"a\0", 2}) == NULL);
	lexicon_fini(&some);
}

static void a_word_list_is_read_line_by_line(void)
{
	struct wordset set = {0};

	wordset_add_lines(&set, STR("Ann\r\nbee's\n\nÉclair\ntwo words\nlast"));
	wordset_close(&set);
	CHECK(wordset_has(&set, STR("ann")) && wordset_has(&set, STR("last")));
	CHECK(wordset_has(&set, STR("eclair")));
	CHECK(!wordset_has(&set, STR("bee")) && !wordset_has(&set, STR("")));
	CHECK(!wordset_has(&set, STR("two")) &&
	      !wordset_has(&set, STR("two words")));
	wordset_fini(&set);
	wordset_close(&set);
	CHECK(!wordset_has(&set, STR("ann")));
	wordset_fini(&set);
}

static struct str numbered(char word[20], int i)
{
	snprintf(word, 20, "w%d", i);
	return str_of(word);
}

static void a_long_word_list_has_its_words_and_no_others(void)
{
	struct wordset set = {0};
	char word[20];
	int there = 0, others = 0;

	for (int i = 0; i < 100000; i++) {
		wordset_add(&set, numbered(word, i));
		if (i % 3 == 0)
			wordset_add(&set, numbered(word, i));
	}
	wordset_close(&set);
	for (int i = 0; i < 100000; i++) {
		there += wordset_has(&set, numbered(word, i));
		others += wordset_has(&set, numbered(word, 100000 + i));
	}
	CHECK(there == 100000);
	CHECK(others == 0);
	wordset_fini(&set);
}

int main(void)
{
	static const char *const words[] = {"order",    "refund", "delivery",
					    "tracking", "book",   "lock",
					    "my",       "i"};

	arena_init(&arena);
	lexicon_init(&lexicon, &arena);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		lexicon_add(&lexicon, str_of(words[i]))->rule = true;
	lexicon_add(&lexicon, STR("rewritten"))->language = true;
	wordset_add_lines(&common, STR("never\never\ndelivers\n"));
	wordset_close(&common);
	spell_build(&spell, &lexicon);
	RUN(distances_count_slips_of_the_finger);
	RUN(one_slip_from_four_letters_on);
	RUN(two_slips_from_eight_letters_on);
	RUN(between_two_words_it_does_not_choose);
	RUN(one_slip_goes_before_two);
	RUN(a_common_word_that_is_nearer_keeps_it);
	RUN(held_down_letters_are_let_go);
	RUN(words_run_together_are_parted);
	RUN(many_words_run_together_are_parted_where_all_are_of_the_rules);
	RUN(numbers_and_monsters_are_left_alone);
	RUN(an_empty_vocabulary_corrects_nothing);
	RUN(words_are_told_apart_by_every_letter);
	RUN(a_word_list_is_read_line_by_line);
	RUN(a_long_word_list_has_its_words_and_no_others);
	spell_fini(&spell);
	wordset_fini(&common);
	lexicon_fini(&lexicon);
	arena_fini(&arena);
	return check_done("intent/spell");
}
