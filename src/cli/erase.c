/* `answerctl export` and `answerctl erase`: what is stored about a visitor,
 * printed or taken out. Straight at Redis, with what the daemon does for GET
 * and DELETE /api/visitors/{id}. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "link.h"
#include "store/visitor.h"
#include "wire/frame.h"

#define EXPORT_MAX (SIZE_MAX / 4)
#define NAME_CHARS 22 /* 16 bytes in base64url */
#define WAIT_MS    (INT64_C(600) * 1000)

struct job {
	struct link link;
	const char *visitor, *file;
	bool yes, done;
	bool written;
	struct store_erased erased;
	enum store_status status;
};

static int nothing(const struct job *job)
{
	fprintf(stderr,
		"answerctl: nothing is stored of a visitor \"%s\"; the desk "
		"console and answerctl export show their names\n",
		job->visitor);
	return CLI_FAILED;
}

/* Nothing that is still under way may point to the job later. */
static void wait_for(struct job *job)
{
	if (!store_wait(job->link.store, &job->done, WAIT_MS))
		store_free(&job->link.store);
}

static void audit(struct job *job, const char *did)
{
	struct field fields[3] = {
		{STR("who"), STR("answerctl")},
		{STR("did"), str_of(did)},
		{STR("what"), str_of(job->visitor)},
	};

	store_note(job->link.store, "audit", fields, ARRAY_LEN(fields), 100000);
	/* It is there when what is asked after it is answered. */
	link_agents(&job->link);
}

/* -- export ---------------------------------------------------------------- */

static bool write_file(const char *path, struct str json)
{
	FILE *f = path == NULL ? stdout : fopen(path, "we");
	bool fine = f != NULL && fwrite(json.p, 1, json.n, f) == json.n &&
		    fputc('\n', f) != EOF && fflush(f) == 0;

	if (!fine)
		fprintf(stderr, "answerctl: %s: %s\n",
			path == NULL ? "standard output" : path,
			strerror(errno));
	if (f != NULL && f != stdout)
		fclose(f);
	return fine;
}

static void on_exported(void *arg, uint64_t tag,
			const struct store_exported *exported)
{
	struct job *job = arg;

	(void)tag;
	job->status = exported->status;
	if (exported->status == STORE_OK)
		job->written = write_file(job->file, exported->json);
	job->done = true;
}

static int export(struct job *job)
{
	job->status = STORE_AWAY;
	store_export(job->link.store, job->visitor, EXPORT_MAX, on_exported,
		     job, 0);
	wait_for(job);
	if (job->status == STORE_EMPTY)
		return nothing(job);
	if (job->status != STORE_OK)
		return link_failed(job->status);
	audit(job, "export");
	return job->written ? CLI_OK : CLI_FAILED;
}

/* -- erase ----------------------------------------------------------------- */

static void on_erased(void *arg, uint64_t tag,
		      const struct store_erased *erased)
{
	struct job *job = arg;

	(void)tag;
	job->erased = *erased;
	job->done = true;
}

static int erase(struct job *job)
{
	const struct settings_list *queues = &job->link.config.queues;

	job->erased.status = STORE_AWAY;
	store_erase(job->link.store, job->visitor,
		    (const char *const *)queues->items, queues->count,
		    on_erased, job, 0);
	wait_for(job);
	if (job->erased.status == STORE_EMPTY)
		return nothing(job);
	if (job->erased.status != STORE_OK) {
		fputs("answerctl: some of it may be left; erase once more\n",
		      stderr);
		return link_failed(job->erased.status);
	}
	audit(job, "erase");
	printf("visitor %s is erased: %zu conversations, %zu events, %zu "
	       "notes\n",
	       job->visitor, job->erased.conversations, job->erased.events,
	       job->erased.notes);
	return CLI_OK;
}

/* -- the command line ------------------------------------------------------ */

static int run(struct job *job, int (*what)(struct job *job))
{
	int status = link_open(&job->link);

	if (status == CLI_OK)
		status = what(job);
	link_close(&job->link);
	return status;
}

static int take_visitor(struct job *job, const char *command, const char *arg)
{
	if (job->visitor != NULL)
		return cli_usage(command, "one VISITOR at a time");
	if (!frame_id_valid(str_of(arg)))
		return cli_usage(command, "\"%s\" is not a visitor's name",
				 arg);
	job->visitor = arg;
	return CLI_OK;
}

/* One name in 64 begins with a "-": what is as long as a name is one. */
static bool is_option(const char *arg)
{
	return arg[0] == '-' &&
	       (strlen(arg) != NAME_CHARS || !frame_id_valid(str_of(arg)));
}

int cmd_export(int argc, char **argv)
{
	struct job job = {.done = false};
	int status = CLI_OK;

	for (int i = 1; i < argc && status == CLI_OK; i++) {
		if (strcmp(argv[i], "--output") == 0 && i + 1 < argc)
			job.file = argv[++i];
		else if (strncmp(argv[i], "--output=", 9) == 0)
			job.file = argv[i] + 9;
		else if (is_option(argv[i]))
			status = cli_unknown("export", argv[i]);
		else
			status = take_visitor(&job, "export", argv[i]);
	}
	if (status == CLI_OK && job.visitor == NULL)
		status = cli_usage("export", "which VISITOR?");
	return status == CLI_OK ? run(&job, export) : status;
}

int cmd_erase(int argc, char **argv)
{
	struct job job = {.done = false};
	int status = CLI_OK;

	for (int i = 1; i < argc && status == CLI_OK; i++) {
		if (strcmp(argv[i], "--yes") == 0)
			job.yes = true;
		else if (is_option(argv[i]))
			status = cli_unknown("erase", argv[i]);
		else
			status = take_visitor(&job, "erase", argv[i]);
	}
	if (status == CLI_OK && job.visitor == NULL)
		status = cli_usage("erase", "which VISITOR?");
	if (status == CLI_OK && !job.yes)
		status = cli_usage("erase",
				   "it cannot be undone; say --yes to erase "
				   "all of %s",
				   job.visitor);
	return status == CLI_OK ? run(&job, erase) : status;
}
