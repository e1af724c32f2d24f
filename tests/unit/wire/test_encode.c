/* The server's frames, to the letter. */
#include "wire/frame.h"

#include "check.h"

static struct buf b;

#define WROTE(call, want)                                                      \
	do {                                                                   \
		buf_clear(&b);                                                 \
		call;                                                          \
		CHECK_STR(b.data, want);                                       \
	} while (0)

static void answers_to_a_frame_carry_its_id(void)
{
	WROTE(frame_ack(&b, STR("m1"), 1732262400123),
	      "{\"type\":\"ack\",\"id\":\"m1\",\"at\":1732262400123}");
	WROTE(frame_stored(&b, STR("m1"), STR_NONE, 7),
	      "{\"type\":\"stored\",\"id\":\"m1\",\"seq\":7}");
	WROTE(frame_stored(&b, STR("x"), STR("c1"), 7),
	      "{\"type\":\"stored\",\"id\":\"x\",\"conversation\":\"c1\","
	      "\"seq\":7}");
	WROTE(frame_done(&b, STR("x"), STR_NONE, STR_NONE),
	      "{\"type\":\"done\",\"id\":\"x\"}");
	WROTE(frame_pong(&b, STR("12.5")), "{\"type\":\"pong\",\"at\":12.5}");
}

static void errors_name_what_they_can(void)
{
	WROTE(frame_error_out(&b, "bad_json", STR_NONE, STR_NONE, "a \"b\"",
			      -1),
	      "{\"type\":\"error\",\"code\":\"bad_json\",\"message\":"
	      "\"a \\\"b\\\"\"}");
	WROTE(frame_error_out(&b, "busy", STR("m1"), STR("c"), "later", 0),
	      "{\"type\":\"error\",\"code\":\"busy\",\"id\":\"m1\","
	      "\"conversation\":\"c\",\"message\":\"later\",\"retry_ms\":0}");
}

static void a_message_shows_only_what_it_has(void)
{
	struct logged m = {.type = LOGGED_MESSAGE,
			   .id = STR("m1"),
			   .from = STR("shopper"),
			   .text = STR("hi\n\"x\""),
			   .at_ms = 5};

	WROTE(frame_logged(&b, &m),
	      "{\"type\":\"message\",\"id\":\"m1\",\"from\":\"shopper\","
	      "\"text\":\"hi\\n\\\"x\\\"\",\"at\":5}");
	m = (struct logged){.type = LOGGED_MESSAGE,
			    .id = STR("m1.a"),
			    .seq = 3,
			    .from = STR("bot"),
			    .text = STR("t"),
			    .at_ms = 6,
			    .name = STR("Ann"),
			    .reply_to = STR("m1"),
			    .intent = STR("greeting"),
			    .rules = STR("r9"),
			    .buttons = STR("[{\"text\":\"Yes\"}]"),
			    .late = true};
	WROTE(frame_logged(&b, &m),
	      "{\"type\":\"message\",\"id\":\"m1.a\",\"seq\":3,\"from\":"
	      "\"bot\",\"text\":\"t\",\"at\":6,\"name\":\"Ann\",\"reply_to\":"
	      "\"m1\",\"intent\":\"greeting\",\"rules\":\"r9\",\"buttons\":"
	      "[{\"text\":\"Yes\"}],\"late\":true}");
}

static void broken_buttons_do_not_break_the_frame(void)
{
	static const char *const broken[] = {
		"[", "x", "{}", "[]]", "\"a\"", "[[[[[[[[[[]]]]]]]]]]"};
	struct logged m = {.type = LOGGED_MESSAGE,
			   .id = STR("a"),
			   .from = STR("bot"),
			   .text = STR("t")};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		m.buttons = str_of(broken[i]);
		WROTE(frame_logged(&b, &m),
		      "{\"type\":\"message\",\"id\":\"a\",\"from\":\"bot\","
		      "\"text\":\"t\",\"at\":0}");
	}
}

