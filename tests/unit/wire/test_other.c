/* JSON that is not a frame: sign-in, problems, flat objects, JWT. */
#include "wire/frame.h"

#include "check.h"

static void a_login_has_a_name_and_a_password(void)
{
	struct login l;
	char json[600];

	CHECK(login_decode(STR("{\"name\":\"ann\",\"password\":\"p w\"}"), &l));
	CHECK_STR(l.name, "ann");
	CHECK_STR(l.password, "p w");
	CHECK(!login_decode(STR("{\"name\":\"ann\"}"), &l));
	CHECK_STR(l.name, "");
	CHECK(!login_decode(STR("{\"name\":\"\",\"password\":\"x\"}"), &l));
	CHECK(!login_decode(STR("{\"name\":1,\"password\":\"x\"}"), &l));
	CHECK(!login_decode(STR("name=ann&password=x"), &l));
	CHECK(!login_decode(STR(""), &l) && !login_decode(STR("[]"), &l));
	snprintf(json, sizeof(json),
		 "{\"name\":\"%064d\",\"password\":"
		 "\"%0256d\"}",
		 1, 1);
	CHECK(login_decode(str_of(json), &l) && strlen(l.password) == 256);
	snprintf(json, sizeof(json), "{\"name\":\"%065d\",\"password\":\"x\"}",
		 1);
	CHECK(!login_decode(str_of(json), &l));
}

static void a_sentence_to_be_tried_is_bounded(void)
{
	struct trial t;
	const char *why;

	CHECK(trial_decode(STR("{\"text\":\" hi \",\"locale\":\"de\"}"), 2, &t,
			   &why));
	CHECK(str_is(t.text, "hi") && strcmp(t.locale, "de") == 0);
	trial_fini(&t);
	CHECK(!trial_decode(STR("{\"text\":\"hi!\"}"), 2, &t, &why));
	CHECK(strstr(why, "limits.text") != NULL);
	trial_fini(&t);
	CHECK(!trial_decode(STR("{\"text\":1}"), 9, &t, &why) && t.text.n == 0);
	trial_fini(&t);
	CHECK(!trial_decode(STR("{\"text\""), 9, &t, &why));
	trial_fini(&t);
	trial_fini(&t);
}

static const char *fault_of(const char *json)
{
	struct announced a;
	const char *why;

	return announced_decode(str_of(json), &a, &why) ? "" : why;
}

static void an_announcement_says_what_and_how_long(void)
{
	struct announced a;
	const char *why;
	char json[4100];

	CHECK(announced_decode(STR("{\"text\":\" Closed at 5 \",\"level\":"
				   "\"warning\",\"until\":1234567890123}"),
			       &a, &why));
	CHECK_STR(a.text, "Closed at 5");
	CHECK_STR(a.level, "warning");
	CHECK(a.until_ms == 1234567890123 && a.until[0] == '\0' && !a.over);
	CHECK(announced_decode(STR("{\"text\":\"x\",\"until\":null}"), &a,
			       &why));
	CHECK_STR(a.level, "info");
	CHECK(a.until_ms == 0);
	CHECK(announced_decode(STR("{\"text\":\"x\",\"until\":\"+2h\"}"), &a,
			       &why));
	CHECK_STR(a.until, "+2h");
	CHECK(announced_decode(STR("{\"id\":\"a1\",\"over\":true}"), &a, &why));
	CHECK(a.over);
	CHECK_STR(a.id, "a1");
	snprintf(json, sizeof(json), "{\"text\":\"%0500d\"}", 1);
	CHECK_STR(fault_of(json), "");
	snprintf(json, sizeof(json), "{\"text\":\"%0501d\"}", 1);
	CHECK(strstr(fault_of(json), "500") != NULL);
	snprintf(json, sizeof(json), "{\"text\":\"%03000d\"}", 1);
	CHECK(strstr(fault_of(json), "500") != NULL);
}

static void what_is_no_announcement_is_refused_with_a_reason(void)
{
	CHECK(strstr(fault_of(""), "JSON object") != NULL);
	CHECK(strstr(fault_of("[]"), "JSON object") != NULL);
	CHECK(strstr(fault_of("{\"text\":\" \"}"), "text") != NULL);
	CHECK(strstr(fault_of("{\"text\":7}"), "text") != NULL);
	CHECK(strstr(fault_of("{\"text\":\"x\",\"level\":\"error\"}"),
		     "level") != NULL);
	CHECK(strstr(fault_of("{\"text\":\"x\",\"level\":null}"), "level") !=
	      NULL);
	CHECK(strstr(fault_of("{\"text\":\"x\",\"until\":-1}"), "until") !=
	      NULL);
	CHECK(strstr(fault_of("{\"text\":\"x\",\"until\":1.5}"), "until") !=
	      NULL);
	CHECK(strstr(fault_of("{\"text\":\"x\",\"until\":\"\"}"), "until") !=
	      NULL);
	CHECK(strstr(fault_of("{\"over\":true}"), "id") != NULL);
	CHECK(strstr(fault_of("{\"over\":true,\"id\":\"\"}"), "id") != NULL);
}

