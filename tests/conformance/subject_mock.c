// SPDX-License-Identifier: MIT
#include "subject.h"

#include "abi/iommufd_test.h"

int subject_command(struct subject *subject, struct abi_test_cmd *command)
{
	struct iommuctl_transport *transport = iommuctl_get_transport(subject->ctx);

	command->size = sizeof(*command);
	return transport->ioctl(transport, subject->iommufd, ABI_TEST_CMD, command);
}

struct subject_mock *subject_find_mock(struct subject *subject, uint32_t id)
{
	for (unsigned int i = 0; i < SUBJECT_MOCKS; i++)
		if (subject->mocks[i].id == id)
			return &subject->mocks[i];
	return NULL;
}

/* The kernel warns of a mock device that goes with PASIDs. */
void subject_forget_pasids(struct subject *subject, struct subject_mock *mock)
{
	while (mock->id && mock->pasid_count) {
		struct abi_test_cmd command = {
			.op = ABI_TEST_OP_PASID_DETACH,
			.id = mock->id,
			.pasid_detach = { .pasid = mock->pasids[--mock->pasid_count] },
		};

		(void)subject_command(subject, &command);
	}
}

void subject_unmap(struct subject *subject, unsigned int slot)
{
	struct iommuctl_transport *transport = iommuctl_get_transport(subject->ctx);
	struct subject_mapping *mapping = &subject->mappings[slot];

	if (mapping->address)
		(void)transport->munmap(transport, mapping->address, mapping->length);
	mapping->address = NULL;
}
