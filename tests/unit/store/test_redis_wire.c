/* A Redis that does not come to the end of an answer. */
#include "redis_wire.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "check.h"

#define FLOOD (4 * (size_t)REPLY_BYTES_MAX)

/* As much of one answer as is taken, up to FLOOD; then it hangs up. */
static void flood(int listening)
{
	static char bytes[65536];
	int fd = accept(listening, NULL, NULL);
	const char head[] = "$99999999999\r\n";
	size_t given = 0;
	ssize_t n = send(fd, head, sizeof(head) - 1, MSG_NOSIGNAL);

	while (n > 0 && given < FLOOD) {
		n = send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
		given += n > 0 ? (size_t)n : 0;
	}
	_exit(0);
}

static char why[128];

static void on_answer(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
	CHECK(!"an answer");
}

static void on_ended(void *arg, const char *reason)
{
	(void)arg;
	snprintf(why, sizeof(why), "%s", reason);
}

static void an_answer_without_an_end_is_not_kept(void)
{
	char dir[] = "/tmp/answerd-wire-XXXXXX";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct wire_ops ops = {.answer = on_answer, .ended = on_ended};
	struct loop *loop = loop_new();
	struct wire *wire;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t redis;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", dir);
	CHECK(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	CHECK(listen(fd, 1) == 0);
	redis = fork();
	if (redis == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		flood(fd);
	}
	close(fd);
	wire = wire_open(loop, at.sun_path, NULL, 0, &ops, why, sizeof(why));
	CHECK(wire != NULL);
	while (wire != NULL && why[0] == '\0')
		loop_turn(loop, true);
	CHECK_STR(why, "an answer is too long");
	wire_close(&wire);
	loop_turn(loop, false);
	loop_free(&loop);
	waitpid(redis, NULL, 0);
	unlink(at.sun_path);
	rmdir(dir);
}

int main(void)
{
	RUN(an_answer_without_an_end_is_not_kept);
	return check_done("store/redis_wire");
}
