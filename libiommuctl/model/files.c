// SPDX-License-Identifier: MIT
/* The model's table of file descriptors. */
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int files_reserve(struct iommuctl_model *model, size_t room)
{
	struct model_file *files;

	if (room <= model->file_room)
		return 0;
	files = reallocarray(model->files, room, sizeof(*files));
	if (!files)
		return -ENOMEM;
	memset(files + model->file_room, 0, (room - model->file_room) * sizeof(*files));
	model->files = files;
	model->file_room = room;
	return 0;
}

int model_file_open(struct iommuctl_model *model, const struct model_file_kind *kind, void *object)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (files_reserve(model, (size_t)fd + 1)) {
		close(fd);
		return -ENOMEM;
	}
	model->files[fd] = (struct model_file){ .kind = kind, .object = object };
	return fd;
}

struct model_file *model_file_find(struct iommuctl_model *model, int fd)
{
	if (fd < 0 || (size_t)fd >= model->file_room || !model->files[fd].object)
		return NULL;
	return &model->files[fd];
}

int model_file_close(struct iommuctl_model *model, int fd)
{
	struct model_file *found = model_file_find(model, fd);
	struct model_file file;

	if (!found)
		return -EBADF;
	file = *found;
	*found = (struct model_file){ .object = NULL };
	close(fd);
	file.kind->close(file.object);
	return 0;
}
