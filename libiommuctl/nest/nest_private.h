/* SPDX-License-Identifier: MIT */
/* The structures of a nest. An object id of 0 means no object: the kernel begins with 1. */
#ifndef LIBIOMMUCTL_NEST_NEST_PRIVATE_H
#define LIBIOMMUCTL_NEST_NEST_PRIVATE_H

#include <string.h>

#include <iommuctl/nest.h>

#include "core/call.h"
#include "nest/fields.h"
#include "stage1/stream_table.h"

/* An STE as a nested HWPT takes it; all zero aborts. */
struct nest_ste {
	uint64_t words[IOMMUCTL_SMMUV3_NESTED_WORDS];
};

/* Members of a group without a device in the nest; NULL: there is none. */
struct nest_missing {
	bool known; /* else the nest's devices have changed since */
	const char *any;
	const char *endpoint; /* no bridge */
};

/* The devices that the kernel attaches as one; a single device if its group is unknown. */
struct nest_group {
	struct nest_group *next;
	struct nest_device *devices; /* including half-removed ones */
	uint32_t device_count;
	bool known;
	struct iommuctl_device_group info;
	struct nest_missing missing;
	uint32_t hwpt;		    /* what it is attached to; 0: nothing */
	struct nest_ste in_force;   /* that of @hwpt */
	bool ats;		    /* it enables ATS */
	uint32_t nested;	    /* a nested HWPT of its own, in use if it is @hwpt */
	uint32_t stale;		    /* one that is not in use and could not be destroyed yet */
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
	bool attached;		  /* else it is half-removed, and the removal is to be repeated */
	bool held;		  /* by an attachment in the kernel */
	struct error_first stuck; /* if half-removed: the failure of the last attempt */
	bool can_ats;
	char name[IOMMUCTL_DEVICE_NAME_SIZE];
	struct nest_ste ste;			/* from the guest; its group may abort */
	struct iommuctl_smmuv3_refusal illegal; /* what is wrong with the STE itself */
	struct {
		struct nest_ste ste;
		struct iommuctl_smmuv3_refusal illegal;
	} before;				/* in case a change fails */
	struct iommuctl_smmuv3_refusal refusal; /* as reported */
	char reason[128];
	uint64_t read; /* @reading of the sweep in which its STE was last read */
};

/* What keeps the devices of a group from the STEs that the guest gave them. */
struct nest_obstacle {
	const struct nest_device *first;
	const struct nest_device *other; /* with another STE than @first; NULL: there is none */
	const char *missing;
	struct nest_ste ste; /* so this one applies */
};

/* A command that reads the STEs of several devices, and which need not be read again. */
struct nest_sweep {
	uint64_t run;	   /* of the relay, in which @reading began */
	uint64_t reading;  /* devices with this number are up to date */
	uint64_t all_read; /* if equal to @reading, all are */
	bool begun;	   /* and interrupted, as the budget was used up */
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

static inline bool nest_ste_equal(const struct nest_ste *a, const struct nest_ste *b)
{
	return memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

bool nest_ste_has_stage1(const struct nest_ste *ste);

/* Translates an STE of the guest; @refusal as for iommuctl_nest_set_ste(). */
struct nest_ste nest_ste_translate(const struct nest_features *features,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/* A failure that no kernel call caused: call_refuse(). */
int nest_refuse(const struct iommuctl_nest *nest, enum operation operation, uint32_t vsid,
	int error, const struct iommuctl_explanation *why);

/* Destroys the object, if there is one, and forgets it once it is gone. */
int nest_destroy(struct iommuctl_nest *nest, uint32_t *id);

/* The same, but it is tried again later: a failure is not reported. */
void nest_try_destroy(struct iommuctl_nest *nest, uint32_t *id);

int nest_hwpt_alloc(
	struct iommuctl_nest *nest, uint32_t dev_id, const struct nest_ste *ste, uint32_t *hwpt);

struct nest_device *nest_find_device(const struct iommuctl_nest *nest, uint32_t vsid);

/* Puts the device, whose file is set, into its group. -ENOMEM, and those of the transport. */
int nest_group_get(struct iommuctl_nest *nest, struct nest_device *device);
void nest_group_put(struct iommuctl_nest *nest, struct nest_device *device);

/* The devices of the group that are in the nest: a half-removed one no longer has an STE. */
static inline struct nest_device *nest_group_next(
	const struct nest_group *group, const struct nest_device *after)
{
	struct nest_device *device = after ? after->peer : group->devices;

	while (device && !device->attached)
		device = device->peer;
	return device;
}

/* obstacle.c: compares the devices of a group, of which @first is the first one in the nest. */
void nest_group_look(const struct nest_device *first, struct nest_obstacle *obstacle);

/* obstacle.c: sets the refusal of a device of the group. */
void nest_obstacle_tell(const struct nest_obstacle *obstacle, struct nest_device *device);

/*
 * Applies the STEs of its devices. If the kernel refuses permanently, the devices abort, with a
 * refusal. A failure is always transient: the previous STEs stay.
 */
int nest_group_commit(struct iommuctl_nest *nest, struct nest_group *group);

/* Detaches the device from its group's attachment; the others abort from then on. */
int nest_group_leave(struct iommuctl_nest *nest, struct nest_device *device);

/* Destroys the HWPTs that are not in use. */
int nest_group_clean(struct iommuctl_nest *nest, struct nest_group *group);

/* Gives the device another STE. On failure the previous one stays. */
int nest_device_apply(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste);

/* ats.c: finds out whether the device has ATS, apart from its SMMU. */
int nest_ats_probe(struct iommuctl_nest *nest, struct nest_device *device);

/* ats.c: whether the STE enables ATS, if its device has it. */
bool nest_ste_has_ats(const struct nest_ste *ste);

/* ats.c: sets in the relay whether the device has ATS, after a change of STE. */
void nest_ats_update(struct iommuctl_nest *nest, const struct nest_device *device);

/* command.c: STEs that were read may no longer be those of the devices. */
void nest_forget_reads(struct iommuctl_nest *nest);

/* Undoes everything of the device, as far as the kernel allows. */
int nest_device_release(struct iommuctl_nest *nest, struct nest_device *device);

/* Applies what the stream table or GBPA says for the device. */
int nest_device_load(struct iommuctl_nest *nest, struct nest_device *device);

/* The same for all devices that are attached; the first error. */
int nest_load_all(struct iommuctl_nest *nest);

#endif
