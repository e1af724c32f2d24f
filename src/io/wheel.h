/* A timing wheel: many items, each with a time at which it is to be looked
 * at, none of them exact. Filing, taking out and turning cost a few pointers,
 * whatever the number. Time is an argument. */
#ifndef WHEEL_H
#define WHEEL_H

#include <stdint.h>

#define WHEEL_SLOTS 64

/* Embedded in what is to be looked at. */
struct wheel_item {
	struct wheel_item *next, **prev; /* NULL: not filed */
	int64_t due_ms;
};

struct wheel {
	struct wheel_item *slots[WHEEL_SLOTS];
	int64_t tick_ms;
	int64_t turned_ms; /* a multiple of tick_ms: all before it was handled
			    */
};

void wheel_init(struct wheel *wheel, int64_t tick_ms, int64_t now_ms);
/* Files, or files anew: looked at between `due_ms` and two ticks later. */
void wheel_file(struct wheel *wheel, struct wheel_item *item, int64_t due_ms);
void wheel_take(struct wheel_item *item); /* not filed: nothing happens */
/* Calls `look` for every item that is due, taken out before; `look` may file
 * it again, and take or file any other. */
void wheel_turn(struct wheel *wheel, int64_t now_ms,
		void (*look)(void *arg, struct wheel_item *item), void *arg);

#endif
