/* SPDX-License-Identifier: MIT */
/* A running job: what is alive, how it is undone, and why something failed. */
#ifndef CLI_JOB_LIVE_LIVE_H
#define CLI_JOB_LIVE_LIVE_H

#include <iommuctl/events.h>

#include "job/handover/adopted.h"
#include "job/interrupt.h"
#include "job/sequence/iova_map.h"
#include "job/job.h"
#include "job/live/event.h"
#include "job/platform.h"
#include "job/live/tables.h"
#include "output/progress.h"
#include "output/report.h"
#include "stimulus/stimulus.h"

struct live_reach;
struct pollfd;

/* A named iommufd object, or a file: which members are set depends on the collection. */
struct live_object {
	bool made;
	uint32_t id;
	int fd; /* of a queue, -1: it could not be destroyed, and the file was closed for that */
	uint64_t serial;      /* of all that have been made, which one it is */
	uint64_t mmap_offset; /* of a vIOMMU: the pages that its user can map; length 0: none */
	uint64_t mmap_length;
	unsigned int issues; /* of a vIOMMU: how often its commands are; 0: that is not known yet */
	void *page0;	     /* these pages of a CMDQV's interface, mapped; NULL: they are not */
	bool tombstone; /* a vDEVICE whose device is gone: an id, which nothing can be done with */
	/* Of a nested HWPT: the STE that it was made with; its CD table may be another now. */
	uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS];
};

/* The most that a device transfers at a time with a SubstreamID. */
#define LIVE_BUFFER_SIZE 4096

struct live_device {
	struct stimulus stimulus; /* driver is NULL until a step needs it */
	struct platform_device found;
	unsigned char buffer[LIVE_BUFFER_SIZE]; /* of the device's DMA with SubstreamIDs */
	const struct document_object *table;	/* that it is attached to; NULL: to nothing */
	bool takes_requests;
	int request;	  /* if so: an eventfd that fires when the kernel wants it back */
	bool is_wanted;	  /* it does, and the device has been kept */
	bool handed_over; /* another process has it open, and may or may not release it */
	bool was_passed;  /* it was opened by another process, which may have been asked for it */
};

#define LIVE_EVENTS_MAX 100

/* Events read from a vEVENTQ that no step has taken yet. */
struct live_queue {
	struct iommuctl_event_reader reader;
	bool is_mock; /* its events are the mock's, which steps read themselves */
	bool is_cmdqv;
	uint32_t expected; /* for the mock: number of the next event */
	bool joins; /* others have read of it before: what it counts as lost of that is not */
	struct live_event events[LIVE_EVENTS_MAX];
	size_t first;
	size_t count;  /* from first on */
	uint64_t came; /* total number of events read */
};

/* The most groups of page faults that can wait for responses. */
#define LIVE_GROUPS_MAX 64

struct live_fault_group {
	size_t count;
	struct iommuctl_pgfault faults[];
};

/* A queue of page faults, and the groups read from it that have no response yet. */
struct live_fault_queue {
	struct iommuctl_fault_reader reader;
	struct live_fault_group *groups[LIVE_GROUPS_MAX]; /* the oldest first */
	size_t count;
	size_t taken;	   /* of these, the first: by steps, which are to answer them */
	uint64_t faults;   /* page faults read */
	uint64_t answered; /* and those of them answered here */
};

/* Something read from a queue, for clients that watch. */
struct live_notice {
	const struct document_object *queue;
	const struct live_event *event; /* NULL: it is a page fault */
	const struct iommuctl_pgfault *fault;
	size_t index;			      /* in its group, from 0 */
	size_t count;			      /* of the group */
	const struct document_object *device; /* of the fault; NULL: none of the job */
};

/* A file that keeps an access or a dma-buf of the mock alive. */
struct live_mock_file {
	const struct document_object *ioas; /* that they are of */
	int fd;
	bool pins;
	uint32_t pin; /* what it pins */
};

#define LIVE_MOCK_FILES_MAX 16

/* An entry for undoing, which goes from the last to the first. */
struct live_entry {
	const struct document_object *object;
	bool is_attachment;		     /* of the device @object, rather than @object itself */
	uint32_t pasid;			     /* for an attachment; 0: the device itself */
	const struct document_object *table; /* of an attachment: what it leads to */
	bool lost; /* of an attachment: moving it failed, and what it led to may be blocked since */
};

