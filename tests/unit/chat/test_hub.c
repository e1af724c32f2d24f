/* The hub, one thing at a time: a model store that answers when told to, and
 * ports that write down what each reader gets as a line of words. */
#include "chat/hub.h"
#include "check.h"
#include "model.h"

static struct model model;
static struct catalog *catalog;
static struct hub *hub;
static struct buf seen; /* "7:event 3 m1" …, joined by "; " */
static unsigned done_count, forgot_count, changed_count, erased_count,
	repair_count;
static int64_t set_due_ms;
static bool due_stood; /* of the last unit */
static int64_t now_ms = INT64_C(1700000000000);

/* -- ports ------------------------------------------------------------- */

static void note(uint64_t reader, const char *what)
{
	if (seen.len > 0)
		buf_add_s(&seen, "; ");
	buf_add_u64(&seen, reader);
	buf_add_c(&seen, ':');
	buf_add_s(&seen, what);
}

static void load(void *arg, const char *conv, uint64_t since, bool watch,
		 uint64_t tag)
{
	model_port_load(arg, conv, since, watch, tag);
}

static bool append(void *arg, const struct hub_unit *unit, uint64_t tag)
{
	CHECK(unit->before->seq == unit->expect);
	due_stood = unit->due_stands;
	return model_port_append(arg, unit, tag);
}

static void forget(void *arg, const char *conv)
{
	forgot_count++;
	model_port_forget(arg, conv);
}

static void set_due(void *arg, const char *conv, int64_t due_ms)
{
	(void)arg;
	(void)conv;
	set_due_ms = due_ms;
}

static char repaired[32];

static void repair(void *arg, const struct conv *conv, struct str queue)
{
	(void)arg;
	(void)conv;
	str_copy(repaired, sizeof(repaired), queue);
	repair_count++;
}

static void joined(void *arg, uint64_t reader, const struct conv *conv,
		   const struct event *events, size_t n, bool more,
		   bool degraded)
{
	(void)arg;
	CHECK(n == 0 || events[n - 1].seq <= conv->seq);
	note(reader, "joined ");
	buf_add_s(&seen, conv_state_names[conv->state]);
	buf_add_c(&seen, ' ');
	buf_add_u64(&seen, conv->seq);
	buf_add_s(&seen, " events ");
	buf_add_u64(&seen, n);
	buf_add_s(&seen, more ? " more" : "");
	buf_add_s(&seen, degraded ? " degraded" : "");
}

static void on_event(void *arg, uint64_t reader, const struct conv *conv,
		     const struct event *e)
{
	(void)arg;
	(void)conv;
	note(reader, "event ");
	buf_add_u64(&seen, e->seq);
	buf_add_c(&seen, ' ');
	buf_add_str(&seen, e->id);
}

static void show(void *arg, uint64_t reader, const struct conv *conv,
		 const struct event *e)
{
	(void)arg;
	(void)conv;
	CHECK(e->seq == 0);
	note(reader, "show ");
	buf_add_str(&seen, e->id);
}

static void stored(void *arg, uint64_t reader, const struct conv *conv,
		   struct str id, uint64_t seq)
{
	(void)arg;
	(void)conv;
	note(reader, "stored ");
	buf_add_u64(&seen, seq);
	buf_add_c(&seen, ' ');
	buf_add_str(&seen, id);
}

static void refused(void *arg, uint64_t reader, const char *conv, struct str id,
		    enum conv_refusal why)
{
	static const char *const names[] = {
		"",        "closed",    "not_yours", "taken", "not_now",
		"bad_ask", "bad_score", "id_reused", "gone",  "busy"};

	(void)arg;
	(void)conv;
	note(reader, "refused ");
	buf_add_str(&seen, id);
	buf_add_c(&seen, ' ');
	buf_add_s(&seen, names[why]);
}

static void reset(void *arg, uint64_t reader, const struct conv *conv)
{
	(void)arg;
	note(reader, "reset ");
	buf_add_u64(&seen, conv->seq);
}

static void changed(void *arg, const struct conv *conv)
{
	(void)arg;
	(void)conv;
	changed_count++;
}

static void done(void *arg, const struct conv *conv, enum conv_input_type type,
		 const char *counted, bool unanswered, struct str text)
{
	(void)arg;
	(void)conv;
	(void)type;
	(void)counted;
	(void)unanswered;
	(void)text;
	done_count++;
}

static void erased(void *arg, const char *conv)
{
	(void)arg;
	(void)conv;
	erased_count++;
}

/* -- acting ------------------------------------------------------------ */

