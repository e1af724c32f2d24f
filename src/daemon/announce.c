/* Announcements: what the shop tells all of its shoppers at once. The hash
 * `announcements` is the truth, the store's news only wake: this daemon reads
 * the hash, compares it with what it holds, and tells its connections what is
 * new and what is over. While Redis is away the ones last known run on, and
 * end at their time. Who may publish is asked here; the words are not judged.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/moment.h"
#include "shopper.h"

#define KEY           "announcements"
#define HELD_MAX      64    /* what else stands in the hash is left out */
#define TOLD_A_TURN   250   /* connections that are written to */
#define PASSED_A_TURN 20000 /* connections that are looked at */
#define READ_TICKS    15    /* should news have been lost */
#define KEPT_MS       60000 /* after the end; then out of the hash */
#define AUDIT_LENGTH  100000

struct held {
	struct held *next; /* the oldest first */
	struct announced as;
	uint64_t revision; /* when it came, changed or ended */
	bool seen;         /* in the hash, while it is being read */
};

/* A request that waits for Redis. */
struct posted {
	struct posted *next;
	uint64_t tag, exchange;
	char by[65];
	struct announced what;
};

struct announce {
	struct server *server;
	struct held *held;
	size_t held_count;
	uint64_t revision; /* of what is held */
	bool reading;
	bool stale; /* somebody rang while it was being read */
	unsigned ticks;
	struct timer *walk;  /* one connection after the other is told */
	struct client *next; /* of the walk; NULL: it is over */
	struct announcement running[HELD_MAX];
	struct posted *posted;
	uint64_t next_tag;
};

/* -- telling ----------------------------------------------------------- */

static struct announcement frame_of(const struct held *h)
{
	return (struct announcement){
		.id = str_of(h->as.id),
		.text = str_of(h->as.text),
		.level = str_of(h->as.level),
		.until_ms = h->as.until_ms,
		.over = h->as.over,
	};
}

const struct announcement *announce_running(struct announce *a, size_t *count,
					    uint64_t *revision)
{
	*count = 0;
	*revision = a->revision;
	for (const struct held *h = a->held; h != NULL; h = h->next)
		if (!h->as.over)
			a->running[(*count)++] = frame_of(h);
	return a->running;
}

/* All that has changed since this connection was told. False: nothing. */
static bool tell(struct announce *a, struct shopper *c)
{
	struct buf out = BUF_INIT;
	bool told = false;

	if (c->phase != SHOPPER_IN || c->announced == a->revision)
		return false; /* its welcome will say */
	for (const struct held *h = a->held; h != NULL; h = h->next) {
		struct announcement frame = frame_of(h);

		if (h->revision <= c->announced)
			continue;
		frame_announcement(&out, &frame);
		client_send(&c->client, &out);
		a->server->counters.announced++;
		told = true;
	}
	c->announced = a->revision;
	buf_fini(&out);
	return told;
}

static void drop_over(struct announce *a)
{
	struct held **at = &a->held;

	while (*at != NULL) {
		struct held *h = *at;

		if (!h->as.over) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		a->held_count--;
		free(h);
	}
}

/* Thousands of writes in one turn would keep everybody else waiting. */
static void on_walk(void *arg)
{
	struct announce *a = arg;
	size_t told = 0;

	for (size_t i = 0;
	     a->next != NULL && i < PASSED_A_TURN && told < TOLD_A_TURN; i++) {
		struct client *c = a->next;

		a->next = c->next;
		told += tell(a, (struct shopper *)c);
	}
	if (a->next != NULL)
		timer_start(a->walk, 0, 0);
	else
		drop_over(a);
}

void announce_forget(struct announce *a, const struct client *c)
{
	if (a->next == c)
		a->next = c->next;
}

/* A walk that is under way begins anew: who is up to date is passed over. */
static void spread(struct announce *a)
{
	a->next = shoppers_first(a->server->shoppers);
	timer_start(a->walk, 0, 0);
}

/* -- what is held ------------------------------------------------------ */

static struct held *find(const struct announce *a, struct str id)
{
	struct held *h = a->held;

	while (h != NULL && !str_is(id, h->as.id))
		h = h->next;
	return h;
}

static struct held *add(struct announce *a, struct str id)
{
	struct held **at = &a->held, *h;

	if (a->held_count >= HELD_MAX || !frame_id_valid(id))
		return NULL;
	h = xcalloc(1, sizeof(*h));
	memcpy(h->as.id, id.p, id.n);
	while (*at != NULL)
		at = &(*at)->next;
	*at = h;
	a->held_count++;
	return h;
}