struct live {
	const struct job *job;
	struct iommuctl *ctx;
	struct iommuctl_transport *transport; /* of @ctx; for requests without a library call */
	const struct platform *platform;      /* where devices are looked up */
	struct adopted *adopted;	      /* files to use rather than open; or NULL */
	int iommufd;			      /* -1: not open */
	struct live_object *objects[JOB_COLLECTIONS];
	struct live_device *devices;
	struct live_queue *queues;
	struct live_fault_queue *fault_queues;
	struct iova_map *maps;		     /* by IOAS */
	struct iommuctl_guest_range *ranges; /* for existing memories */
	struct iommuctl_guest_memory guest;
	struct live_gone_memory *gone_memory; /* that IOASes still map */
	struct tables tables;
	struct live_entry *entries;
	size_t entry_count;
	struct live_mock_file mock_files[LIVE_MOCK_FILES_MAX]; /* the oldest first */
	size_t mock_file_count;
	uint64_t made_count;	    /* objects made, including those that are gone */
	struct interrupt interrupt; /* what ends a wait */
	char seen[512];		    /* what the last step found; "": nothing beyond its document */
	bool took_event;	    /* the last step has */
	struct iommuctl_smmuv3_event event; /* that it took */
	struct failure failure;		    /* the last; of undoing, the first */
	bool undoing;
	const struct job_attach *attaching; /* while it is being attached */
	/* Called for everything read from queues; may be NULL. */
	void (*watch)(const struct live_notice *notice, void *data);
	void *watch_data;
	bool maps_files; /* map memory by file, not by address: another process may take it over */
	struct progress *progress; /* of a long operation; NULL: none */
	/*
	 * Waits for @files as poll(2) does, and does other work meanwhile that changes nothing
	 * alive; -ECANCELED with @ended set: the wait must end. NULL: poll(2).
	 */
	int (*meanwhile)(struct pollfd *files, size_t count, int timeout_ms, void *data);
	void *meanwhile_data;
	bool waits;	     /* meanwhile() is running */
	bool takes_requests; /* watch for the kernel's requests for devices opened here */
	char ended[128];     /* why the running operation must end; "": it need not */
	/*
	 * Makes the holder of a copy of an object's file close it before the object goes; or NULL.
	 */
	void (*forget)(const struct document_object *object, void *data);
	void *forget_data;
};

/* An expectation was not met; see live->failure. Errors are negative errnos. */
#define LIVE_UNMET 1

/*
 * Opens the iommufd, or takes it from @adopted (NULL: nothing was passed). -ENOMEM, -ENOTTY, or the
 * errors of iommuctl_iommufd_open().
 */
int live_open(struct live *live, const struct job *job, struct iommuctl *ctx,
	const struct platform *platform, struct adopted *adopted);

/*
 * Undoes everything alive, in reverse, whatever fails on the way; then frees the memory of @live.
 * Returns 0 or the first error, which live->failure describes.
 */
int live_close(struct live *live);

/*
 * Allocate memory for live->job, ignoring what @live had before, and free it; for functions that
 * open, change and close. -ENOMEM: some of it is allocated, and must be freed.
 */
int live_alloc(struct live *live);
void live_free(struct live *live);

/*
 * Makes @live continue as @job, in which everything alive has the same name as in the old job,
 * which may then be freed. -ENOMEM with a failure recorded: it continues as the old one.
 */
int live_rebase(struct live *live, const struct job *job);

/* Makes and unmakes one named object. Both record why they failed; a failed make leaves nothing. */
int live_make(struct live *live, const struct document_object *object);
int live_unmake(struct live *live, const struct document_object *object);

int live_attach(struct live *live, const struct job_attach *attach);
int live_detach(struct live *live, const struct document_object *device);
int live_detach_pasid(struct live *live, const struct document_object *device, uint32_t pasid);

/* Whether a PASID of @device is attached. */
bool live_has_pasids(const struct live *live, const struct document_object *device);

/* Undoes what @entry, of which the caller has a copy, stands for. */
int live_undo(struct live *live, const struct live_entry *entry);

