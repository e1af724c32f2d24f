/* The daemon's parts, wired together. Every part is reached through this one
 * struct; what a part exports to the others is declared here, beside who owns
 * it. A connection is a `client`: a shopper's or an agent's, found by its
 * number, which is also its reader's number in the hub. */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "chat/hours.h"
#include "chat/hub.h"
#include "daemon/config.h"
#include "daemon/token.h"
#include "io/front.h"
#include "io/loop.h"
#include "io/socket.h"
#include "store/store.h"
#include "wire/frame.h"

/* Counters: the field, the metric's name and its help, each once. */
#define SERVER_COUNTERS(X)                                                     \
	X(messages, "messages_total", "Messages taken from shoppers")          \
	X(acks, "acks_total", "Frames acknowledged")                           \
	X(stored, "stored_total", "Receipts that a frame is in the log")       \
	X(answered, "answered_total", "Messages that a rule answered")         \
	X(clarified, "clarified_total", "Messages asked back about")           \
	X(missed, "missed_total", "Messages that no rule answered")            \
	X(handed_over, "handed_over_total", "Conversations handed to people")  \
	X(closed, "closed_total", "Conversations closed")                      \
	X(bad_frames, "bad_frames_total", "Frames refused as malformed")       \
	X(rate_limited, "rate_limited_total", "Frames over a sender's rate")   \
	X(visitors_refused, "visitors_refused_total",                          \
	  "New visitors over their address's limit")                           \
	X(busy, "busy_total", "Frames refused for want of room")               \
	X(logins, "logins_total", "Sign-ins of agents")                        \
	X(logins_failed, "logins_failed_total", "Sign-ins refused")            \
	X(reloads, "rules_reloads_total", "Rule sets put into service")        \
	X(reloads_failed, "rules_reload_failures_total",                       \
	  "Rule sets refused for their errors")                                \
	X(announced, "announcement_frames_total",                              \
	  "Announcements and their ends, sent to shoppers")                    \
	X(reaped, "claims_reaped_total", "Chats taken back from gone agents")

struct counters {
#define X(field, name, help) uint64_t field;
	SERVER_COUNTERS(X)
#undef X
};

struct server;
struct shoppers;
struct earlier;
struct announce;
struct desk;
struct rules;
struct accounts;
struct lates;
struct lookups;
struct reports;
struct visitors;
struct rules_page;
struct presence;

enum client_kind {
	CLIENT_SHOPPER,
	CLIENT_AGENT,
};

/* What every connection begins with; socket_arg() points here. */
struct client {
	enum client_kind kind;
	struct server *server;
	struct socket *socket; /* NULL until opened() */
	uint64_t id;           /* socket_id(), and the hub's reader */
	int64_t opened_ms;     /* monotonic */
	bool greeted;          /* hello was taken */
	unsigned bad_in_a_row;
	struct client *prev, *next; /* all of a kind */
};

/* waiting.c: of all daemons' shoppers who wait for an agent, as last read. */
struct waiting {
	bool asked;
	size_t count;
	int64_t since_ms; /* wall clock: whoever has waited longest; 0: nobody
			   */
};

/* All clients of a kind, the oldest first. */
struct clients {
	struct client *first, *last;
	size_t count;
};

struct server {
	struct config config;
	struct token_key key;
	struct buf identity_secret;
	char node[65];
	struct loop *loop;
	struct sockets *sockets;
	struct front *front;
	struct store *store;
	struct hub *hub;
	struct rules *rules;
	struct accounts *accounts;
	struct reports *reports;
	struct lates *lates;
	struct lookups *lookups;
	struct visitors *visitors;
	struct rules_page *rules_page;
	struct shoppers *shoppers;
	struct earlier *earlier; /* those who look for what they said */
	uint64_t earlier_questions;
	struct announce *announce;
	struct desk *desk;
	struct sessions *sessions;
	struct presence *presence;
	struct counters counters;
	struct waiting waiting;
	struct buf frame;   /* being written; empty between calls */
	struct arena unit;  /* being appended; the same */
	struct buf figures; /* of that unit */
	int64_t started_ms; /* wall clock */
	int64_t drain_until_ms;
	bool draining;
	bool closed_all, left;
	unsigned close_code;
	bool closing; /* the parts are being freed, the store first: nothing is
		       * asked any more */
	struct hours *hours;
	int64_t open_minute; /* since the epoch: when they were looked up */
	bool open;
	int64_t opens_at_ms;
	struct timer *tick;  /* every second */
	struct timer *drain; /* while stopping */
	unsigned ticks;
	/* When the operator was last told of a refused origin; 0: never. */
	int64_t foreign_at_ms;
	int64_t day_minute; /* since the epoch: when `day` was looked up */
	char day[16];       /* "2026-11-28", by the shop's clock */
	unsigned up_at;     /* the tick in which Redis came */
};

