// SPDX-License-Identifier: MIT
#include "stimulus/registers.h"

#include <endian.h>
#include <errno.h>
#include <time.h>

int stimulus_read32(const struct stimulus *stimulus, uint64_t offset, uint32_t *value)
{
	uint32_t raw;
	int err;

	err = iommuctl_vfio_region_read(
		stimulus->ctx, stimulus->device, &stimulus->bar0, offset, &raw, sizeof(raw));
	if (!err)
		*value = le32toh(raw);
	return err;
}

int stimulus_write32(const struct stimulus *stimulus, uint64_t offset, uint32_t value)
{
	const uint32_t raw = htole32(value);

	return iommuctl_vfio_region_write(
		stimulus->ctx, stimulus->device, &stimulus->bar0, offset, &raw, sizeof(raw));
}

int stimulus_write64(const struct stimulus *stimulus, uint64_t offset, uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(
		stimulus->ctx, stimulus->device, &stimulus->bar0, offset, &raw, sizeof(raw));
}

int stimulus_write64_halves(const struct stimulus *stimulus, uint64_t offset, uint64_t value)
{
	int err = stimulus_write32(stimulus, offset, (uint32_t)value);

	return err ? err : stimulus_write32(stimulus, offset + 4, (uint32_t)(value >> 32));
}

int stimulus_write_all(
	const struct stimulus *stimulus, const struct stimulus_setting *settings, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = stimulus_write32(stimulus, settings[i].offset, settings[i].value);
	return err;
}

void stimulus_sleep_ms(unsigned int ms)
{
	struct timespec rest = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}

int stimulus_wait32(const struct stimulus *stimulus, uint64_t offset, uint32_t mask, uint32_t value,
	unsigned int rest_ms, unsigned int limit_ms)
{
	uint32_t found;
	int err;

	for (unsigned int waited = 0;; waited += rest_ms) {
		err = stimulus_read32(stimulus, offset, &found);
		if (err)
			return err;
		if ((found & mask) == value)
			return 0;
		if (waited >= limit_ms)
			return -ETIMEDOUT;
		stimulus_sleep_ms(rest_ms);
	}
}

int stimulus_wait_memory(const uint32_t *word, uint32_t mask, uint32_t value, unsigned int limit_ms)
{
	for (unsigned int waited = 0;; waited++) {
		uint32_t found = le32toh(__atomic_load_n(word, __ATOMIC_ACQUIRE));

		if ((found & mask) == value)
			return 0;
		if (waited >= limit_ms)
			return -ETIMEDOUT;
		stimulus_sleep_ms(1);
	}
}
