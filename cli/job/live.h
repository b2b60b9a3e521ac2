/* SPDX-License-Identifier: MIT */
/* A job that is being carried out: what is alive, how it is undone, and why something failed. */
#ifndef CLI_JOB_LIVE_H
#define CLI_JOB_LIVE_H

#include <iommuctl/events.h>

#include "job/adopted.h"
#include "job/interrupt.h"
#include "job/iova_map.h"
#include "job/job.h"
#include "job/live_event.h"
#include "job/platform.h"
#include "job/tables.h"
#include "output/progress.h"
#include "output/report.h"
#include "stimulus/stimulus.h"

struct pollfd;

/* A named object of iommufd, or a file: what is set of it depends on the collection. */
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
};

/* The most that a device moves at a time with a SubstreamID. */
#define LIVE_BUFFER_SIZE 4096

struct live_device {
	struct stimulus stimulus; /* driver is NULL until a step needs it */
	struct platform_device found;
	unsigned char buffer[LIVE_BUFFER_SIZE]; /* of the device's DMA with SubstreamIDs */
	const struct document_object *table;	/* that it is attached to; NULL: to nothing */
	bool takes_requests;
	int request;	  /* if so: an eventfd that fires when the kernel wants it back */
	bool is_wanted;	  /* it has, and the device has been kept */
	bool handed_over; /* another process has it open, and gives it back or does not */
};

#define LIVE_EVENTS_MAX 100

/* Events that were read from a vEVENTQ and not yet looked at. */
struct live_queue {
	struct iommuctl_event_reader reader;
	bool is_mock; /* its events are the mock's, which steps read themselves */
	bool is_cmdqv;
	uint32_t expected; /* of the mock's: the number of the next */
	bool joins; /* others have read of it before: what it counts as lost of that is not */
	struct live_event events[LIVE_EVENTS_MAX];
	size_t first;
	size_t count;  /* from first on */
	uint64_t came; /* of all that have been read, how many */
};

/* Groups of page faults that can wait for their answers at a time. */
#define LIVE_GROUPS_MAX 64

struct live_fault_group {
	size_t count;
	struct iommuctl_pgfault faults[];
};

/* A queue of page faults, and which groups were read from it and have no answer yet. */
struct live_fault_queue {
	struct iommuctl_fault_reader reader;
	struct live_fault_group *groups[LIVE_GROUPS_MAX]; /* the oldest first */
	size_t count;
	size_t taken;	   /* of these, the first: by steps, which are to answer them */
	uint64_t faults;   /* page faults that have been read */
	uint64_t answered; /* and of these, those that have been answered here */
};

/* What has been read of a queue, for those who watch. */
struct live_notice {
	const struct document_object *queue;
	const struct live_event *event; /* NULL: it is a page fault */
	const struct iommuctl_pgfault *fault;
	size_t index;			      /* in its group, from 0 */
	size_t count;			      /* of the group */
	const struct document_object *device; /* of the fault; NULL: none of the job */
};

/* What the mock's own accesses and dma-bufs are alive by. */
struct live_mock_file {
	const struct document_object *ioas; /* that they are of */
	int fd;
	bool pins;
	uint32_t pin; /* what it pins */
};

#define LIVE_MOCK_FILES_MAX 16

/* What undoing goes through, last first. */
struct live_entry {
	const struct document_object *object;
	bool is_attachment;		     /* of the device @object, rather than @object itself */
	uint32_t pasid;			     /* of an attachment; 0: that of the device itself */
	const struct document_object *table; /* of an attachment: what it was made to */
	bool lost; /* of an attachment: moving it failed, and what it led to may be blocked since */
};

struct live {
	const struct job *job;
	struct iommuctl *ctx;
	struct iommuctl_transport *transport; /* of @ctx; for what the library has no call for */
	const struct platform *platform;      /* where devices are looked up */
	struct adopted *adopted;	      /* files to be taken rather than opened; or NULL */
	int iommufd;			      /* -1: not open */
	struct live_object *objects[JOB_COLLECTIONS];
	struct live_device *devices;
	struct live_queue *queues;
	struct live_fault_queue *fault_queues;
	struct iova_map *maps;		     /* by IOAS */
	struct iommuctl_guest_range *ranges; /* of the memories that are made */
	struct iommuctl_guest_memory guest;
	struct live_gone_memory *gone_memory; /* that IOASes map still */
	struct tables tables;
	struct live_entry *entries;
	size_t entry_count;
	struct live_mock_file mock_files[LIVE_MOCK_FILES_MAX]; /* the oldest first */
	size_t mock_file_count;
	uint64_t made_count;	    /* of objects, also of those that are gone */
	struct interrupt interrupt; /* what ends a wait */
	char seen[512];	 /* what the last step has come upon; "": no more than its document says */
	bool took_event; /* the last step has */
	struct iommuctl_smmuv3_event event; /* that it took */
	struct failure failure;		    /* the last; of undoing, the first */
	bool undoing;
	const struct job_attach *attaching; /* while it is being attached */
	/* Who looks at all that is read of queues, whatever becomes of it; NULL: nobody. */
	void (*watch)(const struct live_notice *notice, void *data);
	void *watch_data;
	bool maps_files; /* not by where memory is in this process: another may go on with them */
	struct progress *progress; /* of what takes long and is being done; NULL: of nothing */
	/*
	 * Waits for @files as poll(2) does, and does something else meanwhile, which changes
	 * nothing that is alive; -ECANCELED with @ended told: the wait is to end. NULL: poll(2).
	 */
	int (*meanwhile)(struct pollfd *files, size_t count, int timeout_ms, void *data);
	void *meanwhile_data;
	bool waits;	     /* it does, now */
	bool takes_requests; /* of the kernel that wants devices back that are opened here */
	char ended[128];     /* why what is being carried out is to end; "": it is not */
	/* Who has a copy of the file of an object, and is to close it before that goes; or NULL. */
	void (*forget)(const struct document_object *object, void *data);
	void *forget_data;
};

