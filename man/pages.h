/* SPDX-License-Identifier: MIT */
#ifndef MAN_PAGES_H
#define MAN_PAGES_H

#include <stdio.h>

#define PAGE_NAME_SIZE 64

struct command;
struct command_option;

/* iommuctl(1), from the table of commands. */
void write_program_page(FILE *stream);

/* The page of one command, such as iommuctl-run(1). */
void write_command_page(FILE *stream, const struct command *command);

/* The command whose page is called @page, "iommuctl-device-list.1", or NULL. */
const struct command *command_of_page(const char *page);

/* iommuctl-job(5), from the tables of what a job may say. */
void write_job_page(FILE *stream);

/* iommuctl-session(7), from the table of requests. */
void write_session_page(FILE *stream);

/* Parts of both kinds of pages of section 1. */
void write_exit_statuses(FILE *stream);
void write_command_option(FILE *stream, const struct command_option *option);
void write_command_synopsis(FILE *stream, const struct command *command);

/* Refers to the page of @command, followed by @after. */
void write_command_reference(FILE *stream, const struct command *command, const char *after);

#endif
