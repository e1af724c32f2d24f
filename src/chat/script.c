/* The lines of a dialogue script that do something, and the made-up clock; see
 * chat/script.h for the language. Steps the same conv_step() as the daemon;
 * refuses nothing that the state machine takes. */
#include "chat/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "play.h"
#include "slots.h"

#define MINUTE_MS INT64_C(60000)

const struct conv_policy script_policy = {
	.default_queue = "general",
	.misses_to_hand_over = 2,
	.bot_idle_ms = 24 * 60 * MINUTE_MS,
	.queue_reminder_ms = 5 * MINUTE_MS,
	.queue_give_up_ms = 30 * MINUTE_MS,
	.agent_reply_ms = 5 * MINUTE_MS,
	.shopper_reply_ms = 24 * 60 * MINUTE_MS,
};

void play_fail(struct play *play, const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	diag_error(play->diags,
		   ((struct diag_place){play->file, play->line, 1}), "%s",
		   text.data == NULL ? "" : text.data);
	play->result->failed++;
	buf_fini(&text);
}

bool play_after(struct str line, const char *prefix, struct str *rest)
{
	size_t n = strlen(prefix);

	if (!str_starts(line, prefix))
		return false;
	*rest = str_trim((struct str){line.p + n, line.n - n});
	return true;
}

/* -- stepping ---------------------------------------------------------- */

static void begin(struct play *play)
{
	arena_fini(&play->arena);
	conv_init(&play->conv, "script");
	play->now_ms = INT64_C(1767600000000); /* a Monday, 08:00 UTC */
	play->due_ms = 0;
	play->shop_closed = play->unattended = false;
	play->locale[0] = '\0';
	play->inputs = 0;
	play->with_sources = *play->policy;
	play->event_count = play->said = 0;
	play->refusal = REFUSE_NOT;
}

static struct str next_id(struct play *play)
{
	struct buf b = BUF_INIT;
	struct str id;

	buf_addf(&b, "m%u", ++play->inputs);
	id = arena_str(&play->arena, buf_str(&b));
	buf_fini(&b);
	return id;
}

static void step(struct play *play, struct conv_input in)
{
	in.at_ms = play->now_ms;
	in.shop_open = !play->shop_closed;
	in.unattended = play->unattended ? UINT64_MAX : 0;
	if (in.type != INPUT_TIMER && in.type != INPUT_LEASE_LOST &&
	    in.type != INPUT_LOOKED_UP)
		in.id = next_id(play);
	in.visitor = STR("visitor");
	in.locale = str_of(play->locale);
	play->actions.arena = &play->arena;
	play->actions.after = &play->after;
	conv_step(&play->conv, play->catalog, play->matcher,
		  &play->with_sources, &in, &play->actions);
	play->refusal = play->actions.refusal;
	play->due_ms = play->actions.due_ms;
	for (size_t i = 0; i < play->actions.event_count; i++) {
		struct event e =
			event_copy(&play->actions.events[i], &play->arena);

		e.seq = play->conv.seq + 1;
		conv_apply(&play->conv, &e);
		if (play->event_count < PLAY_MAX_EVENTS)
			play->events[play->event_count++] = e;
	}
}

/* -- buttons ----------------------------------------------------------- */

/* One {"text":…,"value":…} of a list that texts.c wrote. */
static const char *next_button(const char *p, const char *end,
			       struct conv_slot slots[CONV_SLOTS])
{
	const char *open = memchr(p, '{', (size_t)(end - p));
	bool quoted = false;

	if (open == NULL)
		return NULL;
	for (p = open; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '}' && !quoted)
			break;
	}
	if (p >= end)
		return NULL;
	slots_from_json((struct str){open, (size_t)(p - open) + 1}, slots);
	return p + 1;
}

bool play_button(const struct event *e, struct str wanted, char value[128])
{
	struct conv_slot slots[CONV_SLOTS];
	const char *p = e->buttons.p;
	const char *end = p == NULL ? NULL : p + e->buttons.n;

	while (p != NULL && (p = next_button(p, end, slots)) != NULL) {
		if (!str_is(wanted, slots[0].value) &&
		    !str_is(wanted, slots[1].value))
			continue;
		text_set(value, 128, str_of(slots[1].value));
		return true;
	}
	return false;
}

