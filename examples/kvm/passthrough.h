/* SPDX-License-Identifier: MIT */
/*
 * The passed-through functions, and what they share: an iommufd, and the IOAS of guest memory.
 *
 * They outlive a life of the guest. A life takes these steps, undone in reverse:
 *
 *     passthrough_begin()     guest memory is in the IOAS, at its guest physical addresses
 *     (the guest's IOMMU is made, if it has one)
 *     passthrough_attach()    each function has page tables: from now on it answers
 *     vCPUs run; functions may be removed and added
 *     passthrough_detach()
 *     (the guest's IOMMU ends)
 *     passthrough_end()
 *
 * Each end may be called even if its begin was not, or has failed.
 */
#ifndef KVM_PASSTHROUGH_H
#define KVM_PASSTHROUGH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

#include "function.h"
#include "irq_routes.h"
#include "passthrough_option.h"
#include "vm.h"

#define MAX_FUNCTIONS (IRQ_ROUTES_MESSAGES / MAX_VECTORS)

/*
 * Whose page tables translate a function's DMA: the guest's IOMMU's. Both are called with the lock
 * of struct passthrough held, and also while vCPUs run, when a function is removed or added. An
 * attached function is present. attach reports its own errors.
 */
struct function_iommu {
	void *data;
	int (*attach)(void *data, const struct function *function);
	void (*detach)(void *data, const struct function *function);
};

struct passthrough {
	struct iommuctl *ctx; /* NULL if nothing needs an iommufd */
	int iommufd;	      /* -1 likewise */
	int requests;	      /* likewise: readable (epoll) when the host wants a function back */
	uint32_t ioas_id;
	pthread_mutex_t lock; /* for everything below, and for the functions */
	struct function_iommu iommu;
	bool attaches;	     /* between passthrough_attach() and passthrough_detach() */
	unsigned int lives;  /* how many have begun */
	bool has_memory;     /* it is in the IOAS */
	const struct vm *vm; /* of this life; NULL between two */
	int kvm_vfio;	     /* KVM's list of VFIO files, in this life */
	struct irq_routes routes;
	size_t count;
	struct function functions[MAX_FUNCTIONS];
};

/*
 * Opens and binds the functions; without any, does nothing unless an iommufd is needed anyway.
 * Errors are reported, here and below.
 */
int passthrough_open(struct passthrough *passthrough, const struct passthrough_option *options,
	size_t count, bool needs_iommufd);
void passthrough_close(struct passthrough *passthrough);

int passthrough_begin(struct passthrough *passthrough, const struct vm *vm);
void passthrough_end(struct passthrough *passthrough);

/* Without an IOMMU (NULL) they are attached to the IOAS of guest memory. iommu is copied. */
int passthrough_attach(struct passthrough *passthrough, const struct function_iommu *iommu);
void passthrough_detach(struct passthrough *passthrough);

/* Takes a function from the guest, or gives it back, by its host address. */
int passthrough_remove(struct passthrough *passthrough, const char *address);
int passthrough_add(struct passthrough *passthrough, const char *address);

/* Removes the function with this number if the host wants it back. */
void passthrough_give_back(struct passthrough *passthrough, unsigned int number);

/* From here on, the caller holds the lock. */

/* The function with a requester ID, or with a host address; or NULL. */
struct function *passthrough_find(struct passthrough *passthrough, uint16_t requester_id);
struct function *passthrough_find_address(struct passthrough *passthrough, const char *address);

/* Applies what the guest has programmed for BARs, DMA and interrupts. */
void passthrough_update(struct passthrough *passthrough, struct function *function);

/* A reset that the guest asked for. */
void passthrough_reset(struct passthrough *passthrough, struct function *function);

#endif
