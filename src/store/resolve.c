/* A host's addresses, looked up in libuv's pool; see resolve.h. Keeps nothing:
 * whoever connects anew asks anew, as a name may have moved. */
#include "resolve.h"

#include <stdlib.h>

#include <uv.h>

#include "base/mem.h"

struct lookup {
	uv_getaddrinfo_t uv;
	struct loop *loop;
	struct deferred failed; /* where it could not even begin */
	int error;
	resolve_fn *fn; /* NULL: cancelled */
	void *arg;
};

static void keep(struct resolved *found, const struct addrinfo *list)
{
	for (; list != NULL && found->count < RESOLVED_MAX;
	     list = list->ai_next) {
		char *out = found->addresses[found->count];
		const void *sa = list->ai_addr;

		if (list->ai_family == AF_INET)
			found->count +=
				uv_ip4_name(sa, out, INET6_ADDRSTRLEN) == 0;
		else if (list->ai_family == AF_INET6)
			found->count +=
				uv_ip6_name(sa, out, INET6_ADDRSTRLEN) == 0;
	}
}

static void on_resolved(uv_getaddrinfo_t *uv, int status, struct addrinfo *list)
{
	struct lookup *lookup = uv->data;
	struct resolved found = {.count = 0};

	if (status == 0)
		keep(&found, list);
	uv_freeaddrinfo(list);
	if (lookup->fn != NULL)
		lookup->fn(lookup->arg, &found,
			   status < 0 ? uv_strerror(status)
				      : "the name has no address");
	free(lookup);
}

static void on_failed(void *arg)
{
	struct lookup *lookup = arg;

	on_resolved(&lookup->uv, lookup->error, NULL);
}

struct lookup *resolve(struct loop *loop, const char *host, resolve_fn *fn,
		       void *arg)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
				       .ai_socktype = SOCK_STREAM};
	struct lookup *lookup = xcalloc(1, sizeof(*lookup));

	lookup->loop = loop;
	lookup->fn = fn;
	lookup->arg = arg;
	lookup->uv.data = lookup;
	lookup->failed = (struct deferred){.call = on_failed, .arg = lookup};
	lookup->error = uv_getaddrinfo(loop_uv(loop), &lookup->uv, on_resolved,
				       host, NULL, &hints);
	if (lookup->error != 0)
		loop_defer(loop, &lookup->failed);
	return lookup;
}

void resolve_cancel(struct lookup **lookupp)
{
	struct lookup *lookup = *lookupp;

	if (lookup == NULL)
		return;
	*lookupp = NULL;
	lookup->fn = NULL;
	if (lookup->error == 0) {
		uv_cancel((uv_req_t *)&lookup->uv);
		return;
	}
	loop_undefer(lookup->loop, &lookup->failed);
	free(lookup);
}
