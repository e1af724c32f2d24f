/* How old a row is, where the clocks are set while it waits. */
#include <stdbool.h>

#include "check.h"
#include "spool_age.h"

#define H      INT64_C(3600000)
#define D      (24 * H)
#define WALL   (20000 * D) /* the wall clock's at monotonic 0 */
#define MAX_MS (7 * D)

static struct spool_age age;
static int64_t now_ms, wall_ms;

static void begin(void)
{
	now_ms = 5 * H;
	wall_ms = WALL + now_ms;
	spool_age_init(&age, MAX_MS, wall_ms, now_ms);
}

/* Time goes on, by the hour. */
static void pass(int64_t ms)
{
	for (; ms > 0; ms -= H) {
		now_ms += H;
		wall_ms += H;
		spool_age_look(&age, wall_ms, now_ms);
	}
}

static void set_clock(int64_t by_ms)
{
	wall_ms += by_ms;
	spool_age_look(&age, wall_ms, now_ms);
}

static bool is_over(int64_t stamp_ms)
{
	return stamp_ms < spool_age_limit_ms(&age, now_ms);
}

static void a_row_is_over_after_its_time(void)
{
	int64_t row;

	begin();
	row = wall_ms;
	pass(MAX_MS);
	CHECK(!is_over(row));
	pass(H);
	CHECK(is_over(row));
}

static void one_of_an_earlier_life_counts_from_its_stamp(void)
{
	begin();
	CHECK(is_over(wall_ms - MAX_MS - 1));
	CHECK(!is_over(wall_ms - MAX_MS));
}

static void a_clock_that_jumps_forward_makes_nothing_older(void)
{
	int64_t row;

	begin();
	row = wall_ms;
	set_clock(30 * D);
	CHECK(!is_over(row));
	pass(MAX_MS);
	CHECK(!is_over(row));
	pass(H);
	CHECK(is_over(row));
}

static void nor_does_one_that_is_set_right_again(void)
{
	int64_t row;

	begin();
	pass(5 * D);
	set_clock(-30 * D);
	row = wall_ms;
	pass(2 * D);
	set_clock(30 * D);
	pass(5 * D);
	CHECK(!is_over(row));
}

static void what_a_clock_said_long_ago_is_forgotten(void)
{
	int64_t row;

	begin();
	set_clock(-10000 * D); /* a machine that knew no time yet */
	set_clock(10000 * D);
	row = wall_ms;
	pass(2 * MAX_MS + 2 * H);
	CHECK(is_over(row));
}

int main(void)
{
	RUN(a_row_is_over_after_its_time);
	RUN(one_of_an_earlier_life_counts_from_its_stamp);
	RUN(a_clock_that_jumps_forward_makes_nothing_older);
	RUN(nor_does_one_that_is_set_right_again);
	RUN(what_a_clock_said_long_ago_is_forgotten);
	return check_done("store/spool_age");
}
