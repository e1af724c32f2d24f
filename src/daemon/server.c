/* The daemon as a whole: its parts are made and wired here, its clock ticks
 * here (what is due, whose lease has run out, what a lost bell did not tell),
 * and it stops here, after what is in flight has been written. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "opening.h"
#include "server.h"

#define EX_CONFIG       78
/* Redis, the spool, rules, lookups, and the front's reserve. */
#define OWN_DESCRIPTORS 256
#define DUE_MOST        200
#define REAP_TICKS      5
#define REAP_FROM       10 /* after Redis has come: longer than its back-off */
#define POLL_TICKS      2
#define WAITING_TICKS   5
#define DRAIN_WRITE_MS  1500 /* for what is in flight */
#define DRAIN_CLOSE_MS  3000 /* for the clients to answer the close */
#define DRAIN_STEP_MS   20

/* -- what the store tells ---------------------------------------------- */

static void on_store_state(void *arg, bool up, const char *epoch, bool rolled)
{
	struct server *s = arg;

	if (up)
		log_info("redis=up epoch=%s%s", epoch,
			 rolled ? " the logs are read anew" : "");
	else
		log_warn("redis=away answers go on, what is said waits");
	if (s->hub == NULL || s->closing)
		return;
	if (up)
		shoppers_store_up(s->shoppers);
	hub_store_up(s->hub, up, rolled);
	if (up) {
		s->up_at = s->ticks;
		sessions_tick(s->sessions);
		desk_renew(s->desk);
		desk_queue_bell(s->desk, "*");
		announce_read(s->announce);
	}
}

static void on_unwilling(void *arg, bool unwilling)
{
	struct server *s = arg;

	if (s->hub != NULL)
		hub_store_unwilling(s->hub, unwilling);
}

static void on_bell(void *arg, const char *conv, uint64_t seq)
{
	struct server *s = arg;

	if (!s->closing)
		hub_bell(s->hub, conv, seq);
}

static void on_queue_bell(void *arg, const char *queue)
{
	struct server *s = arg;

	if (!s->closing)
		desk_queue_bell(s->desk, queue);
}

static void on_whisper(void *arg, const char *conv, struct str text)
{
	struct server *s = arg;

	if (!s->closing)
		whisper_heard(s, conv, text);
}

static void on_news(void *arg, const char *what)
{
	struct server *s = arg;

	bool all = strcmp(what, "*") == 0;

	if (s->closing)
		return;
	if (all || strcmp(what, "announcements") == 0)
		announce_read(s->announce);
	if (all || strcmp(what, PRESENCE_NEWS) == 0)
		presence_heard(s->presence);
}

static void on_orphan(void *arg, const struct store_unit *unit)
{
	orphan_take(arg, unit);
}

/* -- the clock --------------------------------------------------------- */

/* Hours are of whole minutes: looked up once in each. */
bool server_shop_open(struct server *s, int64_t now_ms, int64_t *opens_at_ms)
{
	if (now_ms / 60000 != s->open_minute) {
		s->open_minute = now_ms / 60000;
		s->open = opening_is_open(s->hours, now_ms, &s->opens_at_ms);
	}
	*opens_at_ms = s->opens_at_ms;
	return s->open;
}

void server_circumstances(struct server *s, struct conv_input *in)
{
	in->shop_open = server_shop_open(s, in->at_ms, &in->opens_at_ms);
	in->unattended = presence_unattended(s->presence);
}

static void feed_clockwork(struct server *s, const char *conv,
			   struct conv_input in)
{
	in.at_ms = loop_wall_ms();
	server_circumstances(s, &in);
	hub_feed(s->hub, conv, 0, &in);
}

void server_step(struct server *s, const char *conv)
{
	feed_clockwork(s, conv, (struct conv_input){.type = INPUT_TIMER});
}

static void on_due(void *arg, uint64_t tag, enum store_status status,
		   const char *name)
{
	struct server *s = arg;

	(void)tag;
	if (status != STORE_OK || name == NULL || s->closing)
		return;
	server_step(s, name);
	/* Should Redis have lost all of its queue, nobody else would see it. */
	store_queue_repair(s->store, name, NULL, NULL, NULL);
}