static void start(void)
{
	struct hub_ports ports = {
		&model.sides[0], load,     append, forget, set_due, repair,
		joined,          on_event, show,   stored, refused, reset,
		changed,         done,     NULL,   erased,
	};

	model_init(&model);
	buf_init(&seen);
	done_count = forgot_count = changed_count = repair_count = 0;
	erased_count = 0;
	set_due_ms = -1;
	hub = hub_new(&ports, &test_policy);
	hub_set_catalog(hub, catalog);
}

static void stop(void)
{
	hub_free(&hub);
	model_fini(&model);
	buf_fini(&seen);
}

static void settle(void)
{
	model_settle(&model, 0, hub);
}

static void feed(uint64_t reader, struct conv_input in)
{
	in.at_ms = now_ms;
	in.shop_open = true;
	hub_feed(hub, "c1", reader, &in);
}

static void say(uint64_t reader, const char *id, const char *text)
{
	feed(reader, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					 .id = str_of(id),
					 .text = str_of(text)});
}

static void deed(uint64_t reader, enum conv_input_type type, const char *id,
		 const char *agent)
{
	feed(reader, (struct conv_input){.type = type,
					 .id = str_of(id),
					 .agent = str_of(agent),
					 .text = STR("hi"),
					 .queue = STR("general")});
}

static void join(uint64_t reader, uint64_t since, bool fresh)
{
	hub_join(hub, "c1", reader,
		 reader < 100 ? READER_SHOPPER : READER_AGENT, since, fresh);
}

/* What was seen since the last look. */
static const char *look(void)
{
	static char line[4096];

	snprintf(line, sizeof(line), "%s", seen.data == NULL ? "" : seen.data);
	buf_clear(&seen);
	return line;
}

/* Another daemon's deed, stepped on the log as it is. */
static void elsewhere(struct conv_input in)
{
	struct model_log *log = model_log(&model, "c1");
	static struct conv after;
	struct conv_actions *out = xcalloc(1, sizeof(*out));
	struct matcher *matcher = matcher_new();
	struct conv conv;

	conv_init(&conv, "c1");
	for (size_t i = 0; i < log->count; i++)
		conv_apply(&conv, &log->events[i]);
	in.at_ms = now_ms;
	in.shop_open = true;
	out->arena = &model.arena;
	out->after = &after;
	conv_step(&conv, catalog, matcher, &test_policy, &in, out);
	CHECK(out->refusal == REFUSE_NOT && out->event_count > 0);
	for (size_t i = 0; i < out->event_count; i++)
		model_put(&model, log, &out->events[i]);
	if (out->raise_fence)
		log->fence = out->fence;
	matcher_free(&matcher);
	free(out);
}

static void elsewhere_claimed(const char *agent)
{
	elsewhere((struct conv_input){.type = INPUT_AGENT_CLAIMED,
				      .id = STR("c9"),
				      .agent = str_of(agent),
				      .queue = STR("general")});
}

static void elsewhere_wants_person(void)
{
	elsewhere((struct conv_input){
		.type = INPUT_SHOPPER_SAID, .id = STR("w1"), .human = true});
}

/* -- the plain way ----------------------------------------------------- */

static void a_fresh_conversation_needs_no_reading(void)
{
	join(1, 0, true);
	CHECK_STR(look(), "1:joined bot 0 events 0");
	CHECK(model.sides[0].tail == 0);
}

static void the_answer_is_shown_before_it_is_stored(void)
{
	join(1, 0, true);
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:show m1.a");
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
	CHECK(done_count == 1);
	CHECK(model_log(&model, "c1")->count == 2);
}

static void another_tab_gets_the_message_as_an_event(void)
{
	join(1, 0, true);
	join(2, 0, true);
	join(100, 0, true);
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:show m1.a");
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 2:event 1 m1; 100:event 1 m1; "
			  "1:stored 2 m1.a; 2:event 2 m1.a; "
			  "100:event 2 m1.a");
}

static void what_comes_before_the_log_is_read_waits(void)
{
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("hello")});
	join(1, 0, false);
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "");
	settle();
	CHECK_STR(look(), "1:joined bot 2 events 2; 1:show m2.a; "
			  "1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_second_message_is_answered_while_the_first_is_on_its_way(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a");
	CHECK(model.sides[0].tail == 1); /* one at a time */
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a");
	CHECK(str_is(model_log(&model, "c1")->events[3].outcome, "repeat"));
}

