/* A small set of rules for the tests of this folder: an answer, a question for
 * a number, a free question, an escalation, a complaint, small talk, one that
 * closes; and two that cannot be told apart. */
#ifndef TESTS_CHAT_RULES_H
#define TESTS_CHAT_RULES_H

#include "check.h"
#include "intent/intent.h"

static const char rules_text[] =
	"language: en\n"
	"entities:\n"
	"  order_id: {pattern: '\\b\\d{6,18}\\b'}\n"
	"  repair_id: {pattern: '\\bR\\d{4}\\b', near: repair}\n"
	"intents:\n"
	"  - name: delivery_options\n"
	"    about: How we deliver\n"
	"    match: [delivery options]\n"
	"    answer: ['Standard and express.']\n"
	"    buttons: [{text: Where is mine, intent: track_order}]\n"
	"    then: ask_solved\n"
	"    examples: [delivery options]\n"
	"  - name: payment_methods\n"
	"    about: How to pay\n"
	"    match: [payment methods]\n"
	"    answer: ['Card and bank transfer.']\n"
	"    examples: [payment methods]\n"
	"  - name: track_order\n"
	"    about: Where an order is\n"
	"    match: [where is ~ order, track ~ order]\n"
	"    needs: {order_id: 'What is your order number?'}\n"
	"    lookup: order\n"
	"    answer:\n"
	"      - when: order.status = delayed\n"
	"        say: 'Order {{order_id}} is late until {{order.eta}}.'\n"
	"      - when: order.status\n"
	"        say: 'Order {{order_id}} is {{order.status}}.'\n"
	"      - 'Order {{order_id}} is on its way.'\n"
	"    examples: [where is my order]\n"
	"  - name: track_repair\n"
	"    about: Where a repair is\n"
	"    match: [is it mended]\n"
	"    needs: {repair_id: 'Which repair?'}\n"
	"    answer: ['Repair {{repair_id}} is under way.']\n"
	"  - name: return_item\n"
	"    about: Send something back\n"
	"    match: [send ~ back]\n"
	"    needs:\n"
	"      order_id: 'Which order?'\n"
	"      colour: 'Which colour was it?'\n"
	"    answer: ['Send back order {{order_id}}, the {{colour}} one.']\n"
	"    examples: [I want to send it back]\n"
	"  - name: wholesale\n"
	"    about: Buy in bulk\n"
	"    match: [wholesale]\n"
	"    answer: ['That is for our sales team.']\n"
	"    then: {escalate: {queue: sales, priority: 2, reason: wholesale}}\n"
	"    examples: [wholesale prices]\n"
	"  - name: complaint\n"
	"    about: A complaint\n"
	"    kind: complaint\n"
	"    match: [(terrible|awful) service]\n"
	"    answer: ['I am sorry to hear that.']\n"
	"    examples: [terrible service]\n"
	"  - name: greeting\n"
	"    about: Hello\n"
	"    kind: chat\n"
	"    match: [^hello$]\n"
	"    answer: ['Hello!']\n"
	"    examples: [hello]\n"
	"  - name: farewell\n"
	"    about: Goodbye\n"
	"    kind: chat\n"
	"    match: [^goodbye$]\n"
	"    answer: ['Goodbye.']\n"
	"    then: resolve\n"
	"    examples: [goodbye]\n"
	"  - name: gift_card\n"
	"    about: Buy a voucher\n"
	"    match: [voucher]\n"
	"    answer: ['Vouchers are sold here.']\n"
	"  - name: gift_code\n"
	"    about: Use a voucher\n"
	"    match: [voucher]\n"
	"    answer: ['Type the code at checkout.']\n"
	"  - name: scratch_report\n"
	"    about: Report a scratch\n"
	"    match: [scratched]\n"
	"    answer: ['Send us a photo.']\n"
	"  - name: scratch_complaint\n"
	"    about: Complain about a scratch\n"
	"    kind: complaint\n"
	"    match: [scratched]\n"
	"    answer: ['I am sorry, that must not happen.']\n"
	"  - name: trouble\n"
	"    about: Something is amiss\n"
	"    kind: complaint\n"
	"    threshold: none\n"
	"    threshold_miss: 0.5\n"
	"    match: [{phrase: amiss, weight: 0.6}]\n"
	"    answer: ['I am sorry that something went wrong.']\n"
	"    then: {escalate: {queue: sales, priority: 2, reason: trouble}}\n"
	"  - name: newsletter\n"
	"    about: The newsletter\n"
	"    match: [{phrase: newsletter, weight: 0.6}]\n"
	"    answer: ['Subscribe below.']\n";

static const char rules_language[] = "language: en\n"
				     "yes: ['yes', 'yes please']\n"
				     "no: ['no', 'no thanks']\n"
				     "never_mind: [never mind]\n"
				     "person: [a person please]\n"
				     "texts:\n"
				     "  agent_joined: 'Here is {{agent}}.'\n"
				     "  reason_needs_data: 'Then without it.'\n"
				     "  reason_wholesale: 'Gladly.'\n";

static inline struct catalog *rules_load(void)
{
	struct intent_source sources[] = {
		{"rules.yaml", str_of(rules_text)},
		{"_language/en.yaml", str_of(rules_language)},
	};
	struct catalog_options options = {.skip_examples = false};
	struct diags diags;
	struct buf out = BUF_INIT;
	struct catalog *catalog;

	diags_init(&diags);
	catalog = catalog_load(sources, 2, &options, &diags);
	diags_print(&diags, &out);
	if (catalog == NULL)
		printf("%s", out.data == NULL ? "no rules\n" : out.data);
	CHECK(catalog != NULL);
	buf_fini(&out);
	diags_fini(&diags);
	return catalog;
}

#endif
