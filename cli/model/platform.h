/* SPDX-License-Identifier: MIT */
/* The model machine as the platform that has the devices of a job. */
#ifndef CLI_MODEL_PLATFORM_H
#define CLI_MODEL_PLATFORM_H

#include <iommuctl/model.h>

#include "job/platform.h"
#include "output/report.h"

struct platform_model {
	struct platform base; /* first, so that a call finds the machine */
	struct iommuctl_model_config *config;
	struct iommuctl_model *model;
};

/*
 * Makes the machine that the document in @file_name describes ("": the default one). Reports its
 * own failure; on STATUS_DONE the caller closes @machine, after everything that uses its model.
 */
enum exit_status platform_model_open(
	struct platform_model *machine, const char *file_name, struct report *report);

void platform_model_close(struct platform_model *machine);

/*
 * Whether @job, read from @job_name, fits the machine that the document in @file_name describes
 * ("": the default one; NULL: none, nothing to check): whether its devices exist and can do what
 * the job asks. Reports what is wrong.
 */
enum exit_status platform_model_check(
	const char *file_name, struct report *report, const char *job_name, const struct job *job);

#endif
