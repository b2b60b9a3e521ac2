/* SPDX-License-Identifier: MIT */
/* What jobs may say, as tables: of the objects (schema*.c), of the steps, and what both share. */
#ifndef CLI_JOB_SCHEMA_H
#define CLI_JOB_SCHEMA_H

#include "document/schema.h"
#include "job/job.h"
#include "stimulus/stimulus.h"

extern const struct schema_shape schema_job;

/* The structures of which jobs give fields; a source is a struct iommuctl_smmuv3_field. */
extern const struct schema_structure job_ste_structure; /* the words that a nested HWPT takes */
extern const struct schema_structure job_cd_structure;
extern const struct schema_structure job_cmd_structure;
extern const struct schema_structure job_event_structure;

extern const struct schema_choice schema_prot_choices[];
extern const struct schema_choice schema_attr_choices[];
extern const struct schema_choice schema_ioas_prot_choices[];
extern const struct schema_choice schema_perm_choices[]; /* of page faults */
extern const struct schema_choice schema_stimulus_choices[];

/* Of the objects that are tables in guest memory. */
extern const struct schema_key schema_stage1_keys[];
extern const struct schema_key schema_cd_table_keys[];

/* Of a named object, by its collection. */
extern const struct schema_shape schema_objects[JOB_COLLECTIONS];

extern const struct schema_shape schema_ioas_map;
extern const struct schema_shape schema_mock, schema_mock_hwpt, schema_mock_viommu;
extern const struct schema_shape schema_device;
extern const struct schema_shape schema_ste;
extern const struct schema_shape schema_range;
extern const struct schema_shape schema_step, schema_mock_step;

/* The keys of a struct job_device that a machine may give as well: which it is, and how it is. */
#define SCHEMA_DEVICE_KEYS                                                                         \
	{ "pci", SCHEMA_STRING, MEMBER(job_device, pci), .group = 1,                               \
		.help = "PCI address, such as \"0000:00:01.0\"." },                                \
		{ "select", SCHEMA_STRING, MEMBER(job_device, select), .group = 1,                 \
			.help = "The device as on the command line: a PCI address, \"vfio0\", "    \
				"\"netdev:eth0/vf/0\" or \"pci:0000:00:01.0/vf/0\"." },            \
		{ "netdev", SCHEMA_STRING, MEMBER(job_device, netdev), .group = 1,                 \
			.help = "Name of a network interface of which \"vf\" is meant." },         \
		{ "vf", SCHEMA_NUMBER, MEMBER(job_device, vf), .max = UINT16_MAX,                  \
			.fallback = DOCUMENT_UNSET,                                                \
			.help = "Number of the virtual function of the network interface." },      \
		{ "mock", SCHEMA_OBJECT, MEMBER(job_device, mock), .group = 1,                     \
			.shape = &schema_mock,                                                     \
			.help = "None of this machine, but a test device that a kernel with "      \
				"CONFIG_IOMMUFD_TEST makes. \"mock\" steps have it do what "       \
				"devices do." },                                                   \
		{ "stimulus", SCHEMA_CHOICE, MEMBER(job_device, stimulus),                         \
			.choices = schema_stimulus_choices, .fallback = STIMULUS_ANY,              \
			.help = "The driver by which dma and trigger-msi steps use it, where "     \
				"that is not the one that its class and ids tell. A "              \
				"driver that others would notice is used if it is "                \
				"named here, and not else." },                                     \
		{ "vf-token", SCHEMA_UUID, MEMBER(job_device, vf_token),                           \
			.help = "The VF token that it is bound with, a UUID. A virtual "           \
				"function takes the one of its physical function (PF) if "         \
				"that is on vfio-pci as well. A PF takes its own while one "       \
				"of its VFs is in use, and any as a new one while none is." },     \
	{                                                                                          \
		"set-vf-token", SCHEMA_UUID, MEMBER(job_device, set_vf_token),                     \
			.help = "Of a PF: the VF token that its VFs are bound with from then "     \
				"on, a UUID. It is set once the PF is bound, which comes "         \
				"before devices that have a vf-token alone. It stays when the "    \
				"PF is closed, until the driver is unbound from it."               \
	}

/* The keys of a struct job_leaf that is the member @leaf (with its dot) of struct @type. */
#define LEAF_KEYS(type, leaf)                                                                      \
	{ "iova", SCHEMA_NUMBER, MEMBER(type, leaf iova), .required = true,                        \
		.help = "Input address." },                                                        \
		{ "ipa", SCHEMA_NUMBER, MEMBER(type, leaf ipa), .required = true,                  \
			.help = "Output address of stage 1." },                                    \
		{ "size", SCHEMA_NUMBER, MEMBER(type, leaf size), .required = true, .bytes = true, \
			.min = 4096, .help = "Bytes, a multiple of the granule." },                \
		{ "prot", SCHEMA_SET, MEMBER(type, leaf prot), .choices = schema_prot_choices,     \
			.fallback = JOB_PROT_READ | JOB_PROT_WRITE,                                \
			.help = "What is allowed: letters of \"rwx\", with \"r\"." },              \
		{ "attr", SCHEMA_CHOICE, MEMBER(type, leaf attr), .choices = schema_attr_choices,  \
			.fallback = JOB_ATTR_NORMAL, .help = "Memory type." },                     \
		{ "access-flag", SCHEMA_BOOL, MEMBER(type, leaf access_flag), .fallback = true,    \
			.help = "AF; without it an access is an F_ACCESS event." },                \
	{                                                                                          \
		"privileged", SCHEMA_BOOL, MEMBER(type, leaf privileged),                          \
			.help = "Leave unprivileged accesses out."                                 \
	}

#endif
