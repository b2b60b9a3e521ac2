/* SPDX-License-Identifier: MIT */
/* The registers of an edu device of the model, by the bare calls. */
#ifndef TEST_MODEL_VFIO_FIXTURE_H
#define TEST_MODEL_VFIO_FIXTURE_H

#include "model_fixture.h"
#include "model_smmu_recorder.h"

#define REGION(index) ((uint64_t)(index) << 40)
#define CONFIG	      REGION(ABI_VFIO_PCI_CONFIG_REGION_INDEX)
#define EDU_ID	      0x010000edu
#define EDU_IRQ_RAISE 0x60
#define EDU_IRQ_ACK   0x64
#define COMMAND	      (CONFIG + 4)
#define MEMORY	      0x2
#define MASTER	      0x4
#define INTX_DISABLE  0x400
#define DOORBELL      UINT64_C(0x8000040)

static inline ssize_t region_read(
	struct machine *machine, void *buffer, size_t size, uint64_t offset)
{
	return machine->transport->read(
		machine->transport, machine->devices[0], buffer, size, (int64_t)offset);
}

static inline ssize_t region_write(
	struct machine *machine, const void *buffer, size_t size, uint64_t offset)
{
	return machine->transport->write(
		machine->transport, machine->devices[0], buffer, size, (int64_t)offset);
}

static inline void write32(struct machine *machine, uint32_t value, uint64_t offset)
{
	value = htole32(value);
	cr_assert_eq(region_write(machine, &value, sizeof(value), offset), 4);
}

static inline void set_command(struct machine *machine, uint16_t command)
{
	command = htole16(command);
	cr_assert_eq(region_write(machine, &command, sizeof(command), COMMAND), 2);
}

#endif
