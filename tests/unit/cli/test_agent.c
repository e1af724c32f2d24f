/* `answerctl agent` and `queue` on a Redis of their own. */
#include "tool.h"

#include "daemon/token.h"
#include "store/world.h"

static char config[128];

/* The tool with this test's configuration. */
static int ctl(const char *input, const char *line)
{
	char whole[400];

	snprintf(whole, sizeof(whole), "-c %s %s", config, line);
	return tool(input, whole);
}

/* A field of a hash, past the tool; "" where there is none. */
static const char *field(const char *key, const char *name)
{
	return redis("HGET t:%s %s", key, name);
}

static void an_agent_is_added_with_a_password_made_up(void)
{
	char password[32] = "";

	CHECK(ctl("", "agent add maria --display Maria_X --role admin --role "
		      "agent --queue vip --capacity 3") == CLI_OK);
	CHECK(printed("agent maria added\npassword "));
	CHECK(sscanf(tool_out.data, "agent maria added\npassword %31s",
		     password) == 1);
	CHECK(strlen(password) == 16);
	CHECK(password_check(field("agent:{maria}", "password"),
			     str_of(password)));
	CHECK_STR(field("agent:{maria}", "display"), "Maria X");
	CHECK_STR(field("agent:{maria}", "roles"), "admin,agent");
	CHECK_STR(field("agent:{maria}", "queues"), "vip");
	CHECK_STR(field("agent:{maria}", "capacity"), "3");
	CHECK_STR(field("agent:{maria}", "disabled"), "0");
	CHECK(strtoll(field("agent:{maria}", "created"), NULL, 10) >
	      1700000000000);
}

static void a_name_is_taken_once(void)
{
	char before[200];

	snprintf(before, sizeof(before), "%s",
		 field("agent:{maria}", "password"));
	CHECK(ctl("", "agent add maria") == CLI_FAILED);
	CHECK(complained("there is an agent \"maria\""));
	CHECK_STR(field("agent:{maria}", "password"), before);
}

static void a_password_comes_from_standard_input(void)
{
	CHECK(ctl("short\n", "agent add max --password-stdin") == CLI_FAILED);
	CHECK(complained("8 characters at least"));
	CHECK_STR(field("agent:{max}", "password"), "");
	CHECK(ctl("", "agent add max --password-stdin") == CLI_FAILED);
	CHECK(ctl("s\xc3\xa4 lang genug\r\nmore\n",
		  "agent add max --password-stdin") == CLI_OK);
	CHECK_STR(tool_out.data, "agent max added\n");
	CHECK(password_check(field("agent:{max}", "password"),
			     STR("s\xc3\xa4 lang genug")));
	CHECK_STR(field("agent:{max}", "queues"), "*");
	CHECK_STR(field("agent:{max}", "roles"), "agent");
	CHECK(ctl("another one\n", "agent passwd max --password-stdin") ==
	      CLI_OK);
	CHECK(password_check(field("agent:{max}", "password"),
			     STR("another one")));
	CHECK(ctl("", "agent passwd nobody") == CLI_FAILED);
	CHECK(complained("no agent \"nobody\""));
}

static void a_token_stands_as_its_digest_and_can_be_ended(void)
{
	char token[64] = "", digest[65], key[80];

	CHECK(ctl("", "agent token max") == CLI_OK);
	CHECK(sscanf(tool_out.data, "%63s", token) == 1);
	CHECK(strlen(token) == 43 && tool_out.len == 44);
	token_digest(str_of(token), digest);
	snprintf(key, sizeof(key), "token:{%s}", digest);
	CHECK_STR(field(key, "agent"), "max");
	CHECK(strcmp(field(key, "created"), "") != 0);
	CHECK(ctl("", "agent revoke max") == CLI_OK && printed("1 tokens"));
	CHECK_STR(field(key, "agent"), "");
	CHECK(ctl("", "agent revoke max") == CLI_OK && printed("0 tokens"));
	CHECK(ctl("", "agent token nobody") == CLI_FAILED);
	CHECK(tool_out.len == 0);
}

static void agents_are_listed_disabled_and_enabled(void)
{
	CHECK(ctl("", "agent disable max") == CLI_OK);
	CHECK_STR(field("agent:{max}", "disabled"), "1");
	CHECK(ctl("", "agent list") == CLI_OK);
	CHECK(printed("maria             -          admin,agent   vip"));
	CHECK(printed("max               disabled   agent         *"));
	CHECK(ctl("", "agent enable max") == CLI_OK);
	CHECK_STR(field("agent:{max}", "disabled"), "0");
	CHECK(ctl("", "agent add bob --queue nowhere") == CLI_USAGE);
	CHECK(complained(
		"no queue \"nowhere\" in agents.queues (support, vip)"));
	CHECK_STR(field("agent:{bob}", "password"), "");
}

