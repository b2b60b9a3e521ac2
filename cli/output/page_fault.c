// SPDX-License-Identifier: MIT
#include "output/page_fault.h"

#include <inttypes.h>
#include <stdio.h>

#include "array.h"
#include "output/text.h"

static const struct {
	uint32_t bit;
	char letter;
} perms[] = {
	{ IOMMUCTL_PGFAULT_PERM_READ, 'r' },
	{ IOMMUCTL_PGFAULT_PERM_WRITE, 'w' },
	{ IOMMUCTL_PGFAULT_PERM_EXEC, 'x' },
	{ IOMMUCTL_PGFAULT_PERM_PRIV, 'p' },
};

const char *page_fault_perm(uint32_t perm, char text[PAGE_FAULT_PERM_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(perms); i++) {
		if (perm & perms[i].bit)
			text[used++] = perms[i].letter;
	}
	text[used] = '\0';
	return text;
}

static bool has_pasid(const struct page_fault *fault)
{
	return fault->fault.flags & IOMMUCTL_PGFAULT_FLAGS_PASID_VALID;
}

static bool is_last(const struct page_fault *fault)
{
	return fault->fault.flags & IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE;
}

const char *page_fault_print(const struct page_fault *fault, char *text, size_t size)
{
	char perm[PAGE_FAULT_PERM_SIZE];

	*text = '\0';
	if (*fault->device)
		text_append(text, size, "%s", fault->device);
	else
		text_append(text, size, "device id %" PRIu32, fault->fault.dev_id);
	text_append(text, size, " %s 0x%" PRIx64, page_fault_perm(fault->fault.perm, perm),
		(uint64_t)fault->fault.addr);
	if (has_pasid(fault))
		text_append(text, size, " PASID %" PRIu32, fault->fault.pasid);
	text_append(text, size, " group %" PRIu32, fault->fault.grpid);
	if (fault->count)
		text_append(text, size, " %zu/%zu", fault->index + 1, fault->count);
	else if (!is_last(fault))
		text_append(text, size, ", more follow");
	return text;
}

json_t *page_fault_to_json(const char *object, const struct page_fault *fault)
{
	const struct iommuctl_pgfault *raw = &fault->fault;
	char text[256], perm[PAGE_FAULT_PERM_SIZE], address[24];
	json_t *said;

	snprintf(address, sizeof(address), "0x%" PRIx64, (uint64_t)raw->addr);
	said = json_pack("{s:s*, s:I, s:o, s:I, s:s, s:s, s:b}", "device",
		*fault->device ? fault->device : NULL, "device-id", (json_int_t)raw->dev_id,
		"pasid", has_pasid(fault) ? json_integer(raw->pasid) : json_null(), "group",
		(json_int_t)raw->grpid, "perm", page_fault_perm(raw->perm, perm), "address",
		address, "last", is_last(fault));
	if (fault->count) {
		json_object_set_new(said, "place", json_integer((json_int_t)fault->index + 1));
		json_object_set_new(said, "count", json_integer((json_int_t)fault->count));
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "object", object, "type", "page-fault", "event",
		page_fault_print(fault, text, sizeof(text)), "fault", said);
}
