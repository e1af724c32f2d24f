/* The server's frames that both endpoints share and those of shoppers, written
 * straight into the buffer. Names and order are the protocol page's; strings
 * that came from outside are escaped, never trusted to be UTF-8. */
#include "wire/frame.h"

#include "json.h"
#include "put.h"

void frame_ack(struct buf *b, struct str id, int64_t at_ms)
{
	PUT_TYPE(b, "ack");
	PUT_STR(b, "id", id);
	PUT_I64(b, "at", at_ms);
	PUT(b, "}");
}

void frame_stored(struct buf *b, struct str id, struct str conversation,
		  uint64_t seq)
{
	PUT_TYPE(b, "stored");
	PUT_STR(b, "id", id);
	PUT_OPT(b, "conversation", conversation);
	PUT_U64(b, "seq", seq);
	PUT(b, "}");
}

void frame_done(struct buf *b, struct str id, struct str conversation,
		struct str epoch)
{
	PUT_TYPE(b, "done");
	PUT_STR(b, "id", id);
	PUT_OPT(b, "conversation", conversation);
	PUT_OPT(b, "epoch", epoch);
	PUT(b, "}");
}

void frame_error_out(struct buf *b, const char *code, struct str id,
		     struct str conversation, const char *message,
		     int64_t retry_ms)
{
	PUT_TYPE(b, "error");
	PUT_STR(b, "code", str_of(code));
	PUT_OPT(b, "id", id);
	PUT_OPT(b, "conversation", conversation);
	PUT_STR(b, "message", str_of(message));
	if (retry_ms >= 0)
		PUT_I64(b, "retry_ms", retry_ms);
	PUT(b, "}");
}

/* A number as frame_decode() gave it. */
void frame_pong(struct buf *b, struct str at)
{
	PUT_TYPE(b, "pong");
	PUT_RAW(b, "at", at, "0");
	PUT(b, "}");
}

/* -- what is logged ------------------------------------------------------ */

/* They stand in the log, where the shop's own tools may write too: what is
 * not a list must not break the frame. */
static bool is_list(struct str buttons)
{
	json_t *list = json_parse(buttons);
	bool is = json_is_array(list);

	json_decref(list);
	return is;
}

static void put_buttons(struct buf *b, const struct logged *e)
{
	if (e->buttons.n == 0 || !(e->own_buttons || is_list(e->buttons)))
		return;
	PUT_NAME(b, "buttons");
	buf_add_str(b, e->buttons);
}

static void put_seq(struct buf *b, uint64_t seq)
{
	if (seq > 0)
		PUT_U64(b, "seq", seq);
}

static void put_message(struct buf *b, const struct logged *e)
{
	PUT_TYPE(b, "message");
	PUT_STR(b, "id", e->id);
	put_seq(b, e->seq);
	PUT_STR(b, "from", e->from);
	PUT_STR(b, "text", e->text);
	PUT_I64(b, "at", e->at_ms);
	PUT_OPT(b, "name", e->name);
	PUT_OPT(b, "reply_to", e->reply_to);
	PUT_OPT(b, "intent", e->intent);
	PUT_OPT(b, "rules", e->rules);
	put_buttons(b, e);
	if (e->late)
		PUT(b, ",\"late\":true");
	if (e->contact)
		PUT(b, ",\"contact\":true");
	if (e->rate)
		PUT(b, ",\"rate\":true");
}

static void put_note(struct buf *b, const struct logged *e)
{
	PUT_TYPE(b, "note");
	PUT_STR(b, "id", e->id);
	put_seq(b, e->seq);
	PUT(b, ",\"from\":\"agent\"");
	PUT_STR(b, "text", e->text);
	PUT_I64(b, "at", e->at_ms);
	PUT_OPT(b, "name", e->name);
}

static void put_state(struct buf *b, const struct logged *e)
{
	PUT_TYPE(b, "state");
	put_seq(b, e->seq);
	PUT_STR(b, "state", e->state);
	PUT_I64(b, "at", e->at_ms);
	PUT_STR(b, "reason", e->reason);
	PUT_OPT(b, "agent", e->agent);
}

static void put_ask(struct buf *b, const struct logged *e)
{
	PUT_TYPE(b, "ask_feedback");
	PUT_STR(b, "id", e->id);
	put_seq(b, e->seq);
	PUT_STR(b, "kind", e->kind);
	PUT_STR(b, "text", e->text);
	PUT_I64(b, "at", e->at_ms);
}

static void put_feedback(struct buf *b, const struct logged *e)
{
	PUT_TYPE(b, "feedback");
	PUT_OPT(b, "id", e->id);
	put_seq(b, e->seq);
	PUT_STR(b, "ask", e->ask);
	PUT_OPT(b, "kind", e->kind);
	PUT_I64(b, "score", e->score);
	PUT_OPT(b, "comment", e->comment);
	PUT_I64(b, "at", e->at_ms);
}

