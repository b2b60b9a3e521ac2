/* SPDX-License-Identifier: MIT */
/*
 * The functions that are passed through, and what they share: an iommufd, and the IOAS of guest memory.
 *
 * They outlive a life of the guest. A life goes like this, and is undone in reverse:
 *
 *     passthrough_begin()     guest memory is in the IOAS, at its guest physical addresses
 *     (the guest's IOMMU is made, if it has one)
 *     passthrough_attach()    each function has page tables: from now on it answers
 *     vCPUs run; functions may be removed and added
 *     passthrough_detach()
 *     (the guest's IOMMU ends)
 *     passthrough_end()
 */
#ifndef KVM_PASSTHROUGH_H
#define KVM_PASSTHROUGH_H

#include <iommuctl/iommuctl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "function.h"
#include "vm.h"

#define MAX_FUNCTIONS 16u

/*
 * Whose page tables a function's DMA goes through: those of the guest's IOMMU. Both are called with the
 * lock of struct passthrough held, also while vCPUs run: a function is removed, another one added. A
 * function that is attached is present. Errors of attach are reported by it.
 */
struct function_iommu {
	void *data;
	int (*attach)(void *data, const struct function *function);
	void (*detach)(void *data, const struct function *function);
};

struct passthrough {
	struct iommuctl *ctx; /* NULL where no function is passed through */
	int iommufd;	      /* -1 likewise */
	uint32_t ioas_id;
	pthread_mutex_t lock; /* all below, and what each function has */
	struct function_iommu iommu;
	const struct vm *vm; /* of this life; NULL between two */
	size_t count;
	struct function functions[MAX_FUNCTIONS];
};

/* --device=ADDRESS[,bus=N] */
struct passthrough_option {
	char address[FUNCTION_ADDRESS_SIZE];
	unsigned int bus;
};

/* Reads the text of an option. Errors are reported, here and below. */
int passthrough_parse(const char *text, struct passthrough_option *option);

/* Opens the functions and binds them. Without any, this does nothing, and neither does what follows. */
int passthrough_open(
	struct passthrough *passthrough, const struct passthrough_option *options, size_t count);
void passthrough_close(struct passthrough *passthrough);

int passthrough_begin(struct passthrough *passthrough, const struct vm *vm);
void passthrough_end(struct passthrough *passthrough);

/* Without an IOMMU (NULL) they are attached to the IOAS of guest memory. iommu is copied. */
int passthrough_attach(struct passthrough *passthrough, const struct function_iommu *iommu);
void passthrough_detach(struct passthrough *passthrough);

/* Takes a function from the guest, and gives it back. */
int passthrough_remove(struct passthrough *passthrough, const char *address);
int passthrough_add(struct passthrough *passthrough, const char *address);

/* The function behind a requester ID, or NULL; the lock is the caller's. */
struct function *passthrough_find(struct passthrough *passthrough, uint16_t requester_id);

#endif
