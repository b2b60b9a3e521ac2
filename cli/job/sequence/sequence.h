/* SPDX-License-Identifier: MIT */
/*
 * Goes through the operations of a job in order without doing them, and keeps track of what exists
 * at each point.
 */
#ifndef CLI_JOB_SEQUENCE_SEQUENCE_H
#define CLI_JOB_SEQUENCE_SEQUENCE_H

#include "job/sequence/iova_map.h"
#include "job/plan.h"
#include "job/platform.h"
#include "document/problem.h"
#include "job/live/tables.h"

/* What is known about a device on the machine where the job will run. */
struct sequence_facts {
	bool known;
	struct platform_facts facts;
};

/* A PASID that is attached. */
struct sequence_pasid {
	const struct document_object *device;
	uint64_t pasid;
	const struct document_object *table; /* a HWPT */
	bool adrift;			     /* one that may be of its group was moved */
};

struct sequence {
	const struct job *job;
	const struct platform *platform; /* NULL: unknown where it will run */
	struct document_problem *problem;
	bool *exists[JOB_COLLECTIONS];
	bool *doubtful[JOB_COLLECTIONS];	 /* an operation on it was found to fail */
	const struct document_object **attached; /* by device: an HWPT or an IOAS; NULL: neither */
	bool *adrift;	  /* by device: another was moved from there, with or without it */
	bool *unreserved; /* by device: its IOAS may no longer keep its MSI window free */
	struct sequence_pasid *pasids; /* that are attached */
	size_t pasid_count;
	struct iova_map *maps;		      /* by IOAS */
	const struct document_list **allowed; /* by IOAS: struct job_range; NULL: none */
	size_t *faults;	       /* by fault queue: groups that steps have read but not answered */
	struct tables *tables; /* laid out in memory of our own */
	struct sequence_facts *facts;	  /* by device */
	bool lost;			  /* the effect of an operation is completely unknown */
	bool *unknown;			  /* by stage 1: the contents of its tables are unknown */
	bool *unknown_cds;		  /* by CD table: likewise */
	const struct job_step *step;	  /* the current one; NULL: in the set-up */
	const struct document_path *path; /* of the current operation */
};

/* The operation fails as its step expects, so it has no effect. */
#define SEQUENCE_FAILS 1

/* Adds a problem of the current operation. Returns -EINVAL, or -ENOMEM. */
#define sequence_problem(sequence, ...)                                                            \
	document_problem_set(                                                                      \
		(sequence)->problem, (sequence)->job->document, (sequence)->path, __VA_ARGS__)

/*
 * Says that the current operation fails with @error, a negative errno, for a reason that the job
 * shows. Returns SEQUENCE_FAILS if the step expects a failure, else -EINVAL with the problem set.
 */