void frame_logged(struct buf *b, const struct logged *e)
{
	switch (e->type) {
	case LOGGED_MESSAGE:
		put_message(b, e);
		break;
	case LOGGED_NOTE:
		put_note(b, e);
		break;
	case LOGGED_STATE:
		put_state(b, e);
		break;
	case LOGGED_ASK_FEEDBACK:
		put_ask(b, e);
		break;
	case LOGGED_FEEDBACK:
		put_feedback(b, e);
		break;
	case LOGGED_SKIP:
		PUT_TYPE(b, "skip");
		put_seq(b, e->seq);
		break;
	}
	PUT(b, "}");
}

void frame_event(struct buf *b, struct str conversation, const struct logged *e)
{
	PUT_TYPE(b, "event");
	PUT_STR(b, "conversation", conversation);
	PUT_NAME(b, "event");
	frame_logged(b, e);
	PUT(b, "}");
}

/* -- to shoppers --------------------------------------------------------- */

void frame_announcement(struct buf *b, const struct announcement *a)
{
	PUT_TYPE(b, "announcement");
	PUT_STR(b, "id", a->id);
	PUT_STR(b, "text", a->text);
	PUT_STR(b, "level", a->level);
	PUT_TIME(b, "until", a->until_ms);
	PUT_BOOL(b, "over", a->over);
	PUT(b, "}");
}

static void put_limits(struct buf *b, const struct welcome_chat *w)
{
	PUT(b, ",\"limits\":{\"text\":");
	buf_add_i64(b, w->limit_text);
	PUT_I64(b, "frame", w->limit_frame);
	PUT_I64(b, "messages_per_minute", w->limit_per_minute);
	PUT(b, "}");
}

static void put_shop(struct buf *b, const struct welcome_chat *w)
{
	PUT(b, ",\"shop\":{\"name\":");
	buf_add_json(b, w->shop_name);
	PUT_STR(b, "greeting", w->shop_greeting);
	PUT_RAW(b, "colours", w->shop_colours, "{}");
	PUT_BOOL(b, "open", w->shop_open);
	PUT_TIME(b, "opens_at", w->shop_opens_at_ms);
	PUT(b, "}");
}

void frame_welcome_chat(struct buf *b, const struct welcome_chat *w)
{
	PUT_TYPE(b, "welcome");
	PUT_STR(b, "visitor", w->visitor);
	PUT_STR(b, "conversation", w->conversation);
	PUT_STR(b, "epoch", w->epoch);
	PUT_STR(b, "state", w->state);
	PUT_U64(b, "seq", w->seq);
	PUT(b, ",\"events\":[");
	for (size_t i = 0; i < w->event_count; i++) {
		if (i > 0)
			PUT(b, ",");
		frame_logged(b, &w->events[i]);
	}
	PUT(b, "]");
	PUT_BOOL(b, "more", w->more);
	PUT(b, ",\"announcements\":[");
	for (size_t i = 0; i < w->announcement_count; i++) {
		if (i > 0)
			PUT(b, ",");
		frame_announcement(b, &w->announcements[i]);
	}
	PUT(b, "]");
	put_limits(b, w);
	put_shop(b, w);
	PUT_BOOL(b, "degraded", w->degraded);
	if (w->erased)
		PUT_BOOL(b, "erased", true);
	if (w->another)
		PUT_BOOL(b, "another", true);
	PUT(b, "}");
}

void frame_waiting(struct buf *b, uint64_t position, int64_t eta_min_s,
		   int64_t eta_max_s, bool stalled, bool unattended)
{
	PUT_TYPE(b, "waiting");
	PUT_U64(b, "position", position);
	PUT_NAME(b, "eta_s");
	if (eta_min_s >= 0) {
		PUT(b, "[");
		buf_add_i64(b, eta_min_s);
		PUT(b, ",");
		buf_add_i64(b, eta_max_s);
		PUT(b, "]");
	} else {
		PUT(b, "null");
	}
	PUT_BOOL(b, "stalled", stalled);
	if (unattended)
		PUT_BOOL(b, "unattended", true);
	PUT(b, "}");
}

void frame_typing(struct buf *b, struct str conversation, struct str from,
		  bool on)
{
	PUT_TYPE(b, "typing");
	PUT_OPT(b, "conversation", conversation);
	PUT_OPT(b, "from", from);
	PUT_BOOL(b, "on", on);
	PUT(b, "}");
}

void frame_read(struct buf *b, struct str conversation, struct str by,
		uint64_t upto)
{
	PUT_TYPE(b, "read");
	PUT_OPT(b, "conversation", conversation);
	PUT_OPT(b, "by", by);
	PUT_U64(b, "upto", upto);
	PUT(b, "}");
}

void frame_reset(struct buf *b, struct str conversation, struct str epoch,
		 uint64_t seq)
{
	PUT_TYPE(b, "reset");
	PUT_STR(b, "conversation", conversation);
	PUT_STR(b, "epoch", epoch);
	PUT_U64(b, "seq", seq);
	PUT(b, "}");
}