static void a_repeat_gets_its_first_seq(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	settle();
	look();
	say(1, "m1", "payment methods");
	CHECK_STR(look(), "1:stored 1 m1");
	CHECK(done_count == 1);
	say(1, "m1", "delivery options");
	CHECK_STR(look(), "1:refused m1 id_reused");
	CHECK(model_log(&model, "c1")->count == 2);
}

static void a_repeat_of_what_is_under_way_goes_to_the_new_reader(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	join(2, 0, false);
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "2:joined bot 0 events 0");
	say(2, "m1", "payment methods");
	CHECK_STR(look(), "2:show m1.a");
	settle();
	CHECK_STR(look(), "2:stored 1 m1; 2:stored 2 m1.a");
	say(2, "m1", "other words");
	CHECK_STR(look(), "2:refused m1 id_reused");
}

static void who_left_is_told_nothing(void)
{
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	look();
	settle();
	CHECK_STR(look(), "2:event 1 m1; 2:event 2 m1.a");
}

static void an_old_log_comes_in_pieces_without_a_gap(void)
{
	for (int i = 0; i < 130; i++)
		elsewhere((struct conv_input){
			.type = INPUT_AGENT_NOTE,
			.id = arena_str(
				&model.arena,
				(struct str){(char[]){'n', (char)('a' + i % 26),
						      (char)('a' + i / 26)},
					     3}),
			.agent = STR("maria"),
			.text = STR("x")});
	model.page = 30;
	join(1, 20, false);
	settle();
	CHECK(strncmp(look(), "1:joined bot 130 events 30 more; 1:event 51",
		      43) == 0);
	join(2, 130, false);
	CHECK_STR(look(), "2:joined bot 130 events 0");
	model.page = 500;
	join(3, 0, false);
	settle();
	CHECK(strncmp(look(), "3:joined bot 130 events 100 more; 3:event 101",
		      45) == 0);
}

static void the_room_is_given_up_when_nobody_needs_it(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	hub_leave(hub, "c1", 1);
	CHECK(hub_conv(hub, "c1") != NULL);
	CHECK(hub_is_pending(hub, "c1"));
	settle();
	CHECK(hub_conv(hub, "c1") == NULL);
	CHECK(forgot_count == 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
	CHECK(hub_stats(hub).pending == 0);
}

/* -- the log has moved ------------------------------------------------- */

static void when_the_log_has_moved_it_is_read_and_stepped_again(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("t2"),
				      .text = STR("delivery options")});
	look();
	say(1, "m2", "payment methods");
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:event 3 t2; 1:event 4 t2.a; "
			  "1:event 5 t2.q; 1:stored 6 m2; 1:stored 7 m2.a");
	CHECK(hub_stats(hub).resteps == 1);
}

static void the_bot_does_not_talk_over_an_agent(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	look();
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "1:show m2.a");
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
	CHECK(strstr(look(), "1:stored 8 m2; 1:stored 9 m2.a") != NULL);
	CHECK(changed_count == 1);
}

/* Out of the spool: it was answered before the daemon died, and now somebody
 * has the chat. */
static void what_an_earlier_life_has_shown_is_logged_as_late(void)
{
	struct event answer = {.type = EVENT_MESSAGE,
			       .sender = STR("b"),
			       .id = STR("m2.a"),
			       .reply_to = STR("m2"),
			       .text = STR("You can pay by card.")};

	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	look();
	hub_feed(hub, "c1", 0,
		 &(struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .at_ms = now_ms,
				      .id = STR("m2"),
				      .text = STR("payment methods"),
				      .shop_open = true,
				      .shown = &answer,
				      .shown_count = 1});
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(str_is(model_log(&model, "c1")->events[8].id, "m2.a"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

static void other_words_than_were_shown_are_sent_again(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("t2"),
				      .text = STR("payment methods")});
	look();
	say(1, "m2", "payment methods");
	settle(); /* it has become a repeat */
	CHECK_STR(look(), "1:show m2.a; 1:event 3 t2; 1:event 4 t2.a; "
			  "1:show m2.a; 1:stored 5 m2; 1:stored 6 m2.a");
	CHECK(str_is(model_log(&model, "c1")->events[5].outcome, "repeat"));
}

static void the_bell_makes_it_read(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	look();
	elsewhere_wants_person();
	hub_bell(hub, "c1", 5);
	hub_bell(hub, "c1", 5);
	settle();
	CHECK_STR(look(), "1:event 3 w1; 1:event 4 w1.a; 1:event 5 w1.s");
	CHECK(changed_count == 1);
	hub_bell(hub, "c1", 4);
	hub_bell(hub, "other", 4);
	CHECK(model.sides[0].head == model.sides[0].tail);
}

static void what_the_bell_tells_of_is_read_before_anything_is_answered(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	hub_bell(hub, "c1", 7);
	look();
	say(1, "m2", "payment methods");
	CHECK_STR(look(), "");
	settle();
	CHECK(strstr(look(), "show") == NULL);
	CHECK(model_log(&model, "c1")->count == 8);
}

static void who_joins_a_room_without_readers_gets_the_bell_first(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	model_execute(&model, 0); /* read, without a watch */
	model_answer(&model, 0, hub);
	CHECK(!model_log(&model, "c1")->watched[0]);
	join(1, 3, false);
	CHECK_STR(look(), "");
	settle();
	CHECK(model_log(&model, "c1")->watched[0]);
	CHECK_STR(look(), "200:stored 4 x1; 1:joined assigned 5 events 2");
}

static void a_bell_for_more_than_there_is_does_not_spin(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	hub_bell(hub, "c1", 99);
	settle();
	CHECK(model.sides[0].tail < 5);
}

static void a_lost_bell_costs_one_poll(void)
{
	join(1, 0, true);
	feed(1, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m1"),
				    .human = true});
	settle();
	look();
	elsewhere_claimed("maria");
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:event 4 c9; 1:event 5 joined.5");
}