int sequence_refuse(struct sequence *sequence, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool sequence_has(const struct sequence *sequence, const struct document_object *object);

/* Whether it exists, and nothing doubtful is known of it. */
bool sequence_is_certain(const struct sequence *sequence, const struct document_object *object);

/* Whether @object exists at this point; if not, as sequence_refuse(). */
int sequence_need(struct sequence *sequence, const struct document_object *object);

/* Whether the memory that contains [@ipa, @ipa + @size), if the job has one, exists; likewise. */
int sequence_need_memory(struct sequence *sequence, uint64_t ipa, uint64_t size);

/*
 * Whether @device is more than a mock, which @lacks what the operation needs ("has no BARs"); if
 * not, as sequence_refuse(). Its errno depends on what runs the job.
 */
int sequence_need_hardware(
	struct sequence *sequence, const struct document_object *device, const char *lacks);

/* The vDEVICE of @device at this point, in @viommu or (NULL) in any; NULL: none. */
const struct job_vdevice *sequence_vdevice(const struct sequence *sequence,
	const struct document_object *device, const struct document_object *viommu);

/*
 * Refuses to make @object if the machine's IOMMU cannot support it. Returns as sequence_make()
 * does.
 */
int sequence_foretell(struct sequence *sequence, const struct document_object *object);

/* What is known about @device on the machine where the job will run; false: nothing. */
bool sequence_facts(const struct sequence *sequence, const struct document_object *device,
	struct platform_facts *facts);

/*
 * These go through one operation. They return 0, SEQUENCE_FAILS, -EINVAL with the problem set, or
 * -ENOMEM, and leave the effects to the caller; sequence_act() applies its own.
 */
int sequence_make(struct sequence *sequence, const struct document_object *object);
int sequence_destroy(struct sequence *sequence, const struct document_object *object);
int sequence_make_irq(struct sequence *sequence, const struct document_object *object);
int sequence_attach(struct sequence *sequence, const void *arguments); /* a struct job_attach */
int sequence_detach_pasid(
	struct sequence *sequence, const struct document_object *device, uint64_t pasid);
int sequence_allow(
	struct sequence *sequence, const struct job_ioas *ioas, const struct document_list *ranges);
int sequence_map_span(
	struct sequence *sequence, const struct document_object *ioas, struct iova_span span);
int sequence_map(
	struct sequence *sequence, const struct job_ioas *ioas, const struct job_ioas_map *map);

/* Whether nothing keeps [@first, @last] of @ioas from being mapped; if something does, as above. */
int sequence_check_reserved(struct sequence *sequence, const struct document_object *ioas,
	uint64_t first, uint64_t last);

/* The @window that @ioas keeps free for @device. False: none is known. */
bool sequence_reserves(const struct sequence *sequence, const struct document_object *device,
	const struct document_object *ioas, struct platform_window *window);

/* A HWPT of @ioas whose addresses, of *@bits, end before @last; NULL: none is known. */
const struct job_hwpt *sequence_narrower(const struct sequence *sequence,
	const struct document_object *ioas, uint64_t last, unsigned int *bits);

/* @device is attached to nothing. */
void sequence_detach(struct sequence *sequence, const struct document_object *device);

/* What becomes of guest tables; these return as sequence_make() does. */
int sequence_make_memory(struct sequence *sequence, const struct document_object *object);
int sequence_make_stage1(struct sequence *sequence, const struct document_object *object);
int sequence_make_cd_table(struct sequence *sequence, const struct document_object *object);

/* The contents of tables in [@ipa, @ipa + @size) are unknown: of @all, or of those that exist. */
void sequence_lose_tables(struct sequence *sequence, uint64_t ipa, uint64_t size, bool all);

/* Why a stage-1 table cannot be edited: an error of the iommuctl_stage1 calls, in a job's words. */
const char *sequence_explain_edit(int error);

/* What a CMDQV adds to making these, and to destroying its HW queues. */
int sequence_make_vintf(struct sequence *sequence, const struct job_viommu *viommu);
int sequence_make_vintf_vdevice(struct sequence *sequence, const struct job_vdevice *vdevice);
int sequence_make_hw_queue(struct sequence *sequence, const struct document_object *queue);
int sequence_destroy_hw_queue(struct sequence *sequence, const struct document_object *object);

/* The PASID part of attaching: of @attach itself, or of PASIDs attached besides it. */
int sequence_attach_pasid(struct sequence *sequence, const struct job_attach *attach);
int sequence_check_pasids(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table);

/* The PASIDs of @device are no longer attached. */
void sequence_forget_pasids(struct sequence *sequence, const struct document_object *device);

/* The PASID attached to @table; NULL: none. */
const struct sequence_pasid *sequence_pasid_of(
	const struct sequence *sequence, const struct document_object *table);

/* The IOAS at the bottom of @table, a HWPT or an IOAS; NULL if unknown. */
const struct document_object *sequence_ioas_of(const struct document_object *table);

/* Whether two devices are known to be in one IOMMU group, and whether they may be. */
bool sequence_are_grouped(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other);
bool sequence_may_be_grouped(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other);

/* Whether it is certain that @device is attached to @table. */
bool sequence_is_at(const struct sequence *sequence, const struct document_object *device,
	const struct document_object *table);

enum sequence_answer { SEQUENCE_NO, SEQUENCE_PERHAPS, SEQUENCE_YES };

/* Whether another device of the group of @device is attached to @table, or (NULL) to anything. */
enum sequence_answer sequence_is_group_at(const struct sequence *sequence,
	const struct document_object *device, const struct document_object *table);

/* @device leaves what it is attached to, and takes along who is in its group. */
void sequence_drift(struct sequence *sequence, const struct document_object *device);

/* The next device of the job in the IOMMU group of @facts, from @index on; NULL: no more. */
const struct document_object *sequence_next_in_group(
	const struct sequence *sequence, const struct platform_facts *facts, size_t *index);

/* Any step. */
int sequence_act(struct sequence *sequence, const struct job_step *step);

/* Whether @operation involves something doubtful, so that it is not judged. */
bool sequence_is_doubtful(const struct sequence *sequence, const struct plan_operation *operation);

/*
 * Marks what @operation would have changed as doubtful, or everything it might have changed if that
 * is unknown. Objects that it would have made count as made.
 */
void sequence_doubt(struct sequence *sequence, const struct plan_operation *operation);

/* Goes through all of @tables->job. Returns 0, -EINVAL with @problem set, or -ENOMEM. */
int sequence_check(const struct job *job, const struct platform *platform, struct tables *tables,
	struct document_problem *problem);

#endif
