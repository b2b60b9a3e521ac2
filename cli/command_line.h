/* SPDX-License-Identifier: MIT */
/* What the words of the command line ask for. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include "invocation.h"

/*
 * Reads the command line. --help makes it an invocation of command_help, --version one of
 * command_version. Reports its own failure; @invocation is to be released in any case.
 */
enum exit_status command_line_parse(struct invocation *invocation, struct report *report, int argc,
	char **argv);

#endif
