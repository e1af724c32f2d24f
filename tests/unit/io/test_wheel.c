/* The timing wheel: everything is looked at when it is due, nothing before,
 * nothing twice. Time is an argument. */
#include "wheel.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

#define TICK_MS 10

struct thing {
	struct wheel_item item;
	int looks;
	int64_t looked_ms;
};

static struct wheel wheel;
static int64_t now_ms;

static void note(void *arg, struct wheel_item *item)
{
	struct thing *thing = (struct thing *)item;

	(void)arg;
	thing->looks++;
	thing->looked_ms = now_ms;
}

static void turn_to(int64_t ms)
{
	while (now_ms < ms) {
		now_ms += TICK_MS;
		wheel_turn(&wheel, now_ms, note, NULL);
	}
}

static void start(int64_t ms)
{
	now_ms = ms;
	wheel_init(&wheel, TICK_MS, ms);
}

static void an_item_is_looked_at_once_when_it_is_due(void)
{
	struct thing thing = {0};

	start(1000);
	wheel_file(&wheel, &thing.item, 1105);
	turn_to(1100);
	CHECK(thing.looks == 0);
	turn_to(5000);
	CHECK(thing.looks == 1);
	CHECK(thing.looked_ms >= 1105 && thing.looked_ms <= 1125);
}

static void what_is_due_already_is_looked_at_next(void)
{
	struct thing thing = {0};

	start(1000);
	wheel_file(&wheel, &thing.item, 3);
	turn_to(1010);
	CHECK(thing.looks == 1);
}

static void what_is_further_ahead_than_the_wheel_waits(void)
{
	struct thing thing = {0};
	int64_t due_ms = 1000 + 5 * WHEEL_SLOTS * TICK_MS + 7;

	start(1000);
	wheel_file(&wheel, &thing.item, due_ms);
	turn_to(due_ms - TICK_MS);
	CHECK(thing.looks == 0);
	turn_to(due_ms + 2 * TICK_MS);
	CHECK(thing.looks == 1);
}

static void an_item_taken_out_is_left_alone(void)
{
	struct thing thing = {0};

	start(1000);
	wheel_take(&thing.item);
	wheel_file(&wheel, &thing.item, 1050);
	wheel_take(&thing.item);
	turn_to(3000);
	CHECK(thing.looks == 0);
	CHECK(thing.item.prev == NULL);
}

static void filing_again_moves_the_item(void)
{
	struct thing thing = {0};

	start(1000);
	wheel_file(&wheel, &thing.item, 1050);
	wheel_file(&wheel, &thing.item, 1200);
	turn_to(1150);
	CHECK(thing.looks == 0);
	turn_to(1230);
	CHECK(thing.looks == 1);
}

static struct thing pair[2];

static void take_the_other(void *arg, struct wheel_item *item)
{
	struct thing *thing = (struct thing *)item;

	(void)arg;
	thing->looks++;
	wheel_take(&pair[thing == &pair[0]].item);
	wheel_file(&wheel, item, now_ms);
}

static void a_look_may_take_out_its_neighbour_and_file_itself(void)
{
	memset(pair, 0, sizeof(pair));
	start(1000);
	wheel_file(&wheel, &pair[0].item, 1005);
	wheel_file(&wheel, &pair[1].item, 1005);
	wheel_turn(&wheel, 1010, take_the_other, NULL);
	CHECK(pair[0].looks + pair[1].looks == 1);
	now_ms = 1030;
	wheel_turn(&wheel, 1030, take_the_other, NULL);
	CHECK(pair[0].looks + pair[1].looks == 2);
}

static void after_a_long_sleep_all_that_is_due_is_looked_at(void)
{
	static struct thing things[500];
	size_t i;

	memset(things, 0, sizeof(things));
	start(1000);
	for (i = 0; i < ARRAY_LEN(things); i++)
		wheel_file(&wheel, &things[i].item, 1000 + (int64_t)i * 10);
	now_ms = 100000;
	wheel_turn(&wheel, now_ms, note, NULL);
	wheel_turn(&wheel, now_ms + TICK_MS * WHEEL_SLOTS, note, NULL);
	for (i = 0; i < ARRAY_LEN(things); i++)
		CHECK(things[i].looks == 1);
}

static void many_at_random_are_all_on_time(void)
{
	static struct thing things[2000];
	size_t i;

	memset(things, 0, sizeof(things));
	srand(7);
	start(123456789);
	for (i = 0; i < ARRAY_LEN(things); i++)
		wheel_file(&wheel, &things[i].item,
			   now_ms + rand() % (3 * WHEEL_SLOTS * TICK_MS));
	turn_to(now_ms + 4 * WHEEL_SLOTS * TICK_MS);
	for (i = 0; i < ARRAY_LEN(things); i++) {
		int64_t late_ms = things[i].looked_ms - things[i].item.due_ms;

		CHECK(things[i].looks == 1);
		CHECK(late_ms >= 0 && late_ms <= 2 * TICK_MS);
	}
}

int main(void)
{
	RUN(an_item_is_looked_at_once_when_it_is_due);
	RUN(what_is_due_already_is_looked_at_next);
	RUN(what_is_further_ahead_than_the_wheel_waits);
	RUN(an_item_taken_out_is_left_alone);
	RUN(filing_again_moves_the_item);
	RUN(a_look_may_take_out_its_neighbour_and_file_itself);
	RUN(after_a_long_sleep_all_that_is_due_is_looked_at);
	RUN(many_at_random_are_all_on_time);
	return check_done("io/wheel");
}
