// SPDX-License-Identifier: MIT
/* Walks from a StreamID to a CD: the structures that configure an access's translation. */
#include "vsmmuv3/config_walk.h"

#include <errno.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_ste.h>

#include "stage1/guest_memory.h"
#include "stage1/reader.h"
#include "stage1/regime.h"
#include "stage1/stream_table.h"
#include "vsmmuv3/registers.h"

enum use {
	USE_CD,
	USE_BYPASS,
	USE_NOTHING,
};

struct walk {
	const struct vsmmuv3_view *view;
	const struct iommuctl_vsmmuv3_access *access;
	struct vsmmuv3_fault *fault;
};

/* Type 0 aborts without an event. */
static enum use refuse(const struct walk *walk, uint8_t type)
{
	const struct iommuctl_vsmmuv3_access *access = walk->access;
	struct iommuctl_smmuv3_event event = { .type = type };

	if (type) {
		event.streamid = access->sid;
		event.ssv = access->has_ssid && iommuctl_smmuv3_event_field(type, "SSV");
		event.substreamid = access->has_ssid ? access->ssid : 0;
	}
	*walk->fault = (struct vsmmuv3_fault){ .event = event };
	return USE_NOTHING;
}

static bool is_beyond_oas(const struct walk *walk, uint64_t address)
{
	return address >> iommuctl_smmuv3_idr_oas_bits(walk->view->idr);
}

static enum use refuse_fetch(const struct walk *walk, uint8_t type, uint64_t address)
{
	const unsigned int oas = iommuctl_smmuv3_idr_oas_bits(walk->view->idr);

	refuse(walk, type);
	walk->fault->event.fetchaddr = address & ((UINT64_C(1) << oas) - 1) & ~UINT64_C(7);
	return USE_NOTHING;
}

static enum use read_ste(const struct walk *walk, struct iommuctl_smmuv3_ste *ste)
{
	const struct vsmmuv3_view *view = walk->view;
	struct stream_table table = { .memory = view->memory };
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], fetch;
	struct iommuctl_smmuv3_refusal why;
	int err;

	stream_table_decode(view->idr, view->strtab_base, view->strtab_base_cfg, &table);
	err = stream_table_read(&table, walk->access->sid, words, &fetch, &why);
	if (err == -EFAULT)
		return refuse_fetch(walk, IOMMUCTL_SMMUV3_F_STE_FETCH, fetch);
	if (err)
		return refuse(walk, view->recinvsid ? IOMMUCTL_SMMUV3_C_BAD_STREAMID : 0);
	iommuctl_smmuv3_ste_decode(words, ste);
	if (iommuctl_smmuv3_ste_validate(ste, view->idr, NULL))
		return refuse(walk, IOMMUCTL_SMMUV3_C_BAD_STE);
	/* S1CDMax, S1DSS and S1Fmt are ignored where there are no SSIDs. */
	if (!view->idr->ssidsize)
		ste->s1cdmax = 0;
	if (ste->s1fmt > IOMMUCTL_SMMUV3_S1FMT_64K_L2) /* reserved */
		ste->s1fmt = IOMMUCTL_SMMUV3_S1FMT_LINEAR;
	return USE_CD;
}

/* Whether the access needs stage 1; if so, its CD's @ssid. */
static enum use choose(
	const struct walk *walk, const struct iommuctl_smmuv3_ste *ste, uint32_t *ssid)
{
	const struct iommuctl_vsmmuv3_access *access = walk->access;
	uint8_t event;

	*ssid = access->has_ssid ? access->ssid : 0;
	switch (iommuctl_smmuv3_ste_get_use(ste, access->has_ssid, *ssid, &event)) {
	case IOMMUCTL_SMMUV3_USE_CD: return USE_CD;
	case IOMMUCTL_SMMUV3_USE_BYPASS: return USE_BYPASS;
	case IOMMUCTL_SMMUV3_USE_ABORT: break;
	}
	return refuse(walk, event);
}

