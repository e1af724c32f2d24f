/* The rules that fuzz_match and fuzz_normalise read messages by: a little of
 * everything that rules can have. */
#ifndef FUZZ_SAMPLE_H
#define FUZZ_SAMPLE_H

#include <stdbool.h>
#include <stdlib.h>

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
	"    against: [(please)? cancel (it|that)?, {regex: '[?]{2,3}', "
	"weight: "
	"0.5}]\n"
	"  - {name: cancel, answer: y, match: [cancel ~~ <order>, can not "
	"cancel]}\n"
	"  - {name: person, match: [human], then: {escalate: {}}}\n"
	"  - {name: trouble, threshold: none, threshold_miss: 0.7,\n"
	"    match: [{phrase: late ~ <order>, weight: 0.5}, {phrase: "
	"again,\n"
	"      weight: 0.4}, {regex: '!{3}', weight: 0.3}], against: "
	"[if],\n"
	"    then: {escalate: {}}}\n";

static inline void need(bool ok)
{
	if (!ok)
		abort();
}

static inline struct catalog *load(bool no_index, bool no_jit)
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

#endif
