// SPDX-License-Identifier: MIT
/*
 * smmu_moves PAGES DEVICE DEVICE: a guest copies PAGES pages of its memory by two edu devices behind its
 * SMMU, and meanwhile moves to another process four times, each time in the middle of something else
 * (enum moment). Reports what was moved, and whether the copy is right.
 *
 * It does what a VMM does for a live update. The next process is the same program, executed anew, and
 * inherits the iommufd, the devices and the memfd with the guest's memory. The IOAS stays, and with it
 * the pinned memory: it was mapped from the file, not from an address of a process, and is charged to
 * the new process. vIOMMU, nested HWPTs and attachments end with the old SMMU; the new one makes
 * its own. The record comes through a pipe, whose end says that the old process is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iommuctl/iommuctl.h>

#include "smmu_moves_guest.h"

#define GOES_ON "goes-on"

/* What a process leaves to the next one. */
struct legacy {
	int iommufd;
	int memory;
	int devices[VMM_DEVICES];
	uint32_t dev_ids[VMM_DEVICES];
	uint32_t ioas;
	uint32_t moves;
	uint64_t pages;
	size_t length;
	uint8_t record[IOMMUCTL_VSMMUV3_STATE_SIZE];
};

struct host {
	struct vmm vmm;
	struct legacy legacy;
	struct moving_guest guest;
};

/* After which step of the guest the moment of its name has come. */
static const struct {
	const char *name;
	enum step step;
} moments[] = {
	[COMMANDS_LEFT] = { "commands left", STEP_MAP },
	[DATA_IN_DEVICES] = { "data in the devices", STEP_READ },
	[FAULT_WAITS] = { "a fault waits", STEP_READ },
	[QUEUE_STOPPED] = { "the queue stopped", STEP_MAP },
};

/* The guest's interrupt controller. */
static void interrupt(enum iommuctl_vsmmuv3_interrupt interrupt, void *data)
{
	struct host *host = data;

	host->guest.driver->interrupts |= 1u << interrupt;
}

/* What the kernel has pinned for this process. */
static unsigned long pinned_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long kib = 0;

	must(file ? 0 : -errno, "/proc/self/status");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "VmPin: %lu", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

static void map_memory(struct host *host)
{
	const uint64_t size = moving_guest_memory(host->legacy.pages);
	struct guest_ram *ram = &host->vmm.ram;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, host->legacy.memory, 0);

	must(memory == MAP_FAILED ? -errno : 0, "memory of the guest");
	ram->range = (struct iommuctl_guest_range){ IPA, size, memory };
	ram->memory = (struct iommuctl_guest_memory){ &ram->range, 1 };
	moving_guest_find(&host->guest, ram);
}

/* With the smallest budget there is, so that the queue is never done at once. */
static void make_smmu(struct host *host)
{
	static const struct iommuctl_vsmmuv3_ops ops = { .interrupt = interrupt };
	struct vmm *vmm = &host->vmm;
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_vsmmuv3_identity hardware, identity;
	struct iommuctl_hw_info info;
	int err = iommuctl_device_get_hw_info(
		vmm->ctx, vmm->iommufd, vmm->dev_ids[0], &data, sizeof(data), &info);

	must_in(vmm->ctx, err, "IOMMU_GET_HW_INFO");
	memcpy(hardware.idr, data.idr, sizeof(hardware.idr));
	hardware.iidr = data.iidr;
	hardware.aidr = data.aidr;
	must(iommuctl_vsmmuv3_identity_derive(
		     &hardware, &(struct iommuctl_vsmmuv3_wishes){ 0 }, &identity, NULL),
		"identity");
	err = iommuctl_vsmmuv3_new(vmm->ctx,
		&(struct iommuctl_vsmmuv3_config){
			.iommufd = vmm->iommufd,
			.ioas_id = vmm->ioas,
			.dev_id = vmm->dev_ids[0],
			.memory = &vmm->ram.memory,
			.identity = &identity,
			.ops = &ops,
			.data = host,
			.abort = true,
			.budget = 1,
		},
		&host->guest.smmu);
	must_in(vmm->ctx, err, "SMMU of the guest");
}

static void add_devices(struct host *host)
{
	struct vmm *vmm = &host->vmm;

	for (unsigned int i = 0; i < VMM_DEVICES; i++) {
		int err = edu_start(&host->guest.edus[i], vmm->ctx, vmm->devices[i]);

		if (!err)
			err = iommuctl_vsmmuv3_add_device(host->guest.smmu, vmm->devices[i],
				vmm->dev_ids[i], moving_guest_sid(i));
		must_in(vmm->ctx, err, "device behind the SMMU of the guest");
	}
}

