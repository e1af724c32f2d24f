/* /metrics: what Prometheus reads (text exposition format 0.0.4). Numbers that
 * the parts keep anyway; nothing is counted only for this page. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server.h"

static void head(struct buf *out, const char *name, const char *type,
		 const char *help)
{
	buf_addf(out, "# HELP answerd_%s %s\n# TYPE answerd_%s %s\n", name,
		 help, name, type);
}

static void gauge(struct buf *out, const char *name, const char *help, double v)
{
	head(out, name, "gauge", help);
	buf_addf(out, "answerd_%s %.17g\n", name, v);
}

static void counter(struct buf *out, const char *name, const char *help,
		    uint64_t v)
{
	head(out, name, "counter", help);
	buf_addf(out, "answerd_%s %llu\n", name, (unsigned long long)v);
}

static void daemon_counters(const struct counters *c, struct buf *out)
{
#define X(field, name, help) counter(out, name, help, c->field);
	SERVER_COUNTERS(X)
#undef X
}

static void sockets(const struct server *s, struct buf *out)
{
	const struct socket_stats *st = sockets_stats(s->sockets);
	const struct front_stats *f = front_stats(s->front);

	gauge(out, "websockets", "WebSocket connections open",
	      (double)sockets_count(s->sockets));
	gauge(out, "agents_connected", "Connections of agents",
	      (double)desk_connections(s->desk));
	counter(out, "websockets_opened_total", "WebSocket handshakes done",
		st->opened);
	counter(out, "frames_in_total", "WebSocket messages received",
		st->messages_in);
	counter(out, "frames_out_total", "WebSocket messages sent",
		st->frames_out);
	counter(out, "writes_total", "Write calls for them", st->writes);
	counter(out, "choked_total", "Times a client's pipe was full",
		st->choked);
	head(out, "closes_total", "counter", "Connections closed, by code");
	for (size_t i = 0; i < SOCKET_CODE_COUNT; i++)
		buf_addf(out, "answerd_closes_total{code=\"%u\"} %llu\n",
			 socket_code_at(i), (unsigned long long)st->closes[i]);
	counter(out, "http_requests_total", "HTTP requests handed on",
		f->requests);
	counter(out, "http_refused_total", "HTTP requests refused by the front",
		f->refused);
	counter(out, "no_room_total", "Connections over max_connections",
		f->no_room);
	counter(out, "http_gave_way_total",
		"Connections cut to make room: no request in them, or an "
		"answer "
		"that is not read",
		f->gave_way);
}

/* Only those that did: no line for each of ten thousand rules. */
static void rule_limit(void *arg, const struct catalog_limit *limit)
{
	struct buf *out = arg;

	buf_add_s(out, "answerd_rule_limits_hit_total{file=");
	buf_add_json(out, str_of(limit->file));
	buf_addf(out, ",line=\"%u\"} %llu\n", limit->line,
		 (unsigned long long)limit->count);
}

static void rules(const struct server *s, struct buf *out)
{
	struct rules_status st = rules_status(s->rules);
	const struct catalog *catalog = rules_catalog(s->rules);

	gauge(out, "rules_intents", "Intents in service", (double)st.intents);
	gauge(out, "rules_errors", "Findings in the rules last tried",
	      (double)st.error_count);
	gauge(out, "rules_loaded_seconds", "When they were loaded",
	      (double)st.loaded_ms / 1000.0);
	head(out, "rules_info", "gauge", "The set of rules in service");
	buf_addf(out, "answerd_rules_info{version=\"%s\",engine=\"%s\"} 1\n",
		 st.version,
		 catalog != NULL && catalog_has_jit(catalog) ? "jit"
							     : "interpreter");
	if (catalog == NULL)
		return;
	gauge(out, "rules_bytes", "Memory that the set in service takes",
	      (double)catalog_bytes(catalog));
	counter(out, "rules_limits_hit_total", "Patterns that ran into a limit",
		catalog_limits_hit(catalog));
	head(out, "rule_limits_hit_total", "counter",
	     "The same by rule, where it happened");
	catalog_limits(catalog, rule_limit, out);
}

