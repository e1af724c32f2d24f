/* GET /api/report: the figures of some days, for supervisors and admins. Reads
 * the hashes `stats:DAY` one after the other, the oldest first, and answers
 * with each day and with all of them together. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chat/figures.h"
#include "server.h"

#define ASKED_MAX 16 /* under way at once */

struct asked {
	struct asked *next;
	uint64_t tag, exchange;
	struct report_days *days;
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
	report_days_free(&a->days);
	free(a);
}

static void answer(struct reports *r, struct asked *a)
{
	struct buf json = BUF_INIT;

	report_days_json(a->days, &json);
	front_reply(r->server->front, a->exchange,
		    &(struct http_reply){200, "application/json", NULL, 0,
					 buf_str(&json)});
	buf_fini(&json);
	end(r, a);
}

static void read_day(struct reports *r, struct asked *a);

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
	report_days_add(a->days, fields, n);
	read_day(r, a);
}

/* The next one, or the answer. */
static void read_day(struct reports *r, struct asked *a)
{
	char key[REPORT_KEY_ROOM];

	if (report_days_next(a->days, key))
		store_hash_get(r->server->store, key, on_day, r, a->tag);
	else
		answer(r, a);
}

/* -- what is asked for ------------------------------------------------- */

/* The value of "NAME=" in the query. */
static struct str value_of(struct str query, const char *name)
{
	size_t n = strlen(name);

	while (query.n > 0) {
		struct str one = str_cut(&query, '&');

		if (one.n > n && memcmp(one.p, name, n) == 0 && one.p[n] == '=')
			return (struct str){one.p + n + 1, one.n - n - 1};
	}
	return STR_NONE;
}

static bool read_span(struct str query, struct report_span *span,
		      struct buf *why)
{
	int64_t now_ms = loop_wall_ms();

	now_ms += 1000 * (int64_t)loop_local_offset_s(now_ms);
	return report_span_read(value_of(query, "from"), value_of(query, "to"),
				now_ms, span, why);
}

static void begin(struct reports *r, uint64_t exchange,
		  const struct report_span *span)
{
	struct asked *a = xcalloc(1, sizeof(*a));

	*a = (struct asked){.next = r->asked,
			    .tag = ++r->next_tag,
			    .exchange = exchange,
			    .days = report_days_new(span)};
	r->asked = a;
	r->count++;
	read_day(r, a);
}

/* The query comes in place of a body. */
static void on_overseer(struct server *s, uint64_t exchange,
			const struct account *account, struct str query)
{
	struct reports *r = s->reports;
	struct report_span span;
	struct buf why = BUF_INIT;

	if (!account_oversees(account)) {
		front_problem(s->front, exchange, 403,
			      "reports are for the roles supervisor and admin");
		return;
	}
	if (!read_span(query, &span, &why))
		front_problem(s->front, exchange, 400, why.data);
	else if (r->count >= ASKED_MAX)
		front_problem(s->front, exchange, 503,
			      "too many reports at once; try again");
	else
		begin(r, exchange, &span);
	buf_fini(&why);
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