static void start(struct host *host, const char *pages, char **paths)
{
	struct vmm *vmm = &host->vmm;
	struct legacy *legacy = &host->legacy;
	uint64_t ipa = IPA;
	int err;

	vmm_open_devices(vmm, (const char *const *)paths, VMM_DEVICES);
	legacy->pages = strtoull(pages, NULL, 0);
	legacy->memory = memfd_create("guest", MFD_CLOEXEC);
	must(legacy->memory < 0 ? -errno : 0, "memfd");
	must(ftruncate(legacy->memory, (off_t)moving_guest_memory(legacy->pages)) ? -errno : 0,
		"memory of the guest");
	map_memory(host);
	err = iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas);
	if (!err)
		err = iommuctl_ioas_map_file(vmm->ctx, vmm->iommufd,
			&(struct iommuctl_ioas_map_file_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
					 IOMMUCTL_IOAS_MAP_WRITEABLE,
				.ioas_id = vmm->ioas,
				.file = legacy->memory,
				.length = vmm->ram.range.size,
			},
			&ipa);
	must_in(vmm->ctx, err, "IOAS with the guest's memory");
	make_smmu(host);
	add_devices(host);
	moving_guest_boot(&host->guest, legacy->pages);
}

/* Until the other end is closed, which is when the old process has lost its memory as well. */
static void read_legacy(struct legacy *legacy, int pipe_end)
{
	size_t got = 0;
	ssize_t count;

	do {
		count = read(pipe_end, (char *)legacy + got, sizeof(*legacy) - got);
		must(count < 0 ? -errno : 0, "record of the process before");
		got += (size_t)count;
	} while (count && got < sizeof(*legacy));
	must(got == sizeof(*legacy) ? 0 : -EPROTO, "record of the process before");
	must(read(pipe_end, &(char){ 0 }, 1) ? -EPROTO : 0, "end of the process before");
	close(pipe_end);
}

/* Devices come first in every other process. */
static void go_on(struct host *host, int pipe_end)
{
	struct legacy *legacy = &host->legacy;
	struct vmm *vmm = &host->vmm;
	const bool add_first = legacy->moves % 2;
	int err;

	read_legacy(legacy, pipe_end);
	vmm->iommufd = legacy->iommufd;
	vmm->ioas = legacy->ioas;
	memcpy(vmm->devices, legacy->devices, sizeof(vmm->devices));
	memcpy(vmm->dev_ids, legacy->dev_ids, sizeof(vmm->dev_ids));
	must_in(vmm->ctx, iommuctl_ioas_change_process(vmm->ctx, vmm->iommufd),
		"memory of the guest, which is to be charged");
	map_memory(host);
	make_smmu(host);
	if (add_first)
		add_devices(host);
	err = iommuctl_vsmmuv3_restore(host->guest.smmu, legacy->record, legacy->length);
	must_in(vmm->ctx, err == -EAGAIN ? 0 : err, "restoring");
	if (!add_first)
		add_devices(host);
	printf("process %u: %lu KiB are pinned for it\n", legacy->moves + 1, pinned_kib());
}

static void inherit(int fd)
{
	must(fcntl(fd, F_SETFD, 0) ? -errno : 0, "descriptor for the next process");
}

static void execute(const struct legacy *legacy, int pipe_end)
{
	char number[16];

	inherit(legacy->iommufd);
	inherit(legacy->memory);
	for (unsigned int i = 0; i < VMM_DEVICES; i++)
		inherit(legacy->devices[i]);
	inherit(pipe_end);
	snprintf(number, sizeof(number), "%d", pipe_end);
	execl("/proc/self/exe", "smmu_moves", GOES_ON, number, (char *)NULL);
	must(-errno, "the next process");
}

