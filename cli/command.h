/* SPDX-License-Identifier: MIT */
/* The one table of commands: dispatch, help, completions and the man page all come from it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "output/report.h"

struct invocation;
struct schema_shape;
struct verb;

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
	GLOBAL_SESSION,
	GLOBAL_VERSION,
	GLOBAL_HELP,
};

/* Sets of global options. Every command takes those of the first. */
enum {
	TAKES_ALWAYS = 1 << GLOBAL_JSON | 1 << GLOBAL_VERSION | 1 << GLOBAL_HELP,
	TAKES_MODEL = 1 << GLOBAL_MODEL,
	TAKES_SESSION = 1 << GLOBAL_SESSION,
	TAKES_CALLS = 1 << GLOBAL_TRACE | 1 << GLOBAL_FAIL_CALL, /* it calls the kernel */
};

struct command {
	const char *name; /* "run", "device list", "device vf create" */
	/*
	 * "JOB", "[DEVICE]..." or "". Completion knows the kinds of words in the table of
	 * commands/completion_offer.c, with | between alternatives, and takes lower-case words
	 * as they are.
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
	unsigned int takes; /* TAKES_ what of the global options, beside those that all take */
	enum exit_status (*run)(struct invocation *invocation);

	/* Of a command that does in a session what a job's key says; NULL for others. */
	const struct verb *verb;
};

/* In the order in which help shows them; a NULL entry ends the table. */
extern const struct command *const commands[];

extern const struct command_option global_options[];

/* The one rule for global options: a command takes it, or it is refused. */
bool command_takes(const struct command *command, enum global_option option);

/* "run, plan, validate": the commands that take @option; NULL if all do. */
const char *command_list_takers(enum global_option option, char *text, size_t size);

/* A command has at most this many words, as "device vf create" has. */
#define COMMAND_WORDS_MAX 3

/* The command of exactly these words, or NULL. */
const struct command *command_find(char *const *words, size_t count);

/* Says whether commands begin with these words and go on behind them. */
bool command_is_group(char *const *words, size_t count);

/* Writes "device vf" into @text. */
void command_join_words(char *const *words, size_t count, char *text, size_t size);

/* Reports that there is no such command, and which one may have been meant. */
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

/* Those that act in a session: commands/verbs.c. */
extern const struct command command_memory_create;
extern const struct command command_memory_destroy;
extern const struct command command_memory_write;
extern const struct command command_memory_check;
extern const struct command command_device_open;
extern const struct command command_device_close;
extern const struct command command_device_attach;
extern const struct command command_device_detach;
extern const struct command command_device_reset;
extern const struct command command_device_low_power;
extern const struct command command_device_unplug;
extern const struct command command_ioas_alloc;
extern const struct command command_ioas_destroy;
extern const struct command command_ioas_map;
extern const struct command command_ioas_map_bar;
extern const struct command command_ioas_unmap;
extern const struct command command_hwpt_alloc;
extern const struct command command_hwpt_destroy;
extern const struct command command_hwpt_invalidate;
extern const struct command command_hwpt_replace;
extern const struct command command_ste_set;
extern const struct command command_ioas_copy;
extern const struct command command_ioas_allow;
extern const struct command command_ioas_ranges;
extern const struct command command_hwpt_dirty_tracking;
extern const struct command command_hwpt_dirty_bitmap;
extern const struct command command_fault_queue_alloc;
extern const struct command command_fault_queue_destroy;
extern const struct command command_page_fault;
extern const struct command command_no_page_fault;
extern const struct command command_page_response;
extern const struct command command_viommu_alloc;
extern const struct command command_viommu_destroy;
extern const struct command command_vdevice_alloc;
extern const struct command command_vdevice_destroy;
extern const struct command command_veventq_alloc;
extern const struct command command_veventq_destroy;
extern const struct command command_hw_queue_alloc;
extern const struct command command_hw_queue_destroy;
extern const struct command command_stage1_create;
extern const struct command command_stage1_destroy;
extern const struct command command_stage1_map;
extern const struct command command_stage1_remap;
extern const struct command command_stage1_unmap;
extern const struct command command_cd_table_create;
extern const struct command command_cd_table_destroy;
extern const struct command command_cd_set;
extern const struct command command_cd_clear;
extern const struct command command_irq_create;
extern const struct command command_irq_destroy;
extern const struct command command_invalidate;
extern const struct command command_dma;
extern const struct command command_event;
extern const struct command command_no_event;
extern const struct command command_msi;

extern const struct command command_walk;
extern const struct command command_version; /* reached as --version; not in the table */

#endif