static void nobody_waits_in_an_empty_line(void)
{
	CHECK(ctl("", "queue") == CLI_OK);
	CHECK_STR(tool_out.data, "0 waiting, 0 with an agent\n");
	CHECK(ctl("", "queue --json") == CLI_OK && tool_out.len == 0);
	CHECK(ctl("", "queue nowhere") == CLI_USAGE);
}

static bool done;

static void on_appended(void *arg, uint64_t tag,
			const struct store_appended *result)
{
	(void)arg;
	(void)tag;
	CHECK(result->status == STORE_OK);
	done = true;
}

/* As a daemon puts a conversation in line. */
static void enqueue(struct store *store, const char *conv, const char *queue)
{
	struct field fields[] = {{STR("type"), STR("state")},
				 {STR("state"), STR("queued")}};
	struct field info[] = {
		{STR("reason"), STR("asked")},
		{STR("preview"), STR("hi\x1b[2J\xe2\x80\xae \xc3\xa4")}};
	struct store_entry entry = {STR_NONE, 0, fields, 2};
	struct store_unit unit = {.conv = conv,
				  .entries = &entry,
				  .entry_count = 1,
				  .queue_op = QUEUE_ENQUEUE,
				  .queue = queue,
				  .priority = 2,
				  .since_ms = loop_wall_ms() - 65000,
				  .info = info,
				  .info_count = 2};

	done = false;
	store_append(store, &unit, on_appended, NULL, 0);
	CHECK(store_wait(store, &done, WAIT_MS));
}

static void on_claimed(void *arg, uint64_t tag, const struct store_claim *claim)
{
	(void)arg;
	(void)tag;
	CHECK(claim->status == STORE_OK);
	done = true;
}

static void who_waits_is_shown_and_who_is_served(void)
{
	static const char *const queues[] = {"support"};
	struct store *store = store_made("n", NULL);

	UNTIL(store_is_up(store));
	enqueue(store, "conv-one", "support");
	enqueue(store, "conv-two", "vip");
	done = false;
	store_claim(store, queues, 1, NULL, "maria", "x", on_claimed, NULL, 0);
	CHECK(store_wait(store, &done, WAIT_MS));
	store_free(&store);
	CHECK(ctl("", "queue") == CLI_OK);
	CHECK(printed("1 waiting, 1 with an agent\n"));
	CHECK(printed("vip              1 min     2  -             asked"));
	CHECK(printed("support          1 min     2  maria         asked"));
	CHECK(printed("hi [2J  \xc3\xa4\n"));
	CHECK(strchr(tool_out.data, '\x1b') == NULL);
	CHECK(strstr(tool_out.data, "\xe2\x80\xae") == NULL);
	CHECK(ctl("", "queue --json vip") == CLI_OK);
	CHECK(printed("{\"conversation\":\"conv-two\",\"queue\":\"vip\","
		      "\"priority\":2,\"waited_s\":6"));
	CHECK(strchr(tool_out.data, '\n') == tool_out.data + tool_out.len - 1);
}

static void redis_may_refuse_to_write(void)
{
	redis("CONFIG SET min-replicas-to-write 1");
	CHECK(ctl("", "agent disable max") == CLI_AWAY);
	CHECK(complained("too few replicas"));
	redis("CONFIG SET min-replicas-to-write 0");
	CHECK_STR(field("agent:{max}", "disabled"), "0");
	redis("SET t:agent:{zed} x");
	CHECK(ctl("", "agent add zed") == CLI_FAILED);
	CHECK(complained("answerctl: Redis refused"));
}

int main(void)
{
	char text[256];

	if (!tool_start() || !token_init())
		return 1;
	world_begin();
	snprintf(text, sizeof(text),
		 "redis: {url: '%s', prefix: 't:'}\n"
		 "agents: {queues: [support, vip]}\n",
		 world.url);
	tool_write("c.yaml", text);
	snprintf(config, sizeof(config), "%s", tool_path("c.yaml"));
	RUN(an_agent_is_added_with_a_password_made_up);
	RUN(a_name_is_taken_once);
	RUN(a_password_comes_from_standard_input);
	RUN(a_token_stands_as_its_digest_and_can_be_ended);
	RUN(agents_are_listed_disabled_and_enabled);
	RUN(nobody_waits_in_an_empty_line);
	RUN(who_waits_is_shown_and_who_is_served);
	RUN(redis_may_refuse_to_write);
	tool_end();
	return world_end("cli/agent");
}