static void the_same_message_brought_by_another_daemon_is_stored_once(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("payment methods")});
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a");
	CHECK(model_log(&model, "c1")->count == 2);
	CHECK(done_count == 0);
}

static void an_append_done_twice_is_settled_once(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	say(1, "m2", "delivery options");
	model_execute(&model, 0);
	model_repeat_last(&model, 0);
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:event 5 m2.q");
}

static void two_who_send_the_same_are_both_told(void)
{
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	say(2, "m1", "payment methods");
	say(1, "m2", "delivery options");
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 2:joined bot 0 events 0; "
			  "1:show m1.a; 2:show m1.a; 1:show m2.a; "
			  "1:stored 1 m1; 2:stored 1 m1; "
			  "1:event 2 m1.a; 2:stored 2 m1.a; "
			  "1:stored 3 m2; 2:event 3 m2; "
			  "1:stored 4 m2.a; 2:event 4 m2.a; "
			  "1:event 5 m2.q; 2:event 5 m2.q");
}

static void who_sent_the_same_and_left_is_not_told(void)
{
	join(1, 0, true);
	join(2, 0, true);
	join(3, 0, true);
	say(1, "m1", "hello");
	say(2, "m1", "hello");
	say(3, "m1", "hello");
	say(1, "m1", "hello");
	hub_leave(hub, "c1", 2);
	look();
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 3:stored 1 m1; "
			  "1:stored 2 m1.a; 3:event 2 m1.a");
}

static void two_who_ask_the_same_are_both_refused(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	deed(201, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "201:refused x1 taken; 200:refused x1 taken");
}

static void a_very_old_repeat_is_answered_by_the_store(void)
{
	join(1, 0, true);
	for (int i = 0; i < 40; i++) {
		char id[16];

		snprintf(id, sizeof(id), "m%d", i);
		say(1, id, "hello");
	}
	settle();
	look();
	say(1, "m0", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 1 m0") != NULL);
	say(1, "m1", "goodbye");
	settle();
	CHECK(strstr(look(), "1:refused m1 id_reused") != NULL);
	CHECK(model_log(&model, "c1")->count == 80);
}

static void an_id_taken_by_somebody_else_is_refused(void)
{
	join(1, 0, true);
	say(1, "m1", "payment methods");
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("other words")});
	settle();
	CHECK(strstr(look(), "1:refused m1 id_reused") != NULL);
}

/* -- agents ------------------------------------------------------------ */

static void an_agent_need_not_read_to_be_told(void)
{
	elsewhere_wants_person();
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:stored 4 x1");
	deed(200, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK_STR(look(), "200:stored 6 x2");
	CHECK(hub_stats(hub).rooms == 0);
}

static void ones_own_claim_again_is_answered(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:stored 5 x1");
	CHECK(repair_count == 0);
}

static void a_claim_that_the_log_does_not_allow_repairs_the_queue(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	deed(200, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "200:refused x1 taken");
	CHECK(repair_count == 1);
}

/* The log says "general". */
static void the_queue_that_gave_it_away_is_repaired(void)
{
	elsewhere_wants_person();
	elsewhere_claimed("paul");
	feed(200, (struct conv_input){.type = INPUT_AGENT_CLAIMED,
				      .id = STR("x1"),
				      .agent = STR("maria"),
				      .queue = STR("sales")});
	settle();
	CHECK_STR(look(), "200:refused x1 taken");
	CHECK_STR(repaired, "sales");
}

static void an_agent_sees_what_they_did_to_the_state(void)
{
	elsewhere_wants_person();
	join(100, 3, false);
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	CHECK_STR(look(), "100:joined queued 3 events 0; 100:event 4 x1; "
			  "100:stored 4 x1; 100:event 5 joined.5");
}

static void nobody_is_refused_by_an_old_state(void)
{
	join(100, 0, true);
	feed(0, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m1"),
				    .human = true});
	settle();
	look();
	elsewhere_claimed("maria");
	deed(100, INPUT_AGENT_SAID, "x1", "maria"); /* before the bell */
	settle();
	CHECK_STR(look(), "100:event 4 c9; 100:event 5 joined.5; "
			  "100:stored 6 x1");
}

