/* A table of settings: one list from which come parsing, defaults, checks,
 * "did you mean", and printing back what is in force. */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/tree.h"

enum setting_type {
	SETTING_STRING, /* char *, owned by the struct */
	SETTING_BOOL,   /* bool */
	SETTING_INT,    /* int64_t between min and max */
	SETTING_MS,    /* int64_t milliseconds; "30 s", "5 min", "2 h", "1 d" */
	SETTING_BYTES, /* int64_t bytes; "32 kB" (1024), "10 MB" */
	SETTING_LIST,  /* struct settings_list of strings */
};

struct settings_list {
	char **items;
	size_t count;
};

bool settings_list_has(const struct settings_list *list, struct str item);

struct setting {
	const char *key; /* dotted: "limits.text" */
	enum setting_type type;
	size_t offset; /* in the struct */
	int64_t min, max;
	const char *initial; /* as it would be written in the file */
	const char *about;   /* one line: what it is, its unit */
};

void settings_defaults(const struct setting *table, size_t n, void *into);
/* Fills `into` (which has its defaults) from a tree. Unknown keys, wrong
 * types and values out of range are diagnosed with their place, all of them.
 * True: nothing was wrong. */
bool settings_read(const struct setting *table, size_t n, const char *file,
		   const struct node *root, void *into, struct diags *diags);
/* One "limits.text=500" in place of what stands in `into`: a text as it is, all
 * else as it would be written in the file. `file` names the source. */
bool settings_set(const struct setting *table, size_t n, const char *file,
		  struct str assignment, void *into, struct diags *diags);
/* As YAML that settings_read() takes back to the same values. */
void settings_print(const struct setting *table, size_t n, const void *from,
		    struct buf *out);
void settings_fini(const struct setting *table, size_t n, void *of);

#endif