static void store(const struct server *s, struct buf *out)
{
	const struct store_stats *st = store_stats(s->store);
	struct hub_stats hub = hub_stats(s->hub);

	gauge(out, "redis_up", "1: Redis answers", store_is_up(s->store));
	gauge(out, "redis_unwilling",
	      "1: Redis refuses for now to take what is to be stored",
	      st->unwilling != NULL);
	counter(out, "redis_refused_total", "Commands answered with an error",
		st->refused);
	gauge(out, "redis_replicas_behind",
	      "1: fewer replicas than redis.wait_replicas have what is new",
	      st->replicas_behind);
	gauge(out, "redis_unsafe",
	      "Settings of Redis with which it does not keep its data",
	      st->warnings == 0 ? 0 : __builtin_popcount(st->warnings));
	gauge(out, "redis_waiting_units", "Appends that wait for Redis",
	      (double)st->waiting_units);
	gauge(out, "redis_waiting_bytes", "Their bytes",
	      (double)store_waiting_bytes(s->store));
	counter(out, "redis_appends_total", "Appends done", st->appends);
	counter(out, "redis_repeats_total", "Appends that were there already",
		st->dups);
	counter(out, "redis_moved_total",
		"Appends after which the log had moved", st->moved);
	counter(out, "redis_reconnects_total", "Connections made to Redis",
		st->reconnects);
	gauge(out, "conversations_held", "Conversations held here",
	      (double)hub.rooms);
	gauge(out, "conversations_pending", "Inputs not in the log yet",
	      (double)hub.pending);
	gauge(out, "queue_waiting",
	      "Conversations in line for an agent, of all daemons",
	      (double)s->waiting.count);
	gauge(out, "queue_longest_wait_seconds",
	      "How long whoever has waited longest of them has; 0: nobody "
	      "waits",
	      (double)waiting_longest_ms(s) / 1000.0);
	counter(out, "steps_total", "Steps of the state machine", hub.steps);
	counter(out, "resteps_total", "Steps done again after the log moved",
		hub.resteps);
}

static void spool(const struct server *s, struct buf *out)
{
	struct store_spool_stats st;

	if (!store_spool_stats(s->store, &st))
		return;
	gauge(out, "spool_failing", "1: the disk does not take it", st.failing);
	gauge(out, "spool_busy_seconds",
	      "How long the disk has not answered what it was asked last",
	      (double)st.busy_ms / 1000.0);
	gauge(out, "spool_waiting_rows", "Appends that Redis does not have yet",
	      (double)st.waits);
	gauge(out, "spool_held_rows", "Appends held after Redis has them",
	      (double)st.held);
	gauge(out, "spool_bytes", "In use in the file", (double)st.bytes);
	counter(out, "spool_commits_total", "Commits", st.commits);
	counter(out, "spool_rows_total", "Rows written", st.rows_written);
	counter(out, "spool_errors_total", "Commits that failed", st.errors);
	counter(out, "spool_damaged_total", "Rows that could not be read",
		st.damaged);
	head(out, "spool_commit_seconds_total", "counter",
	     "Time spent in commits");
	buf_addf(out, "answerd_spool_commit_seconds_total %.6f\n",
		 (double)st.commit_us / 1e6);
	counter(out, "spool_recovered_total",
		"Appends that Redis had lost or never had",
		store_stats(s->store)->recovered);
}

static void process(const struct server *s, struct buf *out)
{
	struct rusage use;
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (statm != NULL) {
		if (fscanf(statm, "%*s %ld", &pages) != 1)
			pages = 0;
		fclose(statm);
	}
	getrusage(RUSAGE_SELF, &use);
	gauge(out, "start_time_seconds", "When the daemon started",
	      (double)s->started_ms / 1000.0);
	gauge(out, "resident_bytes", "Memory in use",
	      (double)pages * (double)sysconf(_SC_PAGESIZE));
	gauge(out, "loop_longest_turn_seconds",
	      "The longest that all waited for one turn of the loop, since "
	      "this "
	      "was last asked",
	      (double)loop_longest_turn_ms(s->loop) / 1e3);
	head(out, "cpu_seconds_total", "counter", "CPU time used");
	buf_addf(out, "answerd_cpu_seconds_total %.6f\n",
		 (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			 (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) /
				 1e6);
}

void metrics_write(const struct server *s, struct buf *out)
{
	daemon_counters(&s->counters, out);
	sockets(s, out);
	rules(s, out);
	store(s, out);
	spool(s, out);
	lookups_metrics(s->lookups, out);
	process(s, out);
}
