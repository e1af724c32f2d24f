/* The timing wheel behind pings, hang-ups and close time-outs. The library's
 * own list of these is sorted, and costs over 100 us a connect at 10,000
 * connections; here it is a slot and two pointers. It owns no items.
 *
 * A slot holds what is due in its tick; what is due further ahead than the
 * wheel reaches waits in the furthest slot and is filed again from there. */
#include "wheel.h"

#include <assert.h>
#include <string.h>

void wheel_init(struct wheel *wheel, int64_t tick_ms, int64_t now_ms)
{
	assert(tick_ms > 0);
	memset(wheel, 0, sizeof(*wheel));
	wheel->tick_ms = tick_ms;
	wheel->turned_ms = now_ms - now_ms % tick_ms;
}

void wheel_take(struct wheel_item *item)
{
	if (item->prev == NULL)
		return;
	*item->prev = item->next;
	if (item->next != NULL)
		item->next->prev = item->prev;
	item->next = NULL;
	item->prev = NULL;
}

void wheel_file(struct wheel *wheel, struct wheel_item *item, int64_t due_ms)
{
	int64_t tick = due_ms / wheel->tick_ms;
	int64_t first = wheel->turned_ms / wheel->tick_ms;
	struct wheel_item **slot;

	if (tick < first)
		tick = first;
	if (tick > first + WHEEL_SLOTS - 1)
		tick = first + WHEEL_SLOTS - 1;
	slot = &wheel->slots[tick % WHEEL_SLOTS];
	wheel_take(item);
	item->due_ms = due_ms;
	item->next = *slot;
	item->prev = slot;
	if (item->next != NULL)
		item->next->prev = &item->next;
	*slot = item;
}

/* The slot is emptied onto a list of its own first, so that what is filed
 * meanwhile waits for its turn. */
static void look_at(struct wheel *wheel, struct wheel_item **slot,
		    void (*look)(void *arg, struct wheel_item *item), void *arg)
{
	struct wheel_item *due = *slot;

	*slot = NULL;
	if (due != NULL)
		due->prev = &due;
	while (due != NULL) {
		struct wheel_item *item = due;

		wheel_take(item);
		if (item->due_ms >= wheel->turned_ms)
			wheel_file(wheel, item, item->due_ms);
		else
			look(arg, item);
	}
}

void wheel_turn(struct wheel *wheel, int64_t now_ms,
		void (*look)(void *arg, struct wheel_item *item), void *arg)
{
	int64_t ticks = (now_ms - wheel->turned_ms) / wheel->tick_ms;
	int64_t i;

	/* After a long sleep one round sees every slot. */
	if (ticks > WHEEL_SLOTS) {
		wheel->turned_ms += (ticks - WHEEL_SLOTS) * wheel->tick_ms;
		ticks = WHEEL_SLOTS;
	}
	for (i = 0; i < ticks; i++) {
		int64_t tick = wheel->turned_ms / wheel->tick_ms;

		wheel->turned_ms += wheel->tick_ms;
		look_at(wheel, &wheel->slots[tick % WHEEL_SLOTS], look, arg);
	}
}
