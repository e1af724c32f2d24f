/* Clients' frames: what is taken, what is refused and in which words. */
#include "wire/frame.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

static struct frame f;
static struct frame_error e;
static char *copy; /* of the text of `f` */

static bool decode_n(enum frame_side side, const char *json, size_t n)
{
	/* A copy of exactly this size, so that ASan sees a byte too far. */
	bool ok;

	frame_fini(&f);
	free(copy);
	copy = xmalloc(n);
	memcpy(copy, json, n);
	ok = frame_decode(side, (struct str){copy, n}, 10, &f, &e);
	CHECK(ok == (e.fault == FAULT_NONE));
	CHECK(ok || f.json == NULL);
	return ok;
}

static bool chat(const char *json)
{
	return decode_n(FRAME_CHAT, json, strlen(json));
}

static bool desk(const char *json)
{
	return decode_n(FRAME_DESK, json, strlen(json));
}

static bool refused(bool taken, enum frame_fault fault, const char *id,
		    const char *words)
{
	if (!taken && e.fault == fault && str_is(e.id, id) &&
	    strstr(e.message, words) != NULL)
		return true;
	printf("taken=%d fault=%d id=%.*s: %s\n", taken, e.fault, STR_ARG(e.id),
	       e.message);
	return false;
}

static void a_message_has_its_id_and_text(void)
{
	CHECK(chat("{\"type\":\"message\",\"id\":\"m-1_A\",\"text\":\"hi "
		   "\\u00e4\"}"));
	CHECK(f.type == FRAME_MESSAGE && str_is(f.id, "m-1_A"));
	CHECK(str_is(f.text, "hi \xc3\xa4"));
	CHECK(f.conversation.p == NULL && f.value.p == NULL);
	CHECK(chat(" {\"later\":[{}],\"text\":\"x\",\"id\":\"1\",\"type\":"
		   "\"message\"} \n"));
}

static void text_is_counted_in_code_points(void)
{
	CHECK(chat("{\"type\":\"message\",\"id\":\"a\",\"text\":"
		   "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
		   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		   "abc\"}"));
	CHECK(refused(chat("{\"type\":\"message\",\"id\":\"a\",\"text\":"
			   "\"12345678901\"}"),
		      FAULT_TOO_LONG, "a",
		      "\"text\" has 11 characters, at most 10"));
	CHECK(refused(chat("{\"type\":\"message\",\"id\":\"a\",\"text\":\"\"}"),
		      FAULT_BAD_FRAME, "a", "\"text\" is empty"));
}

static void ids_are_1_to_64_of_their_alphabet(void)
{
	char id[70];

	memset(id, 'a', sizeof(id));
	CHECK(frame_id_valid((struct str){id, 64}));
	CHECK(!frame_id_valid((struct str){id, 65}));
	CHECK(!frame_id_valid(STR("")) && !frame_id_valid(STR_NONE));
	CHECK(frame_id_valid(STR("azAZ09_-")));
	CHECK(!frame_id_valid(STR("a b")) && !frame_id_valid(STR("a.b")));
	CHECK(!frame_id_valid(STR("\xc3\xa4")) && !frame_id_valid(STR("a\0")));
	CHECK(refused(chat("{\"type\":\"human\",\"id\":\"a b\"}"),
		      FAULT_BAD_FRAME, "", "\"id\" must be 1 to 64 of"));
	CHECK(refused(chat("{\"type\":\"human\",\"id\":7}"), FAULT_BAD_FRAME,
		      "", "\"id\" must be a string"));
	CHECK(refused(chat("{\"type\":\"human\"}"), FAULT_BAD_FRAME, "",
		      "\"id\" is missing"));
}

