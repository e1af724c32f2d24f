/* The vocabulary of a set of rules, for people to read: the words that phrases
 * are made of or language files rewrite, and what each word group can be. Only
 * looks into the loaded catalog. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "forms.h"

static int by_text(const void *a, const void *b)
{
	return str_cmp((*(const struct word *const *)a)->text,
		       (*(const struct word *const *)b)->text);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp((*(const struct group *const *)a)->name.s,
		       (*(const struct group *const *)b)->name.s);
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Placeholders of entities are in the lexicon, but no words. */
static bool is_word(const struct word *w)
{
	return (w->rule || w->language) && w->text.n > 0 && w->text.p[0] != '<';
}

void catalog_words(const struct catalog *c,
		   void (*each)(void *arg, const struct catalog_word *word),
		   void *arg)
{
	const struct word **list =
		xcalloc(c->lexicon.count + 1, sizeof(struct word *));
	size_t n = 0;

	for (size_t i = 0; i < c->lexicon.count; i++) {
		if (is_word(c->lexicon.list[i]))
			list[n++] = c->lexicon.list[i];
	}
	qsort(list, n, sizeof(struct word *), by_text);
	for (size_t i = 0; i < n; i++) {
		const struct word *w = list[i];

		each(arg, &(struct catalog_word){
				  .text = w->text,
				  .is_rule = w->rule,
				  .is_protected =
					  wordset_has(&c->protected, w->text),
				  .becomes = w->becomes,
				  .become_count = w->become_count,
			  });
	}
	free(list);
}

static void tell_group(const struct group *g,
		       void (*each)(void *arg, struct str name,
				    const struct str *forms, size_t n),
		       void *arg)
{
	struct forms forms;
	struct str *list;
	size_t n = 0;

	forms_init(&forms);
	if (!forms_of_alt(g->alt, &forms)) {
		each(arg, g->name.s, NULL, 0);
		forms_fini(&forms);
		return;
	}
	list = xcalloc(forms.n + 1, sizeof(*list));
	for (size_t i = 0; i < forms.n; i++)
		list[i] = forms_get(&forms, i);
	qsort(list, forms.n, sizeof(*list), by_bytes);
	for (size_t i = 0; i < forms.n; i++) {
		if (n == 0 || !str_eq(list[n - 1], list[i]))
			list[n++] = list[i];
	}
	each(arg, g->name.s, list, n);
	free(list);
	forms_fini(&forms);
}

void catalog_groups(const struct catalog *c,
		    void (*each)(void *arg, struct str name,
				 const struct str *forms, size_t n),
		    void *arg)
{
	const struct group **list =
		xcalloc(c->rules.group_count + 1, sizeof(struct group *));
	size_t n = 0;

	for (const struct group *g = c->rules.groups; g != NULL; g = g->next) {
		if (n < c->rules.group_count)
			list[n++] = g;
	}
	qsort(list, n, sizeof(struct group *), by_name);
	for (size_t i = 0; i < n; i++)
		tell_group(list[i], each, arg);
	free(list);
}
