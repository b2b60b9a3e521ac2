/* SPDX-License-Identifier: MIT */
#ifndef MAN_PAGES_H
#define MAN_PAGES_H

#include <stdio.h>

/* iommuctl(1), from the table of commands. */
void write_command_page(FILE *stream);

/* iommuctl-job(5), from the tables of what a job may say. */
void write_job_page(FILE *stream);

#endif