static void on_reaped(void *arg, uint64_t tag, enum store_status status,
		      const char *name, const char *agent, uint64_t seq)
{
	struct server *s = arg;

	(void)tag;
	if (status != STORE_OK || name == NULL || s->closing)
		return;
	s->counters.reaped++;
	log_info("conv=%s its agent is gone: back in line", name);
	feed_clockwork(s, name,
		       (struct conv_input){.type = INPUT_LEASE_LOST,
					   .agent = str_of(agent),
					   .lost_at_seq = seq});
}

static unsigned renew_ticks(const struct server *s)
{
	int64_t ticks = s->config.lease_ms / 3000;

	return ticks < 1 ? 1 : (unsigned)ticks;
}

/* Leases run out while Redis is away, and nobody can renew: whoever is back
 * first must not take the chats of agents whose daemon is still coming. */
static bool all_had_time_to_renew(const struct server *s)
{
	return s->ticks - s->up_at >= REAP_FROM;
}

static void look_into_redis(struct server *s)
{
	const struct settings_list *queues = &s->config.queues;

	if (!store_is_up(s->store))
		return;
	store_due(s->store, loop_wall_ms(), DUE_MOST, on_due, s, 0);
	if (s->ticks % POLL_TICKS == 0)
		hub_poll(s->hub);
	if (s->ticks % REAP_TICKS == 0 && all_had_time_to_renew(s))
		store_reap(s->store, (const char *const *)queues->items,
			   queues->count, on_reaped, s, 0);
	if (s->ticks % renew_ticks(s) == 0)
		desk_renew(s->desk);
	if (s->ticks % WAITING_TICKS == 0)
		waiting_read(s);
	retention_tick(s);
}

static void on_tick(void *arg)
{
	struct server *s = arg;

	s->ticks++;
	sd_notify(0, "WATCHDOG=1");
	shoppers_tick(s->shoppers);
	desk_tick(s->desk);
	announce_tick(s->announce);
	presence_tick(s->presence);
	sessions_tick(s->sessions);
	look_into_redis(s);
}

/* -- stopping ---------------------------------------------------------- */

static void on_drain(void *arg)
{
	struct server *s = arg;
	int64_t now = loop_now_ms(s->loop);
	bool quiet = (hub_stats(s->hub).pending == 0 &&
		      lookups_under_way(s->lookups) == 0) ||
		     !store_is_willing(s->store);

	if (!s->closed_all && (quiet || now >= s->drain_until_ms)) {
		s->closed_all = true;
		store_tell_figures(s->store);
		s->drain_until_ms = now + DRAIN_CLOSE_MS;
		sockets_close_all(s->sockets, s->close_code);
	}
	if (s->left) {
		loop_stop(s->loop);
		return;
	}
	if (s->closed_all && ((sockets_count(s->sockets) == 0 && quiet) ||
			      now >= s->drain_until_ms)) {
		s->left = true; /* which goes out before the next time */
		store_leave(s->store);
	}
}

static void stop(struct server *s, unsigned code)
{
	if (s->draining) {
		loop_stop(s->loop); /* asked twice */
		return;
	}
	s->draining = true;
	s->close_code = code;
	s->drain_until_ms = loop_now_ms(s->loop) + DRAIN_WRITE_MS;
	log_info("stopping connections=%zu", sockets_count(s->sockets));
	sd_notify(0, "STOPPING=1");
	front_stop_listening(s->front);
	timer_start(s->drain, 0, DRAIN_STEP_MS);
}

static void on_signal(void *arg, int signum)
{
	struct server *s = arg;

	switch (signum) {
	case SIGHUP:
		rules_reload(s->rules, "SIGHUP");
		break;
	case SIGINT:
		stop(s, SOCKET_GOING_AWAY);
		break;
	default:
		stop(s, SOCKET_RESTART);
	}
}

/* -- making it --------------------------------------------------------- */

