/* SPDX-License-Identifier: MIT */
/*
 * Candidates for the last word of a command line. A shell's script asks for them, and gets lines: a
 * word, with a tab and a description if it has one, or a kind of word that begins with ':' and that
 * the shell finds itself.
 */
#ifndef CLI_COMMANDS_COMPLETION_OFFER_H
#define CLI_COMMANDS_COMPLETION_OFFER_H

#include <stdio.h>

#include "command.h"
#include "host/sysfs.h"

struct completion {
	FILE *out;
	const struct sysfs *sysfs;     /* where to look for devices */
	const char *program;	       /* to ask for the objects of a session */
	const char *runtime;	       /* the directory of sessions' sockets; NULL: there is none */
	const char *session;	       /* named by the line; NULL: none */
	const char *current;	       /* the last word, as far as it is typed */
	const char *behind;	       /* the beginning of it that stays: "--trace=", or "" */
	const struct command *command; /* NULL: not yet known */
	char *const *given;	       /* the arguments before the last word */
	size_t given_count;
};

/* Offers @word, with @description unless that is NULL. */
void completion_offer(
	const struct completion *completion, const char *word, const char *description);

/* Leaves to the shell what it finds itself: "files", "jobs" (*.json), "folders", "programs". */
void completion_offer_shells_own(const struct completion *completion, const char *what);

/* Offers what @kind stands for in the synopsis of a command: "JOB", "job|machine", "OBJECT". */
void completion_offer_kind(const struct completion *completion, const char *kind);

/* Offers the words of commands that begin with the @count words at @words. */
void completion_offer_commands(
	const struct completion *completion, char *const *words, size_t count);

/* Kinds with a source file of their own. */
void completion_offer_pci_addresses(const struct completion *completion);
void completion_offer_devices(const struct completion *completion);
void completion_offer_sessions(const struct completion *completion);
void completion_offer_objects(const struct completion *completion);
void completion_offer_keys(const struct completion *completion);

/* The same for objects in @collection, whose name is left out. */
void completion_offer_objects_of(const struct completion *completion, const char *collection);

/* Offers candidates for the last of the @count words at @words; the first is the program. */
void completion_offer_next(struct completion *completion, char *const *words, size_t count);

#endif
