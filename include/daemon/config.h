/* The daemon's configuration: conf/answerd.yaml through one table of
 * settings. Also used by the tool, so that both find the same Redis. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/settings.h"
#include "daemon/sources.h"

#define CONFIG_LIST_MAX 64 /* items of a list */

struct config {
	/* server */
	char *listen;      /* "127.0.0.1:8080", "[::]:8080", "*:8080" */
	char *state_dir;   /* for the secret, the spool, answerd.pid */
	char *secret_file; /* signs visitors' tokens; made when missing */
	char *identity_secret_file; /* the shop's, for hmac and jwt; "" none */
	char *node; /* this daemon's name; "" host and a random part */
	char *log_level;
	struct settings_list origins; /* allowed for /chat; "*" any */
	struct settings_list proxies; /* whose X-Forwarded-For is believed */
	int64_t max_connections;
	bool share_port;          /* SO_REUSEPORT: several daemons, one port */
	int64_t hello_timeout_ms; /* 10 s */
	int64_t ping_interval_ms; /* 20 s */
	int64_t ping_timeout_ms;  /* hang up when silent: 30 s */
	/* redis: */
	char *redis_url;
	char *redis_prefix;
	int64_t redis_timeout_ms;
	int64_t redis_wait_replicas, redis_wait_timeout_ms;
	int64_t redis_max_waiting_bytes;
	/* spool: */
	bool spool;
	int64_t spool_hold_ms;
	int64_t spool_max_age_ms;
	int64_t spool_max_bytes;
	/* rules */
	char *intents;        /* directory */
	char intents_at[300]; /* where that is said: "answerd.yaml:47:10",
			       * "--set"; "": by default */
	char *word_list;
	/* limits: */
	int64_t limit_text, limit_frame, limit_per_minute, limit_burst;
	int64_t limit_unread_bytes;      /* queued to one client: then 4408 */
	int64_t limit_visitors_per_hour; /* of one address; 0: no limit */
	int64_t limit_login_per_minute;
	/* shop: */
	char *shop_name, *shop_greeting, *shop_colour, *shop_locale;
	char *shop_timezone;             /* "Europe/Berlin"; "" the system's */
	struct settings_list shop_hours; /* "mon-fri 09:00-17:00" …; empty:
					  * always open */
	/* conversations: (next steps; every state has one) */
	int64_t bot_idle_ms;       /* close a chat nobody writes in: 24 h */
	int64_t queue_reminder_ms; /* tell who waits: 5 min */
	int64_t queue_give_up_ms;  /* still nobody: offer to leave a contact */
	int64_t agent_reply_ms;    /* remind the agent, then requeue: 5 min */
	int64_t shopper_reply_ms;  /* the shopper is silent: close: 24 h */
	bool ask_effort;           /* after the rating, how easy it was */
	int64_t misses_to_hand_over; /* 2 */
	int64_t keep_closed_ms;      /* then erased; 0: kept */
	char *default_queue;
	/* agents: (policy; agents themselves stand in Redis) */
	struct settings_list queues; /* all there are */
	struct settings_list outcomes;
	int64_t agent_capacity;
	int64_t lease_ms;        /* 30 s */
	int64_t session_idle_ms; /* 12 h */
	int64_t session_max_ms;  /* 7 d */
	bool cookie_secure;      /* behind TLS: true */
	struct source_set sources;
};

/* Reads `path`; every mistake is in `diags`. The struct is filled with
 * defaults where nothing is said; config_fini() in any case. Relative paths
 * in the file are relative to the process's working directory. */
bool config_read(const char *path, struct config *config, struct diags *diags);
/* One value in place of the file's: "redis.prefix=test:", the value as it
 * would stand in the file ("sources={order: {kind: redis, …}}" all of them).
 * The whole is checked again. */
bool config_set(struct config *config, const char *assignment,
		struct diags *diags);
void config_defaults(struct config *config);
/* As YAML that config_read() takes back. */
void config_print(const struct config *config, struct buf *out);
/* What of the rules does not fit: sources (see catalog_lint_sources()) and
 * queues (see catalog_lint_queues()). */
void config_lint(const struct config *config, const struct catalog *catalog,
		 struct diags *diags);
void config_fini(struct config *config);

#endif