/* Reads the CD table, and notes its place. */
struct cd_reader {
	const struct iommuctl_guest_memory *memory;
	uint64_t last;
};

static int load(void *data, uint64_t ipa, uint64_t *word)
{
	struct cd_reader *reader = data;

	reader->last = ipa;
	return guest_memory_load64(reader->memory, ipa, word);
}

static enum use fetch_cd(const struct walk *walk, const struct iommuctl_smmuv3_ste *ste,
	uint32_t ssid, struct iommuctl_smmuv3_cd *cd)
{
	struct cd_reader data = { .memory = walk->view->memory };
	const struct stage1_reader reader = { .load = load, .data = &data };
	const struct iommuctl_cd_table_shape shape = {
		.s1contextptr = ste->s1contextptr,
		.s1cdmax = ste->s1cdmax,
		.s1fmt = ste->s1fmt,
	};
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	uint64_t ipa;
	int err = cd_table_find(&reader, &shape, ssid, &ipa);

	if (err == -EFAULT)
		return refuse_fetch(walk, IOMMUCTL_SMMUV3_F_CD_FETCH, data.last);
	if (err || is_beyond_oas(walk, ipa))
		return refuse(walk, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID);
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_CD_WORDS; i++)
		if (stage1_read(&reader, ipa + i * sizeof(words[i]), &words[i]))
			return refuse_fetch(walk, IOMMUCTL_SMMUV3_F_CD_FETCH, ipa);
	iommuctl_smmuv3_cd_decode(words, cd);
	return USE_CD;
}

/* Walks support neither AArch32 nor big-endian tables, nor what stage1/ leaves out. */
static bool can_walk(const struct vsmmuv3_config *config, const struct iommuctl_smmuv3_cd *cd)
{
	struct stage1_layout layout;

	if (!cd->aa64 || cd->endi)
		return false;
	for (unsigned int half = 0; half < 2; half++)
		if (config->walks[half] && stage1_regime_to_layout(&config->regimes[half], &layout))
			return false;
	return true;
}

static void fill(struct vsmmuv3_config *config, const struct iommuctl_smmuv3_cd *cd,
	const struct vsmmuv3_view *view)
{
	*config = (struct vsmmuv3_config){
		.stage1 = true,
		.records = cd->r || cd->s,
		.ignores = !cd->a,
		.asid = cd->asid,
		.walks = { !cd->epd0, !cd->epd1 },
	};
	for (unsigned int half = 0; half < 2; half++) {
		struct iommuctl_stage1_regime *regime = &config->regimes[half];

		*regime = stage1_regime_of_cd(cd, half);
		if (regime->ips > view->idr->oas)
			regime->ips = view->idr->oas;
		if (!(*view->idr3 & IDR3_HAD))
			regime->flags &= ~IOMMUCTL_STAGE1_REGIME_HAD;
	}
}

int vsmmuv3_config_walk(const struct vsmmuv3_view *view,
	const struct iommuctl_vsmmuv3_access *access, struct vsmmuv3_config *config,
	struct vsmmuv3_fault *fault)
{
	const struct walk walk = { view, access, fault };
	struct iommuctl_smmuv3_ste ste;
	struct iommuctl_smmuv3_cd cd;
	uint32_t ssid;
	enum use use = read_ste(&walk, &ste);

	if (use == USE_CD)
		use = choose(&walk, &ste, &ssid);
	if (use == USE_CD)
		use = fetch_cd(&walk, &ste, ssid, &cd);
	if (use == USE_NOTHING)
		return -EFAULT;
	if (use == USE_BYPASS) {
		*config = (struct vsmmuv3_config){ .stage1 = false };
		return 0;
	}

	fill(config, &cd, view);
	if (iommuctl_smmuv3_cd_validate(&cd, view->idr, &ste, NULL) || !can_walk(config, &cd)) {
		refuse(&walk, IOMMUCTL_SMMUV3_C_BAD_CD);
		return -EFAULT;
	}
	return 0;
}
