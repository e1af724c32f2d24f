/* Named pieces of a message: order numbers, amounts, dates. Found in the text
 * as typed, without case; see normalise.c for how they become placeholders. */
#ifndef INTENT_ENTITY_H
#define INTENT_ENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct byte_set;
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
		   struct str text, const struct byte_set *bytes,
		   struct spans *out);
/* Marks as lost what yields to, or is shorter than, another one in its place.
 * Those already lost do not count. */
void entities_settle(struct spans *spans);

/* What a pattern may need in what it matches. */
enum need_of {
	NEED_DIGIT = 1,
	NEED_AT = 2,    /* "@" */
	NEED_PLACE = 4, /* "<", with which placeholders begin */
};

/* True where no text without any of `what` can match: seen from the pattern's
 * source, in doubt false. */
bool regex_needs(struct str source, unsigned what);

/* What <name> is in the pattern of a phrase. */
void entity_emit(const struct entity *entity, struct buf *out);

#endif
