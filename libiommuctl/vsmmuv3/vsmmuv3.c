// SPDX-License-Identifier: MIT
/* Makes and ends the SMMU that a guest sees. */
#include "vsmmuv3/record.h"

#include <errno.h>
#include <stdlib.h>

#include "array.h"

/* Never shown, whatever the physical SMMU has. */
#define IDR0_ABSENT                                                                                \
	(IDR0_S2P | IDR0_BTM | IDR0_HYP | IDR0_ATOS | IDR0_PRI | IDR0_VMW | IDR0_VMID16 |          \
		IDR0_VATOS | IDR0_STALL_MODEL)

static const struct iommuctl_explanation no_arguments = {
	"the configuration lacks the guest's memory, the identity or the VMM's operations",
	"pass memory, identity and ops, and a place for the result",
};

static const struct iommuctl_explanation too_many_translations = {
	"translations is above its maximum",
	"pass up to IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX in translations, or 0",
};

static const struct iommuctl_explanation no_lock = {
	"the process can have no more locks",
	"check its limits",
};

static uint32_t cap_queue(uint32_t idr1, unsigned int shift)
{
	const uint32_t log2size = idr1 >> shift & IDR1_QUEUE_MASK;

	if (log2size <= IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX)
		return idr1;
	return (idr1 & ~(IDR1_QUEUE_MASK << shift)) |
	       (uint32_t)IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX << shift;
}

/* A guest is shown nothing that nobody would answer. */
static struct iommuctl_vsmmuv3_identity show(const struct iommuctl_vsmmuv3_config *config)
{
	struct iommuctl_vsmmuv3_identity shown = *config->identity;

	shown.idr[0] &= ~IDR0_ABSENT;
	shown.idr[0] |= (uint32_t)IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE << IDR0_STALL_MODEL_SHIFT;
	if (!config->ops->msi)
		shown.idr[0] &= ~IDR0_MSI;
	if (!config->ops->send_event)
		shown.idr[0] &= ~IDR0_SEV;
	shown.idr[1] &= ~(IDR1_PRESET | IDR1_ECMDQ | IDR1_PRIQS);
	shown.idr[1] = cap_queue(shown.idr[1], IDR1_EVENTQS_SHIFT);
	shown.idr[1] = cap_queue(shown.idr[1], IDR1_CMDQS_SHIFT);
	return shown;
}

static void keep(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_config *config)
{
	smmu->memory = config->memory;
	smmu->ops = *config->ops;
	smmu->data = config->data;
	smmu->abort = config->abort;
	smmu->identity = show(config);
	for (size_t i = 0; i < ARRAY_SIZE(smmu->irq_fds); i++)
		smmu->irq_fds[i] = config->irq_fds ? config->irq_fds[i] : -1;
}

static int make_nest(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_config *config)
{
	struct iommuctl_smmuv3_idr idr;
	const struct iommuctl_nest_config nest = {
		.iommufd = config->iommufd,
		.ioas_id = config->ioas_id,
		.dev_id = config->dev_id,
		.idr = &idr,
		.bypass = !config->abort,
		.event_depth = config->event_depth ? config->event_depth
						   : IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT,
		.batch = config->batch,
		.fold = config->fold,
		.fold_granule = config->fold_granule,
	};

	iommuctl_smmuv3_idr_decode(
		smmu->identity.idr, smmu->identity.iidr, smmu->identity.aidr, &idr);
	return iommuctl_nest_new(smmu->ctx, &nest, &smmu->nest);
}

static int make_translations(struct iommuctl_vsmmuv3 *smmu,
	const struct iommuctl_vsmmuv3_config *config, const struct call *call)
{
	const uint32_t entries =
		config->translations ? config->translations : IOMMUCTL_VSMMUV3_TRANSLATIONS_DEFAULT;
	int err;

	if (entries > IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX)
		return call_refuse(smmu->ctx, call, EINVAL, &too_many_translations);
	err = vsmmuv3_shared_cache_init(&smmu->translations, entries);
	switch (err) {
	case 0: return 0;
	case -ENOMEM: return call_fail(smmu->ctx, call, ENOMEM);
	default: return call_refuse(smmu->ctx, call, -err, &no_lock);
	}
}

