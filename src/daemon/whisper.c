/* What passes between daemons without being logged: typing, read marks, and
 * whether the shopper is there. One line of words; lost ones are no loss. */
#include <stdio.h>
#include <string.h>

#include "server.h"

static void whisper(struct server *s, const char *conv, const char *word,
		    const char *who, uint64_t value)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s %s %llu", word, who,
			 (unsigned long long)value);

	if (!s->closing && store_is_up(s->store))
		store_whisper(s->store, conv, (struct str){text, (size_t)n});
}

void whisper_typing(struct server *s, const char *conv, bool agent, bool on)
{
	whisper(s, conv, "typing", agent ? "agent" : "shopper", on);
}

void whisper_read(struct server *s, const char *conv, bool agent, uint64_t upto)
{
	whisper(s, conv, "read", agent ? "agent" : "shopper", upto);
}

void whisper_present(struct server *s, const char *conv, bool present)
{
	whisper(s, conv, "present", "shopper", present);
}

void whisper_context(struct server *s, const char *conv)
{
	whisper(s, conv, "context", "shopper", 0);
}

void whisper_who(struct server *s, const char *conv)
{
	whisper(s, conv, "who", "agent", 0);
}

void whisper_heard(struct server *s, const char *conv, struct str text)
{
	char word[16], who[16], line[64];
	unsigned long long value;
	bool agent;

	if (text.n >= sizeof(line))
		return;
	memcpy(line, text.p, text.n);
	line[text.n] = '\0';
	if (sscanf(line, "%15s %15s %llu", word, who, &value) != 3)
		return;
	agent = strcmp(who, "agent") == 0;
	if (strcmp(word, "typing") == 0 && agent)
		shoppers_typing(s, conv, value != 0);
	else if (strcmp(word, "typing") == 0)
		desk_typing(s, conv, value != 0);
	else if (strcmp(word, "read") == 0 && agent)
		shoppers_read(s, conv, value);
	else if (strcmp(word, "read") == 0)
		desk_read(s, conv, value);
	else if (strcmp(word, "present") == 0)
		desk_shopper_present(s, conv, value != 0);
	else if (strcmp(word, "context") == 0)
		desk_facts(s, conv);
	else if (strcmp(word, "who") == 0 && shoppers_present(s, conv)) {
		whisper_present(s, conv, true);
		context_wanted(s, conv);
	}
}
