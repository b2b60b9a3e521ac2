// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include <iommuctl/vtd_relay.h>

#include "core/call.h"
#include "relay/vtd.h"

struct vtd_target {
	uint16_t did;
	uint32_t pasid;
	uint32_t hwpt_id;
	struct vtd_batch batch;
};

struct iommuctl_vtd_relay {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t batch;
	struct vtd_target *targets;
	size_t target_count;
	struct iommuctl_vtd_relay_counters counters;
};

static const struct iommuctl_explanation bad_batch = {
	"a batch of that many entries would keep the kernel busy for too long",
	"pass up to IOMMUCTL_VTD_RELAY_BATCH_MAX, or 0",
};

int iommuctl_vtd_relay_new(struct iommuctl *ctx, const struct iommuctl_vtd_relay_config *config,
	struct iommuctl_vtd_relay **relay)
{
	const struct call call = {
		.operation = OP_VTD_RELAY_NEW,
		.objects = { { "batch", config->batch } },
	};
	struct iommuctl_vtd_relay *new;

	if (config->batch > IOMMUCTL_VTD_RELAY_BATCH_MAX)
		return call_refuse(ctx, &call, EINVAL, &bad_batch);
	new = calloc(1, sizeof(*new));
	if (!new)
		return call_fail(ctx, &call, ENOMEM);
	new->ctx = ctx;
	new->iommufd = config->iommufd;
	new->batch = config->batch ? config->batch : IOMMUCTL_VTD_RELAY_BATCH_MAX;
	*relay = new;
	return 0;
}

void iommuctl_vtd_relay_free(struct iommuctl_vtd_relay *relay)
{
	if (!relay)
		return;
	for (size_t i = 0; i < relay->target_count; i++)
		vtd_batch_release(&relay->targets[i].batch);
	free(relay->targets);
	free(relay);
}

static struct vtd_target *find_target(
	const struct iommuctl_vtd_relay *relay, uint16_t did, uint32_t pasid)
{
	for (size_t i = 0; i < relay->target_count; i++)
		if (relay->targets[i].did == did && relay->targets[i].pasid == pasid)
			return &relay->targets[i];
	return NULL;
}

static const struct iommuctl_explanation target_known = {
	"the relay has a HWPT of that domain and PASID already",
	"remove it before another takes its place",
};

static const struct iommuctl_explanation target_unknown = {
	"the relay has no HWPT of that domain and PASID",
	"add it first, with iommuctl_vtd_relay_add_hwpt()",
};

int iommuctl_vtd_relay_add_hwpt(
	struct iommuctl_vtd_relay *relay, uint16_t did, uint32_t pasid, uint32_t hwpt_id)
{
	const struct call call = {
		.operation = OP_VTD_RELAY_ADD_HWPT,
		.objects = { { "HWPT", hwpt_id }, { "domain", did }, { "PASID", pasid } },
	};
	struct vtd_target added = { .did = did, .pasid = pasid, .hwpt_id = hwpt_id };
	struct vtd_target *grown;

	if (find_target(relay, did, pasid))
		return call_refuse(relay->ctx, &call, EEXIST, &target_known);
	if (vtd_batch_init(&added.batch, relay->batch))
		return call_fail(relay->ctx, &call, ENOMEM);
	grown = reallocarray(relay->targets, relay->target_count + 1, sizeof(*grown));
	if (!grown) {
		vtd_batch_release(&added.batch);
		return call_fail(relay->ctx, &call, ENOMEM);
	}
	relay->targets = grown;
	relay->targets[relay->target_count++] = added;
	return 0;
}

int iommuctl_vtd_relay_remove_hwpt(struct iommuctl_vtd_relay *relay, uint16_t did, uint32_t pasid)
{
	const struct call call = {
		.operation = OP_VTD_RELAY_REMOVE_HWPT,
		.objects = { { "domain", did }, { "PASID", pasid } },
	};
	struct vtd_target *target = find_target(relay, did, pasid);

	if (!target)
		return call_refuse(relay->ctx, &call, ENOENT, &target_unknown);
	vtd_batch_release(&target->batch);
	*target = relay->targets[--relay->target_count];
	return 0;
}

/*
 * Issues what waits for one HWPT. The count of a failed call is exact: it continues there, and
 * gives up if no entry was done twice in a row.
 */
static int flush(struct iommuctl_vtd_relay *relay, struct vtd_target *target)
{
	struct vtd_batch *batch = &target->batch;
	const struct iommuctl_hwpt_invalidate_args args = {
		.hwpt_id = target->hwpt_id,
		.data_type = IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(*batch->entries),
		.entries = batch->entries,
	};
	bool retried = false;

	while (batch->count) {
		uint32_t handled = batch->count;
		int err = iommuctl_hwpt_invalidate(relay->ctx, relay->iommufd, &args, &handled);

		relay->counters.calls++;
		relay->counters.entries += handled;
		vtd_batch_drop(batch, handled);
		if (!err)
			continue;
		if (retried && !handled)
			return err;
		retried = true;
		relay->counters.resumed++;
	}
	return 0;
}

