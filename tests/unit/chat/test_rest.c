/* A conversation at rest is the same one when it wakes. */
#include "rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check.h"

/* Into memory that held something else. */
static bool wakes_as(const struct conv *conv)
{
	struct rest *rest = rest_of(conv);
	struct conv *woken = xmalloc(sizeof(*woken));
	bool same;

	memset(woken, 0xa5, sizeof(*woken));
	rest_wake(rest, woken);
	same = memcmp(conv, woken, sizeof(*woken)) == 0;
	free(rest);
	free(woken);
	return same;
}

static void an_empty_one_wakes_empty(void)
{
	struct conv conv;

	conv_init(&conv, "");
	CHECK(wakes_as(&conv));
}

static void one_that_is_full_wakes_full(void)
{
	struct conv conv;

	memset(&conv, 0xff, sizeof(conv));
	CHECK(wakes_as(&conv));
}

static void each_byte_stays_where_it_is(void)
{
	unsigned char bytes[sizeof(struct conv)];
	struct conv conv;

	for (size_t at = 0; at < sizeof(bytes); at++) {
		memset(bytes, 0, sizeof(bytes));
		bytes[at] = 1;
		memcpy(&conv, bytes, sizeof(conv));
		if (!wakes_as(&conv))
			break;
		if (at + 1 == sizeof(bytes))
			return;
	}
	CHECK(!"every single byte stays");
}

int main(void)
{
	RUN(an_empty_one_wakes_empty);
	RUN(one_that_is_full_wakes_full);
	RUN(each_byte_stays_where_it_is);
	return check_done("chat/rest");
}
