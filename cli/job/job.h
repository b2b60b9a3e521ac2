/* SPDX-License-Identifier: MIT */
/* A job as its document says it: named objects, references between them, and steps. Nothing here is live. */
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

/* Steps: what each action takes. */

struct job_step_write {
	uint64_t ipa;
	struct document_bytes text;
	struct document_bytes hex;
};

/* How a transfer ends. */
enum job_dma_outcome { JOB_DMA_DATA, JOB_DMA_DONE, JOB_DMA_BLOCKED };

struct job_dma_expect {
	uint64_t outcome; /* first: a word of the document in place of an object goes here */
	uint64_t ipa;
	struct document_bytes text;
	struct document_bytes hex;
};

struct job_step_dma {
	struct document_ref device;
	uint64_t from; /* DOCUMENT_UNSET: the device's buffer */
	uint64_t to;   /* likewise */
	uint64_t size; /* 0: as much as is expected */
	struct job_dma_expect *expect; /* NULL: it is done */
};

struct job_step_map {
	struct document_ref stage1;
	struct job_leaf leaf;
};

struct job_step_unmap {
	struct document_ref stage1;
	struct document_ref ioas;
	uint64_t iova;
	uint64_t size;
};

struct job_step_ioas_map {
	struct document_ref ioas;
	struct job_ioas_map *map;
};

struct job_step_set_cd {
	struct document_ref cd_table;
	struct job_context context;
	struct document_list words; /* uint64_t, eight */
};

struct job_command {
	const char *opcode; /* NULL: words */
	struct document_list fields; /* struct document_field */
	struct document_list words;  /* uint64_t, two */
};

struct job_step_invalidate {
	struct document_ref viommu;
	struct document_list commands; /* struct job_command */
	uint64_t done;            /* DOCUMENT_UNSET: all of them */
};

struct job_step_event {
	struct document_ref veventq;
	const char *type; /* NULL: none is to come */
	struct document_list fields; /* struct document_field */
	uint64_t timeout_ms;
};

struct job_step_no_event {
	struct document_ref veventq;
	uint64_t timeout_ms;
};

struct job_step_trigger_msi {
	struct document_ref irq;
	bool delivered;
	uint64_t timeout_ms;
};

struct job_step_device {
	struct document_ref device;
};

struct job_step_object {
	const char *object; /* "hwpts.s1" */
	struct document_object *target;
	const struct document_path *path;
};

struct job_expect {
	const char *errno_name;
	const char *cause;
};

struct job_step {
	const char *name;
	const struct document_path *path;
	bool doubtful; /* as of an object */
	struct job_expect *expect;
	/* Exactly one of these. */
	struct job_step_write *write;
	struct job_step_write *check;
	struct job_step_dma *dma;
	struct job_step_map *map;
	struct job_step_map *remap;
	struct job_step_unmap *unmap;
	struct job_step_ioas_map *ioas_map;
	struct job_step_set_cd *set_cd;
	struct job_step_invalidate *invalidate;
	struct job_attach *attach;
	struct job_step_device *detach;
	struct job_step_device *reset;
	struct job_step_event *event;
	struct job_step_no_event *no_event;
	struct job_step_trigger_msi *trigger_msi;
	struct job_step_object *create;
	struct job_step_object *destroy;
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

/* Whether the action that @step takes is the one at @member, an offsetof() of struct job_step. */
bool job_step_takes(const struct job_step *step, size_t member);

/*
 * Makes doubtful what uses something doubtful, but for devices: of a device, others need no more than
 * that it is one.
 */
void job_spread_doubt(struct job *job);

/* Which of the two is given. */
const struct document_bytes *job_bytes_of(const struct document_bytes *text, const struct document_bytes *hex);

/* What @dma leaves in guest memory, if that is what is expected of it; else NULL. */
const struct job_dma_expect *job_dma_data(const struct job_step_dma *dma);

/* How many bytes @dma moves, whether the document says it or leaves it to what is expected. */
uint64_t job_dma_size(const struct job_step_dma *dma);

/* Where @map maps, and how much, whether the document says it or leaves it to what is usual. */
uint64_t job_ioas_map_iova(const struct job_ioas_map *map);
uint64_t job_ioas_map_length(const struct job_ioas_map *map);

#endif
