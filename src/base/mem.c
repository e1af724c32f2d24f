/* Memory that cannot fail; see mem.h. The only place of the pure folders that
 * may end the process. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *p)
{
	if (p == NULL)
		abort(); /* out of memory: the supervisor starts us again */
	return p;
}

void *xmalloc(size_t bytes)
{
	return need(malloc(bytes == 0 ? 1 : bytes));
}

/* glibc's calloc() goes past the memory that malloc() keeps at hand, which
 * costs more than to clear small pieces here. */
#define SMALL 1024

void *xcalloc(size_t count, size_t bytes)
{
	size_t all;

	if (count == 0 || bytes == 0)
		count = bytes = 1;
	if (!__builtin_mul_overflow(count, bytes, &all) && all <= SMALL)
		return memset(xmalloc(all), 0, all);
	return need(calloc(count, bytes));
}

void *xrealloc(void *old, size_t bytes)
{
	return need(realloc(old, bytes == 0 ? 1 : bytes));
}

void *xreallocarray(void *old, size_t count, size_t bytes)
{
	if (bytes != 0 && count > SIZE_MAX / bytes)
		return need(NULL);
	return xrealloc(old, count * bytes);
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	char *copy = xmalloc(n + 1);

	if (n > 0)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}
