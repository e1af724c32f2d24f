/* Texts with slots: "Order {{order_id}} arrives {{order.eta | date}}." Parsed
 * and checked when rules are loaded, rendered when they answer. */
#ifndef INTENT_TEMPLATE_H
#define INTENT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct language;
struct template;

/* NULL and a sentence in `why`. */
struct template *template_parse(struct arena *arena, struct str source,
				struct buf *why);

/* The value of a slot; STR_NONE: there is none. */
typedef struct str (*template_lookup)(const void *arg, struct str name);

struct template_env {
	template_lookup lookup;
	const void *arg;
	const struct language *language; /* may be NULL */
	bool keep; /* "{{name}}" where there is neither value nor default */
};

void template_render(const struct template *t, const struct template_env *env,
		     struct buf *out);
/* Calls `each` with the name of every slot, and whether it has a default. */
typedef void (*template_visitor)(void *arg, struct str name, bool defaulted);
void template_names(const struct template *t, template_visitor each, void *arg);

/* Conditions: "order.status = delayed and not order.paid". */
struct condition;
struct condition *condition_parse(struct arena *arena, struct str source,
				  struct buf *why);
bool condition_holds(const struct condition *c, template_lookup lookup,
		     const void *arg);
void condition_names(const struct condition *c, template_visitor each,
		     void *arg);

/* The formats (format.c): appends `value` as it is read in the language. */
void format_date(struct str value, const struct language *language,
		 struct buf *out);
void format_money(struct str value, const struct language *language,
		  struct buf *out);
void format_list(struct str value, const struct language *language,
		 struct buf *out);

#endif
