/* Sends together, by io_uring; see burst.h. None is ever under way after
 * burst_send(): with MSG_DONTWAIT the kernel does each as it takes it, and
 * has its result before it returns. */
#include "burst.h"

#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"

struct burst {
	struct io_uring ring;
	unsigned count;
};

/* One that fails does not keep those behind it from being taken. */
struct burst *burst_new(unsigned room)
{
	struct burst *burst = xcalloc(1, sizeof(*burst));

	if (io_uring_queue_init(room, &burst->ring, IORING_SETUP_SUBMIT_ALL) ==
	    0)
		return burst;
	free(burst);
	return NULL;
}

void burst_free(struct burst **burst)
{
	if (*burst == NULL)
		return;
	io_uring_queue_exit(&(*burst)->ring);
	free(*burst);
	*burst = NULL;
}

void burst_add(struct burst *burst, int fd, struct str bytes)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&burst->ring);

	io_uring_prep_send(entry, fd, bytes.p, bytes.n,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	io_uring_sqe_set_data64(entry, burst->count++);
}

bool burst_send(struct burst *burst, size_t *sent)
{
	unsigned count = burst->count;
	int taken = io_uring_submit_and_wait(&burst->ring, count);

	burst->count = 0;
	for (unsigned i = 0; i < count; i++)
		sent[i] = 0;
	for (int i = 0; i < taken; i++) {
		struct io_uring_cqe *end;

		while (io_uring_wait_cqe(&burst->ring, &end) != 0)
			; /* a signal */
		if (end->res > 0)
			sent[io_uring_cqe_get_data64(end)] = (size_t)end->res;
		io_uring_cqe_seen(&burst->ring, end);
	}
	return taken == (int)count; /* what is left would go out later */
}
