// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "commands/completion_offer.h"
#include "commands/completion_scripts.h"
#include "invocation.h"
#include "session/client/runtime.h"

#define CANDIDATES "candidates"

static const struct {
	const char *shell;
	const char *script;
} scripts[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
};

static void write_script(FILE *stream, const void *data)
{
	fputs(data, stream);
}

static void write_candidates(FILE *stream, const void *data)
{
	const struct invocation *invocation = data;
	char runtime[PATH_MAX];
	struct completion completion = {
		.out = stream,
		.sysfs = &sysfs_of_host,
		.program = "/proc/self/exe",
		.runtime = runtime_path(runtime) ? NULL : runtime,
		.session = getenv("IOMMUCTL_SESSION"),
	};

	completion_offer_next(
		&completion, invocation->arguments + 1, (size_t)invocation->argument_count - 1);
}

static enum exit_status run_completion(struct invocation *invocation)
{
	const char *what = invocation->arguments[0];

	invocation->report->columns = 0; /* a shell reads it */
	if (!strcmp(what, CANDIDATES))
		return report_written(
			invocation->report, "completion", NULL, write_candidates, invocation);
	if (invocation->argument_count > 1)
		return invocation_report_unexpected(invocation, invocation->arguments[1], "");
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		if (!strcmp(what, scripts[i].shell))
			return report_written(invocation->report, "completion", NULL, write_script,
				scripts[i].script);
	}
	return report_usage(invocation->report,
		"there is no completion for '%s', only for bash, zsh and fish", what);
}

const struct command command_completion = {
	.name = "completion",
	.group = COMMANDS_TOOLS,
	.arguments = "bash|zsh|fish|candidates [-- WORD...]",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Print a completion script for a shell",
	.description =
		"For the running shell:\n"
		"\n"
		"  eval \"$(iommuctl completion bash)\"\n"
		"  eval \"$(iommuctl completion zsh)\"\n"
		"  iommuctl completion fish | source\n"
		"\n"
		"An installation puts the scripts where the shells find them.\n"
		"\n"
		"The scripts ask for candidates: words that may take the place of the last WORD of a "
		"command line, which may be empty. Each line of the answer is a candidate, with a tab "
		"and a description if it has one. A line that begins with ':' tells the shell to "
		"offer files, jobs (files with names in .json, and folders), folders or programs "
		"itself, after the beginning of the word that ':behind' gives.",
	.run = run_completion,
};
