/* The daemon's configuration: one table, from which come reading, defaults,
 * `--set`, `--print-config` and the test of the shipped file; and the checks
 * that need more than one value. Reads the one file, touches nothing else but
 * to look whether a time zone is there. */
#include "daemon/config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "chat/hours.h"
#include "config_table.h"
#include "intent/intent.h"
#include "io/front.h"
#include "store/store.h"

#define S   INT64_C(1000)
#define MIN (60 * S)
#define H   (60 * MIN)
#define D   (24 * H)
#define KB  INT64_C(1024)
#define MB  (1024 * KB)
#define GB  (1024 * MB)

#define SOURCES "sources"

#define AT(member) offsetof(struct config, member)
#define TEXT(key, member, min, max, initial, about)                            \
	{                                                                      \
		key, SETTING_STRING, AT(member), min, max, initial, about      \
	}
#define FLAG(key, member, initial, about)                                      \
	{                                                                      \
		key, SETTING_BOOL, AT(member), 0, 0, initial, about            \
	}
#define NUMBER(key, member, min, max, initial, about)                          \
	{                                                                      \
		key, SETTING_INT, AT(member), min, max, initial, about         \
	}
#define TIME(key, member, min, max, initial, about)                            \
	{                                                                      \
		key, SETTING_MS, AT(member), min, max, initial, about          \
	}
#define SIZE(key, member, min, max, initial, about)                            \
	{                                                                      \
		key, SETTING_BYTES, AT(member), min, max, initial, about       \
	}
#define LIST(key, member, min, max, initial, about)                            \
	{                                                                      \
		key, SETTING_LIST, AT(member), min, max, initial, about        \
	}

