/* What a shopper had said, out of a spool of an earlier life of this daemon,
 * and whose conversation is closed by now. Perhaps it stood in the log before
 * Redis lost its tail, and its sender was told so: then it belongs there,
 * closed or not. Perhaps it never did: then they have sent it again, and as the
 * chat was closed, another one was opened for it. So that one is asked. What
 * cannot be asked now comes again with the spool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server.h"

#define LATE_MAX 2000

struct late {
	struct late *next;
	uint64_t tag;
	char conv[CONV_ID_MAX + 1];
	struct arena arena;
	struct conv_input in;
};

struct lates {
	struct server *server;
	struct late *first;
	size_t count;
	uint64_t next_tag;
};

static void copy_input(struct late *l, const struct conv_input *from)
{
	struct event *shown = arena_alloc(&l->arena, (from->shown_count + 1) *
							     sizeof(*shown));

	l->in = *from;
	conv_input_own(&l->in, &l->arena);
	for (size_t i = 0; i < from->shown_count; i++)
		shown[i] = event_copy(&from->shown[i], &l->arena);
	l->in.shown = shown;
}

static struct late *find(const struct lates *all, uint64_t tag)
{
	struct late *l = all->first;

	while (l != NULL && l->tag != tag)
		l = l->next;
	return l;
}

static void drop(struct lates *all, struct late *l)
{
	struct late **at = &all->first;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	all->count--;
	arena_fini(&l->arena);
	free(l);
}

static void log_it(struct lates *all, struct late *l)
{
	l->in.was_logged = true;
	hub_feed(all->server->hub, l->conv, 0, &l->in);
	drop(all, l);
}

static void on_known(void *arg, uint64_t tag, const struct store_known *known)
{
	struct lates *all = arg;
	struct late *l = find(all, tag);

	if (l == NULL)
		return;
	if (known->status == STORE_EMPTY)
		log_it(all, l);
	else
		drop(all, l);
}

static void ask(struct lates *all, struct late *l, struct str newer)
{
	uint64_t content;
	struct str key = conv_own_key(&l->in, &l->arena, &content);

	store_known(all->server->store, arena_str(&l->arena, newer).p, key,
		    on_known, all, l->tag);
}

static void on_visitor(void *arg, uint64_t tag, enum store_status status,
		       const struct field *fields, size_t n)
{
	struct lates *all = arg;
	struct late *l = find(all, tag);
	struct str newer = field_get(fields, n, "conversation");

	if (l == NULL)
		return;
	if (status != STORE_OK && status != STORE_EMPTY)
		drop(all, l);
	else if (newer.n == 0 || str_is(newer, l->conv))
		log_it(all, l);
	else
		ask(all, l, newer);
}

void late_take(struct lates *all, const struct conv *conv,
	       const struct conv_input *in)
{
	struct late *l;
	char key[sizeof("visitor:") + sizeof(conv->visitor)];

	if (all->count >= LATE_MAX)
		return;
	l = xcalloc(1, sizeof(*l));
	arena_init(&l->arena);
	memcpy(l->conv, conv->id, sizeof(l->conv));
	copy_input(l, in);
	l->tag = ++all->next_tag;
	l->next = all->first;
	all->first = l;
	all->count++;
	snprintf(key, sizeof(key), "visitor:%s", conv->visitor);
	store_hash_get(all->server->store, key, on_visitor, all, l->tag);
}

struct lates *lates_new(struct server *s)
{
	struct lates *all = xcalloc(1, sizeof(*all));

	all->server = s;
	return all;
}

void lates_free(struct lates **latesp)
{
	struct lates *all = *latesp;

	if (all == NULL)
		return;
	while (all->first != NULL)
		drop(all, all->first);
	free(all);
	*latesp = NULL;
}
