/* SPDX-License-Identifier: MIT */
/*
 * The model's SMMUv3: it really walks STE, CD, stage 1 and stage 2, and it really caches. It knows
 * nothing about iommufd: the kernel side writes its stream table and sends it commands.
 */
#ifndef LIBIOMMUCTL_MODEL_SMMU_SMMU_H
#define LIBIOMMUCTL_MODEL_SMMU_SMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/hwpt.h>
#include <iommuctl/model.h>
#include <iommuctl/smmuv3_event.h>

struct model_smmu;

/* Registers of a device: not memory, as reads and writes have effects. */
struct model_registers {
	void (*access)(void *device, uint64_t offset, void *buffer, size_t size, bool write);
	void *device;
};

/* What a stage 2 maps at an address: memory, registers, or (neither) the doorbell. */
struct model_target {
	unsigned char *host; /* where this process sees it, or NULL */
	const struct model_registers *registers;
	uint64_t offset; /* in @registers */
	uint64_t span;	 /* how many bytes from there belong to the same mapping */
	bool readable;
	bool writable;
};

/* Translations of one stage 2; the kernel side keeps it in step with an IOAS. */
struct model_stage2 {
	/* Whether @ipa is mapped, and to what (*@target). */
	bool (*lookup)(
		const struct model_stage2 *stage2, uint64_t ipa, struct model_target *target);
	/* A device has written through it. NULL: nobody wants to know. */
	void (*written)(const struct model_stage2 *stage2, uint64_t ipa, size_t size);
	uint16_t vmid;
};

/* A stream's mode, as the kernel has written it into the real stream table. */
enum model_stream_mode {
	MODEL_STREAM_BLOCKED, /* aborts, no event: no domain is attached */
	MODEL_STREAM_STAGE2,  /* a paging HWPT */
	MODEL_STREAM_NESTED,  /* the guest's two words decide, on top of stage 2 */
	MODEL_STREAM_VTD,     /* first-stage tables of VT-d, on top of stage 2 */
};

struct model_stream {
	enum model_stream_mode mode;
	const struct model_stage2 *stage2;
	uint64_t ste[2];		 /* NESTED: as validated by the kernel side */
	struct iommuctl_hwpt_vtd_s1 vtd; /* VTD: the same */
	uint16_t did;			 /* VTD: what its TLB entries are tagged with */
	/*
	 * Receives this stream's events; NULL: nobody does. @words have the physical StreamID.
	 * True: a stalled access is held until it is answered.
	 */
	bool (*event)(const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], void *data);
	void *data;
};

int model_smmu_new(const struct iommuctl_model_smmu *config,
	struct iommuctl_model_counters *counters, struct model_smmu **smmu);
void model_smmu_free(struct model_smmu *smmu);

/* The ID registers that GET_HW_INFO shows. */
void model_smmu_registers(
	const struct model_smmu *smmu, uint32_t idr[6], uint32_t *iidr, uint32_t *aidr);

/*
 * Writes the stream table entry of @stream_id and drops what is cached of it, as the kernel's
 * driver does with CFGI_STE. NULL: blocked. TLB entries stay: the kernel side invalidates them by
 * command. -ENOMEM.
 */
int model_smmu_set_stream(
	struct model_smmu *smmu, uint32_t stream_id, const struct model_stream *stream);

/* The same for the entry that the host's driver has for @pasid of @stream_id. */
int model_smmu_set_pasid(struct model_smmu *smmu, uint32_t stream_id, uint32_t pasid,
	const struct model_stream *stream);

/* Executes an invalidation command with physical VMID and StreamID. */
void model_smmu_command(struct model_smmu *smmu, const uint64_t words[2]);

/* Drops all TLB entries of @vmid, as when its stage 2 is freed (TLBI_S12_VMALL). */
void model_smmu_invalidate_vmid(struct model_smmu *smmu, uint16_t vmid);

/*
 * What the kernel's driver does when [@ipa, @ipa + @size) is unmapped from a nesting parent:
 * TLBI_S2_IPA for it, and TLBI_NH_ALL, as any entry of both stages may lead there.
 */
void model_smmu_invalidate_ipa(struct model_smmu *smmu, uint16_t vmid, uint64_t ipa, uint64_t size);

/* Drops the TLB entries of the domain @did on @vmid for [@first, @last], as P_IOTLB does. */
void model_smmu_invalidate_vtd(
	struct model_smmu *smmu, uint16_t vmid, uint16_t did, uint64_t first, uint64_t last);

/*
 * Stage 2 maps the page around [@ipa, @ipa + @size), but no memory is there: words written to that
 * range ring, other writes are lost, and reads give 0.
 */
struct model_doorbell {
	uint64_t ipa;
	uint64_t size;
	void (*ring)(uint32_t stream_id, uint32_t value, void *data);
	void *data;
};

/* @ssid: a PASID, or -1; the host's or a guest's. MSIs are transactions too. */
struct model_transaction {
	uint32_t stream_id;
	int ssid;
	bool by_host; /* it uses the entry that the host's driver has for the PASID */
	uint64_t iova;
	void *buffer;
	size_t size;
	bool write;
	const struct model_doorbell *doorbell; /* NULL: none */
};

/*
 * Returns 0, or -EIO if a part was refused. That part leaves memory unchanged, reads as zeroes, and
 * may cause an event for each 4 bytes. @buffer is unaligned. -EAGAIN: a part stalls, and those
 * after it were not tried: repeat the whole once it has been answered.
 */
int model_smmu_access(struct model_smmu *smmu, const struct model_transaction *transaction);

/* Tells observers that @transaction was refused without an event. */
void model_smmu_show_abort(struct model_smmu *smmu, const struct model_transaction *transaction,
	enum iommuctl_model_abort reason);

void model_smmu_watch(struct model_smmu *smmu,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data);
size_t model_smmu_get_tlb(
	const struct model_smmu *smmu, struct iommuctl_model_tlb_entry *entries, size_t room);

#endif
