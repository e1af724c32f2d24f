/* The table of commands, their help, and what stands before a command on the
 * line. Knows nothing of what the commands do. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *about; /* one line */
	const char *help;  /* usage and options */
} commands[] = {
	{"match", cmd_match, "what a message would get, and why",
	 "usage: answerctl match [-i DIR] [--json | --intent-only] [TEXT...]\n"
	 "\n"
	 "Without TEXT, reads one message a line from standard input.\n"
	 "\n"
	 "  -i DIR         the rules (default intents, then\n"
	 "                 those installed)\n"
	 "  --json         one object a line\n"
	 "  --intent-only  the name of the best winner, or none (also where\n"
	 "                 it only hands over)\n"
	 "  --no-jit, --no-index, --no-spelling\n"
	 "                 without these parts, to compare\n"},
	{"lint", cmd_lint, "what is wrong or doubtful in the rules",
	 "usage: answerctl lint [-i DIR] [-c FILE] [--json]\n"
	 "\n"
	 "All that loading checks, and shadowed or unreachable rules, costly "
	 "patterns,\n"
	 "unused words, missing slots, apologies and translations. With -c, "
	 "also lookups\n"
	 "of sources that the daemon's configuration does not have, slots "
	 "that a source\n"
	 "wants and nobody fills, fields that it does not give, queues "
	 "that it has not.\n"
	 "\n"
	 "  -i DIR             the rules (default intents, then\n"
	 "                     those installed)\n"
	 "  -c, --config FILE  the daemon's configuration, for its sources "
	 "and queues\n"
	 "  --json             one object a line\n"
	 "\n"
	 "Exit status: 0 clean, 1 warnings, 2 errors.\n"},
	{"test", cmd_test, "run the examples and dialogues of the rules",
	 "usage: answerctl test [-i DIR] [--json] [FILE...]\n"
	 "\n"
	 "  -i DIR   the rules (default intents, then\n"
	 "           those installed)\n"
	 "  --json   what fails, one object a line\n"
	 "  FILE     a dialogue script; without one, all of DIR/tests/*.chat\n"
	 "\n"
	 "Exit status: 0 all pass, 1 some fail, 2 the rules do not load.\n"},
	{"words", cmd_words, "the vocabulary of the rules",
	 "usage: answerctl words [-i DIR] [--json]\n"
	 "\n"
	 "Every word that phrases or language files know, one a line, then "
	 "every word\n"
	 "group with all that it can be. Typing errors become words of the "
	 "phrases;\n"
	 "\"protected\" is a common word that no correction touches, "
	 "\"language\" one that\n"
	 "only a language file has, \"read as\" what it is rewritten to.\n"
	 "\n"
	 "  -i DIR   the rules (default intents, then\n"
	 "           those installed)\n"
	 "  --json   one object a line\n"},
	{"replay", cmd_replay, "yesterday's messages against other rules",
	 "usage: answerctl replay FILE [-i DIR] [--against DIR] [--samples N] "
	 "[--json]\n"
	 "\n"
	 "FILE has one message a line, or several columns parted by tabs, the "
	 "text first;\n"
	 "- is standard input. Without --against, what the messages get, by "
	 "intent. With\n"
	 "it, what would change, by from and to. Each message stands for "
	 "itself.\n"
	 "\n"
	 "  -i DIR         the rules in force (default intents, then\n"
	 "                 those installed)\n"
	 "  --against DIR  the rules to compare them with\n"
	 "  --samples N    messages shown of each (default 5)\n"
	 "  --json         one object a line, the totals last\n"
	 "\n"
	 "Exit status: 0 all get the same, 1 something changes, 2 rules or "
	 "file cannot be\n"
	 "read.\n"},
	{"unanswered", cmd_unanswered, "what no rule answered, by topic",
	 "usage: answerctl unanswered [--days N] [--file FILE] [-i DIR] "
	 "[--least N]\n"
	 "                            [--most N] [--samples N] [--json | "
	 "--draft]\n"
	 "\n"
	 "The daemon notes such messages in Redis, digits and addresses "
	 "masked; here they\n"
	 "are grouped by the words they share, with how many came in the "
	 "earlier and in\n"
	 "the later half of the time. At most 50,000, the newest.\n"
	 "\n"
	 "  --days N     the last days, with today (default 7)\n"
	 "  --file FILE  from a file in place of Redis: one a line, oldest "
	 "first\n"
	 "  -i DIR       without those that the rules in DIR answer by now\n"
	 "  --least N    only topics of so many messages (default 2)\n"
	 "  --most N     at most so many topics (default 20)\n"
	 "  --samples N  messages shown of each (default 3)\n"
	 "  --json       one object a line, the totals last\n"
	 "  --draft      a rule file with an intent for each topic, to be "
	 "filled in\n"},
	{"agent", cmd_agent, "add and change agents, make tokens for tools",
	 "usage: answerctl agent add NAME [--display TEXT] [--role "
	 "agent|supervisor|admin]...\n"
	 "                           [--queue QUEUE]... [--capacity N]\n"
	 "                           [--password-stdin]\n"
	 "       answerctl agent passwd NAME [--password-stdin]\n"
	 "       answerctl agent token NAME\n"
	 "       answerctl agent revoke NAME\n"
	 "       answerctl agent disable|enable NAME\n"
	 "       answerctl agent list\n"
	 "\n"
	 "  add       a new agent; prints a password made for them, unless "
	 "one is given\n"
	 "  passwd    another password\n"
	 "  token     prints a token for a tool (Authorization: Bearer), once\n"
	 "  revoke    ends all tokens of the agent\n"
	 "  disable   no more sign-in for the agent and their tools\n"
	 "\n"
	 "  --display TEXT     the name that shoppers see\n"
	 "  --role ROLE        agent (default), supervisor (sees all queues) "
	 "or admin;\n"
	 "                     again for several\n"
	 "  --queue QUEUE      one of agents.queues (default all); again for "
	 "more\n"
	 "  --capacity N       chats at a time (default agents.capacity)\n"
	 "  --password-stdin   read the password from standard input\n"},
	{"announce", cmd_announce, "say something to all shoppers at once",
	 "usage: answerctl announce TEXT [--level info|warning] [--until "
	 "TIME]\n"
	 "       answerctl announce --over ID\n"
	 "       answerctl announce --list [--json]\n"
	 "\n"
	 "Every widget that is open shows it at once, those that open later as "
	 "long as it\n"
	 "runs. Prints its ID.\n"
	 "\n"
	 "  --level LEVEL  info (default) or warning\n"
	 "  --until TIME   its end: 2026-11-30T18:00Z, 18:00 (the shop's time) "
	 "or +2h\n"
	 "  --over ID      ends it now\n"
	 "  --list         what runs; --json: one object a line\n"},
	{"queue", cmd_queue, "who waits, and who is with whom",
	 "usage: answerctl queue [--json] [QUEUE...]\n"
	 "\n"
	 "  --json   one object a line\n"},
	{"report", cmd_report, "the figures of today, or of other days",
	 "usage: answerctl report [day | week] [--from DATE] [--to DATE] "
	 "[--json]\n"
	 "\n"
	 "How many conversations, what the bot answered, who was handed over "
	 "and why, how\n"
	 "long they waited, how it ended and how it was rated; by day, by "
	 "queue and by\n"
	 "intent. Days are the shop's; at most 100 at a time.\n"
	 "\n"
	 "  day          today (default)\n"
	 "  week         the last seven days, with today\n"
	 "  --from DATE  2026-11-22; without it, six days before --to\n"
	 "  --to DATE    2026-11-28; without it, today\n"
	 "  --json       one object, as GET /api/report has it\n"},
	{"check", cmd_check, "what is not as it must be in Redis",
	 "usage: answerctl check [--json] [--repair]\n"
	 "\n"
	 "Walks all conversations and tells those without an owner or a next "
	 "step, in two\n"
	 "places or in the wrong one, with a gap in the log or at odds with "
	 "it, each with\n"
	 "the key and the remedy. What is merely under way is looked at again "
	 "and not told.\n"
	 "\n"
	 "  --json     one object a line, the totals last\n"
	 "  --repair   mends what can be: places, next steps, hashes; never a "
	 "log\n"
	 "\n"
	 "Exit status: 0 nothing (more) to tell, 1 findings, 2 it could not be "
	 "checked.\n"},
	{"export", cmd_export, "all that is stored about a visitor",
	 "usage: answerctl export VISITOR [--output FILE]\n"
	 "\n"
	 "Prints conversations, logs, attributes and notes as one JSON "
	 "object. VISITOR is\n"
	 "the name that the desk console shows among the facts of a chat.\n"
	 "\n"
	 "  --output FILE   write it there\n"},
	{"erase", cmd_erase, "take out all that is stored about a visitor",
	 "usage: answerctl erase VISITOR --yes\n"
	 "\n"
	 "Logs, places in line, next steps, context and notes are gone at "
	 "once, on every\n"
	 "daemon, and no daemon's spool brings them back. A widget that is "
	 "open goes on as\n"
	 "somebody new. It cannot be undone. May be done again.\n"
	 "\n"
	 "  --yes   really\n"},
	{"reload", cmd_reload, "make the running daemon load its rules again",
	 "usage: answerctl reload [--state-dir DIR]\n"
	 "\n"
	 "Sends SIGHUP to the process of state_dir/answerd.pid. A change of a "
	 "rule file\n"
	 "is seen without it.\n"
	 "\n"
	 "  --state-dir DIR   in place of state_dir of the configuration\n"},
	{"scripts", cmd_scripts, "the Redis scripts, for a tool of your own",
	 "usage: answerctl scripts [--sha1 | NAME]\n"
	 "\n"
	 "Prints all scripts, each after a line \"-- NAME SHA1\".\n"
	 "\n"
	 "  --sha1   only the names and SHA1\n"
	 "  NAME     only the text of this one\n"},
};

