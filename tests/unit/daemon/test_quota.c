/* What one name may take in an hour. Time is an argument. */
#include "quota.h"

#include <stdio.h>

#include "check.h"

#define HOUR_MS 3600000

static struct quota quota;

static int64_t take(int64_t now_ms, const char *name)
{
	return quota_take(&quota, now_ms, str_of(name), 60);
}

static void all_of_it_may_be_taken_at_once_and_no_more(void)
{
	for (int i = 0; i < 60; i++)
		CHECK(take(5, "a") == 0);
	CHECK(take(5, "a") == HOUR_MS / 60);
	CHECK(take(5, "b") == 0);
	quota_fini(&quota);
}

static void it_comes_back_evenly_and_not_beyond_what_it_was(void)
{
	int64_t now = 5;

	for (int i = 0; i < 60; i++)
		CHECK(take(now, "a") == 0);
	now += HOUR_MS / 60;
	CHECK(take(now, "a") == 0);
	CHECK(take(now, "a") > 0);
	now += 30 * HOUR_MS;
	for (int i = 0; i < 60; i++)
		CHECK(take(now, "a") == 0);
	CHECK(take(now, "a") > 0);
	quota_fini(&quota);
}

static void who_was_refused_loses_nothing_by_it(void)
{
	for (int i = 0; i < 60; i++)
		take(5, "a");
	for (int i = 0; i < 1000; i++)
		CHECK(take(5, "a") == HOUR_MS / 60);
	CHECK(take(5 + HOUR_MS / 60, "a") == 0);
	quota_fini(&quota);
}

/* Whoever has taken all is remembered among many who took one long ago. */
static void many_names_are_forgotten_the_full_ones_first(void)
{
	char name[32];

	for (int i = 0; i < 60; i++)
		take(HOUR_MS, "a");
	for (int i = 0; i < 30000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK(take(i < 19000 ? 5 : HOUR_MS, name) == 0);
	}
	CHECK(take(HOUR_MS, "a") > 0);
	for (int i = 0; i < 60000; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		CHECK(take(HOUR_MS, name) == 0);
	}
	CHECK(take(HOUR_MS, "a") == 0); /* there is an end to it */
	quota_fini(&quota);
}

int main(void)
{
	RUN(all_of_it_may_be_taken_at_once_and_no_more);
	RUN(it_comes_back_evenly_and_not_beyond_what_it_was);
	RUN(who_was_refused_loses_nothing_by_it);
	RUN(many_names_are_forgotten_the_full_ones_first);
	return check_done("daemon/quota");
}
