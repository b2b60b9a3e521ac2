/* SPDX-License-Identifier: MIT */
/* The envelope that everything said in JSON mode is in. */
#ifndef CLI_OUTPUT_REPORT_JSON_H
#define CLI_OUTPUT_REPORT_JSON_H

#include "report.h"

/* Says {"iommuctl":1,"<kind>":<value>} on a line of its own. Takes the reference of @value. */
void report_json(struct report *report, const char *kind, json_t *value);

#endif
