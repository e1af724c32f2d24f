/* Cutting a folded message into tokens and sentences, and words into what the
 * rules call them. Private to normalising. */
#ifndef INTENT_CUTTER_H
#define INTENT_CUTTER_H

#include "normalise.h"

/* A stretch that may be an entity and is one token for now. */
#define UNKNOWN_SPAN UINT16_MAX

struct cutter {
	const struct catalog *catalog;
	struct normal *n;
	uint16_t sentence;
	bool open;    /* the sentence has a token */
	bool correct; /* typing errors */
};

/* Appends a token; NULL: there are too many. */
struct token *cutter_add(struct cutter *c, struct str text, uint32_t at);
/* The whole message. */
void cutter_run(struct cutter *c);
/* The folded text from `i` up to `stop`. */
void cutter_cut(struct cutter *c, size_t i, size_t stop);
/* The next stretch that may become a placeholder, from the typed byte `from`
 * on; overlapping ones are one stretch. */
bool cutter_stretch(const struct spans *spans, size_t from, size_t *at,
		    size_t *end);
/* The first folded byte from `i` on that comes from the typed byte `typed` or
 * one behind it. */
size_t fold_from(const struct fold *fold, size_t i, size_t typed);

#endif