/* The current target of the attachment @entry: devices of a group move together. */
static inline const struct document_object *live_attached_to(
	const struct live *live, const struct live_entry *entry)
{
	return entry->pasid ? entry->table : live->devices[entry->object->index].table;
}

/* The state of @object. */
struct live_object *live_object(const struct live *live, const struct document_object *object);

/* -ENODEV with a failure recorded if @object has not been made, or has been destroyed. */
int live_need(struct live *live, const struct document_object *object);

/*
 * The same for a queue, and -EBADF if its file has been closed, which is the first step of
 * unmaking.
 */
int live_need_file(struct live *live, const struct document_object *object);

/* This process's address of @size bytes of guest memory at @ipa; NULL with a failure recorded. */
void *live_memory_at(struct live *live, uint64_t ipa, uint64_t size);

/*
 * Record a failure of @object (NULL: none) and return @error. The first takes the details from the
 * library's last error; the second from the arguments.
 */
int live_fail(struct live *live, const struct document_object *object, int error);
int live_fail_with(struct live *live, const struct document_object *object, int error,
	const char *operation, const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * Completes a failure already in live->failure: adds @object and @operation, and returns its error.
 */
int live_fail_as_told(
	struct live *live, const struct document_object *object, const char *operation);

/* Adds that the call which failed only prepares a step or cleans up after it; returns the error. */
int live_fail_incidentally(struct live *live);

/* Records that waiting for a file of @object ended, which is no answer of it. Returns @error. */
int live_fail_wait(struct live *live, const struct document_object *object, int error);

/* Records that an expectation was not met; returns LIVE_UNMET. */
int live_unmet(struct live *live, const struct document_object *object, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds what was expected to the record of live_unmet(); returns LIVE_UNMET. */
int live_expected(struct live *live, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the index of the command that failed; returns the error. */
int live_fail_command(struct live *live, size_t command);

/* Carries out @step, regardless of the failure that it may expect. */
int live_step(struct live *live, const struct job_step *step);

/*
 * Sets *@count to the number of waiting events that may be about @reach, and describes the last of
 * them in @text. Waits @timeout_ms for future ones. All stay for the steps that expect them. -errno
 * with a failure recorded.
 */
int live_events_of(struct live *live, const struct live_reach *reach, uint64_t timeout_ms,
	size_t *count, char *text, size_t size);

/*
 * Reports live->failure together with the events waiting in all queues, up to the number read at
 * once, and what was lost, as they often explain it; then drops them. Returns the status.
 */
enum exit_status live_report_failure(struct live *live, struct report *report);

/*
 * Takes the next event of the queue @object: 1 with live->event filled, 0 if none came in time, or
 * a failure recorded. A loss is a failure: a selftest that misses events proves nothing.
 */
int live_next_event(struct live *live, const struct document_object *object, uint64_t timeout_ms);

/* Whether no more can be read from the queue with the index @queue until a step takes some. */
static inline bool live_queue_is_full(const struct live *live, size_t queue)
{
	return live->queues[queue].count == LIVE_EVENTS_MAX;
}

/* Starts reading the vEVENTQ @object, whose file is open. */
void live_begin_queue(struct live *live, const struct document_object *object);

/*
 * Reads waiting events of the queue @object, for clients that watch. If there is no room, drops the
 * oldest events that wait for steps, and tells the next step. Returns 0, or an error with a failure
 * recorded.
 */
int live_watch_events(struct live *live, const struct document_object *object);

/*
 * 1 when @fd can be read, 0 after @timeout_ms, or -errno; -EINTR, -ECANCELED: the wait must end.
 * The other is for files that others may read as well: it also returns 1 when *@counter changes.
 */
int live_wait_readable(struct live *live, int fd, uint64_t timeout_ms);
int live_wait(struct live *live, int fd, const uint64_t *counter, uint64_t timeout_ms);

/* live_watch_events() and live_watch_faults() for all live queues. Returns the first error. */
int live_watch_queues(struct live *live);

/* The file to poll for queue @index of @collection; -1 if nothing more can be read from it. */
int live_watched_file(const struct live *live, unsigned int collection, size_t index);

#endif
