/* What changed lately: a capped stream with a line for each conversation that
 * began, changed its state or was rated, whoever has it. Agents' lists of what
 * is not in line (with the bot, closed, all, one visitor's) are read from it,
 * newest first; the first line of a conversation is how it stands. It is an
 * index: the log says what is true, and a lost line hides a conversation only
 * here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "desk.h"

#define STREAM      "recent"
#define KEPT_MAX    20000 /* lines */
#define LOOKED_MAX  20    /* pages of the stream for one list */
#define SHOWN_MAX   200   /* items in one list */
#define SEEN_ROOM   (1u << 15)
#define FIRST_UNITS 6 /* seqs within which a conversation counts as new */

_Static_assert(LOOKED_MAX *STORE_PAGE < SEEN_ROOM, "the table is never full");

/* -- writing ----------------------------------------------------------- */

void recent_note(struct server *s, const struct conv *conv)
{
	bool is_new = conv->state_at_ms == 0 && conv->seq <= FIRST_UNITS;
	bool is_rated = conv->rated.kind[0] != '\0';
	struct field fields[16];
	char score[24];
	size_t n = 0;

	if (!is_new && conv->state_at_ms != conv->last_event_ms &&
	    !(is_rated && conv->rated.at_ms == conv->last_event_ms))
		return;
	snprintf(score, sizeof(score), "%lld", (long long)conv->rated.score);
#define NOTE(name, value)                                                      \
	if ((value)[0] != '\0')                                                \
	fields[n++] = (struct field){STR(name), str_of(value)}
	NOTE("conversation", conv->id);
	NOTE("state", conv_state_names[conv->state]);
	NOTE("visitor", conv->visitor);
	NOTE("queue", conv->queue);
	NOTE("reason", conv->reason);
	NOTE("intent", conv->intent[0] ? conv->intent : conv->last_intent);
	NOTE("kind", conv->kind);
	NOTE("preview", conv->preview);
	NOTE("name", conv->visitor_name);
	NOTE("verified", conv->verified ? "1" : "");
	NOTE("page", conv->page);
	NOTE("locale", conv->locale);
	NOTE("display",
	     conv->agent_display[0] ? conv->agent_display : conv->agent);
	NOTE("rating_kind", conv->rated.kind);
	NOTE("rating", is_rated ? score : "");
#undef NOTE
	store_note(s->store, STREAM, fields, n, KEPT_MAX);
}

/* -- a search under way ------------------------------------------------ */

struct recent_search {
	char what[16];
	char visitor[CONV_ID_MAX + 1]; /* "visitor": whose */
	char words[257];               /* lower case; "": all */
	char before[48];               /* the last line looked at */
	unsigned pages;
	size_t shown;
	bool more;
	struct buf items;
	uint64_t seen[SEEN_ROOM]; /* hashes of conversations; 0: free */
};

void recent_search_free(struct recent_search **searchp)
{
	if (*searchp == NULL)
		return;
	buf_fini(&(*searchp)->items);
	free(*searchp);
	*searchp = NULL;
}

static bool seen_before(struct recent_search *r, struct str conversation)
{
	uint64_t hash = hash_bytes(HASH_SEED, conversation.p, conversation.n);
	size_t at;

	hash += hash == 0;
	at = hash % SEEN_ROOM;
	while (r->seen[at] != 0 && r->seen[at] != hash)
		at = (at + 1) % SEEN_ROOM;
	if (r->seen[at] == hash)
		return true;
	r->seen[at] = hash;
	return false;
}

static void lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

static bool has_words(struct str text, const char *words)
{
	char copy[2049];

	str_copy(copy, sizeof(copy), text);
	lower(copy);
	return strstr(copy, words) != NULL;
}

static bool is_found(const struct recent_search *r,
		     const struct store_noted *line)
{
	static const char *const looked_at[] = {"preview", "name", "page",
						"intent", "conversation"};

	if (r->words[0] == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(looked_at); i++)
		if (has_words(field_get(line->fields, line->field_count,
					looked_at[i]),
			      r->words))
			return true;
	return false;
}

static struct str text_of(const struct store_noted *line, const char *name)
{
	struct str v = field_get(line->fields, line->field_count, name);

	return v.p == NULL ? STR("") : v;
}

static int64_t number_of(const struct store_noted *line, const char *name)
{
	char digits[24];

	str_copy(digits, sizeof(digits), text_of(line, name));
	return strtoll(digits, NULL, 10);
}

static bool may_see(const struct agent *a, const struct store_noted *line)
{
	return agent_may_see(a, text_of(line, "queue"), STR_NONE);
}

