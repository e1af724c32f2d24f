/* The list of tags.h. Free places are chained, the last one freed first. */
#include "tags.h"

#include <stdlib.h>

#include "base/mem.h"

#define PLACE_BITS 32 /* of a tag: the place; above, how often it was had */

struct tag_place {
	void *asker;   /* NULL: free */
	uint64_t tag;  /* the last one */
	size_t behind; /* free: as in `free` */
};

void tags_fini(struct tags *tags)
{
	free(tags->places);
	*tags = (struct tags){0};
}

static struct tag_place *new_place(struct tags *tags)
{
	struct tag_place *p;

	if (tags->count == tags->room) {
		tags->room = tags->room * 2 + 16;
		tags->places = xreallocarray(tags->places, tags->room,
					     sizeof(*tags->places));
	}
	p = &tags->places[tags->count];
	*p = (struct tag_place){.tag = tags->count++};
	return p;
}

uint64_t tags_add(struct tags *tags, void *asker)
{
	struct tag_place *p;

	if (tags->free > 0) {
		p = &tags->places[tags->free - 1];
		tags->free = p->behind;
	} else {
		p = new_place(tags);
	}
	p->asker = asker;
	p->tag += UINT64_C(1) << PLACE_BITS;
	return p->tag;
}

void *tags_take(struct tags *tags, uint64_t tag)
{
	size_t at = tag & ((UINT64_C(1) << PLACE_BITS) - 1);
	struct tag_place *p;
	void *asker;

	if (at >= tags->count)
		return NULL;
	p = &tags->places[at];
	if (p->asker == NULL || p->tag != tag)
		return NULL;
	asker = p->asker;
	p->asker = NULL;
	p->behind = tags->free;
	tags->free = at + 1;
	return asker;
}
