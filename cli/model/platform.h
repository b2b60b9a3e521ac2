/* SPDX-License-Identifier: MIT */
/* The model machine as the place where the devices of a job are. */
#ifndef CLI_MODEL_PLATFORM_H
#define CLI_MODEL_PLATFORM_H

#include <iommuctl/model.h>

#include "job/platform.h"
#include "output/report.h"

struct platform_model {
	struct platform base; /* first: calls find the machine by it */
	struct iommuctl_model_config *config;
	struct iommuctl_model *model;
};

/*
 * Makes the machine that the document in @file_name describes ("": the usual one). Reports its own
 * failure; on STATUS_DONE the caller closes @machine, after all that uses its model.
 */
enum exit_status platform_model_open(
	struct platform_model *machine, const char *file_name, struct report *report);

void platform_model_close(struct platform_model *machine);

/*
 * Whether @job, which was read from @job_name, fits the machine that the document in @file_name
 * describes ("": the usual one; NULL: none is asked for): whether its devices are there, and can do
 * what is asked. Reports what is wrong.
 */
enum exit_status platform_model_check(
	const char *file_name, struct report *report, const char *job_name, const struct job *job);

#endif
