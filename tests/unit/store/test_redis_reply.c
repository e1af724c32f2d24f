/* Redis's answers as values, and what each of its errors asks for; fed as they
 * come over the wire. */
#include "redis_reply.h"

#include <hiredis/hiredis.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"

static struct reply_room room;

static const struct reply *parse(const char *wire)
{
	redisReader *reader = redisReaderCreate();
	void *parsed = NULL;

	reply_room_clear(&room);
	reply_read_into(reader, &room);
	redisReaderFeed(reader, wire, strlen(wire));
	CHECK(redisReaderGetReply(reader, &parsed) == REDIS_OK);
	CHECK(parsed != NULL);
	redisReaderFree(reader);
	return parsed;
}

static void values_are_read_for_what_they_are(void)
{
	const struct reply *r = parse("*5\r\n:-7\r\n$2\r\n42\r\n+OK\r\n$-1\r\n"
				      "*1\r\n$3\r\n-15\r\n");

	CHECK(reply_kind(r) == REPLY_LIST && reply_count(r) == 5);
	CHECK(reply_number(reply_at(r, 0)) == -7);
	CHECK(reply_number(reply_at(r, 1)) == 42);
	CHECK(str_is(reply_text(reply_at(r, 2)), "OK"));
	CHECK(reply_number(reply_at(r, 2)) == 0);
	CHECK(reply_kind(reply_at(r, 3)) == REPLY_NIL);
	CHECK(reply_number(reply_at(reply_at(r, 4), 0)) == -15);
	CHECK(reply_at(r, 5) == NULL && reply_count(reply_at(r, 0)) == 0);
	CHECK(reply_text(reply_at(r, 0)).p == NULL);
	CHECK(reply_class(r) == CLASS_FINE);
}

/* The reader's memory moves under what it has read so far. */
static void an_answer_may_come_in_pieces(void)
{
	redisReader *reader = redisReaderCreate();
	struct buf wire = BUF_INIT;
	void *reply = NULL;

	buf_add_s(&wire, "*3\r\n$4\r\nthis\r\n$4000\r\n");
	for (int i = 0; i < 4000; i++)
		buf_add_c(&wire, 'x');
	buf_add_s(&wire, "\r\n*2\r\n$0\r\n\r\n$4\r\nthat\r\n");
	reply_room_clear(&room);
	reply_read_into(reader, &room);
	for (size_t i = 0; i < wire.len; i++) {
		CHECK(redisReaderGetReply(reader, &reply) == REDIS_OK);
		CHECK(reply == NULL);
		redisReaderFeed(reader, wire.data + i, 1);
	}
	CHECK(redisReaderGetReply(reader, &reply) == REDIS_OK);
	CHECK(str_is(reply_text(reply_at(reply, 0)), "this"));
	CHECK(reply_text(reply_at(reply, 1)).n == 4000);
	CHECK(str_is(reply_text(reply_at(reply_at(reply, 2), 0)), ""));
	CHECK(str_is(reply_text(reply_at(reply_at(reply, 2), 1)), "that"));
	redisReaderFree(reader);
	buf_fini(&wire);
}

/* What says that it has more items than anybody sends is not believed. */
static void an_endless_list_is_an_error(void)
{
	static const char *const wires[] = {
		"*2147483647\r\n",
		"*1000000\r\n*1000000\r\n*1000000\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
		redisReader *reader = redisReaderCreate();
		void *reply = NULL;

		reply_room_clear(&room);
		reply_read_into(reader, &room);
		redisReaderFeed(reader, wires[i], strlen(wires[i]));
		CHECK(redisReaderGetReply(reader, &reply) == REDIS_ERR);
		redisReaderFree(reader);
	}
}

/* So that sums and differences of a few are numbers as well. */
static void a_number_is_one_that_lua_can_count_to(void)
{
	const struct reply *r = parse("*4\r\n:9007199254740992\r\n"
				      ":9007199254740993\r\n"
				      "$20\r\n-9223372036854775807\r\n"
				      "$17\r\n-9007199254740992\r\n");

	CHECK(reply_number(reply_at(r, 0)) == INT64_C(9007199254740992));
	CHECK(reply_number(reply_at(r, 1)) == 0);
	CHECK(reply_number(reply_at(r, 2)) == 0);
	CHECK(reply_number(reply_at(r, 3)) == INT64_C(-9007199254740992));
}