static const char *config_path; /* of -c; NULL: not given */

const char *cli_config_given(void)
{
	return config_path;
}

const char *cli_config_path(void)
{
	static const char here[] = "conf/answerd.yaml";
	static char installed[PATH_MAX];

	if (config_path != NULL)
		return config_path;
	if (access(here, F_OK) == 0)
		return here;
	file_installed("answerd.yaml", installed, sizeof(installed));
	return installed;
}

int cli_usage(const char *command, const char *format, ...)
{
	va_list args;

	fputs("answerctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry: answerctl %s%s--help\n",
		command == NULL ? "" : command, command == NULL ? "" : " ");
	return CLI_USAGE;
}

static int usage(void)
{
	puts("usage: answerctl [-c FILE] COMMAND [ARGUMENTS]\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].about);
	puts("\n"
	     "  -c, --config FILE   the daemon's configuration (default "
	     "conf/answerd.yaml, then\n"
	     "                      the installed one)\n"
	     "  --version           print the version\n"
	     "  --help              this text; after a command: its options\n"
	     "\n"
	     "Exit status: 0 done, 1 it did not work, 64 the command line is "
	     "wrong, 69 Redis or\n"
	     "the daemon does not answer, 78 the configuration is wrong. See "
	     "answerctl(1).");
	return CLI_OK;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	const char *names[ARRAY_LEN(commands)];
	const char *near;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i].name;
	near = diag_nearest(str_of(name), names, ARRAY_LEN(commands));
	if (near != NULL)
		return cli_usage(NULL,
				 "no command \"%s\"; did you mean \"%s\"?",
				 name, near);
	return cli_usage(NULL, "no command \"%s\"", name);
}

