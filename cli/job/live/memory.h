/* SPDX-License-Identifier: MIT */
/* Destroyed guest memory that IOASes still map. */
#ifndef CLI_JOB_LIVE_MEMORY_H
#define CLI_JOB_LIVE_MEMORY_H

#include "job/live/live.h"

/* Whether anything in @map is of guest memory in [@ipa, @ipa + @size). */
bool live_map_leads_to(const struct iova_map *map, uint64_t ipa, uint64_t size);

/* Unmap destroyed memory that no IOAS maps any longer; and all, once iommufd is closed. */
void live_let_go_of_memory(struct live *live);
void live_let_go_of_all_memory(struct live *live);

/* Whether memory that was at @ipa is destroyed but still mapped, whatever is there now. */
bool live_has_gone_memory(const struct live *live, uint64_t ipa);

#endif
