/* SPDX-License-Identifier: MIT */
/* What a sequence acts on: an iommufd, two edu devices, the guest's memory, and the ids seen so far. */
#ifndef CONFORMANCE_SUBJECT_H
#define CONFORMANCE_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

#include "dice.h"
#include "guest.h"
#include "transcript.h"

#define SUBJECT_DEVICES 2
#define SUBJECT_SLOTS	4

/* Kinds of objects; each has slots for the ids of some of them, dead or alive. */
enum slot_kind {
	SLOT_DEVICE, /* slot n: the id of device n */
	SLOT_IOAS,
	SLOT_PAGING,
	SLOT_PARENT,
	SLOT_NESTED,
	SLOT_VIOMMU,
	SLOT_VDEVICE,
	SLOT_VEVENTQ,
	SLOT_FAULT_QUEUE,
	SLOT_MOCK, /* what is destroyed to unbind a mock device */
	SLOT_HW_QUEUE,
	SLOT_ACCESS,  /* only a file */
	SLOT_DMA_BUF, /* the same */
	SLOT_KINDS,
};

struct subject_device {
	const char *path;
	int fd; /* -1: not open */
	bool attached;
	int eventfd;
	struct iommuctl_vfio_region_info bar0;
	struct iommuctl_vfio_region_info config;
};

#define SUBJECT_MOCKS	 32
#define SUBJECT_PASIDS	 8
#define SUBJECT_EXACT	 1024
#define SUBJECT_MAPPINGS 4

/* A mock device that lives, and its PASIDs, which are to be detached before it goes. */
struct subject_mock {
	uint32_t id; /* 0: none */
	uint32_t pasids[SUBJECT_PASIDS];
	unsigned int pasid_count;
};

struct subject_mapping {
	void *address; /* NULL: none */
	size_t length;
};

struct subject {
	struct iommuctl *ctx;
	bool waits; /* DMA takes time, and events and interrupts some as well */
	struct transcript transcript;
	struct guest guest;
	int iommufd;
	struct subject_device devices[SUBJECT_DEVICES];
	uint32_t slots[SLOT_KINDS][SUBJECT_SLOTS];
	int queue_fds[SLOT_KINDS][SUBJECT_SLOTS]; /* -1: none */

	/* On the kernel's mock. */
	bool mock;
	struct subject_mock mocks[SUBJECT_MOCKS];
	struct subject_mapping mappings[SUBJECT_MAPPINGS];
	bool exact
		[SUBJECT_EXACT]; /* by id, of an IOAS and of its HWPTs: each page is a mapping of its own */
};

/*
 * Everything as at the start of a sequence. Needs ctx, waits, guest and the paths of the devices.
 * 0 or -errno.
 */
int subject_start(struct subject *subject, uint64_t seed);
void subject_end(struct subject *subject);

/* Opens the device and learns its regions, if it is not open. 0 or -errno. */
int subject_open_device(struct subject *subject, unsigned int index);
void subject_close_device(struct subject *subject, unsigned int index);

/* What a bound device says of its regions. 0 or -errno. */
int subject_learn_regions(struct subject *subject, unsigned int index);

/* An id of @kind, most likely of a living object. */
uint32_t subject_pick(const struct subject *subject, struct dice *dice, enum slot_kind kind);
unsigned int subject_pick_slot(
	const struct subject *subject, struct dice *dice, enum slot_kind kind);
/* Most likely one that is open. */
unsigned int subject_pick_device(const struct subject *subject, struct dice *dice);

/* Keeps the @id of a new object, and the queue's file descriptor unless -1. */
void subject_keep(
	struct subject *subject, struct dice *dice, enum slot_kind kind, uint32_t id, int queue_fd);
void subject_close_queue(struct subject *subject, enum slot_kind kind, unsigned int slot);

/* subject_mock.c: the ioctl of the mock, and what of it has to be undone before a sequence ends. */
struct abi_test_cmd;
int subject_command(struct subject *subject, struct abi_test_cmd *command);
struct subject_mock *subject_find_mock(struct subject *subject, uint32_t id);
void subject_forget_pasids(struct subject *subject, struct subject_mock *mock);
void subject_unmap(struct subject *subject, unsigned int slot);

/* Lets what was just caused come to an end. */
void subject_settle(const struct subject *subject, unsigned int milliseconds);

#endif
