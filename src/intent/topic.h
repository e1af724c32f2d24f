/* Clusters as cluster.c makes them and draft.c reads them. */
#ifndef INTENT_TOPIC_H
#define INTENT_TOPIC_H

#include "corpus.h"

struct topic {
	struct cluster seen; /* what others see; first */
	uint32_t *members;   /* as in `seen` */
	uint32_t *stems;     /* that its messages share, the weightiest first */
	size_t stem_count;
};

struct clusters {
	struct corpus corpus;
	struct topic *topics;
	size_t count;
	size_t wordless;
	uint32_t *topic_of; /* message to topic; UINT32_MAX */
};

#define TOPIC_MAX_STEMS 12

/* The commonest way to write a stem in these messages. */
struct str topic_surface(const struct clusters *clusters,
			 const struct topic *topic, uint32_t stem);

#endif
