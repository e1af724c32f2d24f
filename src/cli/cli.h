/* The tool's commands. Each gets the arguments from its own name on (argv[0]
 * is "match", say), and gives the exit status. `--help` in first place is
 * main's: it shows the text beside the command in main's table. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

enum cli_status {
	CLI_OK = 0,
	CLI_WARNINGS = 1, /* of lint */
	CLI_FAILED = 1,   /* it was asked rightly and did not work */
	CLI_ERRORS = 2,   /* of lint */
	CLI_USAGE = 64,   /* the command line is wrong */
	CLI_AWAY = 69,    /* Redis or the daemon does not answer */
	CLI_CONFIG = 78,  /* the configuration is wrong */
};

/* The whole command line; gives the exit status. */
int cli_main(int argc, char **argv);
/* The file of `-c`; NULL: none was given. */
const char *cli_config_given(void);
/* That, or conf/answerd.yaml where it is there, or the
 * answerd.yaml of what is installed (file_installed()). */
const char *cli_config_path(void);

/* Prints "answerctl: …" and how to ask for help; gives CLI_USAGE. */
int cli_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for an argument that the command does not know, or whose value is
 * missing: its help says which. */
int cli_unknown(const char *command, const char *arg);

/* On rules: need no daemon and no Redis. */
int cmd_match(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_words(int argc, char **argv);
int cmd_replay(int argc, char **argv);

/* On a running daemon or its Redis. */
int cmd_agent(int argc, char **argv);
int cmd_announce(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_erase(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_queue(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_scripts(int argc, char **argv);
int cmd_unanswered(int argc, char **argv);

#endif
