/* Loading the intents, and loading them again when a file changes: read and
 * compiled in a worker, put into service whole between two messages, or not
 * at all, with every finding said. The old set is freed in a worker too. */
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
	char *word_list;
	struct catalog *made;
	struct buf findings;
	size_t errors, warnings;
};

struct rules {
	struct server *server;
	struct watch *watch;
	struct catalog *catalog;
	struct load *under_way;
	bool again; /* something changed while loading */
	struct buf errors;
	size_t error_count;
	int64_t loaded_ms;
};

/* -- in the worker ----------------------------------------------------- */

struct sources {
	struct buf *texts;
	struct intent_source *list;
	size_t n;
};

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
			buf_addf(&l->findings, "%s\n", why.data);
			l->errors++;
			ok = false;
		}
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
	struct catalog_options options = {0};
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

	if (!file_tree(l->dir, ".yaml", &files, &why)) {
		buf_addf(&l->findings, "%s\n", why.data);
		l->errors++;
	} else if (read_sources(l, &files, &sources)) {
		compile(l, &sources);
	}
	free_sources(&sources);
	file_list_fini(&files);
	buf_fini(&why);
}

static void free_work(void *arg)
{
	struct catalog *catalog = arg;

	catalog_free(&catalog);
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
	l->word_list = xstrdup(config->word_list);
	return l;
}

static void load_free(struct load **lp)
{
	struct load *l = *lp;

	free(l->dir);
	free(l->word_list);
	catalog_free(&l->made);
	buf_fini(&l->findings);
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
	r->loaded_ms = loop_wall_ms();
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
	if (l->made != NULL) {
		log_lines(buf_str(&l->findings).p, LOG_WARN);
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
	free(r);
	*rp = NULL;
}
