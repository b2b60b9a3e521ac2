/* SPDX-License-Identifier: MIT */
/* The parsed document of a model machine. */
#ifndef CLI_MODEL_PLATFORM_SCHEMA_H
#define CLI_MODEL_PLATFORM_SCHEMA_H

#include <iommuctl/model.h>

#include "document/schema.h"

struct platform_cmdqv {
	uint64_t queues;
	uint64_t vsids;
	uint64_t interfaces;
};

struct platform_smmu {
	uint64_t type; /* enum iommuctl_model_iommu */
	bool nesting;
	bool s2fwb;
	bool ril;
	bool stall;
	bool global_entries;
	bool dirty_tracking;
	bool repeat_tlbi_cfgi;
	bool scalable_mode;
	bool five_levels;
	bool supervisor;
	bool extended_access;
	struct platform_cmdqv *cmdqv; /* NULL: none */
	const struct document_path *path;
	uint64_t oas_bits;
	uint64_t ssid_bits;
	uint64_t tlb_entries;
};

struct platform_pci {
	const char *pci;
	const struct document_path *path;
	uint64_t smmu;
	uint64_t stream_id;
	uint64_t group;
	struct platform_direct *direct;
	const char *pf;
	bool canwbs;
	bool resets;
	bool memory_bar;
};

struct platform_direct {
	uint64_t start;
	uint64_t size;
};

struct platform_document {
	const char *schema;
	uint64_t version;
	struct document_list smmus;   /* struct platform_smmu */
	struct document_list devices; /* struct platform_pci */
};

extern const struct schema_shape schema_platform;

#endif
