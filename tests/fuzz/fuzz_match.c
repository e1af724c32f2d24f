/* A shopper's bytes against fixed rules. Checked: what is found stands in the
 * message, results keep their bounds, and are the same without index and JIT
 * and in the same matcher again. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "intent/intent.h"

static const char language[] =
	"language: en\n"
	"contractions: {\"can't\": can not, \"where's\": where is}\n"
	"spellings: {pls: please, asap: as soon as possible, u: you}\n"
	"'yes': ['yes', of course]\n'no': ['no']\nperson: [human]\n";

static const char rules[] =
	"match: {threshold_long: 1.3, long_words: 8}\n"
	"words:\n"
	"  order: [order(s), parcel(s), order number, 'no']\n"
	"  where: [where, track(ing|ed), how far]\n"
	"entities:\n"
	"  order_id: {pattern: '\\b(?:OD)?\\d{6,18}\\b', near: <order>,\n"
	"    yields_to: [phone, date]}\n"
	"  phone: {pattern: '\\+\\d[\\d -]{6,17}\\d'}\n"
	"  date: {pattern: '\\b\\d{2}\\.\\d{2}\\.\\d{4}\\b|\\btomorrow\\b'}\n"
	"  amount: {pattern: '[$€]\\s?\\d+(?:\\.\\d\\d)?'}\n"
	"off_topic: [flight(s)]\n"
	"intents:\n"
	"  - name: track\n"
	"    answer: '{{order_id}}'\n"
	"    match: [<where> ~ <order>, {phrase: <order_id>, weight: 0.6},\n"
	"      {phrase: ^hi( there)?$, weight: 0.5}, {regex: '!{2,9}', weight: "
	"0.3}]\n"
	"    against: [(please)? cancel (it|that)?]\n"
	"  - {name: cancel, answer: y, match: [cancel ~~ <order>, can not "
	"cancel]}\n"
	"  - {name: person, match: [human], then: {escalate: {}}}\n";

static void need(int ok)
{
	if (!ok)
		abort();
}

static struct catalog *load(bool no_index, bool no_jit)
{
	const struct intent_source sources[] = {
		{"_language/en.yaml", str_of(language)},
		{"r.yaml", str_of(rules)},
	};
	struct catalog_options options = {
		.no_index = no_index,
		.no_jit = no_jit,
		.protected_words = STR("these\nthose\nthere\nother\n"),
	};
	struct diags diags;
	struct catalog *c;

	diags_init(&diags);
	c = catalog_load(sources, 2, &options, &diags);
	need(c != NULL);
	diags_fini(&diags);
	return c;
}

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
