/* Commands in Redis's protocol, to the byte. */
#include "resp.h"

#include "check.h"

static struct resp r;

static const char *done(void)
{
	static char text[4096];
	struct str s = resp_done(&r);

	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return text;
}

static void arguments_carry_their_length(void)
{
	resp_start(&r, "SET");
	resp_add_s(&r, "k\r\n$1");
	resp_add_u64(&r, UINT64_MAX);
	resp_add_i64(&r, INT64_MIN);
	resp_add(&r, STR_NONE);
	resp_add_s(&r, NULL);
	CHECK_STR(done(),
		  "*6\r\n$3\r\nSET\r\n$5\r\nk\r\n$1\r\n"
		  "$20\r\n18446744073709551615\r\n"
		  "$20\r\n-9223372036854775808\r\n$0\r\n\r\n$0\r\n\r\n");
}

static void a_new_command_forgets_the_old_one(void)
{
	resp_start(&r, "PING");
	CHECK_STR(done(), "*1\r\n$4\r\nPING\r\n");
	for (int i = 0; i < 11; i++)
		resp_add_s(&r, "");
	CHECK(strncmp(done(), "*12\r\n$4\r\nPING\r\n", 15) == 0);
}

static void an_argument_may_be_put_together(void)
{
	size_t mark;

	resp_start(&r, "GET");
	mark = resp_open(&r);
	resp_close(&r, mark);
	mark = resp_open(&r);
	buf_add_s(&r.bytes, "answerd:");
	buf_add_s(&r.bytes, "conv:{C}");
	resp_close(&r, mark);
	resp_add_s(&r, "end");
	CHECK_STR(done(), "*4\r\n$3\r\nGET\r\n$0\r\n\r\n"
			  "$16\r\nanswerd:conv:{C}\r\n$3\r\nend\r\n");
}

int main(void)
{
	RUN(arguments_carry_their_length);
	RUN(a_new_command_forgets_the_old_one);
	RUN(an_argument_may_be_put_together);
	resp_fini(&r);
	return check_done("store/resp");
}
