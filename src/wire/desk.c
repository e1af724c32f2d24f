/* The server's frames to agents: the desk's welcome, queue and chats. Items
 * are made once and joined by the caller, since the same one goes to many
 * agents. */
#include <stdlib.h>

#include "json.h"
#include "put.h"
#include "wire/frame.h"

void frame_item(struct buf *b, const struct desk_item *item)
{
	PUT(b, "{\"conversation\":");
	buf_add_json(b, item->conversation);
	PUT_STR(b, "queue", item->queue);
	PUT_I64(b, "priority", item->priority);
	PUT_STR(b, "reason", item->reason);
	PUT_STR_OR_NULL(b, "intent", item->intent);
	PUT_STR_OR_NULL(b, "kind", item->kind);
	PUT_I64(b, "waited_s", item->waited_s);
	PUT_STR(b, "preview", item->preview);
	PUT(b, ",\"visitor\":{\"name\":");
	if (item->visitor_name.p != NULL)
		buf_add_json(b, item->visitor_name);
	else
		PUT(b, "null");
	PUT_BOOL(b, "verified", item->visitor_verified);
	PUT(b, "}");
	PUT_STR_OR_NULL(b, "page", item->page);
	PUT_STR_OR_NULL(b, "locale", item->locale);
	PUT_STR(b, "state", item->state);
	PUT_STR_OR_NULL(b, "agent", item->agent);
	if (item->rating_kind.n > 0) {
		PUT(b, ",\"rating\":{\"kind\":");
		buf_add_json(b, item->rating_kind);
		PUT_I64(b, "score", item->rating_score);
		PUT(b, "}");
	}
	PUT(b, "}");
}

/* ,"name":[items] */
#define PUT_ITEMS(b, name, items)                                              \
	do {                                                                   \
		PUT(b, ",\"" name "\":[");                                     \
		buf_add_str((b), (items));                                     \
		PUT(b, "]");                                                   \
	} while (0)

void frame_queue(struct buf *b, struct str items)
{
	PUT_TYPE(b, "queue");
	PUT_ITEMS(b, "items", items);
	PUT(b, "}");
}

void frame_list(struct buf *b, struct str id, struct str what, struct str items,
		bool more)
{
	PUT_TYPE(b, "list");
	PUT_STR(b, "id", id);
	PUT_STR(b, "what", what);
	PUT_ITEMS(b, "items", items);
	PUT_BOOL(b, "more", more);
	PUT(b, "}");
}

void frame_assigned(struct buf *b, struct str item)
{
	PUT_TYPE(b, "assigned");
	PUT_RAW(b, "item", item, "null");
	PUT(b, "}");
}

void frame_unassigned(struct buf *b, struct str conversation, const char *why)
{
	PUT_TYPE(b, "unassigned");
	PUT_STR(b, "conversation", conversation);
	PUT_STR(b, "why", str_of(why));
	PUT(b, "}");
}

void frame_shopper(struct buf *b, struct str conversation, bool present)
{
	PUT_TYPE(b, "shopper");
	PUT_STR(b, "conversation", conversation);
	PUT_BOOL(b, "present", present);
	PUT(b, "}");
}

void frame_suggestion(struct buf *b, struct str conversation,
		      struct str reply_to, struct str text, struct str intent)
{
	PUT_TYPE(b, "suggestion");
	PUT_STR(b, "conversation", conversation);
	PUT_STR(b, "reply_to", reply_to);
	PUT_STR(b, "text", text);
	PUT_STR(b, "intent", intent);
	PUT(b, "}");
}

void frame_welcome_desk(struct buf *b, const struct welcome_desk *w)
{
	PUT_TYPE(b, "welcome");
	PUT(b, ",\"agent\":{\"name\":");
	buf_add_json(b, w->name);
	PUT_STR(b, "display", w->display);
	PUT_NAME(b, "roles");
	buf_add_json_list(b, w->roles, w->role_count);
	PUT_NAME(b, "queues");
	buf_add_json_list(b, w->queues, w->queue_count);
	PUT(b, "}");
	PUT_STR(b, "presence", w->presence);
	PUT_I64(b, "lease_s", w->lease_s);
	PUT_ITEMS(b, "queue", w->queue);
	PUT_ITEMS(b, "mine", w->mine);
	PUT_ITEMS(b, "canned", w->canned);
	PUT_NAME(b, "outcomes");
	buf_add_json_list(b, w->outcomes, w->outcome_count);
	PUT(b, "}");
}

/* Kept in the store, where the shop's own tools may write too: what is not JSON
 * must not break the frame. */
static void put_json(struct buf *b, struct str json)
{
	json_t *root = json.n > 0 ? json_parse(json) : NULL;

	if (root != NULL)
		buf_add_str(b, json);
	else
		PUT(b, "null");
	json_decref(root);
}

/* The lists as one; what is not a list is left out. */
static void put_lists(struct buf *b, const struct str *lists, size_t n)
{
	json_t *all = json_array();
	char *text;

	for (size_t i = 0; i < n; i++) {
		json_t *list = json_parse(lists[i]);

		if (json_is_array(list))
			json_array_extend(all, list);
		json_decref(list);
	}
	text = json_dumps(all, JSON_COMPACT);
	buf_add_s(b, text != NULL ? text : "[]");
	free(text);
	json_decref(all);
}

void frame_facts(struct buf *b, const struct desk_facts *f)
{
	PUT_TYPE(b, "facts");
	PUT_STR(b, "conversation", f->conversation);
	PUT(b, ",\"visitor\":{\"id\":");
	buf_add_json(b, f->visitor);
	PUT_STR_OR_NULL(b, "name", f->visitor_name);
	PUT_STR_OR_NULL(b, "email", f->email);
	PUT_STR_OR_NULL(b, "phone", f->phone);
	PUT_BOOL(b, "verified", f->visitor_verified);
	PUT(b, "}");
	PUT_STR_OR_NULL(b, "page", f->page);
	PUT_STR_OR_NULL(b, "locale", f->locale);
	PUT_NAME(b, "cart");
	put_json(b, f->cart);
	PUT_NAME(b, "found");
	put_json(b, f->found);
	PUT(b, ",\"slots\":{");
	for (size_t i = 0; i < f->slot_count; i++) {
		if (i > 0)
			PUT(b, ",");
		buf_add_json(b, f->slots[i].name);
		PUT(b, ":");
		buf_add_json(b, f->slots[i].value);
	}
	PUT(b, "}");
	PUT_STR_OR_NULL(b, "reason", f->reason);
	PUT_STR_OR_NULL(b, "intent", f->intent);
	PUT_STR_OR_NULL(b, "kind", f->kind);
	PUT_U64(b, "misses", f->misses);
	PUT_NAME(b, "considered");
	put_json(b, f->considered);
	PUT_NAME(b, "open");
	put_lists(b, f->open, f->open_count);
	PUT(b, "}");
}
