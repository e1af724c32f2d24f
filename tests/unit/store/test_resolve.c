/* Looking up a host's addresses: what the resolver says, that it may be slow,
 * and that whoever leaves meanwhile does not fall over it. */
#include "resolve.h"

#include <netdb.h>
#include <stdatomic.h>
#include <unistd.h>

#include "check.h"
#include "turn.h"

static struct loop *loop;
static atomic_int begun;
static atomic_bool go;

/* In the place of the C library's, on a thread of libuv's pool. */
int getaddrinfo(const char *restrict host, const char *restrict service,
		const struct addrinfo *restrict hints,
		struct addrinfo **restrict list)
{
	(void)host;
	(void)service;
	(void)hints;
	*list = NULL;
	begun++;
	while (!go)
		usleep(1000);
	usleep(50000);
	return EAI_AGAIN;
}

struct outcome {
	unsigned times;
	size_t count;
	bool reason;
};

static void on_resolved(void *arg, const struct resolved *found,
			const char *error)
{
	struct outcome *o = arg;

	o->times++;
	o->count = found->count;
	o->reason = error[0] != '\0';
}

static struct lookup *begin(struct outcome *o)
{
	struct lookup *lookup;

	begun = 0;
	go = false;
	loop = loop_new();
	lookup = resolve(loop, "redis.example", on_resolved, o);
	TURN_UNTIL(loop, begun == 1);
	CHECK(begun == 1 && o->times == 0);
	go = true;
	return lookup;
}

static void a_name_that_cannot_be_looked_up_is_told(void)
{
	struct outcome o = {0};

	begin(&o);
	TURN_UNTIL(loop, o.times == 1);
	CHECK(o.times == 1 && o.count == 0 && o.reason);
	loop_free(&loop);
}

static void what_is_cancelled_is_waited_for_and_not_told(void)
{
	struct outcome o = {0};
	struct lookup *lookup = begin(&o);

	resolve_cancel(&lookup);
	CHECK(lookup == NULL);
	loop_free(&loop);
	CHECK(loop == NULL && o.times == 0);
}

int main(void)
{
	RUN(a_name_that_cannot_be_looked_up_is_told);
	RUN(what_is_cancelled_is_waited_for_and_not_told);
	return check_done("store/resolve");
}
