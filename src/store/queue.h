/* Lists of queues' names, kept over a wait; for queue.c and claim.c. */
#ifndef QUEUE_H
#define QUEUE_H

#include <stddef.h>

/* A copy of the names, for queue_names_free(). */
char **queue_names(const char *const *queues, size_t n);
void queue_names_free(char **names, size_t n);

#endif
