/* What people ask in words alike: messages that no rule answered go in, topics
 * come out, the largest first, each with a draft of an intent for it. Pure, and
 * equal messages in equal order give equal topics. It knows nothing of the
 * rules in force: a topic is made of the messages' own words. */
#ifndef INTENT_CLUSTER_H
#define INTENT_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CLUSTER_MAX_MESSAGES 50000 /* those behind are not looked at */
#define CLUSTER_MAX_WORDS    5

struct cluster_message {
	struct str text; /* valid UTF-8 */
	bool late;       /* of the later half of the time looked at */
};

struct cluster {
	const char *name;        /* "gift_card_balance"; each has its own */
	const uint32_t *members; /* messages, the most typical first */
	size_t count;
	size_t late;                         /* of these */
	struct str words[CLUSTER_MAX_WORDS]; /* that they share */
	size_t word_count;
};

struct clusters;

/* Borrows the texts for as long as the clusters live. */
struct clusters *clusters_new(const struct cluster_message *messages, size_t n);
void clusters_free(struct clusters **clusters);
/* By count, the largest first; a message like no other is a cluster of one. */
size_t clusters_count(const struct clusters *clusters);
const struct cluster *clusters_get(const struct clusters *clusters, size_t i);
/* Messages without a word, which are in no cluster. */
size_t clusters_wordless(const struct clusters *clusters);

/* Appends intents for the first `n` clusters as YAML, items of a file's
 * `intents:`, as many as fit into `max_bytes`; returns how many. Phrases are
 * proposed from the words that the messages share; messages that give their
 * intent, with all of these loaded, stand under `examples:`, others in a
 * comment. There is no answer, so that none of it loads before an operator has
 * written one. `common_words`: as the catalog's protected words will be. */
size_t clusters_draft(const struct clusters *clusters, size_t n,
		      struct str common_words, size_t max_bytes,
		      struct buf *out);

#endif