/* By then, everything of this process is gone except what the next one inherits. */
static void leave(struct host *host)
{
	struct legacy *legacy = &host->legacy;
	struct vmm *vmm = &host->vmm;
	int ends[2];
	pid_t next;

	iommuctl_vsmmuv3_free(host->guest.smmu);
	iommuctl_free(vmm->ctx);
	legacy->iommufd = vmm->iommufd;
	legacy->ioas = vmm->ioas;
	memcpy(legacy->devices, vmm->devices, sizeof(vmm->devices));
	memcpy(legacy->dev_ids, vmm->dev_ids, sizeof(vmm->dev_ids));
	must(pipe2(ends, O_CLOEXEC) ? -errno : 0, "pipe");
	fflush(stdout);
	next = fork();
	must(next < 0 ? -errno : 0, "the next process");
	if (!next)
		execute(legacy, ends[0]);
	must(write(ends[1], legacy, sizeof(*legacy)) == (ssize_t)sizeof(*legacy) ? 0 : -EIO,
		"record for the next process");
	exit(0);
}

static void save(struct host *host)
{
	const struct moving_guest *guest = &host->guest;
	struct legacy *legacy = &host->legacy;
	const uint64_t events = iommuctl_vsmmuv3_read(guest->smmu, EVENTQ_PROD, 4);
	int err = iommuctl_vsmmuv3_save(
		guest->smmu, legacy->record, sizeof(legacy->record), &legacy->length);

	must_in(host->vmm.ctx, err, "saving");
	legacy->moves++;
	printf("move %u: %s: round %llu of %llu, %u commands left, %llu events waited, %llu errors\n",
		legacy->moves, moments[legacy->moves].name,
		(unsigned long long)guest->driver->round, (unsigned long long)guest->driver->rounds,
		moving_guest_commands_left(guest),
		(unsigned long long)iommuctl_vsmmuv3_read(guest->smmu, EVENTQ_PROD, 4) - events,
		(unsigned long long)(iommuctl_vsmmuv3_read(guest->smmu, GERROR, 4) ^
				     iommuctl_vsmmuv3_read(guest->smmu, GERRORN, 4)));
}

static void serve(struct host *host)
{
	struct iommuctl_vsmmuv3 *smmu = host->guest.smmu;
	int err;

	do
		err = iommuctl_vsmmuv3_process(smmu);
	while (err == -EAGAIN);
	must_in(host->vmm.ctx, err, "commands of the guest");
	do
		err = iommuctl_vsmmuv3_deliver_events(smmu);
	while (err == -EAGAIN);
	must_in(host->vmm.ctx, err, "events for the guest");
}

/* Whether the next moment has come: before the VMM has served what the step has left. */
static bool is_to_move(const struct host *host, uint64_t round, enum step step)
{
	const uint32_t next = host->legacy.moves + 1;

	return next <= MOMENTS && step == moments[next].step &&
	       round == moving_guest_round(host->guest.driver, (enum moment)next);
}

static void run(struct host *host)
{
	struct driver *driver = host->guest.driver;

	while (driver->round < driver->rounds) {
		const uint64_t round = driver->round;
		const enum step step = driver->step;

		must_in(host->vmm.ctx, moving_guest_step(&host->guest), "step of the guest");
		if (is_to_move(host, round, step)) {
			save(host);
			leave(host);
		}
		serve(host);
	}
}

static int finish(struct host *host)
{
	const struct driver *driver = host->guest.driver;
	const uint64_t wrong = moving_guest_wrong_pages(&host->guest);
	struct vmm *vmm = &host->vmm;
	int err;

	iommuctl_vsmmuv3_free(host->guest.smmu);
	err = iommuctl_destroy(vmm->ctx, vmm->iommufd, vmm->ioas);
	must_in(vmm->ctx, err, "the guest's memory, which is to be free");
	iommuctl_free(vmm->ctx);
	printf("%u processes: %llu pages, %llu of them wrong, %u events, %u errors\n",
		host->legacy.moves + 1, (unsigned long long)host->legacy.pages,
		(unsigned long long)wrong, driver->events, driver->errors);
	return wrong ? 1 : 0;
}

/* Adopts each process whose parent has ended, and waits for all. */
static int supervise(void)
{
	int failed = 0, status;

	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct host host = { .vmm = { .ctx = NULL } };
	const bool goes_on = argc == 3 && !strcmp(argv[1], GOES_ON);
	pid_t first;

	if (!goes_on && argc != 2 + VMM_DEVICES)
		return 2;
	if (!goes_on) {
		must(prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0, "supervisor");
		first = fork();
		must(first < 0 ? -errno : 0, "the first process");
		if (first)
			return supervise();
	}
	must(iommuctl_new(NULL, &host.vmm.ctx), "context");
	if (goes_on)
		go_on(&host, (int)strtol(argv[2], NULL, 0));
	else
		start(&host, argv[1], argv + 2);
	run(&host);
	return finish(&host);
}
