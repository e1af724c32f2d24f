/* Queues against a real Redis: the line and its order, one winner of a claim,
 * leases, what goes back and what goes away. */
#include "line.h"

static struct store *two;

static uint64_t reaped_seq; /* of the last one */

static const char *reaped(void)
{
	static struct got got;

	got = (struct got){0};
	store_reap(one, both, 2, got_reaped, &got, 0);
	UNTIL(got.times == 1);
	reaped_seq = got.last;
	return got.names;
}

static void let_leases_run_out(void)
{
	redis("EVAL %s 1 t:queue:{care}:claimed",
	      "for _, c in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
	      "redis.call('ZADD', KEYS[1], 1, c) end");
}

/* -- the line -------------------------------------------------------------- */

static void the_line_is_by_priority_then_by_age(void)
{
	struct got got = {0};

	begin();
	enqueue("late", "care", 0, 1700000000200);
	enqueue("early", "care", 0, 1700000000100);
	enqueue("urgent", "sales", 2, 1700000000300);
	CHECK_STR(line_of(both, 2), "urgent early late ");
	CHECK_STR(line_of(care, 1), "early late ");
	store_queue(one, both, 2, 2, got_items, &got, 0);
	UNTIL(got.times == 1);
	CHECK_STR(got.names, "urgent early ");
	CHECK(got.count == 2 && got.total == 3);
	CHECK_STR(got.fields, "reason=asked;reason=asked;");
}

static void enqueued_again_it_keeps_its_place(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "care", 0, 200);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_ENQUEUE,
					 .expect = 1,
					 .since_ms = 900,
					 .info = "new"}) == STORE_OK);
	CHECK_STR(line_of(care, 1), "a b ");
}

static void no_queues_are_an_empty_line(void)
{
	struct got got = {0}, taken = {0}, none = {0};

	CHECK_STR(line_of(NULL, 0), "");
	store_claim(one, NULL, 0, NULL, "maria", "x", got_claim, &taken, 0);
	store_reap(one, NULL, 0, got_reaped, &got, 0);
	store_renew(one, "maria", NULL, NULL, 0, got_name, &none, 0);
	UNTIL(got.times == 1 && taken.times == 1 && none.times == 1);
	CHECK(taken.status == STORE_EMPTY);
}

static void a_place_is_told_with_the_pace_of_claims(void)
{
	struct got got = {0};

	begin();
	for (int i = 0; i < 6; i++) {
		char conv[8];

		snprintf(conv, sizeof(conv), "p%d", i);
		enqueue(conv, "care", 0, 100 + i);
	}
	store_place(one, "care", "p2", got_place, &got, 0);
	UNTIL(got.times == 1);
	CHECK(got.status == STORE_OK && got.position == 3 && got.pace_ms == 0);
	claim(one, NULL, "maria");
	store_place(one, "care", "p2", got_place, &got, 0);
	UNTIL(got.times == 2);
	CHECK(got.position == 2);
	redis("DEL t:queue:{care}:pace");
	redis("RPUSH t:queue:{care}:pace 100000 90000 60000 59000");
	store_place(one, "care", "p0", got_place, &got, 0);
	UNTIL(got.times == 3);
	CHECK(got.status == STORE_EMPTY && got.pace_ms == 10000);
}

/* -- claims ---------------------------------------------------------------- */

static void a_claim_takes_the_first_of_all_queues(void)
{
	begin();
	enqueue("late", "care", 0, 1700000000200);
	enqueue("early", "care", 0, 1700000000100);
	enqueue("urgent", "sales", 2, 1700000000300);
	CHECK_STR(claim(one, NULL, "maria").names, "urgent@sales ");
	CHECK_STR(claim(one, NULL, "maria").names, "early@care ");
	CHECK_STR(claims("maria"), "urgent@maria early@maria ");
	CHECK_STR(claims("jo"), "");
	CHECK(claim(two, "early", "jo").status == STORE_TAKEN);
	CHECK(claim(two, "early", "maria").status == STORE_OK);
	CHECK_STR(claim(two, NULL, "jo").names, "late@care ");
	CHECK_STR(claims(NULL), "urgent@maria early@maria late@jo ");
	CHECK(claim(two, NULL, "jo").status == STORE_EMPTY);
	CHECK(claim(two, "never", "jo").status == STORE_EMPTY);
}