static bool make_dir(const char *path, struct buf *why)
{
	struct stat st;

	if (mkdir(path, 0700) == 0 ||
	    (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return true;
	buf_addf(why, "state_dir %s: %s; make the directory it is to be in",
		 path, strerror(errno == EEXIST ? ENOTDIR : errno));
	return false;
}

static bool read_secrets(struct server *s, struct buf *why)
{
	const struct config *c = &s->config;

	if (!token_init()) {
		buf_add_s(why, "libsodium does not start");
		return false;
	}
	if (!make_dir(c->state_dir, why) ||
	    !token_key_file(c->secret_file, &s->key, why))
		return false;
	if (c->identity_secret_file[0] == '\0')
		return true;
	return file_read(c->identity_secret_file, 4096, &s->identity_secret,
			 why);
}

/* For `answerctl reload`; no lock, only a note. */
static void write_pid(const struct server *s)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/answerd.pid", s->config.state_dir);
	f = fopen(path, "we");
	if (f == NULL) {
		log_warn("no pid file %s: %s", path, strerror(errno));
		return;
	}
	fprintf(f, "%ld\n", (long)getpid());
	fclose(f);
}

/* As many descriptors as the hard limit gives: one a connection. Where that is
 * not enough there is room for fewer connections, so that what the daemon
 * itself opens never fails for want of one. */
static bool raise_descriptors(struct config *c, struct buf *why)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)c->max_connections + OWN_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return true;
	if (limit.rlim_cur < want) {
		limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= want)
		return true;
	if (limit.rlim_cur <= OWN_DESCRIPTORS) {
		buf_addf(why,
			 "only %llu descriptors: answerd needs %d for itself "
			 "and one a connection; raise LimitNOFILE (or ulimit "
			 "-n)",
			 (unsigned long long)limit.rlim_cur, OWN_DESCRIPTORS);
		return false;
	}
	log_warn("only %llu descriptors: max_connections=%llu in place of "
		 "%lld; raise LimitNOFILE (or ulimit -n)",
		 (unsigned long long)limit.rlim_cur,
		 (unsigned long long)(limit.rlim_cur - OWN_DESCRIPTORS),
		 (long long)c->max_connections);
	c->max_connections = (int64_t)(limit.rlim_cur - OWN_DESCRIPTORS);
	return true;
}

static bool make_sockets(struct server *s, struct buf *why)
{
	static const char *const subprotocols[] = {"answerd.chat.v1",
						   "answerd.desk.v1"};

	s->sockets = sockets_new(
		s->loop,
		&(struct sockets_options){
			.subprotocols = subprotocols,
			.n_subprotocols = ARRAY_LEN(subprotocols),
			.ping_ms = (unsigned)s->config.ping_interval_ms,
			.hangup_ms = (unsigned)s->config.ping_timeout_ms,
		},
		why);
	return s->sockets != NULL;
}

static bool listen_at(struct server *s, struct buf *why)
{
	const char *address = s->config.listen;
	struct buf bound = BUF_INIT;

	s->front = front_new(
		s->loop, s->sockets,
		&(struct front_options){
			.listen = &address,
			.n_listen = 1,
			.share_port = s->config.share_port,
			.systemd = true,
			.max_connections = (unsigned)s->config.max_connections,
			.proxies = (const char *const *)s->config.proxies.items,
			.n_proxies = s->config.proxies.count,
		},
		pages_request, s, why);
	if (s->front == NULL)
		return false;
	front_addresses(s->front, &bound);
	log_info("listening=%s node=%s", bound.data, s->node);
	buf_fini(&bound);
	return true;
}

static struct store *make_store(struct server *s)
{
	return store_new(
		s->loop,
		&(struct store_options){
			.url = s->config.redis_url,
			.prefix = s->config.redis_prefix,
			.node = s->node,
			.command_timeout_ms = s->config.redis_timeout_ms,
			.wait_replicas = s->config.redis_wait_replicas,
			.wait_timeout_ms = s->config.redis_wait_timeout_ms,
			.lease_ms = s->config.lease_ms,
			.max_waiting_bytes =
				(size_t)s->config.redis_max_waiting_bytes,
			.spool =
				{
					.dir = s->config.spool
						       ? s->config.state_dir
						       : NULL,
					.hold_ms = s->config.spool_hold_ms,
					.max_age_ms =
						s->config.spool_max_age_ms,
					.max_bytes = (size_t)s->config
							     .spool_max_bytes,
				},
		},
		&(struct store_ops){on_store_state, on_unwilling, on_bell,
				    on_queue_bell, on_whisper, on_news,
				    on_orphan, s});
}

static struct hub *make_hub(struct server *s)
{
	const struct config *c = &s->config;
	struct hub_ports ports;
	const struct conv_source *sources;
	size_t source_count;

