/* `answerctl lint`: all that loading checks, and what an operator should know
 * besides. Exit status 0 clean, 1 warnings, 2 errors. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "intent/intent.h"
#include "rules.h"

static void add_json(const struct diag *d, struct buf *out)
{
	buf_addf(out, "{\"level\":\"%s\",\"file\":",
		 d->level == DIAG_ERROR ? "error" : "warning");
	buf_add_json(out, str_of(d->file));
	buf_addf(out, ",\"line\":%u,\"col\":%u,\"text\":", d->line, d->col);
	buf_add_json(out, str_of(d->text));
	buf_add_s(out, "}\n");
}

void findings_print(const struct diags *diags, bool json)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; json && i < diags->count; i++)
		add_json(&diags->list[i], &out);
	if (!json)
		diags_print(diags, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	if (diags->errors + diags->warnings > diags->count)
		fprintf(stderr, "answerctl: and %zu more\n",
			diags->errors + diags->warnings - diags->count);
	buf_fini(&out);
}

/* Without JIT: its limits are coarser than the interpreter's. */
static void lint(const struct rule_files *files, struct diags *diags)
{
	struct catalog_options options = {.no_jit = true};
	struct catalog *catalog;

	if (files->words.len > 0)
		options.protected_words = buf_str(&files->words);
	catalog = catalog_load(files->sources, files->count, &options, diags);
	if (catalog != NULL)
		catalog_lint(catalog, diags);
	catalog_free(&catalog);
}

int cmd_lint(int argc, char **argv)
{
	const char *dir = RULES_DEFAULT_DIR;
	bool json = false;
	struct rule_files files;
	struct diags diags;
	struct buf why = BUF_INIT;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-i") == 0 && i + 1 < argc) {
			dir = argv[++i];
		} else if (strcmp(argv[i], "--json") == 0) {
			json = true;
		} else {
			return cli_usage("lint", "no option \"%s\"", argv[i]);
		}
	}
	if (!rule_files_read(dir, &files, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		buf_fini(&why);
		return CLI_ERRORS;
	}
	diags_init(&diags);
	lint(&files, &diags);
	findings_print(&diags, json);
	if (!json)
		fprintf(stderr, "%zu files: %zu errors, %zu warnings\n",
			files.count, diags.errors, diags.warnings);
	status = diags.errors > 0     ? CLI_ERRORS
		 : diags.warnings > 0 ? CLI_WARNINGS
				      : CLI_OK;
	diags_fini(&diags);
	rule_files_fini(&files);
	return status;
}
