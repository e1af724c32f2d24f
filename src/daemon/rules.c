/* Loading the intents, and loading them again when a file changes: read and
 * compiled in a worker, put into service whole between two messages, or not
 * at all, with every finding said. The old set is freed in a worker too. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/tree.h"
#include "server.h"

#define WORDS_MAX_BYTES (16 * 1024 * 1024)

/* One try; the worker touches nothing else. */
struct load {
	struct rules *rules; /* NULL: nobody waits any more */
	char *dir;
	char *dir_at; /* the configuration's, where it names it */
	char *word_list;
	struct catalog *made;
	struct buf findings;
	struct buf findings_json, files_json; /* see struct rules_status */
	size_t errors, warnings;
};

struct rules {
	struct server *server;
	struct watch *watch;
	struct catalog *catalog;
	struct load *under_way;
	bool again; /* something changed while loading */
	struct buf errors;
	struct buf findings_json, files_json;
	size_t error_count, warning_count;
	int64_t loaded_ms, tried_ms;
};

/* -- in the worker ----------------------------------------------------- */

struct sources {
	struct buf *texts;
	struct intent_source *list;
	size_t n;
};

static void add_finding(struct load *l, enum diag_level level, const char *file,
			unsigned line, unsigned col, const char *text)
{
	struct buf *out = &l->findings_json;

	if (out->len > 0)
		buf_add_c(out, ',');
	buf_addf(out, "{\"level\":\"%s\",\"file\":",
		 level == DIAG_ERROR ? "error" : "warning");
	buf_add_json(out, str_of(file));
	buf_addf(out, ",\"line\":%u,\"col\":%u,\"text\":", line, col);
	buf_add_json(out, str_of(text));
	buf_add_c(out, '}');
}

/* Not one place of a file, but the folder, or a file as a whole. */
static void add_trouble(struct load *l, const char *file, const char *why)
{
	buf_addf(&l->findings, "%s\n", why);
	add_finding(l, DIAG_ERROR, file, 0, 0, why);
	l->errors++;
}

static void add_no_dir(struct load *l, const char *why)
{
	struct buf text = BUF_INIT;

	if (l->dir_at[0] != '\0')
		buf_addf(&text, "%s: error: ", l->dir_at);
	buf_addf(&text, "intents: %s", why);
	add_trouble(l, l->dir, text.data);
	buf_fini(&text);
}

static bool read_sources(struct load *l, const struct file_list *files,
			 struct sources *out)
{
	struct buf why = BUF_INIT;
	bool ok = true;

	out->texts = xcalloc(files->count, sizeof(*out->texts));
	out->list = xcalloc(files->count, sizeof(*out->list));
	for (out->n = 0; out->n < files->count; out->n++) {
		struct buf *text = &out->texts[out->n];
		const char *path = files->paths[out->n];

		buf_clear(&why);
		if (!file_read(path, TREE_MAX_BYTES, text, &why)) {
			add_trouble(l, path, why.data);
			ok = false;
		}
		if (out->n > 0)
			buf_add_c(&l->files_json, ',');
		buf_add_json(&l->files_json, str_of(path));
		out->list[out->n] = (struct intent_source){path, buf_str(text)};
	}
	buf_fini(&why);
	return ok;
}

static void free_sources(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		buf_fini(&s->texts[i]);
	free(s->texts);
	free(s->list);
}

static void compile(struct load *l, const struct sources *sources)
{
	struct catalog_options options = {.only_match = true};
	struct buf words = BUF_INIT, why = BUF_INIT;
	struct diags diags;

	/* Without the list only less is protected; not an error. */
	if (l->word_list[0] != '\0' &&
	    file_read(l->word_list, WORDS_MAX_BYTES, &words, &why))
		options.protected_words = buf_str(&words);
	diags_init(&diags);
	l->made = catalog_load(sources->list, sources->n, &options, &diags);
	diags_sort(&diags);
	diags_print(&diags, &l->findings);
	for (size_t i = 0; i < diags.count; i++)
		add_finding(l, diags.list[i].level, diags.list[i].file,
			    diags.list[i].line, diags.list[i].col,
			    diags.list[i].text);
	l->errors += diags.errors;
	l->warnings += diags.warnings;
	diags_fini(&diags);
	buf_fini(&words);
	buf_fini(&why);
}

static void load_work(void *arg)
{
	struct load *l = arg;
	struct file_list files = {0};
	struct sources sources = {0};
	struct buf why = BUF_INIT;

	if (!file_tree(l->dir, INTENT_FILES, &files, &why))
		add_no_dir(l, why.data);
	else if (read_sources(l, &files, &sources))
		compile(l, &sources);
	free_sources(&sources);
	file_list_fini(&files);
	buf_fini(&why);
	/* Compiling leaves holes, 13 of 38 MB with the shipped rules, and so
	 * does the old set: else it is 80 MB after being loaded four times. */
	malloc_trim(0);
}

static void free_work(void *arg)
{
	struct catalog *catalog = arg;

	catalog_free(&catalog);
	malloc_trim(0);
}

static void free_done(void *arg)
{
	(void)arg;
}

/* -- on the loop ------------------------------------------------------- */

static struct load *load_new(const struct config *config)
{
	struct load *l = xcalloc(1, sizeof(*l));

