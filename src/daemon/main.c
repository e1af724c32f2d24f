/* answerd: options, configuration, then the server until a signal. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "server.h"

#define EX_USAGE  64
#define EX_CONFIG 78
#define SET_MAX   64

static const char usage[] =
	"usage: answerd [--config FILE] [--set KEY=VALUE]... [--check | "
	"--print-config]\n"
	"\n"
	"  -c, --config FILE    the configuration (default answerd.yaml in "
	"etc/answerd/\n"
	"                       of where this is installed, then in "
	"/etc/answerd/)\n"
	"  -s, --set KEY=VALUE  a value in place of the file's, e.g.\n"
	"                       listen=127.0.0.1:8081 or redis.prefix=test:\n"
	"  -t, --check          read configuration and rules, say what is "
	"wrong, exit\n"
	"                       0: nothing, 78: something\n"
	"  -p, --print-config   print what is in force as YAML, without "
	"passwords, exit\n"
	"  -V, --version        print the version and those of the libraries\n"
	"  -h, --help           this text\n"
	"\n"
	"SIGHUP loads the rules again; SIGTERM and SIGINT stop the daemon "
	"after what\n"
	"is in flight has been written. See answerd(8), answerd.yaml(5).\n";

struct options {
	const char *config;
	const char *sets[SET_MAX];
	size_t set_count;
	bool check, print;
};

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 't'},
		{"print-config", no_argument, NULL, 'p'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static char installed[PATH_MAX];
	int c;

	file_installed("answerd.yaml", installed, sizeof(installed));
	*o = (struct options){.config = installed};
	while ((c = getopt_long(argc, argv, "c:s:tpVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 's':
			if (o->set_count == SET_MAX) {
				fputs("answerd: too many --set\n", stderr);
				exit(EX_USAGE);
			}
			o->sets[o->set_count++] = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'p':
			o->print = true;
			break;
		case 'V':
			puts("answerd " ANSWERD_VERSION);
			exit(0);
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "answerd: what is \"%s\"?\n%s", argv[optind],
			usage);
		exit(EX_USAGE);
	}
}

/* All mistakes of the file and of --set in one go. */
static bool read_config(const struct options *o, struct config *config)
{
	struct diags diags;
	struct buf text = BUF_INIT;
	bool ok;

	diags_init(&diags);
	config_read(o->config, config, &diags);
	for (size_t i = 0; i < o->set_count; i++)
		config_set(config, o->sets[i], &diags);
	diags_sort(&diags);
	diags_print(&diags, &text);
	if (text.len > 0)
		fputs(text.data, stderr);
	ok = diags.errors == 0;
	diags_fini(&diags);
	buf_fini(&text);
	return ok;
}

static int check(const struct config *config)
{
	struct buf findings = BUF_INIT;
	bool ok = rules_check(config, &findings);

	if (findings.len > 0)
		fputs(findings.data, stderr);
	buf_fini(&findings);
	if (ok)
		puts("configuration and rules are in order");
	return ok ? 0 : EX_CONFIG;
}

static void print(const struct config *config)
{
	struct buf out = BUF_INIT;

	config_print(config, &out);
	fputs(out.data, stdout);
	buf_fini(&out);
}

static int serve(struct config *config)
{
	struct server server;
	struct buf why = BUF_INIT;
	enum log_level level;
	int status;

	umask(0077); /* what shoppers write is nobody else's */
	if (log_level_of(str_of(config->log_level), &level))
		log_set_level(level);
	status = server_init(&server, config, &why);
	if (status == 0)
		status = server_run(&server);
	else
		fprintf(stderr, "answerd: %s%s", why.data,
			why.len > 0 && why.data[why.len - 1] == '\n' ? ""
								     : "\n");
	server_fini(&server);
	buf_fini(&why);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct config config;
	int status = 0;

	parse(argc, argv, &options);
	if (!read_config(&options, &config)) {
		config_fini(&config);
		return EX_CONFIG;
	}
	if (!options.check && !options.print)
		return serve(&config);
	if (options.print)
		print(&config);
	else
		status = check(&config);
	config_fini(&config);
	return status;
}