const struct setting config_table[] = {
	TEXT("listen", listen, 1, 200, "127.0.0.1:8080", "address:port"),
	TEXT("state_dir", state_dir, 1, 1000, "var/state", "what it keeps"),
	TEXT("secret_file", secret_file, 1, 1000, "var/secret",
	     "signs visitors' tokens; made when missing"),
	TEXT("identity_secret_file", identity_secret_file, 0, 1000, "''",
	     "the shop's, for hmac and jwt"),
	TEXT("node", node, 0, 48, "''", "this daemon's name among several"),
	TEXT("log_level", log_level, 1, 10, "info", "error warn info debug"),
	LIST("origins", origins, 0, CONFIG_LIST_MAX, "[]",
	     "sites whose pages may chat"),
	LIST("proxies", proxies, 0, CONFIG_LIST_MAX, "['127.0.0.1', '::1']",
	     "whose X-Forwarded-For is believed"),
	NUMBER("max_connections", max_connections, 1, 1000000, "16000",
	       "at one time"),
	FLAG("share_port", share_port, "false", "several daemons on one port"),
	TEXT("intents", intents, 1, 1000, "intents", "directory of the rules"),
	TEXT("word_list", word_list, 0, 1000, "/usr/share/dict/words",
	     "words that are no typing errors"),

	TEXT("redis.url", redis_url, 1, 1000, "redis://127.0.0.1:6379/0",
	     "unix:///path, redis://host:port/db, or by Sentinel"),
	TEXT("redis.prefix", redis_prefix, 0, 64, "'answerd:'",
	     "before every key"),
	TIME("redis.timeout", redis_timeout_ms, 100, 60 * S, "2 s",
	     "a command without an answer: Redis is away"),
	NUMBER("redis.wait_replicas", redis_wait_replicas, 0, 16, "0",
	       "that must have it before it counts as stored"),
	TIME("redis.wait_timeout", redis_wait_timeout_ms, 10, 60 * S, "1 s",
	     "without them: the daemon calls itself degraded"),
	SIZE("redis.max_waiting", redis_max_waiting_bytes, 64 * KB, 16 * GB,
	     "64 MB", "what may wait while Redis is away"),

	FLAG("spool.enabled", spool, "true",
	     "keep on disk what Redis does not have for sure"),
	TIME("spool.hold", spool_hold_ms, 1 * S, 1 * D, "60 s",
	     "how long after Redis has it"),
	TIME("spool.max_age", spool_max_age_ms, 1 * H, 365 * D, "7 d",
	     "what waited for Redis longer is given up"),
	SIZE("spool.max_size", spool_max_bytes, 1 * MB, 1024 * GB, "1 GB",
	     "of its file"),

	NUMBER("limits.text", limit_text, 1, 100000, "2000",
	       "characters of a message"),
	SIZE("limits.frame", limit_frame, 4 * KB, 16 * MB, "32 kB",
	     "a whole frame"),
	NUMBER("limits.messages_per_minute", limit_per_minute, 1, 100000, "30",
	       "of one shopper"),
	NUMBER("limits.burst", limit_burst, 1, 10000, "10",
	       "messages at once before that counts"),
	SIZE("limits.unread", limit_unread_bytes, 64 * KB, 64 * MB, "1 MB",
	     "queued for a client that does not read"),
	NUMBER("limits.visitors_per_hour", limit_visitors_per_hour, 0, 1000000,
	       "1000", "new ones of one address"),
	NUMBER("limits.login_per_minute", limit_login_per_minute, 1, 10000,
	       "10", "sign-ins tried from one address"),
	TIME("limits.hello_timeout", hello_timeout_ms, 100, 5 * MIN, "10 s",
	     "until the first frame"),
	TIME("limits.ping_interval", ping_interval_ms, 1 * S, 10 * MIN, "20 s",
	     "between pings to a silent client"),
	TIME("limits.ping_timeout", ping_timeout_ms, 2 * S, 20 * MIN, "30 s",
	     "silence after which it is hung up on"),

	TEXT("shop.name", shop_name, 0, 100, "Our shop", "shown to shoppers"),
	TEXT("shop.greeting", shop_greeting, 0, 1000, "''",
	     "shown before the first message"),
	TEXT("shop.colour", shop_colour, 0, 7, "'#0b5fff'", "of the widget"),
	TEXT("shop.locale", shop_locale, 2, 35, "en", "BCP 47"),
	TEXT("shop.timezone", shop_timezone, 0, 64, "''", "of the hours"),
	LIST("shop.hours", shop_hours, 0, 100, "[]", "when agents are there"),

	TIME("conversation.bot_idle", bot_idle_ms, 1 * S, 90 * D, "1 d",
	     "close a chat in which nobody writes"),
	TIME("conversation.queue_reminder", queue_reminder_ms, 1 * S, 1 * D,
	     "5 min", "tell who waits that they still do"),
	TIME("conversation.queue_give_up", queue_give_up_ms, 1 * S, 30 * D,
	     "30 min", "then offer to leave a contact"),
	TIME("conversation.agent_reply", agent_reply_ms, 1 * S, 30 * D, "5 min",
	     "remind the agent; twice: back in line"),
	TIME("conversation.shopper_reply", shopper_reply_ms, 1 * S, 90 * D,
	     "1 d", "close when the shopper is silent"),
	TIME("conversation.keep_closed", keep_closed_ms, 0, 36500 * D, "0 s",
	     "then what is closed is erased; 0: never"),
	FLAG("conversation.ask_effort", ask_effort, "true",
	     "who has rated a chat is asked how easy it was"),
	NUMBER("conversation.misses_to_hand_over", misses_to_hand_over, 1, 10,
	       "2", "messages in a row without an answer"),
	TEXT("conversation.default_queue", default_queue, 1, 64, "support",
	     "where a rule names none"),

	LIST("agents.queues", queues, 1, CONFIG_LIST_MAX,
	     "[support, complaints, products]", "all there are"),
	LIST("agents.outcomes", outcomes, 1, CONFIG_LIST_MAX,
	     "[solved, not_solved, no_reply, spam]",
	     "what an agent picks from when closing"),
	NUMBER("agents.capacity", agent_capacity, 1, 1000, "5",
	       "chats of one agent at a time"),
	TIME("agents.lease", lease_ms, 1 * S, 10 * MIN, "30 s",
	     "without a sign of life: the chat goes back in line"),
	TIME("agents.session_idle", session_idle_ms, 1 * MIN, 30 * D, "12 h",
	     "sign in again after"),
	TIME("agents.session_max", session_max_ms, 1 * MIN, 365 * D, "7 d",
	     "sign in again at the latest"),
	FLAG("agents.cookie_secure", cookie_secure, "false",
	     "the cookie over TLS only"),
};
const size_t config_table_len = ARRAY_LEN(config_table);

/* -- checks of the whole ------------------------------------------------- */

struct checking {
	const struct config *config;
	const char *file;
	const struct node *root; /* NULL: not from a file */
	struct diags *diags;
};

