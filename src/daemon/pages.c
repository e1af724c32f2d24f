/* Every HTTP request that the front lets through: which path is whose. Plain
 * pages are answered here, upgrades go to the shoppers and the desk. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/assets.h"
#include "server.h"

/* No inline code or style, nothing from elsewhere, not in a frame. */
static const char csp[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"connect-src 'self'; img-src 'self' data:; font-src 'self'; "
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static void reply(struct server *s, uint64_t exchange, unsigned status,
		  const char *type, struct str body)
{
	front_reply(s->front, exchange,
		    &(struct http_reply){status, type, NULL, 0, body});
}

/* -- the two endpoints ------------------------------------------------- */

static bool origin_ok(const struct server *s,
		      const struct http_request *request)
{
	const struct settings_list *list = &s->config.origins;

	return request->origin.p == NULL || accounts_same_host(request) ||
	       settings_list_has(list, STR("*")) ||
	       settings_list_has(list, request->origin);
}

/* A browser shows the page nothing but that there is no connection: it is the
 * operator who is told, once a minute at most. */
static void note_foreign(struct server *s, struct str origin)
{
	int64_t now_ms = loop_now_ms(s->loop);

	if (s->foreign_at_ms != 0 && now_ms - s->foreign_at_ms < 60000)
		return;
	s->foreign_at_ms = now_ms;
	log_warn("origin=%.*s refused: no widget connects from there; if it is "
		 "the shop's, add it to `origins` of the configuration",
		 (int)(origin.n < 200 ? origin.n : 200), origin.p);
}

static bool is_upgrade(struct server *s, uint64_t exchange,
		       const struct http_request *request,
		       const char *subprotocol)
{
	if (!request->is_upgrade) {
		front_problem(s->front, exchange, 426,
			      "this is a WebSocket endpoint");
		return false;
	}
	if (!http_offers(request, subprotocol)) {
		front_problem(s->front, exchange, 400,
			      strcmp(subprotocol, "answerd.chat.v1") == 0
				      ? "offer the sub-protocol answerd.chat.v1"
				      : "offer the sub-protocol "
					"answerd.desk.v1");
		return false;
	}
	return true;
}

static void page_chat(struct server *s, uint64_t exchange,
		      const struct http_request *request)
{
	if (!is_upgrade(s, exchange, request, "answerd.chat.v1"))
		return;
	if (origin_ok(s, request)) {
		shoppers_upgrade(s->shoppers, exchange, request);
		return;
	}
	note_foreign(s, request->origin);
	front_problem(s->front, exchange, 403,
		      "this origin is not in `origins` of the configuration");
}

static void to_desk(struct server *s, uint64_t exchange,
		    const struct account *account, struct str body)
{
	(void)body;
	desk_upgrade(s->desk, exchange, account);
}

static void page_desk(struct server *s, uint64_t exchange,
		      const struct http_request *request)
{
	if (is_upgrade(s, exchange, request, "answerd.desk.v1"))
		accounts_ask(s->accounts, exchange, request, to_desk);
}

/* -- health ------------------------------------------------------------ */

static void page_healthz(struct server *s, uint64_t exchange,
			 const struct http_request *request)
{
	(void)request;
	reply(s, exchange, 200, "text/plain; charset=utf-8", STR("ok\n"));
}

/* What is wrong with Redis, where it answers, stands in its log line too. */
static void not_ready(const struct server *s, struct buf *why)
{
	const char *remedy = store_stats(s->store)->unwilling;

	if (s->draining)
		buf_add_s(why, "the daemon is stopping");
	else if (rules_catalog(s->rules) == NULL)
		buf_add_s(why, "no rules are loaded");
	else if (remedy != NULL)
		buf_addf(why, "Redis refuses what is to be stored: %s", remedy);
	else if (!store_is_up(s->store))
		buf_add_s(why, "Redis does not answer");
}

static void add_lines(struct buf *out, const char *text)
{
	const char *end;
	bool first = true;

	buf_add_c(out, '[');
	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		if (!first)
			buf_add_c(out, ',');
		first = false;
		buf_add_json(out, (struct str){text, (size_t)(end - text)});
	}
	buf_add_c(out, ']');
}

static void add_limit(void *arg, const struct catalog_limit *limit)
{
	struct buf *out = arg, line = BUF_INIT;

	buf_addf(&line, "%s:%u: \"%s\" gave up %llu times; see answerctl lint",
		 limit->file, limit->line, limit->phrase,
		 (unsigned long long)limit->count);
	if (out->data[out->len - 1] != '[')
		buf_add_c(out, ',');
	buf_add_json(out, buf_str(&line));
	buf_fini(&line);
}