/* An expectation was not met; live->failure tells. Errors are negative errnos. */
#define LIVE_UNMET 1

/*
 * Opens the iommufd, or takes it of @adopted (NULL: nothing was passed). -ENOMEM, -ENOTTY, or the
 * errors of iommuctl_iommufd_open().
 */
int live_open(struct live *live, const struct job *job, struct iommuctl *ctx,
	const struct platform *platform, struct adopted *adopted);

/*
 * Undoes all that is alive, in reverse, whatever fails on the way; then frees the memory of @live.
 * Returns 0 or the first error, whose story live->failure tells.
 */
int live_close(struct live *live);

/*
 * Memory for what is alive of live->job, without a look at what @live had before, and its end, for
 * those that open, change and close. -ENOMEM: some of it is there, and to be freed.
 */
int live_alloc(struct live *live);
void live_free(struct live *live);

/*
 * @live goes on as @job, in which all that is alive has the name that it has in the old one, which
 * may be freed then. -ENOMEM with a failure recorded: it goes on as the old one.
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

/*
 * Has the kernel tell when it wants @device back, which is bound, if live->takes_requests, and ends
 * that. Nothing is done for devices that cannot be asked for. Return 0, or a failure recorded.
 */
int live_take_requests(struct live *live, const struct document_object *device);
void live_leave_requests(struct live *live, const struct document_object *device);

/* Whether the kernel has asked for @device since the last call. */
bool live_take_request(struct live_device *device);

/*
 * Undoes the attachments of @device and its vDEVICEs, the newest first, and closes it, whatever
 * fails on the way. Returns 0, or the first failure recorded.
 */
int live_give_back(struct live *live, const struct document_object *device);

/* Undoes what @entry, of which the caller has a copy, stands for. */
int live_undo(struct live *live, const struct live_entry *entry);

/* What the attachment @entry is to: with one device of a group, all of them have moved. */
static inline const struct document_object *live_attached_to(
	const struct live *live, const struct live_entry *entry)
{
	return entry->pasid ? entry->table : live->devices[entry->object->index].table;
}

/* The object that @ref stands for. */
struct live_object *live_object(const struct live *live, const struct document_object *object);

/* -ENODEV with a failure recorded if @object has not been made, or has been destroyed. */
int live_need(struct live *live, const struct document_object *object);

/* The same of a queue, and -EBADF if its file has been closed, as unmaking it began with that. */
int live_need_file(struct live *live, const struct document_object *object);

/* Where this process sees @size bytes of guest memory at @ipa; NULL with a failure recorded. */
void *live_memory_at(struct live *live, uint64_t ipa, uint64_t size);

/* Unmaps memory that was destroyed: what no IOAS maps any more; and all, once iommufd is closed. */
void live_let_go_of_memory(struct live *live);
void live_let_go_of_all_memory(struct live *live);

/* Whether memory that was at @ipa is gone, and mapped still, whatever is there now. */
bool live_has_gone_memory(const struct live *live, uint64_t ipa);

/*
 * Records a failure of @object (NULL: none) and returns @error. The first takes the story from the
 * library's last error; the second from the arguments.
 */