/* Where `key` stands, or the file as a whole where it is a default. */
static struct diag_place place_of(const struct checking *k, const char *key,
				  size_t item)
{
	const char *dot = strchr(key, '.');
	const struct node *map = k->root, *node;
	char group[32];

	if (dot != NULL) {
		snprintf(group, sizeof(group), "%.*s", (int)(dot - key), key);
		map = node_get(map, group);
	}
	node = node_get(map, dot == NULL ? key : dot + 1);
	if (node != NULL && node->kind == NODE_LIST && item < node->count)
		node = node->items[item];
	if (node == NULL)
		return (struct diag_place){k->file, 0, 0};
	return node_place(node, k->file);
}

#define WRONG(k, key, item, ...)                                               \
	diag_error((k)->diags, place_of(k, key, item), __VA_ARGS__)

static bool is_name(const char *s, const char *more)
{
	if (*s == '\0' || strlen(s) > 64)
		return false;
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(more, *s) == NULL)
			return false;
	return true;
}

/* IPv6 in brackets: "::1:80" may mean two things. */
static bool is_address_port(const char *s)
{
	const char *colon = strrchr(s, ':');
	size_t host = colon == NULL ? 0 : (size_t)(colon - s);
	uint64_t port;

	if (host == 0 || !str_to_u64(str_of(colon + 1), 65535, &port))
		return false;
	if (s[0] == '[')
		return host > 2 && s[host - 1] == ']';
	return memchr(s, ':', host) == NULL;
}

static void check_listen(const struct checking *k)
{
	struct buf why = BUF_INIT;

	if (!is_address_port(k->config->listen))
		WRONG(k, "listen", 0,
		      "\"%s\" is not address:port; write 127.0.0.1:8080, "
		      "'[::1]:8080' or '*:8080'",
		      k->config->listen);
	else if (!front_address_is_valid(k->config->listen, &why))
		WRONG(k, "listen", 0,
		      "%s; write 127.0.0.1:8080, '[::1]:8080' or '*:8080'",
		      why.data);
	buf_fini(&why);
}

static void check_redis(const struct checking *k)
{
	struct buf why = BUF_INIT;

	if (!store_url_is_valid(k->config->redis_url, &why))
		WRONG(k, "redis.url", 0, "redis.url: %s", why.data);
	buf_fini(&why);
	/* Braces are Redis's hash tags: the keys' own must stay the only. */
	for (const char *p = k->config->redis_prefix; *p != '\0'; p++) {
		if (*p > ' ' && *p < 0x7f && *p != '{' && *p != '}')
			continue;
		WRONG(k, "redis.prefix", 0,
		      "\"redis.prefix\" must not hold blanks, braces or "
		      "letters beyond ASCII");
		break;
	}
}

static void check_names(const struct checking *k)
{
	const struct config *c = k->config;
	enum log_level level;

	if (!log_level_of(str_of(c->log_level), &level))
		WRONG(k, "log_level", 0,
		      "\"%s\" is no log level; write error, warn, info or "
		      "debug",
		      c->log_level);
	if (c->node[0] != '\0' && !is_name(c->node, "_-."))
		WRONG(k, "node", 0,
		      "\"node\" may hold letters, digits and _ - . only");
	if (!is_name(c->shop_locale, "-"))
		WRONG(k, "shop.locale", 0,
		      "\"%s\" is no language tag; write en or de-DE",
		      c->shop_locale);
}

static void check_times(const struct checking *k)
{
	const struct config *c = k->config;

	if (c->ping_timeout_ms <= c->ping_interval_ms)
		WRONG(k, "limits.ping_timeout", 0,
		      "\"limits.ping_timeout\" must be longer than "
		      "\"limits.ping_interval\"; else every silent client is "
		      "hung up on before it was asked");
	if (c->session_max_ms < c->session_idle_ms)
		WRONG(k, "agents.session_max", 0,
		      "\"agents.session_max\" must not be shorter than "
		      "\"agents.session_idle\"");
	if (c->queue_give_up_ms < c->queue_reminder_ms)
		WRONG(k, "conversation.queue_give_up", 0,
		      "\"conversation.queue_give_up\" must not be shorter "
		      "than \"conversation.queue_reminder\"");
	/* Four bytes a character, and the frame around them. */
	if (c->limit_frame < 4 * c->limit_text + 1024)
		WRONG(k, "limits.frame", 0,
		      "\"limits.frame\" is too small for a message of "
		      "\"limits.text\" characters; it needs %lld bytes",
		      (long long)(4 * c->limit_text + 1024));
}

