/* The fold: what one logged event makes of a conversation's state. The only
 * place that changes a state; conv_step() computes events and asks the same
 * function what they would make. Knows nothing of rules, texts or time limits
 * and refuses nothing: what stands in the log has happened. */
#include <string.h>

#include "base/hash.h"
#include "chat/conv.h"
#include "slots.h"
#include "step.h"

#define SET(member, value) set(member, sizeof(member), value)

/* Most of what is emptied is empty: behind the NUL a text has zeros only. */
static void set(char *to, size_t room, struct str value)
{
	if (value.n > 0 || to[0] != '\0')
		text_set(to, room, value);
}

const char *const conv_state_names[] = {
	[CONV_BOT] = "bot",
	[CONV_QUEUED] = "queued",
	[CONV_ASSIGNED] = "assigned",
	[CONV_CLOSED] = "closed",
};

const char *const conv_looked_up_names[] = {
	[LOOKED_UP_FAILED] = "failed",
	[LOOKED_UP_NOT_FOUND] = "not_found",
	[LOOKED_UP_FOUND] = "found",
};

void conv_init(struct conv *conv, const char *id)
{
	memset(conv, 0, sizeof(*conv));
	SET(conv->id, str_of(id));
}

/* -- what was taken last ----------------------------------------------- */

static uint64_t key_hash(struct str key)
{
	return hash_bytes(HASH_SEED, key.p, key.n);
}