int live_fail(struct live *live, const struct document_object *object, int error);
int live_fail_with(struct live *live, const struct document_object *object, int error,
	const char *operation, const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * The same of what was told to live->failure: adds @object and @operation, and returns its error.
 */
int live_fail_as_told(
	struct live *live, const struct document_object *object, const char *operation);

/* Records that an expectation was not met; returns LIVE_UNMET. */
int live_unmet(struct live *live, const struct document_object *object, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds to what live_unmet() has recorded what was to come; returns LIVE_UNMET. */
int live_expected(struct live *live, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds that it was the command with the index @command that failed; returns the error. */
int live_fail_command(struct live *live, size_t command);

/* Readies the stimulus of @device, where it is not ready. */
int live_stimulus(
	struct live *live, const struct document_object *device, struct stimulus **stimulus);

/* -EOPNOTSUPP with a failure recorded if @stimulus cannot do @access whatever the IOMMU allows. */
int live_stimulus_can(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct stimulus_access *access);

/* What is expected of a transfer that writes what was read. */
struct live_kept {
	uint64_t iova; /* to which it writes */
	uint64_t ipa;  /* where @size bytes are expected */
	uint64_t size;
};

/* The same if it does not give back the bytes that are expected. */
int live_stimulus_keeps(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct live_kept *kept);

/* Carries out @step, without regard to the failure that it may expect. */
int live_step(struct live *live, const struct job_step *step);

/* An access of a device. */
struct live_reach {
	const struct document_object *device;
	uint64_t iova;
	uint64_t size; /* not 0 */
	bool write;
	bool has_ssid;
	uint32_t ssid;
};

/* Why @reach cannot be let through, as far as what the device is attached to tells; else "". */
void live_obstacle(
	const struct live *live, const struct live_reach *reach, char *text, size_t size);

/* Where a write of @device goes, if no stage 1 stands before that; else NULL. */
unsigned char *live_target(const struct live *live, const struct document_object *device,
	uint64_t iova, uint64_t size);

/*
 * How many events that can be of @reach wait to be looked at, in *@count; the last of them is
 * described in @text. Events that are yet to come are waited for, for @timeout_ms. All stay for
 * the steps that expect them. -errno with a failure recorded.
 */
int live_events_of(struct live *live, const struct live_reach *reach, uint64_t timeout_ms,
	size_t *count, char *text, size_t size);

/*
 * Says live->failure, with the events that wait in all queues, as many as are read at once, and
 * what was lost: they often tell why. They are gone then. Returns the status.
 */
enum exit_status live_report_failure(struct live *live, struct report *report);

/*
 * Takes the next event of the queue @object: 1 with live->event filled, 0 when none came in time,
 * or a failure recorded. A loss is one: a selftest that misses events proves nothing.
 */
int live_next_event(struct live *live, const struct document_object *object, uint64_t timeout_ms);

/* Whether as much as may be has been read of the queue with the index @queue. */
static inline bool live_queue_is_full(const struct live *live, size_t queue)
{
	return live->queues[queue].count == LIVE_EVENTS_MAX;
}

/* Nothing has been read of the vEVENTQ @object yet, which has its file. */
void live_begin_queue(struct live *live, const struct document_object *object);

/*
 * Reads what waits in the queue @object, for those who watch. Of the events that wait for steps,
 * the oldest make room once there is none, and the step that takes the next is told. Returns 0, or
 * an error with a failure recorded.
 */
int live_watch_events(struct live *live, const struct document_object *object);

/*
 * 1 when @fd can be read, 0 after @timeout_ms, or -errno; -EINTR, -ECANCELED: somebody wants an end
 * of it. The other is for what others may read as well: it also returns 1 when *@counter moves.
 */
int live_wait_readable(struct live *live, int fd, uint64_t timeout_ms);
int live_wait(struct live *live, int fd, const uint64_t *counter, uint64_t timeout_ms);

/*
 * Takes the next group of page faults of the queue @object, which then waits for its answer: 1 with
 * *@group and *@count, good until the next call, 0 when none came in time, or a failure recorded.
 */
int live_next_faults(struct live *live, const struct document_object *object, uint64_t timeout_ms,
	const struct iommuctl_pgfault **group, size_t *count);

/* Answers the oldest group that steps have taken, of the queue @object. */
int live_answer_faults(struct live *live, const struct document_object *object, uint32_t code);

/*
 * Reads the groups that wait in the queue @object, for those who watch: they stay for the steps
 * that take them. As many as there is room for: the others wait in the kernel. Returns 0, or an
 * error with a failure recorded.
 */
int live_watch_faults(struct live *live, const struct document_object *object);
bool live_has_room_for_faults(const struct live *live, const struct document_object *object);

/* What the kernel has answered itself, as the attachment of the group of @device has changed. */
void live_forget_faults(struct live *live, const struct document_object *device);

void live_free_faults(struct live_fault_queue *queue);

/* The device that has this id; NULL: none that is alive. */
const struct document_object *live_device_of_id(const struct live *live, uint32_t id);

/* Both of all queues that are alive, as far as they can be read. Returns the first error. */
int live_watch_queues(struct live *live);

/* The file of the queue @object of @collection that has more to read one day; -1: it has none. */
int live_watched_file(const struct live *live, unsigned int collection, size_t index);

/* Notes what @map, of the mappings of @ioas, has mapped. -EEXIST or -ENOMEM. */
int live_note_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map);

/* Maps one piece of guest memory in @ioas. */
int live_ioas_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map);

/* Maps in @ioas what @source has mapped, which may be the same. */
int live_ioas_copy(struct live *live, const struct document_object *ioas,
	const struct document_object *source, const struct iova_copy *copy);

/* Has the kernel keep @ranges, struct job_range, mappable in @ioas. */
int live_ioas_allow(
	struct live *live, const struct document_object *ioas, const struct document_list *ranges);

#endif
