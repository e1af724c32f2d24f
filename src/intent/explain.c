/* See intent/explain.h. Reads a match and the catalog, decides nothing: what
 * won is match.c's, how it is shown is the caller's. */
#include "intent/explain.h"

#include <limits.h>
#include <string.h>

const char *explain_meta(enum meta meta)
{
	static const char *const names[] = {
		[META_YES] = "yes",
		[META_NO] = "no",
		[META_NEVER_MIND] = "never mind",
		[META_PERSON] = "a person please",
	};

	return names[meta];
}

const struct match_winner *explain_foremost(const struct match *m)
{
	const struct match_winner *best = NULL;

	if (m->outcome != OUTCOME_ANSWER && m->outcome != OUTCOME_ESCALATE)
		return NULL;
	for (size_t i = 0; i < m->winner_count; i++) {
		const struct match_winner *w = &m->winners[i];
		bool chat = intent_info(w->intent)->kind == INTENT_CHAT;
		bool best_chat = best != NULL &&
				 intent_info(best->intent)->kind == INTENT_CHAT;

		if (best == NULL || (best_chat && !chat) ||
		    (best_chat == chat && w->score > best->score))
			best = w;
	}
	return best;
}

/* -- the answer ------------------------------------------------------------ */

/* Does the message bring the slot? */
static bool has_entity(const struct match *m, const char *name)
{
	for (size_t i = 0; i < m->entity_count; i++)
		if (strcmp(m->entities[i].name, name) == 0)
			return true;
	return false;
}

/* What the intent says: the question for the first missing slot, or the
 * answer. */
static void add_answer(const struct catalog *catalog, const struct match *m,
		       const struct intent *in,
		       const struct answer_request *request, struct buf *out)
{
	const struct intent_info *info = intent_info(in);

	if (out->len > 0)
		buf_add_c(out, '\n');
	for (size_t i = 0; i < info->needs; i++) {
		if (!has_entity(m, intent_need(in, i))) {
			answer_need(catalog, in, i, request, out);
			return;
		}
	}
	answer_render(catalog, in, request, out);
}

void explain_answer(const struct catalog *catalog, const struct match *m,
		    struct str text, const char *locale, struct buf *out)
{
	struct answer_value values[MATCH_MAX_ENTITIES];
	struct answer_request request = {
		.locale = locale,
		.message_id = text,
		.values = values,
		.value_count = m->entity_count,
	};

	for (size_t i = 0; i < m->entity_count; i++)
		values[i] = (struct answer_value){m->entities[i].name,
						  str_of(m->entities[i].value)};
	switch (m->outcome) {
	case OUTCOME_ANSWER:
	case OUTCOME_ESCALATE:
		for (size_t i = 0; i < m->winner_count; i++)
			add_answer(catalog, m, m->winners[i].intent, &request,
				   out);
		break;
	case OUTCOME_CLARIFY:
		answer_text(catalog, "clarify", &request, out);
		break;
	case OUTCOME_MISS:
		answer_text(catalog, "miss", &request, out);
		break;
	}
}

/* -- evidence -------------------------------------------------------------- */

int explain_total(const struct match *m, const struct intent *intent)
{
	int sum = 0;

	for (size_t i = 0; i < m->evidence_count; i++)
		if (m->evidence[i].intent == intent)
			sum += m->evidence[i].weight;
	return sum;
}

bool explain_next(const struct match *m, bool done[MATCH_MAX_EVIDENCE],
		  const struct intent **next)
{
	bool any = false;
	int best = 0;

	for (size_t i = 0; i < m->evidence_count; i++) {
		const struct intent *in = m->evidence[i].intent;
		int total = in == NULL ? INT_MIN : explain_total(m, in);

		if (done[i] || (any && total <= best))
			continue;
		any = true;
		best = total;
		*next = in;
	}
	for (size_t i = 0; any && i < m->evidence_count; i++)
		done[i] = done[i] || m->evidence[i].intent == *next;
	return any;
}

/* -- JSON ------------------------------------------------------------------ */

static void add_name(struct buf *out, const struct intent *in)
{
	if (in == NULL)
		buf_add_s(out, "null");
	else
		buf_add_json(out, str_of(intent_info(in)->name));
}

static void add_text(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, ",\"%s\":", name);
	buf_add_json(out, value);
}

