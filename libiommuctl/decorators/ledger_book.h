/* SPDX-License-Identifier: MIT */
/* The state of a ledger: the live entries, and the files that keep them alive. */
#ifndef LIBIOMMUCTL_DECORATORS_LEDGER_BOOK_H
#define LIBIOMMUCTL_DECORATORS_LEDGER_BOOK_H

#include <iommuctl/transport.h>

/*
 * An open file. It outlives its descriptor while a mapping is left, and so does everything that it
 * keeps alive: the kernel ends an iommufd's objects with the last of the iommufd itself, its bound
 * devices and its event queues.
 */
struct ledger_file {
	uint64_t serial;
	uint64_t holds; /* serial of the iommufd that it keeps alive, 0 for none */
	size_t mappings;
	int fd;
	bool open;
};

/* For each entry, what decides when it ends. */
struct ledger_detail {
	uint64_t file;	 /* serial of the file that it lives in, 0 for none */
	uint64_t device; /* serial of the device whose end ends it, 0 for none */
	int64_t key;	 /* object id; of an attachment its PASID, -1 without */
	size_t length;	 /* of a mapping */
};

struct ledger_book {
	struct iommuctl_ledger_entry *entries;
	struct ledger_detail *details;
	size_t count;
	size_t capacity;
	struct ledger_file *files;
	size_t file_count;
	size_t file_capacity;
	uint64_t last_serial;
};

/*
 * Makes room for everything that one call can add, so that nothing below fails. Ending needs no
 * room.
 */
int ledger_book_reserve(struct ledger_book *book);
void ledger_book_free(struct ledger_book *book);

/* The open file of @fd; one that was opened elsewhere becomes known, without an entry. */
struct ledger_file *ledger_book_file(struct ledger_book *book, int fd);

/* Enters @fd as a file that @holds (a serial, or 0). */
void ledger_book_open(struct ledger_book *book, int fd, uint64_t holds, const char *call);
void ledger_book_close(struct ledger_book *book, int fd);

/* @device is the serial of the device file whose end also ends the object, or 0. */
void ledger_book_create(
	struct ledger_book *book, int fd, uint32_t id, uint64_t device, const char *call);
void ledger_book_destroy(struct ledger_book *book, int fd, uint32_t id);

/* The serial of the device file that was bound to iommufd @fd as @id, or 0. */
uint64_t ledger_book_device_of(struct ledger_book *book, int fd, uint32_t id);

/* @pasid is -1 for the device itself. A second attachment replaces the first. */
void ledger_book_attach(
	struct ledger_book *book, int fd, int64_t pasid, uint32_t pt_id, const char *call);
void ledger_book_detach(struct ledger_book *book, int fd, int64_t pasid);

void ledger_book_map(struct ledger_book *book, int fd, const void *address, size_t length);
void ledger_book_unmap(struct ledger_book *book, const void *address, size_t length);

#endif