#define OPTIONS_MAX 24
#define OPTION_MAX  24 /* bytes */

/* The options that a help text names. */
static size_t options_of(const char *help, char options[][OPTION_MAX])
{
	size_t n = 0;

	for (const char *p = help; n < OPTIONS_MAX && *p != '\0';) {
		size_t len = strspn(p, "-abcdefghijklmnopqrstuvwxyz0123456789");

		if (len > 1 && len < OPTION_MAX && *p == '-')
			str_copy(options[n++], OPTION_MAX,
				 (struct str){p, len});
		p += len > 0 ? len : 1;
	}
	return n;
}

int cli_unknown(const char *command, const char *arg)
{
	char options[OPTIONS_MAX][OPTION_MAX];
	const char *names[OPTIONS_MAX], *near;
	struct str name = {arg, strcspn(arg, "=")};
	size_t n = options_of(find(command)->help, options);

	if (arg[0] != '-')
		return cli_usage(command, "what is \"%s\"?", arg);
	for (size_t i = 0; i < n; i++) {
		names[i] = options[i];
		if (str_is(str_of(arg), options[i]))
			return cli_usage(command, "%s wants a value", arg);
	}
	near = diag_nearest(name, names, n);
	if (near == NULL)
		return cli_usage(command, "no option \"%s\"", arg);
	return cli_usage(command, "no option \"%s\"; did you mean \"%s\"?", arg,
			 near);
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int help(const char *name)
{
	const struct command *command = find(name);

	if (command == NULL)
		return unknown(name);
	fputs(command->help, stdout);
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	const struct command *command = find(argv[0]);

	if (strcmp(argv[0], "help") == 0)
		return argc == 1 ? usage() : help(argv[1]);
	if (command == NULL)
		return unknown(argv[0]);
	if (argc > 1 &&
	    (is_help(argv[1]) || strcmp(argv[argc - 1], "--help") == 0))
		return help(argv[0]);
	return command->run(argc, argv);
}

/* The value of "--config X" or "--config=X" at argv[*i]; moves *i. */
static bool is_config(int argc, char **argv, int *i)
{
	const char *arg = argv[*i];

	if (strncmp(arg, "--config=", 9) == 0) {
		config_path = arg + 9;
		return true;
	}
	if (strcmp(arg, "-c") != 0 && strcmp(arg, "--config") != 0)
		return false;
	config_path = *i + 1 < argc ? argv[++*i] : "";
	return true;
}

static int run_line(int argc, char **argv)
{
	int i = 1;

	config_path = NULL;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (is_help(argv[i]))
			return usage();
		if (strcmp(argv[i], "--version") == 0) {
			puts("answerctl " ANSWERD_VERSION);
			return CLI_OK;
		}
		if (!is_config(argc, argv, &i))
			return cli_usage(NULL, "no option \"%s\" here",
					 argv[i]);
	}
	if (config_path != NULL && *config_path == '\0')
		return cli_usage(NULL, "--config wants a file");
	if (i == argc)
		return cli_usage(NULL, "which command?");
	return run(argc - i, argv + i);
}

int cli_main(int argc, char **argv)
{
	int status = run_line(argc, argv);
	bool odd = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !odd)
		return status;
	fprintf(stderr, "answerctl: standard output: %s\n",
		errno != 0 ? strerror(errno) : "not all of it was written");
	clearerr(stdout);
	return status == CLI_OK ? CLI_FAILED : status;
}
