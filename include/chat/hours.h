/* Opening hours: "mon-fri 09:00-17:00", "sat 10:00-14:00", "closed
 * 2026-12-25". Pure: the time and the place's offset from UTC come in. */
#ifndef CHAT_HOURS_H
#define CHAT_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct hours;

/* NULL: item `*at` is none; `why` says what is wrong and how it is written. No
 * items: always open. A span may pass midnight ("fri 18:00-02:00"). */
struct hours *hours_parse(const char *const *items, size_t n, size_t *at,
			  struct buf *why);
void hours_free(struct hours **hours);
bool hours_is_open(const struct hours *hours, int64_t now_ms, int utc_offset_s);
/* When it opens next; `now_ms` where it is open; 0 where it does not within
 * 60 days. */
int64_t hours_next_open_ms(const struct hours *hours, int64_t now_ms,
			   int utc_offset_s);

#endif
