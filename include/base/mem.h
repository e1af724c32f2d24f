/* Memory that cannot fail: when there is none, the process ends (abort()), so
 * that nobody writes half-tested recovery. What a stranger can make grow
 * is capped before it gets here. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* As malloc, calloc, realloc, strdup and strndup; never NULL (a size of 0
 * gives a block that may be freed). The caller frees with free(). */
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
void *xrealloc(void *old, size_t bytes);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* realloc(count * bytes) with the product checked. */
void *xreallocarray(void *old, size_t count, size_t bytes);

/* How much a pool may keep for the next one; nothing under AddressSanitizer,
 * which is to see whoever uses what was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define POOL(most) 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL(most) 0
#endif
#endif
#ifndef POOL
#define POOL(most) (most)
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
