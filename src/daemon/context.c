/* What an agent wants to know of a shopper that the log does not have: the page
 * where they are by now, their cart, how to reach them, what data sources told.
 * In a hash beside the conversation, context:{C}, which ends by itself; written
 * only where somebody may look. Losing it loses no promise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "shopper.h"

#define FOUND_MAX 4000 /* bytes of JSON */
#define PAGE_MAX  255
#define KEPT_MS   (7 * MOMENT_DAY_MS)

static void set(char **kept, struct str value)
{
	free(*kept);
	*kept = value.n > 0 ? xstrndup(value.p, value.n) : NULL;
}

void context_take(struct shopper *c, const struct frame *f)
{
	char page[PAGE_MAX + 1];

	if (f->page.n > 0) {
		str_copy(page, sizeof(page), f->page);
		set(&c->page, str_of(page));
	}
	if (f->cart.n > 0)
		set(&c->cart, f->cart);
	if (f->user_email.n > 0)
		set(&c->email, f->user_email);
	if (f->phone.n > 0)
		set(&c->phone, f->phone);
	if (f->type == FRAME_CONTACT && f->user_name.n > 0 && !c->verified)
		str_copy(c->name, sizeof(c->name), f->user_name);
	c->has_news |= f->page.n > 0 || f->cart.n > 0 || f->user_email.n > 0 ||
		       f->phone.n > 0;
}

static void add_line(struct buf *out, struct str line)
{
	if (line.n == 0)
		return;
	if (out->len > 0)
		buf_add_c(out, '\n');
	buf_add_str(out, line);
}

void contact_words(const struct frame *f, struct buf *out)
{
	add_line(out, f->user_name);
	add_line(out, f->user_email);
	add_line(out, f->phone);
	add_line(out, f->text);
}

void contact_stored(struct shopper *c, struct str raw)
{
	struct frame f;
	struct frame_error error;

	if (!frame_decode(FRAME_CHAT, raw,
			  (size_t)c->client.server->config.limit_text, &f,
			  &error))
		return;
	context_take(c, &f);
	frame_fini(&f);
	context_tell(c, false);
}

void context_fini(struct shopper *c)
{
	free(c->page);
	free(c->cart);
	free(c->email);
	free(c->phone);
}

void context_key(const char *conv, char key[CONTEXT_KEY_ROOM])
{
	snprintf(key, CONTEXT_KEY_ROOM, "context:%s", conv);
}

static void changed(struct server *s, const char *conv)
{
	whisper_context(s, conv);
	desk_facts(s, conv);
}

void context_set(struct server *s, const char *conv, const struct field *fields,
		 size_t n)
{
	char key[CONTEXT_KEY_ROOM];

	context_key(conv, key);
	store_hash_set(s->store, key, fields, n, KEPT_MS, NULL, NULL, 0);
	changed(s, conv);
}

void context_drop(struct server *s, const char *conv, const char *field)
{
	char key[CONTEXT_KEY_ROOM];

	context_key(conv, key);
	store_hash_drop(s->store, key, field);
	changed(s, conv);
}

static void add(struct field *fields, size_t *n, const char *name,
		const char *value)
{
	if (value != NULL && value[0] != '\0')
		fields[(*n)++] = (struct field){str_of(name), str_of(value)};
}

void context_tell(struct shopper *c, bool looked_at)
{
	struct server *s = c->client.server;
	struct field fields[4];
	size_t n = 0;

	if (!c->has_news || c->phase != SHOPPER_IN || !store_is_up(s->store) ||
	    !(looked_at || shopper_has_agents(c) ||
	      desk_reads(s, c->conversation)))
		return;
	c->has_news = false;
	add(fields, &n, "page", c->page);
	add(fields, &n, "cart", c->cart);
	add(fields, &n, "email", c->email);
	add(fields, &n, "phone", c->phone);
	if (n > 0)
		context_set(s, c->conversation, fields, n);
}

static void tell_one(void *arg, uint64_t reader, enum reader_kind kind)
{
	struct client *c = server_client(arg, reader);

	if (kind == READER_SHOPPER && c != NULL)
		context_tell((struct shopper *)c, true);
}

void context_wanted(struct server *s, const char *conv)
{
	hub_each_reader(s->hub, conv, tell_one, s);
}

/* {"order.status":"sent",…}; the slots that were asked with are left out. */
static void add_found(struct buf *json, const struct field *values, size_t n)
{
	buf_add_c(json, '{');
	for (size_t i = 0; i < n; i++) {
		if (memchr(values[i].name.p, '.', values[i].name.n) == NULL)
			continue;
		if (json->len > 1)
			buf_add_c(json, ',');
		buf_add_json(json, values[i].name);
		buf_add_c(json, ':');
		buf_add_json(json, values[i].value);
	}
	buf_add_c(json, '}');
}

void context_found(struct server *s, const char *conv,
		   const struct field *values, size_t n)
{
	struct buf json = BUF_INIT;

	add_found(&json, values, n);
	if (json.len > 2 && json.len <= FOUND_MAX && store_is_up(s->store))
		context_set(s, conv,
			    &(struct field){STR("found"), buf_str(&json)}, 1);
	buf_fini(&json);
}