/* Half of a hash tells two texts under one id apart well enough. */
static uint32_t half(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

/* Only what clients send can come again. */
static void remember(struct conv *conv, const struct event *e)
{
	char key[8 + CONV_NAME_MAX + CONV_ID_MAX];
	size_t n = e->sender.n;

	if (e->id.n == 0 || n + 1 + e->id.n > sizeof(key) ||
	    e->seq > UINT32_MAX)
		return;
	if (!str_is(e->sender, "s") && !str_starts(e->sender, "a:"))
		return;
	memcpy(key, e->sender.p, n);
	key[n] = ':';
	memcpy(key + n + 1, e->id.p, e->id.n);
	conv->recent[conv->recent_at].key =
		key_hash((struct str){key, n + 1 + e->id.n});
	conv->recent[conv->recent_at].content = half(event_content(e));
	conv->recent[conv->recent_at].seq = (uint32_t)e->seq;
	conv->recent_at = (conv->recent_at + 1) % CONV_RECENT;
}

uint64_t conv_known(const struct conv *conv, struct str key, uint64_t content,
		    bool *same)
{
	uint64_t hash = key_hash(key);

	for (size_t i = 0; i < CONV_RECENT; i++) {
		if (conv->recent[i].key != hash || conv->recent[i].seq == 0)
			continue;
		*same = conv->recent[i].content == half(content);
		return conv->recent[i].seq;
	}
	*same = false;
	return 0;
}

/* -- messages ---------------------------------------------------------- */

/* All of the circumstances come together, on the event where one of them
 * changed. */
static void take_circumstances(struct conv *conv, const struct event *e)
{
	if (e->visitor.p == NULL)
		return;
	SET(conv->visitor, e->visitor);
	SET(conv->visitor_name, e->visitor_name);
	SET(conv->page, e->page);
	SET(conv->locale, e->locale);
	conv->verified = e->verified;
}

static void shopper_wrote(struct conv *conv, const struct event *e)
{
	conv->last_shopper_ms = e->at_ms;
	if (conv->state == CONV_ASSIGNED && conv->unanswered_ms == 0) {
		conv->unanswered_ms = e->at_ms;
		conv->reminders = 0;
	}
	if (e->text.n > 0 && !str_is(e->value, "human") &&
	    !str_is(e->outcome, "contact"))
		SET(conv->preview, e->text);
	if (e->language.n > 0)
		SET(conv->language, e->language);
	if (e->lookup.n > 0)
		conv_note_lookup(conv, e);
}

static void agent_wrote(struct conv *conv, const struct event *e)
{
	conv->last_agent_ms = e->at_ms;
	conv->unanswered_ms = 0;
	conv->reminders = 0;
}

static void timer_wrote(struct conv *conv, const struct event *e)
{
	bool offer = str_is(e->outcome, "contact");

	if (!offer && !str_is(e->outcome, "remind"))
		return;
	conv->reminders = offer ? 0 : conv->reminders + 1;
	conv->contact_offered |= offer;
	conv->last_reminder_ms = e->at_ms;
	conv->place_told_ms = e->at_ms;
}

uint64_t conv_answer_hash(struct str intent, const struct conv_slot *slots,
			  size_t n, uint64_t digest)
{
	uint64_t h = hash_bytes(HASH_SEED, intent.p, intent.n);

	for (size_t i = 0; i < n; i++) {
		h = hash_bytes(h, slots[i].name, strlen(slots[i].name) + 1);
		h = hash_bytes(h, slots[i].value, strlen(slots[i].value) + 1);
	}
	return hash_bytes(h, &digest, sizeof(digest));
}

static void close_question(struct conv *conv)
{
	SET(conv->open_intent, STR_NONE);
	SET(conv->asked_slot, STR_NONE);
	conv->asked_times = 0;
}

/* -- lookups ----------------------------------------------------------- */

/* The message brings its slots itself: nothing is said about it yet. Where
 * more wait than there is room for, the oldest is given up: its shopper has
 * asked three times since. */
void conv_note_lookup(struct conv *conv, const struct event *e)
{
	if (e->slots.p != NULL)
		conv->slot_count = slots_from_json(e->slots, conv->slots);
	memmove(&conv->lookups[1], &conv->lookups[0],
		(CONV_LOOKUPS - 1) * sizeof(conv->lookups[0]));
	SET(conv->lookups[0].id, e->id);
	SET(conv->lookups[0].intent, e->lookup);
	conv->lookups[0].at_ms = e->at_ms;
	conv->lookups[0].letter = 'a';
	if (str_is(e->lookup, conv->open_intent))
		close_question(conv);
}

static void forget_lookups(struct conv *conv)
{
	memset(conv->lookups, 0, sizeof(conv->lookups));
	conv->unknown = 0;
}

/* What the bot says about a message that waits: its letter goes on, or the
 * wait is over. */
static void about_lookup(struct conv *conv, const struct event *e)
{
	size_t i = 0;

	while (i < CONV_LOOKUPS && (conv->lookups[i].id[0] == '\0' ||
				    !str_is(e->reply_to, conv->lookups[i].id)))
		i++;
	if (i == CONV_LOOKUPS)
		return;
	if (e->looked_up.n == 0) {
		conv->lookups[i].letter++;
		return;
	}
	memmove(&conv->lookups[i], &conv->lookups[i + 1],
		(CONV_LOOKUPS - 1 - i) * sizeof(conv->lookups[0]));
	memset(&conv->lookups[CONV_LOOKUPS - 1], 0, sizeof(conv->lookups[0]));
	if (str_is(e->looked_up, "not_found"))
		conv->unknown++;
	else
		conv->unknown = 0;
}

/* What feedback may name: a request for it, or an answer of the bot's, on which
 * a widget asks by itself. */
static void may_be_rated(struct conv *conv, struct str id, struct str kind)
{
	memmove(&conv->asks[1], &conv->asks[0],
		(CONV_ASKS - 1) * sizeof(conv->asks[0]));
	SET(conv->asks[0].id, id);
	SET(conv->asks[0].kind, kind);
}

/* An answer to something else lets the open question sleep: it no longer
 * insists, but a bare order number still fills it. */
static void answered(struct conv *conv, const struct event *e)
{
	if (str_is(e->kind, "chat"))
		return;
	conv->misses = 0;
	SET(conv->considered, STR_NONE);
	may_be_rated(conv, e->id, STR("solved"));
	SET(conv->last_intent, e->intent);
	conv->last_answer = conv_answer_hash(e->intent, conv->slots,
					     conv->slot_count, e->digest);
	if (str_is(e->intent, conv->open_intent))
		close_question(conv);
	else
		conv->asked_times = 0;
}

static void asked(struct conv *conv, const struct event *e)
{
	bool again = str_is(e->intent, conv->open_intent) &&
		     str_is(e->slot, conv->asked_slot);

	conv->asked_times = again ? conv->asked_times + 1 : 1;
	SET(conv->open_intent, e->intent);
	SET(conv->asked_slot, e->slot);
	SET(conv->last_intent, e->intent);
	conv->misses = 0;
	SET(conv->considered, STR_NONE);
	conv->last_answer = 0;
}

static void bot_wrote(struct conv *conv, const struct event *e)
{
	SET(conv->yes, e->yes);
	SET(conv->no, e->no);
	if (e->slots.p != NULL)
		conv->slot_count = slots_from_json(e->slots, conv->slots);
	if (e->considered.n > 0 && e->considered.n < CONV_CONSIDERED)
		SET(conv->considered, e->considered);
	about_lookup(conv, e);
	if (str_is(e->outcome, "answer")) {
		answered(conv, e);
	} else if (str_is(e->outcome, "ask")) {
		asked(conv, e);
	} else if (str_is(e->outcome, "clarify")) {
		conv->last_answer = 0;
	} else if (str_is(e->outcome, "miss")) {
		conv->misses++;
		conv->last_answer = 0;
	} else if (str_is(e->outcome, "repeat")) {
		conv->misses++;
	} else if (str_is(e->outcome, "meta")) {
		close_question(conv);
		forget_lookups(conv);
	} else if (str_is(e->outcome, "kept")) {
		conv->place_told_ms = e->at_ms;
	}
}

/* A press comes without the text: it is that of the button. */
static void offered(struct conv *conv, struct str buttons)
{
	if (buttons.n > 0)
		SET(conv->buttons,
		    buttons.n < sizeof(conv->buttons) ? buttons : STR_NONE);
}

static void message(struct conv *conv, const struct event *e)
{
	offered(conv, e->buttons);
	if (str_is(e->sender, "s"))
		shopper_wrote(conv, e);
	else if (str_is(e->sender, "b") && !e->late)
		bot_wrote(conv, e);
	else if (str_is(e->sender, "t"))
		timer_wrote(conv, e);
	else if (str_starts(e->sender, "a:"))
		agent_wrote(conv, e);
}

/* -- state ------------------------------------------------------------- */

static void take_cause(struct conv *conv, const struct event *e)
{
	SET(conv->intent, e->intent);
	SET(conv->kind, e->kind);
	conv->priority = (int)e->priority;
	conv->since_ms = e->since_ms;
}

static void in_line(struct conv *conv, const struct event *e)
{
	SET(conv->agent, STR_NONE);
	SET(conv->agent_display, STR_NONE);
	conv->place_told_ms = e->at_ms;
	conv->misses = 0;
	/* A shop's own tool need not say what is known: back where it was. */
	if (e->queue.n == 0 && conv->queue[0] != '\0')
		return;
	SET(conv->queue, e->queue);
	take_cause(conv, e);
}

/* Straight from the bot it brings what the line would have. */
static void with_agent(struct conv *conv, const struct event *e, bool was_bots)
{
	if (e->queue.n > 0)
		SET(conv->queue, e->queue);
	if (was_bots)
		take_cause(conv, e);
	SET(conv->agent, e->agent);
	SET(conv->agent_display, e->agent_display);
	conv->assigned_seq = e->seq;
	conv->unanswered_ms = e->at_ms;
}

static bool state_of(struct str name, enum conv_state *out)
{
	for (int i = CONV_BOT; i <= CONV_CLOSED; i++)
		if (str_is(name, conv_state_names[i])) {
			*out = (enum conv_state)i;
			return true;
		}
	return false;
}

/* The message with which the bot gave up is one more: it has the hand-over for
 * an answer, which is no miss in the log. */
static unsigned misses_until(const struct conv *conv, const struct event *e)
{
	return conv->misses + (str_is(e->reason, "not_understood") ||
			       str_is(e->reason, "repeated"));
}

/* The one transition: what all have in common, then what is of the new
 * state. */
static void enter(struct conv *conv, const struct event *e)
{
	bool was_bots = conv->state == CONV_BOT;

	if (!state_of(e->state, &conv->state))
		return;
	if (was_bots)
		conv->missed = misses_until(conv, e);
	conv->state_at_ms = e->at_ms;
	conv->reminders = 0;
	conv->last_reminder_ms = 0;
	conv->contact_offered = str_is(e->outcome, "contact");
	conv->unanswered_ms = 0;
	if (e->fence > conv->fence)
		conv->fence = e->fence;
	SET(conv->reason, e->reason);
	SET(conv->yes, STR_NONE);
	SET(conv->no, STR_NONE);
	close_question(conv);
	switch (conv->state) {
	case CONV_BOT:
		break;
	case CONV_QUEUED:
		in_line(conv, e);
		break;
	case CONV_ASSIGNED:
		with_agent(conv, e, was_bots);
		forget_lookups(conv);
		break;
	case CONV_CLOSED:
		forget_lookups(conv);
		SET(conv->agent, STR_NONE);
		SET(conv->agent_display, STR_NONE);
		break;
	}
}

/* -- feedback ---------------------------------------------------------- */

static void asked_feedback(struct conv *conv, const struct event *e)
{
	may_be_rated(conv, e->id, e->ask_kind);
	if (!str_is(e->ask_kind, "solved"))
		return;
	SET(conv->yes, STR("solved"));
	SET(conv->no, STR("unsolved"));
}

static void got_feedback(struct conv *conv, const struct event *e)
{
	for (size_t i = 0; i < CONV_ASKS; i++) {
		if (!str_is(e->ask, conv->asks[i].id))
			continue;
		memmove(&conv->asks[i], &conv->asks[i + 1],
			(CONV_ASKS - 1 - i) * sizeof(conv->asks[0]));
		memset(&conv->asks[CONV_ASKS - 1], 0, sizeof(conv->asks[0]));
		break;
	}
	SET(conv->yes, STR_NONE);
	SET(conv->no, STR_NONE);
	/* How the chat was says more than how easy. */
	if (str_is(e->ask_kind, "ces") && strcmp(conv->rated.kind, "csat") == 0)
		return;
	SET(conv->rated.kind, e->ask_kind);
	conv->rated.score = e->score;
	conv->rated.at_ms = e->at_ms;
}

void conv_apply(struct conv *conv, const struct event *e)
{
	if (e->seq <= conv->seq)
		return;
	conv->seq = e->seq;
	conv->trail = hash_trail(conv->trail, e->at_ms);
	if (e->at_ms > conv->last_event_ms)
		conv->last_event_ms = e->at_ms;
	remember(conv, e);
	take_circumstances(conv, e);
	switch (e->type) {
	case EVENT_MESSAGE:
		message(conv, e);
		break;
	case EVENT_NOTE:
	case EVENT_LEAVE:
		break;
	case EVENT_STATE:
		enter(conv, e);
		break;
	case EVENT_ASK_FEEDBACK:
		asked_feedback(conv, e);
		break;
	case EVENT_FEEDBACK:
		got_feedback(conv, e);
		break;
	}
}