/* Rules that ran into the limits of PCRE2, so that some "no" is none. */
static void add_limits(struct buf *out, const struct catalog *catalog)
{
	buf_add_c(out, '[');
	if (catalog != NULL)
		catalog_limits(catalog, add_limit, out);
	buf_add_c(out, ']');
}

/* A full disk is no reason to be taken out of service: chats go on, and Redis
 * has what is said. */
static const char *spool_state(const struct server *s)
{
	struct store_spool_stats st;

	if (!store_spool_stats(s->store, &st))
		return "off";
	return st.failing ? "failing" : st.stuck ? "stuck" : "fine";
}

/* What Redis is set up for, and whether the replicas follow: no reason to be
 * taken out of service either. */
static void add_redis(struct buf *out, const struct store *store)
{
	const struct store_stats *st = store_stats(store);
	bool first = true;

	buf_addf(out, "\"redis\":\"%s\",\"degraded\":%s,\"warnings\":[",
		 st->unwilling != NULL ? "unwilling"
		 : store_is_up(store)  ? "up"
				       : "away",
		 st->replicas_behind ? "true" : "false");
	for (unsigned i = 0; i < STORE_WARNINGS; i++) {
		if ((st->warnings & 1u << i) == 0)
			continue;
		if (!first)
			buf_add_c(out, ',');
		first = false;
		buf_add_json(out, str_of(store_warning_text(i)));
	}
	buf_add_s(out, "],");
}

/* Old rules that serve on while new ones are wrong are no reason to be taken
 * out of service, but are said. */
static void page_readyz(struct server *s, uint64_t exchange,
			const struct http_request *request)
{
	struct rules_status rules = rules_status(s->rules);
	struct buf out = BUF_INIT, why = BUF_INIT;
	bool ready;

	(void)request;
	not_ready(s, &why);
	ready = why.len == 0;
	buf_addf(&out,
		 "{\"type\":\"about:blank\",\"title\":\"%s\","
		 "\"status\":%d,",
		 ready ? "Ready" : "Service Unavailable", ready ? 200 : 503);
	if (!ready) {
		buf_add_s(&out, "\"detail\":");
		buf_add_json(&out, buf_str(&why));
		buf_add_c(&out, ',');
	}
	buf_addf(&out, "\"ready\":%s,", ready ? "true" : "false");
	add_redis(&out, s->store);
	buf_addf(&out, "\"spool\":\"%s\",", spool_state(s));
	buf_add_s(&out, "\"rules\":{\"version\":");
	buf_add_json(&out, str_of(rules.version));
	buf_addf(&out,
		 ",\"intents\":%zu,\"loaded\":%lld,\"errors\":", rules.intents,
		 (long long)rules.loaded_ms);
	add_lines(&out, rules.errors);
	buf_add_s(&out, ",\"limits\":");
	add_limits(&out, rules_catalog(s->rules));
	buf_add_s(&out, "}}");
	reply(s, exchange, ready ? 200 : 503,
	      ready ? "application/json" : "application/problem+json",
	      buf_str(&out));
	buf_fini(&out);
	buf_fini(&why);
}

static void page_metrics(struct server *s, uint64_t exchange,
			 const struct http_request *request)
{
	struct buf out = BUF_INIT;

	(void)request;
	metrics_write(s, &out);
	reply(s, exchange, 200, "text/plain; version=0.0.4; charset=utf-8",
	      buf_str(&out));
	buf_fini(&out);
}

/* -- files ------------------------------------------------------------- */

/* The widget is loaded by other sites' pages; the rest is our own. */
static bool is_for_all(struct str path)
{
	return str_starts(path, "/widget");
}

static void page_file(struct server *s, uint64_t exchange,
		      const struct http_request *request,
		      const struct asset *file)
{
	struct str seen = http_header(request, "If-None-Match");
	bool same = str_is(seen, file->etag);
	struct http_header headers[5];
	size_t n = 0;

	headers[n++] = (struct http_header){STR("ETag"), str_of(file->etag)};
	headers[n++] = (struct http_header){STR("Cache-Control"),
					    is_for_all(request->path)
						    ? STR("public, max-age=300")
						    : STR("no-cache")};
	headers[n++] = (struct http_header){STR("Content-Security-Policy"),
					    str_of(csp)};
	if (is_for_all(request->path)) {
		headers[n++] = (struct http_header){
			STR("Access-Control-Allow-Origin"), STR("*")};
		headers[n++] = (struct http_header){
			STR("Cross-Origin-Resource-Policy"),
			STR("cross-origin")};
	}
	front_reply(s->front, exchange,
		    &(struct http_reply){
			    same ? 304 : 200, same ? NULL : file->type, headers,
			    n,
			    same ? STR_NONE
				 : (struct str){(const char *)file->bytes,
						file->size}});
}

