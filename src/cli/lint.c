/* `answerctl lint`: all that loading checks, and what an operator should know
 * besides, with -c also of how they fit the daemon's sources and queues. Exit
 * status 0 clean, 1 warnings, 2 errors. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "daemon/config.h"
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

struct arguments {
	const char *dir;
	const char *config; /* NULL: nothing is known of the daemon */
	bool json;
};

/* Without JIT: its limits are coarser than the interpreter's. `config` NULL:
 * nothing is known of the daemon. */
static void lint(const struct rule_files *files, const struct config *config,
		 struct diags *diags)
{
	struct catalog_options options = {.no_jit = true};
	struct catalog *catalog;

	if (files->words.len > 0)
		options.protected_words = buf_str(&files->words);
	catalog = catalog_load(files->sources, files->count, &options, diags);
	if (catalog != NULL)
		catalog_lint(catalog, diags);
	if (catalog != NULL && config != NULL)
		config_lint(config, catalog, diags);
	catalog_free(&catalog);
}

/* The exit status. */
static int lint_files(const struct arguments *a, const struct rule_files *files,
		      const struct config *config)
{
	struct diags diags;
	int status;

	diags_init(&diags);
	lint(files, config, &diags);
	findings_print(&diags, a->json);
	if (!a->json)
		fprintf(stderr, "%zu files: %zu errors, %zu warnings\n",
			files->count, diags.errors, diags.warnings);
	status = diags.errors > 0     ? CLI_ERRORS
		 : diags.warnings > 0 ? CLI_WARNINGS
				      : CLI_OK;
	diags_fini(&diags);
	return status;
}

/* CLI_OK, or what cli_usage() gave. */
static int read_arguments(struct arguments *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "-i") == 0 && more)
			a->dir = argv[++i];
		else if ((strcmp(argv[i], "-c") == 0 ||
			  strcmp(argv[i], "--config") == 0) &&
			 more)
			a->config = argv[++i];
		else if (strcmp(argv[i], "--json") == 0)
			a->json = true;
		else
			return cli_unknown("lint", argv[i]);
	}
	return CLI_OK;
}

/* False: what is wrong in it was printed. */
static bool read_config(const struct arguments *a, struct config *config)
{
	struct diags diags;
	bool ok;

	if (a->config == NULL) {
		config_defaults(config);
		return true;
	}
	diags_init(&diags);
	ok = config_read(a->config, config, &diags);
	if (!ok)
		findings_print(&diags, a->json);
	diags_fini(&diags);
	return ok;
}

int cmd_lint(int argc, char **argv)
{
	struct arguments a = {rules_default_dir(), cli_config_given(), false};
	struct config config;
	struct rule_files files;
	struct buf why = BUF_INIT;
	int status = read_arguments(&a, argc, argv);

	if (status != CLI_OK)
		return status;
	if (!read_config(&a, &config)) {
		status = CLI_CONFIG;
	} else if (!rule_files_read(a.dir, &files, &why)) {
		fprintf(stderr, "answerctl: %s\n", why.data);
		status = CLI_ERRORS;
	} else {
		status = lint_files(&a, &files,
				    a.config != NULL ? &config : NULL);
		rule_files_fini(&files);
	}
	buf_fini(&why);
	config_fini(&config);
	return status;
}
