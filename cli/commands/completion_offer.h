/* SPDX-License-Identifier: MIT */
/*
 * What may stand in place of the last word of a command line. A shell's script asks for it, and
 * gets lines: a word, for those that have one a tab and a description, or what begins with ':' and
 * is the shell's own to find.
 */
#ifndef CLI_COMMANDS_COMPLETION_OFFER_H
#define CLI_COMMANDS_COMPLETION_OFFER_H

#include <stdio.h>

#include "command.h"
#include "host/sysfs.h"

struct completion {
	FILE *out;
	const struct sysfs *sysfs;     /* where devices are looked for */
	const char *program;	       /* that is asked what objects a session has */
	const char *runtime;	       /* the directory of sessions' sockets; NULL: there is none */
	const char *session;	       /* that the line means; NULL: none */
	const char *current;	       /* as far as the last word is typed */
	const char *behind;	       /* its beginning that stays as it is: "--trace=", or "" */
	const struct command *command; /* NULL: not known yet */
	char *const *given;	       /* the arguments before the last word */
	size_t given_count;
};

/* Offers @word, with @description unless that is NULL. */
void completion_offer(
	const struct completion *completion, const char *word, const char *description);

/* Leaves to the shell what it knows: "files", "jobs" (of *.json), "folders" or "programs". */
void completion_offer_shells_own(const struct completion *completion, const char *what);

/* Offers what @kind stands for in the synopsis of a command: "JOB", "job|machine", "OBJECT". */
void completion_offer_kind(const struct completion *completion, const char *kind);

/* Offers the words of commands that begin with the @count words at @words. */
void completion_offer_commands(
	const struct completion *completion, char *const *words, size_t count);

/* Kinds that have a file of their own. */
void completion_offer_pci_addresses(const struct completion *completion);
void completion_offer_devices(const struct completion *completion);
void completion_offer_sessions(const struct completion *completion);
void completion_offer_objects(const struct completion *completion);
void completion_offer_keys(const struct completion *completion);

/* The same for objects whose names begin with "@collection.", of which the rest is offered. */
void completion_offer_objects_of(const struct completion *completion, const char *collection);

/* Offers what may stand in place of the last of the @count words at @words; the first is ours. */
void completion_offer_next(struct completion *completion, char *const *words, size_t count);

#endif
