/* Questions to data sources through the hub: asked once, the answer shown at
 * once to who asked and logged behind the question. */
#include "model.h"

static struct model model;
static struct hub *hub;
static struct catalog *catalog;
static struct buf seen;
static unsigned asked;
static char asked_id[CONV_ID_MAX + 1], asked_value[128];

static const char *const slots[] = {"order_id"};
static const struct conv_source source = {"order", slots, 1};

static void note(uint64_t reader, const char *what, struct str id)
{
	buf_addf(&seen, "%llu:%s %.*s;", (unsigned long long)reader, what,
		 STR_ARG(id));
}

static void set_due(void *arg, const char *conv, int64_t due_ms)
{
	(void)arg;
	(void)conv;
	(void)due_ms;
}

static void joined(void *arg, uint64_t reader, const struct conv *conv,
		   const struct event *events, size_t n, bool more,
		   bool degraded)
{
	(void)arg;
	(void)reader;
	(void)conv;
	(void)events;
	(void)n;
	(void)more;
	(void)degraded;
}

static void on_event(void *arg, uint64_t reader, const struct conv *conv,
		     const struct event *e)
{
	(void)arg;
	(void)conv;
	note(reader, "event", e->id);
}

static void show(void *arg, uint64_t reader, const struct conv *conv,
		 const struct event *e)
{
	(void)arg;
	(void)conv;
	note(reader, "show", e->id);
}

static void stored(void *arg, uint64_t reader, const struct conv *conv,
		   struct str id, uint64_t seq)
{
	(void)arg;
	(void)conv;
	(void)seq;
	note(reader, "stored", id);
}

static void refused(void *arg, uint64_t reader, const char *conv, struct str id,
		    enum conv_refusal why)
{
	(void)arg;
	(void)conv;
	(void)why;
	note(reader, "refused", id);
}

static void reset(void *arg, uint64_t reader, const struct conv *conv)
{
	(void)arg;
	(void)conv;
	note(reader, "reset", STR_NONE);
}

static void lookup(void *arg, const char *conv, uint64_t reader,
		   const struct conv_question *question)
{
	(void)arg;
	CHECK_STR(conv, "c1");
	CHECK(reader == 1);
	CHECK_STR(question->source, "order");
	asked++;
	snprintf(asked_id, sizeof(asked_id), "%.*s", STR_ARG(question->id));
	snprintf(asked_value, sizeof(asked_value), "%s",
		 question->slots[0].value);
}

static void start(void)
{
	const struct hub_ports ports = {
		.arg = &model.sides[0],
		.load = model_port_load,
		.append = model_port_append,
		.forget = model_port_forget,
		.set_due = set_due,
		.repair = model_no_repair,
		.joined = joined,
		.event = on_event,
		.show = show,
		.stored = stored,
		.refused = refused,
		.reset = reset,
		.changed = model_no_changed,
		.done = model_no_done,
		.lookup = lookup,
		.erased = model_no_erased,
	};
	struct conv_policy policy = test_policy;

	policy.sources = &source;
	policy.source_count = 1;
	model_init(&model);
	buf_init(&seen);
	asked = 0;
	hub = hub_new(&ports, &policy);
	hub_set_catalog(hub, catalog);
	hub_join(hub, "c1", 1, READER_SHOPPER, 0, true);
}

static void finish(void)
{
	hub_free(&hub);
	buf_fini(&seen);
	model_fini(&model);
}

static const char *look(void)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s", seen.data == NULL ? "" : seen.data);
	buf_clear(&seen);
	return text;
}

static void say(const char *id, const char *text)
{
	hub_feed(hub, "c1", 1,
		 &(struct conv_input){.type = INPUT_SHOPPER_SAID,
				      .at_ms = 1700000000000,
				      .shop_open = true,
				      .id = str_of(id),
				      .text = str_of(text)});
}

