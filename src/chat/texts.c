/* What the bot says outside of the intents: the language file's text where
 * there is one, else a built-in English one, so that a shop without rules (or
 * with a thin translation) still says something sensible. Also buttons. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "slots.h"
#include "step.h"

static const struct {
	const char *name, *text;
} builtin[] = {
	{"miss", "I am not sure that I understood you. Is it one of these? If "
		 "not, I will get you a person."},
	{"miss_alone", "I am not sure that I understood you. Could you put it "
		       "in other words? Or shall I get you a person?"},
	{"clarify", "Did you mean one of these?"},
	{"repeat", "I know that this is what I just told you. If it does not "
		   "help, a colleague can look at it with you."},
	{"handoff", "I am passing you on to a colleague. You can go on "
		    "writing here; everything you wrote so far is visible to "
		    "them."},
	{"handoff_closed",
	 "Our team is not here right now. Your message is kept in line, and a "
	 "colleague answers as soon as we are back. You need not stay on this "
	 "page."},
	{"handoff_unattended",
	 "None of our team is online right now. Your message is kept in line, "
	 "and a colleague answers here as soon as somebody is back. If you do "
	 "not want to wait, leave your e-mail address or phone number here and "
	 "a colleague will get back to you."},
	{"handoff_complaint",
	 "I am passing this on to a colleague who will look into it and "
	 "answer you here."},
	{"already_queued",
	 "You are already in line and your place is kept. A colleague will be "
	 "with you as soon as possible."},
	{"waiting_reminder", "Thank you for waiting. You are still in line, "
			     "and your place is kept."},
	{"contact_offer",
	 "I am sorry that this takes so long. If you do not want to wait, "
	 "leave your e-mail address or phone number here and a colleague will "
	 "get back to you. Your place in line is kept."},
	{"contact_taken",
	 "Thank you. A colleague will get back to you there, or here if you "
	 "stay. You may close this page; your place in line is kept."},
	{"agent_joined", "{{agent}} is with you now."},
	{"agent_left", "{{agent}} had to leave. You are back in line at your "
		       "old place; the next free colleague takes over."},
	{"agent_slow", "{{agent}} needs a little longer. Thank you for your "
		       "patience."},
	{"agent_nudge", "The shopper is waiting for an answer."},
	{"left", "This chat has ended. You can write again at any time."},
	{"resolved", "This chat is marked as solved. Write again if anything "
		     "is open."},
	{"idle_close", "I have not heard from you for a while, so I am "
		       "closing this chat. Just write again if you need "
		       "anything."},
	{"ask_solved", "Did that answer your question?"},
	{"ask_csat", "How was this chat for you?"},
	{"ask_ces", "Thank you! And how easy was it to get this settled?"},
	{"ask_again", "I could not make that out. Could you check it and "
		      "write it once more?"},
	{"offer_person", "I am sorry that this did not help. Shall I get you "
			 "a person?"},
	{"lookup_unknown", "I cannot find that number. Could you check it and "
			   "write it once more?"},
	{"lookup_still_unknown", "I cannot find that number either."},
	{"lookup_failed", "I am sorry, I cannot look that up at the moment."},
	{"feedback_thanks", "Good to hear, thank you!"},
	{"never_mind", "All right. Just write if there is anything else."},
	{"person_button", "Talk to a person"},
	{"human_request", "I would like to talk to a person."},
};

const char *text_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
		if (strcmp(builtin[i].name, name) == 0)
			return builtin[i].text;
	return NULL;
}

/* The built-in texts know one slot only. */
static void fill_builtin(struct buf *b, const char *text, const char *agent)
{
	static const char slot[] = "{{agent}}";
	const char *at = strstr(text, slot);

	if (at == NULL) {
		buf_add_s(b, text);
		return;
	}
	buf_add(b, text, (size_t)(at - text));
	buf_add_s(b, agent);
	buf_add_s(b, at + strlen(slot));
}

/* -- what texts may name ----------------------------------------------- */

/* "2024-05-31T09:00:00Z", the form that the filter `date` reads. */
static struct str utc(struct arena *arena, int64_t ms)
{
	int second = (int)(ms % MOMENT_DAY_MS / 1000);
	char day[MOMENT_DAY_ROOM];
	struct buf b = BUF_INIT;
	struct str text;

