/* The order of units: those of one conversation form a lane, the firsts of all
 * lanes stand in one line (outbox.c says why). */
#ifndef LANES_H
#define LANES_H

#include "steps.h"

struct lane {
	struct unit *first, **last;
};

/* At the end of the line. */
void lanes_line_up(struct outbox *box, struct unit *unit);
/* Takes the first off the line, which is not empty. */
struct unit *lanes_take(struct outbox *box);

/* At the end of its lane. True: it is the first. */
bool lanes_join(struct outbox *box, struct unit *unit);
/* In front of all in its lane that is not yet on its way and may not stand
 * anywhere, or came in an earlier round. */
void lanes_join_in_front(struct outbox *box, struct unit *unit,
			 struct lane *lane);
/* Ends the lane of its first unit; returns those behind it. */
struct unit *lanes_break(struct outbox *box, struct unit *unit);
/* The first unit of a lane leaves, the next one may go. */
void lanes_move_up(struct outbox *box, struct unit *unit);
/* Of those behind a unit that was refused: who may stand anywhere forms the
 * lane anew; returns the others. */
struct unit *lanes_keep_anywhere(struct outbox *box, struct unit *unit);

/* Is something of this conversation replayed? Then it has to wait: */
bool lanes_is_blocked(const struct outbox *box, const struct unit *unit);
void lanes_block(struct outbox *box, struct unit *unit);
/* All of them back in line; who has to wait on is blocked anew. */
void lanes_unblock(struct outbox *box);

#endif
