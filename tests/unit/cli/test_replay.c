/* `answerctl replay`: what would change, counted, and its exit status. */
#include "tool.h"

#define RULES                                                                  \
	"intents:\n"                                                           \
	"  - name: hours\n"                                                    \
	"    match: [opening hours, when ~ open]\n"                            \
	"    answer: Nine to five.\n"                                          \
	"  - name: parking\n"                                                  \
	"    match: [parking, where ~ park]\n"                                 \
	"    answer: Behind the shop.\n"

static const char old_rules[] = RULES "  - name: broken\n"
				      "    match: [broken]\n"
				      "    then: {escalate: {}}\n"
				      "    answer: Oh dear.\n";
static const char new_rules[] = RULES "  - name: broken\n"
				      "    match: [broken]\n"
				      "    answer: Send it back.\n"
				      "  - name: toilets\n"
				      "    match: [toilet(s)]\n"
				      "    answer: Upstairs.\n"
				      "  - name: closing\n"
				      "    match: [when ~ open]\n"
				      "    answer: Late.\n";

static const char messages[] = "what are your opening hours\n"
			       "where can I park\tparking\tmore\n"
			       "\n"
			       "is there a toilet\r\n"
			       "where are the toilets\n"
			       "where are the toilets\n"
			       "when are you open\n"
			       "it is broken\n"
			       "xyzzy\n"
			       "opening hours? and parking?\n";

static int replay(const char *input, const char *rest)
{
	char line[400];

	snprintf(line, sizeof(line), "replay %s -i %s %s", tool_path("m.txt"),
		 tool_path("old"), rest);
	return tool(input, line);
}

static const char *against(const char *rest)
{
	static char line[200];

	snprintf(line, sizeof(line), "--against %s %s", tool_path("new"), rest);
	return line;
}

static void write_rules(void)
{
	char made[300];

	snprintf(made, sizeof(made), "mkdir '%s' '%s' '%s'", tool_path("old"),
		 tool_path("new"), tool_path("bad"));
	CHECK(system(made) == 0);
	tool_write("old/r.yaml", old_rules);
	tool_write("new/r.yaml", new_rules);
	tool_write("bad/r.yaml", "intents: [\n");
	tool_write("m.txt", messages);
}

static void one_set_is_counted_by_intent(void)
{
	CHECK(replay("", "") == CLI_OK);
	CHECK(printed("9 messages\n"));
	CHECK(printed("      4   44.4 %  answer\n"));
	CHECK(printed("      1   11.1 %  escalate\n"));
	CHECK(printed("      4   44.4 %  miss\n"));
	CHECK(printed("\n      4  no answer\n         is there a toilet\n"
		      "         where are the toilets\n         xyzzy\n"));
	CHECK(printed("\n      1  hours + parking\n"));
	CHECK(printed(
		"\n      1  broken (hand-over)\n         it is broken\n"));
	CHECK(printed("\n      1  parking\n         where can I park\n"));
}

static void the_same_rules_change_nothing(void)
{
	char line[200];

	snprintf(line, sizeof(line), "--against %s", tool_path("old"));
	CHECK(replay("", line) == CLI_OK);
	CHECK(printed("9 messages: 9 get the same, 0 change (0.0 %)\n"));
	CHECK(strstr(tool_out.data, "  ->  ") == NULL);
}

static void other_rules_are_compared_by_from_and_to(void)
{
	CHECK(replay("", against("")) == CLI_FAILED);
	CHECK(printed("9 messages: 4 get the same, 5 change (55.6 %)\n"));
	CHECK(printed("      4 -> 7        answer\n"));
	CHECK(printed("      0 -> 1        clarify\n"));
	CHECK(printed("      1 -> 0        escalate\n"));
	CHECK(printed("      4 -> 1        miss\n"));
	CHECK(printed("\n      3  no answer  ->  toilets\n"
		      "         is there a toilet\n"
		      "         where are the toilets\n"));
	CHECK(printed("\n      1  hours  ->  closing or hours?\n"));
	CHECK(printed("\n      1  broken (hand-over)  ->  broken\n"));
	CHECK(strstr(tool_out.data, "xyzzy") == NULL);
}

static void samples_are_as_many_as_asked_for(void)
{
	CHECK(replay("", against("--samples 1")) == CLI_FAILED);
	CHECK(printed("is there a toilet"));
	CHECK(strstr(tool_out.data, "where are the toilets") == NULL);
	CHECK(replay("", against("--samples 0")) == CLI_FAILED);
	CHECK(strstr(tool_out.data, "toilet\n") == NULL);
	CHECK(replay("", against("--samples 101")) == CLI_USAGE);
	CHECK(replay("", against("--samples x")) == CLI_USAGE);
}

static void json_is_one_object_a_line_and_the_totals_last(void)
{
	CHECK(replay("", against("--json")) == CLI_FAILED);
	CHECK(printed("{\"count\":3,\"from\":{\"outcome\":\"miss\","
		      "\"intents\":[]},\"to\":{\"outcome\":\"answer\","
		      "\"intents\":[\"toilets\"]},\"samples\":[\"is there a "
		      "toilet\",\"where are the toilets\"]}\n"));
	CHECK(printed("\n{\"messages\":9,\"same\":4,\"changed\":5,\"from\":{"
		      "\"rules\":\""));
	CHECK(printed("\",\"answer\":7,\"clarify\":1,\"escalate\":0,"
		      "\"miss\":1}}\n"));
	CHECK(replay("", "--json") == CLI_OK);
	CHECK(printed("{\"messages\":9,\"from\":{"));
}

static void standard_input_and_bytes_of_any_kind_are_read(void)
{
	char line[200];

	snprintf(line, sizeof(line), "replay - -i %s", tool_path("old"));
	CHECK(tool("opening hours\xff\xfe\n\x01\x1b[31mparking", line) ==
	      CLI_OK);
	CHECK(printed("2 messages\n"));
	CHECK(printed("opening hours??\n"));
	CHECK(strchr(tool_out.data, '\x1b') == NULL);
	CHECK(tool("", line) == CLI_OK && printed("0 messages\n"));
}

static void what_cannot_be_read_is_told_with_status_2(void)
{
	char line[300];

	snprintf(line, sizeof(line), "--against %s", tool_path("bad"));
	CHECK(replay("", line) == CLI_ERRORS);
	CHECK(complained("bad/r.yaml:"));
	snprintf(line, sizeof(line), "replay %s -i %s", tool_path("m.txt"),
		 tool_path("bad"));
	CHECK(tool("", line) == CLI_ERRORS);
	snprintf(line, sizeof(line), "replay %s -i %s", tool_path("none.txt"),
		 tool_path("old"));
	CHECK(tool("", line) == CLI_ERRORS && complained("none.txt"));
	CHECK(tool("", "replay") == CLI_USAGE &&
	      complained("which FILE of messages?"));
	CHECK(tool("", "replay a b") == CLI_USAGE);
	CHECK(tool("", "replay a --colour") == CLI_USAGE);
}

int main(void)
{
	if (!tool_start())
		return 1;
	write_rules();
	RUN(one_set_is_counted_by_intent);
	RUN(the_same_rules_change_nothing);
	RUN(other_rules_are_compared_by_from_and_to);
	RUN(samples_are_as_many_as_asked_for);
	RUN(json_is_one_object_a_line_and_the_totals_last);
	RUN(standard_input_and_bytes_of_any_kind_are_read);
	RUN(what_cannot_be_read_is_told_with_status_2);
	tool_end();
	return check_done("cli/replay");
}