static void no_answer_is_an_answer_too(void)
{
	CHECK(reply_kind(NULL) == REPLY_NONE &&
	      reply_class(NULL) == CLASS_AWAY);
	CHECK(reply_text(NULL).p == NULL && reply_count(NULL) == 0);
	CHECK(reply_number(NULL) == 0 && reply_at(NULL, 0) == NULL);
	CHECK(reply_remedy(NULL) == NULL);
}

/* As Redis 7.0 words them. */
static void each_error_has_its_way_out(void)
{
	static const struct {
		const char *wire;
		enum reply_class class;
	} errors[] = {
		{"-MISCONF Redis is configured to save RDB snapshots, but "
		 "…\r\n",
		 CLASS_RETRY},
		{"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		 CLASS_RETRY},
		{"-NOREPLICAS Not enough good replicas to write.\r\n",
		 CLASS_RETRY},
		{"-BUSY Redis is busy running a script.\r\n", CLASS_RETRY},
		{"-NOPERM User shop has no permissions to run it\r\n",
		 CLASS_RETRY},
		{"-ERR The user executing the script can't run this command or "
		 "subcommand script: 1, on @user_script:1.\r\n",
		 CLASS_RETRY},
		{"-MOVED 3999 127.0.0.1:6381\r\n", CLASS_RETRY},
		{"-CLUSTERDOWN The cluster is down\r\n", CLASS_RETRY},
		{"-LOADING Redis is loading the dataset in memory\r\n",
		 CLASS_RECONNECT},
		{"-READONLY You can't write against a read only replica.\r\n",
		 CLASS_RECONNECT},
		{"-MASTERDOWN Link with MASTER is down\r\n", CLASS_RECONNECT},
		{"-NOAUTH Authentication required.\r\n", CLASS_RECONNECT},
		{"-WRONGPASS invalid username-password pair\r\n",
		 CLASS_RECONNECT},
		{"-ERR max number of clients reached\r\n", CLASS_RECONNECT},
		{"-NOSCRIPT No matching script.\r\n", CLASS_SCRIPT},
		{"-WRONGTYPE Operation against a key\r\n", CLASS_REFUSE},
		{"-ERR unknown command\r\n", CLASS_REFUSE},
		{"-OOMPH no such word\r\n", CLASS_REFUSE},
		{"-\r\n", CLASS_REFUSE},
		{"-OOM\r\n", CLASS_RETRY},
	};

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		const struct reply *r = parse(errors[i].wire);

		CHECK(reply_kind(r) == REPLY_ERROR);
		CHECK(reply_class(r) == errors[i].class);
	}
	CHECK(reply_remedy(parse("-READONLY x\r\n")) != NULL);
	CHECK(reply_remedy(parse("-ERR max number of clients reached\r\n")) !=
	      NULL);
	CHECK(reply_remedy(parse("-WRONGTYPE x\r\n")) != NULL);
	CHECK(reply_remedy(parse("-ERR x\r\n")) == NULL);
	CHECK(reply_remedy(parse("+OK\r\n")) == NULL);
}

/* Word and remedy, as answerd(8) has them. */
static void the_manual_lists_each_error_with_its_remedy(void)
{
	struct buf manual = BUF_INIT, row = BUF_INIT, why = BUF_INIT;
	size_t n;
	const struct reply_error *errors = reply_errors(&n);

	CHECK(file_read("src/man/answerd.8", 1 << 20, &manual, &why));
	buf_add_c(&manual, '\0');
	for (size_t i = 0; i < n; i++) {
		buf_clear(&row);
		buf_addf(&row, ".It Li %s\n%s.\n", errors[i].word,
			 errors[i].remedy);
		if (strstr(manual.data, row.data) == NULL)
			printf("answerd.8 should have:\n%s", row.data);
		CHECK(strstr(manual.data, row.data) != NULL);
	}
	buf_fini(&manual);
	buf_fini(&row);
	buf_fini(&why);
}

int main(void)
{
	RUN(values_are_read_for_what_they_are);
	RUN(an_answer_may_come_in_pieces);
	RUN(an_endless_list_is_an_error);
	RUN(a_number_is_one_that_lua_can_count_to);
	RUN(no_answer_is_an_answer_too);
	RUN(each_error_has_its_way_out);
	RUN(the_manual_lists_each_error_with_its_remedy);
	reply_room_fini(&room);
	return check_done("store/redis_reply");
}
