/* What the bot would say, while an agent has the conversation: for the agent
 * to use, never logged and never sent by itself. */
#ifndef CHAT_SUGGEST_H
#define CHAT_SUGGEST_H

#include "chat/conv.h"

/* The rules' answer to what the shopper `said`, which is folded into `conv`
 * already. Appends to `text`, and to `intent` the name of the first that won.
 * False, and nothing appended: the rules are not sure, hand over, ask for
 * something first or look something up. */
bool suggest_answer(const struct conv *conv, const struct catalog *catalog,
		    struct matcher *matcher, const struct event *said,
		    struct buf *text, struct buf *intent);

#endif
