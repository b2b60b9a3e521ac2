/* SPDX-License-Identifier: MIT */
/* What a nest is made of. Ids of objects are 0 where there is none: the kernel begins with 1. */
#ifndef NEST_NEST_PRIVATE_H
#define NEST_NEST_PRIVATE_H

#include <iommuctl/nest.h>

/* An STE as a nested HWPT takes it; all zero aborts. */
struct nest_ste {
	uint64_t words[IOMMUCTL_SMMUV3_NESTED_WORDS];
};

struct nest_device {
	struct nest_device *next;
	int fd;
	uint32_t dev_id;
	uint32_t vsid;
	uint32_t vdevice;
	bool relayed;
	bool attached; /* else it is half-way out, and waits to be removed once more */
	uint32_t own;  /* the nested HWPT in force, unless it is one of those of the nest */
	uint32_t left; /* one that is not in force and could not be destroyed yet */
	struct nest_ste ste;
	struct iommuctl_smmuv3_refusal refusal;
};

/* STRTAB_BASE and STRTAB_BASE_CFG, decoded. */
struct nest_stream_table {
	const struct iommuctl_guest_memory *memory; /* NULL: the guest's SMMU is disabled */
	uint64_t base;
	uint8_t log2size;
	uint8_t split; /* 0: linear */
};

struct iommuctl_nest {
	struct iommuctl *ctx;
	int iommufd;
	struct iommuctl_smmuv3_idr hardware;
	struct iommuctl_smmuv3_idr idr; /* as the guest sees it */
	bool bypass;
	bool repeat;
	uint32_t parent;
	uint32_t viommu;
	uint32_t abort_hwpt;
	uint32_t bypass_hwpt;
	uint32_t veventq;
	int event_fd;
	struct iommuctl_relay *relay;
	struct nest_stream_table table;
	struct nest_device *devices;
};

extern const struct nest_ste nest_ste_abort;
extern const struct nest_ste nest_ste_bypass;

bool nest_ste_equal(const struct nest_ste *a, const struct nest_ste *b);
bool nest_ste_has_stage1(const struct nest_ste *ste);

/* What becomes of an STE of the guest; @refusal as for iommuctl_nest_set_ste(). */
struct nest_ste nest_ste_translate(const struct iommuctl_smmuv3_idr *idr,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/* Destroys the object, if there is one, and forgets it once it is gone. */
int nest_destroy(struct iommuctl_nest *nest, uint32_t *id);

int nest_hwpt_alloc(
	struct iommuctl_nest *nest, uint32_t dev_id, const struct nest_ste *ste, uint32_t *hwpt);

struct nest_device *nest_find_device(const struct iommuctl_nest *nest, uint32_t vsid);

/* Has @ste in force. On failure the one before stays. */
int nest_device_apply(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste);

/* Undoes what there is of the device, as far as the kernel lets it. */
int nest_device_release(struct iommuctl_nest *nest, struct nest_device *device);

/* Has in force what the stream table or GBPA says of the device. */
int nest_device_load(struct iommuctl_nest *nest, struct nest_device *device);

/* The same for all devices that are attached; the first error. */
int nest_load_all(struct iommuctl_nest *nest);

void nest_stream_table_decode(const struct iommuctl_smmuv3_idr *idr, uint64_t strtab_base,
	uint32_t strtab_base_cfg, struct nest_stream_table *table);

/* Copies the STE of @vsid. -ENOENT: there is none; @refusal says why. */
int nest_stream_table_read(const struct nest_stream_table *table, uint32_t vsid,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

#endif
