/* SPDX-License-Identifier: MIT */
/* An IOAS of the model, with a device that is bound and 64K of memory of this process. */
#ifndef TEST_MODEL_IOAS_FIXTURE_H
#define TEST_MODEL_IOAS_FIXTURE_H

#include "model_fixture.h"

#define K		UINT64_C(1024)
#define RW		(ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE)
#define FIXED_RW	(RW | ABI_IOAS_MAP_FIXED_IOVA)
#define CONFIG_REGION	((int64_t)7 << 40)
#define PARENT_APERTURE (UINT64_C(1) << 44)
#define PAGING_APERTURE (UINT64_C(1) << 48)

static struct machine machine;
static uint32_t ioas;
static _Alignas(64 * 1024) unsigned char memory[64 * 1024];

static inline void start(void)
{
	machine_start(&machine, NULL);
	machine_bind_first(&machine);
	ioas = ioas_new(&machine);
}

static inline void stop(void)
{
	machine_stop(&machine);
}

static inline int map(uint64_t iova, uint64_t length)
{
	return ioas_map(&machine, ioas, memory, length, iova);
}

#endif