static void check_list(const struct checking *k, const char *key,
		       const struct settings_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct settings_list before = {list->items, i};

		if (!is_name(list->items[i], "_-"))
			WRONG(k, key, i,
			      "\"%s\" in \"%s\" must be 1 to 64 letters, "
			      "digits, _ or -",
			      list->items[i], key);
		else if (settings_list_has(&before, str_of(list->items[i])))
			WRONG(k, key, i,
			      "\"%s\" stands twice in \"%s\"; remove one",
			      list->items[i], key);
	}
}

static void check_queues(const struct checking *k)
{
	const struct config *c = k->config;

	check_list(k, "agents.queues", &c->queues);
	check_list(k, "agents.outcomes", &c->outcomes);
	if (!settings_list_has(&c->queues, str_of(c->default_queue)))
		WRONG(k, "conversation.default_queue", 0,
		      "\"%s\" is not one of \"agents.queues\"; add it there, "
		      "or name one of them here",
		      c->default_queue);
}

/* As browsers send it: scheme, host and perhaps a port, nothing behind. */
static bool is_origin(const char *s)
{
	const char *host = strstr(s, "://");

	if (strcmp(s, "*") == 0)
		return true;
	if (host == NULL || host == s || host[3] == '\0')
		return false;
	for (host += 3; *s != '\0'; s++)
		if ((*s == '/' && s >= host) || *s <= ' ' ||
		    isupper((unsigned char)*s) || *s == '*')
			return false;
	return true;
}

/* As the front prints one, which is what it is compared with. */
static bool is_address(const char *s)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	int family = strchr(s, ':') != NULL ? AF_INET6 : AF_INET;

	return inet_pton(family, s, bytes) == 1 &&
	       inet_ntop(family, bytes, text, sizeof(text)) != NULL &&
	       strcmp(text, s) == 0;
}

static void check_proxies(const struct checking *k)
{
	const struct settings_list *list = &k->config->proxies;

	for (size_t i = 0; i < list->count; i++)
		if (!is_address(list->items[i]))
			WRONG(k, "proxies", i,
			      "\"%s\" is no address; write it as 10.1.2.3 or "
			      "2001:db8::1, without a port",
			      list->items[i]);
}

static void check_origins(const struct checking *k)
{
	const struct settings_list *list = &k->config->origins;

	for (size_t i = 0; i < list->count; i++)
		if (!is_origin(list->items[i]))
			WRONG(k, "origins", i,
			      "\"%s\" is no origin; write it as browsers send "
			      "it: https://shop.example, in small letters, "
			      "without a path",
			      list->items[i]);
}

static bool is_colour(const char *s)
{
	return s[0] == '#' && strlen(s) == 7 &&
	       strspn(s + 1, "0123456789abcdefABCDEF") == 6;
}

static bool is_timezone(const char *s)
{
	char path[128];

	if (*s == '\0')
		return true;
	if (!is_name(s, "/_+-") || strstr(s, "//") != NULL || *s == '/')
		return false;
	/* Without the system's list nothing can be told. */
	if (access("/usr/share/zoneinfo", F_OK) != 0)
		return true;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", s);
	return access(path, R_OK) == 0;
}

static void check_shop(const struct checking *k)
{
	const struct config *c = k->config;
	struct buf why = BUF_INIT;
	struct hours *hours;
	size_t at = 0;

	if (!is_colour(c->shop_colour))
		WRONG(k, "shop.colour", 0,
		      "\"%s\" is no colour; write '#0b5fff', in quotes",
		      c->shop_colour);
	if (!is_timezone(c->shop_timezone))
		WRONG(k, "shop.timezone", 0,
		      "\"%s\" is no time zone of this system; write "
		      "Europe/Berlin, or '' for the system's own",
		      c->shop_timezone);
	hours = hours_parse((const char *const *)c->shop_hours.items,
			    c->shop_hours.count, &at, &why);
	if (hours == NULL)
		WRONG(k, "shop.hours", at, "%s", why.data);
	hours_free(&hours);
	buf_fini(&why);
}

static void check_whole(const struct checking *k)
{
	check_listen(k);
	check_redis(k);
	check_names(k);
	check_times(k);
	check_queues(k);
	check_origins(k);
	check_proxies(k);
	check_shop(k);
}

