/* SPDX-License-Identifier: MIT */
/* A model machine as a JSON document. */
#ifndef CLI_MODEL_PLATFORM_FILE_H
#define CLI_MODEL_PLATFORM_FILE_H

#include <iommuctl/model.h>

#include "output/report.h"

/* The error code for such a document. */
#define PLATFORM_FILE_BAD "bad-model"

/* Reads the machine that the document in @file_name describes. Reports what is wrong with it. */
enum exit_status platform_file_load(
	const char *file_name, struct iommuctl_model_config *config, struct report *report);

#endif