static void the_other_logged_frames_have_their_fields(void)
{
	struct logged e = {.seq = 4, .at_ms = 9};

	e.type = LOGGED_SKIP;
	WROTE(frame_logged(&b, &e), "{\"type\":\"skip\",\"seq\":4}");
	e.type = LOGGED_STATE;
	e.state = STR("assigned");
	e.reason = STR("claimed");
	e.agent = STR("Ann");
	WROTE(frame_logged(&b, &e),
	      "{\"type\":\"state\",\"seq\":4,\"state\":\"assigned\",\"at\":9,"
	      "\"reason\":\"claimed\",\"agent\":\"Ann\"}");
	e.type = LOGGED_ASK_FEEDBACK;
	e.id = STR("t1");
	e.kind = STR("csat");
	e.text = STR("How?");
	WROTE(frame_logged(&b, &e),
	      "{\"type\":\"ask_feedback\",\"id\":\"t1\",\"seq\":4,\"kind\":"
	      "\"csat\",\"text\":\"How?\",\"at\":9}");
	e.type = LOGGED_NOTE;
	e.name = STR("Ann");
	WROTE(frame_logged(&b, &e),
	      "{\"type\":\"note\",\"id\":\"t1\",\"seq\":4,\"from\":\"agent\","
	      "\"text\":\"How?\",\"at\":9,\"name\":\"Ann\"}");
	e.type = LOGGED_FEEDBACK;
	e.ask = STR("t0");
	e.score = 5;
	e.comment = STR("ok");
	e.kind = STR_NONE;
	WROTE(frame_event(&b, STR("c1"), &e),
	      "{\"type\":\"event\",\"conversation\":\"c1\",\"event\":{"
	      "\"type\":\"feedback\",\"id\":\"t1\",\"seq\":4,\"ask\":\"t0\","
	      "\"score\":5,\"comment\":\"ok\",\"at\":9}}");
}

static void a_shoppers_welcome_has_all_of_its_parts(void)
{
	struct logged events[2] = {{.type = LOGGED_SKIP, .seq = 1},
				   {.type = LOGGED_SKIP, .seq = 2}};
	struct announcement news = {STR("n1"), STR("Sale"), STR("info"), 0,
				    false};
	struct welcome_chat w = {.visitor = STR("v"),
				 .conversation = STR("c"),
				 .epoch = STR("e"),
				 .state = STR("bot"),
				 .seq = 2,
				 .events = events,
				 .event_count = 2,
				 .announcements = &news,
				 .announcement_count = 1,
				 .limit_text = 2000,
				 .limit_frame = 32768,
				 .limit_per_minute = 30,
				 .shop_name = STR("S"),
				 .shop_greeting = STR("Hi"),
				 .shop_open = true};

	WROTE(frame_welcome_chat(&b, &w),
	      "{\"type\":\"welcome\",\"visitor\":\"v\",\"conversation\":\"c\","
	      "\"epoch\":\"e\",\"state\":\"bot\",\"seq\":2,\"events\":["
	      "{\"type\":\"skip\",\"seq\":1},{\"type\":\"skip\",\"seq\":2}],"
	      "\"more\":false,\"announcements\":[{\"type\":\"announcement\","
	      "\"id\":\"n1\",\"text\":\"Sale\",\"level\":\"info\",\"until\":"
	      "null,\"over\":false}],\"limits\":{\"text\":2000,\"frame\":32768,"
	      "\"messages_per_minute\":30},\"shop\":{\"name\":\"S\","
	      "\"greeting\":\"Hi\",\"colours\":{},\"open\":true,\"opens_at\":"
	      "null},\"degraded\":false}");
	w = (struct welcome_chat){.erased = true, .another = true};
	buf_clear(&b);
	frame_welcome_chat(&b, &w);
	CHECK(strstr(b.data, "\"erased\":true,\"another\":true}") != NULL);
}

static void what_is_not_logged_has_its_frames(void)
{
	WROTE(frame_waiting(&b, 3, 60, 120, false, false),
	      "{\"type\":\"waiting\",\"position\":3,\"eta_s\":[60,120],"
	      "\"stalled\":false}");
	WROTE(frame_waiting(&b, 1, -1, -1, true, false),
	      "{\"type\":\"waiting\",\"position\":1,\"eta_s\":null,"
	      "\"stalled\":true}");
	WROTE(frame_waiting(&b, 1, -1, -1, false, true),
	      "{\"type\":\"waiting\",\"position\":1,\"eta_s\":null,"
	      "\"stalled\":false,\"unattended\":true}");
	WROTE(frame_typing(&b, STR_NONE, STR("agent"), true),
	      "{\"type\":\"typing\",\"from\":\"agent\",\"on\":true}");
	WROTE(frame_typing(&b, STR("c"), STR_NONE, false),
	      "{\"type\":\"typing\",\"conversation\":\"c\",\"on\":false}");
	WROTE(frame_read(&b, STR_NONE, STR("agent"), 5),
	      "{\"type\":\"read\",\"by\":\"agent\",\"upto\":5}");
	WROTE(frame_read(&b, STR("c"), STR_NONE, 5),
	      "{\"type\":\"read\",\"conversation\":\"c\",\"upto\":5}");
	WROTE(frame_reset(&b, STR("c"), STR("e2"), 0),
	      "{\"type\":\"reset\",\"conversation\":\"c\",\"epoch\":\"e2\","
	      "\"seq\":0}");
}

