/* A shopper's bytes against fixed rules. Checked: what is found stands in the
 * message, results keep their bounds, and are the same without index and JIT
 * and in the same matcher again, unless a search was given up: which are is not
 * the same. */
#include <string.h>

#include "base/utf8.h"
#include "sample.h"

static void check_one(const struct match *m, struct str text)
{
	need(m->winner_count <= MATCH_MAX_WINNERS);
	need((m->outcome == OUTCOME_MISS) == (m->winner_count == 0));
	need(m->entity_count <= MATCH_MAX_ENTITIES);
	for (size_t i = 0; i < m->entity_count; i++) {
		const struct match_entity *e = &m->entities[i];

		need(e->len > 0 && e->at + e->len <= text.n);
		need(utf8_valid(text.p + e->at, e->len));
		need(strlen(e->value) < sizeof(e->value));
		need(utf8_valid(e->value, strlen(e->value)));
	}
	need(utf8_valid(m->normalised.p, m->normalised.n));
	need(memchr(m->normalised.p, '\n', m->normalised.n) == NULL);
}

static void check_same(const struct match *a, const struct match *b)
{
	if (a->limits_hit + b->limits_hit > 0)
		return;
	need(a->outcome == b->outcome && a->meta == b->meta);
	need(a->winner_count == b->winner_count);
	need(a->entity_count == b->entity_count);
	for (size_t i = 0; i < a->winner_count; i++)
		need(a->winners[i].score == b->winners[i].score &&
		     a->winners[i].sentence == b->winners[i].sentence);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct catalog *with, *without, *interpreted;
	static struct matcher *m;
	static struct match a, b;
	struct match_context context = {.explain = true};
	struct str text = {(const char *)data, size};
	char value[128];

	if (with == NULL) {
		with = load(false, false);
		without = load(true, false);
		interpreted = load(false, true);
		m = matcher_new();
	}
	if (!utf8_valid(text.p, text.n))
		return 0;
	match_message(with, m, text, &context, &a);
	if (a.normalised.p != NULL)
		check_one(&a, text);
	match_message(without, m, text, NULL, &b);
	check_same(&a, &b);
	match_message(interpreted, m, text, NULL, &b);
	check_same(&a, &b);
	match_message(with, m, text, NULL, &b);
	check_same(&a, &b);
	if (slot_fill(with, m, "order_id", text, value))
		need(utf8_valid(value, strlen(value)) && value[0] != '\0');
	if (slot_fill(with, m, "anything", text, value))
		need(utf8_valid(value, strlen(value)) && value[0] != '\0');
	return 0;
}
