/* SPDX-License-Identifier: MIT */
/*
 * A job as its document describes it: named objects, references, and steps. Nothing here is live.
 */
#ifndef CLI_JOB_JOB_H
#define CLI_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

#include "document/document.h"

/*
 * The kinds of named objects, in the order in which a job makes them unless dependencies say
 * otherwise.
 */
enum job_collection {
	JOB_MEMORY,
	JOB_DEVICES,
	JOB_IOAS,
	JOB_FAULT_QUEUES,
	JOB_HWPTS,
	JOB_VIOMMUS,
	JOB_VDEVICES,
	JOB_VEVENTQS,
	JOB_HW_QUEUES,
	JOB_STAGE1,
	JOB_CD_TABLES,
	JOB_IRQS,
	JOB_COLLECTIONS,
};

/* Fields of a command or event, whose name determines which ones exist. */
struct job_named_fields {
	const char *name;
	struct document_list fields; /* struct document_field */
};

/* Memory types, as the index of an attribute in the MAIR that jobs use. */
enum job_attr { JOB_ATTR_NORMAL, JOB_ATTR_DEVICE_NGNRE };

enum job_prot { JOB_PROT_READ = 1, JOB_PROT_WRITE = 2, JOB_PROT_EXEC = 4 };

struct job_memory {
	struct document_object object;
	uint64_t size;
	uint64_t ipa;
};

/* Guest memory for a stimulus driver. */
struct job_stimulus_memory {
	uint64_t ipa;
	uint64_t iova; /* DOCUMENT_UNSET: the same */
	uint64_t size;
};

/* Capabilities of a mock device of the kernel. */
struct job_mock {
	bool pasid;
	bool dirty_tracking;
};

struct job_device {
	struct document_object object;
	const char *pci;
	const char *select;
	const char *netdev;
	uint64_t vf;	       /* of netdev */
	const char *machine;   /* its name in the machine that the job runs on */
	struct job_mock *mock; /* the kernel's own test device; NULL: not one */
	uint64_t stimulus;     /* enum stimulus_kind */
	struct job_stimulus_memory *stimulus_memory; /* NULL: none */
	const char *fd;		 /* name of an open file that was passed; NULL: the object's name */
	uint64_t id;		 /* if it was already bound; 0: it was not */
	const uint8_t *vf_token; /* to bind it with; NULL: none */
	const uint8_t *set_vf_token; /* for its VFs, set once it is bound; NULL: unchanged */
	bool bind;		     /* to the iommufd of the job */
};

struct job_ioas_map {
	struct document_ref memory;
	uint64_t iova; /* DOCUMENT_UNSET: the IPA */
	uint64_t offset;
	uint64_t length; /* 0: to the end of the memory */
	uint64_t prot;
};

/* IOVAs, the last one included. */
struct job_range {
	uint64_t start;
	uint64_t last;
};

struct job_ioas {
	struct document_object object;
	struct document_list map;   /* struct job_ioas_map */
	struct document_list allow; /* struct job_range; no items: not given */
	bool huge_pages;
	bool vfio_compat;
};

struct job_fault_queue {
	struct document_object object;
	uint64_t group_max; /* faults of a group */
	size_t taken;	    /* read by steps before this job began, not answered: in a session */
};

struct job_ste {
	struct document_ref cd_table;
	struct document_list fields; /* struct document_field */
	struct document_list words;  /* uint64_t, two */
	bool unchecked;
	uint64_t encoded[IOMMUCTL_SMMUV3_STE_WORDS]; /* once it is checked */
};

/* The data of a nested HWPT on VT-d. */
struct job_vtd_s1 {
	uint64_t pgtbl_addr;
	uint64_t addr_width;
	bool sre;
	bool eafe;
	bool wpe;
	bool unchecked;
};

/* The data of a nested HWPT of the kernel's mock. */
struct job_mock_hwpt {
	uint64_t iotlb; /* initial value of each TLB entry */
};

struct job_hwpt {
	struct document_object object;
	struct document_ref device;
	struct document_ref ioas;   /* for a paging HWPT; others are nested … */
	struct document_ref viommu; /* … in a vIOMMU, with an STE … */
	struct document_ref parent; /* … or directly on a nesting parent, with VT-d data */
	struct document_ref fault_queue;
	bool nest_parent;
	bool dirty_tracking;
	bool pasid; /* ALLOC_PASID */
	/* A nested HWPT has the one that its kind of hardware needs. */
	struct job_ste *ste;
	struct job_vtd_s1 *vtd_s1;
	struct job_mock_hwpt *mock;
};

/* The data of a vIOMMU of the kernel's mock. */
struct job_mock_viommu {
	uint64_t value; /* first word of the pages that can be mapped */
};

struct job_viommu {
	struct document_object object;
	struct document_ref device;
	struct document_ref hwpt;
	uint64_t type;
	struct job_mock_viommu *mock; /* NULL: it has no pages to map */
};

/* Whether a vIOMMU is an interface of a CMDQV. */
static inline bool job_is_vintf(const struct document_object *viommu)
{
	return ((const struct job_viommu *)viommu)->type == IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV;
}

struct job_vdevice {
	struct document_object object;
	struct document_ref viommu;
	struct document_ref device;
	uint64_t vsid;
};

struct job_veventq {
	struct document_object object;
	struct document_ref viommu;
	uint64_t type; /* IOMMUCTL_VEVENTQ_TYPE_…; unused for the mock */
	uint64_t depth;
};

struct job_hw_queue {
	struct document_object object;
	struct document_ref viommu;
	uint64_t index;
	uint64_t ipa;
	uint64_t size;
};

