/* SPDX-License-Identifier: MIT */
/* Shows, step by step, how the model machine translates accesses of its devices. */
#ifndef CLI_MODEL_TRANSLATION_H
#define CLI_MODEL_TRANSLATION_H

#include <iommuctl/model.h>

#include "output/report.h"

struct translation_printer {
	struct report *report;
	bool under_way; /* the transaction of last goes on */
	struct iommuctl_model_lookup last;
};

/* Shows the translations of @model from now on; @printer outlives it. */
void translation_printer_start(
	struct translation_printer *printer, struct report *report, struct iommuctl_model *model);

#endif