/* -- server.c: build, run, drain --------------------------------------- */

/* Everything up to listening; `config` becomes the server's. The exit status:
 * 0, or 1 and 78 (the configuration or the rules) with the reason in `why`.
 * server_fini() in any case. */
int server_init(struct server *s, const struct config *config, struct buf *why);
/* Until a signal; the exit status. */
int server_run(struct server *s);
void server_fini(struct server *s);
/* Opening hours now. `opens_at_ms` 0: open, or not known. */
bool server_shop_open(struct server *s, int64_t now_ms, int64_t *opens_at_ms);
/* The conversation's next step, if there is one to be taken now. */
void server_step(struct server *s, const char *conv);
/* The hours at the input's time, and who is there, into it. */
void server_circumstances(struct server *s, struct conv_input *in);

/* -- client.c: what shoppers' and agents' connections share ------------- */

/* The client of this number, NULL: gone. */
struct client *server_client(struct server *s, uint64_t id);
void client_opened(struct client *c, struct socket *socket,
		   struct clients *list);
void client_unlink(struct client *c, struct clients *list);
/* Closes those that have not said hello in time. */
void clients_hurry(struct server *s, struct clients *list);
void client_ack(struct client *c, struct str id);
void client_pong(struct client *c, struct str at);
/* Sends `frame` (which is freed; NULL: nothing) to all of a kind who have the
 * conversation open here; returns how many they are. */
size_t clients_tell(struct server *s, const char *conv, enum reader_kind kind,
		    struct buf *frame);
/* A well-formed frame at the wrong moment counts as a bad one. */
void client_misplaced(struct client *c, const struct frame *f,
		      const char *message);
/* Sends what stands in `frame` and empties it. */
void client_send(struct client *c, struct buf *frame);
/* Counts bad frames in a row, answers the error, closes at the tenth. */
void client_bad_frame(struct client *c, const struct frame_error *error);
void client_error(struct client *c, const char *code, struct str id,
		  struct str conversation, const char *message,
		  int64_t retry_ms);

/* -- bridge.c: the hub's ports on the store and the connections -------- */

void bridge_ports(struct server *s, struct hub_ports *ports);
/* The conversation's own queue, and `found`, are told where it belongs. */
void bridge_repair(struct server *s, const struct conv *conv, struct str found);
/* name.c: this daemon's, to `out`. */
void name_node(const struct config *config, char *out, size_t room);
/* late.c: said to a conversation that is closed by now, see hub_ports. */
struct lates *lates_new(struct server *s);
void lates_free(struct lates **lates);
void late_take(struct lates *all, const struct conv *conv,
	       const struct conv_input *in);
/* orphan.c: a unit out of the spool that does not fit its log any more. */
void orphan_take(struct server *s, const struct store_unit *unit);
/* How a logged event looks to a shopper or an agent. */
void bridge_logged(const struct event *e, enum reader_kind to,
		   struct logged *out);

/* -- shopper.c --------------------------------------------------------- */

struct shoppers *shoppers_new(struct server *s);
void shoppers_free(struct shoppers **shoppers);
/* A checked upgrade for /chat. */
void shoppers_upgrade(struct shoppers *all, uint64_t exchange,
		      const struct http_request *request);
void shoppers_tick(struct shoppers *all); /* every second */
/* Redis is back, and nothing was read of it yet: whom it could not be asked
 * about is asked about first. */
void shoppers_store_up(struct shoppers *all);
void shopper_joined(struct client *c, const struct conv *conv,
		    const struct event *events, size_t n, bool more,
		    bool degraded);
void shopper_event(struct client *c, const struct conv *conv,
		   const struct event *e);
