/* SPDX-License-Identifier: MIT */
/* The shells' part of completion: scripts that ask for candidates, and show them. */
#ifndef CLI_COMMANDS_COMPLETION_SCRIPTS_H
#define CLI_COMMANDS_COMPLETION_SCRIPTS_H

extern const char completion_bash[];
extern const char completion_zsh[];
extern const char completion_fish[];

#endif
