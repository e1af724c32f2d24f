/* Which intents a message that the bot could not answer came close to: logged
 * with what the bot says to it, so that an agent sees why it gave up, whatever
 * the rules have become since. */
#include "base/buf.h"
#include "step.h"

/* False: there is no room for it. */
static bool add(struct buf *json, const struct intent *intent, int score)
{
	struct buf one = BUF_INIT;
	bool fits;

	buf_add_s(&one, "{\"intent\":");
	buf_add_json(&one, str_of(intent_info(intent)->name));
	buf_addf(&one, ",\"score\":%.2f}", score / 1000.0);
	fits = json->len + one.len + 2 < CONV_CONSIDERED;
	if (fits) {
		buf_add_c(json, json->len == 0 ? '[' : ',');
		buf_add_str(json, buf_str(&one));
	}
	buf_fini(&one);
	return fits;
}

struct str considered_in(struct step *s, const struct match *m)
{
	const struct match_winner *list = m->winners;
	size_t n = m->winner_count;
	struct buf json = BUF_INIT;
	struct str kept = STR_NONE;

	if (m->outcome == OUTCOME_MISS) {
		list = m->near;
		n = m->near_count;
	}
	for (size_t i = 0; i < n; i++)
		if (!add(&json, list[i].intent, list[i].score))
			break;
	if (n == 0 && m->runner_up != NULL)
		add(&json, m->runner_up, m->runner_up_score);
	if (json.len > 0) {
		buf_add_c(&json, ']');
		kept = arena_str(s->out->arena, buf_str(&json));
	}
	buf_fini(&json);
	return kept;
}