static void broken_json_is_refused_and_keeps_its_id(void)
{
	static const char *const broken[] = {
		"{\"id\":\"m1\",\"type\":\"message\",\"text\":\"cut",
		"{\"id\":\"m1\",}",
		"{\"id\": \"m1\" \"x\"}",
		"{\"id\":\"m1\",\"x\":1,\"x\":2}",
		"{\"id\":\"m1\",\"x\":\"\\u0000\"}",
		"{\"id\":\"m1\",\"x\":\"\\ud800\"}",
		"{\"id\":\"m1\",\"x\":\"\xff\"}",
		"{\"id\":\"m1\",\"x\":99999999999999999999}",
		"{\"id\":\"m1\"} {}",
		"{\"id\":\"m1\",\"x\":'a'}",
		"{\"id\":\"m1\",\"x\":NaN}",
	};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		CHECK(refused(chat(broken[i]), FAULT_BAD_JSON, "m1", ""));
	CHECK(refused(decode_n(FRAME_CHAT, "{\"id\":\"m1\"\0}", 12),
		      FAULT_BAD_JSON, "m1", "a NUL byte"));
	CHECK(refused(chat(""), FAULT_BAD_JSON, "", "not JSON"));
	CHECK(refused(chat("hello"), FAULT_BAD_JSON, "", "not JSON"));
}

static void an_id_is_recovered_only_where_it_is_beyond_doubt(void)
{
	CHECK(refused(chat("{\"id\":\"a\",\"id\":\"b\"}"), FAULT_BAD_JSON, "",
		      ""));
	CHECK(refused(chat("{\"user\":{\"id\":\"u1\"},"), FAULT_BAD_JSON, "",
		      ""));
	CHECK(refused(chat("{\"text\":\"\\\"id\\\":\\\"x\\\"\","),
		      FAULT_BAD_JSON, "", ""));
	CHECK(refused(chat("{\"text\":\"id\",\"x\":\"y\","), FAULT_BAD_JSON, "",
		      ""));
	CHECK(refused(chat("{\"id\":\"a\\u0062\","), FAULT_BAD_JSON, "", ""));
	CHECK(refused(chat("{\"id\":\"open"), FAULT_BAD_JSON, "", ""));
	CHECK(refused(chat("[\"id\",\"x\"]"), FAULT_BAD_FRAME, "", ""));
	CHECK(refused(chat("{\"id\":\"bad id\",\"type\":\"human\"}"),
		      FAULT_BAD_FRAME, "", ""));
	CHECK(refused(chat("{\"id\":\"a\\"), FAULT_BAD_JSON, "", ""));
}

static void nesting_is_bounded_before_it_is_parsed(void)
{
	static char deep[40000];

	CHECK(chat("{\"type\":\"leave\",\"id\":\"a\",\"x\":[[[[[[[1]]]]]]]}"));
	CHECK(refused(chat("{\"type\":\"leave\",\"id\":\"a\",\"x\":"
			   "[[[[[[[[1]]]]]]]]}"),
		      FAULT_BAD_JSON, "a", "nested more than 8 deep"));
	CHECK(chat("{\"type\":\"leave\",\"id\":\"a\",\"x\":\"[[[[[[[[[[\"}"));
	memset(deep, '[', sizeof(deep));
	CHECK(refused(decode_n(FRAME_CHAT, deep, sizeof(deep)), FAULT_BAD_JSON,
		      "", "nested"));
}

