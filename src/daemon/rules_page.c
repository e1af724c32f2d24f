/* What the console's rules page asks, all of it only looked at: GET /api/rules
 * (what is loaded, and what was wrong when it was last tried), POST /api/match
 * (what a sentence would get, and why), GET /api/unanswered (what no rule
 * answered lately). For whoever is signed in: agents see what the bot is asked
 * anyway. A sentence is bounded as a shopper's is and costs what one of theirs
 * costs; each account may try so many a minute. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "base/utf8.h"
#include "intent/explain.h"
#include "server.h"
#include "tries.h"

#define TRIES_A_MINUTE 120
#define SAMPLES_MOST   100
#define DAYS           7
#define READS_MAX      32 /* of unanswered, under way at once */

/* A reading of the last days, the newest first. */
struct reading {
	struct reading *next;
	uint64_t tag, exchange;
	int64_t day_ms;
	unsigned days;
	size_t count;
	struct buf json;
};

struct rules_page {
	struct server *server;
	struct matcher *matcher;
	struct match match;
	struct tries tries; /* by account */
	struct reading *readings;
	size_t reading_count;
	uint64_t next_tag;
};

static void answer(struct server *s, uint64_t exchange, const struct buf *json)
{
	front_reply(s->front, exchange,
		    &(struct http_reply){200, "application/json", NULL, 0,
					 buf_str(json)});
}

/* -- what is loaded ---------------------------------------------------- */

static void add_limit(void *arg, const struct catalog_limit *limit)
{
	struct buf *out = arg;

	if (out->data[out->len - 1] != '[')
		buf_add_c(out, ',');
	buf_add_s(out, "{\"file\":");
	buf_add_json(out, str_of(limit->file));
	buf_addf(out, ",\"line\":%u,\"phrase\":", limit->line);
	buf_add_json(out, str_of(limit->phrase));
	buf_addf(out, ",\"count\":%llu}", (unsigned long long)limit->count);
}

static void on_rules(struct server *s, uint64_t exchange,
		     const struct account *account, struct str body)
{
	struct rules_status rules = rules_status(s->rules);
	const struct catalog *catalog = rules_catalog(s->rules);
	struct buf out = BUF_INIT;

	(void)account;
	(void)body;
	buf_add_s(&out, "{\"version\":");
	buf_add_json(&out, str_of(rules.version));
	buf_addf(&out,
		 ",\"intents\":%zu,\"loaded_ms\":%lld,\"engine\":\"%s\","
		 "\"files\":[%s],\"tried_ms\":%lld,\"loading\":%s,"
		 "\"in_force\":%s,\"errors\":%zu,\"warnings\":%zu,"
		 "\"findings\":[%s],\"limit_text\":%lld,\"limits\":[",
		 rules.intents, (long long)rules.loaded_ms,
		 catalog != NULL && catalog_has_jit(catalog) ? "jit"
							     : "interpreter",
		 rules.files_json, (long long)rules.tried_ms,
		 rules_are_busy(s->rules) ? "true" : "false",
		 rules.error_count == 0 ? "true" : "false", rules.error_count,
		 rules.warning_count, rules.findings_json,
		 (long long)s->config.limit_text);
	if (catalog != NULL)
		catalog_limits(catalog, add_limit, &out);
	buf_add_s(&out, "]}");
	answer(s, exchange, &out);
	buf_fini(&out);
}

/* -- trying a sentence ------------------------------------------------- */

static void explain(struct server *s, uint64_t exchange,
		    const struct catalog *catalog, const struct trial *trial)
{
	struct rules_page *p = s->rules_page;
	const struct match_context context = {.explain = true};
	struct buf said = BUF_INIT, out = BUF_INIT;

	match_message(catalog, p->matcher, trial->text, &context, &p->match);
	explain_answer(catalog, &p->match, trial->text,
		       trial->locale[0] != '\0' ? trial->locale : NULL, &said);
	explain_json(catalog, &p->match, trial->text, buf_str(&said), &out);
	answer(s, exchange, &out);
	buf_fini(&said);
	buf_fini(&out);
}

