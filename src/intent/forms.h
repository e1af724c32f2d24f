/* All strings that a piece of a phrase can be, where they can be enumerated:
 * plain letters, endings, alternatives and small classes. */
#ifndef INTENT_FORMS_H
#define INTENT_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "phrase.h"

#define FORMS_MAX 500

struct forms {
	struct buf bytes; /* end to end */
	size_t *starts;
	size_t n, cap;
};

void forms_init(struct forms *forms);
void forms_fini(struct forms *forms);
struct str forms_get(const struct forms *forms, size_t i);

/* What stands in one place of a sentence: parts up to `end`. */
struct slot {
	const struct part *first, *end;
};

/* The next slot from `p` on; false: none. Anchors are nothing; a group that
 * brings its own spaces is a slot of its own. */
bool slot_next(const struct part *p, struct slot *slot);

/* All words that a slot can be. False: they cannot be enumerated. */
bool forms_of_slot(const struct slot *slot, struct forms *out);
/* All strings of alternatives, with single spaces in them. */
bool forms_of_alt(const struct alt *alt, struct forms *out);

#endif
