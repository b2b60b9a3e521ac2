// SPDX-License-Identifier: MIT
/* The memory behind mappings: of this process, of a file, or of a dma-buf. */
#include "model/ioas/ioas.h"
#include "model/mapping.h"
#include "model/user.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PAGE_SIZE UINT64_C(4096)

static int pages_new(uint64_t base, uint64_t length, bool writable, struct model_pages **pages)
{
	struct model_pages *made;

	if (length == 0 || length > UINT64_MAX - PAGE_SIZE)
		return -EINVAL;
	made = malloc(sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct model_pages){
		.users = 1,
		.base = base,
		.length = length,
		.writable = writable,
		.fd = -1,
	};
	*pages = made;
	return 0;
}

int model_pages_of_user(struct iommuctl_model *model, uint64_t user, uint64_t length, bool writable,
	struct model_pages **pages)
{
	uint64_t end;
	int err;

	if (__builtin_add_overflow(user, length, &end))
		return -EOVERFLOW;
	err = pages_new(user, length, writable, pages);
	if (err)
		return err;
	(*pages)->host = model_user_pointer(user);
	(*pages)->model = model;
	return 0;
}

/* Duplicates the fd, for as long as the pages exist. One opened with O_PATH will not do. */
static int take_file(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	int copy;

	if (flags < 0 || flags & O_PATH)
		return -EBADF;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return copy < 0 ? -errno : copy;
}

int model_pages_of_file(
	int fd, uint64_t start, uint64_t length, bool writable, struct model_pages **pages)
{
	uint64_t last;
	int copy, err;

	if (length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(start, length - 1, &last))
		return -EOVERFLOW;
	copy = take_file(fd);
	if (copy < 0)
		return copy;
	err = pages_new(start, length, writable, pages);
	if (err)
		close(copy);
	else
		(*pages)->fd = copy;
	return err;
}

int model_pages_of_dma_buf(struct model_dma_buf *dma_buf, uint64_t start, uint64_t length,
	bool writable, struct model_pages **pages)
{
	uint64_t last;
	int err;

	if (length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(start, length - 1, &last))
		return -EOVERFLOW;
	if (last >= dma_buf->length)
		return -EINVAL;
	if (dma_buf->revoked)
		return -ENODEV;
	if (dma_buf->range_count != 1)
		return -EOPNOTSUPP;
	err = pages_new(start, length, writable, pages);
	if (err)
		return err;
	(*pages)->dma_buf = dma_buf;
	(*pages)->host = dma_buf->memory ? dma_buf->memory + start : NULL;
	dma_buf->users++;
	return 0;
}

void model_pages_put(struct model_pages *pages)
{
	if (--pages->users > 0)
		return;
	if (pages->dma_buf)
		model_dma_buf_put(pages->dma_buf);
	if (pages->mapping)
		munmap(pages->mapping, pages->mapping_length);
	if (pages->fd >= 0)
		close(pages->fd);
	free(pages);
}

struct file_facts {
	uint64_t size;
	uint64_t page_size;
};

/* Whether devices may pin a file's pages depends on the file system. */
static bool can_be_pinned(int fd, struct file_facts *facts)
{
	struct statfs filesystem;
	struct stat file;

	if (fstat(fd, &file) || fstatfs(fd, &filesystem) || !S_ISREG(file.st_mode))
		return false;
	facts->size = (uint64_t)file.st_size;
	facts->page_size = (uint64_t)file.st_blksize;
	/* Its type is signed on some architectures. */
	return (uint32_t)filesystem.f_type == TMPFS_MAGIC ||
	       (uint32_t)filesystem.f_type == HUGETLBFS_MAGIC;
}

/* As much as there is now: the mapping may be longer than the file. In whole huge pages. */
static int map_file(struct model_pages *pages, const struct file_facts *facts)
{
	uint64_t start = pages->base - pages->base % facts->page_size;
	uint64_t end = facts->size;
	uint64_t length;
	void *mapping;

	if (end - pages->base > pages->length)
		end = pages->base + pages->length;
	length = end - start;
	length += (facts->page_size - length % facts->page_size) % facts->page_size;
	if (length > SIZE_MAX)
		return -EFAULT;
	mapping = mmap(NULL, (size_t)length, PROT_READ | (pages->writable ? PROT_WRITE : 0),
		MAP_SHARED, pages->fd, (off_t)start);
	if (mapping == MAP_FAILED)
		return -errno;
	if (pages->mapping)
		munmap(pages->mapping, pages->mapping_length);
	pages->mapping = mapping;
	pages->mapping_length = (size_t)length;
	/* cppcheck-suppress nullPointerArithmeticOutOfMemory ; it fails with MAP_FAILED */
	pages->host = (unsigned char *)mapping + (pages->base - start);
	return 0;
}

static uint64_t mapped_length(const struct model_pages *pages)
{
	return pages->mapping_length - (uint64_t)(pages->host - (unsigned char *)pages->mapping);
}

/* Maps at least the first @needed bytes of @pages. */
static int pin_file(struct model_pages *pages, uint64_t needed)
{
	struct file_facts facts;

	if (!can_be_pinned(pages->fd, &facts) || pages->base + (needed - 1) >= facts.size)
		return -EINVAL;
	if (pages->mapping && mapped_length(pages) >= needed)
		return 0;
	return map_file(pages, &facts);
}

int model_pages_pin(const struct model_area *area)
{
	struct model_pages *pages = area->pages;

	if (pages->dma_buf)
		return 0;
	if (pages->fd >= 0)
		return pin_file(pages, area->offset + area->length);
	if (model_mapping_of_bar(pages->model, pages->base + area->offset, area->length))
		return -EFAULT;
	if (!model_user_mapped(pages->base + area->offset, area->length, pages->writable))
		return -EFAULT;
	return 0;
}
