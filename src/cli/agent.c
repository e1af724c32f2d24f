/* `answerctl agent`: the people who may sign in. They stand in Redis, where
 * every daemon finds them; passwords only as argon2id. Whoever reaches that
 * Redis may do this: there is no other check. */
#include "agent.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli.h"
#include "daemon/config.h"
#include "daemon/token.h"
#include "password.h"
#include "wire/frame.h"

#define DISPLAY_MAX  64
#define CAPACITY_MAX 1000

struct options {
	const char *name;
	const char *display;
	const char *roles[CONFIG_LIST_MAX], *queues[CONFIG_LIST_MAX];
	size_t role_count, queue_count;
	const char *capacity;
	bool from_stdin;
};

void agent_key(char key[AGENT_KEY_MAX], const char *name)
{
	snprintf(key, AGENT_KEY_MAX, "agent:%s", name);
}

static bool exists(const struct hash *hash)
{
	return hash->status == STORE_OK &&
	       field_get(hash->fields, hash->count, "password").n > 0;
}

int agent_find(struct link *link, const char *name, struct hash *out)
{
	char key[AGENT_KEY_MAX];

	agent_key(key, name);
	*out = link_hash(link, key);
	if (out->status != STORE_OK && out->status != STORE_EMPTY)
		return link_failed(out->status);
	if (exists(out))
		return CLI_OK;
	fprintf(stderr,
		"answerctl: no agent \"%s\"; answerctl agent list shows all\n",
		name);
	return CLI_FAILED;
}

static void now_text(char text[24])
{
	snprintf(text, 24, "%lld", (long long)loop_wall_ms());
}

/* -- add and passwd ------------------------------------------------------ */

static void join(const char *const *list, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		buf_add_s(out, list[i]);
	}
}

static void report(const struct options *o, const struct password *password,
		   const char *done)
{
	printf("agent %s %s\n", o->name, done);
	if (password->made)
		printf("password %s (it cannot be shown again)\n",
		       password->text);
}

static int write_agent(struct link *link, const struct options *o,
		       const char *hash)
{
	struct buf roles = BUF_INIT, queues = BUF_INIT;
	char key[AGENT_KEY_MAX], now[24];
	struct field fields[8];
	size_t n = 0;
	int status;

	now_text(now);
	agent_key(key, o->name);
	join(o->roles, o->role_count, &roles);
	join(o->queues, o->queue_count, &queues);
	fields[n++] = (struct field){
		STR("display"),
		str_of(o->display == NULL ? o->name : o->display)};
	fields[n++] = (struct field){STR("password"), str_of(hash)};
	fields[n++] = (struct field){
		STR("roles"), roles.len == 0 ? STR("agent") : buf_str(&roles)};
	fields[n++] = (struct field){
		STR("queues"), queues.len == 0 ? STR("*") : buf_str(&queues)};
	fields[n++] = (struct field){STR("disabled"), STR("0")};
	fields[n++] = (struct field){STR("created"), str_of(now)};
	fields[n++] = (struct field){STR("password_ms"), str_of(now)};
	if (o->capacity != NULL)
		fields[n++] =
			(struct field){STR("capacity"), str_of(o->capacity)};
	status = link_set(link, key, fields, n);
	buf_fini(&roles);
	buf_fini(&queues);
	return status;
}

static int write_password(struct link *link, const struct options *o,
			  const char *hash)
{
	char key[AGENT_KEY_MAX], now[24];
	struct field fields[2];

	now_text(now);
	agent_key(key, o->name);
	fields[0] = (struct field){STR("password"), str_of(hash)};
	fields[1] = (struct field){STR("password_ms"), str_of(now)};
	return link_set(link, key, fields, 2);
}