static void of_two_who_claim_at_once_one_wins(void)
{
	char conv[16];

	begin();
	for (int i = 0; i < 100; i++) {
		struct got a = {0}, b = {0};

		snprintf(conv, sizeof(conv), "c%d", i);
		enqueue(conv, "care", 0, 1700000000000 + i);
		store_claim(one, both, 2, i % 2 ? conv : NULL, "maria", conv,
			    got_claim, &a, 0);
		store_claim(two, both, 2, i % 2 ? conv : NULL, "jo", conv,
			    got_claim, &b, 0);
		UNTIL(a.times == 1 && b.times == 1);
		CHECK((a.status == STORE_OK) != (b.status == STORE_OK));
	}
	CHECK_STR(redis("ZCARD t:queue:{care}:claimed"), "100");
	CHECK_STR(redis("ZCARD t:queue:{care}"), "0");
}

/* Claimed, and the log agrees. */
static void take(const char *conv, const char *queue, const char *agent,
		 uint64_t expect)
{
	CHECK(claim(one, conv, agent).status == STORE_OK);
	assign(conv, queue, agent, expect);
	settle_down(one);
}

static void a_live_agent_keeps_what_is_theirs(void)
{
	const char *const convs[] = {"a", "b", "c"};
	const char *const queues[] = {"care", "sales", "care"};
	struct got got = {0};

	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "sales", 0, 200);
	enqueue("c", "care", 0, 300);
	take("a", "care", "maria", 1);
	take("b", "sales", "maria", 1);
	take("c", "care", "jo", 1);
	let_leases_run_out();
	store_renew(one, "maria", convs, queues, 3, got_name, &got, 0);
	UNTIL(got.times == 1);
	CHECK_STR(got.names, "c ");
	CHECK_STR(reaped(), "c@jo ");
	CHECK_STR(claims(NULL), "a@maria b@maria ");
}

static void a_claim_of_the_next_that_comes_again_gets_the_same(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "sales", 1, 200);
	enqueue("c", "care", 0, 300);
	CHECK_STR(claim_as(one, NULL, "maria", "m1").names, "b@sales ");
	CHECK_STR(claim_as(two, NULL, "maria", "m1").names, "b@sales ");
	CHECK_STR(claim_as(one, NULL, "jo", "m1").names, "a@care ");
	CHECK_STR(claims(NULL), "b@maria a@jo ");
	CHECK_STR(claim_as(two, NULL, "maria", "m2").names, "c@care ");
	/* Nobody else waits: that does not matter to who has it. */
	CHECK_STR(claim_as(two, NULL, "maria", "m1").names, "b@sales ");
	CHECK(strtoll(redis("PTTL t:queue:{sales}:claim:maria:m1"), NULL, 10) >
	      100000);
}

static void a_claim_whose_chat_is_over_takes_another_when_it_comes_again(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "sales", 0, 200);
	CHECK_STR(claim_as(one, NULL, "maria", "m1").names, "a@care ");
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "closed",
					 .queue = "care",
					 .op = QUEUE_RESOLVE,
					 .expect = 1}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claim_as(two, NULL, "maria", "m1").names, "b@sales ");
}

static void a_claim_that_has_lost_its_chat_does_not_take_it_again(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	CHECK(claim_as(one, "a", "maria", "m1").status == STORE_OK);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	/* Its log never knew of it. */
	CHECK(claim_as(two, "a", "maria", "m1").status == STORE_OK);
	assign("a", "care", "maria", 1);
	settle_down(one);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK(claim_as(two, "a", "maria", "m1").status == STORE_FENCED);
	CHECK(claim_as(two, NULL, "maria", "m1").status == STORE_FENCED);
	CHECK_STR(line_of(care, 1), "a ");
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_ENQUEUE,
					 .expect = 2}) == STORE_OK);
	CHECK(claim_as(two, "a", "maria", "m1").status == STORE_FENCED);
	CHECK(claim_as(two, "a", "jo", "m1").status == STORE_OK);
	CHECK(claim_as(two, "a", "maria", "m1").status == STORE_TAKEN);
}

