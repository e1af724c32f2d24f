/* A knock at the loop's door from another thread (uv_async_send). Carries no
 * value: what there is to say stands where both can read it, under a lock of
 * theirs. */
#include <stdlib.h>

#include <uv.h>

#include "base/mem.h"
#include "io/loop.h"

struct waker {
	uv_async_t uv;
	waker_fn *woken;
	void *arg;
};

static void on_async(uv_async_t *handle)
{
	struct waker *waker = handle->data;

	waker->woken(waker->arg);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct waker *waker_new(struct loop *loop, waker_fn *woken, void *arg)
{
	struct waker *waker = xcalloc(1, sizeof(*waker));

	uv_async_init(loop_uv(loop), &waker->uv, on_async);
	uv_unref((uv_handle_t *)&waker->uv);
	waker->uv.data = waker;
	waker->woken = woken;
	waker->arg = arg;
	return waker;
}

void waker_wake(struct waker *waker)
{
	uv_async_send(&waker->uv);
}

void waker_free(struct waker **waker)
{
	if (*waker == NULL)
		return;
	uv_close((uv_handle_t *)&(*waker)->uv, on_closed);
	*waker = NULL;
}
