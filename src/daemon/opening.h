/* Whether the shop's people are there, by the process's time zone (TZ). The
 * spans themselves are pure: chat/hours.h. */
#ifndef OPENING_H
#define OPENING_H

#include <stdbool.h>
#include <stdint.h>

#include "chat/hours.h"

/* `*opens_at_ms`: when they come next, on the clock that is on the wall then;
 * 0: they are there, or come not within 60 days. */
bool opening_is_open(const struct hours *hours, int64_t now_ms,
		     int64_t *opens_at_ms);

#endif
