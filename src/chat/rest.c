/* A conversation without its zeros: one bit for each of its machine words, then
 * the words that are not zero; see rest.h. */
#include "rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WORDS (sizeof(struct conv) / sizeof(uint64_t))
#define LIMBS ((WORDS + 63) / 64)

_Static_assert(sizeof(struct conv) % sizeof(uint64_t) == 0, "in whole words");

struct rest {
	uint64_t kept[LIMBS]; /* bits: which words follow */
	uint64_t words[];
};

struct rest *rest_of(const struct conv *conv)
{
	const char *from = (const char *)conv;
	uint64_t kept[LIMBS] = {0}, words[WORDS];
	struct rest *rest;
	size_t n = 0;

	for (size_t i = 0; i < WORDS; i++) {
		memcpy(&words[n], from + i * sizeof(*words), sizeof(*words));
		if (words[n] == 0)
			continue;
		kept[i / 64] |= UINT64_C(1) << i % 64;
		n++;
	}
	rest = xmalloc(sizeof(*rest) + n * sizeof(*words));
	memcpy(rest->kept, kept, sizeof(kept));
	memcpy(rest->words, words, n * sizeof(*words));
	return rest;
}

void rest_wake(const struct rest *rest, struct conv *conv)
{
	const uint64_t *word = rest->words;
	char *to = (char *)conv;

	memset(conv, 0, sizeof(*conv));
	for (size_t i = 0; i < WORDS; i++)
		if ((rest->kept[i / 64] >> i % 64 & 1) != 0)
			memcpy(to + i * sizeof(*word), word++, sizeof(*word));
}
