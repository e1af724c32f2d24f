/* GET and DELETE /api/visitors/{id}: what is stored about a visitor, given away
 * or erased. For the role admin; each is noted in `audit`. One at a time: they
 * read much, and nobody needs two at once. What is erased, and in which order,
 * is the store's business; connected shoppers and agents hear of it by the
 * hub, which finds the conversation gone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "server.h"
#include "store/visitor.h"

#define PATH         "/api/visitors/"
#define EXPORT_MAX   (64 * 1024 * 1024)
#define AUDIT_LENGTH 100000

struct visitors {
	struct server *server;
	bool busy;
	uint64_t exchange; /* of what is under way */
	char by[65];
	char visitor[65];
};

static void audit(struct visitors *v, const char *did)
{
	struct field fields[3] = {
		{STR("who"), str_of(v->by)},
		{STR("did"), str_of(did)},
		{STR("what"), str_of(v->visitor)},
	};

	log_info("visitor=%s agent=%s did=%s", v->visitor, v->by, did);
	store_note(v->server->store, "audit", fields, ARRAY_LEN(fields),
		   AUDIT_LENGTH);
}

static void answer(struct visitors *v, struct str json)
{
	front_reply(
		v->server->front, v->exchange,
		&(struct http_reply){200, "application/json", NULL, 0, json});
}

static void refuse(struct visitors *v, enum store_status status,
		   const char *away)
{
	struct front *front = v->server->front;

	if (status == STORE_EMPTY)
		front_problem(front, v->exchange, 404,
			      "nothing is stored of a visitor of this name");
	else
		front_problem(front, v->exchange, 503, away);
}

static void on_exported(void *arg, uint64_t tag,
			const struct store_exported *exported)
{
	struct visitors *v = arg;

	(void)tag;
	v->busy = false;
	if (exported->status == STORE_OK) {
		audit(v, "export");
		answer(v, exported->json);
	} else if (exported->status == STORE_REFUSED) {
		front_problem(v->server->front, v->exchange, 413,
			      "it is more than 64 MB; use answerctl export");
	} else {
		refuse(v, exported->status,
		       "Redis is away; try again in a moment");
	}
}

static void on_erased(void *arg, uint64_t tag,
		      const struct store_erased *erased)
{
	struct visitors *v = arg;
	struct buf out = BUF_INIT;

	(void)tag;
	v->busy = false;
	if (erased->status != STORE_OK) {
		refuse(v, erased->status,
		       "Redis did not answer, and some of it may be left; "
		       "erase once more");
		return;
	}
	audit(v, "erase");
	buf_add_s(&out, "{\"visitor\":");
	buf_add_json(&out, str_of(v->visitor));
	buf_addf(&out, ",\"conversations\":%zu,\"events\":%zu,\"notes\":%zu}",
		 erased->conversations, erased->events, erased->notes);
	answer(v, buf_str(&out));
	buf_fini(&out);
}

/* True: this request may go on. */
static bool begin(struct server *s, uint64_t exchange,
		  const struct account *account, struct str visitor)
{
	struct visitors *v = s->visitors;

	if (!account_has_role(account, "admin"))
		front_problem(s->front, exchange, 403,
			      "exporting and erasing are for the role admin");
	else if (v->busy)
		front_problem(s->front, exchange, 503,
			      "another visitor is being exported or erased; "
			      "try again in a moment");
	else if (!store_is_up(s->store))
		front_problem(s->front, exchange, 503,
			      "Redis is away; try again in a moment");
	else {
		v->busy = true;
		v->exchange = exchange;
		memcpy(v->by, account->name, sizeof(v->by));
		str_copy(v->visitor, sizeof(v->visitor), visitor);
		return true;
	}
	return false;
}

static void on_get(struct server *s, uint64_t exchange,
		   const struct account *account, struct str visitor)
{
	if (begin(s, exchange, account, visitor))
		store_export(s->store, s->visitors->visitor, EXPORT_MAX,
			     on_exported, s->visitors, 0);
}

static void on_delete(struct server *s, uint64_t exchange,
		      const struct account *account, struct str visitor)
{
	const struct settings_list *queues = &s->config.queues;

	if (begin(s, exchange, account, visitor))
		store_erase(s->store, s->visitors->visitor,
			    (const char *const *)queues->items, queues->count,
			    on_erased, s->visitors, 0);
}

void visitors_request(struct server *s, uint64_t exchange,
		      const struct http_request *request)
{
	bool erase = str_is(request->method, "DELETE");
	struct str visitor = {request->path.p + strlen(PATH),
			      request->path.n - strlen(PATH)};

	if (!frame_id_valid(visitor))
		front_problem(s->front, exchange, 404,
			      "this is not a visitor's name");
	else if (erase && !accounts_may_change(s->accounts, exchange, request))
		return;
	else
		accounts_ask_about(s->accounts, exchange, request, visitor,
				   erase ? on_delete : on_get);
}

struct visitors *visitors_new(struct server *s)
{
	struct visitors *v = xcalloc(1, sizeof(*v));

	v->server = s;
	return v;
}

void visitors_free(struct visitors **visitors)
{
	free(*visitors);
	*visitors = NULL;
}
