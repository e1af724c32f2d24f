/* The data sources of the configuration (`sources:`): where rules look up an
 * order's state and the like. A part of struct config; read, checked, printed
 * and freed here, asked by daemon/lookup.c. */
#ifndef DAEMON_SOURCES_H
#define DAEMON_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/settings.h"
#include "base/tree.h"
#include "intent/intent.h"

#define SOURCES_MAX        32
#define SOURCE_NAME_MAX    32
#define SOURCE_SLOTS_MAX   8
#define SOURCE_FIELDS_MAX  24
#define SOURCE_TIMEOUT_MAX 8000 /* below CONV_LOOKUP_MAX_MS */

enum source_kind {
	SOURCE_REDIS, /* HGETALL of `key` in answerd's own Redis */
	SOURCE_HTTP,  /* a request; its answer is JSON */
};
extern const char *const source_kind_names[];

struct source_field {
	char *name;    /* "eta" of {{order.eta}} */
	char *pointer; /* RFC 6901 */
};

struct source {
	char *name;
	enum source_kind kind;
	char *kind_name;
	char *key; /* redis: "shop:order:{order_id}" */
	char *url; /* http: "https://shop.example/orders/{order_id}" */
	char *method;
	char *body; /* of a POST; "" none */
	struct settings_list headers;
	int64_t timeout_ms;
	int64_t cache_ms; /* 0: nothing is kept */
	struct source_field fields[SOURCE_FIELDS_MAX];
	size_t field_count;
	/* The slots that stand in key, url or body, each once. */
	char *slots[SOURCE_SLOTS_MAX];
	size_t slot_count;
};

struct source_set {
	struct source *list;
	size_t count;
};

/* Reads the map under `sources:`; every mistake is in `diags`. What was there
 * is replaced. */
void sources_read(const struct node *map, const char *file,
		  struct source_set *sources, struct diags *diags);
/* As YAML that sources_read() takes back. */
void sources_print(const struct source_set *sources, struct buf *out);
void sources_fini(struct source_set *sources);
const struct source *sources_find(const struct source_set *sources,
				  const char *name);

/* What of the rules does not fit the sources; see catalog_lint_sources(). */
void sources_lint(const struct source_set *sources,
		  const struct catalog *catalog, struct diags *diags);

/* A template with its slots filled. The value of a slot goes where it stands
 *   in a key   as it is, and only of A-Z a-z 0-9 _ - . :
 *   in a URL   percent-encoded, never "." or ".."
 *   in a body  escaped as in a JSON string, or percent-encoded in a form
 * False: the value cannot be in there, so there is no such thing. */
enum source_place {
	SOURCE_IN_KEY,
	SOURCE_IN_URL,
	SOURCE_IN_JSON,
	SOURCE_IN_FORM,
};
typedef struct str (*source_value_fn)(const void *arg, struct str slot);
bool source_fill(const char *template, enum source_place place,
		 source_value_fn value, const void *arg, struct buf *out);

#endif
