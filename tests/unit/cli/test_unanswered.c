/* `answerctl unanswered` on a file (on Redis: the tests over the wire), and
 * `answerctl words`. */
#include "tool.h"

static const char messages[] = "what is the balance on my gift card\n"
			       "do you sell vegan shoes\n"
			       "my gift card balance please\tmiss\n"
			       "how do I check the balance of a gift card\n"
			       "gift card: balance?\n"
			       "12345 @nobody\n"
			       "vegan shoes, do you have any\n"
			       "xyzzy\n";

static int unanswered(const char *rest)
{
	char line[300];

	tool_write("m.txt", messages);
	snprintf(line, sizeof(line), "unanswered --file %s %s",
		 tool_path("m.txt"), rest);
	return tool("", line);
}

static void topics_are_counted_with_their_trend(void)
{
	CHECK(unanswered("") == CLI_OK);
	CHECK(printed("8 messages that no rule answered, "));
	CHECK(printed("\n1 like no other, 1 without a word\n"));
	CHECK(printed("\n     4  balance_gift_card  (3, then 1: -67 %)\n"
		      "          "));
	CHECK(printed("\n     2  vegan_shoes  (1, then 1: +0 %)\n"));
	CHECK(strstr(tool_out.data, "xyzzy") == NULL);
	CHECK(unanswered("--least 1") == CLI_OK && printed("xyzzy  (0, then 1: "
							   "new)\n"));
	CHECK(unanswered("--least 3") == CLI_OK);
	CHECK(strstr(tool_out.data, "vegan") == NULL);
	CHECK(unanswered("--most 1 --samples 1") == CLI_OK);
	CHECK(strstr(tool_out.data, "vegan") == NULL);
}

static void topics_as_json_have_all_that(void)
{
	CHECK(unanswered("--json --samples 9") == CLI_OK);
	CHECK(printed("{\"name\":\"balance_gift_card\",\"count\":4,"
		      "\"before\":3,\"now\":1,\"words\":["));
	CHECK(printed("\"gift card: balance?\""));
	CHECK(printed("{\"messages\":8,\"shown\":2,\"alone\":1,"
		      "\"wordless\":1,\"answered\":0,\"complete\":true}\n"));
}

static void what_the_rules_answer_by_now_is_left_out(void)
{
	char line[300];

	snprintf(line, sizeof(line), "mkdir '%s'", tool_path("rules"));
	CHECK(system(line) == 0);
	tool_write("rules/r.yaml", "intents:\n  - name: vegan\n"
				   "    match: [vegan]\n    answer: Yes.\n"
				   /* handed over for want of a rule */
				   "  - name: cards\n    threshold: none\n"
				   "    threshold_miss: 0.5\n"
				   "    match: [gift card]\n"
				   "    then: {escalate: {}}\n");
	snprintf(line, sizeof(line), "-i %s", tool_path("rules"));
	CHECK(unanswered(line) == CLI_OK);
	CHECK(printed("6 messages that no rule answered"));
	CHECK(printed("; 2 more that "));
	CHECK(strstr(tool_out.data, "vegan_shoes") == NULL);
	snprintf(line, sizeof(line), "-i %s", tool_path("nowhere"));
	CHECK(unanswered(line) == CLI_FAILED);
}

/* What the operator does with a text editor. */
static void fill_in(char *text)
{
	char *at;

	while ((at = strstr(text, "# answer:")) != NULL)
		memmove(at, at + 2, strlen(at + 2) + 1);
	while ((at = strstr(text, "#   - 'What the")) != NULL)
		memmove(at, at + 2, strlen(at + 2) + 1);
}

static void drafts_are_a_rule_file_that_waits_for_its_answers(void)
{
	char line[300];

	CHECK(unanswered("--draft") == CLI_OK);
	CHECK(printed("\nintents:\n") && printed("FILL IN"));
	CHECK(printed("  - name: balance_gift_card\n") &&
	      printed("  - name: vegan_shoes\n"));
	tool_rules("drafts", tool_out.data);
	snprintf(line, sizeof(line), "lint -i %s", tool_path("drafts"));
	CHECK(tool("", line) == CLI_ERRORS && printed("has no answer"));
	CHECK(unanswered("--draft") == CLI_OK);
	fill_in(tool_out.data);
	tool_rules("drafts", tool_out.data);
	CHECK(tool("", line) == CLI_OK);
	CHECK_STR(tool_out.len == 0 ? "" : tool_out.data, "");
	snprintf(line, sizeof(line),
		 "match -i %s --intent-only gift_card_balance",
		 tool_path("drafts"));
	CHECK(tool("", line) == CLI_OK && printed("balance_gift_card\n"));
}

