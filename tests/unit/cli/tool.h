/* What the tool's tests share: one run of it in this process, with what it
 * reads and what it prints. */
#ifndef TOOL_H
#define TOOL_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "check.h"
#include "cli.h"

#define TOOL_ARGS 24

static char tool_dir[] = "/tmp/answerd-test-cli-XXXXXX";
static struct buf tool_out, tool_err;

static inline char *tool_path(const char *name)
{
	static char path[4][128];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", tool_dir, name);
	return path[at];
}

static inline void tool_write(const char *name, const char *text)
{
	FILE *f = fopen(tool_path(name), "w");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

/* Rules of their own, as `text`, in a directory `name` that lint finds nothing
 * missing in. */
static inline void tool_rules(const char *name, const char *text)
{
	char path[100];

	mkdir(tool_path(name), 0700);
	snprintf(path, sizeof(path), "%s/_language", name);
	mkdir(tool_path(path), 0700);
	snprintf(path, sizeof(path), "%s/_language/en.yaml", name);
	tool_write(path, "language: en\nperson: [a person]\n");
	snprintf(path, sizeof(path), "%s/rules.yaml", name);
	tool_write(path, text);
}

static inline int tool_swap(int fd, const char *name, int flags)
{
	int kept = dup(fd), to = open(tool_path(name), flags, 0600);

	dup2(to, fd);
	close(to);
	return kept;
}

static inline void tool_restore(int fd, int kept)
{
	dup2(kept, fd);
	close(kept);
}

/* Runs "answerctl" with the words of `line` ('_' stands for a blank within
 * one); what it printed is in tool_out and tool_err. */
static inline int tool(const char *input, const char *line)
{
	char words[512], name[] = "answerctl", *save = NULL;
	char *argv[TOOL_ARGS] = {name};
	struct buf why = BUF_INIT;
	int argc = 1, status, out, err;

	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save);
	     w != NULL && argc < TOOL_ARGS - 1; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	for (int i = 1; i < argc; i++)
		for (char *p = argv[i]; *p != '\0'; p++)
			if (*p == '_')
				*p = ' ';
	tool_write("in", input);
	fflush(stdout);
	CHECK(freopen(tool_path("in"), "r", stdin) != NULL);
	out = tool_swap(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC);
	err = tool_swap(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC);
	status = cli_main(argc, argv);
	fflush(stdout);
	fflush(stderr);
	tool_restore(STDOUT_FILENO, out);
	tool_restore(STDERR_FILENO, err);
	CHECK(file_read(tool_path("out"), 1 << 20, &tool_out, &why));
	CHECK(file_read(tool_path("err"), 1 << 20, &tool_err, &why));
	buf_fini(&why);
	return status;
}

static inline bool printed(const char *what)
{
	if (tool_out.len > 0 && strstr(tool_out.data, what) != NULL)
		return true;
	printf("printed <<%s>>\n", tool_out.len == 0 ? "" : tool_out.data);
	return false;
}

static inline bool complained(const char *what)
{
	if (tool_err.len > 0 && strstr(tool_err.data, what) != NULL)
		return true;
	printf("complained <<%s>>\n", tool_err.len == 0 ? "" : tool_err.data);
	return false;
}

static inline bool tool_start(void)
{
	return mkdtemp(tool_dir) != NULL;
}

static inline void tool_end(void)
{
	char rm[128];

	snprintf(rm, sizeof(rm), "rm -rf '%s'", tool_dir);
	CHECK(system(rm) == 0);
	buf_fini(&tool_out);
	buf_fini(&tool_err);
}

#endif
