// SPDX-License-Identifier: MIT
/*
 * guest_bar ADDRESS OFFSET [VALUE]: reads a register of 32 bits in BAR 0 of a PCI function, or writes it
 * and reads it again. "pair" as VALUE: reads two registers of 64 bits by one instruction. Memory has to be enabled in
 * the function.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* KVM does not describe such an access. */
static uint64_t read_pair(const volatile void *place)
{
	uint64_t first, second;

	__asm__ volatile("ldp %0, %1, [%2]" : "=&r"(first), "=&r"(second) : "r"(place) : "memory");
	return first ^ second;
}

static volatile uint32_t *map_register(const char *address, unsigned long offset)
{
	struct stat status;
	char path[96];
	uint8_t *bar = MAP_FAILED;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", address);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && (unsigned long)status.st_size > offset)
		bar = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return bar == MAP_FAILED ? NULL : (volatile uint32_t *)(void *)(bar + offset);
}

int main(int argc, char **argv)
{
	volatile uint32_t *place = NULL;

	if (argc == 3 || argc == 4)
		place = map_register(argv[1], strtoul(argv[2], NULL, 0));
	if (!place) {
		fprintf(stderr, "usage: guest_bar ADDRESS OFFSET [VALUE]\n");
		return 1;
	}
	if (argc == 4 && strcmp(argv[3], "pair") == 0) {
		printf("0x%016" PRIx64 "\n", read_pair(place));
		return 0;
	}
	if (argc == 4)
		*place = (uint32_t)strtoul(argv[3], NULL, 0);
	printf("0x%08x\n", *place);
	return 0;
}
