// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "stage1/guest_memory.h"
#include "stage1/reader.h"

void *iommuctl_guest_memory_at(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size)
{
	if (!memory || !memory->ranges)
		return NULL;
	return guest_memory_find(memory, ipa, size);
}

/* Some 32-bit ABIs align uint64_t only to 4 bytes, where an access need not be atomic. */
struct word {
	_Alignas(8) uint64_t value;
};

static struct word *words_at(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size)
{
	void *host = iommuctl_guest_memory_at(memory, ipa, size);

	return (uintptr_t)host % _Alignof(struct word) == 0 ? host : NULL;
}

int guest_memory_load64(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value)
{
	const struct word *word = words_at(memory, ipa, sizeof(*word));

	if (!word)
		return -EFAULT;

	*value = le64toh(__atomic_load_n(&word->value, __ATOMIC_ACQUIRE));
	if (memory->fetched)
		memory->fetched(ipa, *value, memory->data);
	return 0;
}

int guest_memory_store64(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t value)
{
	struct word *word = words_at(memory, ipa, sizeof(*word));

	if (!word)
		return -EFAULT;

	__atomic_store_n(&word->value, htole64(value), __ATOMIC_RELEASE);
	return 0;
}

int guest_memory_zero(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size)
{
	struct word *words = words_at(memory, ipa, size);

	if (!words)
		return -EFAULT;

	memset(words, 0, size);
	return 0;
}

static int load(void *memory, uint64_t ipa, uint64_t *value)
{
	return guest_memory_load64(memory, ipa, value);
}

struct stage1_reader guest_memory_reader(const struct iommuctl_guest_memory *memory)
{
	return (struct stage1_reader){ .load = load, .data = (void *)memory };
}
