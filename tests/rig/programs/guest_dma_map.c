// SPDX-License-Identifier: MIT
/*
 * guest_dma_map SECONDS PAGES...: for a guest: its kernel maps and unmaps PAGES pages at once, for SECONDS, for the
 * device that its driver dma_map_benchmark has; then the next number of pages. Lines "meter: ..." on the console say to a
 * meter in the VMM where each begins, and where the last ends (vmm_meter.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define BENCHMARK     "/sys/kernel/debug/dma_map_benchmark"
#define BIDIRECTIONAL 0u
#define ADDRESS_BITS  32u
#define MAX_SECONDS   300u
#define MAX_PAGES     1024u

/* The kernel's struct map_benchmark, which the headers of old distributions lack. Times are in units of 100 ns. */
struct benchmark {
	uint64_t map_average, map_deviation;
	uint64_t unmap_average, unmap_deviation;
	uint32_t threads;
	uint32_t seconds;
	int32_t node;
	uint32_t address_bits;
	uint32_t direction;
	uint32_t transmission_ns;
	uint32_t pages;
	uint8_t mode;
	uint8_t expansion[75];
};

#define DMA_MAP_BENCHMARK _IOWR('d', 1, struct benchmark)

static int number(const char *text, uint32_t max, uint32_t *value)
{
	char *end;
	const unsigned long parsed = strtoul(text, &end, 10);

	if (*end || parsed < 1 || parsed > max)
		return -EINVAL;
	*value = (uint32_t)parsed;
	return 0;
}

/* The meter reads the line as the guest's console has it: it has to be out before the work begins. */
static void mark(const char *section, const char *pages)
{
	printf("meter: %s%s\n", section, pages);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

static int map_and_unmap(int fd, uint32_t seconds, uint32_t pages)
{
	struct benchmark benchmark = {
		.threads = 1,
		.seconds = seconds,
		.node = -1,
		.address_bits = ADDRESS_BITS,
		.direction = BIDIRECTIONAL,
		.pages = pages,
	};
	int err;

	/* On a busy machine the kernel's thread may have had no processor in that time. */
	do {
		err = ioctl(fd, DMA_MAP_BENCHMARK, &benchmark) ? -errno : 0;
	} while (err == -EINTR || (!err && !benchmark.unmap_average));
	if (err) {
		fprintf(stderr, "guest_dma_map: %u pages: %s\n", pages, strerror(-err));
		return err;
	}
	printf("guest: pages at once: %u, mapped in %llu us, unmapped in %llu us\n", pages,
		(unsigned long long)benchmark.map_average / 10,
		(unsigned long long)benchmark.unmap_average / 10);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t seconds, pages;
	int fd;

	if (argc < 3 || number(argv[1], MAX_SECONDS, &seconds)) {
		fprintf(stderr, "usage: guest_dma_map SECONDS PAGES...\n");
		return 2;
	}
	fd = open(BENCHMARK, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr,
			"guest_dma_map: " BENCHMARK ": %s: is a device bound to its driver?\n",
			strerror(errno));
		return 1;
	}
	for (int i = 2; i < argc; i++) {
		if (number(argv[i], MAX_PAGES, &pages)) {
			fprintf(stderr, "guest_dma_map: %s: must be a number from 1 to %u\n",
				argv[i], MAX_PAGES);
			return 2;
		}
		mark("pages at once: ", argv[i]);
		if (map_and_unmap(fd, seconds, pages))
			return 1;
	}
	mark("end", "");
	return 0;
}