static void what_is_wrong_on_the_line_is_named(void)
{
	CHECK(unanswered("--draft --json") == CLI_USAGE);
	CHECK(unanswered("--days 0") == CLI_USAGE &&
	      complained("--days is 1 to 90, not \"0\""));
	CHECK(unanswered("--days 91") == CLI_USAGE);
	CHECK(unanswered("--least") == CLI_USAGE);
	CHECK(unanswered("more") == CLI_USAGE);
	CHECK(tool("", "unanswered --file /nowhere/m.txt") == CLI_FAILED &&
	      complained("/nowhere/m.txt: "));
	CHECK(tool("", "unanswered --file /dev/null") == CLI_OK &&
	      printed("0 messages"));
	CHECK(tool("", "unanswered --draft --file /dev/null") == CLI_OK &&
	      tool_out.len == 0 && complained("no topic has 2 messages"));
}

static void no_redis_is_told(void)
{
	char line[200], config[300];

	snprintf(config, sizeof(config), "redis: {url: 'unix://%s'}\n",
		 tool_path("nobody.sock"));
	tool_write("alone.yaml", config);
	snprintf(line, sizeof(line), "-c %s unanswered --days 1",
		 tool_path("alone.yaml"));
	CHECK(tool("", line) == CLI_AWAY);
	CHECK(complained("Redis does not answer"));
}

/* ---- words ------------------------------------------------------------ */

static const char rules[] = "words:\n"
			    "  order: [order(s), parcel]\n"
			    "  thing: ['<order>', 'r[0-9]+']\n"
			    "intents:\n"
			    "  - name: track\n"
			    "    match: [where ~ <order>, '<thing> qwortz']\n"
			    "    answer: Here.\n";
static const char english[] = "language: en\n"
			      "protected: [parcel]\n"
			      "spellings: {ordr: order, pls: please}\n";

static void words_and_groups_are_printed_one_a_line(void)
{
	char line[200];

	snprintf(line, sizeof(line), "mkdir '%s' '%s'", tool_path("words"),
		 tool_path("words/_language"));
	CHECK(system(line) == 0);
	tool_write("words/r.yaml", rules);
	tool_write("words/_language/en.yaml", english);
	snprintf(line, sizeof(line), "words -i %s", tool_path("words"));
	CHECK(tool("", line) == CLI_OK);
	CHECK(printed("\nqwortz\n"));
	CHECK(printed("\nparcel                   protected\n"));
	CHECK(printed("\npls                      language read as please\n"));
	CHECK(printed("\n<order>                  order, orders, parcel\n"));
	CHECK(printed("\n<thing>                  (holds PCRE2"));
	snprintf(line, sizeof(line), "words --json -i %s", tool_path("words"));
	CHECK(tool("", line) == CLI_OK);
	CHECK(printed("{\"word\":\"qwortz\",\"rule\":true,\"protected\":false}"
		      "\n"));
	CHECK(printed("{\"word\":\"pls\",\"rule\":false,\"protected\":"));
	CHECK(printed("\"becomes\":[\"please\"]}\n"));
	CHECK(printed("{\"group\":\"order\",\"forms\":[\"order\",\"orders\","
		      "\"parcel\"]}\n"));
	CHECK(printed("{\"group\":\"thing\",\"forms\":null}\n"));
	CHECK(tool("", "words all") == CLI_USAGE);
	snprintf(line, sizeof(line), "words -i %s", tool_path("nowhere"));
	CHECK(tool("", line) == CLI_FAILED);
}

int main(void)
{
	if (!tool_start())
		return 1;
	RUN(topics_are_counted_with_their_trend);
	RUN(topics_as_json_have_all_that);
	RUN(what_the_rules_answer_by_now_is_left_out);
	RUN(drafts_are_a_rule_file_that_waits_for_its_answers);
	RUN(what_is_wrong_on_the_line_is_named);
	RUN(no_redis_is_told);
	RUN(words_and_groups_are_printed_one_a_line);
	tool_end();
	return check_done("cli/unanswered");
}