static bool is_past(const struct announced *as, int64_t now_ms)
{
	return as->until_ms > 0 && as->until_ms <= now_ms;
}

static bool is_same(const struct announced *x, const struct announced *y)
{
	return strcmp(x->text, y->text) == 0 &&
	       strcmp(x->level, y->level) == 0 && x->until_ms == y->until_ms;
}

/* One field of the hash. True: something is new. */
static bool take(struct announce *a, const struct field *field, int64_t now_ms)
{
	struct announced as;
	struct held *h = find(a, field->name);
	const char *why;
	char id[65];

	if (!announced_decode(field->value, &as, &why)) {
		log_warn("an announcement in Redis is passed over: %s", why);
		return false;
	}
	if (as.over)
		return false; /* as a request, not as what runs */
	if (is_past(&as, now_ms)) {
		if (as.until_ms + KEPT_MS < now_ms &&
		    frame_id_valid(field->name)) {
			memcpy(id, field->name.p, field->name.n);
			id[field->name.n] = '\0';
			store_hash_drop(a->server->store, KEY, id);
		}
		return false;
	}
	if (h == NULL)
		h = add(a, field->name);
	if (h == NULL)
		return false;
	h->seen = true;
	if (h->revision > 0 && !h->as.over && is_same(&h->as, &as))
		return false;
	memcpy(as.id, h->as.id, sizeof(as.id));
	h->as = as;
	h->revision = a->revision + 1;
	log_info("announcement=%s level=%s runs", h->as.id, h->as.level);
	return true;
}

static bool end(struct announce *a, struct held *h)
{
	if (h->as.over)
		return false;
	h->as.over = true;
	h->revision = a->revision + 1;
	log_info("announcement=%s is over", h->as.id);
	return true;
}

static void changed(struct announce *a)
{
	a->revision++;
	spread(a);
}

static void take_all(struct announce *a, const struct field *fields, size_t n)
{
	int64_t now_ms = loop_wall_ms();
	bool any = false;

	for (struct held *h = a->held; h != NULL; h = h->next)
		h->seen = false;
	for (size_t i = 0; i < n; i++)
		any |= take(a, &fields[i], now_ms);
	for (struct held *h = a->held; h != NULL; h = h->next)
		if (!h->seen)
			any |= end(a, h);
	if (any)
		changed(a);
}

static void on_read(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	struct announce *a = arg;
	bool again = a->stale;

	(void)tag;
	a->reading = false;
	a->stale = false;
	if (a->server->closing)
		return;
	if (status == STORE_OK || status == STORE_EMPTY)
		take_all(a, fields, n);
	if (again)
		announce_read(a);
}

void announce_read(struct announce *a)
{
	if (a->reading) {
		a->stale = true;
		return;
	}
	a->reading = true;
	store_hash_get(a->server->store, KEY, on_read, a, 0);
}

void announce_tick(struct announce *a)
{
	int64_t now_ms = loop_wall_ms();
	bool any = false;

	for (struct held *h = a->held; h != NULL; h = h->next)
		if (is_past(&h->as, now_ms))
			any |= end(a, h);
	if (any)
		changed(a);
	if (++a->ticks % READ_TICKS == 0 && store_is_up(a->server->store))
		announce_read(a);
}

/* -- publishing -------------------------------------------------------- */

static struct posted *posted_find(struct announce *a, uint64_t tag)
{
	struct posted *p = a->posted;

	while (p != NULL && p->tag != tag)
		p = p->next;
	return p;
}

static void posted_end(struct announce *a, struct posted *p)
{
	struct posted **at = &a->posted;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	free(p);
}

static void refuse(struct announce *a, struct posted *p, unsigned status,
		   const char *detail)
{
	front_problem(a->server->front, p->exchange, status, detail);
	posted_end(a, p);
}

static void answer(struct announce *a, const struct posted *p)
{
	struct buf out = BUF_INIT;

	buf_add_s(&out, "{\"id\":");
	buf_add_json(&out, str_of(p->what.id));
	buf_add_s(&out, p->what.over ? ",\"over\":true}" : "}");
	front_reply(a->server->front, p->exchange,
		    &(struct http_reply){p->what.over ? 200 : 201,
					 "application/json", NULL, 0,
					 buf_str(&out)});
	buf_fini(&out);
}

static void audit(struct announce *a, const struct posted *p)
{
	struct field fields[3] = {
		{STR("who"), str_of(p->by)},
		{STR("did"),
		 p->what.over ? STR("announce_over") : STR("announce")},
		{STR("what"), str_of(p->what.id)},
	};

	store_note(a->server->store, "audit", fields, ARRAY_LEN(fields),
		   AUDIT_LENGTH);
}

