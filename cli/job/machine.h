/* SPDX-License-Identifier: MIT */
/*
 * The machine that jobs run on: a JSON document that names its devices, so that the same job works
 * on all machines.
 */
#ifndef CLI_JOB_MACHINE_H
#define CLI_JOB_MACHINE_H

#include "document/schema.h"
#include "job/job.h"
#include "output/report.h"

struct machine {
	const char *editor_schema;
	uint64_t version;
	const char *name;
	const char *description;
	struct document_list devices; /* struct job_device */
	struct document *document;    /* owns all of this */
};

extern const struct schema_shape schema_machine_devices;

/* For commands that take a machine: the option's name and help. */
#define MACHINE_OPTION "machine"
#define MACHINE_HELP   "The machine that the job runs on: the devices behind the job's names"

/*
 * Reads the machine described in @file_name, and reports what is wrong with it. On STATUS_DONE the
 * caller frees @machine with machine_free().
 */
enum exit_status machine_load(
	const char *file_name, struct report *report, struct machine **machine);

/* The same for an optional file: with NULL, @machine is NULL. */
enum exit_status machine_load_option(
	const char *file_name, struct report *report, struct machine **machine);

/* NULL: nothing. */
void machine_free(struct machine *machine);

/*
 * Resolves the devices of @job that name one of a machine in @machine, which must outlive @job;
 * NULL: no machine is known. Reports one that cannot be resolved: STATUS_SKIPPED if @machine lacks
 * it. Then checks the devices again, since what the job says of a name may not fit what it means.
 */
enum exit_status machine_apply(
	const struct machine *machine, struct job *job, struct report *report);

#endif
