/* The crowd: who has the most gives way, the oldest first. */
#include "crowd.h"

#include "check.h"

static struct crowd crowd;

/* Two addresses that do not share a group. */
static struct str many, few;

static void begin(void)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2",
						"192.0.2.3"};
	struct crowd_member a = {0}, b = {0};
	size_t i = 0;

	crowd_init(&crowd, 7);
	many = str_of(addresses[0]);
	crowd_join(&crowd, &a, many);
	do {
		few = str_of(addresses[++i]);
		crowd_join(&crowd, &b, few);
	} while (a.group == b.group);
	crowd_leave(&crowd, &a);
	crowd_leave(&crowd, &b);
	CHECK(crowd.count == 0);
}

static void nobody_gives_way_where_nobody_is(void)
{
	begin();
	CHECK(crowd_yields(&crowd) == NULL);
}

static void the_oldest_of_those_who_have_the_most_gives_way(void)
{
	struct crowd_member one = {0}, m[3] = {{0}};

	begin();
	crowd_join(&crowd, &one, few);
	for (int i = 0; i < 3; i++)
		crowd_join(&crowd, &m[i], many);
	CHECK(crowd_yields(&crowd) == &m[0]);
	crowd_leave(&crowd, &m[1]); /* out of the middle */
	CHECK(crowd_yields(&crowd) == &m[0]);
	crowd_leave(&crowd, &m[0]);
	crowd_leave(&crowd, &m[2]);
	CHECK(crowd_yields(&crowd) == &one);
	CHECK(crowd.count == 1);
	crowd_leave(&crowd, &one);
	CHECK(crowd_yields(&crowd) == NULL);
}

static void who_joins_again_is_the_newest(void)
{
	struct crowd_member m[2] = {{0}};

	begin();
	crowd_join(&crowd, &m[0], many);
	crowd_join(&crowd, &m[1], many);
	crowd_join(&crowd, &m[0], many);
	CHECK(crowd.count == 2);
	CHECK(crowd_yields(&crowd) == &m[1]);
}

static void leaving_twice_does_nothing(void)
{
	struct crowd_member m[2] = {{0}};

	begin();
	crowd_join(&crowd, &m[0], many);
	crowd_leave(&crowd, &m[1]);
	crowd_leave(&crowd, &m[0]);
	crowd_leave(&crowd, &m[0]);
	CHECK(crowd.count == 0);
	CHECK(crowd_yields(&crowd) == NULL);
}

int main(void)
{
	RUN(nobody_gives_way_where_nobody_is);
	RUN(the_oldest_of_those_who_have_the_most_gives_way);
	RUN(who_joins_again_is_the_newest);
	RUN(leaving_twice_does_nothing);
	return check_done("io/crowd");
}
