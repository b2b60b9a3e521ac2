/* SPDX-License-Identifier: MIT */
/* A failure, in one form from where it happens to where it is reported. */
#ifndef CLI_OUTPUT_FAILURE_H
#define CLI_OUTPUT_FAILURE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <iommuctl/context.h>
#include <iommuctl/smmuv3_event.h>

#include "output/errno_name.h"
#include "output/exit_status.h"

/*
 * Strings are borrowed, or were composed by failure_print() and are in @text. So a failure must not
 * be copied. NULL says nothing.
 */
struct failure {
	enum exit_status status; /* STATUS_DONE: that of @error */
	int error;		 /* a negative errno; 0: none */
	const char *code;	 /* "bad-job", "usage", "unmet"; NULL: the name of @error */
	const char *operation;	 /* "IOMMU_VIOMMU_ALLOC", "validate" */
	const char *object;	 /* "viommus.vsmmu (object 4)", "device 0000:00:01.0" */
	const char *message;	 /* NULL: the words for @error */

	/* Possible causes and their remedies. A remedy may come without a cause. */
	struct iommuctl_explanation explanations[IOMMUCTL_EXPLANATIONS_MAX];
	size_t explanation_count;

	/* Of a document. */
	const char *path; /* place in it: "hwpts.s1.ste.config" */
	const char *file; /* that has line and column; NULL: @object, if there is a line */
	int line;	  /* 0 if none */
	int column;

	/* Of a job that was being carried out. */
	const char *place; /* the job's own name of the object: "hwpts.s1" */
	uint32_t id;	   /* the kernel's id of it; 0: none */
	bool in_step;
	size_t step; /* its index */
	const char *step_name;
	const char *expected; /* by the step */
	bool incidental; /* not the call that the step is about failed: no expectation is met */
	bool in_command; /* the invalidation command with this index was refused */
	size_t command;
	const struct iommuctl_smmuv3_event *event; /* that came instead of the expected one */
	bool no_device;				   /* a device of the job is missing */
	json_t *events; /* that waited by then, in an array; borrowed. NULL: none known */

	size_t used; /* of text */
	char text[2048];
};

/* Composes a text that lives as long as @failure; truncated if there is no room. */
const char *failure_print(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *failure_print_list(struct failure *failure, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/*
 * Makes @failure one with @error, a negative errno, which it returns. The first line of @format is
 * the message; a second line, if any, the remedy.
 */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int failure_set_list(struct failure *failure, int error, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* Adds @cause with @remedy; either may be NULL or "". */
void failure_explain(struct failure *failure, const char *cause, const char *remedy);

/*
 * Makes @failure one of @operation on the file @object with @error, a negative errno, which it
 * returns.
 */
int failure_set_file(struct failure *failure, int error, const char *operation, const char *object);

/*
 * Adds the library's report of @error: errno, operation, object and all explanations. The place of
 * @failure, if any, goes before the library's object.
 */
void failure_add_library(struct failure *failure, const struct iommuctl_error *error);

/* The message and the code, or those of the errno where @failure has none. */
enum exit_status failure_status(const struct failure *failure);
const char *failure_code(const struct failure *failure);
const char *failure_message(const struct failure *failure);

#endif
