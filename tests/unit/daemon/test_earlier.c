/* What comes again is looked for in the conversations before: an answer that
 * nobody waits for any more is not taken for another one's. The store and the
 * hub are played here. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "check.h"
#include "shopper.h"

static const char said[] =
	"{\"type\":\"message\",\"id\":\"m1\",\"text\":\"hello\"}";

static struct server server;
static struct shopper shopper;
static struct sent_pool pool;

/* -- the store ------------------------------------------------------------- */

static struct question {
	store_known_fn fn;
	void *arg;
	uint64_t tag;
	char conv[65];
} questions[8];
static size_t asked;

bool store_is_up(const struct store *store)
{
	(void)store;
	return true;
}

void store_known(struct store *store, const char *conv, struct str key,
		 store_known_fn fn, void *arg, uint64_t tag)
{
	struct question *q = &questions[asked++];

	(void)store;
	CHECK(asked <= ARRAY_LEN(questions));
	CHECK(str_is(key, "s:m1"));
	*q = (struct question){fn, arg, tag, ""};
	str_copy(q->conv, sizeof(q->conv), str_of(conv));
}

static uint64_t content_of_said(void)
{
	const struct conv_input in = {.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("hello")};
	struct arena arena;
	uint64_t content;

	arena_init(&arena);
	conv_own_key(&in, &arena, &content);
	arena_fini(&arena);
	return content;
}

static void answer(size_t i, enum store_status status)
{
	const struct store_known known = {status, 4, content_of_said()};

	questions[i].fn(questions[i].arg, questions[i].tag, &known);
}

/* -- the hub and the shopper ----------------------------------------------- */

static size_t receipts, refusals, over, went_on;

void hub_receipt(struct hub *hub, const char *conv_id, uint64_t reader,
		 struct str id, uint64_t seq)
{
	(void)hub;
	(void)conv_id;
	(void)reader;
	(void)seq;
	CHECK(str_is(id, "m1"));
	receipts++;
}

void shopper_input(const struct shopper *c, const struct frame *f,
		   struct str contact, struct conv_input *in)
{
	(void)c;
	(void)contact;
	*in = (struct conv_input){
		.type = INPUT_SHOPPER_SAID, .id = f->id, .text = f->text};
}

void contact_words(const struct frame *f, struct buf *out)
{
	(void)f;
	(void)out;
}

void shopper_go_on(struct shopper *c, bool is_over)
{
	CHECK(c->earlier == NULL);
	over += is_over;
	went_on += !is_over;
}

void shopper_refused(struct client *c, const char *conv, struct str id,
		     enum conv_refusal why)
{
	(void)c;
	(void)conv;
	(void)id;
	(void)why;
	refusals++;
}

/* -- tests ----------------------------------------------------------------- */

/* In a conversation, and what was said in it comes again. */
static void begin(const char *conv)
{
	asked = receipts = refusals = over = went_on = 0;
	server = (struct server){.config = {.limit_text = 4000}};
	shopper = (struct shopper){
		.client = {.kind = CLIENT_SHOPPER, .server = &server, .id = 7},
		.phase = SHOPPER_IN};
	str_copy(shopper.conversation, sizeof(shopper.conversation),
		 str_of(conv));
	sent_keep(&shopper.sent, &pool, STR("m1"), str_of(said));
}

static void end(void)
{
	earlier_fini(&shopper);
	CHECK(server.earlier == NULL);
	sent_drop_all(&shopper.sent, &pool);
}

static void what_stands_in_the_log_gets_its_receipt(void)
{
	begin("A");
	earlier_from(&shopper, "A");
	CHECK(asked == 1 && strcmp(questions[0].conv, "A") == 0);
	earlier_look(&shopper); /* one at a time */
	CHECK(asked == 1);
	answer(0, STORE_OK);
	CHECK(receipts == 1 && went_on == 1 && over == 0);
	end();
}

static void what_does_not_goes_to_the_next_conversation(void)
{
	begin("A");
	earlier_from(&shopper, "A");
	answer(0, STORE_EMPTY);
	CHECK(receipts == 0 && over == 1);
	end();
}

/* The conversation is erased while its answer is under way. */
static void an_answer_about_another_conversation_says_nothing_of_this_one(void)
{
	begin("A");
	earlier_from(&shopper, "A");
	earlier_fini(&shopper);
	str_copy(shopper.conversation, sizeof(shopper.conversation), STR("B"));
	earlier_from(&shopper, "B");
	CHECK(asked == 2 && strcmp(questions[1].conv, "B") == 0);
	answer(0, STORE_OK);
	CHECK(receipts == 0 && over == 0 && went_on == 0);
	answer(1, STORE_EMPTY);
	CHECK(receipts == 0 && over == 1);
	end();
}

static void an_answer_to_who_is_gone_is_nobodys(void)
{
	begin("A");
	earlier_from(&shopper, "A");
	earlier_fini(&shopper);
	answer(0, STORE_OK);
	CHECK(receipts == 0 && over == 0 && went_on == 0 && refusals == 0);
	end();
}

int main(void)
{
	RUN(what_stands_in_the_log_gets_its_receipt);
	RUN(what_does_not_goes_to_the_next_conversation);
	RUN(an_answer_about_another_conversation_says_nothing_of_this_one);
	RUN(an_answer_to_who_is_gone_is_nobodys);
	sent_pool_fini(&pool);
	return check_done("daemon/earlier");
}
