/* Dialogue scripts: the lines do what they say, and a line that expects what
 * did not come is found, with its place. */
#include "chat/script.h"
#include "check.h"
#include "rules.h"

static struct catalog *catalog;
static struct buf findings;
static struct script_result result;

static void run(const char *text)
{
	struct diags diags;

	diags_init(&diags);
	buf_clear(&findings);
	result = (struct script_result){0};
	script_run(catalog, NULL, "t.chat", str_of(text), &diags, &result);
	diags_print(&diags, &findings);
	CHECK(diags.errors == result.failed);
	diags_fini(&diags);
}

static void passes(const char *text, size_t checks)
{
	run(text);
	CHECK_STR(findings.data == NULL ? "" : findings.data, "");
	CHECK(result.failed == 0);
	CHECK(result.checks == checks);
}

static void fails(const char *text, const char *finding)
{
	run(text);
	CHECK(result.failed == 1);
	CHECK(result.checks >= result.failed);
	CHECK(findings.data != NULL && strstr(findings.data, finding) != NULL);
	if (findings.data == NULL || strstr(findings.data, finding) == NULL)
		printf("came: %s\n", findings.data);
}

static void a_dialogue_that_goes_as_written_passes(void)
{
	passes("== answers\n"
	       "# a comment\n"
	       "\n"
	       "shopper: delivery options\n"
	       "bot: standard AND express\n"
	       "intent: delivery_options\n"
	       "button: Where is mine\n"
	       "button: intent:track_order\n"
	       "asks: solved\n"
	       "state: bot\n"
	       "shopper presses: Where is mine\n"
	       "bot: /order number[?]$/\n"
	       "shopper: 12345678\n"
	       "bot: Order 12345678 is on its way.\n",
	       8);
	CHECK(result.dialogues == 1);
}

static void people_take_part(void)
{
	passes("shopper asks for a person\n"
	       "state: queued\n"
	       "queue: general\n"
	       "reason: wants_person\n"
	       "kind: inquiry\n"
	       "priority: 0\n"
	       "agent maria claims\n"
	       "system: Here is maria\n"
	       "state: assigned\n"
	       "agent: maria\n"
	       "agent paul claims\n"
	       "refused: taken\n"
	       "agent paul notes: look at the last order\n"
	       "note: last order\n"
	       "agent maria: Hello!\n"
	       "refused: nothing\n"
	       "shopper: delivery options\n"
	       "bot: nothing\n"
	       "agent maria transfers to: vip\n"
	       "queue: vip\n"
	       "agent paul claims\n"
	       "agent paul releases\n"
	       "state: queued\n"
	       "agent maria claims\n"
	       "agent vanishes\n"
	       "reason: agent_gone\n"
	       "agent maria claims\n"
	       "agent maria resolves\n"
	       "state: closed\n"
	       "asks: csat\n"
	       "shopper rates: 5\n"
	       "refused: nothing\n"
	       "shopper: hello\n"
	       "refused: closed\n",
	       19);
}

static void the_clock_is_made_up(void)
{
	passes("== in line\n"
	       "shopper asks for a person\n"
	       "wait: 4 min\n"
	       "bot: nothing\n"
	       "wait: 1 min\n"
	       "system: still in line\n"
	       "wait: 25 min\n"
	       "system: leave your e-mail\n"
	       "== closed hours\n"
	       "hours: closed\n"
	       "shopper asks for a person\n"
	       "bot: not here right now\n"
	       "wait: 2 h\n"
	       "state: queued\n"
	       "shopper leaves\n"
	       "state: closed\n"
	       "== idle\n"
	       "shopper: hello\n"
	       "wait: 1 d\n"
	       "state: closed\n",
	       7);
	CHECK(result.dialogues == 3);
}

static void what_did_not_come_is_found_at_its_line(void)
{
	fails("shopper: delivery options\nbot: something else\n",
	      "t.chat:2:1: error: expected \"something else\", came "
	      "\"Standard and express.\"");
	fails("shopper: hello\nbot: nothing\n", "t.chat:2:1: error: expected "
						"that the bot says nothing");
	fails("shopper: hello\nintent: thanks\n", "came greeting");
	fails("shopper: xyzzy\nintent: thanks\n", "came none");
	fails("shopper: hello\nstate: queued\n",
	      "expected state queued, it is bot");
	fails("shopper: hello\nbutton: Yes\n", "expected button");
	fails("shopper: hello\nasks: solved\n", "expected a request");
	fails("shopper: hello\npriority: 3\n", "it is 0");
	fails("shopper: hello\nqueue: vip\n", "it is none");
	fails("shopper: hello\nsystem: x\n", "came nothing");
}

static void lines_are_met_in_their_order(void)
{
	passes("shopper: delivery options? payment methods?\n"
	       "bot: standard\nbot: card\n",
	       2);
	fails("shopper: delivery options? payment methods?\n"
	      "bot: card\nbot: standard\n",
	      ":3:");
}

static void a_line_that_is_none_is_said(void)
{
	fails("dance: now\n", "is no line of a script");
	fails("shopper dances\n", "is no line of a script");
	fails("agent\n", "is no line of a script");
	fails("agent maria dances\n", "is no line of a script");
	fails("wait: soon\n", "is no time to wait");
	fails("wait: 99999999999 d\n", "is no time to wait");
	fails("hours: odd\n", "hours are");
	fails("shopper rates: high\n", "is no score");
	fails("shopper presses: Yes\n", "no button \"Yes\"");
	fails("shopper: hello\nbot: /(/\n", "is no regular expression");
}

static void sources_tell_what_the_script_says(void)
{
	passes("== a\n"
	       "source: order order_id\n"
	       "shopper: where is my order 12345678\n"
	       "bot: nothing\n"
	       "lookup: found order.status=delayed order.eta='next week'\n"
	       "bot: Order 12345678 is late until next week.\n"
	       "== b\n"
	       "shopper: where is my order 12345678\n"
	       "bot: Order 12345678 is on its way.\n"
	       "== c\n"
	       "source: order order_id\n"
	       "shopper: where is my order 12345678\n"
	       "lookup: not found\n"
	       "shopper: 11111111\n"
	       "lookup: failed\n"
	       "reason: lookup_failed\n"
	       "== d\n"
	       "source: order order_id\n"
	       "shopper: where is my order 12345678\n"
	       "wait: 11 s\n"
	       "state: queued\n",
	       5);
	fails("== a\nshopper: hello\nlookup: failed\n",
	      "nothing is being looked up");
	fails("== a\nsource: order order_id\n"
	      "shopper: where is my order 12345678\n"
	      "lookup: found shipped\n",
	      "is no value");
	fails("== a\nsource:\n", "a source has a name");
}

int main(void)
{
	catalog = rules_load();
	buf_init(&findings);
	RUN(a_dialogue_that_goes_as_written_passes);
	RUN(people_take_part);
	RUN(the_clock_is_made_up);
	RUN(what_did_not_come_is_found_at_its_line);
	RUN(lines_are_met_in_their_order);
	RUN(a_line_that_is_none_is_said);
	buf_fini(&findings);
	RUN(sources_tell_what_the_script_says);
	catalog_free(&catalog);
	return check_done("chat/script");
}