/* A stage-1 leaf: an entry of a stage1's map, or of a map or remap step. */
struct job_leaf {
	uint64_t iova;
	uint64_t ipa;
	uint64_t size;
	uint64_t prot;
	uint64_t attr;
	bool access_flag;
	bool privileged;
};

struct job_stage1 {
	struct document_object object;
	uint64_t at;
	uint64_t size; /* region available for its tables */
	uint64_t granule;
	uint64_t va_bits;
	uint64_t pa_bits;
	uint64_t asid;
	struct document_list map;	/* struct job_leaf */
	struct document_ref msi_window; /* the device whose MSI window is identity-mapped */
};

struct job_context {
	uint64_t ssid;
	struct document_ref stage1;
	struct document_list
		fields; /* struct document_field: override those that the stage 1 implies */
	struct document_list words; /* uint64_t, eight, instead of fields: only in a step */
	uint64_t encoded[IOMMUCTL_SMMUV3_CD_WORDS]; /* once it is checked */
};

struct job_cd_table {
	struct document_object object;
	uint64_t at;
	uint64_t
		/* region available for a two-level table; 0: what a linear table needs */
		size;
	uint64_t s1fmt;
	uint64_t s1cdmax;
	struct document_list contexts; /* struct job_context */
};

/* The first three as VFIO numbers them; the last is MSI-X where the device has it, else MSI. */
enum job_irq_index { JOB_IRQ_INTX, JOB_IRQ_MSI, JOB_IRQ_MSIX, JOB_IRQ_ANY_MSI };

#define JOB_IRQ_VECTORS 2048 /* the most that any device has */

struct job_irq {
	struct document_object object;
	struct document_ref device;
	uint64_t index;
	uint64_t vector;
};

struct job_attach {
	struct document_ref device;
	const struct document_path *path;
	struct document_ref hwpt;
	struct document_ref ioas;
	uint64_t pasid; /* 0: the device itself */
	bool doubtful;	/* as of an object */
};

/* The arguments of the actions that make and destroy. */
struct job_step_object {
	struct document_ref object; /* "hwpts.s1" */
	bool exists;		    /* it does before the job begins, as in a session */
};

/* The arguments of the action that invalidates. */
struct job_invalidate {
	struct document_ref viommu;
	struct document_list commands;
	uint64_t done; /* DOCUMENT_UNSET: all of them */
	struct iommuctl_viommu_arm_smmuv3_invalidate
		*encoded; /* the commands, once they are checked */
};

struct job_expect {
	const char *errno_name;
	const char *cause;
};

struct schema_key;
struct iova_map;

/* The contents of a step "mock": one of its actions. */
struct job_mock_step {
	void *arguments; /* first: offset 0 means "nowhere" and must not be used by the others */
	const struct schema_key *key;
	const struct document_path *path; /* its own */
};

/* One action (job/actions/action.h), and its expected outcome. */
struct job_step {
	const char *name;
	const struct document_path *path;
	bool doubtful; /* as of an object */
	struct job_expect *expect;
	const struct schema_key *key; /* of the action; NULL: none, and the step is doubtful */
	const struct document_path *within; /* of the object that has @key; NULL: the step itself */
	void *arguments;		    /* as the shape of @key says */
};

/* What runs a job: the kernel of this host, or the model machine. */
enum job_backend { JOB_BACKEND_KERNEL, JOB_BACKEND_MODEL };

struct job {
	uint64_t version;
	const char *editor_schema; /* where editors find the JSON Schema; ignored */
	const char *name;
	const char *description;
	uint64_t backend;
	uint64_t rlimit_mode; /* of IOMMUCTL_OPTION_RLIMIT_MODE */
	struct document_list objects[JOB_COLLECTIONS];
	struct document_list attach; /* struct job_attach */
	struct document_list steps;  /* struct job_step */

	bool *made_by_step[JOB_COLLECTIONS]; /* by index: a create step makes it, not the set-up */
	/*
	 * By IOAS, while the job is checked: mappings that exist besides those in its document, as
	 * in a session. NULL, for all or for one: none.
	 */
	const struct iova_map **mapped;
	bool goes_on;		   /* in a session: what the set-up makes may exist already */
	struct document *document; /* owns all of this */
};

/* The most bytes that the tables of one stage 1, or one CD table, take in guest memory. */
#define JOB_TABLES_SIZE_MAX (UINT64_C(64) << 20)

/* Frees @job and its document. NULL: nothing. */
void job_free(struct job *job);

/* Mock devices have capabilities that devices of the machine may lack. */
bool job_has_mock_devices(const struct job *job);

/* Whether @object is left to a create step. */
bool job_is_made_by_step(const struct job *job, const struct document_object *object);

/* The memory that contains all of [@ipa, @ipa + @size), or NULL. */
const struct job_memory *job_memory_at(const struct job *job, uint64_t ipa, uint64_t size);

/*
 * Whether any memory is doubtful, so that an address outside all others may have been meant for it.
 */
bool job_memory_is_doubtful(const struct job *job);

/* The vDEVICE after @last (NULL: the first) of @device in @viommu (NULL: in any); NULL: no more. */
const struct job_vdevice *job_next_vdevice(const struct job *job,
	const struct document_object *device, const struct document_object *viommu,
	const struct job_vdevice *last);

/* @hwpt itself if it is a paging HWPT, else the one that it is nested on. */
const struct job_hwpt *job_paging_hwpt(const struct job_hwpt *hwpt);

/*
 * Marks the users of doubtful objects as doubtful, except users of devices: those only need it to
 * be a device.
 */
void job_spread_doubt(const struct job *job);

/* The IOVA and length of @map, given or by default. */
uint64_t job_ioas_map_iova(const struct job_ioas_map *map);
uint64_t job_ioas_map_length(const struct job_ioas_map *map);

#endif
