/* Walking a plan: sentences of up to 63 words, which nearly all are, in one
 * machine word, longer ones in as many as there may be; see walk_body.h. */
#include <string.h>

#include "steps.h"

#define LIMBS      1
#define NAME(what) what##_short
#include "walk_body.h"
#undef LIMBS
#undef NAME

#define LIMBS      MARK_LIMBS
#define NAME(what) what##_long
#include "walk_body.h"

bool plan_matches(const struct plan *plan, const struct marks *marks)
{
	return marks->limbs <= 1 ? matches_short(plan, marks)
				 : matches_long(plan, marks);
}
