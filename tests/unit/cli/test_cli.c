/* The tool without a Redis: its command line, help and exit statuses. */
#include "tool.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "store/store.h"

static void every_command_has_help(void)
{
	static const char *const names[] = {
		"match", "agent", "queue", "reload", "scripts", "lint", "test"};

	CHECK(tool("", "--help") == CLI_OK && tool_err.len == 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char line[64];

		CHECK(tool("", "--help") == CLI_OK && printed(names[i]));
		snprintf(line, sizeof(line), "%s --help", names[i]);
		CHECK(tool("", line) == CLI_OK);
		snprintf(line, sizeof(line), "usage: answerctl %s", names[i]);
		CHECK(printed(line));
		snprintf(line, sizeof(line), "help %s", names[i]);
		CHECK(tool("", line) == CLI_OK && tool_out.len > 30);
	}
	CHECK(tool("", "agent add maria --help") == CLI_OK &&
	      printed("usage: answerctl agent"));
	CHECK(tool("", "--version") == CLI_OK && printed("answerctl "));
}

static void what_is_wrong_on_the_line_is_named(void)
{
	CHECK(tool("", "") == CLI_USAGE && complained("which command?"));
	CHECK(tool("", "quue") == CLI_USAGE &&
	      complained("did you mean \"queue\"?"));
	CHECK(tool("", "help quue") == CLI_USAGE);
	CHECK(tool("", "frobnicate") == CLI_USAGE &&
	      complained("no command \"frobnicate\""));
	CHECK(tool("", "--colour queue") == CLI_USAGE);
	CHECK(tool("", "--config") == CLI_USAGE);
	CHECK(tool("", "agent") == CLI_USAGE);
	CHECK(tool("", "-c /nowhere.yaml queue") == CLI_CONFIG &&
	      complained("/nowhere.yaml: error: cannot be read"));
	CHECK(tool("", "agent fire bob") == CLI_USAGE);
	CHECK(tool("", "agent add") == CLI_USAGE &&
	      complained("add wants a NAME"));
	CHECK(tool("", "agent add a_b") == CLI_USAGE &&
	      complained("1 to 64 of"));
	CHECK(tool("", "agent add bob --role boss") == CLI_USAGE &&
	      complained("agent, supervisor or admin, not \"boss\""));
	CHECK(tool("", "agent add bob --role") == CLI_USAGE);
	CHECK(tool("", "agent add bob --capacity 0") == CLI_USAGE);
	CHECK(tool("", "agent add bob jim") == CLI_USAGE);
	CHECK(tool("", "agent passwd bob --role admin") == CLI_USAGE);
	CHECK(tool("", "agent disable bob --password-stdin") == CLI_USAGE);
	CHECK(tool("", "queue --yaml") == CLI_USAGE);
	CHECK(tool("", "reload now") == CLI_USAGE);
	CHECK(tool("", "scripts a b") == CLI_USAGE);
	CHECK(tool("", "scripts nothing") == CLI_USAGE);
}

static void options_are_known_by_their_help(void)
{
	static const char *const names[] = {"match", "lint",   "test",
					    "words", "replay", "unanswered"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s -i", names[i]);
		CHECK(tool("", line) == CLI_USAGE &&
		      complained("-i wants a value"));
		snprintf(line, sizeof(line), "%s --jsno", names[i]);
		CHECK(tool("", line) == CLI_USAGE &&
		      complained("no option \"--jsno\"; did you mean "
				 "\"--json\"?"));
		snprintf(line, sizeof(line), "%s --quite-another", names[i]);
		CHECK(tool("", line) == CLI_USAGE &&
		      complained("no option \"--quite-another\"\n"));
	}
	CHECK(tool("", "unanswered --days=4") == CLI_USAGE &&
	      complained("did you mean \"--days\"?"));
	CHECK(tool("", "lint rules") == CLI_USAGE &&
	      complained("what is \"rules\"?"));
}

static void a_message_that_is_not_utf8_is_told(void)
{
	CHECK(tool("hello\nb\xff\n", "match --intent-only") == CLI_FAILED);
	CHECK(printed("greeting\nnone\n"));
	CHECK(complained("message 2 is not UTF-8"));
}

static void a_wrong_configuration_is_told_with_its_place(void)
{
	char line[200];

	tool_write("bad.yaml", "listne: x\nlog_level: loud\n");
	snprintf(line, sizeof(line), "-c %s queue", tool_path("bad.yaml"));
	CHECK(tool("", line) == CLI_CONFIG);
	CHECK(complained("bad.yaml:1:1: error: unknown key \"listne\""));
	CHECK(complained("bad.yaml:2:12: error: \"loud\" is no log level"));
	snprintf(line, sizeof(line), "--config=%s agent list",
		 tool_path("none.yaml"));
	CHECK(tool("", line) == CLI_CONFIG && complained("No such file"));
}