static void what_is_json_but_no_frame_is_a_bad_frame(void)
{
	CHECK(refused(chat("[]"), FAULT_BAD_FRAME, "", "must be an object"));
	CHECK(refused(chat("7"), FAULT_BAD_FRAME, "", "must be an object"));
	CHECK(refused(chat("{}"), FAULT_BAD_FRAME, "", "\"type\" is missing"));
	CHECK(refused(chat("{\"type\":7,\"id\":\"a\"}"), FAULT_BAD_FRAME, "a",
		      "\"type\" must be a string"));
	CHECK(refused(chat("{\"type\":\"claim\",\"id\":\"a\"}"),
		      FAULT_BAD_FRAME, "a", "unknown type \"claim\""));
	CHECK(refused(desk("{\"type\":\"human\",\"id\":\"a\"}"),
		      FAULT_BAD_FRAME, "a", "unknown type \"human\""));
	CHECK(refused(
		chat("{\"type\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		     "a\xc3\xa4\xc3\xa4\"}"),
		FAULT_BAD_FRAME, "",
		"unknown type \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""));
}

static void hello_takes_what_a_shopper_remembers(void)
{
	CHECK(chat("{\"type\":\"hello\"}") && !f.has_since && !f.has_user);
	CHECK(chat("{\"type\":\"hello\",\"visitor\":\"tok\",\"conversation\":"
		   "\"c1\",\"epoch\":\"e\",\"since\":17,\"locale\":\"de-DE\","
		   "\"page\":\"https://x/y\",\"user\":{\"id\":\"u\",\"name\":"
		   "\"N\",\"email\":\"e@x\",\"hmac\":\"00\"}}"));
	CHECK(f.has_since && f.since == 17 && str_is(f.conversation, "c1"));
	CHECK(str_is(f.visitor, "tok") && str_is(f.epoch, "e"));
	CHECK(str_is(f.locale, "de-DE") && str_is(f.page, "https://x/y"));
	CHECK(f.has_user && str_is(f.user_id, "u") &&
	      str_is(f.user_hmac, "00"));
	CHECK(str_is(f.user_name, "N") && str_is(f.user_email, "e@x"));
	CHECK(chat("{\"type\":\"hello\",\"user\":{\"jwt\":\"a.b.c\"}}"));
	CHECK(str_is(f.user_jwt, "a.b.c") && f.user_id.p == NULL);
}

static void since_counts_only_with_its_log_and_epoch(void)
{
	CHECK(chat("{\"type\":\"hello\",\"since\":5}"));
	CHECK(!f.has_since && f.since == 0);
	CHECK(chat("{\"type\":\"hello\",\"since\":5,\"conversation\":\"c\","
		   "\"epoch\":null}"));
	CHECK(!f.has_since && f.since == 0);
	CHECK(refused(chat("{\"type\":\"hello\",\"since\":-1}"),
		      FAULT_BAD_FRAME, "", "\"since\" must be a whole number"));
	CHECK(refused(chat("{\"type\":\"hello\",\"since\":1.5}"),
		      FAULT_BAD_FRAME, "", "\"since\" must be a whole number"));
	CHECK(refused(chat("{\"type\":\"hello\",\"since\":9007199254740992}"),
		      FAULT_BAD_FRAME, "", "\"since\""));
}

static void a_whole_number_may_be_written_with_a_point(void)
{
	CHECK(chat("{\"type\":\"read\",\"upto\":7.0}"));
	CHECK(f.upto == 7);
	CHECK(chat("{\"type\":\"read\",\"upto\":-0.0}"));
	CHECK(f.upto == 0);
	CHECK(chat("{\"type\":\"feedback\",\"id\":\"a\",\"ask\":\"q\","
		   "\"score\":1e1}"));
	CHECK(f.score == 10);
	CHECK(chat("{\"type\":\"read\",\"upto\":9007199254740991.0}"));
	CHECK(f.upto == UINT64_C(9007199254740991));
	CHECK(refused(chat("{\"type\":\"read\",\"upto\":1e300}"),
		      FAULT_BAD_FRAME, "", "\"upto\" must be a whole number"));
	CHECK(refused(chat("{\"type\":\"read\",\"upto\":9007199254740992.0}"),
		      FAULT_BAD_FRAME, "", "\"upto\" must be a whole number"));
}

static void circumstances_are_cut_and_identity_is_not(void)
{
	struct buf b = BUF_INIT;

	buf_add_s(&b, "{\"type\":\"hello\",\"locale\":\"");
	for (int i = 0; i < 20; i++)
		buf_add_s(&b, "\xc3\xa4");
	buf_add_s(&b, "\",\"page\":\"");
	for (int i = 0; i < 3000; i++)
		buf_add_c(&b, 'p');
	buf_add_s(&b, "\"}");
	CHECK(chat(b.data) && f.locale.n == 34 && f.page.n == 2048);
	buf_clear(&b);
	buf_add_s(&b, "{\"type\":\"hello\",\"visitor\":\"");
	for (int i = 0; i < 2049; i++)
		buf_add_c(&b, 'v');
	buf_add_s(&b, "\"}");
	CHECK(refused(chat(b.data), FAULT_BAD_FRAME, "",
		      "\"visitor\" is longer than 2048 bytes"));
	buf_fini(&b);
	CHECK(refused(chat("{\"type\":\"hello\",\"user\":{\"name\":\"n\"}}"),
		      FAULT_BAD_FRAME, "", "either \"id\" or \"jwt\""));
	CHECK(refused(chat("{\"type\":\"hello\",\"user\":{\"id\":\"n\","
			   "\"jwt\":\"x\"}}"),
		      FAULT_BAD_FRAME, "", "either \"id\" or \"jwt\""));
	CHECK(refused(chat("{\"type\":\"hello\",\"user\":{\"id\":5}}"),
		      FAULT_BAD_FRAME, "", "\"user.id\" must be a string"));
	CHECK(refused(chat("{\"type\":\"hello\",\"user\":\"me\"}"),
		      FAULT_BAD_FRAME, "", "\"user\" must be an object"));
}

static void the_other_frames_of_shoppers_are_taken(void)
{
	CHECK(chat("{\"type\":\"choose\",\"id\":\"a\",\"value\":\"v\"}"));
	CHECK(f.type == FRAME_CHOOSE && str_is(f.value, "v"));
	CHECK(chat("{\"type\":\"human\",\"id\":\"a\"}"));
	CHECK(chat("{\"type\":\"feedback\",\"id\":\"a\",\"ask\":\"q.1\","
		   "\"score\":5,\"comment\":\"\"}"));
	CHECK(f.score == 5 && str_is(f.ask, "q.1") && f.comment.p != NULL);
	/* The longest id of a message, and what is made of it. */
	CHECK(chat("{\"type\":\"feedback\",\"id\":\"a\",\"score\":1,\"ask\":\""
		   "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggg"
		   "hhhhhhhh.q\"}"));
	CHECK(chat("{\"type\":\"leave\",\"id\":\"a\"}"));
	CHECK(chat("{\"type\":\"typing\",\"on\":true}") && f.on);
	CHECK(chat("{\"type\":\"typing\",\"on\":false}") && !f.on);
	CHECK(chat("{\"type\":\"read\",\"upto\":12}") && f.upto == 12);
	CHECK(refused(chat("{\"type\":\"ping\",\"at\":99999999999999999999}"),
		      FAULT_BAD_JSON, "", "a number out of range, at byte"));
	CHECK(refused(chat("{\"type\":\"message\",\"id\":\"i\",\"text\":"
			   "\"\\u0000\"}"),
		      FAULT_BAD_JSON, "i", "\"\\u0000\" in a text, at byte"));
	CHECK(refused(chat("{\"type\":\"ping\",\"at\":1,\"at\":1}"),
		      FAULT_BAD_JSON, "", "a name that stands twice, at byte"));
	CHECK(refused(chat("{\"type\":5}"), FAULT_BAD_FRAME, "",
		      "\"type\" must be a string"));
	CHECK(refused(chat("{\"type\":\"ping\",\"at\":1"), FAULT_BAD_JSON, "",
		      "not JSON, at byte"));
	CHECK(refused(chat("{\"type\":\"typing\",\"on\":1,\"id\":\"i\"}"),
		      FAULT_BAD_FRAME, "i", "\"on\" must be true or false"));
	CHECK(refused(chat("{\"type\":\"feedback\",\"id\":\"a\",\"ask\":\"q\","
			   "\"score\":\"5\"}"),
		      FAULT_BAD_FRAME, "a", "\"score\" must be a whole"));
	CHECK(refused(chat("{\"type\":\"choose\",\"id\":\"a\",\"value\":\"\"}"),
		      FAULT_BAD_FRAME, "a", "\"value\" must be 1 to 256"));
}

static void ping_gives_back_its_number(void)
{
	static const char *const numbers[] = {"0", "1732262400123", "-3",
					      "123.5", "9007199254740993"};
	char json[80];

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		snprintf(json, sizeof(json), "{\"type\":\"ping\",\"at\":%s}",
			 numbers[i]);
		CHECK(chat(json) && str_is(f.at, numbers[i]));
		CHECK(desk(json) && str_is(f.at, numbers[i]));
	}
	CHECK(refused(chat("{\"type\":\"ping\",\"at\":\"1\"}"), FAULT_BAD_FRAME,
		      "", "\"at\" must be a number"));
}

static void agents_frames_name_their_conversation(void)
{
	CHECK(desk("{\"type\":\"hello\"}"));
	CHECK(desk("{\"type\":\"presence\",\"id\":\"a\",\"status\":\"away\","
		   "\"reason\":\"lunch\"}"));
	CHECK(str_is(f.status, "away") && str_is(f.reason, "lunch"));
	CHECK(desk("{\"type\":\"claim\",\"id\":\"a\"}"));
	CHECK(desk("{\"type\":\"claim\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"queue\":\"vip\"}"));
	CHECK(desk("{\"type\":\"message\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"text\":\"t\"}"));
	CHECK(str_is(f.conversation, "c") && str_is(f.text, "t"));
	CHECK(desk("{\"type\":\"note\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"text\":\"t\"}"));
	CHECK(desk("{\"type\":\"typing\",\"conversation\":\"c\",\"on\":true}"));
	CHECK(desk("{\"type\":\"read\",\"conversation\":\"c\",\"upto\":1}"));
	CHECK(desk("{\"type\":\"release\",\"id\":\"a\",\"conversation\":"
		   "\"c\"}"));
	CHECK(desk("{\"type\":\"resolve\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"outcome\":\"solved\"}"));
	CHECK(str_is(f.outcome, "solved"));
	CHECK(desk("{\"type\":\"open\",\"id\":\"a\",\"conversation\":\"c\"}"));
	CHECK(f.since == 0 && !f.has_facts && !f.facts);
	CHECK(desk("{\"type\":\"open\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"since\":9,\"facts\":false}"));
	CHECK(f.since == 9 && f.has_facts && !f.facts);
	CHECK(desk("{\"type\":\"close\",\"id\":\"a\",\"conversation\":\"c\"}"));
	CHECK(refused(
		desk("{\"type\":\"message\",\"id\":\"a\",\"text\":\"t\"}"),
		FAULT_BAD_FRAME, "a", "\"conversation\" is missing"));
	CHECK(refused(desk("{\"type\":\"open\",\"id\":\"a\",\"conversation\":"
			   "\"../x\"}"),
		      FAULT_BAD_FRAME, "a", "\"conversation\" must be"));
	CHECK(refused(desk("{\"type\":\"presence\",\"id\":\"a\",\"status\":"
			   "\"busy\"}"),
		      FAULT_BAD_FRAME, "a", "\"online\" or \"away\""));
	CHECK(refused(desk("{\"type\":\"claim\",\"id\":\"a\",\"queue\":"
			   "\"a\\nb\"}"),
		      FAULT_BAD_FRAME, "a", "\"queue\" must be"));
}

static void a_transfer_goes_to_an_agent_or_a_queue(void)
{
	CHECK(desk("{\"type\":\"transfer\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"agent\":\"max\",\"note\":\"\"}"));
	CHECK(desk("{\"type\":\"transfer\",\"id\":\"a\",\"conversation\":\"c\","
		   "\"queue\":\"vip\",\"note\":\"n\"}"));
	CHECK(refused(desk("{\"type\":\"transfer\",\"id\":\"a\","
			   "\"conversation\":\"c\"}"),
		      FAULT_BAD_FRAME, "a", "either \"agent\" or \"queue\""));
	CHECK(refused(desk("{\"type\":\"transfer\",\"id\":\"a\","
			   "\"conversation\":\"c\",\"agent\":\"m\","
			   "\"queue\":\"q\"}"),
		      FAULT_BAD_FRAME, "a", "either \"agent\" or \"queue\""));
}

static void every_cut_of_a_frame_is_refused_safely(void)
{
	static const char whole[] =
		"{\"type\":\"hello\",\"id\":\"m1\",\"user\":{\"id\":\"u\\u00e4"
		"\",\"name\":\"\xc3\xa4\"},\"since\":1}";

	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		CHECK(!decode_n(FRAME_CHAT, whole, n));
	CHECK(chat(whole));
}

static void a_contact_has_an_address_or_a_number(void)
{
	static const char *const good[] = {
		"\"email\":\"a@b.c\"",
		"\"email\":\"\u00e4nn+1@mail.example.org\"",
		"\"phone\":\"+49 (30) 12-34.5/6\"",
		"\"phone\":\"12345\",\"email\":null",
	};
	static const char *const bad[] = {
		"\"email\":\"\"",        "\"email\":\"ann\"",
		"\"email\":\"@b.c\"",    "\"email\":\"a@\"",
		"\"email\":\"a@b\"",     "\"email\":\"a@.b\"",
		"\"email\":\"a@b.\"",    "\"email\":\"a@b@c.d\"",
		"\"email\":\"a b@c.d\"", "\"email\":\"a@b.c\\nd\"",
		"\"email\":7",           "\"phone\":\"\"",
		"\"phone\":\"1234\"",    "\"phone\":\"call 123456\"",
		"\"phone\":\"+-/(). \"", "\"phone\":\"12345\\u00006\"",
	};
	char json[200];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		snprintf(json, sizeof(json),
			 "{\"type\":\"contact\",\"id\":\"k\",%s}", good[i]);
		CHECK(chat(json));
		CHECK(f.type == FRAME_CONTACT && str_is(f.id, "k"));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(json, sizeof(json),
			 "{\"type\":\"contact\",\"id\":\"k\",%s}", bad[i]);
		CHECK(!chat(json));
		CHECK(e.fault != FAULT_NONE);
	}
	CHECK(chat("{\"type\":\"contact\",\"id\":\"k\",\"name\":\"Ann\","
		   "\"email\":\"a@b.c\",\"text\":\"after five\"}"));
	CHECK(str_is(f.user_name, "Ann") && str_is(f.user_email, "a@b.c"));
	CHECK(str_is(f.text, "after five") && f.phone.p == NULL);
	CHECK(refused(chat("{\"type\":\"contact\",\"id\":\"k\"}"),
		      FAULT_BAD_FRAME, "k",
		      "\"contact\" must have \"email\" or \"phone\""));
	CHECK(refused(chat("{\"type\":\"contact\",\"id\":\"k\",\"email\":"
			   "\"ann\"}"),
		      FAULT_BAD_FRAME, "k",
		      "\"email\" must be an address like name@example.org"));
	CHECK(refused(chat("{\"type\":\"contact\",\"id\":\"k\",\"phone\":"
			   "\"12\"}"),
		      FAULT_BAD_FRAME, "k",
		      "\"phone\" must have 5 digits or more"));
}

