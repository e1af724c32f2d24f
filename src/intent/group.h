/* Which messages belong together: the middle of clustering, between the words
 * (corpus.h) and what is shown of them (cluster.c). */
#ifndef INTENT_GROUP_H
#define INTENT_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "corpus.h"

#define GROUP_NONE UINT32_MAX /* a message without words */

struct groups {
	size_t count;
	uint32_t *of;     /* message to group */
	double *nearness; /* of the message to the middle of its group */
};

void groups_init(struct groups *groups, const struct corpus *corpus);
void groups_fini(struct groups *groups);

#endif
