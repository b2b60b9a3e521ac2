// SPDX-License-Identifier: MIT
#include "look/path.h"

#include <errno.h>
#include <inttypes.h>

#include "array.h"
#include "output/text.h"

/* Bit 55 chooses between the tables of TTB0 and TTB1. */
#define HALF_BIT 55

#define L1CD_BYTES 8

struct fault_row {
	uint8_t type;
	const char *why;
};

static const struct fault_row stage1_faults[] = {
	[IOMMUCTL_STAGE1_FAULT_TRANSLATION] = { IOMMUCTL_SMMUV3_F_TRANSLATION,
		"stage 1 has no valid descriptor for it" },
	[IOMMUCTL_STAGE1_FAULT_ADDRESS_SIZE] = { IOMMUCTL_SMMUV3_F_ADDR_SIZE,
		"an address in the descriptor is beyond CD.IPS" },
	[IOMMUCTL_STAGE1_FAULT_ACCESS_FLAG] = { IOMMUCTL_SMMUV3_F_ACCESS,
		"the access flag (AF) of the leaf is clear" },
	[IOMMUCTL_STAGE1_FAULT_PERMISSION] = { IOMMUCTL_SMMUV3_F_PERMISSION,
		"stage 1 does not allow the access" },
};

/* The fetches of a walk, in order; only the last structure and those that led to it are kept. */
struct fetches {
	struct look_fetch fetch[1 + IOMMUCTL_SMMUV3_STE_WORDS];
	size_t count;
};

static void note_fetch(uint64_t ipa, uint64_t value, void *data)
{
	struct fetches *fetches = data;

	if (fetches->count < ARRAY_SIZE(fetches->fetch))
		fetches->fetch[fetches->count++] = (struct look_fetch){ true, ipa, value };
}

static struct iommuctl_guest_memory noting(
	const struct iommuctl_guest_memory *memory, struct fetches *fetches)
{
	fetches->count = 0;
	return (struct iommuctl_guest_memory){
		.ranges = memory->ranges,
		.range_count = memory->range_count,
		.fetched = note_fetch,
		.data = fetches,
	};
}

/* Where the last structure begins: after those that led to it. */
static uint64_t start_of(const struct fetches *fetches, size_t words)
{
	return fetches->count >= words ? fetches->fetch[fetches->count - words].ipa : 0;
}

static void end(struct look_path *path, uint8_t type, const char *why)
{
	const struct look_access *access = &path->access;

	path->faulted = true;
	path->event = (struct iommuctl_smmuv3_event){ .type = type };
	path->why[0] = '\0';
	text_append(path->why, sizeof(path->why), "%s", why);
	if (!type)
		return;
	path->event.streamid = access->sid;
	path->event.ssv = access->has_ssid && type != IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID;
	path->event.substreamid = access->has_ssid ? access->ssid : 0;
}

void look_path_end(struct look_path *path, const char *why)
{
	end(path, 0, why);
}

/* The event concerns the access itself, or a structure that was fetched for it. */
static void end_access(struct look_path *path, uint8_t type, uint8_t event_class, const char *why)
{
	const uint32_t permissions = path->access.permissions;

	end(path, type, why);
	path->event.inputaddr = path->access.iova;
	path->event.rnw = !(permissions & IOMMUCTL_STAGE1_WRITE);
	path->event.ind = path->event.rnw && (permissions & IOMMUCTL_STAGE1_EXEC);
	path->event.pnu = (permissions & IOMMUCTL_STAGE1_PRIVILEGED) != 0;
	path->event.event_class = event_class;
}

static void end_refused(
	struct look_path *path, uint8_t type, const struct iommuctl_smmuv3_refusal *refusal)
{
	char why[160];

	iommuctl_smmuv3_refusal_print(refusal, why, sizeof(why));
	end(path, type, why);
}

