/* PCRE2 kept within bounds. */
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "pattern.h"

static struct pattern *compile(const char *source, bool jit)
{
	struct buf why = BUF_INIT;
	size_t at;
	struct pattern *p = pattern_new(str_of(source), false, jit, &why, &at);

	if (p == NULL)
		printf("%s: %s\n", source, why.data);
	buf_fini(&why);
	return p;
}

static bool refused(const char *source, const char *reason)
{
	struct buf why = BUF_INIT;
	size_t at;
	struct pattern *p = pattern_new(str_of(source), false, true, &why, &at);
	bool ok = p == NULL && strstr(why.data, reason) != NULL;

	pattern_free(&p);
	buf_fini(&why);
	return ok;
}

static void what_is_unbounded_is_refused(void)
{
	CHECK(refused("(a)\\1", "a back reference"));
	CHECK(refused("(?<n>a)\\k<n>", "a back reference"));
	CHECK(refused("(a)(?(1)b|c)", "a back reference"));
	CHECK(refused("a*", "the empty text"));
	CHECK(refused("(?=a)", "the empty text"));
	CHECK(refused("a\\Cb", ""));
	CHECK(refused("(", "parenthesis"));
	CHECK(refused("(*UCP)a", ""));
}

static void a_match_says_where(void)
{
	struct pattern *p = compile("b+", true);
	struct engine *e = engine_new();
	struct span span;

	CHECK(pattern_find(p, e, STR("aabbb"), 0, &span) == PATTERN_YES);
	CHECK(span.at == 2 && span.len == 3);
	CHECK(pattern_find(p, e, STR("aabbb"), 4, &span) == PATTERN_YES);
	CHECK(span.at == 4 && span.len == 1);
	CHECK(pattern_find(p, e, STR("aa"), 0, NULL) == PATTERN_NO);
	CHECK(pattern_find(p, e, STR(""), 0, NULL) == PATTERN_NO);
	engine_free(&e);
	pattern_free(&p);
}

static const char *const hostile[] = {
	"(\\w)*(\\w)*[=:]", "(a|a)*[bx]",          "(a+)+[bx]",
	"(\\w+\\s?)+[:=]",  "(?:a?){30}a{30}[cd]", "(a+a+)+[yz]",
};

/* Each would take seconds to hours without the bound. */
static void hostile_patterns_give_up_soon_and_are_counted(void)
{
	char subject[1001];
	struct engine *e = engine_new();
	clock_t from = clock();

	for (size_t jit = 0; jit < 2; jit++) {
		for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]);
		     i++) {
			struct pattern *p = compile(hostile[i], jit != 0);

			memset(subject, 'a', 1000);
			subject[1000] = '\0';
			engine_begin(e);
			CHECK(pattern_find(p, e, str_of(subject), 0, NULL) ==
			      PATTERN_LIMIT);
			CHECK(pattern_limits_hit(p) == 1);
			CHECK(engine_limits_hit(e) == 1);
			pattern_free(&p);
		}
	}
	CHECK(clock() - from < CLOCKS_PER_SEC);
	engine_free(&e);
}

static void a_message_that_hits_limits_again_and_again_gives_up(void)
{
	struct pattern *bad = compile("(a+)+[bx]", false);
	struct pattern *good = compile("a", false);
	struct engine *e = engine_new();
	struct str s = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");

	engine_begin(e);
	CHECK(pattern_find(good, e, s, 0, NULL) == PATTERN_YES);
	for (int i = 0; i < 4; i++)
		CHECK(pattern_find(bad, e, s, 0, NULL) == PATTERN_LIMIT);
	CHECK(pattern_limits_hit(bad) == 4);
	CHECK(pattern_find(good, e, s, 0, NULL) == PATTERN_LIMIT);
	CHECK(pattern_limits_hit(good) == 0);
	engine_begin(e); /* the next message */
	CHECK(pattern_find(good, e, s, 0, NULL) == PATTERN_YES);
	engine_free(&e);
	pattern_free(&bad);
	pattern_free(&good);
}

static void the_interpreter_says_the_same(void)
{
	static const char *const sources[] = {
		"a", "(?<![^ ])or(?:der|d)(?![^ ])", "[0-9]{3}", "é"};
	static const char *const subjects[] = {"",       "a",    "my order",
					       "orders", "x123", "é"};
	struct engine *e = engine_new();

	for (size_t i = 0; i < 4; i++) {
		struct pattern *with = compile(sources[i], true);
		struct pattern *without = compile(sources[i], false);

		CHECK(!pattern_has_jit(without));
		for (size_t k = 0; k < 6; k++)
			CHECK(pattern_find(with, e, str_of(subjects[k]), 0,
					   NULL) ==
			      pattern_find(without, e, str_of(subjects[k]), 0,
					   NULL));
		pattern_free(&with);
		pattern_free(&without);
	}
	engine_free(&e);
}

static void first_bytes_tell_what_cannot_match(void)
{
	struct byte_set bytes = byte_set_of(STR("abc"));
	struct pattern *p = compile("[0-9]+|x", true);

	CHECK(!pattern_may_start(p, &bytes));
	bytes = byte_set_of(STR("ab7"));
	CHECK(pattern_may_start(p, &bytes));
	pattern_free(&p);
	p = compile(".a", true);
	bytes = byte_set_of(STR("z"));
	CHECK(pattern_may_start(p, &bytes));
	pattern_free(&p);
}

int main(void)
{
	RUN(what_is_unbounded_is_refused);
	RUN(a_match_says_where);
	RUN(hostile_patterns_give_up_soon_and_are_counted);
	RUN(a_message_that_hits_limits_again_and_again_gives_up);
	RUN(the_interpreter_says_the_same);
	RUN(first_bytes_tell_what_cannot_match);
	return check_done("intent/pattern");
}