static int64_t lease_ms(const char *conv)
{
	int64_t end = strtoll(redis("ZSCORE t:queue:{care}:claimed %s", conv),
			      NULL, 10);

	return end - loop_wall_ms();
}

/* Whoever claims and then dies, or is refused by the log, holds it no longer
 * than that, even where somebody goes on renewing. */
static void a_claim_lasts_only_once_the_log_agrees(void)
{
	static const char *const convs[] = {"a"};
	struct got got = {0};

	begin();
	enqueue("a", "care", 0, 100);
	claim(one, "a", "maria");
	CHECK(lease_ms("a") > 8000 && lease_ms("a") <= 10000);
	redis("ZADD t:queue:{care}:claimed 1 a");
	claim(one, "a", "maria");
	store_renew(one, "maria", convs, care, 1, got_name, &got, 0);
	UNTIL(got.times == 1);
	CHECK_STR(got.names, "");
	CHECK_STR(redis("ZSCORE t:queue:{care}:claimed a"), "1");
	assign("a", "care", "maria", 1);
	settle_down(one);
	CHECK(lease_ms("a") > 28000 && lease_ms("a") <= 30000);
	let_leases_run_out();
	store_renew(one, "maria", convs, care, 1, got_name, &got, 0);
	UNTIL(got.times == 2);
	CHECK(lease_ms("a") > 28000);
}

static void a_claim_that_the_log_refuses_ends_by_itself(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	take("a", "care", "maria", 1);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	claim(two, "a", "jo");
	CHECK(turned(two, &(struct turn){.conv = "a",
					 .state = "assigned",
					 .queue = "care",
					 .agent = "jo",
					 .op = QUEUE_CLAIMED,
					 .expect = 1}) == STORE_MOVED);
	settle_down(two);
	settle_down(two);
	/* The log says maria: hers, until her lease runs out. */
	CHECK_STR(claims(NULL), "a@maria ");
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK_STR(line_of(care, 1), "a ");
}

static void what_nobody_renews_goes_back_to_its_old_place(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "care", 0, 200);
	CHECK_STR(claim(one, NULL, "maria").names, "a@care ");
	CHECK_STR(reaped(), "");
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK_STR(line_of(care, 1), "a b ");
	CHECK_STR(claims(NULL), "");
	CHECK_STR(reaped(), "");
}

/* Whoever was told may have died before it was in the log. */
static void a_reaped_one_is_told_again_until_its_log_says_so(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	claim(one, NULL, "maria");
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	redis("ZADD t:queue:{care}:reaped 1 a");
	CHECK_STR(reaped(), "a@maria ");
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_BACK,
					 .expect = 1}) == STORE_OK);
	CHECK_STR(redis("ZCARD t:queue:{care}:reaped"), "0");
	CHECK_STR(line_of(care, 1), "a ");
	redis("ZADD t:queue:{care}:reaped 1 a");
	for (int i = 0; i < 10; i++) {
		reaped();
		redis("ZADD t:queue:{care}:reaped XX 1 a");
	}
	CHECK_STR(redis("ZCARD t:queue:{care}:reaped"), "0");
}

/* So that whoever hears late can tell the claim that was lost from a newer
 * one, also of the same agent. */
static void a_reaped_one_is_told_with_the_logs_seq_that_it_was_held_by(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	claim(one, "a", "maria");
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK(reaped_seq == 1); /* before any assignment */
	take("a", "care", "maria", 1);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK(reaped_seq == 2);
	redis("ZADD t:queue:{care}:reaped 1 a");
	CHECK_STR(reaped(), "a@maria ");
	CHECK(reaped_seq == 2);
	/* Claimed anew, and once more by who has it. */
	claim(one, "a", "maria");
	assign("a", "care", "maria", 2);
	assign("a", "care", "maria", 3);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	CHECK(reaped_seq == 4);
}