static void on_match(struct server *s, uint64_t exchange,
		     const struct account *account, struct str body)
{
	const struct catalog *catalog = rules_catalog(s->rules);
	struct trial trial = {.text = STR_NONE};
	const char *why;
	int64_t wait_s =
		tries_count(&s->rules_page->tries, loop_now_ms(s->loop),
			    str_of(account->name), TRIES_A_MINUTE);

	if (wait_s > 0)
		front_too_many(s->front, exchange, wait_s,
			       "120 sentences a minute; wait a little");
	else if (catalog == NULL)
		front_problem(s->front, exchange, 503, "no rules are loaded");
	else if (trial_decode(body, (size_t)s->config.limit_text, &trial, &why))
		explain(s, exchange, catalog, &trial);
	else
		front_problem(s->front, exchange, 400, why);
	trial_fini(&trial);
}

/* -- what was not answered --------------------------------------------- */

static void reading_end(struct rules_page *p, struct reading *r)
{
	struct reading **at = &p->readings;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	p->reading_count--;
	buf_fini(&r->json);
	free(r);
}

static void add_sample(struct reading *r, const struct store_noted *note)
{
	struct str text = field_get(note->fields, note->field_count, "text");
	struct str locale =
		field_get(note->fields, note->field_count, "locale");

	if (text.n == 0 || r->count == SAMPLES_MOST)
		return;
	if (r->count++ > 0)
		buf_add_c(&r->json, ',');
	buf_addf(&r->json, "{\"at\":%lld,\"text\":", (long long)note->at_ms);
	buf_add_json(&r->json, text);
	buf_add_s(&r->json, ",\"locale\":");
	buf_add_json(&r->json, locale.p == NULL ? STR("") : locale);
	buf_add_c(&r->json, '}');
}

static void read_day(struct rules_page *p, struct reading *r);

static void on_day(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct rules_page *p = arg;
	struct reading *r = p->readings;

	while (r != NULL && r->tag != tag)
		r = r->next;
	if (r == NULL)
		return;
	if (notes->status != STORE_OK) {
		front_problem(p->server->front, r->exchange, 503,
			      "Redis is away; try again in a moment");
		reading_end(p, r);
		return;
	}
	for (size_t i = 0; i < notes->count; i++)
		add_sample(r, &notes->list[i]);
	if (r->count < SAMPLES_MOST && ++r->days < DAYS) {
		r->day_ms -= MOMENT_DAY_MS;
		read_day(p, r);
		return;
	}
	buf_addf(&r->json, "],\"days\":%d}", DAYS);
	answer(p->server, r->exchange, &r->json);
	reading_end(p, r);
}

static void read_day(struct rules_page *p, struct reading *r)
{
	char stream[32] = "unanswered:";

	moment_day(r->day_ms, stream + strlen(stream));
	store_notes(p->server->store, stream, NULL, SAMPLES_MOST, on_day, p,
		    r->tag);
}

static void on_unanswered(struct server *s, uint64_t exchange,
			  const struct account *account, struct str body)
{
	struct rules_page *p = s->rules_page;
	struct reading *r;

	(void)account;
	(void)body;
	if (p->reading_count >= READS_MAX) {
		front_problem(s->front, exchange, 503,
			      "many read this just now; try again");
		return;
	}
	r = xcalloc(1, sizeof(*r));
	r->next = p->readings;
	p->readings = r;
	p->reading_count++;
	r->tag = ++p->next_tag;
	r->exchange = exchange;
	r->day_ms = loop_wall_ms();
	buf_add_s(&r->json, "{\"samples\":[");
	read_day(p, r);
}

/* -- the front door ---------------------------------------------------- */

void rules_page_rules(struct server *s, uint64_t exchange,
		      const struct http_request *request)
{
	accounts_ask(s->accounts, exchange, request, on_rules);
}

void rules_page_match(struct server *s, uint64_t exchange,
		      const struct http_request *request)
{
	if (accounts_may_change(s->accounts, exchange, request))
		accounts_ask(s->accounts, exchange, request, on_match);
}

void rules_page_unanswered(struct server *s, uint64_t exchange,
			   const struct http_request *request)
{
	accounts_ask(s->accounts, exchange, request, on_unanswered);
}

struct rules_page *rules_page_new(struct server *s)
{
	struct rules_page *p = xcalloc(1, sizeof(*p));

	p->server = s;
	p->matcher = matcher_new();
	return p;
}

void rules_page_free(struct rules_page **pagep)
{
	struct rules_page *p = *pagep;

	if (p == NULL)
		return;
	while (p->readings != NULL)
		reading_end(p, p->readings);
	matcher_free(&p->matcher);
	tries_fini(&p->tries);
	free(p);
	*pagep = NULL;
}
