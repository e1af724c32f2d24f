/* Frames as nearly all clients write them: a flat object of a few strings in
 * which nothing is escaped. They need no tree to be read. */
#ifndef WIRE_PLAIN_H
#define WIRE_PLAIN_H

#include <stdbool.h>

#include "base/buf.h"

#define PLAIN_MEMBERS 6

struct plain {
	struct {
		struct str name, value; /* within the text */
	} members[PLAIN_MEMBERS];
	size_t count;
};

/* True: it is such a frame, and JSON to the letter (UTF-8, no name twice).
 * False: it is for the parser, good or bad. */
bool plain_read(struct str json, struct plain *out);
/* STR_NONE: there is none of that name. */
struct str plain_get(const struct plain *plain, struct str name);

#endif
