/* SPDX-License-Identifier: MIT */
/* A job that is being carried out: what is alive, how it is undone, and why something failed. */
#ifndef CLI_JOB_LIVE_H
#define CLI_JOB_LIVE_H

#include <iommuctl/events.h>

#include "job/interrupt.h"
#include "job/iova_map.h"
#include "job/job.h"
#include "job/platform.h"
#include "job/tables.h"
#include "output/report.h"
#include "stimulus/stimulus.h"

/* A named object of iommufd, or a file: what is set of it depends on the collection. */
struct live_object {
	bool made;
	uint32_t id;
	int fd;
};

struct live_device {
	struct stimulus stimulus; /* driver is NULL until a step needs it */
	struct platform_device found;
	const struct document_object *table; /* that it is attached to; NULL: to nothing */
};

/* An event and how many were lost before it; or the loss alone. */
struct live_event {
	bool is_loss;
	uint64_t lost;
	struct iommuctl_smmuv3_event event;
};

#define LIVE_EVENTS_MAX 100

/* Events that were read from a vEVENTQ and not yet looked at. */
struct live_queue {
	struct iommuctl_event_reader reader;
	struct live_event events[LIVE_EVENTS_MAX];
	size_t first;
	size_t count; /* from first on */
};

/* What undoing goes through, last first. */
struct live_entry {
	const struct document_object *object;
	bool is_attachment; /* of the device @object, rather than @object itself */
};

struct live {
	const struct job *job;
	struct iommuctl *ctx;
	const struct platform *platform; /* where devices are looked up */
	int iommufd; /* -1: not open */
	struct live_object *objects[JOB_COLLECTIONS];
	struct live_device *devices;
	struct live_queue *queues;
	struct iova_map *maps; /* by IOAS */
	struct iommuctl_guest_range *ranges; /* of the memories that are made */
	struct iommuctl_guest_memory guest;
	struct tables tables;
	struct live_entry *entries;
	size_t entry_count;
	struct interrupt interrupt; /* what ends a wait */
	char seen[512]; /* what the last step has come upon; "": no more than its document says */
	bool took_event; /* the last step has */
	struct iommuctl_smmuv3_event event; /* that it took */
	struct failure failure; /* the last; of undoing, the first */
	bool undoing;
	const struct job_attach *attaching; /* while it is being attached */
};

/* An expectation was not met; live->failure tells. Errors are negative errnos. */
#define LIVE_UNMET 1

/* Opens the iommufd. -ENOMEM, or the errors of iommuctl_iommufd_open(). */
int live_open(struct live *live, const struct job *job, struct iommuctl *ctx,
	const struct platform *platform);

/*
 * Undoes all that is alive, in reverse, whatever fails on the way; then frees the memory of @live.
 * Returns 0 or the first error, whose story live->failure tells.
 */
int live_close(struct live *live);

/* Frees the memory of @live alone, for live_close(). */
void live_free(struct live *live);

/* Makes and unmakes one named object. Both record why they failed; a failed make leaves nothing. */
int live_make(struct live *live, const struct document_object *object);
int live_unmake(struct live *live, const struct document_object *object);

int live_attach(struct live *live, const struct job_attach *attach);
int live_detach(struct live *live, const struct document_object *device);

/* The object that @ref stands for. */
struct live_object *live_object(const struct live *live, const struct document_object *object);

/* -ENODEV with a failure recorded if @object has not been made, or has been destroyed. */
int live_need(struct live *live, const struct document_object *object);

/* Where this process sees @size bytes of guest memory at @ipa; NULL with a failure recorded. */
void *live_memory_at(struct live *live, uint64_t ipa, uint64_t size);

/*
 * Records a failure of @object (NULL: none) and returns @error. The first takes the story from the
 * library's last error; the second from the arguments.
 */
int live_fail(struct live *live, const struct document_object *object, int error);
int live_fail_with(struct live *live, const struct document_object *object, int error,
	const char *operation, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same of what was told to live->failure: adds @object and @operation, and returns its error. */
int live_fail_as_told(
	struct live *live, const struct document_object *object, const char *operation);

/* Records that an expectation was not met; returns LIVE_UNMET. */
int live_unmet(struct live *live, const struct document_object *object, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds to what live_unmet() has recorded what was to come; returns LIVE_UNMET. */
int live_expected(struct live *live, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds that it was the command with the index @command that failed; returns the error. */
int live_fail_command(struct live *live, size_t command);

/* Readies the stimulus of @device, once. */
int live_stimulus(struct live *live, const struct document_object *device, struct stimulus **stimulus);

/* Carries out @step, without regard to the failure that it may expect. */
int live_step(struct live *live, const struct job_step *step);

/* An access of a device. */
struct live_reach {
	const struct document_object *device;
	uint64_t iova;
	uint64_t size; /* not 0 */
	bool write;
};

/* Why @reach cannot be let through, as far as what the device is attached to tells; else "". */
void live_obstacle(
	const struct live *live, const struct live_reach *reach, char *text, size_t size);

/* Where a write of @device goes, if no stage 1 stands before that; else NULL. */
unsigned char *live_target(
	const struct live *live, const struct document_object *device, uint64_t iova, uint64_t size);

/*
 * How many events that can be of @reach wait to be looked at, in *@count; the last of them is
 * described in @text. Events that are yet to come are waited for, for @timeout_ms. All stay for
 * the steps that expect them. -errno with a failure recorded.
 */
int live_events_of(struct live *live, const struct live_reach *reach, uint64_t timeout_ms,
	size_t *count, char *text, size_t size);

/*
 * Says live->failure, with the events that wait in all queues, as many as are read at once, and what
 * was lost: they often tell why. They are gone then. Returns the status.
 */
enum exit_status live_report_failure(struct live *live, struct report *report);

/*
 * Takes the next event of the queue @object: 1 with live->event filled, 0 when none came in time, or
 * a failure recorded. A loss is one: a selftest that misses events proves nothing.
 */
int live_next_event(
	struct live *live, const struct document_object *object, uint64_t timeout_ms);

/* 1 when @fd can be read, 0 after @timeout_ms, or -errno; -EINTR: the user wants an end of it. */
int live_wait_readable(const struct live *live, int fd, uint64_t timeout_ms);

/* Maps one piece of guest memory in @ioas. */
int live_ioas_map(struct live *live, const struct document_object *ioas, const struct job_ioas_map *map);

#endif