void shopper_stored(struct client *c, const struct conv *conv, struct str id,
		    uint64_t seq);
void shopper_refused(struct client *c, const char *conv, struct str id,
		     enum conv_refusal why);
void shopper_reset(struct client *c, const struct conv *conv);
/* The conversation's state changed: the line's place anew. */
void shoppers_changed(struct shoppers *all, const struct conv *conv);
/* Typing and read marks of an agent, to every local reader of `conv`. */
void shoppers_typing(struct server *s, const char *conv, bool on);
void shoppers_read(struct server *s, const char *conv, uint64_t upto);
bool shoppers_present(struct server *s, const char *conv);
/* All there are, the oldest first. */
struct client *shoppers_first(const struct shoppers *all);

/* -- announce.c: what is told to all shoppers --------------------------- */

struct announce *announce_new(struct server *s);
void announce_free(struct announce **announce);
/* Reads them from the store: it is up, or somebody rang. */
void announce_read(struct announce *announce);
void announce_tick(struct announce *announce); /* every second */
/* Those that run now, for a welcome; borrowed until the next turn. What comes
 * later is newer than `revision`. */
const struct announcement *announce_running(struct announce *announce,
					    size_t *count, uint64_t *revision);
/* This shopper's connection is gone: nobody may point to it. */
void announce_forget(struct announce *announce, const struct client *c);
/* POST /api/announcements */
void announce_request(struct announce *announce, uint64_t exchange,
		      const struct http_request *request);

/* -- presence.c: who could take a chat ---------------------------------- */

#define PRESENCE_NEWS "presence" /* store_news() */

struct presence *presence_new(struct server *s);
void presence_free(struct presence **presence);
void presence_tick(struct presence *p); /* every second */
/* An agent has come here, or changed their status: daemons are told. */
void presence_changed(struct presence *p);
/* An agent has a conversation that is shown here. */
void presence_taken(struct presence *p, const struct conv *conv);
/* Somebody has told so. */
void presence_heard(struct presence *p);
/* Bit i: nobody is there for queue i of the configuration. 0 where that is not
 * known. */
uint64_t presence_unattended(const struct presence *p);
bool presence_is_unattended(const struct presence *p, const char *queue);

/* -- desk.c, desk_list.c: agents' connections ------------------------- */

struct desk *desk_new(struct server *s);
void desk_free(struct desk **desk);
struct account;    /* accounts.c */
struct credential; /* the same */
/* An authorised upgrade for /desk; the account is copied. */
void desk_upgrade(struct desk *desk, uint64_t exchange,
		  const struct account *account);
void desk_tick(struct desk *desk);
/* Leases of what this daemon's agents have claimed, and their heartbeat. */
void desk_renew(struct desk *desk);
void desk_joined(struct client *c, const struct conv *conv,
		 const struct event *events, size_t n, bool more,
		 bool degraded);
void desk_event(struct client *c, const struct conv *conv,
		const struct event *e);
void desk_stored(struct client *c, const struct conv *conv, struct str id,
		 uint64_t seq);
void desk_refused(struct client *c, const char *conv, struct str id,
		  enum conv_refusal why);
void desk_reset(struct client *c, const struct conv *conv);
void desk_queue_bell(struct desk *desk, const char *queue);
void desk_typing(struct server *s, const char *conv, bool on);
void desk_read(struct server *s, const char *conv, uint64_t upto);
void desk_shopper_present(struct server *s, const char *conv, bool present);
bool desk_reads(struct server *s, const char *conv);
/* facts.c. Who has it open and wants them is told anew what is known about the
 * shopper. */
void desk_facts(struct server *s, const char *conv);
/* Signed out: every connection of this session ends with 4401, here; on other
 * daemons when they look next. */
void desk_sign_out(struct desk *desk, const struct credential *credential);
size_t desk_connections(const struct desk *desk);

/* -- retention.c: what is closed for long ------------------------------ */

/* The conversation's due time where its state says `due_ms`. */
int64_t retention_due_ms(const struct server *s, const struct conv *conv,
			 int64_t due_ms);
/* A timer had nothing to log: sets the next one, or erases what is over. */
void retention_step(struct server *s, const char *conv, int64_t due_ms);
void retention_tick(struct server *s);

/* -- context.c: what is known of a shopper beside the log -------------- */