static void a_context_has_a_page_and_a_cart_of_any_shape(void)
{
	char long_cart[4200];

	CHECK(chat("{\"type\":\"context\",\"page\":\"/kettles\",\"cart\":[{"
		   "\"name\":\"Kettle \\u00e4\", \"n\":2}]}"));
	CHECK(f.type == FRAME_CONTEXT && str_is(f.page, "/kettles"));
	CHECK(str_is(f.cart, "[{\"name\":\"Kettle \xc3\xa4\",\"n\":2}]"));
	CHECK(chat("{\"type\":\"context\",\"cart\":\"2 kettles\"}"));
	CHECK(str_is(f.cart, "\"2 kettles\"") && f.page.p == NULL);
	CHECK(chat("{\"type\":\"context\",\"page\":\"/\"}"));
	CHECK(f.cart.p == NULL);
	CHECK(chat("{\"type\":\"context\",\"cart\":null}"));
	CHECK(f.cart.p == NULL);
	CHECK(refused(chat("{\"type\":\"context\",\"cart\":7}"),
		      FAULT_BAD_FRAME, "", "\"cart\" must be a string"));
	snprintf(long_cart, sizeof(long_cart),
		 "{\"type\":\"context\",\"id\":\"c1\",\"cart\":\"%04000d\"}",
		 7);
	CHECK(refused(chat(long_cart), FAULT_TOO_LONG, "c1",
		      "\"cart\" has 4002 bytes"));
	CHECK(refused(desk("{\"type\":\"context\",\"page\":\"/\"}"),
		      FAULT_BAD_FRAME, "", "unknown type"));
}

int main(void)
{
	RUN(a_message_has_its_id_and_text);
	RUN(text_is_counted_in_code_points);
	RUN(ids_are_1_to_64_of_their_alphabet);
	RUN(broken_json_is_refused_and_keeps_its_id);
	RUN(an_id_is_recovered_only_where_it_is_beyond_doubt);
	RUN(nesting_is_bounded_before_it_is_parsed);
	RUN(what_is_json_but_no_frame_is_a_bad_frame);
	RUN(hello_takes_what_a_shopper_remembers);
	RUN(since_counts_only_with_its_log_and_epoch);
	RUN(a_whole_number_may_be_written_with_a_point);
	RUN(circumstances_are_cut_and_identity_is_not);
	RUN(the_other_frames_of_shoppers_are_taken);
	RUN(a_contact_has_an_address_or_a_number);
	RUN(a_context_has_a_page_and_a_cart_of_any_shape);
	RUN(ping_gives_back_its_number);
	RUN(agents_frames_name_their_conversation);
	RUN(a_transfer_goes_to_an_agent_or_a_queue);
	RUN(every_cut_of_a_frame_is_refused_safely);
	frame_fini(&f);
	free(copy);
	return check_done("wire/decode");
}
