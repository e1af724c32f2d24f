/* GET /api/report: the figures of some days, for supervisors and admins. Reads
 * the hashes `stats:DAY` one after the other, the oldest first, and answers
 * with each day and with all of them together. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "chat/figures.h"
#include "server.h"

#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define DAYS      7   /* where nothing is asked for */
#define DAYS_MOST 100 /* in one answer */
#define ASKED_MAX 16  /* under way at once */

struct asked {
	struct asked *next;
	uint64_t tag, exchange;
	int64_t at_ms, to_ms; /* midnights, as if the clock were UTC's */
	struct buf json;
	struct report *total;
};

struct reports {
	struct server *server;
	struct asked *asked;
	size_t count;
	uint64_t next_tag;
};

static struct asked *find(const struct reports *r, uint64_t tag)
{
	struct asked *a = r->asked;

	while (a != NULL && a->tag != tag)
		a = a->next;
	return a;
}

static void end(struct reports *r, struct asked *a)
{
	struct asked **at = &r->asked;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	r->count--;
	buf_fini(&a->json);
	report_free(&a->total);
	free(a);
}

static void answer(struct reports *r, struct asked *a)
{
	buf_add_s(&a->json, "],\"total\":");
	report_json(a->total, &a->json);
	buf_add_c(&a->json, '}');
	front_reply(r->server->front, a->exchange,
		    &(struct http_reply){200, "application/json", NULL, 0,
					 buf_str(&a->json)});
	end(r, a);
}

static void add_day(struct asked *a, const struct field *fields, size_t n)
{
	struct report *day = report_new();
	char name[MOMENT_DAY_ROOM];

	report_add(day, fields, n);
	report_add(a->total, fields, n);
	moment_day(a->at_ms, name);
	if (a->json.data[a->json.len - 1] != '[')
		buf_add_c(&a->json, ',');
	buf_addf(&a->json, "{\"day\":\"%s\",\"figures\":", name);
	report_json(day, &a->json);
	buf_add_c(&a->json, '}');
	report_free(&day);
}

static void read_day(struct reports *r, const struct asked *a);

static void on_day(void *arg, uint64_t tag, enum store_status status,
		   const struct field *fields, size_t n)
{
	struct reports *r = arg;
	struct asked *a = find(r, tag);

	if (a == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY) {
		front_problem(r->server->front, a->exchange, 503,
			      "Redis is away; try again in a moment");
		end(r, a);
		return;
	}
	add_day(a, fields, n);
	a->at_ms += DAY_MS;
	if (a->at_ms > a->to_ms)
		answer(r, a);
	else
		read_day(r, a);
}

static void read_day(struct reports *r, const struct asked *a)
{
	char key[32] = "stats:";

	moment_day(a->at_ms, key + strlen(key));
	store_hash_get(r->server->store, key, on_day, r, a->tag);
}

/* -- what is asked for ------------------------------------------------- */

/* The value of "NAME=" in the query. */
static struct str value_of(struct str query, const char *name)
{
	size_t n = strlen(name);

	while (query.n > 0) {
		const char *and = memchr(query.p, '&', query.n);
		size_t len = and == NULL ? query.n : (size_t)(and-query.p);

		if (len > n && memcmp(query.p, name, n) == 0 &&
		    query.p[n] == '=')
			return (struct str){query.p + n + 1, len - n - 1};
		query.p += len;
		query.n -= len;
		if (query.n > 0) {
			query.p++;
			query.n--;
		}
	}
	return STR_NONE;
}

static int no_offset(int64_t ms)
{
	(void)ms;
	return 0;
}

/* "2026-11-28" as the midnight that it begins with; else as `*out_ms` is. */
static bool read_date(struct str text, int64_t *out_ms)
{
	struct buf whole = BUF_INIT;
	bool fine;

	if (text.p == NULL)
		return true;
	buf_add_str(&whole, text);
	buf_add_s(&whole, "T00:00Z");
	fine = text.n == 10 &&
	       moment_parse(buf_str(&whole), 0, no_offset, out_ms);
	buf_fini(&whole);
	return fine;
}

/* NULL: it is right. */
static const char *read_span(struct str query, int64_t *from_ms, int64_t *to_ms)
{
	struct str from = value_of(query, "from"), to = value_of(query, "to");
	int64_t now_ms = loop_wall_ms();

	now_ms += 1000 * (int64_t)loop_local_offset_s(now_ms);
	*to_ms = now_ms / DAY_MS * DAY_MS;
	if (!read_date(to, to_ms))
		return "to is not a date; write to=2026-11-28";
	*from_ms = *to_ms - (DAYS - 1) * DAY_MS;
	if (!read_date(from, from_ms))
		return "from is not a date; write from=2026-11-22";
	if (*from_ms > *to_ms)
		return "from is after to";
	if (*to_ms - *from_ms >= DAYS_MOST * DAY_MS)
		return "at most 100 days at a time";
	return NULL;
}

static void begin(struct reports *r, uint64_t exchange, int64_t from_ms,
		  int64_t to_ms)
{
	struct asked *a = xcalloc(1, sizeof(*a));
	char from[MOMENT_DAY_ROOM], to[MOMENT_DAY_ROOM];

	*a = (struct asked){.next = r->asked,
			    .tag = ++r->next_tag,
			    .exchange = exchange,
			    .at_ms = from_ms,
			    .to_ms = to_ms,
			    .total = report_new()};
	r->asked = a;
	r->count++;
	moment_day(from_ms, from);
	moment_day(to_ms, to);
	buf_addf(&a->json, "{\"from\":\"%s\",\"to\":\"%s\",\"days\":[", from,
		 to);
	read_day(r, a);
}

/* The query comes in place of a body. */
static void on_overseer(struct server *s, uint64_t exchange,
			const struct account *account, struct str query)
{
	struct reports *r = s->reports;
	int64_t from_ms, to_ms;
	const char *why;

	if (!account_oversees(account)) {
		front_problem(s->front, exchange, 403,
			      "reports are for the roles supervisor and admin");
		return;
	}
	why = read_span(query, &from_ms, &to_ms);
	if (why != NULL)
		front_problem(s->front, exchange, 400, why);
	else if (r->count >= ASKED_MAX)
		front_problem(s->front, exchange, 503,
			      "too many reports at once; try again");
	else
		begin(r, exchange, from_ms, to_ms);
}

void reports_request(struct server *s, uint64_t exchange,
		     const struct http_request *request)
{
	struct http_request asked = *request;

	asked.body = request->query;
	accounts_ask(s->accounts, exchange, &asked, on_overseer);
}

struct reports *reports_new(struct server *s)
{
	struct reports *r = xcalloc(1, sizeof(*r));

	r->server = s;
	return r;
}

void reports_free(struct reports **reportsp)
{
	struct reports *r = *reportsp;

	if (r == NULL)
		return;
	while (r->asked != NULL)
		end(r, r->asked);
	free(r);
	*reportsp = NULL;
}