static void on_rung(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	struct announce *a = arg;
	struct posted *p = posted_find(a, tag);

	(void)fields;
	(void)n;
	if (p == NULL)
		return;
	if (status != STORE_OK) {
		refuse(a, p, 503,
		       "Redis is away, and whether it was done is not known; "
		       "look, and try again");
		return;
	}
	log_info("announcement=%s agent=%s did=%s", p->what.id, p->by,
		 p->what.over ? "over" : "announce");
	audit(a, p);
	answer(a, p);
	posted_end(a, p);
}

static void write_it(struct announce *a, struct posted *p)
{
	struct store *store = a->server->store;
	struct buf value = BUF_INIT;

	if (p->what.over) {
		store_hash_drop(store, KEY, p->what.id);
	} else {
		announced_encode(&value, &p->what);
		store_hash_set(
			store, KEY,
			&(struct field){str_of(p->what.id), buf_str(&value)}, 1,
			0, NULL, NULL, 0);
	}
	store_news(store, KEY, on_rung, a, p->tag);
	buf_fini(&value);
}

static size_t count_running(const struct field *fields, size_t n)
{
	int64_t now_ms = loop_wall_ms();
	struct announced as;
	const char *why;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += announced_decode(fields[i].value, &as, &why) &&
			 !is_past(&as, now_ms);
	return count;
}

/* What stands there now: is it there, is there room? */
static void on_looked(void *arg, uint64_t tag, enum store_status status,
		      const struct field *fields, size_t n)
{
	struct announce *a = arg;
	struct posted *p = posted_find(a, tag);

	if (p == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY)
		refuse(a, p, 503, "Redis is away; try again in a moment");
	else if (p->what.over && field_get(fields, n, p->what.id).p == NULL)
		refuse(a, p, 404, "there is no announcement of this id");
	else if (!p->what.over && count_running(fields, n) >= ANNOUNCED_MOST)
		refuse(a, p, 409,
		       "16 announcements run already; end one of them first");
	else
		write_it(a, p);
}

/* NULL: it is right. */
static const char *check(struct announced *what)
{
	int64_t now_ms = loop_wall_ms();

	if (what->over)
		return frame_id_valid(str_of(what->id)) ? NULL
							: "id is not one";
	if (what->until[0] != '\0' &&
	    !moment_parse(str_of(what->until), now_ms, loop_local_offset_s,
			  &what->until_ms))
		return "until is not a time; write 2026-11-30T18:00Z, 18:00, "
		       "+2h or milliseconds";
	if (is_past(what, now_ms))
		return "until is past already";
	return NULL;
}

static void on_admin(struct server *s, uint64_t exchange,
		     const struct account *account, struct str body)
{
	struct announce *a = s->announce;
	struct announced what;
	struct posted *p;
	const char *why;

	if (!account_has_role(account, "admin")) {
		front_problem(s->front, exchange, 403,
			      "announcements are for the role admin");
		return;
	}
	if (announced_decode(body, &what, &why))
		why = check(&what);
	if (why != NULL) {
		front_problem(s->front, exchange, 400, why);
		return;
	}
	if (!what.over)
		token_random(what.id, 8);
	what.at_ms = loop_wall_ms();
	memcpy(what.by, account->name, sizeof(what.by));
	p = xcalloc(1, sizeof(*p));
	*p = (struct posted){a->posted, ++a->next_tag, exchange, "", what};
	memcpy(p->by, account->name, sizeof(p->by));
	a->posted = p;
	store_hash_get(s->store, KEY, on_looked, a, p->tag);
}

void announce_request(struct announce *a, uint64_t exchange,
		      const struct http_request *request)
{
	struct server *s = a->server;

	if (accounts_may_change(s->accounts, exchange, request))
		accounts_ask(s->accounts, exchange, request, on_admin);
}

/* -- making ------------------------------------------------------------ */

struct announce *announce_new(struct server *s)
{
	struct announce *a = xcalloc(1, sizeof(*a));

	a->server = s;
	a->walk = timer_new(s->loop, on_walk, a);
	return a;
}

void announce_free(struct announce **announcep)
{
	struct announce *a = *announcep;

	if (a == NULL)
		return;
	for (struct held *h = a->held; h != NULL; h = h->next)
		h->as.over = true;
	drop_over(a);
	while (a->posted != NULL)
		posted_end(a, a->posted);
	timer_free(&a->walk);
	free(a);
	*announcep = NULL;
}
