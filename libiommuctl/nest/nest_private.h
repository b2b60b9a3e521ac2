/* SPDX-License-Identifier: MIT */
/* What a nest is made of. Ids of objects are 0 where there is none: the kernel begins with 1. */
#ifndef LIBIOMMUCTL_NEST_NEST_PRIVATE_H
#define LIBIOMMUCTL_NEST_NEST_PRIVATE_H

#include <iommuctl/nest.h>

#include "core/call.h"
#include "nest/fields.h"
#include "stage1/stream_table.h"

/* An STE as a nested HWPT takes it; all zero aborts. */
struct nest_ste {
	uint64_t words[IOMMUCTL_SMMUV3_NESTED_WORDS];
};

/* The devices that the kernel attaches as one; one alone where it is not known which they are. */
struct nest_group {
	struct nest_group *next;
	struct nest_device *devices; /* also those half-way out */
	bool known;
	struct iommuctl_device_group info;
	uint32_t hwpt;		    /* what it is attached to; 0: nothing */
	struct nest_ste in_force;   /* that of @hwpt */
	uint32_t nested;	    /* a nested HWPT of its own, in force if it is @hwpt */
	uint32_t stale;		    /* one that is not in force and could not be destroyed yet */
	struct error_first failure; /* of the last attachment that failed */
	char why[1024];		    /* the same in words */
};

struct nest_device {
	struct nest_device *next;
	struct nest_group *group;
	struct nest_device *peer; /* the next one of its group */
	int fd;
	uint32_t dev_id;
	uint32_t vsid;
	uint32_t vdevice;
	bool relayed;
	bool attached; /* else it is half-way out, and waits to be removed once more */
	bool held;     /* by an attachment of the kernel's */
	struct error_first
		stuck; /* if it is half-way out: what the last try to get on failed with */
	bool can_ats;
	char name[IOMMUCTL_DEVICE_NAME_SIZE];
	struct nest_ste ste;			/* that the guest gave it; its group may abort */
	struct iommuctl_smmuv3_refusal illegal; /* what is wrong with the STE itself */
	struct {
		struct nest_ste ste;
		struct iommuctl_smmuv3_refusal illegal;
	} before;				/* in case that a change fails */
	struct iommuctl_smmuv3_refusal refusal; /* as it is told */
	char reason[128];
	uint64_t read; /* as @reading of the sweep that its STE was last read in */
};

/* A command that has the STEs of several devices read, and what need not be read again. */
struct nest_sweep {
	uint64_t run;	   /* of the relay, in which @reading began */
	uint64_t reading;  /* devices that have this number are up to date */
	uint64_t all_read; /* if it is this one, all are */
	bool begun;	   /* and left off, for want of budget */
	uint32_t vsid;
	unsigned int bits;
	struct error_first first;
};

struct iommuctl_nest {
	struct iommuctl *ctx;
	int iommufd;
	struct nest_features features;
	bool bypass;
	bool repeat;
	uint32_t parent;
	uint32_t viommu;
	uint32_t abort_hwpt;
	uint32_t bypass_hwpt;
	uint32_t veventq;
	int event_fd;
	struct iommuctl_relay *relay;
	struct stream_table table;
	struct nest_device *devices;
	struct nest_group *groups;
	struct nest_sweep sweep;
	struct iommuctl_nest_counters counters;
};

extern const struct nest_ste nest_ste_abort;
extern const struct nest_ste nest_ste_bypass;

bool nest_ste_equal(const struct nest_ste *a, const struct nest_ste *b);
bool nest_ste_has_stage1(const struct nest_ste *ste);

/* What becomes of an STE of the guest; @refusal as for iommuctl_nest_set_ste(). */
struct nest_ste nest_ste_translate(const struct nest_features *features,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/* A failure that no call of the kernel caused: call_refuse(). */
int nest_refuse(const struct iommuctl_nest *nest, enum operation operation, uint32_t vsid,
	int error, const struct iommuctl_explanation *why);

/* Destroys the object, if there is one, and forgets it once it is gone. */
int nest_destroy(struct iommuctl_nest *nest, uint32_t *id);

/* The same where it is tried again later: nobody is told that it does not go yet. */
void nest_try_destroy(struct iommuctl_nest *nest, uint32_t *id);

int nest_hwpt_alloc(
	struct iommuctl_nest *nest, uint32_t dev_id, const struct nest_ste *ste, uint32_t *hwpt);

struct nest_device *nest_find_device(const struct iommuctl_nest *nest, uint32_t vsid);

/* Puts the device, whose file is set, into its group. -ENOMEM, and those of the transport. */
int nest_group_get(struct iommuctl_nest *nest, struct nest_device *device);
void nest_group_put(struct iommuctl_nest *nest, struct nest_device *device);

/*
 * Has in force what the STEs of its devices come to. What the kernel refuses for good aborts, and
 * that is told; on failure, which is then one that may pass, the STEs before stay.
 */
int nest_group_commit(struct iommuctl_nest *nest, struct nest_group *group);

/* Takes the device out of what its group is attached to; the others abort from then on. */
int nest_group_leave(struct iommuctl_nest *nest, struct nest_device *device);

/* Destroys the HWPTs that are not in force. */
int nest_group_clean(struct iommuctl_nest *nest, struct nest_group *group);

/* Gives the device another STE. On failure the one before stays. */
int nest_device_apply(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste);

/* ats.c: finds out whether the device has ATS, apart from its SMMU. */
int nest_ats_probe(struct iommuctl_nest *nest, struct nest_device *device);

/* ats.c: tells the relay whether the device has ATS, now that there is another STE in force. */
void nest_ats_update(struct iommuctl_nest *nest, const struct nest_device *device);

/* command.c: STEs that were read may not be what devices have any more. */
void nest_forget_reads(struct iommuctl_nest *nest);

/* Undoes what there is of the device, as far as the kernel lets it. */
int nest_device_release(struct iommuctl_nest *nest, struct nest_device *device);

/* Has in force what the stream table or GBPA says of the device. */
int nest_device_load(struct iommuctl_nest *nest, struct nest_device *device);

/* The same for all devices that are attached; the first error. */
int nest_load_all(struct iommuctl_nest *nest);

#endif
