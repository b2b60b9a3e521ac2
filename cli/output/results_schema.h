/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_RESULTS_SCHEMA_H
#define CLI_OUTPUT_RESULTS_SCHEMA_H

/*
 * The JSON Schema of all JSON output, with a row for each kind of result. Made from
 * results.schema.json when the program is built.
 */
extern const char results_schema[];

#endif
