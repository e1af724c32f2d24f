/* A message as phrases see it: sentences of folded words with one space
 * between, contractions and chat spellings written out, typing errors
 * corrected, and placeholders where entities stand. */
#ifndef INTENT_NORMALISE_H
#define INTENT_NORMALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "entity.h"
#include "fold.h"
#include "pattern.h"

struct catalog;
struct word;

#define CLIP_HEAD     700 /* characters read at the front of a message */
#define CLIP_TAIL     300 /* and at its end */
#define TOKENS_MAX    1100
#define SENTENCES_MAX 48

struct token {
	struct str text;
	const struct word *word; /* NULL: no phrase knows it */
	uint32_t at;             /* byte in the clipped message */
	uint16_t sentence;
	uint16_t span; /* of a placeholder: its span + 1 */
};

struct sentence {
	uint32_t first, end; /* tokens */
	struct str text;     /* see normal_sentence() */
};

struct normal {
	/* the message as typed, clipped; where its tail comes from */
	struct buf typed;
	size_t tail_at;   /* byte in `typed` where the tail begins */
	size_t tail_from; /* byte in the message that this is */
	struct fold fold;
	struct spans spans;
	struct token tokens[TOKENS_MAX];
	size_t token_count;
	struct sentence sentences[SENTENCES_MAX];
	size_t sentence_count;
	struct buf text; /* see normal_text() */
	bool written;    /* it is of this message */
	struct buf corrections;
	bool explain; /* collect `corrections` */
};

void normal_init(struct normal *normal);
void normal_fini(struct normal *normal);
void normalise(const struct catalog *catalog, struct engine *engine,
	       struct str message, struct normal *out);
/* All sentences, one a line, and one of them. They are written when somebody
 * asks first, as mostly nobody does. */
struct str normal_text(struct normal *normal);
struct str normal_sentence(struct normal *normal, size_t sentence);
/* The place in the message of a byte of `typed`. */
size_t normal_place(const struct normal *normal, size_t at);

#endif
