/* SPDX-License-Identifier: MIT */
/* The model's file descriptors, and the objects that they stand for. */
#ifndef LIBIOMMUCTL_MODEL_FILE_H
#define LIBIOMMUCTL_MODEL_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <iommuctl/model.h>

/*
 * Operations on files of one kind, defined in the source of the object, @object. For NULL, the
 * caller gets the kernel's answer. @offset is that of struct iommuctl_transport.
 */
struct model_file_kind {
	int (*ioctl)(void *object, unsigned long request, void *arg); /* NULL: -ENOTTY */
	/* NULL: -ENODEV. */
	int (*mmap)(
		void *object, uint64_t offset, size_t length, int prot, int flags, void **address);
	ssize_t (*read)(
		void *object, void *buffer, size_t size, int64_t offset); /* NULL: -EINVAL */
	ssize_t (*write)(
		void *object, const void *buffer, size_t size, int64_t offset); /* likewise */
	void (*close)(void *object);
};

/* What a file descriptor of the model stands for. */
struct model_file {
	const struct model_file_kind *kind;
	void *object;
};

/*
 * A real file descriptor (a non-blocking eventfd) that stands for @object. Returns the fd, or
 * -errno. Closing it closes @object; then it gives -EBADF.
 */
int model_file_open(struct iommuctl_model *model, const struct model_file_kind *kind, void *object);
struct model_file *model_file_find(struct iommuctl_model *model, int fd);
int model_file_close(struct iommuctl_model *model, int fd);

#endif
