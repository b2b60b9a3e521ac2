// SPDX-License-Identifier: MIT
/*
 * How long a job with many mappings takes compared with only its calls to the kernel: map_speed MAPS PAGES
 * [MOST], where each mapping has so many pages. Both are measured from the start to the end of a
 * process, which undoes all; the memory is mapped as it is, and pinned for a nesting parent of the
 * first edu device. Fails if the job with pinned memory takes more than MOST times as long.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"

#define JOB    "/tmp/map-speed.json"
#define CDEV   "/dev/vfio/devices/vfio0"
#define PCI    "0000:00:01.0"
#define PAGE   UINT64_C(4096)
#define IPA    UINT64_C(0x40000000)
#define ROUNDS 2

/* As many as an IOAS of a job may have. */
#define MAPS_EACH 65536u

struct load {
	unsigned int maps;
	uint64_t length; /* of each */
	bool pinned;
};

static void need(bool fine, const char *what)
{
	if (!fine) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

static unsigned int ioas_count(const struct load *load)
{
	return (load->maps + MAPS_EACH - 1) / MAPS_EACH;
}

/* Mapping @i leaves a page free after it: neighbours are not one area. */
static uint64_t iova_of(const struct load *load, unsigned int i)
{
	return IPA + i * (load->length + PAGE);
}

static void write_job(const struct load *load)
{
	FILE *job = fopen(JOB, "w");

	need(job, JOB);
	fprintf(job, "{ \"iommuctl\": 1, \"name\": \"map-speed\",\n");
	fprintf(job,
		"\"memory\": { \"ram\": { \"size\": %" PRIu64 ", \"ipa\": \"0x%" PRIx64 "\" } }",
		load->maps * load->length, IPA);
	if (load->pinned)
		fprintf(job,
			",\n\"devices\": { \"edu\": { \"pci\": \"" PCI "\" } },\n\"hwpts\": {");
	for (unsigned int i = 0; load->pinned && i < ioas_count(load); i++)
		fprintf(job,
			"%s \"s%u\": { \"device\": \"edu\", \"ioas\": \"a%u\", \"nest-parent\": true }",
			i ? "," : "", i, i);
	fprintf(job, "%s,\n\"ioas\": {", load->pinned ? " }" : "");
	for (unsigned int i = 0; i < load->maps; i++) {
		if (i % MAPS_EACH == 0)
			fprintf(job, "%s\n\"a%u\": { \"map\": [", i ? " ] }," : "", i / MAPS_EACH);
		fprintf(job,
			"%s\n{ \"memory\": \"ram\", \"iova\": \"0x%" PRIx64
			"\", \"offset\": \"0x%" PRIx64 "\", \"length\": %" PRIu64 " }",
			i % MAPS_EACH ? "," : "", iova_of(load, i), i * load->length, load->length);
	}
	fprintf(job, " ] } } }\n");
	need(!fclose(job), JOB);
}

static void map_all(const struct load *load, int iommufd, const char *memory, uint32_t *ioas)
{
	struct abi_ioas_alloc alloc = { .size = sizeof(alloc) };

	for (unsigned int i = 0; i < load->maps; i++) {
		struct abi_ioas_map map = {
			.size = sizeof(map),
			.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE |
				 ABI_IOAS_MAP_WRITEABLE,
			.user_va = (uintptr_t)memory + i * load->length,
			.length = load->length,
			.iova = iova_of(load, i),
		};

		if (i % MAPS_EACH == 0) {
			need(!ioctl(iommufd, ABI_IOAS_ALLOC, &alloc), "IOMMU_IOAS_ALLOC");
			ioas[i / MAPS_EACH] = alloc.out_ioas_id;
		}
		map.ioas_id = alloc.out_ioas_id;
		need(!ioctl(iommufd, ABI_IOAS_MAP, &map), "IOMMU_IOAS_MAP");
	}
}

/* The calls of the job, in a process of their own as the command is. */
static void make_calls(const struct load *load)
{
	const int iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	const int device = load->pinned ? open(CDEV, O_RDWR | O_CLOEXEC) : -1;
	const int file = memfd_create("ram", MFD_CLOEXEC);
	struct abi_vfio_device_bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = iommufd };
	struct abi_hwpt_alloc hwpt = { .size = sizeof(hwpt), .flags = ABI_HWPT_ALLOC_NEST_PARENT };
	uint32_t ioas[64];
	char *memory;

	need(iommufd >= 0 && file >= 0, "open");
	need(ioas_count(load) <= 64, "MAPS");
	need(!ftruncate(file, (off_t)(load->maps * load->length)), "ftruncate");
	memory = mmap(NULL, load->maps * load->length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	need(memory != MAP_FAILED, "mmap");
	if (load->pinned)
		need(!ioctl(device, ABI_VFIO_DEVICE_BIND_IOMMUFD, &bind),
			"VFIO_DEVICE_BIND_IOMMUFD");
	map_all(load, iommufd, memory, ioas);
	hwpt.dev_id = bind.out_devid;
	for (unsigned int i = 0; load->pinned && i < ioas_count(load); i++) {
		hwpt.pt_id = ioas[i];
		need(!ioctl(iommufd, ABI_HWPT_ALLOC, &hwpt), "IOMMU_HWPT_ALLOC");
	}
	_exit(EXIT_SUCCESS);
}

static void run_job(const struct load *load)
{
	(void)load;
	need(freopen("/dev/null", "w", stdout), "/dev/null");
	execlp("iommuctl", "iommuctl", "run", JOB, (char *)NULL);
	need(false, "iommuctl");
}

static double measure(void (*what)(const struct load *load), const struct load *load)
{
	struct timespec start, end;
	int status;
	pid_t pid;

	fflush(stdout); /* else the child says it as well */
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		what(load);
	need(waitpid(pid, &status, 0) == pid && !status, "child");
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (double)(end.tv_sec - start.tv_sec) * 1e3 +
	       (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

/* The fastest of some rounds; returns how many times as long the job takes. */
static double compare(const struct load *load)
{
	double calls = 0, job = 0;

	write_job(load);
	for (int round = 0; round < ROUNDS; round++) {
		const double once = measure(make_calls, load), run = measure(run_job, load);

		calls = !round || once < calls ? once : calls;
		job = !round || run < job ? run : job;
	}
	printf("%u maps of %" PRIu64 "K, %s: the calls alone %.1f ms, run %.1f ms: %.2f times\n",
		load->maps, load->length / 1024, load->pinned ? "pinned" : "not pinned", calls, job,
		job / calls);
	return job / calls;
}

int main(int argc, char **argv)
{
	struct load load = {
		.maps = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 10000,
		.length = (argc > 2 ? strtoul(argv[2], NULL, 0) : 1) * PAGE,
	};
	const double most = argc > 3 ? strtod(argv[3], NULL) : 0;
	double times;

	compare(&load);
	load.pinned = true;
	times = compare(&load);
	return most > 0 && times > most ? EXIT_FAILURE : EXIT_SUCCESS;
}