#define CONTEXT_KEY_ROOM (sizeof("context:") + CONV_ID_MAX)
void context_key(const char *conv, char key[CONTEXT_KEY_ROOM]);
/* Sets fields, or removes one, and tells all who look; Redis is up. */
void context_set(struct server *s, const char *conv, const struct field *fields,
		 size_t n);
void context_drop(struct server *s, const char *conv, const char *field);
/* Somebody looks: what is not in the store yet goes there. */
void context_wanted(struct server *s, const char *conv);
/* What a data source told about what this shopper asked. */
void context_found(struct server *s, const char *conv,
		   const struct field *values, size_t n);

/* -- recent.c: what changed lately, for agents' lists -------------------- */

/* After each unit that is in the log; writes where a state began. */
void recent_note(struct server *s, const struct conv *conv);

/* -- whisper.c: what passes between daemons without being logged ------- */

void whisper_typing(struct server *s, const char *conv, bool agent, bool on);
void whisper_read(struct server *s, const char *conv, bool agent,
		  uint64_t upto);
void whisper_present(struct server *s, const char *conv, bool present);
void whisper_context(struct server *s, const char *conv);
void whisper_who(struct server *s,
		 const char *conv); /* is the shopper there? */
void whisper_heard(struct server *s, const char *conv, struct str text);

/* -- accounts.c: agents' sign-ins -------------------------------------- */

/* What somebody came with: a session's cookie or a tool's token. */
struct credential {
	char digest[65];
	bool is_session;
};

struct account {
	char name[65];
	char display[65];
	struct credential credential;
	char roles[CONFIG_LIST_MAX][33];
	size_t role_count;
	char queues[CONFIG_LIST_MAX][65];
	size_t queue_count;
	int64_t capacity;
	int64_t signed_in_ms; /* of a session */
	int64_t password_ms;  /* the password's last change */
	bool away;
};

struct accounts *accounts_new(struct server *s);
void accounts_free(struct accounts **accounts);
void accounts_login(struct accounts *a, uint64_t exchange,
		    const struct http_request *request);
void accounts_logout(struct accounts *a, uint64_t exchange,
		     const struct http_request *request);
/* What a request is for whose sender is known; all is borrowed. */
typedef void account_fn(struct server *s, uint64_t exchange,
			const struct account *account, struct str body);
/* Finds out by cookie or token who asks, then `fn`, or 401, 403, 503. */
void accounts_ask(struct accounts *a, uint64_t exchange,
		  const struct http_request *request, account_fn *fn);
/* The same about a thing of which `fn` gets the name in place of the body. */
void accounts_ask_about(struct accounts *a, uint64_t exchange,
			const struct http_request *request, struct str what,
			account_fn *fn);
/* A cookie is good for a change only from a page of ours, and such a page says
 * where it is from. False: refused. */
bool accounts_may_change(struct accounts *a, uint64_t exchange,
			 const struct http_request *request);
/* Who is signed in here: name and display; else 401, or nulls where ?quiet
 * asks for it, for browsers write every 401 into the console. */
void accounts_session(struct accounts *a, uint64_t exchange,
		      const struct http_request *request);
bool account_has_role(const struct account *account, const char *role);
/* Looks after all queues and agents: supervisor or admin. */
bool account_oversees(const struct account *account);
/* Is the request from a page of this very host? */
bool accounts_same_host(const struct http_request *request);
#define ACCOUNT_KEY_MAX 80
/* Where its fields stand in the store, for store_hash_get(). */
void account_key(const char *name, char key[ACCOUNT_KEY_MAX]);
/* Fields of agent:NAME into an account. False: disabled or not an agent. */
bool account_read(struct server *s, const char *name,
		  const struct field *fields, size_t n, struct account *out);

/* The password was changed after this session's sign-in. */
bool account_is_stale(const struct account *account);

/* -- session.c: what agents come with ----------------------------------- */

void credential_of(struct credential *c, struct str secret, bool is_session);
#define CREDENTIAL_KEY_MAX 80
/* Where it stands in the store, for store_hash_get(). */
void credential_key(const struct credential *c, char key[CREDENTIAL_KEY_MAX]);
/* By what stands there: it is somebody's, and no session that is too old. */
bool credential_holds(const struct server *s, const struct credential *c,
		      const struct field *fields, size_t n);
