/* SPDX-License-Identifier: MIT */
/* The gates that nested translation has to pass on this host, one by one. */
#ifndef CLI_HOST_GATE_H
#define CLI_HOST_GATE_H

#include <stdint.h>
#include <stdio.h>

#include "host/bound_device.h"
#include "host/device.h"
#include "host/record.h"
#include "output/failure.h"

enum gate_outcome {
	GATE_PASS,
	GATE_FAIL,
	GATE_UNKNOWN,
};

struct gate_result {
	enum gate_outcome outcome;
	struct failure found; /* its message is the finding, whatever the outcome */
};

/* Facts that gates prove, for the gates after them. */
enum gate_fact {
	GATE_FACT_IOMMUFD = 1 << 0, /* /dev/iommu opens */
	GATE_FACT_DEVICE = 1 << 1,  /* the device is there: examination.device holds */
	GATE_FACT_GROUP = 1 << 2,   /* it is in an IOMMU group */
	GATE_FACT_CDEV = 1 << 3,    /* its cdev is there */
	GATE_FACT_ACCESS = 1 << 4,  /* its cdev opens */
	GATE_FACT_BOUND = 1 << 5,   /* examination.bound holds */
	GATE_FACT_HW_INFO = 1 << 6, /* examination.hw holds */
	GATE_FACT_PARENT = 1 << 7,  /* examination.parent_id is a nesting parent */
	GATE_FACT_VFIO = 1 << 8,    /* it is on a VFIO driver */
};

/* The subject of one run of the gates, and its findings so far. */
struct examination {
	const struct sysfs *sysfs;
	const struct host_record *recorded; /* that has sysfs; NULL: this host */
	const char *pci;		    /* normalised; NULL: only the host */
	uint64_t memory;		    /* bytes of guest memory; 0: not given */
	const uint8_t *vf_token;	    /* to bind it with; NULL: none */
	struct iommuctl *ctx; /* for the gates that ask the kernel; NULL without a device */
	unsigned int facts;
	struct host_device device;
	uint64_t known; /* about the device, for explanations: bits of IOMMUCTL_KNOWN_* */
	struct bound_device bound;
	struct bound_device_hw_info hw;
	uint32_t parent_id;
};

struct gate {
	const char *name;
	unsigned int needs;  /* facts without which the outcome is unknown */
	unsigned int proves; /* facts that hold once it passed */
	void (*check)(struct examination *examination, struct gate_result *result);
	bool (*concerns)(const struct examination *examination); /* NULL: each host and device */
};

/* Each ends with a gate without a name. The gates of a device come after those of the host. */
extern const struct gate host_gates[];
extern const struct gate device_gates[];
extern const struct gate live_gates[];

/*
 * Runs @gate, unless facts that it needs are missing, and adds the facts that it proves. False,
 * without a result, if it does not concern this host or device.
 */
bool gate_run(const struct gate *gate, struct examination *examination, struct gate_result *result);

/* Closes what the live gates opened. */
void examination_end(struct examination *examination);

/* The three outcomes, for checks. The finding is printf-like; a remedy may follow a newline. */
void gate_pass(struct gate_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void gate_unknown(struct gate_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void gate_fail(struct gate_result *result, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
