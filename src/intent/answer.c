/* Choosing and rendering what to say. Which of several variants is taken
 * depends on the message's id only, so that a message that is answered again
 * after a restart gets the same words. */
#include <string.h>

#include "base/hash.h"
#include "catalog.h"
#include "intent/intent.h"
#include "template.h"

struct scope {
	const struct catalog *catalog;
	const struct answer_request *request;
};

static struct str look_up(const void *arg, struct str name)
{
	const struct scope *s = arg;
	const struct answer_request *r = s->request;
	const struct pair *fact;

	for (size_t i = 0; i < r->value_count; i++) {
		if (str_is(name, r->values[i].name))
			return r->values[i].value;
	}
	if (name.n <= 5 || memcmp(name.p, "shop.", 5) != 0)
		return STR_NONE;
	fact = map_get(s->catalog->facts, (struct str){name.p + 5, name.n - 5});
	return fact != NULL ? fact->to.s : STR_NONE;
}

static size_t variant(const struct answer_request *request, size_t n)
{
	if (n < 2 || request->message_id.p == NULL)
		return 0;
	return (hash_bytes(HASH_SEED, request->message_id.p,
			   request->message_id.n) >>
		33) %
	       n;
}

static void render(const struct scope *scope, const struct template *t,
		   const struct language *language, struct buf *out)
{
	struct template_env env = {
		.lookup = look_up,
		.arg = scope,
		.language = language,
		.keep = scope->request->keep_slots,
	};

	if (t != NULL)
		template_render(t, &env, out);
}

static const struct answer *choose(const struct scope *scope,
				   const struct intent *in)
{
	size_t plain = 0, which;

	for (size_t i = 0; i < in->answer_count; i++) {
		const struct answer *a = &in->answers[i];

		if (a->condition == NULL)
			plain++;
		else if (condition_holds(a->condition, look_up, scope))
			return a;
	}
	which = variant(scope->request, plain);
	for (size_t i = 0; i < in->answer_count; i++) {
		if (in->answers[i].condition == NULL && which-- == 0)
			return &in->answers[i];
	}
	return NULL;
}

/* Formats are those of the language of the text. */
bool answer_render(const struct catalog *catalog, const struct intent *intent,
		   const struct answer_request *request, struct buf *text)
{
	struct scope scope = {catalog, request};
	const struct answer *a = choose(&scope, intent);

	if (a == NULL)
		return false;
	render(&scope, a->template, catalog->own, text);
	return true;
}

void answer_need(const struct catalog *catalog, const struct intent *intent,
		 size_t i, const struct answer_request *request,
		 struct buf *text)
{
	struct scope scope = {catalog, request};

	if (i < intent->info.needs)
		render(&scope, intent->needs[i].ask, catalog->own, text);
}

static const struct named_text *text_in(const struct language *l,
					struct str name)
{
	return l != NULL ? map_get(l->texts_by_name, name) : NULL;
}

bool answer_text(const struct catalog *catalog, const char *name,
		 const struct answer_request *request, struct buf *text)
{
	struct scope scope = {catalog, request};
	const struct language *l = catalog_language(catalog, request->locale);
	const struct named_text *t = text_in(l, str_of(name));

	if (t == NULL) {
		l = catalog->own;
		t = text_in(l, str_of(name));
	}
	if (t == NULL)
		return false;
	render(&scope, t->templates[variant(request, t->variant_count)], l,
	       text);
	return true;
}
