/* Lookups: what a rule asks of a data source of the configuration, on its way.
 * The hub asks here (lookups_ask); a hash in Redis or an HTTP service is asked;
 * the answer goes back into the conversation as an input. In between:
 *   the shopper sees typing where it takes longer than a moment
 *   what was found is kept for as long as the source says
 *   a source that fails again and again is left alone for a while
 * Each question is answered once, at the latest when its time is over. Decides
 * nothing of what is said: that is the conversation's. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/client.h"
#include "lookup_channel.h"
#include "server.h"
#include "wire/pointer.h"

#define ASKING_MAX      1000 /* beyond: the conversation's own timer */
#define TYPING_AFTER_MS 200
#define NAME_MAX_BYTES  32

struct asking {
	struct asking *next;
	struct lookups *all;
	struct channel *channel;
	uint64_t tag, reader;
	char conv[CONV_ID_MAX + 1];
	char id[CONV_ID_MAX + 1]; /* of the shopper's message */
	struct conv_slot slots[CONV_SLOTS];
	size_t slot_count;
	struct buf target, body; /* key or URL, filled */
	struct timer *timer;
	int64_t deadline_ms;
	bool typing, is_probe;
	bool known; /* `result` is: only told in a later turn */
	enum result result;
	struct values values;
};

struct lookups {
	struct server *server;
	struct http_client *http; /* NULL: no source needs it */
	struct channel *channels;
	struct conv_source *sources; /* for the policy */
	size_t count;
	struct asking *asking;
	size_t asking_count;
	uint64_t next_tag;
};

/* -- values ------------------------------------------------------------ */

static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			   "YZ0123456789_",
			   name.p[i]) == NULL ||
		    name.p[i] == '\0')
			return false;
	return name.n > 0 && name.n <= NAME_MAX_BYTES;
}

/* "status" of the source "order" as "order.status". */
static void add_found(struct asking *a, struct str name, struct str value)
{
	struct buf full = BUF_INIT;

	if (!is_name(name))
		return;
	buf_add_s(&full, a->channel->source->name);
	buf_add_c(&full, '.');
	buf_add_str(&full, name);
	values_add(&a->values, buf_str(&full), value);
	buf_fini(&full);
}

static struct str slot_value(const void *arg, struct str slot)
{
	const struct asking *a = arg;

	for (size_t i = 0; i < a->slot_count; i++)
		if (str_is(slot, a->slots[i].name))
			return str_of(a->slots[i].value);
	return STR_NONE;
}

/* -- typing ------------------------------------------------------------ */

static void set_typing(struct asking *a, bool on)
{
	struct buf frame = BUF_INIT;

	if (a->typing == on)
		return;
	a->typing = on;
	frame_typing(&frame, STR_NONE, STR("bot"), on);
	clients_tell(a->all->server, a->conv, READER_SHOPPER, &frame);
}

/* -- questions under way ----------------------------------------------- */

static void on_timer(void *arg);

static struct asking *asking_new(struct lookups *all, struct channel *channel,
				 const char *conv, uint64_t reader,
				 const struct conv_question *q)
{
	struct asking *a = xcalloc(1, sizeof(*a));

	a->all = all;
	a->channel = channel;
	a->tag = ++all->next_tag;
	a->reader = reader;
	memcpy(a->conv, conv, strlen(conv) + 1);
	memcpy(a->id, q->id.p, q->id.n < CONV_ID_MAX ? q->id.n : CONV_ID_MAX);
	memcpy(a->slots, q->slots, sizeof(a->slots));
	a->slot_count = q->slot_count;
	values_init(&a->values);
	for (size_t i = 0; i < a->slot_count; i++)
		values_add(&a->values, str_of(a->slots[i].name),
			   str_of(a->slots[i].value));
	a->timer = timer_new(all->server->loop, on_timer, a);
	a->next = all->asking;
	all->asking = a;
	all->asking_count++;
	return a;
}

static void unlink_asking(struct asking *a)
{
	struct asking **at = &a->all->asking;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	a->all->asking_count--;
}

