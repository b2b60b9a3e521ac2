/* SPDX-License-Identifier: MIT */
/* What went wrong, in the one form that it has from where it happens to where it is said. */
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
 * Strings are borrowed, or were composed by failure_print() and are in @text. So a failure is not
 * copied. NULL says nothing.
 */
struct failure {
	enum exit_status status; /* STATUS_DONE: that of @error */
	int error;		 /* a negative errno; 0: it is about none */
	const char *code;	 /* "bad-job", "usage", "unmet"; NULL: the name of @error */
	const char *operation;	 /* "IOMMU_VIOMMU_ALLOC", "validate" */
	const char *object;	 /* "viommus.vsmmu (object 4)", "device 0000:00:01.0" */
	const char *message;	 /* NULL: the words for @error */

	/* Why that can be, and what helps. A remedy may stand without a cause. */
	struct iommuctl_explanation explanations[IOMMUCTL_EXPLANATIONS_MAX];
	size_t explanation_count;

	/* Of a document. */
	const char *path; /* place in it: "hwpts.s1.ste.config" */
	const char *file; /* of which line and column are; NULL: of @object, if there is a line */
	int line;	  /* 0 if none */
	int column;

	/* Of a job that was being carried out. */
	const char *place; /* the job's own name of the object: "hwpts.s1" */
	uint32_t id;	   /* the kernel's number of it; 0: none */
	bool in_step;
	size_t step; /* its index */
	const char *step_name;
	const char *expected; /* what the step says was to come */
	bool in_command;      /* an invalidation command was refused: the one with the index */
	size_t command;
	const struct iommuctl_smmuv3_event *event; /* that came in place of what was expected */
	bool no_device;				   /* what a job is about is not there */
	json_t *events; /* that waited by then, in an array; borrowed. NULL: none are known */

	size_t used; /* of text */
	char text[2048];
};

/* Composes a text that lives as long as @failure, as far as there is room. */
const char *failure_print(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *failure_print_list(struct failure *failure, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/*
 * Makes @failure one with @error, a negative errno, which is returned. The first line of @format
 * gives the message; a second line, if there is one, what to do.
 */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int failure_set_list(struct failure *failure, int error, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* Adds @remedy against @cause; either may be NULL or "". */
void failure_explain(struct failure *failure, const char *cause, const char *remedy);

/*
 * Makes @failure one of @operation on the file @object with @error, a negative errno, which is
 * returned.
 */
int failure_set_file(struct failure *failure, int error, const char *operation, const char *object);

/*
 * Adds what the library says of @error: errno, operation, object and all explanations. The place of
 * @failure, if it has one, goes before the library's object.
 */
void failure_add_library(struct failure *failure, const struct iommuctl_error *error);

/* What is said where @failure leaves it to its errno. */
enum exit_status failure_status(const struct failure *failure);
const char *failure_code(const struct failure *failure);
const char *failure_message(const struct failure *failure);

#endif