/* -- the shopper ------------------------------------------------------- */

static void press(struct play *play, struct str wanted)
{
	char value[128];

	for (size_t i = play->event_count; i > 0; i--) {
		if (!play_button(&play->events[i - 1], wanted, value))
			continue;
		play->event_count = play->said = 0;
		step(play,
		     (struct conv_input){
			     .type = INPUT_SHOPPER_SAID,
			     .value = arena_str(&play->arena, str_of(value))});
		return;
	}
	play_fail(play, "there is no button \"%.*s\" to be pressed",
		  STR_ARG(wanted));
}

static void rate(struct play *play, struct str score)
{
	uint64_t v;

	if (!str_to_u64(score, 100, &v)) {
		play_fail(play, "\"%.*s\" is no score; write a number",
			  STR_ARG(score));
		return;
	}
	step(play, (struct conv_input){
			   .type = INPUT_SHOPPER_FEEDBACK,
			   .ask = arena_str(&play->arena,
					    str_of(play->conv.asks[0].id)),
			   .score = (int64_t)v});
}

static void clear(struct play *play)
{
	play->event_count = play->said = 0;
}

void play_step(struct play *play, struct conv_input in)
{
	clear(play);
	step(play, in);
}

static bool do_shopper(struct play *play, struct str line)
{
	struct str rest;

	if (play_after(line, "shopper presses:", &rest)) {
		press(play, rest);
		return true;
	}
	if (!str_starts(line, "shopper"))
		return false;
	clear(play);
	if (play_after(line, "shopper:", &rest))
		step(play, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					       .text = rest});
	else if (play_after(line, "shopper rates:", &rest))
		rate(play, rest);
	else if (str_is(line, "shopper asks for a person"))
		step(play, (struct conv_input){.type = INPUT_SHOPPER_SAID,
					       .human = true});
	else if (str_is(line, "shopper leaves"))
		step(play, (struct conv_input){.type = INPUT_SHOPPER_LEFT});
	else
		return false;
	return true;
}

/* -- agents ------------------------------------------------------------ */

static void agent_deed(struct play *play, enum conv_input_type type,
		       struct str name, struct str text, struct str queue)
{
	clear(play);
	step(play,
	     (struct conv_input){
		     .type = type,
		     .agent = name,
		     .agent_display = name,
		     .text = text,
		     .queue = arena_str(&play->arena, str_of(play->conv.queue)),
		     .to_queue = queue,
		     .outcome = STR("solved")});
}

static bool do_agent(struct play *play, struct str line)
{
	struct str name, rest;
	size_t n = 0;

	if (str_is(line, "agent vanishes")) {
		clear(play);
		step(play, (struct conv_input){.type = INPUT_LEASE_LOST});
		return true;
	}
	if (!str_starts(line, "agent "))
		return false;
	line = (struct str){line.p + 6, line.n - 6};
	while (n < line.n && line.p[n] != ' ' && line.p[n] != ':')
		n++;
	name = (struct str){line.p, n};
	line = str_trim((struct str){line.p + n, line.n - n});
	if (n == 0)
		return false;
	if (play_after(line, ":", &rest))
		agent_deed(play, INPUT_AGENT_SAID, name, rest, STR_NONE);
	else if (play_after(line, "notes:", &rest))
		agent_deed(play, INPUT_AGENT_NOTE, name, rest, STR_NONE);
	else if (play_after(line, "transfers to:", &rest))
		agent_deed(play, INPUT_AGENT_TRANSFERRED, name, STR_NONE, rest);
	else if (str_is(line, "claims"))
		agent_deed(play, INPUT_AGENT_CLAIMED, name, STR_NONE, STR_NONE);
	else if (str_is(line, "releases"))
		agent_deed(play, INPUT_AGENT_RELEASED, name, STR_NONE,
			   STR_NONE);
	else if (str_is(line, "resolves"))
		agent_deed(play, INPUT_AGENT_RESOLVED, name, STR_NONE,
			   STR_NONE);
	else
		return false;
	return true;
}