/* A folder without its slash. */
static void page_folder(struct server *s, uint64_t exchange,
			const struct http_request *request)
{
	struct buf to = BUF_INIT;
	struct http_header where;

	buf_add_str(&to, request->path);
	buf_add_c(&to, '/');
	where = (struct http_header){STR("Location"), buf_str(&to)};
	front_reply(s->front, exchange,
		    &(struct http_reply){308, NULL, &where, 1, STR_NONE});
	buf_fini(&to);
}

/* -- the table --------------------------------------------------------- */

static void page_login(struct server *s, uint64_t exchange,
		       const struct http_request *request)
{
	accounts_login(s->accounts, exchange, request);
}

static void page_logout(struct server *s, uint64_t exchange,
			const struct http_request *request)
{
	accounts_logout(s->accounts, exchange, request);
}

static void page_session(struct server *s, uint64_t exchange,
			 const struct http_request *request)
{
	accounts_session(s->accounts, exchange, request);
}

static void page_announcements(struct server *s, uint64_t exchange,
			       const struct http_request *request)
{
	announce_request(s->announce, exchange, request);
}

static const struct page {
	const char *path;   /* with a slash at its end: and all below */
	const char *method; /* GET stands for HEAD too; several with blanks */
	void (*answer)(struct server *s, uint64_t exchange,
		       const struct http_request *request);
} pages[] = {
	{"/chat", "GET", page_chat},
	{"/desk", "GET", page_desk},
	{"/healthz", "GET", page_healthz},
	{"/readyz", "GET", page_readyz},
	{"/metrics", "GET", page_metrics},
	{"/api/login", "POST", page_login},
	{"/api/logout", "POST", page_logout},
	{"/api/session", "GET", page_session},
	{"/api/report", "GET", reports_request},
	{"/api/announcements", "POST", page_announcements},
	{"/api/rules", "GET", rules_page_rules},
	{"/api/match", "POST", rules_page_match},
	{"/api/unanswered", "GET", rules_page_unanswered},
	{"/api/visitors/", "GET DELETE", visitors_request},
	{"/demo", "GET", page_folder},
	{"/console", "GET", page_folder},
};

static bool fits(struct str method, const char *wanted)
{
	if (str_is(method, "HEAD"))
		method = STR("GET");
	while (*wanted != '\0') {
		size_t n = strcspn(wanted, " ");

		if (str_eq(method, (struct str){wanted, n}))
			return true;
		wanted += n + strspn(wanted + n, " ");
	}
	return false;
}

static const char *allowed(const char *wanted)
{
	if (strcmp(wanted, "GET") == 0)
		return "GET, HEAD";
	if (strcmp(wanted, "GET DELETE") == 0)
		return "GET, HEAD, DELETE";
	return wanted;
}

static void not_allowed(struct server *s, uint64_t exchange, const char *method)
{
	struct buf body = BUF_INIT;
	struct http_header allow = {STR("Allow"), str_of(allowed(method))};

	problem_encode(&body, 405, http_reason(405), NULL);
	front_reply(s->front, exchange,
		    &(struct http_reply){405, "application/problem+json",
					 &allow, 1, buf_str(&body)});
	buf_fini(&body);
}

static bool is_at(struct str path, const char *page)
{
	return page[strlen(page) - 1] == '/' ? str_starts(path, page)
					     : str_is(path, page);
}

void pages_request(void *server, uint64_t exchange,
		   const struct http_request *request)
{
	struct server *s = server;
	const struct asset *file;

	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (!is_at(request->path, pages[i].path))
			continue;
		if (fits(request->method, pages[i].method))
			pages[i].answer(s, exchange, request);
		else
			not_allowed(s, exchange, pages[i].method);
		return;
	}
	file = asset_find(request->path);
	if (file == NULL)
		front_problem(s->front, exchange, 404, NULL);
	else if (!fits(request->method, "GET"))
		not_allowed(s, exchange, "GET");
	else
		page_file(s, exchange, request, file);
}
