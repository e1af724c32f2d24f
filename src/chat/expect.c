/* The lines of a dialogue script that expect something of what came before;
 * see chat/script.h for the language. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "play.h"

/* -- texts ------------------------------------------------------------- */

static bool holds(struct str text, struct str wanted)
{
	for (size_t at = 0; at + wanted.n <= text.n; at++)
		if (strncasecmp(text.p + at, wanted.p, wanted.n) == 0)
			return true;
	return wanted.n == 0;
}

/* The text between the slashes is what the operator wrote in a test of their
 * own: it need not be defended against. */
static bool matches(struct play *play, struct str text, struct str wanted)
{
	char *pattern = xstrndup(wanted.p + 1, wanted.n - 2);
	char *subject = xstrndup(text.p, text.n);
	regex_t regex;
	bool found = true; /* a broken one is one finding, not two */

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		play_fail(play, "/%s/ is no regular expression; see regex(7)",
			  pattern);
	else {
		found = regexec(&regex, subject, 0, NULL, 0) == 0;
		regfree(&regex);
	}
	free(pattern);
	free(subject);
	return found;
}

static bool meets(struct play *play, struct str text, struct str wanted)
{
	if (text.p == NULL)
		return false;
	if (wanted.n > 2 && wanted.p[0] == '/' && wanted.p[wanted.n - 1] == '/')
		return matches(play, text, wanted);
	return holds(text, wanted);
}

/* -- messages ---------------------------------------------------------- */

static bool is_from(const struct event *e, enum event_type type,
		    const char *sender)
{
	return e->type == type && (sender == NULL || str_is(e->sender, sender));
}

/* All that was said, for the finding. */
static void quote(const struct play *play, enum event_type type,
		  const char *sender, struct buf *out)
{
	for (size_t i = 0; i < play->event_count; i++) {
		const struct event *e = &play->events[i];

		if (!is_from(e, type, sender))
			continue;
		buf_add_s(out, out->len == 0 ? "\"" : ", \"");
		buf_add_str(out, e->text);
		buf_add_c(out, '"');
	}
	if (out->len == 0)
		buf_add_s(out, "nothing");
}

static void expect_said(struct play *play, enum event_type type,
			const char *sender, struct str wanted)
{
	struct buf came = BUF_INIT;

	for (size_t i = play->said; i < play->event_count; i++) {
		if (!is_from(&play->events[i], type, sender) ||
		    !meets(play, play->events[i].text, wanted))
			continue;
		play->said = i + 1;
		return;
	}
	quote(play, type, sender, &came);
	play_fail(play, "expected \"%.*s\", came %s", STR_ARG(wanted),
		  came.data);
	buf_fini(&came);
}

static void expect_silence(struct play *play)
{
	struct buf came = BUF_INIT;

	quote(play, EVENT_MESSAGE, "b", &came);
	if (strcmp(came.data, "nothing") != 0)
		play_fail(play, "expected that the bot says nothing, came %s",
			  came.data);
	buf_fini(&came);
}

static void expect_intent(struct play *play, struct str wanted)
{
	struct buf came = BUF_INIT;

	for (size_t i = 0; i < play->event_count; i++) {
		const struct event *e = &play->events[i];

		if (e->type != EVENT_MESSAGE || e->intent.n == 0)
			continue;
		if (str_eq(e->intent, wanted)) {
			buf_fini(&came);
			return;
		}
		buf_add_s(&came, came.len == 0 ? "" : ", ");
		buf_add_str(&came, e->intent);
	}
	play_fail(play, "expected intent %.*s, came %s", STR_ARG(wanted),
		  came.len == 0 ? "none" : came.data);
	buf_fini(&came);
}

static void expect_button(struct play *play, struct str wanted)
{
	char value[128];
	struct buf came = BUF_INIT;

	for (size_t i = 0; i < play->event_count; i++) {
		if (play_button(&play->events[i], wanted, value)) {
			buf_fini(&came);
			return;
		}
		buf_add_str(&came, play->events[i].buttons);
	}
	play_fail(play, "expected button \"%.*s\", came %s", STR_ARG(wanted),
		  came.len == 0 ? "none" : came.data);
	buf_fini(&came);
}

static void expect_ask(struct play *play, struct str wanted)
{
	for (size_t i = 0; i < play->event_count; i++)
		if (play->events[i].type == EVENT_ASK_FEEDBACK &&
		    str_eq(play->events[i].ask_kind, wanted))
			return;
	play_fail(play, "expected a request for feedback of kind %.*s",
		  STR_ARG(wanted));
}

/* -- the state --------------------------------------------------------- */

static void expect_word(struct play *play, const char *what, struct str wanted,
			const char *is)
{
	if (!str_is(wanted, is))
		play_fail(play, "expected %s %.*s, it is %s", what,
			  STR_ARG(wanted), is[0] == '\0' ? "none" : is);
}

static void expect_priority(struct play *play, struct str wanted)
{
	struct buf is = BUF_INIT;

	buf_add_i64(&is, play->conv.priority);
	expect_word(play, "priority", wanted, is.data);
	buf_fini(&is);
}

static const char *const refusal_names[] = {
	[REFUSE_NOT] = "nothing",         [REFUSE_CLOSED] = "closed",
	[REFUSE_NOT_YOURS] = "not_yours", [REFUSE_TAKEN] = "taken",
	[REFUSE_NOT_NOW] = "not_now",     [REFUSE_BAD_ASK] = "bad_ask",
	[REFUSE_BAD_SCORE] = "bad_score",
};

static bool expect_state(struct play *play, struct str line)
{
	const struct conv *c = &play->conv;
	const struct {
		const char *prefix, *what, *is;
	} words[] = {
		{"state:", "state", conv_state_names[c->state]},
		{"queue:", "queue", c->queue},
		{"reason:", "reason", c->reason},
		{"kind:", "kind", c->kind},
		{"agent:", "agent", c->agent},
		{"refused:", "refusal", refusal_names[play->refusal]},
	};
	struct str rest;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (play_after(line, words[i].prefix, &rest)) {
			expect_word(play, words[i].what, rest, words[i].is);
			return true;
		}
	if (!play_after(line, "priority:", &rest))
		return false;
	expect_priority(play, rest);
	return true;
}

static bool expect_messages(struct play *play, struct str line)
{
	struct str rest;

	if (play_after(line, "bot:", &rest)) {
		if (str_is(rest, "nothing"))
			expect_silence(play);
		else
			expect_said(play, EVENT_MESSAGE, "b", rest);
	} else if (play_after(line, "system:", &rest)) {
		expect_said(play, EVENT_MESSAGE, "t", rest);
	} else if (play_after(line, "note:", &rest)) {
		expect_said(play, EVENT_NOTE, NULL, rest);
	} else if (play_after(line, "intent:", &rest)) {
		expect_intent(play, rest);
	} else if (play_after(line, "button:", &rest)) {
		expect_button(play, rest);
	} else if (play_after(line, "asks:", &rest)) {
		expect_ask(play, rest);
	} else {
		return false;
	}
	return true;
}

bool play_expect(struct play *play, struct str line)
{
	if (!expect_messages(play, line) && !expect_state(play, line))
		return false;
	play->result->checks++;
	return true;
}
