// SPDX-License-Identifier: MIT
/* The guest's accesses to the register pages. */
#include "vsmmuv3/record.h"

#define LANE_BITS 32

/* The part of a register that an access covers. */
struct lane {
	enum vsmmuv3_register_id id;
	unsigned int shift;
	uint64_t mask; /* within the register */
};

static bool is_whole_or_half(const struct vsmmuv3_register *row, uint64_t offset, unsigned int size)
{
	if (size == sizeof(uint64_t))
		return row->width == size && offset == row->offset;
	return size == sizeof(uint32_t) && offset % size == 0 && offset >= row->offset &&
	       offset < row->offset + row->width;
}

static bool find_lane(
	const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, struct lane *lane)
{
	for (unsigned int i = 0; i < VSMMUV3_REGISTERS; i++) {
		const struct vsmmuv3_register *row = &vsmmuv3_registers[i];

		if (!is_whole_or_half(row, offset, size))
			continue;
		lane->id = (enum vsmmuv3_register_id)i;
		lane->shift = offset == row->offset ? 0 : LANE_BITS;
		lane->mask =
			size == sizeof(uint64_t) ? UINT64_MAX : (uint64_t)UINT32_MAX << lane->shift;
		return vsmmuv3_shows(smmu, row->needs);
	}
	return false;
}

static uint64_t read_register(const struct iommuctl_vsmmuv3 *smmu, enum vsmmuv3_register_id id)
{
	const struct vsmmuv3_register *row = &vsmmuv3_registers[id];

	return row->read ? row->read(smmu) : vsmmuv3_get(smmu, id);
}

static uint64_t read_one(const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size)
{
	struct lane lane;

	if (!find_lane(smmu, offset, size, &lane))
		return 0;
	return (read_register(smmu, lane.id) & lane.mask) >> lane.shift;
}

/* FreeBSD accesses both indices of a queue, two 32-bit registers, at once. */
static bool is_pair(const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size)
{
	struct lane lane;

	return size == sizeof(uint64_t) && offset % size == 0 &&
	       !find_lane(smmu, offset, size, &lane);
}

uint64_t vsmmuv3_read_any(const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size)
{
	const unsigned int half = sizeof(uint32_t);

	if (!is_pair(smmu, offset, size))
		return read_one(smmu, offset, size);
	return read_one(smmu, offset, half) | read_one(smmu, offset + half, half) << LANE_BITS;
}

uint64_t iommuctl_vsmmuv3_read(
	const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size)
{
	if (smmu->recorder)
		return vsmmuv3_recorder_read(smmu->recorder, offset, size);
	return vsmmuv3_read_any(smmu, offset, size);
}

static int write_lane(struct iommuctl_vsmmuv3 *smmu, const struct lane *lane, uint64_t value)
{
	const struct vsmmuv3_register *row = &vsmmuv3_registers[lane->id];
	uint64_t writable = row->writable & lane->mask;

	if (row->frozen)
		writable &= ~row->frozen(smmu);
	value = (read_register(smmu, lane->id) & ~writable) | (value << lane->shift & writable);
	if (row->write)
		row->write(smmu, value);
	else
		vsmmuv3_set(smmu, lane->id, value);
	smmu->counters.writes++;
	return row->works ? vsmmuv3_work(smmu) : 0;
}

static int write_one(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value)
{
	struct lane lane;
	int err;

	if (!find_lane(smmu, offset, size, &lane) || !vsmmuv3_registers[lane.id].writable)
		return 0;
	pthread_mutex_lock(&smmu->lock);
	err = write_lane(smmu, &lane, value);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

/* Of two registers at once, at most one has an effect. */
int vsmmuv3_write_any(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value)
{
	const unsigned int half = sizeof(uint32_t);
	int err, other;

	if (!is_pair(smmu, offset, size))
		return write_one(smmu, offset, size, value);
	err = write_one(smmu, offset, half, value);
	other = write_one(smmu, offset + half, half, value >> LANE_BITS);
	return err ? err : other;
}

int iommuctl_vsmmuv3_write(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value)
{
	if (smmu->recorder)
		return vsmmuv3_recorder_write(smmu->recorder, offset, size, value);
	return vsmmuv3_write_any(smmu, offset, size, value);
}

void vsmmuv3_reset_registers(struct iommuctl_vsmmuv3 *smmu)
{
	for (unsigned int i = 0; i < VSMMUV3_REGISTERS; i++)
		vsmmuv3_set(smmu, (enum vsmmuv3_register_id)i, vsmmuv3_registers[i].reset);
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		vsmmuv3_set(smmu, (enum vsmmuv3_register_id)i, smmu->identity.idr[i]);
	vsmmuv3_set(smmu, VSMMUV3_IIDR, smmu->identity.iidr);
	vsmmuv3_set(smmu, VSMMUV3_AIDR, smmu->identity.aidr);
	if (smmu->abort)
		vsmmuv3_set(smmu, VSMMUV3_GBPA, vsmmuv3_get(smmu, VSMMUV3_GBPA) | GBPA_ABORT);
	vsmmuv3_write_cmdq_cons(smmu, 0);
}