static void no_redis_is_told_and_not_waited_for_long(void)
{
	char line[200], config[300];

	snprintf(config, sizeof(config), "redis: {url: 'unix://%s'}\n",
		 tool_path("nobody.sock"));
	tool_write("alone.yaml", config);
	snprintf(line, sizeof(line), "-c %s agent list",
		 tool_path("alone.yaml"));
	CHECK(tool("", line) == CLI_AWAY);
	CHECK(complained("Redis does not answer; is it running, and is "
			 "redis.url right in"));
	CHECK(complained("what was tried last: ") &&
	      complained("No such file or directory"));
}

static void scripts_are_printed_with_their_sha1(void)
{
	const char *name, *text;
	char sha1[41], want[100];
	size_t n = store_script(0, &name, &text, sha1);

	CHECK(n >= 10);
	CHECK(tool("", "scripts --sha1") == CLI_OK);
	for (size_t i = 0; i < n; i++) {
		store_script(i, &name, &text, sha1);
		CHECK(strspn(sha1, "0123456789abcdef") == 40);
		snprintf(want, sizeof(want), "%s %s\n", name, sha1);
		CHECK(printed(want));
	}
	CHECK(tool("", "scripts claim") == CLI_OK);
	for (size_t i = 0; i < n; i++) {
		store_script(i, &name, &text, sha1);
		if (strcmp(name, "claim") == 0)
			CHECK_STR(tool_out.data, text);
	}
	CHECK(tool("", "scripts") == CLI_OK && printed("-- claim "));
}

/* A process that is called answerd for as long as it lives, which ends with
 * 7 when it is told to reload. */
static pid_t run_answerd(void)
{
	static const char script[] =
		"printf answerd >/proc/$$/comm; trap 'exit 7' HUP; "
		"echo ready; while :; do sleep 0.05; done";
	int ends[2];
	char ready[8];
	pid_t pid;

	if (pipe(ends) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	CHECK(read(ends[0], ready, sizeof(ready)) > 0);
	close(ends[0]);
	return pid;
}

static int reload(const char *pid_text)
{
	char line[200];

	tool_write("answerd.pid", pid_text);
	snprintf(line, sizeof(line), "reload --state-dir %s", tool_dir);
	return tool("", line);
}

static void reload_reaches_the_daemon_and_nobody_else(void)
{
	char text[200];
	pid_t pid = run_answerd();
	int status = 0;

	snprintf(text, sizeof(text), "%ld\n", (long)pid);
	CHECK(reload(text) == CLI_OK && printed("told process"));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK(reload(text) == CLI_AWAY && complained("no answerd runs"));
	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	CHECK(reload(text) == CLI_AWAY); /* alive, and not answerd */
	CHECK(reload("0") == CLI_AWAY && reload("-1") == CLI_AWAY);
	CHECK(reload("rubbish") == CLI_AWAY && reload("") == CLI_AWAY);
	unlink(tool_path("answerd.pid"));
	snprintf(text, sizeof(text), "reload --state-dir %s", tool_dir);
	CHECK(tool("", text) == CLI_AWAY && complained("is answerd started?"));
}

static void rules_are_linted_with_the_sources_of_a_configuration(void)
{
	char line[400];

	tool_rules("linted", "intents:\n"
			     "  - name: hours\n"
			     "    match: [opening hours]\n"
			     "    lookup: hours\n"
			     "    answer: 'From {{hours.from}}'\n"
			     "    examples: [opening hours]\n");
	tool_write(
		"sources.yaml",
		"sources: {hours: {kind: http, url: 'https://x.example/{day}', "
		"fields: {until: /until}}}\n");
	snprintf(line, sizeof(line), "lint -i %s", tool_path("linted"));
	CHECK(tool("", line) == CLI_OK);
	snprintf(line, sizeof(line), "lint -i %s -c %s", tool_path("linted"),
		 tool_path("sources.yaml"));
	CHECK(tool("", line) == CLI_WARNINGS);
	CHECK(printed("rules.yaml:5:13: warning: source \"hours\" gives no "
		      "\"from\""));
}

int main(void)
{
	if (!tool_start())
		return 1;
	RUN(every_command_has_help);
	RUN(what_is_wrong_on_the_line_is_named);
	RUN(options_are_known_by_their_help);
	RUN(a_message_that_is_not_utf8_is_told);
	RUN(a_wrong_configuration_is_told_with_its_place);
	RUN(no_redis_is_told_and_not_waited_for_long);
	RUN(scripts_are_printed_with_their_sha1);
	RUN(reload_reaches_the_daemon_and_nobody_else);
	RUN(rules_are_linted_with_the_sources_of_a_configuration);
	tool_end();
	return check_done("cli/cli");
}
