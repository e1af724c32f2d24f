/* Kinds of entity that fit the same stretch with nothing to decide between
 * them: tried on numbers of every length and on the examples. */
#include <string.h>

#include "base/mem.h"
#include "catalog.h"
#include "entity.h"
#include "lint.h"
#include "pattern.h"

#define LONGEST_NUMBER 20

struct ties {
	const struct catalog *catalog;
	struct engine *engine;
	struct diags *diags;
	uint64_t reported[RULES_MAX_ENTITIES]; /* bits: pairs */
};

static bool is_tie(const struct found_span *a, const struct found_span *b)
{
	const struct entity *x = a->entity, *y = b->entity;

	return a->at == b->at && a->end == b->end && x != y &&
	       (x->beaten_by >> y->id & 1) == (y->beaten_by >> x->id & 1);
}

static void try_text(struct ties *t, struct str text)
{
	struct byte_set bytes = byte_set_of(text);
	struct spans spans;

	entities_find(t->catalog, t->engine, text, &bytes, &spans);
	for (size_t i = 0; i + 1 < spans.n; i++) {
		const struct found_span *a = &spans.list[i];
		const struct found_span *b = a + 1;
		uint64_t bit = UINT64_C(1) << b->entity->id;

		/* a near word decides, where there is one */
		if (!is_tie(a, b) || (t->reported[a->entity->id] & bit) != 0 ||
		    a->entity->near_pattern != NULL ||
		    b->entity->near_pattern != NULL)
			continue;
		t->reported[a->entity->id] |= bit;
		diag_error(t->diags, b->entity->name.at,
			   "\"%.*s\" may be %.*s or %.*s; say with "
			   "\"yields_to\" which one gives way",
			   (int)(a->end - a->at), text.p + a->at,
			   STR_ARG(a->entity->name.s),
			   STR_ARG(b->entity->name.s));
	}
}

void lint_entities(const struct catalog *c, struct diags *diags)
{
	static const char *const around[] = {"", "+", "#", "$", "€"};
	struct ties t = {.catalog = c, .engine = engine_new(), .diags = diags};
	struct buf text = BUF_INIT;

	for (size_t n = 1; n <= LONGEST_NUMBER; n++) {
		for (size_t k = 0; k < ARRAY_LEN(around); k++) {
			buf_clear(&text);
			buf_add_s(&text, around[k]);
			for (size_t i = 0; i < n; i++)
				buf_add_c(&text, (char)('1' + i % 9));
			try_text(&t, buf_str(&text));
		}
	}
	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next) {
		for (size_t i = 0; i < in->example_count; i++)
			try_text(&t, in->examples[i].s);
	}
	engine_free(&t.engine);
	buf_fini(&text);
}