/* The VMM's operations run under the lock and may read registers, for which a recorder takes it. */
static int make_lock(struct iommuctl_vsmmuv3 *smmu, bool again)
{
	pthread_mutexattr_t attributes;
	int err = pthread_mutexattr_init(&attributes);

	if (err)
		return err;
	if (again)
		err = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	if (!err)
		err = pthread_mutex_init(&smmu->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return err;
}

/* Everything but the lock. */
static int make(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_config *config,
	const struct call *call)
{
	int err = make_translations(smmu, config, call);

	if (err)
		return err;
	err = make_nest(smmu, config);
	if (err)
		return err;
	if (vsmmuv3_recorder_new(smmu, config))
		return call_fail(smmu->ctx, call, ENOMEM);
	return vsmmuv3_cmdq_init(smmu, config->budget);
}

int iommuctl_vsmmuv3_new(struct iommuctl *ctx, const struct iommuctl_vsmmuv3_config *config,
	struct iommuctl_vsmmuv3 **smmu)
{
	struct call call = {
		.operation = OP_VSMMUV3_NEW,
		.objects = { { "no configuration", .show = SHOW_NAME } },
	};
	struct iommuctl_vsmmuv3 *made;
	int err;

	if (config)
		call.objects[0] = (struct call_object){ "device", config->dev_id };
	if (!config || !smmu || !config->memory || !config->identity || !config->ops)
		return call_refuse(ctx, &call, EINVAL, &no_arguments);
	made = calloc(1, sizeof(*made));
	if (!made)
		return call_fail(ctx, &call, ENOMEM);
	made->ctx = ctx;
	keep(made, config);
	err = make_lock(made, config->recorder);
	if (err) {
		free(made);
		return call_refuse(ctx, &call, err, &no_lock);
	}
	err = make(made, config, &call);
	if (err) {
		iommuctl_vsmmuv3_free(made);
		return err;
	}
	iommuctl_event_reader_init(&made->events, ctx, iommuctl_nest_get_event_fd(made->nest));
	vsmmuv3_reset_registers(made);
	*smmu = made;
	return 0;
}

void iommuctl_vsmmuv3_free(struct iommuctl_vsmmuv3 *smmu)
{
	if (!smmu)
		return;
	vsmmuv3_free_devices(smmu);
	iommuctl_nest_free(smmu->nest);
	vsmmuv3_shared_cache_release(&smmu->translations);
	pthread_mutex_destroy(&smmu->lock);
	free(smmu->recorder);
	free(smmu);
}

struct vsmmuv3_view vsmmuv3_look(const struct iommuctl_vsmmuv3 *smmu)
{
	return (struct vsmmuv3_view){
		.memory = smmu->memory,
		.idr = iommuctl_nest_get_idr(smmu->nest),
		.idr3 = &smmu->identity.idr[3],
		.strtab_base = vsmmuv3_get(smmu, VSMMUV3_STRTAB_BASE),
		.strtab_base_cfg = (uint32_t)vsmmuv3_get(smmu, VSMMUV3_STRTAB_BASE_CFG),
		.enabled = vsmmuv3_get(smmu, VSMMUV3_CR0) & CR0_SMMUEN,
		.gbpa_abort = vsmmuv3_get(smmu, VSMMUV3_GBPA) & GBPA_ABORT,
		.recinvsid = vsmmuv3_get(smmu, VSMMUV3_CR2) & CR2_RECINVSID,
	};
}

/* Restores the guest's settings in the kernel as if the guest had written them. */
void vsmmuv3_reset(struct iommuctl_vsmmuv3 *smmu)
{
	smmu->events_stale = true;
	vsmmuv3_reset_registers(smmu);
	vsmmuv3_set(smmu, VSMMUV3_GBPA, vsmmuv3_get(smmu, VSMMUV3_GBPA) | GBPA_UPDATE);
	smmu->streams_pending = true;
	smmu->streams_known = false;
	smmu->raised = 0;
	smmu->wakes = false;
	smmu->has_msi = false;
}

int iommuctl_vsmmuv3_reset(struct iommuctl_vsmmuv3 *smmu)
{
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_RESET, 0, 0);
	vsmmuv3_reset(smmu);
	err = vsmmuv3_work(smmu);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

int iommuctl_vsmmuv3_process(struct iommuctl_vsmmuv3 *smmu)
{
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_PROCESS, 0, 0);
	err = vsmmuv3_work(smmu);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

void iommuctl_vsmmuv3_get_counters(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_counters *counters)
{
	pthread_mutex_lock(&smmu->lock);
	*counters = smmu->counters;
	iommuctl_relay_get_counters(iommuctl_nest_get_relay(smmu->nest), &counters->relay);
	pthread_mutex_unlock(&smmu->lock);
}

void iommuctl_vsmmuv3_get_identity(
	const struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_identity *identity)
{
	*identity = smmu->identity;
}

int iommuctl_vsmmuv3_get_event_fd(const struct iommuctl_vsmmuv3 *smmu)
{
	return iommuctl_nest_get_event_fd(smmu->nest);
}

struct iommuctl_nest *iommuctl_vsmmuv3_get_nest(struct iommuctl_vsmmuv3 *smmu)
{
	return smmu->nest;
}