	moment_day(ms, day);
	buf_addf(&b, "%sT%02d:%02d:%02dZ", day, second / 3600, second / 60 % 60,
		 second % 60);
	text = arena_str(arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

static const char *agent_name(const struct step *s)
{
	const struct conv *c = s->now;

	if (c->agent_display[0] != '\0')
		return c->agent_display;
	return c->agent[0] != '\0' ? c->agent : "Your agent";
}

/* What they write says more than what their page is in. */
static const char *locale_of(const struct conv *c)
{
	if (c->language[0] != '\0')
		return c->language;
	return c->locale[0] != '\0' ? c->locale : NULL;
}

struct answer_request text_request(struct step *s)
{
	size_t told = s->in->value_count, n = 0;
	struct answer_value *values;

	if (told > CONV_VALUES)
		told = CONV_VALUES;
	/* Those, and the number, the agent, when the shop opens. */
	values = arena_take(s->out->arena,
			    (told + s->slot_count + 3) * sizeof(*values));
	/* The first of a name counts: what was asked with, then the slots. */
	for (size_t i = 0; i < told; i++)
		values[n++] = (struct answer_value){
			arena_str(s->out->arena, s->in->values[i].name).p,
			s->in->values[i].value};
	for (size_t i = 0; i < s->slot_count; i++)
		values[n++] = (struct answer_value){s->slots[i].name,
						    str_of(s->slots[i].value)};
	if (s->number.p != NULL)
		values[n++] = (struct answer_value){"number", s->number};
	values[n++] = (struct answer_value){"agent", str_of(agent_name(s))};
	if (s->in->opens_at_ms > 0)
		values[n++] = (struct answer_value){
			"opens_at", utc(s->out->arena, s->in->opens_at_ms)};
	return (struct answer_request){
		.locale = locale_of(s->now),
		.message_id = s->about,
		.values = values,
		.value_count = n,
	};
}

#define USUAL_TEXT 500 /* bytes */

struct buf *text_begin(struct step *s)
{
	struct buf *b = &s->out->words;

	buf_clear(b);
	buf_reserve(b, USUAL_TEXT);
	return b;
}

struct str text_end(struct step *s)
{
	return arena_str(s->out->arena, buf_str(&s->out->words));
}

static bool in_catalog(struct step *s, const char *name, struct buf *out)
{
	struct answer_request request = text_request(s);

	if (s->catalog != NULL &&
	    answer_text(s->catalog, name, &request, out) && out->len > 0)
		return true;
	buf_clear(out);
	return false;
}

struct str text_of(struct step *s, const char *name)
{
	struct buf *b = text_begin(s);

	if (!in_catalog(s, name, b)) {
		const char *spare = text_builtin(name);

		fill_builtin(b, spare == NULL ? name : spare, agent_name(s));
	}
	return text_end(s);
}

struct str text_for_reason(struct step *s, const char *reason,
			   const char *general)
{
	struct str rest = general == NULL ? STR_NONE : text_of(s, general);
	struct buf name = BUF_INIT, *b = text_begin(s);

	buf_addf(&name, "reason_%s", reason);
	if (in_catalog(s, name.data, b) && rest.n > 0)
		buf_add_c(b, ' ');
	buf_add_str(b, rest);
	buf_fini(&name);
	return text_end(s);
}

/* -- buttons ----------------------------------------------------------- */

#define USUAL_BUTTONS 240 /* bytes */

struct buttons buttons_begin(struct step *s)
{
	buf_clear(&s->out->buttons);
	return (struct buttons){&s->out->buttons, 0};
}

void buttons_add(struct buttons *b, struct str text, struct str value,
		 struct str url)
{
	if (b->count == 0)
		buf_reserve(b->json, USUAL_BUTTONS);
	buf_add_s(b->json, b->count++ == 0 ? "[{\"text\":" : ",{\"text\":");
	buf_add_json(b->json, text);
	buf_add_s(b->json, value.p != NULL ? ",\"value\":" : ",\"url\":");
	buf_add_json(b->json, value.p != NULL ? value : url);
	buf_add_c(b->json, '}');
}

void buttons_add_intent(struct buttons *b, const struct intent *intent)
{
	const struct intent_info *info = intent_info(intent);
	struct buf value = BUF_INIT;

	buf_add_s(&value, "intent:");
	buf_add_s(&value, info->name);
	buttons_add(b, str_of(info->about == NULL ? info->name : info->about),
		    buf_str(&value), STR_NONE);
	buf_fini(&value);
}

void buttons_add_person(struct buttons *b, struct step *s)
{
	buttons_add(b, text_of(s, "person_button"), STR("human"), STR_NONE);
}

struct str buttons_done(struct buttons *b, struct step *s)
{
	if (b->count == 0)
		return STR_NONE;
	buf_add_c(b->json, ']');
	return arena_str(s->out->arena, buf_str(b->json));
}
