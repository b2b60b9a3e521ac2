/* SPDX-License-Identifier: MIT */
/* Page faults of devices, as text and as JSON. */
#ifndef CLI_OUTPUT_PAGE_FAULT_H
#define CLI_OUTPUT_PAGE_FAULT_H

#include <jansson.h>

#include <iommuctl/iommufd.h>

#define PAGE_FAULT_PERM_SIZE 8

/* One of a group, and the name of its device. */
struct page_fault {
	struct iommuctl_pgfault fault;
	size_t index;	    /* in its group, from 0 */
	size_t count;	    /* of the group; 0: unknown */
	const char *device; /* "devices.edu"; "": it has none here */
};

/* Those letters of "rwxp" that @perm has. Returns @text. */
const char *page_fault_perm(uint32_t perm, char text[PAGE_FAULT_PERM_SIZE]);

/* "devices.edu rw 0x5000 PASID 3 group 5 1/2"; truncates to @size. Returns @text. */
const char *page_fault_print(const struct page_fault *fault, char *text, size_t size);

/* A page fault of the queue @object: "object", "type", "event" (a line) and "fault". */
json_t *page_fault_to_json(const char *object, const struct page_fault *fault);

#endif