/* Under nesting, stage 2 translates each fetch, and its refusal is a stage 2 fault. */
static void end_fetch(struct look_path *path, uint8_t type, const char *what, uint64_t ipa)
{
	const bool is_walk = type == IOMMUCTL_SMMUV3_F_WALK_EABT;
	char why[128] = "";

	text_append(why, sizeof(why), "%s at 0x%" PRIx64 " is %s", what, ipa,
		path->nested ? "not mapped by stage 2" : "not in guest memory");
	if (path->nested) {
		end_access(path, IOMMUCTL_SMMUV3_F_TRANSLATION,
			is_walk ? IOMMUCTL_SMMUV3_EVENT_CLASS_TTD : IOMMUCTL_SMMUV3_EVENT_CLASS_CD,
			why);
		path->event.s2 = 1;
		path->event.ipa = ipa & ~UINT64_C(0xfff);
		return;
	}
	if (is_walk)
		end_access(path, type, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, why);
	else
		end(path, type, why);
	path->event.fetchaddr = ipa & ~UINT64_C(7);
}

void look_path_end_in_stage2(struct look_path *path, uint8_t type, const char *why)
{
	end_access(path, type, IOMMUCTL_SMMUV3_EVENT_CLASS_IN, why);
	path->event.s2 = 1;
	path->event.ipa = path->ipa & ~UINT64_C(0xfff);
}

/* The address of the L1CD that could not be read. */
static uint64_t l1cd_place(const struct look_path *path)
{
	const unsigned int bits = path->ste.s1fmt == IOMMUCTL_SMMUV3_S1FMT_64K_L2 ? 10 : 6;

	return path->ste.s1contextptr + (uint64_t)(path->access.ssid >> bits) * L1CD_BYTES;
}

/* The CD of the access; false: @path ends. */
static bool fetch_cd(struct look_path *path, const struct iommuctl_guest_memory *memory)
{
	const struct iommuctl_smmuv3_ste *ste = &path->ste;
	const struct iommuctl_cd_table_shape shape = { ste->s1contextptr, ste->s1cdmax,
		ste->s1fmt };
	const bool two_levels = ste->s1cdmax && ste->s1fmt != IOMMUCTL_SMMUV3_S1FMT_LINEAR;
	struct fetches fetches;
	const struct iommuctl_guest_memory noted = noting(memory, &fetches);
	uint64_t ipa = 0;
	int err;

	err = iommuctl_cd_table_get(&noted, &shape, path->access.ssid, path->cd_words);
	if (two_levels && fetches.count)
		path->l1cd = fetches.fetch[0];
	if (err == -EFAULT && two_levels && !fetches.count) {
		end_fetch(path, IOMMUCTL_SMMUV3_F_CD_FETCH, "the L1CD", l1cd_place(path));
	} else if (err == -EFAULT) {
		iommuctl_cd_table_find(memory, &shape, path->access.ssid, &ipa);
		end_fetch(path, IOMMUCTL_SMMUV3_F_CD_FETCH, "the CD", ipa);
	} else if (err) {
		end(path, IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID,
			err == -ENOENT ? "the L1CD of the SubstreamID is not valid"
				       : "the CD table has no CD of the SubstreamID");
	}
	path->has_cd = !err;
	path->cd_ipa = err ? 0 : start_of(&fetches, IOMMUCTL_SMMUV3_CD_WORDS);
	return !err;
}

/* CD.R and CD.A decide about faults other than those of a fetch. */
static void end_stage1(struct look_path *path)
{
	const struct fault_row *row = &stage1_faults[path->stage1.fault];
	char why[128] = "";

	if (path->stage1.fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT) {
		const struct iommuctl_stage1_walk *walk = &path->stage1;

		end_fetch(path, IOMMUCTL_SMMUV3_F_WALK_EABT, "the descriptor",
			walk->steps[walk->step_count - 1].descriptor_ipa);
		return;
	}
	text_append(why, sizeof(why), "%s%s%s", row->why,
		path->cd.r || path->cd.s ? "" : "; not recorded, as CD.R is 0",
		path->cd.a ? "" : "; not aborted, as CD.A is 0: reads give 0");
	end_access(path, row->type, IOMMUCTL_SMMUV3_EVENT_CLASS_IN, why);
	path->event.stall = path->cd.s;
	if (!path->cd.r && !path->cd.s)
		path->event = (struct iommuctl_smmuv3_event){ .type = 0 };
}

