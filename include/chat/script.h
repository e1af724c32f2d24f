/* Dialogue scripts: what operators write to say how a conversation shall go,
 * run through the state machine on a made-up clock, without daemon or Redis.
 * One thing a line; empty lines and lines that begin with "#" are passed over.
 *
 *   == a title                   a new conversation begins
 *
 *   shopper: TEXT                the shopper writes
 *   shopper presses: TEXT        a button that stands there, by text or value
 *   shopper asks for a person
 *   shopper rates: 4             answers the newest request for feedback
 *   shopper leaves
 *   agent NAME claims            takes the chat
 *   agent NAME: TEXT             writes
 *   agent NAME notes: TEXT
 *   agent NAME releases          back in line
 *   agent NAME transfers to: QUEUE
 *   agent NAME resolves
 *   agent vanishes               the lease of who has the chat runs out
 *   wait: 5 min                  s, min, h, d; what falls due meanwhile happens
 *   hours: closed                from now on; "open" again
 *   team: away                   nobody is online, from now on; "there" again
 *   locale: de                   of the shopper, from now on
 *   source: order order_id       rules can look things up in "order", asked
 *                                with the slots named; until the next title
 *   lookup: found order.status=shipped order.carrier='Parcel Post'
 *   lookup: not found            what comes of the newest lookup; without
 *   lookup: failed               such a line none comes, and time goes by
 *
 * After each of these, what must have come of it, in any number of lines:
 *
 *   bot: TEXT                    the bot said something that holds TEXT (no
 *                                matter which case); TEXT between slashes is
 *                                an extended regular expression
 *   bot: nothing                 it said nothing
 *   system: TEXT                 the same for what the system says (an agent
 *                                joined, a reminder)
 *   note: TEXT                   the same for notes between agents
 *   intent: NAME                 an answer of this intent
 *   button: TEXT                 a button, by text or value
 *   asks: solved                 feedback is asked for (solved, csat)
 *   state: queued                bot, queued, assigned, closed
 *   queue: NAME · reason: NAME · kind: NAME · priority: N · agent: NAME
 *   refused: taken               closed, not_yours, taken, not_now, bad_ask,
 *                                bad_score
 *
 * Several "bot:" lines are met by different messages, in their order. */
#ifndef CHAT_SCRIPT_H
#define CHAT_SCRIPT_H

#include "base/diag.h"
#include "chat/conv.h"

struct script_result {
	size_t dialogues;
	size_t checks; /* lines that expect something, or cannot be done */
	size_t failed; /* of them */
};

/* The numbers that scripts run under: those of the shipped configuration. */
extern const struct conv_policy script_policy;

/* Runs all dialogues of one file; what did not come is in `diags`, with its
 * place, what was expected and what came. Adds to `result`. `policy` NULL:
 * script_policy. */
void script_run(const struct catalog *catalog, const struct conv_policy *policy,
		const char *file, struct str text, struct diags *diags,
		struct script_result *result);

#endif