static void a_late_write_of_an_old_owner_is_refused(void)
{
	join(100, 0, true);
	feed(0, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m1"),
				    .human = true});
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	elsewhere((struct conv_input){.type = INPUT_LEASE_LOST});
	elsewhere_claimed("paul");
	look();
	deed(100, INPUT_AGENT_SAID, "x2", "maria");
	settle();
	CHECK(strstr(look(), "100:refused x2 not_yours") != NULL);
	CHECK(str_is(model_log(&model, "c1")->events[8].id, "joined.9"));
	CHECK(model_log(&model, "c1")->count == 9);
}

static void what_was_written_under_an_old_claim_is_refused(void)
{
	join(100, 0, true);
	feed(0, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m1"),
				    .human = true});
	deed(100, INPUT_AGENT_CLAIMED, "x1", "maria");
	settle();
	deed(100, INPUT_AGENT_SAID, "x2", "maria");
	elsewhere((struct conv_input){.type = INPUT_LEASE_LOST});
	elsewhere_claimed("maria");
	look();
	settle();
	CHECK(strstr(look(), "100:refused x2 not_yours") != NULL);
	deed(100, INPUT_AGENT_SAID, "x3", "maria");
	settle();
	CHECK_STR(look(), "100:stored 10 x3");
}

static void a_closed_conversation_takes_no_message(void)
{
	join(1, 0, true);
	say(1, "m1", "goodbye");
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; "
			  "1:stored 1 m1; 1:stored 2 m1.a; "
			  "1:event 3 closed.3; 1:refused m2 closed");
}

/* -- timers ------------------------------------------------------------ */

static void a_timer_that_is_early_sets_the_time(void)
{
	elsewhere_wants_person();
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	settle();
	CHECK(set_due_ms == now_ms + 300000);
	CHECK(hub_stats(hub).rooms == 0);
}

/* The time that is set is early then; the timer finds that out. */
static void a_message_to_the_bot_does_not_set_the_time_anew(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	CHECK(!due_stood);
	now_ms += 1000;
	say(1, "m2", "where is my order");
	settle();
	CHECK(due_stood);
	now_ms += test_policy.bot_idle_ms; /* it is over */
	say(1, "m3", "hello");
	settle();
	CHECK(!due_stood);
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("x1"),
				      .text = STR("hello")});
	say(1, "m4", "hello"); /* somebody else may have set another */
	settle();
	CHECK(!due_stood);
	say(1, "m5", "hello");
	settle();
	CHECK(due_stood);
	feed(1, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m6"),
				    .human = true});
	settle();
	CHECK(!due_stood); /* in line it is to the letter */
}

static void a_timer_steps_where_nobody_reads(void)
{
	elsewhere_wants_person();
	now_ms += 300000;
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	feed(0, (struct conv_input){.type = INPUT_TIMER});
	settle();
	now_ms -= 300000;
	CHECK(model_log(&model, "c1")->count == 4);
	CHECK(str_is(model_log(&model, "c1")->events[3].outcome, "remind"));
	CHECK(done_count == 1);
	CHECK(hub_stats(hub).rooms == 0);
}

static void a_lost_lease_that_the_log_does_not_know_repairs_the_queue(void)
{
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("hello")});
	feed(0, (struct conv_input){.type = INPUT_LEASE_LOST});
	settle();
	CHECK(repair_count == 1);
	CHECK(model_log(&model, "c1")->count == 2);
}

/* -- the store is away ------------------------------------------------- */

static void what_is_held_here_is_answered_while_the_store_is_away(void)
{
	join(1, 0, true);
	model.away = true;
	hub_store_up(hub, false, false);
	say(1, "m1", "payment methods");
	say(1, "m2", "delivery options");
	CHECK_STR(look(), "1:joined bot 0 events 0; 1:show m1.a; 1:show m2.a");
	model.away = false;
	hub_store_up(hub, true, false);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:event 5 m2.q");
}

