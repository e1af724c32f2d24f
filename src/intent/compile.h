/* The steps of loading that need all files together; see catalog.c for their
 * order. Each reports everything that is wrong in its part. */
#ifndef INTENT_COMPILE_H
#define INTENT_COMPILE_H

#include "base/buf.h"
#include "base/diag.h"

struct catalog;

/* Doubles, and the tables by name (names.c). */
void compile_names(struct catalog *catalog, struct diags *diags);
/* Rewrites and protected words. */
void compile_languages(struct catalog *catalog, struct str protected_words,
		       struct diags *diags);
/* Word groups, entities, evidence, yes and no (compile.c). */
void compile_phrases(struct catalog *catalog, struct diags *diags);
/* What waits for the score of its intent, when the index is built. */
void compile_waiting(struct catalog *catalog);
/* Answers, questions, texts, buttons (answer_check.c). */
void compile_answers(struct catalog *catalog, struct diags *diags);

#endif
