/* The load generator: many shoppers from one process, by epoll. What one of
 * them says and hears is shopper.c's, when they say it and what is told in
 * the end main.c's; latencies go into histograms.
 *
 * A paced message has a time at which it is due, whatever became of those
 * before it, and its latency counts from then: a server that stalls does not
 * get its stall forgiven because we waited with it. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

#define SHOPPER_OUTSTANDING 256 /* messages of one that may be unanswered */

enum shopper_state {
	SHOPPER_CONNECTING,
	SHOPPER_UPGRADING,
	SHOPPER_GREETING, /* hello is sent */
	SHOPPER_READY,
	SHOPPER_GONE,
};

struct sentences {
	char **list;
	size_t count;
};

struct load {
	int epoll;
	unsigned port;
	bool plain;  /* an echo: no hello, two frames a message */
	bool stored; /* a message is done when it is stored */
	struct sentences sentences;

	size_t ready, gone;
	uint64_t sent, acked, answered, stored_count, done, errors;
	uint64_t announced; /* shoppers who have heard an announcement */
	int64_t first_announced_ns, last_announced_ns;
	bool counting; /* latencies count */
	struct histogram ack, answer, stored_times;
	char trouble[256]; /* the first that went wrong */
};

struct shopper {
	struct load *load;
	int fd;
	enum shopper_state state;
	bool announced;
	unsigned outstanding;
	uint64_t said;          /* ids m1, m2 … */
	uint64_t acks, answers; /* plain: of which message comes next */
	int64_t *due_ns;        /* by id, SHOPPER_OUTSTANDING of them */
	unsigned char *waits;   /* the same: what is still to come */
	char *rest;             /* of a frame that is not whole yet */
	size_t rest_length;
};

int64_t load_now_ns(void);

/* Begins to connect; false: it cannot. */
bool shopper_start(struct shopper *s, struct load *load);
/* What epoll tells. Returns how many messages were done by it. */
unsigned shopper_on_event(struct shopper *s, uint32_t events);
/* False: as much as may be outstanding is. */
bool shopper_say(struct shopper *s, int64_t due_ns);
void shopper_end(struct shopper *s);

#endif