static void walk_stage1(struct look_path *path, const struct iommuctl_guest_memory *memory)
{
	const struct look_access *access = &path->access;
	struct iommuctl_stage1_regime regime;
	int err;

	path->ttb1 = access->iova >> HALF_BIT & 1;
	path->stage1.fault = IOMMUCTL_STAGE1_FAULT_TRANSLATION;
	if (path->ttb1 ? path->cd.epd1 : path->cd.epd0) {
		end_stage1(path);
		text_append(path->why, sizeof(path->why), ": EPD%u is 1", path->ttb1);
		return;
	}
	regime = iommuctl_cd_get_regime(&path->cd, path->ttb1);
	err = iommuctl_stage1_walk(
		memory, &regime, access->iova, access->permissions, &path->stage1);
	if (err) {
		end(path, IOMMUCTL_SMMUV3_C_BAD_CD,
			"these tables are not walked here: they have another form");
		return;
	}
	path->has_stage1 = true;
	if (path->stage1.fault != IOMMUCTL_STAGE1_FAULT_NONE) {
		end_stage1(path);
		return;
	}
	path->has_ipa = true;
	path->ipa = path->stage1.ipa;
}

/* Signs of tables that iommuctl_stage1_walk() does not know. */
static bool is_walkable(struct look_path *path)
{
	struct iommuctl_smmuv3_refusal refusal;

	if (iommuctl_smmuv3_cd_validate(&path->cd, NULL, &path->ste, &refusal)) {
		end_refused(path, IOMMUCTL_SMMUV3_C_BAD_CD, &refusal);
		return false;
	}
	if (path->cd.aa64 && !path->cd.endi)
		return true;
	end(path, IOMMUCTL_SMMUV3_C_BAD_CD, "AArch32 and big-endian tables are not walked here");
	return false;
}

static void use_cd(struct look_path *path, const struct iommuctl_guest_memory *memory)
{
	if (!fetch_cd(path, memory))
		return;
	iommuctl_smmuv3_cd_decode(path->cd_words, &path->cd);
	if (is_walkable(path))
		walk_stage1(path, memory);
}

static const char *why_aborted(const struct look_path *path, uint8_t event)
{
	switch (event) {
	case IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID: return "the STE has no CD for this SubstreamID";
	case IOMMUCTL_SMMUV3_F_STREAM_DISABLED:
		return path->access.has_ssid
			       ? "STE.S1DSS reserves SubstreamID 0 for accesses without one"
			       : "STE.S1DSS refuses accesses without a SubstreamID";
	default: return "STE.Config aborts everything";
	}
}

void look_path_from_ste(struct look_path *path, const struct iommuctl_guest_memory *memory)
{
	struct iommuctl_smmuv3_refusal refusal;
	uint8_t event;

	path->has_ste = true;
	iommuctl_smmuv3_ste_decode(path->ste_words, &path->ste);
	if (path->nested && !path->ste.v) {
		end(path, 0, "a nested HWPT with an invalid STE aborts everything");
		return;
	}
	if (iommuctl_smmuv3_ste_validate(&path->ste, NULL, &refusal)) {
		end_refused(path, IOMMUCTL_SMMUV3_C_BAD_STE, &refusal);
		return;
	}
	switch (iommuctl_smmuv3_ste_get_use(
		&path->ste, path->access.has_ssid, path->access.ssid, &event)) {
	case IOMMUCTL_SMMUV3_USE_CD: use_cd(path, memory); return;
	case IOMMUCTL_SMMUV3_USE_BYPASS:
		path->has_ipa = true;
		path->ipa = path->access.iova;
		return;
	case IOMMUCTL_SMMUV3_USE_ABORT: break;
	}
	end(path, event, why_aborted(path, event));
}

void look_path_from_table(struct look_path *path, const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stream_table_shape *shape)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct fetches fetches;
	const struct iommuctl_guest_memory noted = noting(memory, &fetches);
	int err;

	err = iommuctl_stream_table_read(
		&noted, shape, path->access.sid, path->ste_words, &path->ste_ipa, &refusal);
	if (shape->split && fetches.count)
		path->l1std = fetches.fetch[0];
	if (err == -EFAULT)
		end_fetch(path, IOMMUCTL_SMMUV3_F_STE_FETCH,
			shape->split && !fetches.count ? "the L1STD" : "the STE", path->ste_ipa);
	else if (err)
		end(path, IOMMUCTL_SMMUV3_C_BAD_STREAMID, refusal.reason);
	if (err)
		return;
	path->ste_is_fetched = true;
	look_path_from_ste(path, memory);
}
