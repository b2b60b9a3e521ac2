/* SPDX-License-Identifier: MIT */
/* The operations of a job gone through in order without doing them: what exists at each point. */
#ifndef CLI_JOB_SEQUENCE_H
#define CLI_JOB_SEQUENCE_H

#include "job/iova_map.h"
#include "job/plan.h"
#include "job/platform.h"
#include "document/problem.h"
#include "job/tables.h"

/* What is known of a device where the job will run. */
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
	const struct platform *platform; /* NULL: where it will run is not known */
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
	size_t *faults;	       /* by fault queue: groups that steps have taken and not answered */
	struct tables *tables; /* laid out in memory of our own */
	struct sequence_facts *facts;	  /* by device */
	bool lost;			  /* what an operation does is not known at all */
	bool *unknown;			  /* by stage 1: what its tables hold cannot be known */
	const struct job_step *step;	  /* that is gone through; NULL: the set-up is */
	const struct document_path *path; /* of what is gone through */
};

/* The operation fails, as its step expects it to: it has no effect. */
#define SEQUENCE_FAILS 1

/* Adds what is wrong with what is gone through. Returns -EINVAL, or -ENOMEM. */
#define sequence_problem(sequence, ...)                                                            \
	document_problem_set(                                                                      \
		(sequence)->problem, (sequence)->job->document, (sequence)->path, __VA_ARGS__)

/*
 * Says that what is gone through fails with @error, a negative errno, for a reason that the job
 * shows. Returns SEQUENCE_FAILS where the step expects a failure, else -EINVAL with the problem
 * set.
 */
int sequence_refuse(struct sequence *sequence, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool sequence_has(const struct sequence *sequence, const struct document_object *object);

/* Whether it exists, and nothing doubtful is known of it. */
bool sequence_is_certain(const struct sequence *sequence, const struct document_object *object);

/* Whether @object exists at this point; if not, as sequence_refuse(). */
int sequence_need(struct sequence *sequence, const struct document_object *object);

/* The same for the memory that holds [@ipa, @ipa + @size), if the job has one. */
int sequence_need_memory(struct sequence *sequence, uint64_t ipa, uint64_t size);

/* The vDEVICE that @device has at this point, in @viommu or (NULL) in any; NULL: none. */
const struct job_vdevice *sequence_vdevice(const struct sequence *sequence,
	const struct document_object *device, const struct document_object *viommu);

/* What the IOMMU of the machine cannot do for @object, which is made. As sequence_make(). */
int sequence_foretell(struct sequence *sequence, const struct document_object *object);

/* What is known of @device where the job will run. False: nothing is. */
bool sequence_facts(const struct sequence *sequence, const struct document_object *device,
	struct platform_facts *facts);

/*
 * These go through one operation. They return 0, SEQUENCE_FAILS, -EINVAL with the problem
 * set, or -ENOMEM, and leave the effects to the caller, or to sequence_act() its own.
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

/* What a CMDQV adds to making these, and to destroying its HW queues. */
int sequence_make_vintf_vdevice(struct sequence *sequence, const struct job_vdevice *vdevice);
int sequence_make_hw_queue(struct sequence *sequence, const struct document_object *queue);
int sequence_destroy_hw_queue(struct sequence *sequence, const struct document_object *object);

/* The part of attaching that is about PASIDs: of @attach itself, or of those beside it. */
int sequence_attach_pasid(struct sequence *sequence, const struct job_attach *attach);
int sequence_check_pasids(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table);

/* The PASIDs of @device are not attached any more. */
void sequence_forget_pasids(struct sequence *sequence, const struct document_object *device);

/* What is attached to @table by a PASID; NULL: nothing is. */
const struct sequence_pasid *sequence_pasid_of(
	const struct sequence *sequence, const struct document_object *table);

/* The IOAS at the bottom of @table, a HWPT or an IOAS; NULL if that is not known. */
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

/* Whether @operation is about something that is doubtful, so that it is not judged. */
bool sequence_is_doubtful(const struct sequence *sequence, const struct plan_operation *operation);

/*
 * Makes doubtful what @operation would have changed, and all that it can be if that is not known.
 * What it would have made counts as made.
 */
void sequence_doubt(struct sequence *sequence, const struct plan_operation *operation);

/* Goes through all of @tables->job. Returns 0, -EINVAL with @problem set, or -ENOMEM. */
int sequence_check(const struct job *job, const struct platform *platform, struct tables *tables,
	struct document_problem *problem);

#endif
