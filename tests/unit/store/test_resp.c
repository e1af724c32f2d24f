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
	const struct str pieces[] = {STR("answerd:"), STR(""), STR("conv:{C}")};

	resp_start(&r, "GET");
	resp_add_pieces(&r, NULL, 0);
	resp_add_pieces(&r, pieces, 3);
	resp_add_s(&r, "end");
	CHECK_STR(done(), "*4\r\n$3\r\nGET\r\n$0\r\n\r\n"
			  "$16\r\nanswerd:conv:{C}\r\n$3\r\nend\r\n");
}

static void ready_arguments_are_taken_and_read_back(void)
{
	static char long_one[1234];
	char bytes[2000], *p = bytes;
	struct str rest, arg;

	memset(long_one, 'x', sizeof(long_one));
	p = resp_put(p, STR("a\r\n$1"));
	p = resp_put(p, STR_NONE);
	p = resp_put_u64(p, 98);
	p = resp_put(p, (struct str){long_one, sizeof(long_one)});
	rest = (struct str){bytes, (size_t)(p - bytes)};
	resp_start(&r, "SET");
	resp_add_ready(&r, (struct str){bytes, 25}, 3);
	CHECK_STR(done(), "*4\r\n$3\r\nSET\r\n$5\r\na\r\n$1\r\n$0\r\n\r\n"
			  "$2\r\n98\r\n");
	CHECK(resp_get(&rest, &arg) && str_is(arg, "a\r\n$1"));
	CHECK(resp_get(&rest, &arg) && arg.n == 0 && arg.p != NULL);
	CHECK(resp_get(&rest, &arg) && str_is(arg, "98"));
	CHECK(resp_get(&rest, &arg) && arg.n == 1234 && rest.n == 0);
	CHECK(!resp_get(&rest, &arg));
}

static void what_is_not_an_argument_is_refused(void)
{
	static const char *const bad[] = {"",
					  "$",
					  "$1",
					  "$1\r\n",
					  "$1\r\na",
					  "$1\r\na\r",
					  "$1\r\na\n\r",
					  "$1\n\ra\r\n",
					  "*1\r\na\r\n",
					  "$01\r\na\r\n",
					  "$-1\r\na\r\n",
					  "$2\r\na\r\n",
					  "$\r\n\r\n",
					  "$99999999\r\na\r\n",
					  "$18446744073709551615\r\na\r\n",
					  "1\r\na\r\n"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str rest = str_of(bad[i]), arg;

		CHECK(!resp_get(&rest, &arg));
	}
}

int main(void)
{
	RUN(arguments_carry_their_length);
	RUN(a_new_command_forgets_the_old_one);
	RUN(an_argument_may_be_put_together);
	RUN(ready_arguments_are_taken_and_read_back);
	RUN(what_is_not_an_argument_is_refused);
	resp_fini(&r);
	return check_done("store/resp");
}