/* It is out of the list. */
static void asking_free(struct asking *a)
{
	timer_free(&a->timer);
	buf_fini(&a->target);
	buf_fini(&a->body);
	arena_fini(&a->values.arena);
	free(a);
}

static struct asking *find_tag(const struct lookups *all, uint64_t tag)
{
	struct asking *a = all->asking;

	while (a != NULL && (a->tag != tag || a->known))
		a = a->next;
	return a;
}

static void tell(struct asking *a)
{
	struct server *s = a->all->server;
	struct conv_input in = {
		.type = INPUT_LOOKED_UP,
		.at_ms = loop_wall_ms(),
		.lookup_id = str_of(a->id),
		.looked_up = results[a->result].means,
		.values = a->values.list,
		.value_count = a->values.count,
	};

	server_circumstances(s, &in);
	set_typing(a, false);
	if (in.looked_up == LOOKED_UP_FOUND)
		context_found(s, a->conv, in.values, in.value_count);
	unlink_asking(a); /* what the hub asks now is another question */
	hub_feed(s->hub, a->conv, a->reader, &in);
	asking_free(a);
}

static struct str kept_key(const struct asking *a, struct buf *key)
{
	buf_add_str(key, buf_str(&a->target));
	buf_add_c(key, '\n');
	buf_add_str(key, buf_str(&a->body));
	return buf_str(key);
}

static int64_t now_ms_of(const struct asking *a)
{
	return loop_now_ms(a->all->server->loop);
}

static void note(struct asking *a, enum result result)
{
	channel_note(a->channel, result, a->is_probe, now_ms_of(a));
	a->result = result;
	a->known = true;
}

static void settle(struct asking *a, enum result result)
{
	struct buf key = BUF_INIT;

	note(a, result);
	if (result == RESULT_FOUND)
		channel_keep(a->channel, kept_key(a, &key), now_ms_of(a),
			     &a->values);
	buf_fini(&key);
	tell(a);
}

/* Known at once, but the hub wants its answers later. */
static void settle_later(struct asking *a, enum result result)
{
	note(a, result);
	timer_start(a->timer, 0, 0);
}

static void on_timer(void *arg)
{
	struct asking *a = arg;
	int64_t left = a->deadline_ms - loop_now_ms(a->all->server->loop);

	if (a->known) {
		tell(a);
	} else if (left > 0) {
		set_typing(a, true);
		timer_start(a->timer, left, 0);
	} else {
		log_warn("conv=%s lookup=%s result=timed_out", a->conv,
			 a->channel->source->name);
		settle(a, RESULT_TIMED_OUT);
	}
}

static void failed(struct asking *a, const char *why)
{
	log_warn("conv=%s lookup=%s result=failed why=\"%s\"", a->conv,
		 a->channel->source->name, why);
	settle(a, RESULT_FAILED);
}

/* -- Redis ------------------------------------------------------------- */

static void on_hash(void *arg, uint64_t tag, enum store_status status,
		    const struct field *fields, size_t n)
{
	struct asking *a = find_tag(arg, tag);

	if (a == NULL)
		return; /* its time was over */
	switch (status) {
	case STORE_OK:
		for (size_t i = 0; i < n; i++)
			add_found(a, fields[i].name, fields[i].value);
		settle(a, RESULT_FOUND);
		break;
	case STORE_EMPTY:
		settle(a, RESULT_NOT_FOUND);
		break;
	default:
		failed(a, status == STORE_AWAY ? "Redis is away"
					       : "Redis refuses");
	}
}

/* -- HTTP -------------------------------------------------------------- */

static void on_value(void *arg, size_t i, struct str value)
{
	struct asking *a = arg;

	add_found(a, str_of(a->channel->source->fields[i].name), value);
}

static void take_json(struct asking *a, struct str json)
{
	const struct source *s = a->channel->source;
	const char *pointers[SOURCE_FIELDS_MAX];

	for (size_t i = 0; i < s->field_count; i++)
		pointers[i] = s->fields[i].pointer;
	switch (pointers_pick(json, pointers, s->field_count, on_value, a)) {
	case PICKED_SOME:
		settle(a, RESULT_FOUND);
		break;
	case PICKED_EMPTY:
		settle(a, RESULT_NOT_FOUND);
		break;
	case PICKED_NONE:
		failed(a, "none of the fields is in the answer");
		break;
	case PICKED_NOT_JSON:
		failed(a, "the answer is not JSON");
		break;
	}
}