int64_t session_created_ms(const struct field *fields, size_t n);
/* Whether one made then is not too old. */
bool session_may_last(const struct server *s, int64_t created_ms);
/* The session lives on for its idle time. */
void credential_touch(struct server *s, const struct credential *c);

struct sessions *sessions_new(struct server *s);
void sessions_free(struct sessions **sessions);
void sessions_tick(struct sessions *all); /* every second, and when up */
/* A new one, made now. */
void session_begin(struct server *s, const struct credential *c,
		   const char *name, store_hash_fn fn, void *arg, uint64_t tag);
/* Puts one back that Redis has lost; nothing where it has been signed out of
 * meanwhile. */
void session_restore(struct server *s, const struct account *account);
/* Signed out: as soon as Redis is there. False: too many wait for it. */
bool session_end(struct sessions *all, const struct credential *c);

/* -- rules.c: loading and reloading the intents ------------------------ */

struct rules *rules_new(struct server *s);
void rules_free(struct rules **rules);
/* The first load, at once; false: `out` has all findings. */
bool rules_load(struct rules *rules, struct buf *out);
void rules_watch(struct rules *rules);
/* In a worker; the old set serves until the new one is whole. */
void rules_reload(struct rules *rules, const char *because);
bool rules_are_busy(const struct rules *rules);
struct rules_status {
	const char *version;
	size_t intents;
	int64_t loaded_ms;  /* wall clock */
	const char *errors; /* of the last try; "" none */
	size_t error_count, warning_count;
	int64_t tried_ms; /* the end of the last try */
	/* The items of a JSON list, without its brackets: names of the files in
	 * force, and findings of the last try as {level, file, line, col, text}
	 * (DIAGS_MAX of them; line 0: the file as a whole). */
	const char *files_json, *findings_json;
};
struct rules_status rules_status(const struct rules *rules);
/* For --check: reads and checks the folder; the findings go to `out`. */
bool rules_check(const struct config *config, struct buf *out);
const struct catalog *rules_catalog(const struct rules *rules);

/* -- lookup.c: the data sources of the configuration -------------------- */

struct lookups *lookups_new(struct server *s);
/* Nobody is answered any more. */
void lookups_free(struct lookups **lookups);
/* For the hub's policy; lives as long as the lookups. */
const struct conv_source *lookups_sources(const struct lookups *lookups,
					  size_t *n);
/* The hub's port: answered in a later turn by hub_feed(). */
void lookups_ask(struct lookups *lookups, const char *conv, uint64_t reader,
		 const struct conv_question *question);
size_t lookups_under_way(const struct lookups *lookups);
void lookups_metrics(const struct lookups *lookups, struct buf *out);

/* -- visitors.c: export and erase ---------------------------------------- */

struct visitors *visitors_new(struct server *s);
/* After the store: nothing is under way any more. */
void visitors_free(struct visitors **visitors);
/* GET, DELETE /api/visitors/{id} */
void visitors_request(struct server *s, uint64_t exchange,
		      const struct http_request *request);

/* -- rules_page.c: for the console's page of that name ------------------- */

struct rules_page *rules_page_new(struct server *s);
void rules_page_free(struct rules_page **page);
/* GET /api/rules, POST /api/match, GET /api/unanswered */
void rules_page_rules(struct server *s, uint64_t exchange,
		      const struct http_request *request);
void rules_page_match(struct server *s, uint64_t exchange,
		      const struct http_request *request);
void rules_page_unanswered(struct server *s, uint64_t exchange,
			   const struct http_request *request);

/* -- report.c: the figures of some days ---------------------------------- */

struct reports *reports_new(struct server *s);
void reports_free(struct reports **reports);
/* GET /api/report?from=2026-11-22&to=2026-11-28 */
void reports_request(struct server *s, uint64_t exchange,
		     const struct http_request *request);

/* -- waiting.c ----------------------------------------------------------- */

void waiting_read(struct server *s); /* Redis is up */
int64_t waiting_longest_ms(const struct server *s);

/* -- pages.c, metrics.c ------------------------------------------------ */

void pages_request(void *server, uint64_t exchange,
		   const struct http_request *request);
void metrics_write(const struct server *s, struct buf *out);

#endif
