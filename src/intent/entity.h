/* Named pieces of a message: order numbers, amounts, dates. Found in the text
 * as typed, without case; see normalise.c for how they become placeholders. */
#ifndef INTENT_ENTITY_H
#define INTENT_ENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct catalog;
struct engine;
struct entity;

#define SPANS_MAX 64

/* A stretch of the message that a kind fits. */
struct found_span {
	const struct entity *entity;
	uint32_t at, end;
	bool digits; /* it has a digit or an "@": it becomes a placeholder */
	bool lost;   /* another one stands there */
};

struct spans {
	struct found_span list[SPANS_MAX];
	size_t n;
};

/* All stretches that some kind fits, by place. */
void entities_find(const struct catalog *catalog, struct engine *engine,
		   struct str text, const unsigned char bytes[32],
		   struct spans *out);
/* Which bytes a text has, as a set of 256 bits. */
void bytes_note(struct str text, unsigned char bytes[32]);
/* Marks as lost what yields to, or is shorter than, another one in its place.
 * Those already lost do not count. */
void entities_settle(struct spans *spans);

/* True where no text without a digit or an "@" can match: seen from the
 * pattern's source, in doubt false. */
bool regex_needs_digit(struct str source);

/* What <name> is in the pattern of a phrase. */
void entity_emit(const struct entity *entity, struct buf *out);

#endif