	bridge_ports(s, &ports);
	sources = lookups_sources(s->lookups, &source_count);
	return hub_new(
		&ports,
		&(struct conv_policy){
			.sources = sources,
			.source_count = source_count,
			.default_queue = c->default_queue,
			.misses_to_hand_over = (unsigned)c->misses_to_hand_over,
			.bot_idle_ms = c->bot_idle_ms,
			.queue_reminder_ms = c->queue_reminder_ms,
			.queue_give_up_ms = c->queue_give_up_ms,
			.agent_reply_ms = c->agent_reply_ms,
			.shopper_reply_ms = c->shopper_reply_ms,
			.ask_effort = c->ask_effort,
			.queues = (const char *const *)c->queues.items,
			.queue_count = c->queues.count,
		});
}

static bool parse_hours(struct server *s, struct buf *why)
{
	const struct settings_list *list = &s->config.shop_hours;
	size_t at;

	if (s->config.shop_timezone[0] != '\0')
		setenv("TZ", s->config.shop_timezone, 1);
	tzset();
	s->hours = hours_parse((const char *const *)list->items, list->count,
			       &at, why);
	return s->hours != NULL;
}

static void make_clock(struct server *s)
{
	s->tick = timer_new(s->loop, on_tick, s);
	s->drain = timer_new(s->loop, on_drain, s);
	timer_start(s->tick, 1000, 1000);
	loop_on_signal(s->loop, SIGTERM, on_signal, s);
	loop_on_signal(s->loop, SIGINT, on_signal, s);
	loop_on_signal(s->loop, SIGHUP, on_signal, s);
}

int server_init(struct server *s, const struct config *config, struct buf *why)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->started_ms = loop_wall_ms();
	if (!raise_descriptors(&s->config, why))
		return EX_CONFIG;
	if (!read_secrets(s, why))
		return 1;
	name_node(config, s->node, sizeof(s->node));
	if (!parse_hours(s, why))
		return EX_CONFIG;
	s->loop = loop_new();
	s->rules = rules_new(s);
	if (!rules_load(s->rules, why))
		return EX_CONFIG;
	if (!make_sockets(s, why))
		return 1;
	s->shoppers = shoppers_new(s);
	s->desk = desk_new(s);
	s->announce = announce_new(s);
	s->presence = presence_new(s);
	s->sessions = sessions_new(s);
	s->accounts = accounts_new(s);
	s->reports = reports_new(s);
	s->lates = lates_new(s);
	s->lookups = lookups_new(s);
	s->visitors = visitors_new(s);
	s->rules_page = rules_page_new(s);
	s->hub = make_hub(s);
	hub_set_catalog(s->hub, rules_catalog(s->rules));
	s->store = make_store(s);
	if (s->store == NULL) {
		buf_add_s(why, "nothing can be stored");
		return 1;
	}
	if (!listen_at(s, why))
		return 1;
	make_clock(s);
	rules_watch(s->rules);
	write_pid(s);
	return 0;
}

int server_run(struct server *s)
{
	sd_notify(0, "READY=1");
	loop_take_short_slices();
	loop_run(s->loop);
	log_info("stopped");
	return 0;
}

void server_fini(struct server *s)
{
	s->closing = true;
	timer_free(&s->tick); /* the loop turns once more below */
	timer_free(&s->drain);
	if (s->hub != NULL)
		hub_set_catalog(s->hub, NULL);
	rules_free(&s->rules);
	lookups_free(&s->lookups);
	if (s->store != NULL)
		store_free(&s->store);
	if (s->front != NULL)
		front_free(&s->front);
	if (s->sockets != NULL)
		sockets_free(&s->sockets);
	desk_free(&s->desk);
	shoppers_free(&s->shoppers);
	announce_free(&s->announce);
	lates_free(&s->lates);
	presence_free(&s->presence);
	sessions_free(&s->sessions);
	visitors_free(&s->visitors);
	rules_page_free(&s->rules_page);
	accounts_free(&s->accounts);
	reports_free(&s->reports);
	if (s->hub != NULL)
		hub_free(&s->hub);
	hours_free(&s->hours);
	if (s->loop != NULL)
		loop_free(&s->loop);
	buf_fini(&s->identity_secret);
	buf_fini(&s->frame);
	arena_fini(&s->unit);
	buf_fini(&s->figures);
	explicit_bzero(&s->key, sizeof(s->key));
	config_fini(&s->config);
}
