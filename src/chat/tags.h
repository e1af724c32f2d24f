/* Questions under way: a tag for each, which leads to whoever asked. Every
 * message has one, so that a tag is the place in a list, with a number that
 * tells it from those that had the place before. */
#ifndef CHAT_TAGS_H
#define CHAT_TAGS_H

#include <stddef.h>
#include <stdint.h>

struct tags {
	struct tag_place *places; /* NULL: none yet */
	size_t count, room;
	size_t free; /* the first free place, plus 1; 0: none */
};

void tags_fini(struct tags *tags);
/* Never 0. `asker` is not NULL. */
uint64_t tags_add(struct tags *tags, void *asker);
/* The asker, and the tag is no more; NULL: it was not under way. */
void *tags_take(struct tags *tags, uint64_t tag);

#endif
