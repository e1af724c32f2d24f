/* One step of the state machine while it is computed: what the files
 * conv_bot.c, conv_agent.c … share. Every event goes through step_emit(),
 * which also folds it into `now`, so that a step always reads the state that
 * its own events have made so far. */
#ifndef CHAT_STEP_H
#define CHAT_STEP_H

#include "chat/conv.h"

struct step {
	struct conv *now;              /* the state after the events so far */
	const struct catalog *catalog; /* NULL: no rules */
	struct matcher *matcher;
	const struct conv_policy *policy;
	const struct conv_input *in;
	struct conv_actions *out;
	/* Slots as the bot knows them: those of the conversation and what the
	 * message has just brought. Logged with what the bot says next. */
	struct conv_slot *slots; /* room for CONV_SLOTS */
	size_t slot_count;
	struct str about; /* the message that is answered; may be empty */
	char letter;      /* of the bot's next answer to it: m1.a, m1.b … */
	int64_t later_ms; /* the next step not before; 0: as the state has it */
	/* Of a source's answer; logged with the bot's next message, which is
	 * the one that ends the wait. */
	bool has_looked_up;
	enum conv_looked_up looked_up;
	uint64_t digest;
	struct str number; /* that the source did not know */
};

/* -- step.c: events ---------------------------------------------------- */

/* The input's own event, not yet with a seq: what its key and its content are
 * made of. False: it has none (lease lost, timer). */
bool step_own(const struct conv_input *in, struct arena *arena,
	      struct event *out);
/* Adds a copy of the event, at the input's time. */
void step_emit(struct step *s, const struct event *e);
/* The same for the input's own; puts the shopper's circumstances into it where
 * they have changed. */
void step_emit_own(struct step *s, struct event *e);
/* "WORD.N.T" where N is the seq that the next event will have and T the trail
 * of the log before it: equal on every daemon that computes the same step, and
 * not what stood there before the log lost its tail, which may come back from a
 * spool at another place. */
struct str step_id(struct step *s, const char *word);
/* "<id of the message that is answered>.<suffix>" */
struct str step_sub_id(struct step *s, const char *suffix);
/* A line of the system's to both sides. `outcome` may be NULL. */
void step_system(struct step *s, const char *word, const char *text,
		 const char *outcome);
/* Asks for feedback of this kind, a literal, in the words of the text
 * "ask_KIND": the system under the id "KIND.N", or somebody else. */
void step_ask(struct step *s, const char *kind);
void step_ask_as(struct step *s, struct str sender, struct str id,
		 const char *kind);
void step_refuse(struct step *s, enum conv_refusal why);
void step_queue(struct step *s, enum conv_queue_op op, const char *queue);
/* The change of owner: from now on writes of the old one are refused. */
uint64_t step_raise_fence(struct step *s);
/* "closed", as the input's own event or by the system (`own` NULL). */
void step_close(struct step *s, const char *reason, const struct event *own);
/* Back in line at the old place: as the input's own event or by the system,
 * under the id "WORD.N". `queue` NULL: the same. */
void step_requeue(struct step *s, const char *reason, const char *queue,
		  const struct event *own);
/* The name where it is one of the policy's queues, else the default. */
const char *step_queue_name(const struct step *s, const char *name);

/* -- texts.c: words ---------------------------------------------------- */

/* A text of the language files, or the built-in English one. */
struct str text_of(struct step *s, const char *name);
/* What the catalog has to say about a hand-off for this reason (its text
 * "reason_REASON", if any), and the text `general` (NULL: none) behind it. */
struct str text_for_reason(struct step *s, const char *reason,
			   const char *general);
/* What a language file may leave out; NULL: there is no text of that name. */
const char *text_builtin(const char *name);
/* Empty, with room for most of what a bot says. */
struct buf *text_begin(struct step *s);
/* A copy of it in the step's arena. */
struct str text_end(struct step *s);
/* The request for answers: language, id, slots and what texts may name. Values
 * live in the step's arena. */
