/* Messages in a file: one a line, the text first where tabs part more. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define LINES_MAX_BYTES (256 * 1024) /* of one; what is longer is cut */

/* Calls `each` for every message of the file ("-": standard input); empty lines
 * are none, and bytes that are not UTF-8 become "?". False: a sentence in
 * `why`. `each` returns false to stop. */
bool lines_each(const char *path, bool (*each)(void *arg, struct str text),
		void *arg, struct buf *why);

/* Appends text by strangers for a terminal: no control characters, none
 * that turn the direction, at most
 * `points` code points, then "...". */
void lines_add_shown(struct buf *out, struct str text, size_t points);

#endif