static bool get_hashed(const struct options *o, struct password *password,
		       char hash[TOKEN_HASH_MAX])
{
	struct buf why = BUF_INIT;
	bool ok = password_get(o->from_stdin, password, &why);

	if (ok && !password_hash(str_of(password->text), hash)) {
		buf_add_s(&why, "no memory to hash a password");
		ok = false;
	}
	if (!ok)
		fprintf(stderr, "answerctl: %s\n", why.data);
	buf_fini(&why);
	return ok;
}

static int add(struct link *link, const struct options *o)
{
	char key[AGENT_KEY_MAX], hash[TOKEN_HASH_MAX];
	struct password password;
	struct hash there;
	int status;

	agent_key(key, o->name);
	there = link_hash(link, key);
	if (there.status != STORE_OK && there.status != STORE_EMPTY)
		return link_failed(there.status);
	if (exists(&there)) {
		fprintf(stderr,
			"answerctl: there is an agent \"%s\"; answerctl agent "
			"passwd %s gives another password\n",
			o->name, o->name);
		return CLI_FAILED;
	}
	if (!get_hashed(o, &password, hash))
		return CLI_FAILED;
	status = write_agent(link, o, hash);
	if (status == CLI_OK)
		report(o, &password, "added");
	explicit_bzero(&password, sizeof(password));
	return status;
}

static int passwd(struct link *link, const struct options *o)
{
	char hash[TOKEN_HASH_MAX];
	struct password password;
	struct hash there;
	int status = agent_find(link, o->name, &there);

	if (status != CLI_OK)
		return status;
	if (!get_hashed(o, &password, hash))
		return CLI_FAILED;
	status = write_password(link, o, hash);
	if (status == CLI_OK)
		report(o, &password, "has a new password");
	explicit_bzero(&password, sizeof(password));
	return status;
}

/* -- the other commands -------------------------------------------------- */

static int set_disabled(struct link *link, const struct options *o,
			bool disabled)
{
	struct field field = {STR("disabled"), disabled ? STR("1") : STR("0")};
	char key[AGENT_KEY_MAX];
	struct hash there;
	int status = agent_find(link, o->name, &there);

	if (status != CLI_OK)
		return status;
	agent_key(key, o->name);
	status = link_set(link, key, &field, 1);
	if (status == CLI_OK)
		printf("agent %s %s\n", o->name,
		       disabled ? "disabled" : "enabled");
	return status;
}

static int disable(struct link *link, const struct options *o)
{
	return set_disabled(link, o, true);
}

static int enable(struct link *link, const struct options *o)
{
	return set_disabled(link, o, false);
}

static int token(struct link *link, const struct options *o)
{
	return agent_token(link, o->name);
}

static int revoke(struct link *link, const struct options *o)
{
	return agent_revoke(link, o->name);
}

static int list(struct link *link, const struct options *o)
{
	(void)o;
	return agent_list(link);
}

static const struct action {
	const char *name;
	int (*run)(struct link *link, const struct options *o);
	bool names;     /* wants a NAME */
	bool describes; /* takes --display and the like */
	bool password;  /* takes --password-stdin */
} actions[] = {
	{"add", add, true, true, true},
	{"passwd", passwd, true, false, true},
	{"token", token, true, false, false},
	{"revoke", revoke, true, false, false},
	{"disable", disable, true, false, false},
	{"enable", enable, true, false, false},
	{"list", list, false, false, false},
};

/* -- the command line ---------------------------------------------------- */

static bool is_role(const char *s)
{
	return strcmp(s, "agent") == 0 || strcmp(s, "supervisor") == 0 ||
	       strcmp(s, "admin") == 0;
}

