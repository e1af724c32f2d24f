/* Queues against a real Redis: the line and its order, one winner of a claim,
 * leases, what goes back and what goes away, and the queue following the log
 * where the two are at odds. */
#include "world.h"

static struct store *one, *two;
static const char *const care[] = {"care"};
static const char *const both[] = {"care", "sales"};

static struct got waiting(const char *const *queues, size_t n)
{
	struct got got = {0};

	store_queue(one, queues, n, 100, got_items, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK);
	return got;
}

static struct got claimed_by(const char *agent)
{
	struct got got = {0};

	store_claimed(one, both, 2, agent, got_items, &got, 0);
	UNTIL(got.times == 1);
	return got;
}

static struct got claim(struct store *store, const char *conv,
			const char *agent)
{
	struct got got = {0};

	store_claim(store, both, 2, conv, agent, got_claim, &got, 0);
	UNTIL(got.times == 1);
	return got;
}

static void enqueue(const char *conv, const char *queue, int priority,
		    int64_t since_ms)
{
	CHECK(turned(one, &(struct turn){.conv = conv,
					 .state = "queued",
					 .queue = queue,
					 .op = QUEUE_ENQUEUE,
					 .priority = priority,
					 .since_ms = since_ms,
					 .info = "asked"}) == STORE_OK);
}

static void begin(void)
{
	redis("FLUSHALL");
	redis("CONFIG SET appendonly yes");
}

static void the_line_is_by_priority_then_by_age(void)
{
	begin();
	enqueue("late", "care", 0, 1700000000200);
	enqueue("early", "care", 0, 1700000000100);
	enqueue("urgent", "sales", 2, 1700000000300);
	CHECK_STR(waiting(both, 2).names, "urgent early late ");
	CHECK_STR(waiting(care, 1).names, "early late ");
	CHECK_STR(waiting(care, 1).fields, "reason=asked;reason=asked;");
}

static void a_claim_takes_the_first_of_all_queues(void)
{
	CHECK_STR(claim(one, NULL, "maria").names, "urgent@sales ");
	CHECK_STR(claim(one, NULL, "maria").names, "early@care ");
	CHECK_STR(claimed_by("maria").names, "urgent@maria early@maria ");
	CHECK_STR(claimed_by("jo").names, "");
	CHECK(claim(two, "early", "jo").status == STORE_TAKEN);
	CHECK(claim(two, "early", "maria").status == STORE_OK);
	CHECK_STR(claim(two, NULL, "jo").names, "late@care ");
	CHECK(claim(two, NULL, "jo").status == STORE_EMPTY);
	CHECK(claim(two, "never", "jo").status == STORE_EMPTY);
}

static void of_two_who_claim_at_once_one_wins(void)
{
	char conv[16];

	begin();
	for (int i = 0; i < 50; i++) {
		struct got a = {0}, b = {0};

		snprintf(conv, sizeof(conv), "c%d", i);
		enqueue(conv, "care", 0, 1700000000000 + i);
		store_claim(one, both, 2, i % 2 ? conv : NULL, "maria",
			    got_claim, &a, 0);
		store_claim(two, both, 2, i % 2 ? conv : NULL, "jo", got_claim,
			    &b, 0);
		UNTIL(a.times == 1 && b.times == 1);
		CHECK((a.status == STORE_OK) != (b.status == STORE_OK));
		CHECK(a.status == STORE_OK || a.status == STORE_TAKEN ||
		      a.status == STORE_EMPTY);
	}
	CHECK_STR(redis("ZCARD t:queue:{care}:claimed"), "50");
	CHECK_STR(redis("ZCARD t:queue:{care}"), "0");
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	two = store_up("two", NULL);
	RUN(the_line_is_by_priority_then_by_age);
	RUN(a_claim_takes_the_first_of_all_queues);
	RUN(of_two_who_claim_at_once_one_wins);
	store_free(&one);
	store_free(&two);
	return world_end("store/queue");
}