	l->dir = xstrdup(config->intents);
	l->dir_at = xstrdup(config->intents_at);
	l->word_list = xstrdup(config->word_list);
	return l;
}

static void load_free(struct load **lp)
{
	struct load *l = *lp;

	free(l->dir);
	free(l->dir_at);
	free(l->word_list);
	catalog_free(&l->made);
	buf_fini(&l->findings);
	buf_fini(&l->findings_json);
	buf_fini(&l->files_json);
	free(l);
	*lp = NULL;
}

static void log_lines(const char *text, enum log_level level)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
		log_line(level, "rules: %.*s", (int)(end - text), text);
}

static void put_into_service(struct rules *r, struct load *l)
{
	struct catalog *old = r->catalog;

	r->catalog = l->made;
	l->made = NULL;
	r->loaded_ms = r->tried_ms;
	if (r->server->hub != NULL)
		hub_set_catalog(r->server->hub, r->catalog);
	if (old != NULL)
		loop_work(r->server->loop, free_work, free_done, old);
	log_info("rules version=%s intents=%zu engine=%s in service",
		 catalog_version(r->catalog), catalog_count(r->catalog),
		 catalog_has_jit(r->catalog) ? "jit" : "interpreter");
}

static void take(struct rules *r, struct load *l)
{
	buf_clear(&r->errors);
	r->error_count = l->errors;
	r->warning_count = l->warnings;
	r->tried_ms = loop_wall_ms();
	buf_clear(&r->findings_json);
	buf_add_str(&r->findings_json, buf_str(&l->findings_json));
	if (l->made != NULL) {
		log_lines(buf_str(&l->findings).p, LOG_WARN);
		buf_clear(&r->files_json);
		buf_add_str(&r->files_json, buf_str(&l->files_json));
		put_into_service(r, l);
		return;
	}
	buf_add_str(&r->errors, buf_str(&l->findings));
	log_lines(buf_str(&l->findings).p, LOG_ERROR);
}

static void on_loaded(void *arg)
{
	struct load *l = arg;
	struct rules *r = l->rules;

	if (r == NULL) {
		load_free(&l);
		return;
	}
	r->under_way = NULL;
	if (l->made != NULL) {
		r->server->counters.reloads++;
	} else {
		r->server->counters.reloads_failed++;
		log_error("the rules have errors=%zu; the old ones serve on",
			  l->errors);
	}
	take(r, l);
	load_free(&l);
	if (r->again) {
		r->again = false;
		rules_reload(r, "changed meanwhile");
	}
}

void rules_reload(struct rules *r, const char *because)
{
	if (r->under_way != NULL) {
		r->again = true;
		return;
	}
	log_info("rules are loaded again because=\"%s\"", because);
	r->under_way = load_new(&r->server->config);
	r->under_way->rules = r;
	loop_work(r->server->loop, load_work, on_loaded, r->under_way);
}

bool rules_are_busy(const struct rules *r)
{
	return r->under_way != NULL;
}

bool rules_load(struct rules *r, struct buf *out)
{
	struct load *l = load_new(&r->server->config);
	bool ok;

	load_work(l);
	ok = l->made != NULL;
	if (ok)
		take(r, l);
	else
		buf_add_str(out, buf_str(&l->findings));
	load_free(&l);
	return ok;
}

bool rules_check(const struct config *config, struct buf *out)
{
	struct load *l = load_new(config);
	struct diags diags;
	bool ok;

	load_work(l);
	ok = l->made != NULL;
	buf_add_str(out, buf_str(&l->findings));
	diags_init(&diags);
	if (ok)
		config_lint(config, l->made, &diags);
	diags_print(&diags, out);
	diags_fini(&diags);
	load_free(&l);
	return ok;
}

static void on_changed(void *arg)
{
	rules_reload(arg, "a file changed");
}

void rules_watch(struct rules *r)
{
	struct buf why = BUF_INIT;

	r->watch = loop_watch_dir(r->server->loop, r->server->config.intents,
				  on_changed, r, &why);
	if (r->watch == NULL)
		log_warn("changes of rules are not seen by themselves: %s; "
			 "send SIGHUP",
			 why.data);
	buf_fini(&why);
}

struct rules_status rules_status(const struct rules *r)
{
	return (struct rules_status){
		.version =
			r->catalog == NULL ? "" : catalog_version(r->catalog),
		.intents = r->catalog == NULL ? 0 : catalog_count(r->catalog),
		.loaded_ms = r->loaded_ms,
		.errors = buf_str(&r->errors).p,
		.error_count = r->error_count,
		.warning_count = r->warning_count,
		.tried_ms = r->tried_ms,
		.files_json = buf_str(&r->files_json).p,
		.findings_json = buf_str(&r->findings_json).p,
	};
}

const struct catalog *rules_catalog(const struct rules *r)
{
	return r->catalog;
}

struct rules *rules_new(struct server *s)
{
	struct rules *r = xcalloc(1, sizeof(*r));

	r->server = s;
	return r;
}

void rules_free(struct rules **rp)
{
	struct rules *r = *rp;

	if (r == NULL)
		return;
	watch_free(&r->watch);
	if (r->under_way != NULL)
		r->under_way->rules = NULL; /* on_loaded() frees it */
	catalog_free(&r->catalog);
	buf_fini(&r->errors);
	buf_fini(&r->findings_json);
	buf_fini(&r->files_json);
	free(r);
	*rp = NULL;
}