struct answer_request text_request(struct step *s);
/* A JSON list of buttons, piece by piece. */
struct buttons {
	struct buf *json;
	size_t count;
};
/* One list at a time. */
struct buttons buttons_begin(struct step *s);
void buttons_add(struct buttons *b, struct str text, struct str value,
		 struct str url);
void buttons_add_intent(struct buttons *b, const struct intent *intent);
void buttons_add_person(struct buttons *b, struct step *s);
/* Into the arena; STR_NONE where there are none. */
struct str buttons_done(struct buttons *b, struct step *s);

/* -- conv_bot.c, conv_hand_over.c -------------------------------------- */

/* What the bot says, in short. */
struct say {
	const char *outcome;
	struct str text, buttons, intent;
	const char *kind; /* "chat": does not count; else NULL */
	const char *slot;
	struct str yes, no;
	struct str considered;
};
void bot_say(struct step *s, const struct say *say);
/* A text by its name with the person button; a "yes" takes the offer. */
void bot_offer_person(struct step *s, const char *text, const char *outcome);
/* Winners' answers, one after the other, and what follows from them. */
void bot_answer(struct step *s, const struct intent *const *intents, size_t n);
/* What follows from answers: a hand-over, the end, "did that help?" */
void bot_follow(struct step *s, const struct intent *const *intents, size_t n);
/* The first slot that the intent needs and nobody has told; or how many it
 * needs. */
size_t bot_missing(const struct step *s, const struct intent *intent);
bool bot_lacks(const struct step *s, const struct intent *intent); /* any */
/* One intent's answer alone; false: it has nothing to say. */
bool bot_answer_one(struct step *s, const struct intent *intent);
void bot_repeat(struct step *s, const struct intent *intent);
void bot_hears(struct step *s);   /* state bot */
void bot_in_line(struct step *s); /* state queued */
void bot_understand(struct step *s, struct match *m);
const struct intent *bot_chosen(const struct step *s);
void bot_learn(struct step *s, const struct match *m);

/* -- language.c: the message shows which language the shopper writes: all that
 * is said from here on is said in it. True where that is another one. */
bool language_heard(struct step *s, const struct match *m);

/* -- considered.c: what the message came close to; into the arena. STR_NONE:
 * nothing. */
struct str considered_in(struct step *s, const struct match *m);

struct hand_over {
	const char *reason, *queue, *intent, *kind;
	int priority;
	struct str considered;
	bool silent;   /* the caller has the words */
	bool answered; /* the intent's own answer has just been said: that a
			* colleague comes is left to it */
};
void hand_over(struct step *s, const struct hand_over *why);
/* Nobody is there who could take a chat from it, and that during the hours:
 * outside of them nobody is expected. */
bool line_is_unattended(const struct step *s, const char *queue);

/* -- conv_lookup.c ----------------------------------------------------- */

/* That the intent looks things up in; NULL: none. */
const struct conv_source *lookup_source(const struct step *s,
					const struct intent *intent);
/* Begins the lookup of one of them where there is one to be done; its index
 * there, else `n`. */
size_t lookup_begin(struct step *s, const struct intent *const *intents,
		    size_t n);
/* A source has answered. */
void looked_up(struct step *s);
/* The oldest that waits for a source; 0: none does. */
int64_t lookup_due_ms(const struct conv *conv);
/* Its source is silent for good. */
void lookup_overdue(struct step *s);

/* -- the other inputs -------------------------------------------------- */

void shopper_gives_feedback(struct step *s);
void shopper_leaves(struct step *s);
/* Score of a typed "yes" or "no" to "did that help?" */
void shopper_rates(struct step *s, int64_t score);
void agent_does(struct step *s);
void lease_lost(struct step *s);
void timer_fires(struct step *s);

/* What was on the shopper's screen already is logged all the same. */
void shown_is_logged(struct step *s);

/* -- conv_fold.c ------------------------------------------------------- */

/* Names an answer: the same intent with the same slots and, where a source
 * was asked, the same found (else `digest` 0). */
uint64_t conv_answer_hash(struct str intent, const struct conv_slot *slots,
			  size_t n, uint64_t digest);
/* What a shopper's message with the mark `lookup` does. */
void conv_note_lookup(struct conv *conv, const struct event *e);

#endif
