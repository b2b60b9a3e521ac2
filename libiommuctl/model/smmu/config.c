// SPDX-License-Identifier: MIT
/* Decodes STEs and CDs, and caches the result. Only valid ones are cached. */
#include <endian.h>
#include <errno.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_ste.h>

#include "model/smmu/private.h"
#include "stage1/reader.h"
#include "stage1/regime.h"

enum use {
	USE_CD,
	USE_STAGE2, /* stage 1 is bypassed */
	USE_NOTHING,
};

static enum use refuse(struct smmu_fault *fault, uint8_t type)
{
	*fault = (struct smmu_fault){ .type = type };
	return USE_NOTHING;
}

/* The CD that the guest's stream table entry selects for the SSID of @access. */
static enum use choose_cd(const struct smmu_access *access, const struct iommuctl_smmuv3_ste *ste,
	uint32_t *ssid, struct smmu_fault *fault)
{
	if (access->ssid >= 0) {
		*ssid = (uint32_t)access->ssid;
		if (!ste->s1cdmax || *ssid >> ste->s1cdmax)
			return refuse(fault, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
		if (*ssid == 0 && ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_SSID0)
			return refuse(fault, IOMMUCTL_SMMUV3_F_STREAM_DISABLED);
		return USE_CD;
	}
	if (!ste->s1cdmax || ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_SSID0)
		return USE_CD;
	if (ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_BYPASS)
		return USE_STAGE2;
	return refuse(fault, IOMMUCTL_SMMUV3_F_STREAM_DISABLED);
}

static enum use use_stage2(const struct smmu_access *access, struct smmu_fault *fault)
{
	return access->ssid < 0 ? USE_STAGE2 : refuse(fault, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
}

/*
 * QEMU refuses S1CDMax if there are no SSIDs; the architecture ignores it. A CD address that is too
 * large is for stage 2 to refuse.
 */
static bool is_bad(const struct iommuctl_smmuv3_ste *ste, const struct iommuctl_smmuv3_idr *idr)
{
	struct iommuctl_smmuv3_ste without_address = *ste;

	without_address.s1contextptr = 0;
	return iommuctl_smmuv3_ste_validate(&without_address, idr, NULL) ||
	       (ste->s1cdmax && !idr->ssidsize);
}

static enum use read_ste(const struct smmu_access *access, struct iommuctl_smmuv3_ste *ste,
	uint32_t *ssid, struct smmu_fault *fault)
{
	const struct iommuctl_smmuv3_idr *idr = &access->smmu->idr;
	const struct model_stream *entry = &access->stream->entry;
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { entry->ste[0], entry->ste[1] };

	if (entry->mode == MODEL_STREAM_BLOCKED)
		return refuse(fault, 0);
	if (entry->mode == MODEL_STREAM_STAGE2)
		return use_stage2(access, fault);

	iommuctl_smmuv3_ste_decode(words, ste);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_STE, access->stream->id, words[0]);
	if (!ste->v || ste->config == IOMMUCTL_SMMUV3_CONFIG_ABORT)
		return refuse(fault, 0);
	if (ste->config == IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return use_stage2(access, fault);
	if (is_bad(ste, idr))
		return refuse(fault, IOMMUCTL_SMMUV3_C_BAD_STE);
	return choose_cd(access, ste, ssid, fault);
}

struct cd_reader {
	const struct smmu_access *access;
	struct smmu_fault *fault;
};

static int load_l1cd(void *data, uint64_t ipa, uint64_t *word)
{
	const struct cd_reader *reader = data;
	uint64_t raw;

	if (smmu_stage2_read(reader->access, ipa, IOMMUCTL_SMMUV3_EVENT_CLASS_CD, &raw, sizeof(raw),
		    reader->fault))
		return -EFAULT;
	*word = le64toh(raw);
	return 0;
}

static int fetch_cd(const struct smmu_access *access, const struct iommuctl_smmuv3_ste *ste,
	uint32_t ssid, struct iommuctl_smmuv3_cd *cd, struct smmu_fault *fault)
{
	struct cd_reader data = { access, fault };
	const struct stage1_reader reader = { .load = load_l1cd, .data = &data };
	const struct iommuctl_cd_table_shape shape = {
		.s1contextptr = ste->s1contextptr,
		.s1cdmax = ste->s1cdmax,
		.s1fmt = ste->s1fmt,
	};
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	uint64_t ipa;
	int err = cd_table_find(&reader, &shape, ssid, &ipa);

	if (err == -EFAULT)
		return -EIO;
	if (err) {
		refuse(fault, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
		return -EIO;
	}
	if (smmu_stage2_read(
		    access, ipa, IOMMUCTL_SMMUV3_EVENT_CLASS_CD, words, sizeof(words), fault))
		return -EIO;

	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_CD_WORDS; i++)
		words[i] = le64toh(words[i]);
	iommuctl_smmuv3_cd_decode(words, cd);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_CD, ipa, words[0]);
	return 0;
}

/* Transactions count as privileged, as in QEMU, so PAN is ignored. */
static void fill_regimes(struct smmu_config *config, const struct iommuctl_smmuv3_cd *cd,
	const struct iommuctl_smmuv3_idr *idr)
{
	config->walks[0] = !cd->epd0;
	config->walks[1] = !cd->epd1;
	for (unsigned int half = 0; half < 2; half++) {
		struct iommuctl_stage1_regime *regime = &config->regimes[half];

		*regime = stage1_regime_of_cd(cd, half);
		regime->flags &= ~IOMMUCTL_STAGE1_REGIME_PAN;
		if (regime->ips > idr->oas)
			regime->ips = idr->oas;
	}
}

/* QEMU translates both TTBs by stage 2 at once, and uses neither if one fails. */
static int look_up_tables(const struct smmu_access *access, const struct smmu_config *config,
	struct smmu_fault *fault)
{
	for (unsigned int half = 0; half < 2; half++) {
		if (config->walks[half] && smmu_stage2_fetch(access, config->regimes[half].ttb,
						   IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, fault))
			return -EIO;
	}
	return 0;
}

static int read_cd(const struct smmu_access *access, const struct iommuctl_smmuv3_ste *ste,
	uint32_t ssid, struct smmu_config *config, struct smmu_fault *fault)
{
	const struct iommuctl_smmuv3_idr *idr = &access->smmu->idr;
	struct iommuctl_smmuv3_cd cd;

	if (fetch_cd(access, ste, ssid, &cd, fault))
		return -EIO;
	if (iommuctl_smmuv3_cd_validate(&cd, idr, ste, NULL)) {
		refuse(fault, IOMMUCTL_SMMUV3_C_BAD_CD);
		return -EIO;
	}
	config->stage1 = true;
	config->asid = cd.asid;
	config->records = cd.r || cd.s;
	config->stalls = cd.s;
	fill_regimes(config, &cd, idr);
	return look_up_tables(access, config, fault);
}

static struct smmu_config *slot_of(struct smmu_stream *stream, int ssid)
{
	return &stream->configs[(unsigned int)(ssid + 1) % SMMU_CONFIGS_PER_STREAM];
}

const struct smmu_config *smmu_config_get(
	const struct smmu_access *access, struct smmu_fault *fault)
{
	struct smmu_config *slot = slot_of(access->stream, access->ssid);
	struct smmu_config config = { .cached = true, .ssid = access->ssid };
	struct iommuctl_smmuv3_ste ste;
	uint32_t ssid = 0;
	enum use use;

	if (slot->cached && slot->ssid == access->ssid)
		return slot;

	access->smmu->counters->config_fetches++;
	use = read_ste(access, &ste, &ssid, fault);
	if (use == USE_NOTHING)
		return NULL;
	if (use == USE_CD && read_cd(access, &ste, ssid, &config, fault))
		return NULL;
	*slot = config;
	return slot;
}

void smmu_config_drop(struct smmu_stream *stream)
{
	for (unsigned int i = 0; i < SMMU_CONFIGS_PER_STREAM; i++)
		stream->configs[i].cached = false;
}

/* Transactions without an SSID may use the CD of SSID 0. */
void smmu_config_drop_ssid(struct smmu_stream *stream, uint32_t ssid)
{
	struct smmu_config *slot = slot_of(stream, (int)ssid);

	if (slot->cached && slot->ssid == (int)ssid)
		slot->cached = false;
	if (ssid == 0)
		slot_of(stream, -1)->cached = false;
}
