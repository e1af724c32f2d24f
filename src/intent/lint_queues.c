/* Rules against the queues of a configuration: a chat that is handed over to
 * one that is not there goes to the default queue, where those who know about
 * it may not look. */
#include <string.h>

#include "catalog.h"

static bool has(const char *const *queues, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is(name, queues[i]))
			return true;
	}
	return false;
}

void catalog_lint_queues(const struct catalog *c, const char *const *queues,
			 size_t n, const char *fallback, struct diags *diags)
{
	for (const struct intent *in = c->rules.intents; in != NULL;
	     in = in->next) {
		const struct text *queue = &in->queue;
		const char *near;

		if (queue->s.p == NULL || has(queues, n, queue->s))
			continue;
		near = diag_nearest(queue->s, queues, n);
		if (near != NULL)
			diag_warning(diags, queue->at,
				     "no queue \"%.*s\" in the configuration; "
				     "did you mean \"%s\"?",
				     STR_ARG(queue->s), near);
		else
			diag_warning(
				diags, queue->at,
				"no queue \"%.*s\" in the configuration, so "
				"%s hands over to \"%s\"; add it to "
				"\"agents.queues\"",
				STR_ARG(queue->s), in->info.name, fallback);
	}
	diags_sort(diags);
}