/* Between the items of a list or an object that has just been opened. */
static void add_comma(struct buf *out)
{
	char last = out->data[out->len - 1];

	if (last != '[' && last != '{')
		buf_add_c(out, ',');
}

/* "wher>where ordr>order" */
static void add_corrections(struct buf *out, struct str list)
{
	buf_add_s(out, ",\"corrections\":[");
	while (list.n > 0) {
		add_comma(out);
		buf_add_json(out, str_cut(&list, ' '));
	}
	buf_add_c(out, ']');
}

static void add_winners(struct buf *out, const char *name,
			const struct match_winner *list, size_t n)
{
	buf_addf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		const struct intent_info *info = intent_info(list[i].intent);

		add_comma(out);
		buf_add_s(out, "{\"intent\":");
		buf_add_json(out, str_of(info->name));
		add_text(out, "about",
			 info->about == NULL ? STR("") : str_of(info->about));
		buf_addf(out, ",\"score\":%.3f,\"sentence\":%d}",
			 list[i].score / 1000.0, list[i].sentence);
	}
	buf_add_c(out, ']');
}

static void add_entities(struct buf *out, const struct match *m)
{
	buf_add_s(out, ",\"entities\":[");
	for (size_t i = 0; i < m->entity_count; i++) {
		add_comma(out);
		buf_add_s(out, "{\"name\":");
		buf_add_json(out, str_of(m->entities[i].name));
		add_text(out, "value", str_of(m->entities[i].value));
		buf_add_c(out, '}');
	}
	buf_add_c(out, ']');
}

static void add_pieces(struct buf *out, const struct match *m,
		       const struct intent *intent)
{
	for (size_t i = 0; i < m->evidence_count; i++) {
		const struct match_evidence *e = &m->evidence[i];

		if (e->intent != intent)
			continue;
		add_comma(out);
		buf_add_s(out, "{\"phrase\":");
		buf_add_json(out, str_of(e->phrase));
		add_text(out, "file", str_of(e->file));
		buf_addf(out, ",\"line\":%u,\"weight\":%.3f,\"sentence\":%d}",
			 e->line, e->weight / 1000.0, e->sentence);
	}
}

static void add_evidence(struct buf *out, const struct match *m)
{
	bool done[MATCH_MAX_EVIDENCE] = {false};
	const struct intent *intent;

	buf_add_s(out, ",\"evidence\":[");
	while (explain_next(m, done, &intent)) {
		add_comma(out);
		buf_add_s(out, "{\"intent\":");
		add_name(out, intent);
		buf_addf(out, ",\"total\":%.3f,\"pieces\":[",
			 explain_total(m, intent) / 1000.0);
		add_pieces(out, m, intent);
		buf_add_s(out, "]}");
	}
	buf_add_c(out, ']');
}

void explain_json(const struct catalog *catalog, const struct match *m,
		  struct str text, struct str answer, struct buf *out)
{
	const struct match_winner *best = explain_foremost(m);
	const char *meta = explain_meta(m->meta);
	int score = best != NULL                    ? best->score
		    : m->outcome == OUTCOME_CLARIFY ? m->winners[0].score
						    : 0;

	buf_add_s(out, "{\"text\":");
	buf_add_json(out, text);
	add_text(out, "normalised", m->normalised);
	add_corrections(out, m->corrections);
	add_text(out, "outcome", str_of(outcome_names[m->outcome]));
	buf_add_s(out, ",\"meta\":");
	if (meta == NULL)
		buf_add_s(out, "null");
	else
		buf_add_json(out, str_of(meta));
	buf_add_s(out, ",\"intent\":");
	add_name(out, best != NULL ? best->intent : NULL);
	buf_addf(out, ",\"score\":%.3f,\"by_miss\":%s", score / 1000.0,
		 m->by_miss ? "true" : "false");
	add_winners(out, "winners", m->winners, m->winner_count);
	add_winners(out, "near", m->near, m->near_count);
	buf_add_s(out, ",\"runner_up\":");
	add_name(out, m->runner_up);
	add_entities(out, m);
	add_evidence(out, m);
	buf_addf(out, ",\"limits_hit\":%u", m->limits_hit);
	add_text(out, "answer", answer);
	add_text(out, "rules", str_of(catalog_version(catalog)));
	add_text(out, "engine",
		 catalog_has_jit(catalog) ? STR("jit") : STR("interpreter"));
	buf_add_c(out, '}');
}