static bool is_wanted(const struct recent_search *r,
		      const struct store_noted *line)
{
	if (strcmp(r->what, "all") == 0)
		return true;
	if (strcmp(r->what, "visitor") == 0)
		return str_is(text_of(line, "visitor"), r->visitor);
	return str_is(text_of(line, "state"), r->what);
}

static struct str or_none(struct str s)
{
	return s.n > 0 ? s : STR_NONE;
}

static void show(struct recent_search *r, const struct store_noted *line)
{
	int64_t age_ms = loop_wall_ms() - line->at_ms;

	if (r->items.len > 0)
		buf_add_c(&r->items, ',');
	frame_item(&r->items,
		   &(struct desk_item){
			   .conversation = text_of(line, "conversation"),
			   .queue = text_of(line, "queue"),
			   .reason = text_of(line, "reason"),
			   .intent = text_of(line, "intent"),
			   .kind = text_of(line, "kind"),
			   .preview = text_of(line, "preview"),
			   .waited_s = age_ms > 0 ? age_ms / 1000 : 0,
			   .visitor_name = or_none(text_of(line, "name")),
			   .visitor_verified =
				   str_is(text_of(line, "verified"), "1"),
			   .page = text_of(line, "page"),
			   .locale = text_of(line, "locale"),
			   .state = text_of(line, "state"),
			   .agent = or_none(text_of(line, "display")),
			   .rating_kind = text_of(line, "rating_kind"),
			   .rating_score = number_of(line, "rating"),
		   });
	r->shown++;
}

/* -- page by page ------------------------------------------------------ */

static void answer(struct agent *a, struct op *op)
{
	struct recent_search *r = op->search;
	struct buf out = BUF_INIT;

	frame_list(&out, str_of(op->id), str_of(r->what), buf_str(&r->items),
		   r->more);
	client_send(&a->client, &out);
	buf_fini(&out);
	op_done(op);
}

static void look_at(const struct agent *a, struct recent_search *r,
		    const struct store_noted *line)
{
	struct str conversation = text_of(line, "conversation");

	if (conversation.n == 0 || seen_before(r, conversation) ||
	    !is_wanted(r, line) || !may_see(a, line) || !is_found(r, line))
		return;
	if (r->shown < SHOWN_MAX)
		show(r, line);
	else
		r->more = true;
}

static void read_page(struct desk *desk, struct op *op);

static void on_page(void *arg, uint64_t tag, const struct store_notes *notes)
{
	struct desk *desk = arg;
	struct op *op;
	struct agent *a = op_agent(desk, tag, &op);
	struct recent_search *r;

	if (a == NULL)
		return; /* gone, and the op with it */
	if (notes->status != STORE_OK) {
		op_busy(op);
		return;
	}
	r = op->search;
	for (size_t i = 0; i < notes->count; i++)
		look_at(a, r, &notes->list[i]);
	if (notes->count < STORE_PAGE || r->more) {
		answer(a, op);
	} else if (++r->pages == LOOKED_MAX) {
		r->more = true;
		answer(a, op);
	} else {
		memcpy(r->before, notes->list[notes->count - 1].id,
		       sizeof(r->before));
		read_page(desk, op);
	}
}

static void read_page(struct desk *desk, struct op *op)
{
	const char *before = op->search->before;

	store_notes(desk->server->store, STREAM, before[0] ? before : NULL,
		    STORE_PAGE, on_page, desk, op->tag);
}

static bool is_list(struct str what)
{
	return str_is(what, "bot") || str_is(what, "closed") ||
	       str_is(what, "all") || str_is(what, "visitor");
}

void recent_list(struct agent *a, struct op *op, const struct frame *f)
{
	struct server *s = a->client.server;
	const struct conv *conv = hub_conv(s->hub, op->conversation);
	struct recent_search *r;

	if (str_is(f->what, "agents")) {
		colleagues_list(op);
		return;
	}
	if (!is_list(f->what)) {
		op_error(op, "bad_frame",
			 "what: none of agents, bot, all, closed, visitor");
		return;
	}
	if (str_is(f->what, "visitor") &&
	    (conv == NULL || agent_opened(a, op->conversation) == NULL)) {
		op_error(op, "not_now", "open the conversation first");
		return;
	}
	r = xcalloc(1, sizeof(*r));
	op->search = r;
	str_copy(r->what, sizeof(r->what), f->what);
	str_copy(r->words, sizeof(r->words), str_trim(f->search));
	lower(r->words);
	if (conv != NULL)
		str_copy(r->visitor, sizeof(r->visitor), str_of(conv->visitor));
	read_page(op->desk, op);
}
