/* SPDX-License-Identifier: MIT */
/*
 * The machine that jobs are run on, as a JSON document that names its devices: what jobs say is
 * then the same for all machines.
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
	struct document *document;    /* in which all of this lives */
};

extern const struct schema_shape schema_machine_devices;

/* Of commands that take a machine: the name and what is said of the option. */
#define MACHINE_OPTION "machine"
#define MACHINE_HELP   "The machine that the job is run on: which devices its names stand for"

/*
 * Reads the machine that the document in @file_name describes. Reports what is wrong with it. On
 * STATUS_DONE the caller frees @machine with machine_free().
 */
enum exit_status machine_load(
	const char *file_name, struct report *report, struct machine **machine);

/* The same of a file that need not be given: with NULL, @machine is NULL. */
enum exit_status machine_load_option(
	const char *file_name, struct report *report, struct machine **machine);

/* NULL: nothing. */
void machine_free(struct machine *machine);

/*
 * Makes the devices of @job that are named as those of a machine what they are in @machine, which
 * outlives @job; NULL: no machine is known. Reports a device that there is none for: STATUS_SKIPPED
 * if @machine lacks it.
 */
enum exit_status machine_apply(
	const struct machine *machine, struct job *job, struct report *report);

#endif