/* -- in and out ---------------------------------------------------------- */

void config_defaults(struct config *config)
{
	*config = (struct config){0};
	settings_defaults(config_table, config_table_len, config);
}

/* The directory is read later and elsewhere: what is wrong with it then is said
 * of this place. */
static void note_intents(const struct checking *k, struct config *config)
{
	struct diag_place at = place_of(k, "intents", 0);

	if (at.line > 0)
		snprintf(config->intents_at, sizeof(config->intents_at),
			 "%s:%u:%u", at.file, at.line, at.col);
}

/* `sources` is a map of the operator's own names, which no table knows. */
static void read_root(const char *path, const struct node *root,
		      struct config *config, struct diags *diags)
{
	const struct node *sources = node_get(root, SOURCES);
	struct node rest = *root;
	size_t n = 0;

	if (root->kind == NODE_MAP) {
		rest.keys = xcalloc(root->count, sizeof(*rest.keys));
		rest.items = xcalloc(root->count, sizeof(*rest.items));
		for (size_t i = 0; i < root->count; i++) {
			if (root->items[i] == sources)
				continue;
			rest.keys[n] = root->keys[i];
			rest.items[n++] = root->items[i];
		}
		rest.count = n;
	}
	settings_read(config_table, config_table_len, path, &rest, config,
		      diags);
	if (sources != NULL)
		sources_read(sources, path, &config->sources, diags);
	if (root->kind == NODE_MAP) {
		free(rest.keys);
		free(rest.items);
	}
}

static void read_tree(const char *path, struct str text, struct config *config,
		      struct diags *diags)
{
	struct arena arena;
	struct node *root;

	arena_init(&arena);
	root = tree_parse(&arena, path, text, diags);
	if (root != NULL) {
		struct checking k = {config, path, root, diags};

		read_root(path, root, config, diags);
		note_intents(&k, config);
		check_whole(&k);
	}
	arena_fini(&arena);
}

bool config_read(const char *path, struct config *config, struct diags *diags)
{
	size_t before = diags->errors;
	struct buf text = BUF_INIT, why = BUF_INIT;

	config_defaults(config);
	if (file_read(path, TREE_MAX_BYTES, &text, &why))
		read_tree(path, buf_str(&text), config, diags);
	else /* the reason begins with "path: " */
		diag_error(diags, ((struct diag_place){path, 0, 0}),
			   "cannot be read: %s",
			   why.data + strlen(path) + strlen(": "));
	buf_fini(&text);
	buf_fini(&why);
	return diags->errors == before;
}

static void set_sources(struct config *config, const char *value,
			struct diags *diags)
{
	struct buf text = BUF_INIT;
	struct arena arena;
	const struct node *root;

	arena_init(&arena);
	buf_addf(&text, SOURCES ": %s", value);
	root = tree_parse(&arena, "--set", buf_str(&text), diags);
	if (root != NULL)
		sources_read(node_get(root, SOURCES), "--set", &config->sources,
			     diags);
	arena_fini(&arena);
	buf_fini(&text);
}

bool config_set(struct config *config, const char *assignment,
		struct diags *diags)
{
	struct checking k = {config, "--set", NULL, diags};
	size_t before = diags->errors;

	if (str_starts(str_of(assignment), SOURCES "="))
		set_sources(config, assignment + strlen(SOURCES "="), diags);
	else if (settings_set(config_table, config_table_len, "--set",
			      str_of(assignment), config, diags))
		check_whole(&k);
	if (str_starts(str_of(assignment), "intents="))
		str_copy(config->intents_at, sizeof(config->intents_at),
			 STR("--set"));
	return diags->errors == before;
}

void config_print(const struct config *config, struct buf *out)
{
	struct config shown = *config;
	struct buf url = BUF_INIT;

	store_url_hide(config->redis_url, &url);
	shown.redis_url = buf_take(&url);
	settings_print(config_table, config_table_len, &shown, out);
	free(shown.redis_url);
	sources_print(&config->sources, out);
}

void config_lint(const struct config *config, const struct catalog *catalog,
		 struct diags *diags)
{
	sources_lint(&config->sources, catalog, diags);
	catalog_lint_queues(catalog, (const char *const *)config->queues.items,
			    config->queues.count, config->default_queue, diags);
}

void config_fini(struct config *config)
{
	settings_fini(config_table, config_table_len, config);
	sources_fini(&config->sources);
}
