/* Values picked out of JSON by RFC 6901's pointers. */
#include "wire/pointer.h"

#include "check.h"

static struct buf got;

static void take(void *arg, size_t i, struct str value)
{
	(void)arg;
	CHECK(value.p != NULL);
	buf_addf(&got, "%zu=%.*s;", i, STR_ARG(value));
}

static enum picked pick(const char *json, const char *a, const char *b)
{
	const char *const pointers[] = {a, b};

	buf_clear(&got);
	buf_add_s(&got, "");
	return pointers_pick(str_of(json), pointers, b == NULL ? 1 : 2, take,
			     NULL);
}

static bool gives(const char *json, const char *pointer, const char *want)
{
	enum picked picked = pick(json, pointer, NULL);
	struct str text = buf_str(&got);

	if (want == NULL)
		return picked == PICKED_NONE && text.n == 0;
	return picked == PICKED_SOME && text.n > 3 &&
	       str_is((struct str){text.p + 2, text.n - 3}, want);
}

/* The document and the pointers of RFC 6901, section 5. */
static void the_rfc_examples_hold(void)
{
	static const char doc[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":10,\"a/b\":1,\"c%d\":2,"
		"\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,"
		"\"m~n\":8}";

	CHECK(gives(doc, "/foo", "bar, baz"));
	CHECK(gives(doc, "/foo/0", "bar"));
	CHECK(gives(doc, "/foo/1", "baz"));
	CHECK(gives(doc, "/", "10"));
	CHECK(gives(doc, "/a~1b", "1"));
	CHECK(gives(doc, "/c%d", "2"));
	CHECK(gives(doc, "/e^f", "3"));
	CHECK(gives(doc, "/g|h", "4"));
	CHECK(gives(doc, "/i\\j", "5"));
	CHECK(gives(doc, "/k\"l", "6"));
	CHECK(gives(doc, "/ ", "7"));
	CHECK(gives(doc, "/m~0n", "8"));
	CHECK(gives("\"whole\"", "", "whole"));
}

static void what_leads_nowhere_gives_nothing(void)
{
	CHECK(gives("{\"a\":{\"b\":1}}", "/a", NULL));
	CHECK(gives("{\"a\":null}", "/a", NULL));
	CHECK(gives("{\"a\":[1,2]}", "/a/2", NULL));
	CHECK(gives("{\"a\":[1,2]}", "/a/-", NULL));
	CHECK(gives("{\"a\":[1,2]}", "/a/01", NULL));
	CHECK(gives("{\"a\":[1,2]}", "/a/18446744073709551616", NULL));
	CHECK(gives("{\"a\":[{}]}", "/a", NULL));
	CHECK(gives("{\"a\":[]}", "/a", NULL));
	CHECK(gives("{\"a\":\"text\"}", "/a/0", NULL));
}

static void scalars_are_given_as_text(void)
{
	CHECK(gives("{\"a\":true}", "/a", "true"));
	CHECK(gives("{\"a\":false}", "/a", "false"));
	CHECK(gives("{\"a\":-12}", "/a", "-12"));
	CHECK(gives("{\"a\":49.9}", "/a", "49.9"));
	CHECK(gives("{\"a\":[1,\"x\",true]}", "/a", "1, x, true"));
	CHECK(pick("{\"a\":\"\"}", "/a", NULL) == PICKED_SOME);
	CHECK_STR(got.data, "0=;");
	CHECK(pick("{\"a\":1,\"b\":2}", "/b", "/a") == PICKED_SOME);
	CHECK_STR(got.data, "0=2;1=1;");
}

static void nothing_there_is_told_from_nonsense(void)
{
	struct buf deep = BUF_INIT;

	CHECK(pick("{}", "/a", NULL) == PICKED_EMPTY);
	CHECK(pick("[]", "/a", NULL) == PICKED_EMPTY);
	CHECK(pick("null", "/a", NULL) == PICKED_EMPTY);
	CHECK(pick("{\"b\":1}", "/a", NULL) == PICKED_NONE);
	CHECK(pick("", "/a", NULL) == PICKED_NOT_JSON);
	CHECK(pick("{\"a\":", "/a", NULL) == PICKED_NOT_JSON);
	CHECK(pick("<html>", "/a", NULL) == PICKED_NOT_JSON);
	CHECK(pick("{\"a\":1,\"a\":2}", "/a", NULL) == PICKED_NOT_JSON);
	for (int i = 0; i < 100000; i++)
		buf_add_c(&deep, '[');
	CHECK(pick(deep.data, "/0", NULL) == PICKED_NOT_JSON);
	buf_clear(&deep);
	for (int i = 0; i < POINTER_DEPTH_MAX; i++)
		buf_add_c(&deep, '[');
	buf_add_c(&deep, '1');
	for (int i = 0; i < POINTER_DEPTH_MAX; i++)
		buf_add_c(&deep, ']');
	CHECK(pick(deep.data, "/0", NULL) == PICKED_NONE);
	buf_fini(&deep);
}

static void pointers_are_checked(void)
{
	CHECK(pointer_is_valid(STR("")));
	CHECK(pointer_is_valid(STR("/a/0/~0~1")));
	CHECK(!pointer_is_valid(STR("a")));
	CHECK(!pointer_is_valid(STR("/a~")));
	CHECK(!pointer_is_valid(STR("/a~2")));
	CHECK(!pointer_is_valid(STR("/a\0b")));
}

int main(void)
{
	RUN(the_rfc_examples_hold);
	RUN(what_leads_nowhere_gives_nothing);
	RUN(scalars_are_given_as_text);
	RUN(nothing_there_is_told_from_nonsense);
	RUN(pointers_are_checked);
	buf_fini(&got);
	return check_done("wire/pointer");
}
