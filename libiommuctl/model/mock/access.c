// SPDX-License-Identifier: MIT
/* Accesses that have a file. */
#include "model/mock/mock.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>

#define LENGTH_MAX (UINT64_C(16) << 20)
#define RW_FLAGS   ((uint32_t)(ABI_MOCK_ACCESS_RW_WRITE | ABI_MOCK_ACCESS_RW_SLOW_PATH))

static void access_close(void *object)
{
	struct model_access *access = object;
	struct model_iommufd *iommufd = access->iommufd;

	model_access_free(access);
	model_iommufd_put(iommufd);
}

static const struct model_file_kind access_file = { .close = access_close };

int model_mock_access_new(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const uint32_t known = ABI_MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
	const uint32_t flags = command->create_access.flags;
	struct model_access *made;
	struct model_ioas *ioas;
	int err, fd;

	if (flags & ~known)
		return -EOPNOTSUPP;
	err = model_access_new(iommufd, flags & known, &made);
	if (err)
		return err;
	ioas = model_object_find(iommufd, command->id, &model_ioas_kind);
	err = ioas ? model_ioas_add_access(ioas, made) : -ENOENT;
	fd = err ? err : model_file_open(iommufd->model, &access_file, made);
	if (fd < 0) {
		model_access_free(made);
		return fd;
	}
	iommufd->references++;
	command->create_access.out_access_fd = (uint32_t)fd;
	return 0;
}

static struct model_access *find(
	const struct model_iommufd *iommufd, const struct abi_test_cmd *command)
{
	const struct model_file *file = model_file_find(iommufd->model, (int)command->id);

	return file && file->kind == &access_file ? file->object : NULL;
}

int model_mock_access_rw(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_user_range what = {
		.iova = command->access_rw.iova,
		.length = command->access_rw.length,
		.write = command->access_rw.flags & ABI_MOCK_ACCESS_RW_WRITE,
	};
	struct model_access *access;
	void *buffer;
	int err;

	if (what.length > LENGTH_MAX)
		return -ENOMEM;
	if (command->access_rw.flags & ~RW_FLAGS)
		return -EOPNOTSUPP;
	access = find(iommufd, command);
	if (!access)
		return -EBADFD;
	buffer = malloc(what.length + 1);
	if (!buffer)
		return -ENOMEM;
	if (what.write) {
		err = model_copy_in(buffer, command->access_rw.uptr, what.length);
		if (err)
			goto free;
	}
	err = model_access_copy(access, &what, buffer);
	if (err)
		goto free;
	if (!what.write)
		err = model_copy_out(command->access_rw.uptr, buffer, what.length);
free:
	free(buffer);
	return err;
}

int model_mock_access_pin(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_user_range what = {
		.iova = command->access_pages.iova,
		.length = command->access_pages.length,
		.user = command->access_pages.uptr,
		.write = command->access_pages.flags & ABI_MOCK_FLAGS_ACCESS_WRITE,
	};
	struct model_access *access;
	uint32_t id;
	int err;

	if (what.length > LENGTH_MAX)
		return -ENOMEM;
	if (command->access_pages.flags & ~(uint32_t)ABI_MOCK_FLAGS_ACCESS_WRITE)
		return -EOPNOTSUPP;
	access = find(iommufd, command);
	if (!access)
		return -EBADFD;
	if (!access->pins)
		return -EOPNOTSUPP;
	err = model_access_pin(access, &what, &id);
	if (err)
		return err;
	command->access_pages.out_access_pages_id = id;
	return 0;
}

int model_mock_access_unpin(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_access *access = find(iommufd, command);

	return access ? model_access_unpin(access, command->destroy_access_pages.access_pages_id)
		      : -EBADFD;
}

/* The new IOAS takes it before the old one drops it. */
int model_mock_access_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_range all = { 0, UINT64_MAX };
	struct model_access *access = find(iommufd, command);
	struct model_ioas *ioas, *old;
	int err;

	if (!access)
		return -EBADFD;
	ioas = model_object_find(iommufd, command->access_replace_ioas.ioas_id, &model_ioas_kind);
	if (!ioas)
		return -ENOENT;
	old = access->ioas;
	if (ioas == old)
		return 0;
	model_ioas_remove_access(access);
	err = model_ioas_add_access(ioas, access);
	if (err) {
		(void)model_ioas_add_access(old, access);
		return err;
	}
	model_access_let_go(access, &all);
	return 0;
}
