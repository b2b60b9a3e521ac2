/* SPDX-License-Identifier: MIT */
/* A job as its document says it: named objects, references, and steps. Nothing here is live. */
#ifndef CLI_JOB_JOB_H
#define CLI_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

#include "document/document.h"

/* The kinds of named objects, in the order in which an unconstrained job makes them. */
enum job_collection {
	JOB_MEMORY,
	JOB_DEVICES,
	JOB_IOAS,
	JOB_HWPTS,
	JOB_VIOMMUS,
	JOB_VDEVICES,
	JOB_VEVENTQS,
	JOB_STAGE1,
	JOB_CD_TABLES,
	JOB_IRQS,
	JOB_COLLECTIONS,
};

/* Fields of a command or event, whose name tells which there are. */
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

struct job_device {
	struct document_object object;
	const char *pci;
	const char *netdev;
	uint64_t vf; /* of netdev */
	bool bind;   /* to the iommufd of the job */
};

struct job_ioas_map {
	struct document_ref memory;
	uint64_t iova; /* DOCUMENT_UNSET: where the memory is */
	uint64_t offset;
	uint64_t length; /* 0: to the end of the memory */
	uint64_t prot;
};

struct job_ioas {
	struct document_object object;
	struct document_list map; /* struct job_ioas_map */
};

struct job_ste {
	struct document_ref cd_table;
	struct document_list fields; /* struct document_field */
	struct document_list words;  /* uint64_t, two */
	bool unchecked;
	uint64_t encoded[IOMMUCTL_SMMUV3_STE_WORDS]; /* once it is checked */
};

struct job_hwpt {
	struct document_object object;
	struct document_ref device;
	struct document_ref ioas;
	struct document_ref viommu;
	bool nest_parent;
	bool dirty_tracking;
	struct job_ste *ste;
};

struct job_viommu {
	struct document_object object;
	struct document_ref device;
	struct document_ref hwpt;
	uint64_t type;
};

struct job_vdevice {
	struct document_object object;
	struct document_ref viommu;
	struct document_ref device;
	uint64_t vsid;
};

struct job_veventq {
	struct document_object object;
	struct document_ref viommu;
	uint64_t depth;
};

/* What a stage-1 leaf says; an entry of a stage1's map, or of a map or remap step. */
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
	uint64_t size; /* of the region that its tables may take */
	uint64_t granule;
	uint64_t va_bits;
	uint64_t pa_bits;
	uint64_t asid;
	struct document_list map;    /* struct job_leaf */
	struct document_ref msi_window; /* the device whose MSI window is mapped onto itself */
};

struct job_context {
	uint64_t ssid;
	struct document_ref stage1;
	struct document_list fields; /* struct document_field: overrides of the CD that the stage 1 gives */
	struct document_list words;  /* uint64_t, eight, instead: only a step has them */
	uint64_t encoded[IOMMUCTL_SMMUV3_CD_WORDS]; /* once it is checked */
};

struct job_cd_table {
	struct document_object object;
	uint64_t at;
	uint64_t size; /* of the region that a two-level table may take; 0: a linear table needs no more */
	uint64_t s1fmt;
	uint64_t s1cdmax;
	struct document_list contexts; /* struct job_context */
};

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
	bool doubtful; /* as of an object */
};

/* The arguments of the actions that make and destroy. */
struct job_step_object {
	struct document_ref object; /* "hwpts.s1" */
};

/* The arguments of the action that invalidates. */
struct job_invalidate {
	struct document_ref viommu;
	struct document_list commands;
	uint64_t done; /* DOCUMENT_UNSET: all of them */
	struct iommuctl_viommu_arm_smmuv3_invalidate *encoded; /* the commands, once they are checked */
};

struct job_expect {
	const char *errno_name;
	const char *cause;
};

struct schema_key;

/* One action (job/action.h), and how it ends. */
struct job_step {
	const char *name;
	const struct document_path *path;
	bool doubtful; /* as of an object */
	struct job_expect *expect;
	const struct schema_key *key; /* of the action; NULL: none is given, and it is doubtful */
	void *arguments;              /* as the shape of @key says */
};

/* What carries a job out: the kernel of this host, or the model machine. */
enum job_backend { JOB_BACKEND_KERNEL, JOB_BACKEND_MODEL };

struct job {
	uint64_t version;
	const char *editor_schema; /* where editors find the JSON Schema; not used */
	const char *name;
	const char *description;
	uint64_t backend;
	struct document_list objects[JOB_COLLECTIONS];
	struct document_list attach; /* struct job_attach */
	struct document_list steps;  /* struct job_step */

	bool *made_by_step[JOB_COLLECTIONS]; /* by index: a create step makes it, not the set-up */
	struct document *document; /* in which all of this lives */
};

/* Frees @job and its document. NULL: nothing. */
void job_free(struct job *job);

/* Whether it is left to a create step to make @object. */
bool job_is_made_by_step(const struct job *job, const struct document_object *object);

/* The memory that holds [@ipa, @ipa + @size) whole, or NULL. */
const struct job_memory *job_memory_at(const struct job *job, uint64_t ipa, uint64_t size);

/* Whether a memory is doubtful, so that where none is one may have been meant. */
bool job_memory_is_doubtful(const struct job *job);

/* The vDEVICE behind @last (NULL: the first) of @device in @viommu (NULL: of any); NULL: no more. */
const struct job_vdevice *job_next_vdevice(const struct job *job, const struct document_object *device,
	const struct document_object *viommu, const struct job_vdevice *last);

/*
 * Makes doubtful what uses something doubtful, but for devices: of a device, others need no more than
 * that it is one.
 */
void job_spread_doubt(struct job *job);

/* Where @map maps, and how much, whether the document says it or leaves it to what is usual. */
uint64_t job_ioas_map_iova(const struct job_ioas_map *map);
uint64_t job_ioas_map_length(const struct job_ioas_map *map);

#endif
