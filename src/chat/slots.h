/* What a conversation has learnt (order numbers …) as a JSON object of
 * strings, in which it stands in the log. */
#ifndef CHAT_SLOTS_H
#define CHAT_SLOTS_H

#include "chat/conv.h"

/* As JSON into `arena`. */
struct str slots_to_json(const struct conv_slot *slots, size_t n,
			 struct arena *arena);
/* Reads what slots_to_json() wrote into `slots`, all of which is overwritten;
 * stops at anything else. Returns how many; over-long values are cut. */
size_t slots_from_json(struct str json, struct conv_slot slots[CONV_SLOTS]);
/* Sets one: a known name gets the new value, a new one takes the place of the
 * oldest where all are in use. */
void slots_set(struct conv_slot slots[CONV_SLOTS], size_t *n, struct str name,
	       struct str value);
/* Forgets one; a name that is not there is fine. */
void slots_drop(struct conv_slot slots[CONV_SLOTS], size_t *n,
		const char *name);
/* NULL: not known. */
const char *slots_get(const struct conv_slot *slots, size_t n,
		      const char *name);
/* The text on the button of this value in a list of buttons as a bot's message
 * has it; false: none of them. */
bool button_text(struct str buttons, struct str value, char *to, size_t room);
/* Copies into a fixed room, cut at a code point's border, the rest zero (so
 * that equal states are equal bytes). */
void text_set(char *to, size_t room, struct str s);

#endif
