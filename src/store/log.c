/* Reading logs: pages of events after a seq, with the log's end and fence,
 * and noting who shows a conversation. Appending is outbox.c. Everything is
 * read from the log itself; the hash gives only what is not in it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core.h"

#define WHISPER_MAX 4096
#define SEQ_MAX     UINT64_C(999999999999999)

struct reading {
	struct store *store;
	store_log_fn fn;
	void *arg;
	uint64_t tag;
	struct store_log log;
	uint64_t since;
	uint64_t horizon; /* what is behind it is not safe yet */
	char *conv;
};

/* -- answers --------------------------------------------------------------- */

static void answer(struct reading *r)
{
	if (!r->store->closing)
		r->fn(r->arg, r->tag, &r->log);
	free(r->conv);
	free(r);
}

static void answer_page(struct reading *r, const struct reply *entries)
{
	size_t n = reply_count(entries), at = 0;
	struct store_event *events = xcalloc(n + 1, sizeof(*events));
	struct field *fields =
		xcalloc(reply_entries_fields(entries) + 1, sizeof(*fields));

	bool fits = true;

	for (size_t i = 0; i < n; i++) {
		struct store_event *e = &events[i];

		e->fields = fields + at;
		e->field_count =
			reply_entry(reply_at(entries, i), fields + at, &e->seq);
		at += e->field_count;
		fits &= e->seq > 0;
	}
	if (!fits) {
		core_nonsense(r->store);
		r->log.status = STORE_AWAY;
		n = 0;
	}
	while (n > 0 && events[n - 1].seq > r->horizon)
		n--;
	r->log.more = n > STORE_PAGE;
	r->log.count = r->log.more ? STORE_PAGE : n;
	r->log.events = events;
	if (n > 0 && events[n - 1].seq > r->log.last)
		r->log.last = events[n - 1].seq;
	answer(r);
	free(events);
	free(fields);
}

static void on_page(void *arg, const struct reply *reply)
{
	struct reading *r = arg;
	enum store_status status = core_judge(r->store, reply, "read");

	r->horizon = outbox_horizon(&r->store->outbox, r->conv);
	if (r->log.last > r->horizon)
		r->log.last = r->horizon;
	if (r->log.status == STORE_OK)
		r->log.status = status;
	if (r->log.status == STORE_OK)
		answer_page(r, reply);
	else
		answer(r);
}

/* Before the page, so that what is appended in between is in the page. */
static void on_facts(void *arg, const struct reply *reply)
{
	struct reading *r = arg;

	r->log.status = core_judge(r->store, reply, "read");
	if (r->log.status != STORE_OK)
		return;
	if (reply_kind(reply_at(reply, 2)) == REPLY_TEXT) {
		r->log.status = STORE_GONE;
		return;
	}
	r->log.last = (uint64_t)reply_number(reply_at(reply, 0));
	r->log.is_short = r->log.last < r->since;
	if (r->log.is_short)
		replay_lost_tail(r->store);
	r->log.fence = (uint64_t)reply_number(reply_at(reply, 1));
}

static void on_watched(void *arg, const struct reply *reply)
{
	core_judge(arg, reply, "watch");
}

/* -- questions ------------------------------------------------------------- */

static void send_watch(struct store *store, const char *conv, bool on)
{
	script_start(store, SCRIPT_WATCH, 1);
	core_key(store, "conv", conv, "");
	resp_add_s(&store->cmd, store->node);
	resp_add_u64(&store->cmd, on);
	script_send(store, SCRIPT_WATCH, on_watched, store);
}

/* In this order: once this node is noted, what is appended later rings it. */
void store_read(struct store *store, const char *conv, uint64_t since,
		bool watch, store_log_fn fn, void *arg, uint64_t tag)
{
	struct reading *r = xcalloc(1, sizeof(*r));

	*r = (struct reading){.store = store,
			      .fn = fn,
			      .arg = arg,
			      .tag = tag,
			      .since = since,
			      .conv = xstrdup(conv)};
	store->stats.reads++;
	if (watch)
		send_watch(store, conv, true);
	core_together(store, 2);
	resp_start(&store->cmd, "HMGET");
	core_key(store, "conv", conv, "");
	resp_add_s(&store->cmd, "seq");
	resp_add_s(&store->cmd, "fence");
	resp_add_s(&store->cmd, "tombstone");
	core_send(store, on_facts, r);
	resp_start(&store->cmd, "XRANGE");
	core_key(store, "conv", conv, ":log");
	resp_add_u64(&store->cmd, since + 1);
	resp_add_s(&store->cmd, "+");
	resp_add_s(&store->cmd, "COUNT");
	resp_add_u64(&store->cmd, STORE_PAGE + 1);
	core_send(store, on_page, r);
}

/* -- one id ---------------------------------------------------------------- */

struct knowing {
	struct store *store;
	store_known_fn fn;
	void *arg;
	uint64_t tag;
};

/* "12:0123456789abcdef". False: it is not that. */
static bool read_known(struct str text, struct store_known *known)
{
	struct str seq = str_cut(&text, ':');
	size_t i = 0;

	if (text.p == NULL || !str_to_u64(seq, SEQ_MAX, &known->seq) ||
	    known->seq == 0)
		return false;
	for (; i < text.n && hex_digit(text.p[i]) >= 0; i++)
		known->content =
			known->content << 4 | (uint64_t)hex_digit(text.p[i]);
	return i == text.n;
}

static void on_known(void *arg, const struct reply *reply)
{
	struct knowing *k = arg;
	struct store_known known = {
		.status = core_judge(k->store, reply, "read"),
	};

	if (known.status == STORE_OK && reply_kind(reply) != REPLY_TEXT)
		known.status = STORE_EMPTY;
	else if (known.status == STORE_OK &&
		 !read_known(reply_text(reply), &known))
		known.status = STORE_REFUSED;
	if (!k->store->closing)
		k->fn(k->arg, k->tag, &known);
	free(k);
}

void store_known(struct store *store, const char *conv, struct str key,
		 store_known_fn fn, void *arg, uint64_t tag)
{
	struct knowing *k = xcalloc(1, sizeof(*k));

	*k = (struct knowing){store, fn, arg, tag};
	resp_start(&store->cmd, "HGET");
	core_key(store, "conv", conv, ":ids");
	resp_add(&store->cmd, key);
	core_send(store, on_known, k);
}

/* -- watching ---------------------------------------------------------- */

void store_unwatch(struct store *store, const char *conv)
{
	send_watch(store, conv, false);
}

void store_whisper(struct store *store, const char *conv, struct str text)
{
	const struct str said[] = {STR("!"), str_of(conv), STR(" "), text};

	if (!store->up || text.n > WHISPER_MAX)
		return;
	script_start(store, SCRIPT_WHISPER, 1);
	core_key(store, "conv", conv, "");
	core_prefixed(store, "bell:");
	resp_add_s(&store->cmd, store->node);
	resp_add_pieces(&store->cmd, said, ARRAY_LEN(said));
	script_send(store, SCRIPT_WHISPER, NULL, NULL);
}
