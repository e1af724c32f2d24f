/* A hash table with linear probing, and a set of hashes; see lexicon.h. */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/little.h"
#include "base/mem.h"
#include "fold.h"

#define FIRST_CAP   256
#define WHOLE_BYTES 8

struct word_slot {
	uint64_t key; /* of the text */
	struct word *word;
};

void lexicon_init(struct lexicon *lexicon, struct arena *arena)
{
	*lexicon = (struct lexicon){.arena = arena};
}

void lexicon_fini(struct lexicon *lexicon)
{
	free(lexicon->slots);
	free(lexicon->list);
	*lexicon = (struct lexicon){0};
}

size_t lexicon_bytes(const struct lexicon *lexicon)
{
	return lexicon->cap *
	       (sizeof(*lexicon->slots) + sizeof(*lexicon->list));
}

/* Of up to eight letters, which most words have, the letters themselves. */
static uint64_t key_of(struct str text)
{
	const unsigned char *at = (const unsigned char *)text.p;

	if (text.n < WHOLE_BYTES)
		return little_tail(at, text.n);
	return text.n == WHOLE_BYTES ? little_get(at)
				     : hash_bytes(HASH_SEED, at, text.n);
}

static inline bool is_word(const struct word_slot *slot, uint64_t key,
			   struct str text)
{
	if (slot->key != key || slot->word->text.n != text.n)
		return false;
	return text.n <= WHOLE_BYTES ||
	       memcmp(slot->word->text.p, text.p, text.n) == 0;
}

static inline struct word_slot *find_slot(const struct lexicon *lexicon,
					  uint64_t key, struct str text)
{
	size_t mask = lexicon->cap - 1;
	size_t at = hash_mix(HASH_SEED, key) & mask;

	while (lexicon->slots[at].word != NULL &&
	       !is_word(&lexicon->slots[at], key, text))
		at = (at + 1) & mask;
	return &lexicon->slots[at];
}

struct word *lexicon_find(const struct lexicon *lexicon, struct str text)
{
	if (lexicon->cap == 0)
		return NULL;
	return find_slot(lexicon, key_of(text), text)->word;
}

static void enter(struct lexicon *lexicon, struct word *word)
{
	uint64_t key = key_of(word->text);

	*find_slot(lexicon, key, word->text) = (struct word_slot){key, word};
}

static void lexicon_grow(struct lexicon *lexicon)
{
	size_t cap = lexicon->cap == 0 ? FIRST_CAP : lexicon->cap * 2;

	free(lexicon->slots);
	lexicon->slots = xcalloc(cap, sizeof(*lexicon->slots));
	lexicon->cap = cap;
	lexicon->list =
		xreallocarray(lexicon->list, cap, sizeof(*lexicon->list));
	for (size_t i = 0; i < lexicon->count; i++)
		enter(lexicon, lexicon->list[i]);
}

unsigned char text_traits(struct str text)
{
	bool figures = false, plain = text.n > 0, digits = text.n > 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool digit = is_digit(c);

		figures |= digit || c == '<';
		digits &= digit;
		plain &= digit || (c >= 'a' && c <= 'z') ||
			 (c >= 'A' && c <= 'Z') || c == '_';
	}
	return (unsigned char)((figures ? TEXT_FIGURES : 0) |
			       (plain ? TEXT_PLAIN : 0) |
			       (digits ? TEXT_DIGITS : 0));
}

struct word *lexicon_add(struct lexicon *lexicon, struct str text)
{
	struct word *word = lexicon_find(lexicon, text);

	if (word != NULL)
		return word;
	if (lexicon->count * 2 >= lexicon->cap)
		lexicon_grow(lexicon);
	word = arena_alloc(lexicon->arena, sizeof(*word));
	word->text = arena_str(lexicon->arena, text);
	word->id = (uint32_t)lexicon->count;
	word->traits = text_traits(text);
	lexicon->list[lexicon->count++] = word;
	enter(lexicon, word);
	return word;
}

void wordset_fini(struct wordset *set)
{
	buckets_fini(&set->words);
}

void wordset_add(struct wordset *set, struct str word)
{
	uint64_t hash = hash_bytes(HASH_SEED, word.p, word.n);

	if (word.n > 0 && word.n <= WORD_MAX_BYTES)
		buckets_add(&set->words, (uint32_t)hash,
			    (uint32_t)(hash >> 32));
}

void wordset_close(struct wordset *set)
{
	buckets_sort(&set->words);
}

bool wordset_has(const struct wordset *set, struct str word)
{
	uint64_t hash = hash_bytes(HASH_SEED, word.p, word.n);
	const uint32_t *at = buckets_at(&set->words, (uint32_t)hash);

	for (uint32_t i = at[0]; i < at[1]; i++) {
		if (set->words.items[i] == hash >> 32)
			return true;
	}
	return false;
}

void wordset_add_lines(struct wordset *set, struct str lines)
{
	struct buf folded = BUF_INIT;
	size_t i = 0;

	while (i < lines.n) {
		const char *end = memchr(lines.p + i, '\n', lines.n - i);
		size_t n =
			end != NULL ? (size_t)(end - lines.p) - i : lines.n - i;
		struct str line = str_trim((struct str){lines.p + i, n});

		i += n + 1;
		buf_clear(&folded);
		fold_into(&folded, line);
		if (folded.len == 0 ||
		    memchr(folded.data, '\'', folded.len) != NULL ||
		    memchr(folded.data, ' ', folded.len) != NULL)
			continue;
		wordset_add(set, buf_str(&folded));
	}
	buf_fini(&folded);
}
