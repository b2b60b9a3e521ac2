// SPDX-License-Identifier: MIT
#include "vfio/info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Far more than any device has: the kernel's number must not claim all memory. */
#define INFO_SIZE_MAX (1u << 20)

static uint32_t argsz_of(const void *info)
{
	uint32_t argsz;

	memcpy(&argsz, info, sizeof(argsz));
	return argsz;
}

/* The first answer says how much there is, and that does not change. */
#define INFO_TRIES 2

int info_get(struct iommuctl *ctx, struct call *call, size_t fixed, void **info, size_t *size)
{
	const void *request = call->arg;
	uint32_t room = (uint32_t)fixed;
	int err;

	for (int i = 0; i < INFO_TRIES; i++) {
		char *buffer = calloc(1, room);

		if (!buffer)
			return call_fail(ctx, call, ENOMEM);
		memcpy(buffer, request, fixed);
		memcpy(buffer, &room, sizeof(room));
		call->arg = buffer;
		err = call_ioctl(ctx, call);
		if (!err && argsz_of(buffer) <= room) {
			*info = buffer;
			*size = room;
			return 0;
		}
		room = argsz_of(buffer);
		free(buffer);
		if (err)
			return err;
		if (room > INFO_SIZE_MAX)
			break;
	}
	return call_fail(ctx, call, EPROTO);
}

int info_cap_find(const void *info, size_t size, uint32_t offset, uint16_t id, size_t min,
	struct info_cap *cap)
{
	struct abi_vfio_info_cap_header header;
	size_t links = size / sizeof(header);

	*cap = (struct info_cap){ 0 };
	for (; offset; offset = header.next) {
		if (offset > size || size - offset < sizeof(header) || !links--)
			return -EPROTO;
		memcpy(&header, (const char *)info + offset, sizeof(header));
		if (header.id != id)
			continue;
		if (size - offset < min)
			return -EPROTO;
		cap->at = (const char *)info + offset;
		cap->size = size - offset;
		return 0;
	}
	return 0;
}
