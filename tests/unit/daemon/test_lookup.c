/* Lookups and what the shopper sees of them meanwhile. The store, the hub and
 * the shopper's screen are played here. */
#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "server.h"

static struct server server;
static char name[] = "order", template[] = "demo:{order_id}",
	    slot[] = "order_id";
static struct source source = {
	.name = name,
	.kind = SOURCE_REDIS,
	.key = template,
	.timeout_ms = 60000,
	.slots = {slot},
	.slot_count = 1,
};

static struct question {
	store_hash_fn fn;
	void *arg;
	uint64_t tag;
} questions[4];
static size_t asked, told;
static size_t typing_on, typing_off;

void store_foreign_hash(struct store *store, const char *key, store_hash_fn fn,
			void *arg, uint64_t tag)
{
	(void)store;
	CHECK_STR(key, "demo:1234");
	CHECK(asked < ARRAY_LEN(questions));
	questions[asked++] = (struct question){fn, arg, tag};
}

size_t clients_tell(struct server *s, const char *conv, enum reader_kind kind,
		    struct buf *frame)
{
	(void)s;
	CHECK_STR(conv, "C");
	CHECK(kind == READER_SHOPPER);
	buf_add_c(frame, '\0');
	typing_on += strstr(frame->data, "\"on\":true") != NULL;
	typing_off += strstr(frame->data, "\"on\":false") != NULL;
	buf_fini(frame);
	return 1;
}

void server_circumstances(struct server *s, struct conv_input *in)
{
	(void)s;
	in->shop_open = true;
}

void context_found(struct server *s, const char *conv,
		   const struct field *values, size_t n)
{
	(void)s;
	(void)conv;
	(void)values;
	(void)n;
}

void hub_feed(struct hub *hub, const char *conv_id, uint64_t reader,
	      const struct conv_input *input)
{
	(void)hub;
	(void)conv_id;
	(void)reader;
	CHECK(input->type == INPUT_LOOKED_UP);
	told++;
}

static void begin(void)
{
	asked = told = typing_on = typing_off = 0;
	server = (struct server){
		.loop = loop_new(),
		.config = {.sources = {.list = &source, .count = 1}},
	};
	server.lookups = lookups_new(&server);
}

static void end(void)
{
	lookups_free(&server.lookups);
	loop_free(&server.loop);
}

static void ask(void)
{
	struct conv_question q = {.source = "order",
				  .id = STR("m1"),
				  .slots = {{"order_id", "1234"}},
				  .slot_count = 1};

	lookups_ask(server.lookups, "C", 7, &q);
}

static void wait_for_typing(void)
{
	for (int i = 0; i < 100 && typing_on == typing_off; i++)
		loop_turn(server.loop, true);
	CHECK(typing_on == typing_off + 1);
}

static void answer(size_t i)
{
	questions[i].fn(questions[i].arg, questions[i].tag, STORE_EMPTY, NULL,
			0);
}

static void typing_ends_with_the_answer(void)
{
	begin();
	ask();
	wait_for_typing();
	answer(0);
	CHECK(told == 1 && typing_off == 1);
	end();
}

static void a_question_that_is_void_ends_its_typing(void)
{
	begin();
	ask();
	wait_for_typing();
	ask();
	CHECK(asked == 2 && typing_off == 1);
	answer(0); /* nobody's any more */
	CHECK(told == 0);
	answer(1);
	CHECK(told == 1 && typing_on == 1 && typing_off == 1);
	end();
}

int main(void)
{
	log_set_level(LOG_ERROR);
	RUN(typing_ends_with_the_answer);
	RUN(a_question_that_is_void_ends_its_typing);
	return check_done("daemon/lookup");
}
