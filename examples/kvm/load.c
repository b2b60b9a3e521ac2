// SPDX-License-Identifier: MIT
/*
 * The kernel goes to the start of memory, as its header asks; after it, each on a 2 MiB boundary,
 * come the initrd and the device tree.
 */
#include "load.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define BOUNDARY    UINT64_C(0x200000)
#define IMAGE_MAGIC 0x644d5241u /* "ARM", 0x64 */

/* Linux: Documentation/arch/arm64/booting.rst */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

static uint64_t next_boundary(uint64_t offset)
{
	return (offset + BOUNDARY - 1) / BOUNDARY * BOUNDARY;
}

static int read_all(int fd, const char *path, uint8_t *to, uint64_t room, uint64_t *size)
{
	uint64_t done = 0;

	for (;;) {
		ssize_t got = read(fd, to + done, room - done);

		if (got < 0)
			return report_error(path, errno, NULL);
		if (got == 0)
			break;
		done += (uint64_t)got;
		if (done == room)
			return report_problem(
				path, "does not fit the guest's memory: raise --memory");
	}
	*size = done;
	return 0;
}

static int load_file(const struct vm *vm, const char *path, uint64_t offset, uint64_t *size)
{
	int fd;
	int err;

	if (offset >= vm->memory_size)
		return report_problem(path, "does not fit the guest's memory: raise --memory");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return report_error(path, errno, NULL);
	err = read_all(fd, path, vm->memory + offset, vm->memory_size - offset, size);
	close(fd);
	return err;
}

/* Where the kernel ends, including its zeroed data, counted from the start of memory. */
static int check_image(const struct vm *vm, const char *path, uint64_t size, uint64_t *end)
{
	struct image_header header;
	uint64_t claimed;

	memcpy(&header, vm->memory, sizeof(header));
	if (size < sizeof(header) || le32toh(header.magic) != IMAGE_MAGIC)
		return report_problem(
			path, "not an arm64 Image (a compressed one must be unpacked)");
	if (header.text_offset)
		return report_problem(path, "made for an offset in memory, as before Linux 5.8");
	claimed = le64toh(header.image_size);
	*end = claimed > size ? claimed : size;
	if (*end > vm->memory_size)
		return report_problem(path, "does not fit the guest's memory: raise --memory");
	return 0;
}

int load_kernel(
	const struct vm *vm, const char *kernel, const char *initrd, struct load_places *places)
{
	uint64_t initrd_size = 0;
	uint64_t size = 0;
	uint64_t end = 0;
	uint64_t fdt;
	int err = load_file(vm, kernel, 0, &size);

	if (err)
		return err;
	err = check_image(vm, kernel, size, &end);
	if (err)
		return err;
	end = next_boundary(end);
	if (initrd) {
		err = load_file(vm, initrd, end, &initrd_size);
		if (err)
			return err;
	}
	fdt = next_boundary(end + initrd_size);
	if (fdt > vm->memory_size || vm->memory_size - fdt < FDT_SIZE)
		return report_problem(
			"the device tree", "does not fit the guest's memory: raise --memory");
	*places = (struct load_places){
		.entry = RAM_BASE,
		.initrd_start = RAM_BASE + end,
		.initrd_end = RAM_BASE + end + initrd_size,
		.fdt = RAM_BASE + fdt,
	};
	return 0;
}
