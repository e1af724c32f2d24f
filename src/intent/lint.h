/* The parts of lint; catalog_lint() of the front door runs them all. */
#ifndef INTENT_LINT_H
#define INTENT_LINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"

struct alt;
struct catalog;

/* Phrases against each other and against examples (lint_phrases.c). */
void lint_phrases(const struct catalog *catalog, struct diags *diags);
/* Patterns on strings made to hurt them (lint_cost.c). */
void lint_cost(const struct catalog *catalog, struct diags *diags);
/* Kinds of entity that fit the same stretch (lint_entities.c). */
void lint_entities(const struct catalog *catalog, struct diags *diags);
/* Slots, apologies, translations, unused groups (lint.c). */

/* Appends a sentence that the phrase matches, another one for each `which`.
 * False: there is raw PCRE2 in it that nobody can say. */
bool phrase_say(const struct alt *alt, unsigned which, struct buf *out);

#endif