/* Issues everything that waits; *@done becomes the first incomplete descriptor, if there is one. */
static int flush_all(struct iommuctl_vtd_relay *relay, size_t *done)
{
	struct error_first first;

	first.err = 0;
	for (size_t i = 0; i < relay->target_count; i++) {
		struct vtd_target *target = &relay->targets[i];
		int err = flush(relay, target);

		if (!err)
			continue;
		error_first_keep(relay->ctx, &first, err);
		if (target->batch.origins[0] < *done)
			*done = target->batch.origins[0];
		target->batch.count = 0;
	}
	return error_first_tell(relay->ctx, &first);
}

/* Descriptor @origin, of class RELAYED. */
static int add(struct iommuctl_vtd_relay *relay, const struct iommuctl_vtd_inv *inv, size_t origin)
{
	struct iommuctl_hwpt_vtd_s1_invalidate entry;
	bool concerned = false;

	iommuctl_vtd_inv_to_s1(inv, &entry);
	for (size_t i = 0; i < relay->target_count; i++) {
		struct vtd_target *target = &relay->targets[i];
		int err;

		if (!iommuctl_vtd_inv_concerns(inv, target->did, target->pasid))
			continue;
		concerned = true;
		err = vtd_batch_is_full(&target->batch) ? flush(relay, target) : 0;
		if (err)
			return err;
		vtd_batch_add(&target->batch, &entry, origin);
	}
	relay->counters.without_effect += !concerned;
	return 0;
}

static const struct iommuctl_explanation callers_own = {
	"the descriptor is legal, but the caller has to carry it out",
	"carry it out (IOMMUCTL_VTD_INV_CLASS_CALLER), and continue after it",
};

/* Descriptor @at, for which no call is made. */
static int refuse(struct iommuctl_vtd_relay *relay, const struct iommuctl_vtd_inv *inv, size_t at,
	int error, const struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_explanation why = callers_own;
	struct call call = {
		.operation = OP_VTD_RELAY_ISSUE,
		.objects = { { "descriptor", at }, { "type", inv->type } },
	};

	if (error == EIO) {
		relay->counters.refused++;
		call.objects[2] = (struct call_object){ refusal->field, .show = SHOW_NAME };
		why.cause = refusal->reason;
		why.remedy = "stop the queue with an invalidation queue error";
	}
	return call_refuse(relay->ctx, &call, error, &why);
}

/* The error of descriptor @words, positive, if it is not for HWPTs. */
static int judge(const uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_vtd_inv *inv,
	struct iommuctl_smmuv3_refusal *refusal)
{
	iommuctl_vtd_inv_decode(words, inv);
	if (iommuctl_vtd_inv_validate(words, refusal))
		return EIO;
	return iommuctl_vtd_inv_class(inv->type) == IOMMUCTL_VTD_INV_CLASS_CALLER ? EINVAL : 0;
}

/* @at, @inv: the current descriptor; @error and @refusal: why it cannot be relayed. */
struct vtd_run {
	const uint64_t (*words)[IOMMUCTL_VTD_INV_WORDS];
	size_t count;
	size_t at;
	struct iommuctl_vtd_inv inv;
	int error;
	struct iommuctl_smmuv3_refusal refusal;
};

/*
 * Continues up to a descriptor that is not for HWPTs. -errno: there is no room for the current one,
 * as the waiting ones could not be issued.
 */
static int take(struct iommuctl_vtd_relay *relay, struct vtd_run *run)
{
	for (; run->at < run->count; run->at++) {
		const uint64_t *words = run->words[run->at];
		const uint64_t copy[IOMMUCTL_VTD_INV_WORDS] = { words[0], words[1] };
		int err = 0;

		run->error = judge(copy, &run->inv, &run->refusal);
		if (run->error)
			return 0;
		if (iommuctl_vtd_inv_class(run->inv.type) == IOMMUCTL_VTD_INV_CLASS_RELAYED)
			err = add(relay, &run->inv, run->at);
		else
			relay->counters.without_effect++;
		if (err)
			return err;
	}
	return 0;
}

int iommuctl_vtd_relay_issue(struct iommuctl_vtd_relay *relay,
	const uint64_t (*words)[IOMMUCTL_VTD_INV_WORDS], size_t count, size_t *done,
	struct iommuctl_smmuv3_refusal *refusal)
{
	struct vtd_run run = { .words = words, .count = count };
	int err, lack;

	do {
		lack = take(relay, &run);
		*done = run.at;
		err = flush_all(relay, done);
	} while (lack && !err);
	relay->counters.descriptors += *done;
	if (err || !run.error)
		return err;
	if (refusal && run.error == EIO)
		*refusal = run.refusal;
	return refuse(relay, &run.inv, run.at, run.error, &run.refusal);
}

void iommuctl_vtd_relay_get_counters(
	const struct iommuctl_vtd_relay *relay, struct iommuctl_vtd_relay_counters *counters)
{
	*counters = relay->counters;
}