static void an_announcement_is_stored_as_it_is_read(void)
{
	struct announced a = {.until_ms = 5, .at_ms = 3}, back;
	struct buf b = BUF_INIT;
	const char *why;

	strcpy(a.text, "say \"x\"\n");
	strcpy(a.level, "info");
	strcpy(a.by, "maria");
	announced_encode(&b, &a);
	CHECK_STR(b.data, "{\"text\":\"say \\\"x\\\"\\n\",\"level\":\"info\","
			  "\"until\":5,\"at\":3,\"by\":\"maria\"}");
	CHECK(announced_decode(buf_str(&b), &back, &why));
	CHECK_STR(back.text, "say \"x\"");
	CHECK(back.until_ms == 5 && back.at_ms == 3);
	CHECK_STR(back.by, "maria");
	buf_fini(&b);
}

static void problems_follow_their_rfc(void)
{
	struct buf b = BUF_INIT;

	problem_encode(&b, 404, "Not Found", "no \"x\"");
	CHECK_STR(b.data, "{\"type\":\"about:blank\",\"title\":\"Not Found\","
			  "\"status\":404,\"detail\":\"no \\\"x\\\"\"}");
	buf_clear(&b);
	problem_encode(&b, 429, "Slow down", NULL);
	CHECK_STR(b.data, "{\"type\":\"about:blank\",\"title\":\"Slow down\","
			  "\"status\":429}");
	buf_fini(&b);
}

static void claims_need_a_subject_and_an_end(void)
{
	struct jwt_claims c;

	CHECK(jwt_claims_decode(STR("{\"sub\":\"u1\",\"exp\":1732262400,"
				    "\"name\":\"N\",\"email\":\"e\",\"nbf\":"
				    "5}"),
				&c));
	CHECK_STR(c.sub, "u1");
	CHECK_STR(c.name, "N");
	CHECK_STR(c.email, "e");
	CHECK(c.exp_s == 1732262400 && c.nbf_s == 5);
	CHECK(jwt_claims_decode(STR("{\"sub\":\"u\",\"exp\":17.9}"), &c));
	CHECK(c.exp_s == 17 && c.nbf_s == 0 && c.name[0] == '\0');
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"u\"}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"exp\":5}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"\",\"exp\":5}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":5,\"exp\":5}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"u\",\"exp\":\"5\"}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"u\",\"exp\":-5}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"u\",\"exp\":1e300}"), &c));
	CHECK(!jwt_claims_decode(STR("{\"sub\":\"u\",\"exp\":5,\"nbf\":\"\"}"),
				 &c));
	CHECK(c.sub[0] == '\0');
}

static void only_hs256_is_a_header(void)
{
	CHECK(jwt_header_is_hs256(STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")));
	CHECK(jwt_header_is_hs256(STR("{\"alg\":\"HS256\",\"typ\":\"jwt\"}")));
	CHECK(jwt_header_is_hs256(STR("{\"alg\":\"HS256\",\"kid\":\"1\"}")));
	CHECK(!jwt_header_is_hs256(STR("{\"alg\":\"none\"}")));
	CHECK(!jwt_header_is_hs256(STR("{\"alg\":\"hs256\"}")));
	CHECK(!jwt_header_is_hs256(STR("{\"alg\":\"RS256\",\"typ\":\"JWT\"}")));
	CHECK(!jwt_header_is_hs256(STR("{\"alg\":\"HS256\",\"typ\":\"X\"}")));
	CHECK(!jwt_header_is_hs256(STR("{\"alg\":\"HS256\",\"typ\":null}")));
	CHECK(!jwt_header_is_hs256(
		STR("{\"alg\":\"HS256\",\"crit\":[\"b64\"]}")));
	CHECK(!jwt_header_is_hs256(
		STR("{\"alg\":\"none\",\"alg\":\"HS256\"}")));
	CHECK(!jwt_header_is_hs256(STR("{}")));
	CHECK(!jwt_header_is_hs256(STR("\"HS256\"")));
}

int main(void)
{
	RUN(a_login_has_a_name_and_a_password);
	RUN(a_sentence_to_be_tried_is_bounded);
	RUN(an_announcement_says_what_and_how_long);
	RUN(what_is_no_announcement_is_refused_with_a_reason);
	RUN(an_announcement_is_stored_as_it_is_read);
	RUN(problems_follow_their_rfc);
	RUN(claims_need_a_subject_and_an_end);
	RUN(only_hs256_is_a_header);
	return check_done("wire/other");
}