static void what_is_not_held_here_is_joined_degraded_and_reset(void)
{
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("hello")});
	model.away = true;
	join(1, 2, false);
	settle();
	CHECK_STR(look(), "1:joined bot 0 events 0 degraded");
	say(1, "m2", "payment methods");
	settle();
	CHECK_STR(look(), "");
	model.away = false;
	hub_store_up(hub, true, false);
	settle();
	CHECK_STR(look(), "1:reset 2; 1:event 1 m1; 1:event 2 m1.a; "
			  "1:show m2.a; 1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_poll_finds_a_store_that_came_back_unsaid(void)
{
	model.away = true;
	join(1, 0, false);
	settle();
	model.away = false;
	look();
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:reset 0");
}

static void logs_that_lost_their_tail_are_read_anew(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	settle();
	look();
	model_log(&model, "c1")->count = 2;
	hub_store_up(hub, true, true);
	settle();
	CHECK_STR(look(), "1:reset 2; 1:event 1 m1; 1:event 2 m1.a");
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:stored 3 m2; 1:stored 4 m2.a");
}

static void a_lost_tail_that_nobody_told_of_is_noticed(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	settle();
	look();
	model_log(&model, "c1")->count = 2;
	say(1, "m3", "payment methods");
	settle();
	CHECK_STR(look(), "1:show m3.a; 1:reset 2; 1:event 1 m1; "
			  "1:event 2 m1.a; 1:stored 3 m3; 1:stored 4 m3.a");
	CHECK(hub_stats(hub).reloads == 1);
}

static void a_log_shorter_than_what_was_read_is_read_anew(void)
{
	join(1, 0, true);
	feed(1, (struct conv_input){.type = INPUT_SHOPPER_SAID,
				    .id = STR("m1"),
				    .human = true});
	settle();
	look();
	model_log(&model, "c1")->count = 0;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:reset 0");
	CHECK(hub_conv(hub, "c1")->state == CONV_BOT);
	CHECK(changed_count == 2);
}

static void who_claims_to_know_more_than_there_is_is_reset(void)
{
	elsewhere((struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .id = STR("m1"),
				      .text = STR("hello")});
	join(1, 50, false);
	settle();
	CHECK_STR(look(), "1:joined bot 2 events 0 more; 1:reset 2; "
			  "1:event 1 m1; 1:event 2 m1.a");
}

static void an_erased_conversation_takes_nothing(void)
{
	model_log(&model, "c1")->erased = true;
	join(1, 0, false);
	say(1, "m1", "hello");
	settle();
	CHECK_STR(look(), "1:refused m1 gone; 1:refused  gone");
	CHECK(erased_count == 1);
	say(1, "m2", "hello");
	settle();
	CHECK_STR(look(), "1:refused m2 gone");
	hub_leave(hub, "c1", 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void who_reads_an_erased_conversation_is_told_by_its_bell(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	hub_join(hub, "c1", 7, READER_AGENT, 0, false);
	settle();
	look();
	model_log(&model, "c1")->erased = true;
	hub_bell(hub, "c1", 3);
	settle();
	CHECK_STR(look(), "1:refused  gone; 7:refused  gone");
	CHECK(erased_count == 1 && hub_conv(hub, "c1") == NULL);
	hub_leave(hub, "c1", 1);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void erased_while_a_unit_is_on_its_way(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	say(1, "m2", "hello");
	model_log(&model, "c1")->erased = true;
	look();
	settle();
	CHECK_STR(look(), "1:refused m1 gone; 1:refused m2 gone; "
			  "1:refused  gone");
}

/* -- bounds ------------------------------------------------------------ */

static void a_room_takes_so_many_inputs_and_no_more(void)
{
	char id[16];

	join(1, 0, true);
	for (int i = 0; i < HUB_ROOM_INPUTS; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		say(1, id, "hello");
	}
	look();
	say(1, "more", "hello");
	CHECK_STR(look(), "1:refused more busy");
	settle();
	CHECK(model_log(&model, "c1")->count == HUB_ROOM_INPUTS * 2);
	say(1, "more", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 129 more") != NULL);
}

static void what_the_store_does_not_take_is_offered_again(void)
{
	join(1, 0, true);
	model.full = true;
	say(1, "m1", "payment methods");
	look();
	say(1, "m2", "hello");
	CHECK_STR(look(), "1:refused m2 busy");
	model.full = false;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
	say(1, "m2", "hello");
	settle();
	CHECK(strstr(look(), "1:stored 3 m2") != NULL);
}

static void what_waits_to_be_sent_is_stepped_again_when_the_log_moves(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	model.full = true;
	say(1, "m2", "payment methods");
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	hub_bell(hub, "c1", 7);
	settle();
	model.full = false;
	hub_poll(hub);
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

static void what_redis_refuses_is_tried_again(void)
{
	join(1, 0, true);
	model.refuse = APPEND_REFUSED;
	say(1, "m1", "payment methods");
	look();
	settle();
	CHECK_STR(look(), "");
	model.refuse = APPEND_OK;
	hub_poll(hub);
	settle();
	CHECK_STR(look(), "1:stored 1 m1; 1:stored 2 m1.a");
}

static void what_redis_refuses_is_stepped_again_where_the_log_went_on(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	elsewhere_wants_person();
	elsewhere_claimed("maria");
	model.refuse = APPEND_REFUSED;
	say(1, "m2", "payment methods");
	join(2, 1, false);
	model_swap(&model, 0);
	settle();
	CHECK(hub_conv(hub, "c1")->state == CONV_ASSIGNED);
	model.refuse = APPEND_OK;
	hub_poll(hub);
	settle();
	CHECK(model_log(&model, "c1")->count == 9);
	CHECK(str_is(model_log(&model, "c1")->events[7].id, "m2"));
	CHECK(model_log(&model, "c1")->events[8].late);
}

static void a_unit_is_settled_by_what_is_read_before_its_answer(void)
{
	join(1, 0, true);
	say(1, "m1", "hello");
	settle();
	look();
	say(1, "m2", "payment methods");
	say(1, "m3", "delivery options");
	model_execute(&model, 0); /* done, and the answer is late */
	join(2, 1, false);
	model_swap(&model, 0);
	settle();
	CHECK_STR(look(), "1:show m2.a; 1:show m3.a; "
			  "2:joined bot 4 events 3; 1:stored 3 m2; "
			  "1:stored 4 m2.a; 1:stored 5 m3; 2:event 5 m3; "
			  "1:stored 6 m3.a; 2:event 6 m3.a; 1:event 7 m3.q; "
			  "2:event 7 m3.q");
	CHECK(done_count == 3);
}

static void a_store_at_odds_with_itself_does_not_spin(void)
{
	join(1, 0, true);
	model.refuse = APPEND_FENCED;
	say(1, "m1", "payment methods");
	settle();
	CHECK(strstr(look(), "1:refused m1 not_yours") != NULL);
	CHECK(model.sides[0].tail < 20);
}

/* -- calling back ------------------------------------------------------ */

static void (*in_stored)(void);

static void stored_calls_back(void *arg, uint64_t reader,
			      const struct conv *conv, struct str id,
			      uint64_t seq)
{
	void (*then)(void) = in_stored;

	in_stored = NULL;
	stored(arg, reader, conv, id, seq);
	if (then != NULL)
		then();
}

static void leave_and_come_back(void)
{
	hub_leave(hub, "c1", 1);
	hub_leave(hub, "c1", 2);
	say(3, "m2", "hello");
	join(3, 0, false);
	hub_leave(hub, "c1", 3);
}

static void ports_may_call_back(void)
{
	struct hub_ports ports = {
		&model.sides[0], load,   append,   forget, set_due,
		repair,          joined, on_event, show,   stored_calls_back,
		refused,         reset,  changed,  done,   NULL,
		erased,
	};

	hub_free(&hub);
	hub = hub_new(&ports, &test_policy);
	hub_set_catalog(hub, catalog);
	in_stored = leave_and_come_back;
	join(1, 0, true);
	join(2, 0, true);
	say(1, "m1", "payment methods");
	look();
	settle();
	CHECK_STR(look(), "1:stored 1 m1");
	CHECK(model_log(&model, "c1")->count == 4);
	CHECK(hub_stats(hub).rooms == 0 && hub_stats(hub).readers == 0);
}

static void count_reader(void *arg, uint64_t reader, enum reader_kind kind)
{
	(void)kind;
	*(unsigned *)arg += (unsigned)reader;
	hub_leave(hub, "c1", reader);
}

static void readers_may_leave_while_they_are_listed(void)
{
	unsigned sum = 0;

	join(1, 0, true);
	join(2, 0, true);
	join(100, 0, true);
	hub_each_reader(hub, "c1", count_reader, &sum);
	CHECK(sum == 103);
	CHECK(hub_stats(hub).rooms == 0);
}

static void without_rules_a_person_is_called(void)
{
	CHECK(hub_set_catalog(hub, NULL) == catalog);
	join(1, 0, true);
	say(1, "m1", "payment methods");
	settle();
	CHECK(hub_conv(hub, "c1")->state == CONV_QUEUED);
	CHECK(model_log(&model, "c1")->last_op == CONV_QUEUE_ENQUEUE);
}

#define TEST(name)                                                             \
	do {                                                                   \
		start();                                                       \
		RUN(name);                                                     \
		stop();                                                        \
	} while (0)

int main(void)
{
	catalog = rules_load();
	TEST(a_fresh_conversation_needs_no_reading);
	TEST(the_answer_is_shown_before_it_is_stored);
	TEST(another_tab_gets_the_message_as_an_event);
	TEST(what_comes_before_the_log_is_read_waits);
	TEST(a_second_message_is_answered_while_the_first_is_on_its_way);
	TEST(a_repeat_gets_its_first_seq);
	TEST(a_repeat_of_what_is_under_way_goes_to_the_new_reader);
	TEST(who_left_is_told_nothing);
	TEST(an_old_log_comes_in_pieces_without_a_gap);
	TEST(the_room_is_given_up_when_nobody_needs_it);
	TEST(when_the_log_has_moved_it_is_read_and_stepped_again);
	TEST(the_bot_does_not_talk_over_an_agent);
	TEST(what_an_earlier_life_has_shown_is_logged_as_late);
	TEST(other_words_than_were_shown_are_sent_again);
	TEST(the_bell_makes_it_read);
	TEST(what_the_bell_tells_of_is_read_before_anything_is_answered);
	TEST(who_joins_a_room_without_readers_gets_the_bell_first);
	TEST(a_bell_for_more_than_there_is_does_not_spin);
	TEST(a_lost_bell_costs_one_poll);
	TEST(the_same_message_brought_by_another_daemon_is_stored_once);
	TEST(an_append_done_twice_is_settled_once);
	TEST(two_who_send_the_same_are_both_told);
	TEST(who_sent_the_same_and_left_is_not_told);
	TEST(two_who_ask_the_same_are_both_refused);
	TEST(a_very_old_repeat_is_answered_by_the_store);
	TEST(an_id_taken_by_somebody_else_is_refused);
	TEST(an_agent_need_not_read_to_be_told);
	TEST(ones_own_claim_again_is_answered);
	TEST(a_claim_that_the_log_does_not_allow_repairs_the_queue);
	TEST(the_queue_that_gave_it_away_is_repaired);
	TEST(an_agent_sees_what_they_did_to_the_state);
	TEST(nobody_is_refused_by_an_old_state);
	TEST(a_late_write_of_an_old_owner_is_refused);
	TEST(what_was_written_under_an_old_claim_is_refused);
	TEST(a_closed_conversation_takes_no_message);
	TEST(a_timer_that_is_early_sets_the_time);
	TEST(a_message_to_the_bot_does_not_set_the_time_anew);
	TEST(a_timer_steps_where_nobody_reads);
	TEST(a_lost_lease_that_the_log_does_not_know_repairs_the_queue);
	TEST(what_is_held_here_is_answered_while_the_store_is_away);
	TEST(what_is_not_held_here_is_joined_degraded_and_reset);
	TEST(a_poll_finds_a_store_that_came_back_unsaid);
	TEST(logs_that_lost_their_tail_are_read_anew);
	TEST(a_lost_tail_that_nobody_told_of_is_noticed);
	TEST(a_log_shorter_than_what_was_read_is_read_anew);
	TEST(who_claims_to_know_more_than_there_is_is_reset);
	TEST(an_erased_conversation_takes_nothing);
	TEST(erased_while_a_unit_is_on_its_way);
	TEST(who_reads_an_erased_conversation_is_told_by_its_bell);
	TEST(a_room_takes_so_many_inputs_and_no_more);
	TEST(what_the_store_does_not_take_is_offered_again);
	TEST(what_waits_to_be_sent_is_stepped_again_when_the_log_moves);
	TEST(what_redis_refuses_is_tried_again);
	TEST(what_redis_refuses_is_stepped_again_where_the_log_went_on);
	TEST(a_unit_is_settled_by_what_is_read_before_its_answer);
	TEST(a_store_at_odds_with_itself_does_not_spin);
	TEST(ports_may_call_back);
	TEST(readers_may_leave_while_they_are_listed);
	TEST(without_rules_a_person_is_called);
	catalog_free(&catalog);
	return check_done("chat/hub");
}