/* By an operator's mistake, or a Redis that came back with half of it. */
static void what_a_queue_has_lost_is_found_again_by_the_logs(void)
{
	begin();
	for (int i = 0; i < 6; i++) {
		enqueue("a", "care", 1, 300);
		enqueue("b", "care", 0, 100);
		enqueue("c", "care", 0, 200);
		take("b", "care", "maria", 1);
		redis("HSET t:conv:{a} priority 1 since_ms 300");
		redis("HSET t:conv:{b} since_ms 100");
		redis("HSET t:conv:{c} since_ms 200");
		redis(i == 0   ? "DEL t:queue:{care}:claimed"
		      : i == 1 ? "DEL t:queue:{care}"
		      : i == 2 ? "DEL t:queue:{care}:info"
		      : i == 3 ? "DEL t:queue:{care} t:queue:{care}:claimed"
		      : i == 4 ? "ZADD t:queue:{care} 5 b"
			       : "ZADD t:queue:{care}:claimed 5 c");
		reaped();
		settle_down(one);
		settle_down(one);
		CHECK_STR(line_of(care, 1), "a c ");
		CHECK_STR(claims(NULL), "b@maria ");
		CHECK(lease_ms("b") > 28000 && lease_ms("b") <= 30000);
		CHECK_STR(redis("HLEN t:queue:{care}:info"), "3");
		let_leases_run_out();
		CHECK_STR(reaped(), "b@maria ");
		CHECK_STR(line_of(care, 1), "a b c ");
		begin();
	}
}

/* -- with the log ---------------------------------------------------------- */

static void released_it_is_back_at_its_old_place(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "care", 0, 200);
	take("a", "care", "maria", 1);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_BACK,
					 .expect = 2}) == STORE_OK);
	settle_down(one);
	CHECK_STR(line_of(care, 1), "a b ");
	CHECK_STR(claims(NULL), "");
}

/* The lease ran out and another agent was faster than the release. */
static void a_late_release_takes_it_from_nobody_else(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	take("a", "care", "maria", 1);
	let_leases_run_out();
	CHECK_STR(reaped(), "a@maria ");
	claim(two, "a", "jo");
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "care",
					 .op = QUEUE_BACK,
					 .expect = 2}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claims(NULL), "a@jo ");
	CHECK_STR(line_of(care, 1), "");
}

static void resolved_it_is_nowhere(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	enqueue("b", "care", 0, 200);
	claim(one, "a", "maria");
	for (int i = 0; i < 2; i++)
		CHECK(turned(one, &(struct turn){.conv = i ? "b" : "a",
						 .state = "closed",
						 .queue = "care",
						 .op = QUEUE_RESOLVE,
						 .expect = 1}) == STORE_OK);
	settle_down(one);
	CHECK_STR(line_of(care, 1), "");
	CHECK_STR(claims(NULL), "");
	CHECK_STR(redis("HLEN t:queue:{care}:info"), "0");
	CHECK_STR(redis("ZSCORE t:due:{0} a"), "");
}

static void a_transfer_moves_it_to_the_other_line(void)
{
	begin();
	enqueue("a", "care", 1, 100);
	take("a", "care", "maria", 1);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "sales",
					 .queue_from = "care",
					 .op = QUEUE_MOVE,
					 .expect = 2,
					 .since_ms = 100}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claims(NULL), "");
	CHECK_STR(line_of(care, 1), "");
	CHECK_STR(line_of(both, 2), "a ");
	/* To the line that it came from: as a release. */
	take("a", "sales", "maria", 3);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "queued",
					 .queue = "sales",
					 .queue_from = "sales",
					 .op = QUEUE_MOVE,
					 .expect = 4}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claims(NULL), "");
	CHECK_STR(line_of(both, 2), "a ");
}

static void a_transfer_to_an_agent_makes_it_theirs(void)
{
	begin();
	enqueue("a", "care", 0, 100);
	take("a", "care", "maria", 1);
	CHECK(turned(one, &(struct turn){.conv = "a",
					 .state = "assigned",
					 .queue = "care",
					 .agent = "jo",
					 .op = QUEUE_CLAIM_FOR,
					 .expect = 2}) == STORE_OK);
	settle_down(one);
	CHECK_STR(claims(NULL), "a@jo ");
}

