/* `answerctl scripts`: the Redis scripts as the daemon runs them, so that a
 * shop's own tool can claim, read, append and resolve from any language. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "store/store.h"

static int print_all(bool texts)
{
	const char *name, *text;
	char sha1[41];
	size_t n = store_script(0, &name, &text, sha1);

	for (size_t i = 0; i < n; i++) {
		store_script(i, &name, &text, sha1);
		if (texts)
			printf("-- %s %s\n%s\n", name, sha1, text);
		else
			printf("%s %s\n", name, sha1);
	}
	return CLI_OK;
}

static int print_one(const char *wanted)
{
	const char *name, *text;
	char sha1[41];
	size_t n = store_script(0, &name, &text, sha1);

	for (size_t i = 0; i < n; i++) {
		store_script(i, &name, &text, sha1);
		if (strcmp(name, wanted) != 0)
			continue;
		fputs(text, stdout);
		return CLI_OK;
	}
	return cli_usage("scripts", "no script \"%s\"", wanted);
}

int cmd_scripts(int argc, char **argv)
{
	if (argc == 1)
		return print_all(true);
	if (argc > 2)
		return cli_usage("scripts", "too many arguments");
	if (strcmp(argv[1], "--sha1") == 0)
		return print_all(false);
	return print_one(argv[1]);
}