static void on_answer(void *arg, uint64_t tag,
		      const struct client_answer *answer)
{
	struct asking *a = find_tag(arg, tag);
	struct buf why = BUF_INIT;

	if (a == NULL)
		return;
	if (answer->status == 404 || answer->status == 410) {
		settle(a, RESULT_NOT_FOUND);
	} else if (answer->status >= 200 && answer->status <= 299) {
		take_json(a, answer->body);
	} else if (answer->status == 0) {
		failed(a, answer->why);
	} else {
		buf_addf(&why, "HTTP status %u", answer->status);
		failed(a, why.data);
	}
	buf_fini(&why);
}

static bool has_header(const struct source *s, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < s->headers.count; i++)
		if (strncasecmp(s->headers.items[i], name, n) == 0)
			return true;
	return false;
}

static bool is_form(const struct source *s)
{
	for (size_t i = 0; i < s->headers.count; i++)
		if (strncasecmp(s->headers.items[i], "Content-Type:", 13) ==
			    0 &&
		    strcasestr(s->headers.items[i], "x-www-form-urlencoded") !=
			    NULL)
			return true;
	return false;
}

static void ask_http(struct asking *a)
{
	const struct source *s = a->channel->source;
	const char *headers[20];
	size_t n = 0;
	struct client_request request = {
		.method = s->method,
		.url = a->target.data,
		.headers = headers,
		.body = a->body.len > 0 ? buf_str(&a->body) : STR(""),
		/* Our own timer is the one that counts. */
		.timeout_ms = s->timeout_ms + 500,
	};

	for (size_t i = 0; i < s->headers.count; i++)
		headers[n++] = s->headers.items[i];
	if (!has_header(s, "Accept:"))
		headers[n++] = "Accept: application/json";
	if (s->body[0] != '\0' && !has_header(s, "Content-Type:"))
		headers[n++] = "Content-Type: application/json";
	request.n_headers = n;
	if (a->all->http == NULL ||
	    !http_client_ask(a->all->http, &request, on_answer, a->all, a->tag))
		settle_later(a, RESULT_FAILED);
}

/* -- asking ------------------------------------------------------------ */

/* False: no such thing can be. */
static bool fill(struct asking *a)
{
	const struct source *s = a->channel->source;

	if (s->kind == SOURCE_REDIS)
		return source_fill(s->key, SOURCE_IN_KEY, slot_value, a,
				   &a->target);
	return source_fill(s->url, SOURCE_IN_URL, slot_value, a, &a->target) &&
	       source_fill(s->body,
			   is_form(s) ? SOURCE_IN_FORM : SOURCE_IN_JSON,
			   slot_value, a, &a->body);
}

static bool is_kept(struct asking *a)
{
	struct buf key = BUF_INIT;
	bool kept = channel_kept(a->channel, kept_key(a, &key), now_ms_of(a),
				 &a->values);

	buf_fini(&key);
	return kept;
}

static void ask(struct asking *a)
{
	const struct source *s = a->channel->source;
	int64_t now_ms = now_ms_of(a);

	if (!fill(a)) {
		settle_later(a, RESULT_NOT_FOUND);
		return;
	}
	if (is_kept(a)) {
		settle_later(a, RESULT_KEPT);
		return;
	}
	if (!channel_may_ask(a->channel, now_ms, &a->is_probe)) {
		settle_later(a, RESULT_REFUSED);
		return;
	}
	a->deadline_ms = now_ms + s->timeout_ms;
	timer_start(a->timer,
		    s->timeout_ms < TYPING_AFTER_MS ? s->timeout_ms
						    : TYPING_AFTER_MS,
		    0);
	if (s->kind == SOURCE_REDIS)
		store_foreign_hash(a->all->server->store, a->target.data,
				   on_hash, a->all, a->tag);
	else
		ask_http(a);
}

