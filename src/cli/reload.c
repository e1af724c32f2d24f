/* `answerctl reload`: SIGHUP to the daemon that wrote the pid file. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "base/file.h"
#include "cli.h"
#include "link.h"

#define PID_FILE_MAX 64
#define PID_MAX      (1 << 30)

/* A pid file may outlive its process, whose number another one then has. */
static bool is_answerd(pid_t pid)
{
	struct buf name = BUF_INIT, why = BUF_INIT;
	char path[64];
	bool ok;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	ok = file_read(path, PID_FILE_MAX, &name, &why) &&
	     str_is(str_trim(buf_str(&name)), "answerd");
	buf_fini(&name);
	buf_fini(&why);
	return ok;
}

static int hang_up(const char *path, struct str text)
{
	uint64_t pid;

	if (!str_to_u64(str_trim(text), PID_MAX, &pid) || pid < 2 ||
	    !is_answerd((pid_t)pid)) {
		fprintf(stderr,
			"answerctl: no answerd runs as %s says; is it "
			"started?\n",
			path);
		return CLI_AWAY;
	}
	if (kill((pid_t)pid, SIGHUP) != 0) {
		fprintf(stderr, "answerctl: process %ld: %s\n", (long)pid,
			strerror(errno));
		return CLI_FAILED;
	}
	printf("told process %ld to load its rules; its log says how it "
	       "went\n",
	       (long)pid);
	return CLI_OK;
}

static int reload(const char *state_dir)
{
	struct buf path = BUF_INIT, text = BUF_INIT, why = BUF_INIT;
	int status;

	buf_addf(&path, "%s/answerd.pid", state_dir);
	if (file_read(path.data, PID_FILE_MAX, &text, &why)) {
		status = hang_up(path.data, buf_str(&text));
	} else {
		fprintf(stderr, "answerctl: %s; is answerd started?\n",
			why.data);
		status = CLI_AWAY;
	}
	buf_fini(&path);
	buf_fini(&text);
	buf_fini(&why);
	return status;
}

int cmd_reload(int argc, char **argv)
{
	struct link link;
	int status;

	if (argc == 3 && strcmp(argv[1], "--state-dir") == 0)
		return reload(argv[2]);
	if (argc > 1)
		return cli_usage("reload", "what is \"%s\"?", argv[1]);
	status = link_config(&link);
	if (status == CLI_OK)
		status = reload(link.config.state_dir);
	link_close(&link);
	return status;
}
