/* What the parts of `answerctl agent` share. */
#ifndef CLI_AGENT_H
#define CLI_AGENT_H

#include "link.h"

#define AGENT_KEY_MAX 80

/* "agent:NAME" */
void agent_key(char key[AGENT_KEY_MAX], const char *name);
/* The agent's fields; where there is none, or no answer, that is printed and
 * the exit status is not CLI_OK. */
int agent_find(struct link *link, const char *name, struct hash *out);

int agent_list(struct link *link);
/* Prints a new token of the agent. */
int agent_token(struct link *link, const char *name);
/* Ends all tokens of the agent. */
int agent_revoke(struct link *link, const char *name);

#endif