/* -- time and circumstances -------------------------------------------- */

#define WAIT_MAX_MS (400 * 24 * 60 * MINUTE_MS)

/* "5 min" as milliseconds; 0: it is none. */
static int64_t duration(struct str s)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{"s", 1000},
		{"min", MINUTE_MS},
		{"h", 60 * MINUTE_MS},
		{"d", 24 * 60 * MINUTE_MS},
	};
	size_t digits = 0;
	uint64_t v;
	struct str unit;

	while (digits < s.n && is_digit(s.p[digits]))
		digits++;
	unit = str_trim((struct str){s.p + digits, s.n - digits});
	if (!str_to_u64((struct str){s.p, digits}, 1000000, &v))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (str_is(unit, units[i].name))
			return (int64_t)v * units[i].ms;
	return 0;
}

/* Timers fire when they are due, not when the wait is over. */
static void wait(struct play *play, struct str text)
{
	int64_t ms = duration(text), end_ms = play->now_ms + ms;

	clear(play);
	if (ms == 0 || ms > WAIT_MAX_MS) {
		play_fail(play,
			  "\"%.*s\" is no time to wait; write \"5 min\" (s, "
			  "min, h, d; at most 400 d)",
			  STR_ARG(text));
		return;
	}
	while (play->due_ms > play->now_ms && play->due_ms <= end_ms) {
		play->now_ms = play->due_ms;
		step(play, (struct conv_input){.type = INPUT_TIMER});
	}
	play->now_ms = end_ms;
}

static bool do_world(struct play *play, struct str line)
{
	struct str rest;

	if (play_after(line, "wait:", &rest)) {
		wait(play, rest);
	} else if (play_after(line, "hours:", &rest)) {
		play->shop_closed = str_is(rest, "closed");
		if (!play->shop_closed && !str_is(rest, "open"))
			play_fail(play, "hours are \"open\" or \"closed\"");
	} else if (play_after(line, "team:", &rest)) {
		play->unattended = str_is(rest, "away");
		if (!play->unattended && !str_is(rest, "there"))
			play_fail(play, "the team is \"there\" or \"away\"");
	} else if (play_after(line, "locale:", &rest)) {
		text_set(play->locale, sizeof(play->locale), rest);
	} else if (play_after(line, "==", &rest)) {
		begin(play);
		play->result->dialogues++;
	} else {
		return false;
	}
	return true;
}

/* -- lines ------------------------------------------------------------- */

static void run_line(struct play *play, struct str line)
{
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (do_world(play, line) || do_shopper(play, line) ||
	    do_agent(play, line) || play_lookup(play, line) ||
	    play_expect(play, line))
		return;
	play_fail(play,
		  "\"%.*s\" is no line of a script; it begins with "
		  "\"shopper:\", \"bot:\", \"agent NAME\", \"wait:\", "
		  "\"state:\" or another word of the manual",
		  (int)(line.n < 40 ? line.n : 40), line.p);
}

/* What should have been done and was not is a check that failed. */
static void count_line(struct play *play, struct str line)
{
	struct script_result *result = play->result;
	size_t checks = result->checks, failed = result->failed;

	run_line(play, line);
	if (result->failed > failed && result->checks == checks)
		result->checks++;
}

void script_run(const struct catalog *catalog, const struct conv_policy *policy,
		const char *file, struct str text, struct diags *diags,
		struct script_result *result)
{
	struct play *play = xcalloc(1, sizeof(*play));
	size_t at = 0;

	play->catalog = catalog;
	play->policy = policy == NULL ? &script_policy : policy;
	play->matcher = matcher_new();
	play->diags = diags;
	play->result = result;
	play->file = file;
	begin(play);
	while (at < text.n) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		size_t n =
			nl == NULL ? text.n - at : (size_t)(nl - (text.p + at));

		play->line++;
		count_line(play, str_trim((struct str){text.p + at, n}));
		at += n + 1;
	}
	conv_actions_fini(&play->actions);
	arena_fini(&play->arena);
	matcher_free(&play->matcher);
	free(play);
}
