/* Rules against the data sources of a configuration: a lookup needs its source,
 * the source its slots, and a text only fields that the source gives. Which
 * sources there are is the caller's to say; rules alone do not know. */
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "template.h"

#define NAMES_MAX 64 /* that "did you mean" looks at */

struct check {
	const struct catalog *catalog;
	const struct catalog_source *list;
	size_t n;
	struct diags *diags;
	/* of the intent at hand */
	const struct intent *intent;
	const struct catalog_source *source;
	const struct text *text;
};

static const struct catalog_source *find(const struct check *k, struct str name)
{
	for (size_t i = 0; i < k->n; i++) {
		if (str_is(name, k->list[i].name))
			return &k->list[i];
	}
	return NULL;
}

static void no_source(const struct check *k)
{
	const struct text *lookup = &k->intent->lookup;
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	for (; n < k->n && n < NAMES_MAX; n++)
		names[n] = k->list[n].name;
	near = diag_nearest(lookup->s, names, n);
	if (near != NULL)
		diag_warning(k->diags, lookup->at,
			     "no source \"%.*s\" in the configuration; did you "
			     "mean \"%s\"?",
			     STR_ARG(lookup->s), near);
	else
		diag_warning(k->diags, lookup->at,
			     "no source \"%.*s\" in the configuration, so %s "
			     "answers without it; add it under \"sources:\"",
			     STR_ARG(lookup->s), k->intent->info.name);
}

/* ---- what the source is asked with ------------------------------------ */

static bool is_asked_for(const struct intent *in, const char *slot)
{
	for (size_t i = 0; i < in->info.needs; i++) {
		if (str_is(in->needs[i].name.s, slot))
			return true;
	}
	return false;
}

static void check_slots(const struct check *k)
{
	for (size_t i = 0; i < k->source->slot_count; i++) {
		const char *slot = k->source->slots[i];

		if (!is_asked_for(k->intent, slot) &&
		    catalog_entity(k->catalog, str_of(slot)) == NULL)
			diag_warning(k->diags, k->intent->lookup.at,
				     "source \"%s\" is asked with {%s}, which "
				     "%s never has; put it under \"needs:\"",
				     k->source->name, slot,
				     k->intent->info.name);
	}
}

/* ---- what the source gives -------------------------------------------- */

static bool gives(const struct catalog_source *source, struct str field)
{
	for (size_t i = 0; i < source->field_count; i++) {
		if (str_is(field, source->fields[i]))
			return true;
	}
	return source->field_count == 0;
}

static void check_field(const struct check *k, struct str name)
{
	size_t head = strlen(k->source->name);
	struct str field;
	const char *near;

	if (name.n <= head || name.p[head] != '.' ||
	    memcmp(name.p, k->source->name, head) != 0)
		return;
	field = (struct str){name.p + head + 1, name.n - head - 1};
	if (gives(k->source, field))
		return;
	near = diag_nearest(field, k->source->fields, k->source->field_count);
	if (near != NULL)
		diag_warning(k->diags, k->text->at,
			     "source \"%s\" gives no \"%.*s\"; did you mean "
			     "\"%s\"?",
			     k->source->name, STR_ARG(field), near);
	else
		diag_warning(k->diags, k->text->at,
			     "source \"%s\" gives no \"%.*s\"; add it to the "
			     "source's \"fields:\", or take it out",
			     k->source->name, STR_ARG(field));
}

static void in_condition(void *arg, struct str name, bool defaulted)
{
	(void)defaulted;
	check_field(arg, name);
}

static void in_text(void *arg, struct str name, bool defaulted)
{
	if (!defaulted)
		check_field(arg, name);
}

static void check_fields(struct check *k)
{
	for (size_t i = 0; i < k->intent->answer_count; i++) {
		const struct answer *a = &k->intent->answers[i];

		k->text = &a->when;
		if (a->condition != NULL)
			condition_names(a->condition, in_condition, k);
		k->text = &a->say;
		template_names(a->template, in_text, k);
	}
}

/* ---- all -------------------------------------------------------------- */

void catalog_lint_sources(const struct catalog *c,
			  const struct catalog_source *sources, size_t n,
			  struct diags *diags)
{
	struct check k = {
		.catalog = c, .list = sources, .n = n, .diags = diags};

	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next) {
		if (in->lookup.s.p == NULL)
			continue;
		k.intent = in;
		k.source = find(&k, in->lookup.s);
		if (k.source == NULL) {
			no_source(&k);
			continue;
		}
		check_slots(&k);
		check_fields(&k);
	}
	diags_sort(diags);
}
