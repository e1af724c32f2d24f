/* Walking a plan: sentences of up to 63 words, which nearly all are, in one
 * machine word, longer ones in as many as there may be; see walk_body.h. */
#include <string.h>

#include "steps.h"

#define LIMBS      LIMBS_SHORT
#define NAME(what) what##_short
#include "walk_body.h"
#undef LIMBS
#undef NAME

#define LIMBS      LIMBS_LONG
#define NAME(what) what##_long
#include "walk_body.h"
#undef LIMBS
#undef NAME

#define LIMBS      LIMBS_MOST
#define NAME(what) what##_longest
#include "walk_body.h"

bool plan_matches(const struct plan *plan, const struct marks *marks)
{
	if (marks->limbs == LIMBS_SHORT)
		return matches_short(plan, marks);
	return marks->limbs == LIMBS_LONG ? matches_long(plan, marks)
					  : matches_longest(plan, marks);
}
