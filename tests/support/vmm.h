/* SPDX-License-Identifier: MIT */
/*
 * The VMM's side of the guest fixture: an iommufd, devices that are bound to it and may do DMA, the
 * guest's memory in an IOAS, and a nest if the test makes one. It is the same on a real kernel and
 * on the model machine:
 *
 *	struct vmm vmm = { .ctx = ctx };
 *
 *	vmm_open_devices(&vmm, paths, 2);
 *	vmm_make_ram(&vmm, 0x40000000, 0x100000);
 *	err = vmm_new_nest(&vmm, (struct iommuctl_nest_config){ .bypass = true });
 *	err = vmm_add(&vmm, 0, 0x42);
 *
 * vmm_open_model() does the first two steps on a model machine. Its transport is, from below: the
 * machine, a ledger, a call that is made to fail if that is asked for, a trace that counts, and a
 * script (transport.h), by which a test lets calls fail or looks at them.
 *
 * What cannot be done ends the test, with the reason, unless a function says what it returns.
 */
#ifndef TESTS_SUPPORT_VMM_H
#define TESTS_SUPPORT_VMM_H

#include <iommuctl/iommufd.h>
#include <iommuctl/nest.h>
#include <iommuctl/vfio.h>

#include "guest.h"
#include "must.h"

#define VMM_DEVICES 2

struct iommuctl_model;
struct iommuctl_model_config;

struct vmm {
	struct iommuctl *ctx;
	int iommufd;
	int devices[VMM_DEVICES];
	uint32_t dev_ids[VMM_DEVICES];
	struct guest_ram ram;
	uint32_t ioas;
	struct iommuctl_nest *nest;
	struct iommuctl_stage1 stage1; /* for the test's own tables */

	/* On a model machine. */
	struct iommuctl_model *model;
	struct iommuctl_transport *ledger;
	struct script *script;
	unsigned int calls;
	unsigned int attaches;
	unsigned int detaches;
	int fault;	      /* the errno of a call that is made to fail */
	char failed_call[32]; /* the one that it came from; "" until it comes */
};

/* Aborts if @err is one, and says the last error of @ctx: must.h. */
void must_in(struct iommuctl *ctx, int err, const char *what);

/* Binds the device that is open as @fd to vmm->iommufd, and lets it master the bus. 0 or -errno. */
int vmm_bind(struct vmm *vmm, unsigned int index, int fd);

/* An iommufd, and the devices at @paths bound to it. */
void vmm_open_devices(struct vmm *vmm, const char *const *paths, unsigned int count);

/* Makes the guest's memory, and an IOAS in which it is. */
void vmm_make_ram(struct vmm *vmm, uint64_t ipa, uint64_t size);

/*
 * A context over vmm->model, whose call @nth fails with @error, or none if that is 0. It sets
 * vmm->ledger and vmm->script, and counts.
 */
struct iommuctl *vmm_model_context(struct vmm *vmm, uint64_t nth, int error);

/* Makes a machine and opens its first two devices. @config may be NULL. */
void vmm_open_model(struct vmm *vmm, const struct iommuctl_model_config *config);

/* The same, but the call @nth fails with @error; 0: none does. */
void vmm_open_model_failing(
	struct vmm *vmm, const struct iommuctl_model_config *config, uint64_t nth, int error);

/* Ends everything except the nest. */
void vmm_close_model(struct vmm *vmm);

/* The members of @config that say where are filled in. Returns what iommuctl_nest_new() does. */
static inline int vmm_new_nest(struct vmm *vmm, struct iommuctl_nest_config config)
{
	config.iommufd = vmm->iommufd;
	config.ioas_id = vmm->ioas;
	config.dev_id = vmm->dev_ids[0];
	return iommuctl_nest_new(vmm->ctx, &config, &vmm->nest);
}

/* Returns what iommuctl_nest_set_ste() does with an STE that is all in its first word. */
static inline int vmm_set_ste(struct vmm *vmm, uint32_t vsid, uint64_t word0)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { word0 };

	return iommuctl_nest_set_ste(vmm->nest, vsid, words, NULL);
}

/* Returns what iommuctl_nest_add_device() does. */
static inline int vmm_add(struct vmm *vmm, int device, uint32_t vsid)
{
	return iommuctl_nest_add_device(
		vmm->nest, vmm->devices[device], vmm->dev_ids[device], vsid);
}

#endif
