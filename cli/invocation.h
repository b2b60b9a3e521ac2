/* SPDX-License-Identifier: MIT */
/* One run of one command: its command line, and the context that it works in. */
#ifndef CLI_INVOCATION_H
#define CLI_INVOCATION_H

#include <stdint.h>

#include <iommuctl/context.h>

#include "command.h"
#include "output/report.h"

struct invocation {
	const struct command *command;
	struct report *report;
	int argument_count;
	char **arguments;	    /* without the command's own words; a NULL ends them */
	int separator;		    /* how many of them stand before '--' */
	bool has_separator;	    /* '--' is before the last of them */
	const char **option_values; /* parallel to command->options; NULL: not given */
	unsigned int given;	    /* the global options given, as a set of TAKES_ */
	const char *model;   /* --model; NULL: not given, "": the default machine, else a file */
	const char *trace;   /* --trace; NULL: not given, "": to stderr, else the file */
	const char *session; /* --session; NULL: not given */
	uint64_t fail_call;  /* --fail-call: which call fails; 0: not given */
	int fail_errno;
	const char *bare_option; /* one whose value is optional and was not given ("model"), */
	const char *bare_word;	 /* and the word after it, perhaps meant as that value; or NULL */
};

/*
 * Reads the command line. --help makes it an invocation of command_help, --version one of
 * command_version. Reports its own failure; @invocation must be released in any case.
 */
enum exit_status invocation_parse(
	struct invocation *invocation, struct report *report, int argc, char **argv);
void invocation_release(struct invocation *invocation);

/* The value of the option @name of the command: NULL if not given, "" for a flag. */
const char *invocation_option(const struct invocation *invocation, const char *name);

/*
 * Refuses the options about calls to the kernel, for a command that makes none without @other.
 */
enum exit_status invocation_expect_no_calls(const struct invocation *invocation, const char *other);

/* Refuses @word, one argument too many; @why says more and may be "". */
enum exit_status invocation_report_unexpected(
	const struct invocation *invocation, const char *word, const char *why);

/* Refuses @word, an argument, with @message. */
enum exit_status invocation_report_wrong(
	const struct invocation *invocation, const char *word, const char *message);

/* Adds a hint if @word, a wrong argument, may have been meant as the value of an option. */
void invocation_note_bare_word(const struct invocation *invocation, const char *word);

/*
 * Refuses standard input for more than one of the first @count arguments and the FILE of --model:
 * it can be read only once.
 */
enum exit_status invocation_check_stdin(const struct invocation *invocation, int count);

struct iommuctl_model;

/* The library's context over the transports that the global options ask for. */
struct cli_context {
	struct iommuctl *ctx;
	struct iommuctl_transport *meter;  /* owned by ctx */
	struct iommuctl_transport *ledger; /* owned by ctx */
	struct iommuctl_transport *fault;  /* owned by ctx; NULL without --fail-call */
	struct iommuctl_transport *top;	   /* what @ctx calls; owned by ctx */
	struct trace_printer *trace;	   /* NULL without --trace */
};

/*
 * Calls go to @model, which outlives @context, or to the kernel if it is NULL. Reports its own
 * failure.
 */
enum exit_status cli_context_open(struct cli_context *context, const struct invocation *invocation,
	struct iommuctl_model *model);
void cli_context_close(struct cli_context *context);

/*
 * Call this after the last call to the kernel: if the call that --fail-call names never came, a
 * success becomes a failure. Returns @status, or the failure that it has reported.
 */
enum exit_status cli_context_check(
	const struct cli_context *context, struct report *report, enum exit_status status);

#endif
