/* Sends together: over socket pairs, with peers that read, that do not, and
 * that are gone, and on a kernel that has no such thing. */
#include "burst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "check.h"

#define ROOM 8

static struct burst *burst;
static int pairs[ROOM][2];
static size_t sent[ROOM];

/* False: the kernel does not let us, and there is nothing to see. */
static bool begin(void)
{
	burst = burst_new(ROOM);
	if (burst == NULL)
		return false;
	for (int i = 0; i < ROOM; i++)
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				 pairs[i]) == 0);
	return true;
}

static void end(void)
{
	for (int i = 0; i < ROOM; i++) {
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
	burst_free(&burst);
	CHECK(burst == NULL);
}

static bool arrived(int i, struct str want)
{
	char bytes[64];
	ssize_t n = recv(pairs[i][1], bytes, sizeof(bytes), 0);

	return n >= 0 && str_eq((struct str){bytes, (size_t)n}, want);
}

static void each_goes_to_its_own(void)
{
	char text[ROOM][2];

	if (!begin())
		return;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < ROOM; i++) {
			text[i][0] = (char)('a' + round);
			text[i][1] = (char)('0' + i);
			burst_add(burst, pairs[i][0], (struct str){text[i], 2});
		}
		CHECK(burst_send(burst, sent));
		for (int i = 0; i < ROOM; i++)
			CHECK(sent[i] == 2 &&
			      arrived(i, (struct str){text[i], 2}));
	}
	end();
}

static void fill(int fd)
{
	static char much[65536];

	while (send(fd, much, sizeof(much), 0) > 0)
		;
	CHECK(errno == EAGAIN);
}

static void who_does_not_read_or_is_gone_holds_nobody_up(void)
{
	if (!begin())
		return;
	fill(pairs[0][0]);
	close(pairs[1][1]);
	for (int i = 0; i < 4; i++)
		burst_add(burst, i == 2 ? -1 : pairs[i][0], STR("hello"));
	CHECK(burst_send(burst, sent)); /* and no SIGPIPE */
	CHECK(sent[0] == 0 && sent[1] == 0 && sent[2] == 0);
	CHECK(sent[3] == 5 && arrived(3, STR("hello")));
	pairs[1][1] = open("/dev/null", O_RDONLY);
	end();
}

static void a_blocking_socket_is_not_waited_for_either(void)
{
	if (!begin())
		return;
	fill(pairs[0][0]);
	CHECK(fcntl(pairs[0][0], F_SETFL, 0) == 0);
	burst_add(burst, pairs[0][0], STR("hello"));
	burst_add(burst, pairs[1][0], STR("hello"));
	CHECK(burst_send(burst, sent));
	CHECK(sent[0] == 0);
	CHECK(sent[1] == 5 && arrived(1, STR("hello")));
	end();
}

static void what_does_not_fit_is_sent_in_part(void)
{
	size_t n = 4 << 20;
	char *much = xcalloc(1, n);

	if (begin()) {
		burst_add(burst, pairs[0][0], (struct str){much, n});
		CHECK(burst_send(burst, sent));
		CHECK(sent[0] > 0 && sent[0] < n);
		end();
	}
	free(much);
}

static void an_empty_one_sends_nothing(void)
{
	if (!begin())
		return;
	CHECK(burst_send(burst, sent));
	CHECK(recv(pairs[0][1], sent, 1, 0) < 0 && errno == EAGAIN);
	end();
}

int main(void)
{
	RUN(each_goes_to_its_own);
	RUN(who_does_not_read_or_is_gone_holds_nobody_up);
	RUN(a_blocking_socket_is_not_waited_for_either);
	RUN(what_does_not_fit_is_sent_in_part);
	RUN(an_empty_one_sends_nothing);
	return check_done("io/burst");
}
