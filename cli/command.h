/* SPDX-License-Identifier: MIT */
/* The one table of commands: dispatch, help, completions and the man page all come from it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "output/report.h"

struct invocation;
struct schema_shape;

struct command_option {
	const char *name;     /* long name, without dashes; NULL ends a list */
	const char *argument; /* NULL for a flag */
	const char *help;
	bool argument_optional; /* --name or --name=ARGUMENT */
	char letter;		/* 'h': -h is the same; 0: none */
};

enum global_option {
	GLOBAL_JSON,
	GLOBAL_MODEL,
	GLOBAL_TRACE,
	GLOBAL_FAIL_CALL,
	GLOBAL_SESSION,
	GLOBAL_VERSION,
	GLOBAL_HELP,
};

/* Sets of global options. Every command takes the first. */
enum {
	TAKES_ALWAYS = 1 << GLOBAL_JSON | 1 << GLOBAL_VERSION | 1 << GLOBAL_HELP,
	TAKES_MODEL = 1 << GLOBAL_MODEL,
	TAKES_SESSION = 1 << GLOBAL_SESSION,
	TAKES_CALLS = 1 << GLOBAL_TRACE | 1 << GLOBAL_FAIL_CALL, /* calls the kernel */
};

/* The headings under which help and the manual list commands, in this order. */
enum command_group {
	COMMANDS_JOBS,
	COMMANDS_HOST,
	COMMANDS_SESSIONS,
	COMMANDS_OBJECTS,
	COMMANDS_STEPS,
	COMMANDS_TOOLS,
	COMMAND_GROUPS,
};

enum verb_kind {
	VERB_NONE,
	VERB_MAKE,    /* a named object of the collection @key */
	VERB_DESTROY, /* one */
	VERB_ACT,     /* the action @key of a step */
	VERB_REPLACE, /* a HWPT; what is said goes under @key, if there is one */
};

/* What a command does in a session, in the words of a job. */
struct verb {
	enum verb_kind kind; /* VERB_NONE: nothing */
	const char *key;
	const char *first;  /* of an action: what the first argument is, if it has no '=' */
	const char *inside; /* of an action: its key that the others are inside of; NULL: none */
	const char *preset; /* what an action says besides, as JSON; NULL: nothing */
};

struct command {
	const char *name; /* "run", "device list", "device vf create" */
	/*
	 * "JOB", "[DEVICE]..." or "". Completion knows the kinds of words in the table of
	 * commands/completion_offer.c, and takes lower-case words as they are; | separates
	 * alternatives.
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
	const struct schema_shape *shape;     /* whose keys KEY=VALUE may give; NULL: none */
	unsigned int takes; /* TAKES_*: global options beside those that all take */
	enum command_group group;
	enum exit_status (*run)(struct invocation *invocation);
	struct verb verb;
};

/* Those that do in a session what a key of a job says: commands/verbs.c. */
extern const struct command verb_commands[];
extern const size_t verb_command_count;

/* Every command, in the order in which help lists them within a group; NULL after the last. */
const struct command *command_at(size_t index);

extern const char *const command_group_titles[COMMAND_GROUPS];

extern const struct command_option global_options[];

/* The one rule for global options: a command takes @option, or refuses it. */
bool command_takes(const struct command *command, enum global_option option);

/* "run, plan, validate": the commands that take @option; NULL if all do. */
const char *command_list_takers(enum global_option option, char *text, size_t size);

/* A command has at most this many words, as "device vf create" has. */
#define COMMAND_WORDS_MAX 3

/* The command of exactly these words, or NULL. */
const struct command *command_find(char *const *words, size_t count);

/* Whether commands begin with these words and continue after them. */
bool command_is_group(char *const *words, size_t count);

/* Writes "device vf" into @text. */
void command_join_words(char *const *words, size_t count, char *text, size_t size);

/* Reports an unknown command, and which one may have been meant. */
enum exit_status command_report_unknown(struct report *report, char *const *words, size_t count);

/* The number of options in a list; NULL is an empty one. */
size_t command_option_count(const struct command_option *options);

/* Each defined in commands/ next to what it does. */
extern const struct command command_bench_invalidate;
extern const struct command command_completion;
extern const struct command command_decode;
extern const struct command command_device_bind;
extern const struct command command_device_group;
extern const struct command command_device_cdi;
extern const struct command command_device_list;
extern const struct command command_device_persistent;
extern const struct command command_device_show;
extern const struct command command_device_unbind;
extern const struct command command_device_vf_create;
extern const struct command command_device_vf_destroy;
extern const struct command command_doctor;
extern const struct command command_dump;
extern const struct command command_events;
extern const struct command command_help;
extern const struct command command_monitor;
extern const struct command command_plan;
extern const struct command command_run;
extern const struct command command_session_apply;
extern const struct command command_session_export;
extern const struct command command_session_list;
extern const struct command command_session_save;
extern const struct command command_session_show;
extern const struct command command_session_start;
extern const struct command command_session_stats;
extern const struct command command_session_stop;
extern const struct command command_schema;
extern const struct command command_selftest;
extern const struct command command_validate;
extern const struct command command_walk;
extern const struct command command_version; /* reached as --version; not in the table */

#endif
