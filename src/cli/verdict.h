/* What is wrong with one conversation: its log, folded, beside what else
 * stands in Redis about it. Asks nobody. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "base/arena.h"
#include "base/map.h"
#include "chat/conv.h"
#include "store/inspect.h"

enum flaw {
	FLAW_GAP,
	FLAW_NO_LOG,
	FLAW_NO_HASH,
	FLAW_SEQ,
	FLAW_STATE,
	FLAW_IDS,
	FLAW_NO_STEP,
	FLAW_OVERDUE,
	FLAW_NOWHERE,
	FLAW_TWO_PLACES,
	FLAW_WRONG_PLACE,
	FLAW_LEASE,
	FLAW_COUNT,
};
extern const char *const flaw_names[FLAW_COUNT];
extern const char *const flaw_remedies[FLAW_COUNT];

/* Of a flaw the first is kept, with the key at fault and what is there. */
struct finding {
	char conv[CONV_ID_MAX + 1];
	enum flaw flaw;
	char key[160];
	char detail[200];
};

/* A log as it is read: fed with its pages, folded on the way. */
struct verdict {
	struct conv conv;
	uint64_t gap_after, gap_to; /* gap_to 0: none */
	struct map *keys;           /* "s:m1" to its seq */
	int64_t keep_closed_ms;     /* then it is erased; 0: never */
	struct arena arena;
};
void verdict_init(struct verdict *v, const char *conv);
void verdict_fini(struct verdict *v);
void verdict_read(struct verdict *v, const struct store_log *page);

/* Adds to `out`, which has room for FLAW_COUNT; returns how many. */
size_t verdict_find(struct verdict *v, const struct store_facts *facts,
		    struct finding *out);

#endif
