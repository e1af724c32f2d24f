/* A dialogue script while it runs: shared by script.c (the lines that do
 * something) and expect.c (the lines that expect something). */
#ifndef CHAT_PLAY_H
#define CHAT_PLAY_H

#include "chat/script.h"

#define PLAY_MAX_SOURCES 8
#define PLAY_MAX_EVENTS  256 /* kept of one line, a long wait included */

struct play {
	const struct catalog *catalog;
	const struct conv_policy *policy;
	struct matcher *matcher;
	struct diags *diags;
	struct script_result *result;
	const char *file;
	unsigned line;
	/* the conversation */
	struct arena arena;
	struct conv conv;
	struct conv_actions actions;
	struct conv after; /* of the actions */
	int64_t now_ms, due_ms;
	bool shop_closed, unattended;
	char locale[36];
	unsigned inputs;
	struct conv_policy with_sources; /* the policy, and what was declared */
	struct conv_source sources[PLAY_MAX_SOURCES];
	const char *source_slots[PLAY_MAX_SOURCES][CONV_SLOTS];
	/* what came of the last line that did something */
	struct event events[PLAY_MAX_EVENTS];
	size_t event_count;
	size_t said; /* messages before this one were met by a line */
	enum conv_refusal refusal;
};

/* True: the line expects something (and was checked). */
bool play_expect(struct play *play, struct str line);
/* look_up.c: the same of lines about data sources. */
bool play_lookup(struct play *play, struct str line);
/* script.c: an input at this time, and what comes of it; what came before is
 * forgotten. */
void play_step(struct play *play, struct conv_input in);
/* Calls it a failure, with the place. */
void play_fail(struct play *play, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What follows `prefix`, without blanks around, in `rest`; false: the line
 * begins otherwise. */
bool play_after(struct str line, const char *prefix, struct str *rest);
/* The value of the button that has this text or value, among those of `e`. */
bool play_button(const struct event *e, struct str wanted, char value[128]);

#endif