static int take_value(struct options *o, const char *option, const char *value)
{
	uint64_t capacity;

	if (strcmp(option, "--display") == 0) {
		if (*value == '\0' || strlen(value) > DISPLAY_MAX ||
		    !utf8_valid(value, strlen(value)))
			return cli_usage("agent",
					 "--display wants 1 to %d bytes of "
					 "UTF-8",
					 DISPLAY_MAX);
		o->display = value;
		return CLI_OK;
	}
	if (strcmp(option, "--capacity") == 0) {
		if (!str_to_u64(str_of(value), CAPACITY_MAX, &capacity) ||
		    capacity == 0)
			return cli_usage("agent", "--capacity wants 1 to %d",
					 CAPACITY_MAX);
		o->capacity = value;
		return CLI_OK;
	}
	if (strcmp(option, "--queue") == 0) {
		if (o->queue_count == CONFIG_LIST_MAX)
			return cli_usage("agent", "too many --queue");
		o->queues[o->queue_count++] = value;
		return CLI_OK;
	}
	if (!is_role(value))
		return cli_usage("agent",
				 "--role is agent, supervisor or admin, not "
				 "\"%s\"",
				 value);
	if (o->role_count == CONFIG_LIST_MAX)
		return cli_usage("agent", "too many --role");
	o->roles[o->role_count++] = value;
	return CLI_OK;
}

static bool takes_value(const char *option)
{
	static const char *const options[] = {"--display", "--role", "--queue",
					      "--capacity"};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strcmp(option, options[i]) == 0)
			return true;
	return false;
}

static int parse(const struct action *action, int argc, char **argv,
		 struct options *o)
{
	int status = CLI_OK;

	*o = (struct options){.name = NULL};
	for (int i = 0; i < argc && status == CLI_OK; i++) {
		if (action->describes && takes_value(argv[i])) {
			if (i + 1 == argc)
				return cli_usage("agent", "%s wants a value",
						 argv[i]);
			status = take_value(o, argv[i], argv[i + 1]);
			i++;
		} else if (action->password &&
			   strcmp(argv[i], "--password-stdin") == 0) {
			o->from_stdin = true;
		} else if (argv[i][0] != '-' && action->names &&
			   o->name == NULL) {
			o->name = argv[i];
		} else {
			return cli_usage("agent", "what is \"%s\"?", argv[i]);
		}
	}
	return status;
}

static int check(const struct action *action, const struct options *o)
{
	if (action->names && o->name == NULL)
		return cli_usage("agent", "%s wants a NAME", action->name);
	if (action->names && !frame_id_valid(str_of(o->name)))
		return cli_usage("agent", "a NAME is 1 to 64 of A-Z a-z 0-9 _ "
					  "-");
	return CLI_OK;
}

static int no_queue(const struct settings_list *all, const char *name)
{
	struct buf names = BUF_INIT;
	int status;

	for (size_t i = 0; i < all->count; i++)
		buf_addf(&names, "%s%s", i == 0 ? "" : ", ", all->items[i]);
	status = cli_usage("agent", "no queue \"%s\" in agents.queues (%s)",
			   name, names.len > 0 ? names.data : "");
	buf_fini(&names);
	return status;
}

static int check_queues(const struct link *link, const struct options *o)
{
	const struct settings_list *all = &link->config.queues;

	for (size_t i = 0; i < o->queue_count; i++)
		if (!settings_list_has(all, str_of(o->queues[i])))
			return no_queue(all, o->queues[i]);
	return CLI_OK;
}

static int run(const struct action *action, const struct options *o)
{
	struct link link;
	int status = link_open(&link);

	if (status == CLI_OK)
		status = check_queues(&link, o);
	if (status == CLI_OK && !token_init()) {
		fputs("answerctl: libsodium does not start\n", stderr);
		status = CLI_FAILED;
	}
	if (status == CLI_OK)
		status = action->run(&link, o);
	link_close(&link);
	return status;
}

int cmd_agent(int argc, char **argv)
{
	struct options o;
	int status;

	if (argc < 2)
		return cli_usage("agent", "add, passwd, token, revoke, "
					  "disable, enable or list?");
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		status = parse(&actions[i], argc - 2, argv + 2, &o);
		if (status == CLI_OK)
			status = check(&actions[i], &o);
		return status == CLI_OK ? run(&actions[i], &o) : status;
	}
	return cli_usage("agent", "what is \"%s\"?", argv[1]);
}
