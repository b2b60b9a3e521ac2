/* SPDX-License-Identifier: MIT */
/* The one table of commands: dispatch, help, completions and the man page all come from it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "output/report.h"

struct invocation;

struct command_option {
	const char *name;     /* long name, without dashes; NULL ends a list */
	const char *argument; /* NULL for a flag */
	const char *help;
	bool argument_optional; /* --name or --name=ARGUMENT */
	char letter;		/* 'h': -h is the same; 0: there is none */
};

enum global_option {
	GLOBAL_JSON,
	GLOBAL_MODEL,
	GLOBAL_TRACE,
	GLOBAL_FAIL_CALL,
	GLOBAL_VERSION,
	GLOBAL_HELP,
};

/* Sets of global options. Every command takes those of the first. */
enum {
	TAKES_ALWAYS = 1 << GLOBAL_JSON | 1 << GLOBAL_VERSION | 1 << GLOBAL_HELP,
	TAKES_MODEL = 1 << GLOBAL_MODEL,
	TAKES_CALLS = 1 << GLOBAL_TRACE | 1 << GLOBAL_FAIL_CALL, /* it calls the kernel */
};

struct command {
	const char *name; /* "run", "device list" */
	/*
	 * "JOB", "[PCI-ADDRESS]..." or "". Completion knows JOB, FILE, PCI-ADDRESS, COMMAND (behind
	 * -- one of the shell) and ARGUMENT, and takes lower-case words (with | between
	 * alternatives) as they are.
	 */
	const char *arguments;
	int arguments_min;
	int arguments_max;   /* -1: any number */
	const char *summary; /* one line, for lists of commands; no full stop */
	/*
	 * For help and the man page: paragraphs separated by an empty line; a paragraph that starts
	 * with spaces is shown as it is.
	 */
	const char *description;
	const struct command_option *options; /* NULL: none */
	unsigned int takes; /* TAKES_ what of the global options, beside those that all take */
	enum exit_status (*run)(struct invocation *invocation);
};

/* In the order in which help shows them; a NULL entry ends the table. */
extern const struct command *const commands[];

extern const struct command_option global_options[];

/* The one rule for global options: a command takes it, or it is refused. */
bool command_takes(const struct command *command, enum global_option option);

/* "run, plan, validate": the commands that take @option; NULL if all do. */
const char *command_list_takers(enum global_option option, char *text, size_t size);

/* The command of these words, or NULL; @second is NULL for a command of one word. */
const struct command *command_find(const char *first, const char *second);

/* Says whether @word is the first word of commands of two words. */
bool command_is_group(const char *word);

/* Reports that there is no such command, and which one may have been meant. */
enum exit_status command_report_unknown(
	struct report *report, const char *first, const char *second);

/* The number of options in a list; NULL is an empty one. */
size_t command_option_count(const struct command_option *options);

/* Each defined in commands/ next to what it does. */
extern const struct command command_bench_invalidate;
extern const struct command command_completion;
extern const struct command command_decode;
extern const struct command command_device_bind;
extern const struct command command_device_list;
extern const struct command command_device_show;
extern const struct command command_device_unbind;
extern const struct command command_doctor;
extern const struct command command_help;
extern const struct command command_plan;
extern const struct command command_run;
extern const struct command command_schema;
extern const struct command command_validate;
extern const struct command command_version; /* reached as --version; not in the table */

#endif