/* What the same message asked before is void. */
static void drop_older(struct lookups *all, const char *conv, struct str id)
{
	struct asking *a = all->asking;

	while (a != NULL && !(strcmp(a->conv, conv) == 0 && str_is(id, a->id)))
		a = a->next;
	if (a == NULL)
		return;
	if (a->is_probe && !a->known)
		channel_give_up(a->channel);
	set_typing(a, false);
	unlink_asking(a);
	asking_free(a);
}

void lookups_ask(struct lookups *all, const char *conv, uint64_t reader,
		 const struct conv_question *question)
{
	drop_older(all, conv, question->id);
	for (size_t i = 0; i < all->count; i++) {
		struct channel *c = &all->channels[i];

		if (strcmp(c->source->name, question->source) != 0)
			continue;
		if (all->asking_count < ASKING_MAX)
			ask(asking_new(all, c, conv, reader, question));
		else
			channel_note(c, RESULT_REFUSED, false, 0);
		return;
	}
}

/* -- the whole --------------------------------------------------------- */

static bool needs_http(const struct source_set *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->list[i].kind == SOURCE_HTTP)
			return true;
	return false;
}

struct lookups *lookups_new(struct server *s)
{
	const struct source_set *set = &s->config.sources;
	struct lookups *all = xcalloc(1, sizeof(*all));

	all->server = s;
	all->count = set->count;
	all->channels = xcalloc(set->count, sizeof(*all->channels));
	all->sources = xcalloc(set->count, sizeof(*all->sources));
	for (size_t i = 0; i < set->count; i++) {
		struct channel *c = &all->channels[i];

		channel_init(c, &set->list[i]);
		all->sources[i] = (struct conv_source){
			.name = c->source->name,
			.slots = (const char *const *)c->source->slots,
			.slot_count = c->source->slot_count,
		};
	}
	if (needs_http(set)) {
		all->http = http_client_new(s->loop);
		if (all->http == NULL)
			log_error("libcurl does not start: lookups over HTTP "
				  "fail");
	}
	return all;
}

void lookups_free(struct lookups **allp)
{
	struct lookups *all = *allp;

	if (all == NULL)
		return;
	while (all->asking != NULL) {
		struct asking *a = all->asking;

		unlink_asking(a);
		asking_free(a);
	}
	http_client_free(&all->http);
	for (size_t i = 0; i < all->count; i++)
		channel_fini(&all->channels[i]);
	free(all->channels);
	free(all->sources);
	free(all);
	*allp = NULL;
}

const struct conv_source *lookups_sources(const struct lookups *all, size_t *n)
{
	*n = all->count;
	return all->sources;
}

size_t lookups_under_way(const struct lookups *all)
{
	return all == NULL ? 0 : all->asking_count;
}

void lookups_metrics(const struct lookups *all, struct buf *out)
{
	if (all == NULL || all->count == 0)
		return;
	buf_add_s(out, "# HELP answerd_lookups_total Questions to data "
		       "sources, by what became of them\n"
		       "# TYPE answerd_lookups_total counter\n");
	for (size_t i = 0; i < all->count; i++)
		for (size_t r = 0; r < RESULT_COUNT; r++)
			buf_addf(
				out,
				"answerd_lookups_total{source=\"%s\",result="
				"\"%s\"} %llu\n",
				all->channels[i].source->name, results[r].name,
				(unsigned long long)all->channels[i].counts[r]);
	buf_add_s(out, "# HELP answerd_lookup_breaker_open 1: the source is "
		       "left alone for a while; 0.5: one question tries it\n"
		       "# TYPE answerd_lookup_breaker_open gauge\n");
	for (size_t i = 0; i < all->count; i++)
		buf_addf(out, "answerd_lookup_breaker_open{source=\"%s\"} %g\n",
			 all->channels[i].source->name,
			 channel_breaker(&all->channels[i]));
	buf_addf(out,
		 "# HELP answerd_lookups_under_way Questions without an "
		 "answer so far\n# TYPE answerd_lookups_under_way gauge\n"
		 "answerd_lookups_under_way %zu\n",
		 all->asking_count);
}