/* Who has lost a chat cannot take it from its new owner either. */
static void a_refused_unit_changes_nothing_in_others_hands(void)
{
	static const struct {
		enum store_queue_op op;
		const char *state, *queue, *queue_from, *agent;
	} late[] = {
		{QUEUE_RESOLVE, "closed", "care", NULL, ""},
		{QUEUE_BACK, "queued", "care", NULL, ""},
		{QUEUE_MOVE, "queued", "sales", "care", ""},
		{QUEUE_CLAIM_FOR, "assigned", "care", NULL, "maria"},
		{QUEUE_ENQUEUE, "queued", "care", NULL, ""},
	};

	begin();
	enqueue("a", "care", 0, 100);
	take("a", "care", "jo", 1);
	for (size_t i = 0; i < ARRAY_LEN(late); i++) {
		CHECK(turned(one,
			     &(struct turn){.conv = "a",
					    .state = late[i].state,
					    .queue = late[i].queue,
					    .queue_from = late[i].queue_from,
					    .agent = late[i].agent,
					    .op = late[i].op,
					    .expect = 1}) == STORE_MOVED);
		settle_down(one);
		CHECK_STR(claims(NULL), "a@jo ");
		CHECK_STR(line_of(both, 2), "");
	}
}

static void rubbish_in_a_queue_ends_nothing(void)
{
	begin();
	redis("ZADD t:queue:{care} 5 odd");
	redis("HSET t:queue:{care}:info odd {nonsense");
	redis("ZADD t:queue:{care} 6 list");
	redis("HSET t:queue:{care}:info list [1,2]");
	redis("ZADD t:queue:{care} 7 null");
	redis("HSET t:queue:{care}:info null %s",
	      "{\"info\":null,\"agent\":null,\"score\":null}");
	CHECK_STR(line_of(care, 1), "odd list null ");
	CHECK_STR(claim(one, NULL, "maria").names, "odd@care ");
	CHECK_STR(claim(one, "null", "maria").names, "null@care ");
	let_leases_run_out();
	reaped();
	CHECK_STR(line_of(care, 1), "odd list null ");
	redis("DEL t:queue:{care}");
	redis("SET t:queue:{care} text");
	CHECK(claim(one, NULL, "maria").status == STORE_REFUSED);
	redis("DEL t:queue:{care}");
	CHECK(claim(one, NULL, "maria").status == STORE_EMPTY);
}

int main(void)
{
	world_begin();
	one = store_up("one", NULL);
	two = store_up("two", NULL);
	RUN(the_line_is_by_priority_then_by_age);
	RUN(enqueued_again_it_keeps_its_place);
	RUN(no_queues_are_an_empty_line);
	RUN(a_place_is_told_with_the_pace_of_claims);
	RUN(a_claim_takes_the_first_of_all_queues);
	RUN(of_two_who_claim_at_once_one_wins);
	RUN(a_live_agent_keeps_what_is_theirs);
	RUN(a_claim_of_the_next_that_comes_again_gets_the_same);
	RUN(a_claim_whose_chat_is_over_takes_another_when_it_comes_again);
	RUN(a_claim_that_has_lost_its_chat_does_not_take_it_again);
	RUN(a_claim_lasts_only_once_the_log_agrees);
	RUN(a_claim_that_the_log_refuses_ends_by_itself);
	RUN(what_nobody_renews_goes_back_to_its_old_place);
	RUN(a_reaped_one_is_told_again_until_its_log_says_so);
	RUN(a_reaped_one_is_told_with_the_logs_seq_that_it_was_held_by);
	RUN(what_a_queue_has_lost_is_found_again_by_the_logs);
	RUN(released_it_is_back_at_its_old_place);
	RUN(a_late_release_takes_it_from_nobody_else);
	RUN(resolved_it_is_nowhere);
	RUN(a_transfer_moves_it_to_the_other_line);
	RUN(a_transfer_to_an_agent_makes_it_theirs);
	RUN(a_refused_unit_changes_nothing_in_others_hands);
	RUN(rubbish_in_a_queue_ends_nothing);
	store_free(&one);
	store_free(&two);
	return world_end("store/queue");
}
