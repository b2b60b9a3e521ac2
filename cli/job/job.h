/* SPDX-License-Identifier: MIT */
/* A job as its document says it: named objects, references between them, and steps. Nothing here is live. */
#ifndef CLI_JOB_JOB_H
#define CLI_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <iommuctl/iommuctl.h>

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

/* A place in the document: a chain that ends at the root. A NULL key means an array index. */
struct document_path {
	const struct document_path *parent;
	const char *key;
	size_t index;
};

/* What every named object starts with. */
struct document_object {
	const char *name;
	enum job_collection collection;
	size_t index;         /* within its collection */
	bool made_by_step;    /* a create step makes it, not the set-up */
	bool doubtful;        /* has a mistake, or needs what has one: not to be judged */
	const struct document_path *path;
	size_t first_use;     /* its own uses of others, which are neighbours in the job's */
	size_t use_count;
};

/* A reference by name; target is set once the whole document is read. */
struct document_ref {
	const char *name;
	struct document_object *target;
};

struct document_list {
	void *items; /* as large as the shape of the list says */
	size_t count;
};

/* Bytes that a job writes or expects. */
struct document_bytes {
	const uint8_t *data;
	size_t size;
};

/* Fields of an architected structure, by the names of the specification. */
struct document_field {
	const char *key;
	const struct iommuctl_smmuv3_field *field;
	uint64_t value;
	const struct document_path *path;
};

/* Fields of a command or event, whose name tells which there are. */
struct job_named_fields {
	const char *name;
	struct document_list fields; /* struct document_field */
};

/* A number that the document does not give. */
#define DOCUMENT_UNSET UINT64_MAX

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

/* A use of one object by another, for ordering and for finding cycles. */
struct document_use {
	const struct document_object *user; /* NULL: an attach entry or a step */
	struct document_ref *ref;
	enum job_collection collection;
	const struct document_path *path;
	bool *doubtful; /* of the object, attach entry or step that has the use */
};

struct job {
	uint64_t version;
	const char *editor_schema; /* where editors find the JSON Schema; not used */
	const char *name;
	const char *description;
	uint64_t backend;
	struct document_list objects[JOB_COLLECTIONS];
	struct document_list attach; /* struct job_attach */
	struct document_list steps;  /* struct job_step */

	struct document_object **by_name[JOB_COLLECTIONS]; /* sorted */
	struct document_use *uses;
	size_t use_count;
	struct document_arena *arena;
	json_t *document; /* owns the strings */
	char *text;       /* the document as it was read, for line numbers */
	size_t text_size;
	const char *file_name; /* which outlives the job; NULL: it was in memory */
	bool has_duplicates;   /* a key comes twice */
	bool unread[JOB_COLLECTIONS]; /* it cannot be told which names the collection has */
};

/* The object at @index of @collection. */
struct document_object *job_object_at(const struct job *job, enum job_collection collection, size_t index);

/* Sorts the objects for the two functions below, once they have their names. Returns 0 or -ENOMEM. */
int job_index_names(struct job *job);

/* The object called @name, or the one labelled "hwpts.s1"; NULL if there is none. */
struct document_object *job_find(const struct job *job, enum job_collection collection, const char *name);
struct document_object *job_find_labelled(const struct job *job, const char *label);

/* "hwpts.s1": what messages call @object. Truncates to @size. */
const char *job_object_label(const struct document_object *object, char *label, size_t size);

/* The name that the document has for @collection: "hwpts". */
const char *job_collection_name(enum job_collection collection);

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
