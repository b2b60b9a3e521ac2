// SPDX-License-Identifier: MIT
/*
 * Configuration space, 4 KiB for each function: an offset is bus << 20 | device << 15 | function <<
 * 12 | register. An absent function reads as all ones, and ignores writes.
 */
#include "pci.h"

#include "bar_window.h"
#include "function_access.h"

/* Configuration requests have at most 4 bytes, within one register. */
#define LARGEST_ACCESS 4u

#define LAST_DEVICE 31u

static bool is_request(uint64_t offset, unsigned int size)
{
	return size <= LARGEST_ACCESS && offset % size == 0;
}

static bool is_emulated(const struct pci *pci, uint64_t offset)
{
	return pci->edu && offset / CONFIG_SPACE_SIZE == pci->edu->requester_id;
}

uint16_t pci_choose_emulated(const struct pci *pci)
{
	uint16_t requester_id = (LAST_DEVICE << 3);

	pthread_mutex_lock(&pci->passthrough->lock);
	while (passthrough_find(pci->passthrough, requester_id))
		requester_id -= 1u << 3;
	pthread_mutex_unlock(&pci->passthrough->lock);
	return requester_id;
}

/* The caller holds the lock. */
static struct function *find(struct passthrough *passthrough, uint64_t offset)
{
	struct function *function =
		passthrough_find(passthrough, (uint16_t)(offset / CONFIG_SPACE_SIZE));

	return function && function->attached ? function : NULL;
}

bool pci_read(void *device, uint64_t offset, unsigned int size, uint64_t *value)
{
	const struct pci *pci = device;
	struct passthrough *passthrough = pci->passthrough;
	struct function *function;

	if (!is_request(offset, size))
		return false;
	*value = UINT64_MAX;
	if (is_emulated(pci, offset)) {
		*value = edu_read_config(pci->edu, offset % CONFIG_SPACE_SIZE, size);
		return true;
	}
	pthread_mutex_lock(&passthrough->lock);
	function = find(passthrough, offset);
	if (function)
		*value = function_config_read(function, offset % CONFIG_SPACE_SIZE, size);
	pthread_mutex_unlock(&passthrough->lock);
	return true;
}

bool pci_write(void *device, uint64_t offset, unsigned int size, uint64_t value)
{
	const struct pci *pci = device;
	struct passthrough *passthrough = pci->passthrough;
	struct function *function;

	if (!is_request(offset, size))
		return false;
	if (is_emulated(pci, offset)) {
		edu_write_config(pci->edu, offset % CONFIG_SPACE_SIZE, size, (uint32_t)value);
		return true;
	}
	pthread_mutex_lock(&passthrough->lock);
	function = find(passthrough, offset);
	if (function) {
		if (function_config_write(
			    function, offset % CONFIG_SPACE_SIZE, size, (uint32_t)value))
			passthrough_reset(passthrough, function);
		else
			passthrough_update(passthrough, function);
	}
	pthread_mutex_unlock(&passthrough->lock);
	return true;
}

bool pci_window_read(void *device, uint64_t offset, unsigned int size, uint64_t *value)
{
	const struct pci *pci = device;
	struct passthrough *passthrough = pci->passthrough;
	struct msi_range access;
	const struct function *function;

	*value = UINT64_MAX;
	if (pci->edu && edu_read(pci->edu, PCI_WINDOW_BASE + offset, size, value))
		return true;
	pthread_mutex_lock(&passthrough->lock);
	function = bar_window_find(passthrough->functions, passthrough->count,
		PCI_WINDOW_BASE + offset, size, &access);
	if (function)
		*value = function_bar_read(function, &access);
	pthread_mutex_unlock(&passthrough->lock);
	return true;
}

bool pci_window_write(void *device, uint64_t offset, unsigned int size, uint64_t value)
{
	const struct pci *pci = device;
	struct passthrough *passthrough = pci->passthrough;
	struct msi_range access;
	struct function *function;

	if (pci->edu && edu_write(pci->edu, PCI_WINDOW_BASE + offset, size, value))
		return true;
	pthread_mutex_lock(&passthrough->lock);
	function = bar_window_find(passthrough->functions, passthrough->count,
		PCI_WINDOW_BASE + offset, size, &access);
	if (function && function_bar_write(function, &access, value))
		passthrough_update(passthrough, function);
	pthread_mutex_unlock(&passthrough->lock);
	return true;
}