static void answer(const char *id, const char *status)
{
	struct field values[] = {{STR("order.status"), str_of(status)}};

	hub_feed(hub, "c1", 1,
		 &(struct conv_input){.type = INPUT_LOOKED_UP,
				      .at_ms = 1700000001000,
				      .shop_open = true,
				      .lookup_id = str_of(id),
				      .looked_up = LOOKED_UP_FOUND,
				      .values = values,
				      .value_count = 1});
}

static void the_answer_is_shown_at_once_and_logged_behind_the_question(void)
{
	say("m1", "where is my order 12345678");
	CHECK(asked == 1);
	CHECK_STR(asked_id, "m1");
	CHECK_STR(asked_value, "12345678");
	answer("m1", "shipped"); /* before the question is in the log */
	CHECK_STR(look(), "1:show m1.a;");
	model_settle(&model, 0, hub);
	CHECK_STR(look(), "1:stored m1;1:stored m1.a;");
	CHECK(model_log(&model, "c1")->count == 2);
	CHECK(!hub_is_pending(hub, "c1"));
}

static void a_question_that_is_stepped_again_is_not_asked_again(void)
{
	say("m1", "where is my order 12345678");
	model_write(&model, "c1",
		    (struct event){.type = EVENT_MESSAGE,
				   .sender = STR("s"),
				   .id = STR("other"),
				   .text = STR("hello")});
	model_settle(&model, 0, hub);
	CHECK(asked == 1);
	CHECK(hub_stats(hub).resteps > 0);
	look();
	answer("m1", "shipped");
	model_settle(&model, 0, hub);
	CHECK_STR(look(), "1:show m1.a;1:stored m1.a;");
	CHECK(model_log(&model, "c1")->count == 3);
}

static void a_second_answer_says_nothing(void)
{
	say("m1", "where is my order 12345678");
	answer("m1", "shipped");
	model_settle(&model, 0, hub);
	look();
	answer("m1", "delayed");
	model_settle(&model, 0, hub);
	CHECK_STR(look(), "");
	CHECK(model_log(&model, "c1")->count == 2);
	CHECK(!hub_is_pending(hub, "c1"));
}

static void an_answer_to_who_is_gone_is_in_the_log(void)
{
	say("m1", "where is my order 12345678");
	model_settle(&model, 0, hub);
	hub_leave(hub, "c1", 1);
	look();
	answer("m1", "shipped");
	model_settle(&model, 0, hub);
	CHECK_STR(look(), "");
	CHECK(model_log(&model, "c1")->count == 2);
}

static void a_shown_answer_is_late_where_an_agent_was_faster(void)
{
	struct model_log *log;

	say("m1", "where is my order 12345678");
	model_settle(&model, 0, hub);
	log = model_log(&model, "c1");
	answer("m1", "shipped");
	model_write(&model, "c1",
		    (struct event){.type = EVENT_STATE,
				   .sender = STR("b"),
				   .id = STR("x"),
				   .state = STR("queued"),
				   .queue = STR("general"),
				   .since_ms = 5});
	model_write(&model, "c1",
		    (struct event){.type = EVENT_STATE,
				   .sender = STR("a:maria"),
				   .id = STR("y"),
				   .state = STR("assigned"),
				   .agent = STR("maria")});
	model_settle(&model, 0, hub);
	CHECK(log->count == 4);
	CHECK(str_is(log->events[3].id, "m1.a"));
	CHECK(log->events[3].late);
}

#define TEST(fn)                                                               \
	do {                                                                   \
		start();                                                       \
		RUN(fn);                                                       \
		finish();                                                      \
	} while (0)

int main(void)
{
	catalog = rules_load();
	TEST(the_answer_is_shown_at_once_and_logged_behind_the_question);
	TEST(a_question_that_is_stepped_again_is_not_asked_again);
	TEST(a_second_answer_says_nothing);
	TEST(an_answer_to_who_is_gone_is_in_the_log);
	TEST(a_shown_answer_is_late_where_an_agent_was_faster);
	catalog_free(&catalog);
	return check_done("chat/hub_lookup");
}
