/* Why a message gets what it gets, from a `struct match` that was made with
 * `explain`: for `answerctl match` and the console's rules page, so that both
 * say the same. Pure, as all of the engine. */
#ifndef INTENT_EXPLAIN_H
#define INTENT_EXPLAIN_H

#include "intent/intent.h"

/* The highest-scoring winner; small talk only if nothing else won. NULL: none
 * did. */
const struct match_winner *explain_foremost(const struct match *m);
/* What all its evidence weighs, in thousandths; NULL: what is against all. */
int explain_total(const struct match *m, const struct intent *intent);
/* Intents with evidence, the highest total first, what is against all (NULL)
 * last. `done` is all false for the first call. False: all are through. */
bool explain_next(const struct match *m, bool done[MATCH_MAX_EVIDENCE],
		  const struct intent **next);
/* What the bot would say in a new conversation: the winners' answers, or the
 * question for the first slot that the message does not bring, a line each.
 * Appends. */
void explain_answer(const struct catalog *catalog, const struct match *m,
		    struct str text, const char *locale, struct buf *out);
/* One JSON object with all of it: {text, normalised, corrections: ["a>b"],
 * outcome, meta, intent, score, winners, near: [{intent, about, score,
 * sentence}], runner_up, entities, evidence: [{intent (null: against all),
 * total, pieces: [{phrase, file, line, weight, sentence}]}], limits_hit,
 * answer, rules, engine}. Scores and weights as they are shown: 1 is full.
 * Appends. */
void explain_json(const struct catalog *catalog, const struct match *m,
		  struct str text, struct str answer, struct buf *out);
/* "yes", "no", "never mind", "a person please"; NULL: META_NONE. */
const char *explain_meta(enum meta meta);

#endif