static void agents_get_items_and_lists(void)
{
	struct desk_item item = {.conversation = STR("c"),
				 .queue = STR("support"),
				 .priority = 1,
				 .reason = STR("asked"),
				 .waited_s = 12,
				 .preview = STR("hi"),
				 .state = STR("queued")};
	struct str roles[] = {STR("admin"), STR("agent")};
	struct welcome_desk w = {.name = STR("ann"),
				 .display = STR("Ann"),
				 .roles = roles,
				 .role_count = 2,
				 .presence = STR("online"),
				 .lease_s = 30,
				 .queue = STR("{},{}"),
				 .mine = STR_NONE};

	WROTE(frame_item(&b, &item),
	      "{\"conversation\":\"c\",\"queue\":\"support\",\"priority\":1,"
	      "\"reason\":\"asked\",\"intent\":null,\"kind\":null,"
	      "\"waited_s\":12,\"preview\":\"hi\",\"visitor\":{\"name\":null,"
	      "\"verified\":false},\"page\":null,\"locale\":null,\"state\":"
	      "\"queued\",\"agent\":null}");
	item.rating_kind = STR("csat");
	item.rating_score = 4;
	WROTE(frame_item(&b, &item),
	      "{\"conversation\":\"c\",\"queue\":\"support\",\"priority\":1,"
	      "\"reason\":\"asked\",\"intent\":null,\"kind\":null,"
	      "\"waited_s\":12,\"preview\":\"hi\",\"visitor\":{\"name\":null,"
	      "\"verified\":false},\"page\":null,\"locale\":null,\"state\":"
	      "\"queued\",\"agent\":null,\"rating\":{\"kind\":\"csat\","
	      "\"score\":4}}");
	WROTE(frame_queue(&b, STR("{},{}")),
	      "{\"type\":\"queue\",\"items\":[{},{}]}");
	WROTE(frame_assigned(&b, STR("{}")),
	      "{\"type\":\"assigned\",\"item\":{}}");
	WROTE(frame_unassigned(&b, STR("c"), "released"),
	      "{\"type\":\"unassigned\",\"conversation\":\"c\",\"why\":"
	      "\"released\"}");
	WROTE(frame_shopper(&b, STR("c"), true),
	      "{\"type\":\"shopper\",\"conversation\":\"c\",\"present\":true}");
	WROTE(frame_suggestion(&b, STR("c"), STR("m1"), STR("By \"card\"."),
			       STR("pay")),
	      "{\"type\":\"suggestion\",\"conversation\":\"c\",\"reply_to\":"
	      "\"m1\",\"text\":\"By \\\"card\\\".\",\"intent\":\"pay\"}");
	WROTE(frame_welcome_desk(&b, &w),
	      "{\"type\":\"welcome\",\"agent\":{\"name\":\"ann\",\"display\":"
	      "\"Ann\",\"roles\":[\"admin\",\"agent\"],\"queues\":[]},"
	      "\"presence\":\"online\",\"lease_s\":30,\"queue\":[{},{}],"
	      "\"mine\":[],\"canned\":[],\"outcomes\":[]}");
}

static void facts_carry_json_only_where_it_is(void)
{
	struct field slots[] = {{STR("order_id"), STR("7")}};
	struct str open[] = {STR("[{\"name\":\"ann\"}]"), STR("no"),
			     STR("[{\"name\":\"bob\"}]")};
	struct desk_facts f = {.open = open,
			       .open_count = 3,
			       .conversation = STR("c"),
			       .visitor = STR("v"),
			       .cart = STR("[{\"n\":1}]"),
			       .found = STR("{\"a\":"),
			       .slots = slots,
			       .slot_count = 1,
			       .reason = STR("asked"),
			       .misses = 2,
			       .considered = STR("[{\"n\":1}]")};

	WROTE(frame_facts(&b, &f),
	      "{\"type\":\"facts\",\"conversation\":\"c\",\"visitor\":{\"id\":"
	      "\"v\",\"name\":null,\"email\":null,\"phone\":null,"
	      "\"verified\":false},\"page\":"
	      "null,\"locale\":null,\"cart\":[{\"n\":1}],\"found\":null,"
	      "\"slots\":{\"order_id\":\"7\"},\"reason\":\"asked\",\"intent\":"
	      "null,\"kind\":null,\"misses\":2,\"considered\":[{\"n\":1}],"
	      "\"open\":[{\"name\":"
	      "\"ann\"},{\"name\":\"bob\"}]}");
}

int main(void)
{
	RUN(answers_to_a_frame_carry_its_id);
	RUN(errors_name_what_they_can);
	RUN(a_message_shows_only_what_it_has);
	RUN(broken_buttons_do_not_break_the_frame);
	RUN(the_other_logged_frames_have_their_fields);
	RUN(a_shoppers_welcome_has_all_of_its_parts);
	RUN(what_is_not_logged_has_its_frames);
	RUN(agents_get_items_and_lists);
	RUN(facts_carry_json_only_where_it_is);
	buf_fini(&b);
	return check_done("wire/encode");
}
