// SPDX-License-Identifier: MIT
#include "vsmmuv3/translate.h"

#include <errno.h>

#include "vsmmuv3/config_walk.h"
#include "vsmmuv3/translation_cache.h"

#define WRITE	   IOMMUCTL_STAGE1_WRITE
#define EXEC	   IOMMUCTL_STAGE1_EXEC
#define PRIVILEGED IOMMUCTL_STAGE1_PRIVILEGED

#define SSID_BITS 20

/* Bit 55 chooses between TTB0's and TTB1's tables. */
#define HALF_BIT 55

/* The largest region that one bypass entry covers. */
#define BYPASS_BITS_MAX 52

static const uint8_t stage1_events[] = {
	[IOMMUCTL_STAGE1_FAULT_TABLE_ABORT] = IOMMUCTL_SMMUV3_F_WALK_EABT,
	[IOMMUCTL_STAGE1_FAULT_TRANSLATION] = IOMMUCTL_SMMUV3_F_TRANSLATION,
	[IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE] = IOMMUCTL_SMMUV3_F_ADDR_SIZE,
	[IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG] = IOMMUCTL_SMMUV3_F_ACCESS,
	[IOMMUCTL_STAGE1_FAULT_PERMISSION] = IOMMUCTL_SMMUV3_F_PERMISSION,
};

/*
 * Makes the record of a stage-1 fault; whatever does not write is a read, and a write has no InD.
 */
static struct iommuctl_smmuv3_event make_event(
	const struct iommuctl_vsmmuv3_access *access, uint8_t type)
{
	const bool reads = !(access->permissions & WRITE);

	return (struct iommuctl_smmuv3_event){
		.type = type,
		.streamid = access->sid,
		.ssv = access->has_ssid,
		.substreamid = access->has_ssid ? access->ssid : 0,
		.inputaddr = access->iova,
		.rnw = reads,
		.ind = reads && (access->permissions & EXEC),
		.pnu = (access->permissions & PRIVILEGED) != 0,
		.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
	};
}

static int bypass(
	const struct iommuctl_vsmmuv3_access *access, unsigned int oas, struct vsmmuv3_leaf *leaf)
{
	const unsigned int bits = oas < BYPASS_BITS_MAX ? oas : BYPASS_BITS_MAX;

	if (access->iova >> oas)
		return -EFAULT;
	*leaf = (struct vsmmuv3_leaf){
		.ipa = access->iova >> bits << bits,
		.size_bits = bits,
		.privileged = VSMMUV3_ALL_ACCESSES,
		.unprivileged = VSMMUV3_ALL_ACCESSES,
		.scope = VSMMUV3_SCOPE_BYPASS,
	};
	return 0;
}

/* An external abort is reported whatever CD.R and CD.A say: they concern what tables say. */
static int fault_stage1(const struct iommuctl_vsmmuv3_access *access,
	const struct vsmmuv3_config *config, const struct iommuctl_stage1_walk *walk,
	struct vsmmuv3_fault *fault)
{
	*fault = (struct vsmmuv3_fault){ .ignored = false };
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT) {
		fault->event = make_event(access, stage1_events[walk->fault]);
		fault->event.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_TTD;
		fault->event.fetchaddr = walk->steps[walk->step_count - 1].descriptor_ipa;
		return -EFAULT;
	}
	fault->ignored = config->ignores;
	if (config->records)
		fault->event = make_event(access, stage1_events[walk->fault]);
	return -EFAULT;
}

static int walk_stage1(const struct vsmmuv3_view *view,
	const struct iommuctl_vsmmuv3_access *access, const struct vsmmuv3_config *config,
	struct vsmmuv3_leaf *leaf, struct vsmmuv3_fault *fault)
{
	const unsigned int half = access->iova >> HALF_BIT & 1;
	const struct iommuctl_stage1_regime *regime = &config->regimes[half];
	struct iommuctl_stage1_walk walk = { .fault = IOMMUCTL_STAGE1_FAULT_TRANSLATION };

	if (config->walks[half]) {
		int err = iommuctl_stage1_walk(
			view->memory, regime, access->iova, access->permissions, &walk);

		if (err)
			return err;
	}
	if (walk.fault != IOMMUCTL_STAGE1_FAULT_NONE)
		return fault_stage1(access, config, &walk, fault);
	*leaf = (struct vsmmuv3_leaf){
		.ipa = walk.ipa & ~(walk.leaf_size - 1),
		.size_bits = (uint8_t)__builtin_ctzll(walk.leaf_size),
		.privileged = walk.privileged,
		.unprivileged = walk.unprivileged,
		.top_byte_ignored = regime->flags & IOMMUCTL_STAGE1_REGIME_TBI,
		.asid = config->asid,
		.scope = walk.not_global ? VSMMUV3_SCOPE_ASID : VSMMUV3_SCOPE_GLOBAL,
	};
	return 0;
}

static int walk(const struct vsmmuv3_view *view, const struct iommuctl_vsmmuv3_access *access,
	struct vsmmuv3_leaf *leaf, struct vsmmuv3_fault *fault)
{
	const unsigned int oas = iommuctl_smmuv3_idr_oas_bits(view->idr);
	struct vsmmuv3_config config;
	int err;

	if (!view->enabled) {
		*fault = (struct vsmmuv3_fault){ .ignored = false };
		return view->gbpa_abort ? -EFAULT : bypass(access, oas, leaf);
	}
	err = vsmmuv3_config_walk(view, access, &config, fault);
	if (err)
		return err;
	if (config.stage1)
		return walk_stage1(view, access, &config, leaf, fault);
	err = bypass(access, oas, leaf);
	if (err)
		*fault = (struct vsmmuv3_fault){
			.event = make_event(access, IOMMUCTL_SMMUV3_F_ADDR_SIZE),
		};
	return err;
}

/* Whether the access can exist; the cache does not check that. */
static bool is_sound(const struct iommuctl_vsmmuv3_access *access)
{
	return !(access->permissions & ~(VSMMUV3_ALL_ACCESSES | PRIVILEGED)) &&
	       !(access->has_ssid && access->ssid >> SSID_BITS);
}

int vsmmuv3_translate(const struct vsmmuv3_view *view, struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation, struct vsmmuv3_fault *fault)
{
	const struct vsmmuv3_leaf *known;
	struct vsmmuv3_leaf leaf;
	int err;

	if (!is_sound(access))
		return -EINVAL;
	/* While the SMMU is disabled, no invalidation would cover the result: it is not cached. */
	if (!view->enabled)
		cache = NULL;
	known = cache ? vsmmuv3_cache_find(cache, access) : NULL;
	if (known) {
		*translation = vsmmuv3_leaf_translate(known, access);
		return 0;
	}

	err = walk(view, access, &leaf, fault);
	if (err)
		return err;
	if (cache)
		vsmmuv3_cache_add(cache, access, &leaf);
	*translation = vsmmuv3_leaf_translate(&leaf, access);
	return 0;
}
