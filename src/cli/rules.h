/* The rules of a directory, read and loaded for the tool's commands. */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/file.h"
#include "intent/intent.h"

#define RULES_WORD_LIST "/usr/share/dict/words"

/* Without -i: "intents", where that is there, then the installed rules. */
const char *rules_default_dir(void);

/* The files of a rule directory in memory. */
struct rule_files {
	struct file_list list;
	struct buf *texts;
	struct intent_source *sources;
	size_t count;
	struct buf words; /* the system's word list, if there is one */
};

/* False: a sentence in `why`. */
bool rule_files_read(const char *dir, struct rule_files *out, struct buf *why);
void rule_files_fini(struct rule_files *files);

/* Findings to standard output, in words or as one JSON object a line. */
void findings_print(const struct diags *diags, bool json);

/* Reads and loads; on NULL all findings were printed to standard error. */
struct catalog *rules_load(const char *dir,
			   const struct catalog_options *options);

#endif
