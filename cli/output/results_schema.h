/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_RESULTS_SCHEMA_H
#define CLI_OUTPUT_RESULTS_SCHEMA_H

/*
 * The JSON Schema of all that is said as JSON: each kind of result has its row in it. Made of
 * results.schema.json when the program is built.
 */
extern const char results_schema[];

#endif
