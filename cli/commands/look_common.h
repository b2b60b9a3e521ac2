/* SPDX-License-Identifier: MIT */
/* The options of commands that look at a guest's tables: where these are. */
#ifndef CLI_COMMANDS_LOOK_COMMON_H
#define CLI_COMMANDS_LOOK_COMMON_H

#include <iommuctl/stream_table.h>

#include "invocation.h"

#define LOOK_OPTION_DEVICE "device", "NAME", "The device of a session"
#define LOOK_OPTION_MEMORY                                                                         \
	"memory", "FILE[@IPA]",                                                                    \
		"Take the guest's memory from FILE, whose first byte is at IPA, or at 0"
#define LOOK_OPTION_STRTAB                                                                         \
	"strtab", "BASE,LOG2SIZE[,SPLIT]",                                                         \
		"Where the guest's stream table is, as SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG " \
		"have it; with SPLIT (6, 8 or 10) it has two levels"
#define LOOK_OPTION_SID	 "sid", "N", "The StreamID of the device"
#define LOOK_OPTION_SSID "ssid", "N", "The SubstreamID (PASID)"

#define LOOK_SSID_MAX 0xfffff

struct look_place {
	const char *memory;
	struct iommuctl_stream_table_shape shape;
	bool has_sid;
	uint32_t sid;
	bool has_ssid;
	uint32_t ssid;
};

/*
 * Whether a memory file is meant, rather than a session; options for both at once are a usage
 * error.
 */
enum exit_status look_find_place(const struct invocation *invocation, bool *is_file);

/* Reads these options; --memory and --strtab have to be given. Reports its own failure. */
enum exit_status look_place_read(const struct invocation *invocation, struct look_place *place);

/* Reads the option @name, a number of @max at most; false in *@given: it is not there. */
enum exit_status look_number_read(const struct invocation *invocation, const char *name,
	uint64_t max, bool *given, uint64_t *number);

#endif
