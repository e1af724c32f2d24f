/* What a shop's own service answers, and the pointers that pick values out of
 * it: the pointer up to the first line feed, the JSON behind it. What is picked
 * is text that can be said. */
#include "wire/pointer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static void on_value(void *arg, size_t i, struct str value)
{
	size_t *count = arg;

	need(i < 3);
	need(value.p != NULL && utf8_valid(value.p, value.n));
	++*count;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct str json = {(const char *)data, size};
	struct str given = str_cut(&json, '\n');
	char *pointer = xstrndup(given.p, given.n);
	const char *const pointers[] = {pointer, "", "/0"};
	size_t count = 0;
	enum picked picked;

	if (pointer_is_valid(given)) {
		picked = pointers_pick(json, pointers, ARRAY_LEN(pointers),
				       on_value, &count);
		need((picked == PICKED_SOME) == (count > 0));
	}
	free(pointer);
	return 0;
}
