/* SPDX-License-Identifier: MIT */
/*
 * The tables of the keys that a job may have: objects (schema*.c), steps, and keys that both share.
 */
#ifndef CLI_JOB_SCHEMA_SCHEMA_H
#define CLI_JOB_SCHEMA_SCHEMA_H

#include "document/schema.h"
#include "job/job.h"
#include "stimulus/stimulus.h"

extern const struct schema_shape schema_job;

/* Structures whose fields a job may give; each source is a struct iommuctl_smmuv3_field. */
extern const struct schema_structure job_ste_structure; /* the words that a nested HWPT takes */
extern const struct schema_structure job_cd_structure;
extern const struct schema_structure job_cmd_structure;
extern const struct schema_structure job_event_structure;

extern const struct schema_choice schema_prot_choices[];
extern const struct schema_choice schema_attr_choices[];
extern const struct schema_choice schema_ioas_prot_choices[];
extern const struct schema_choice schema_perm_choices[]; /* for page faults */
extern const struct schema_choice schema_stimulus_choices[];

/* For objects that are tables in guest memory. */
extern const struct schema_key schema_stage1_keys[];
extern const struct schema_key schema_cd_table_keys[];

/* Shapes of named objects, by collection. */
extern const struct schema_shape schema_objects[JOB_COLLECTIONS];

extern const struct schema_shape schema_ioas_map;
extern const struct schema_shape schema_mock, schema_mock_hwpt, schema_mock_viommu;
extern const struct schema_shape schema_device;
extern const struct schema_shape schema_ste;
extern const struct schema_shape schema_range;
extern const struct schema_shape schema_step, schema_mock_step;

/* The keys of a struct job_device that a machine description may have as well. */
#define SCHEMA_DEVICE_KEYS                                                                         \
	{ "pci", SCHEMA_STRING, MEMBER(job_device, pci), .group = 1,                               \
		.help = "PCI address, such as \"0000:00:01.0\"." },                                \
		{ "select", SCHEMA_STRING, MEMBER(job_device, select), .group = 1,                 \
			.help = "The device as on the command line: a PCI address, \"vfio0\", "    \
				"\"netdev:eth0/vf/0\" or \"pci:0000:00:01.0/vf/0\"." },            \
		{ "netdev", SCHEMA_STRING, MEMBER(job_device, netdev), .group = 1,                 \
			.help = "Name of a network interface; \"vf\" selects its virtual "         \
				"function." },                                                     \
		{ "vf", SCHEMA_NUMBER, MEMBER(job_device, vf), .max = UINT16_MAX,                  \
			.fallback = DOCUMENT_UNSET,                                                \
			.help = "Number of the network interface's virtual function." },           \
		{ "mock", SCHEMA_OBJECT, MEMBER(job_device, mock), .group = 1,                     \
			.shape = &schema_mock,                                                     \
			.help = "A test device that a kernel with CONFIG_IOMMUFD_TEST makes, "     \
				"rather than a device of this machine. \"mock\" steps drive "      \
				"it." },                                                           \
		{ "stimulus", SCHEMA_CHOICE, MEMBER(job_device, stimulus),                         \
			.choices = schema_stimulus_choices, .fallback = STIMULUS_ANY,              \
			.help = "The driver for dma and trigger-msi steps, if not the one that "   \
				"its class and IDs imply. A driver with effects that others "      \
				"notice is used only if named here." },                            \
		{ "vf-token", SCHEMA_UUID, MEMBER(job_device, vf_token),                           \
			.help = "The VF token to bind it with, a UUID. A virtual function needs "  \
				"its physical function's (PF's) token if the PF is on vfio-pci "   \
				"as well. A PF needs its own while any of its VFs is in use; "     \
				"otherwise any token is accepted and becomes the new one." },      \
	{                                                                                          \
		"set-vf-token", SCHEMA_UUID, MEMBER(job_device, set_vf_token),                     \
			.help = "For a PF: the VF token that its VFs must be bound with from "     \
				"then on, a UUID. It is set once the PF is bound, which happens "  \
				"before devices that only have a vf-token are bound. It persists " \
				"after the PF is closed, until its driver is unbound."             \
	}

/* The keys of a struct job_leaf that is the member @leaf (followed by a dot) of struct @type. */
#define LEAF_KEYS(type, leaf)                                                                      \
	{ "iova", SCHEMA_NUMBER, MEMBER(type, leaf iova), .required = true,                        \
		.help = "Input address." },                                                        \
		{ "ipa", SCHEMA_NUMBER, MEMBER(type, leaf ipa), .required = true,                  \
			.help = "Output address of stage 1." },                                    \
		{ "size", SCHEMA_NUMBER, MEMBER(type, leaf size), .required = true, .bytes = true, \
			.min = 4096, .help = "Bytes, a multiple of the granule." },                \
		{ "prot", SCHEMA_SET, MEMBER(type, leaf prot), .choices = schema_prot_choices,     \
			.fallback = JOB_PROT_READ | JOB_PROT_WRITE,                                \
			.help = "Permissions: letters of \"rwx\", including \"r\"." },             \
		{ "attr", SCHEMA_CHOICE, MEMBER(type, leaf attr), .choices = schema_attr_choices,  \
			.fallback = JOB_ATTR_NORMAL, .help = "Memory type." },                     \
		{ "access-flag", SCHEMA_BOOL, MEMBER(type, leaf access_flag), .fallback = true,    \
			.help = "AF; if false, an access raises an F_ACCESS event." },             \
	{                                                                                          \
		"privileged", SCHEMA_BOOL, MEMBER(type, leaf privileged),                          \
			.help = "Deny unprivileged accesses."                                      \
	}

#endif
