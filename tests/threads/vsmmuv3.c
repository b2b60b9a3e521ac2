// SPDX-License-Identifier: MIT
/*
 * A guest's SMMU with all its concurrent users, under ThreadSanitizer: two vCPUs access
 * registers, a third one writes memory that the SMMU reads, an emulated device asks for
 * translations, and the VMM has other devices do DMA, delivers events, and takes devices out and
 * puts them back. So many steps each, whatever time they take; a race ends the program with a status
 * of its own.
 *
 * The model is no kernel: one thread at a time may call it, so that there is a lock around it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <iommuctl/model.h>

#include "array.h"
#include "hostile.h"

#define STEPS	  20000
#define BUDGET	  2000
#define RUNS_MAX  1000000
#define CR0	  0x20
#define CR0ACK	  0x24
#define GBPA	  0x44
#define CMDQ_CONS 0x9c

struct kernel {
	struct iommuctl_transport base; /* first: calls find the kernel by it */
	struct iommuctl_transport *inner;
	pthread_mutex_t lock;
};

static struct kernel *kernel_of(struct iommuctl_transport *transport)
{
	return (struct kernel *)(void *)transport;
}

static struct iommuctl_transport *enter(struct iommuctl_transport *transport)
{
	struct kernel *kernel = kernel_of(transport);

	pthread_mutex_lock(&kernel->lock);
	return kernel->inner;
}

static void leave(struct iommuctl_transport *transport)
{
	pthread_mutex_unlock(&kernel_of(transport)->lock);
}

static int kernel_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct iommuctl_transport *inner = enter(transport);
	const int fd = inner->open(inner, path, flags);

	leave(transport);
	return fd;
}

static int kernel_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct iommuctl_transport *inner = enter(transport);
	const int result = inner->ioctl(inner, fd, request, arg);

	leave(transport);
	return result;
}

static ssize_t kernel_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct iommuctl_transport *inner = enter(transport);
	const ssize_t result = inner->read(inner, fd, buffer, size, offset);

	leave(transport);
	return result;
}

static ssize_t kernel_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct iommuctl_transport *inner = enter(transport);
	const ssize_t result = inner->write(inner, fd, buffer, size, offset);

	leave(transport);
	return result;
}

static int kernel_close(struct iommuctl_transport *transport, int fd)
{
	struct iommuctl_transport *inner = enter(transport);
	const int result = inner->close(inner, fd);

	leave(transport);
	return result;
}

static int kernel_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct iommuctl_transport *inner = enter(transport);
	const int result =
		inner->device_group ? inner->device_group(inner, fd, group) : -EOPNOTSUPP;

	leave(transport);
	return result;
}

static void kernel_free(struct iommuctl_transport *transport)
{
	iommuctl_transport_free(kernel_of(transport)->inner);
}

/* Nobody maps anything. */
static struct kernel kernel = {
	.base = {
		.open = kernel_open,
		.ioctl = kernel_ioctl,
		.read = kernel_read,
		.write = kernel_write,
		.close = kernel_close,
		.free = kernel_free,
		.device_group = kernel_device_group,
	},
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

struct worker {
	pthread_t thread;
	uint64_t random;
	struct hostile guest;
	bool has_device[VMM_DEVICES];
};

static struct vmm vmm;
static struct iommuctl_vsmmuv3 *smmu;
static atomic_uint asked;
static pthread_barrier_t all_ready;

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static uint32_t pick(void *data)
{
	struct worker *worker = data;

	worker->random ^= worker->random << 13;
	worker->random ^= worker->random >> 7;
	worker->random ^= worker->random << 17;
	return (uint32_t)(worker->random >> 16);
}

/* What a VMM may do there: read registers. */
static void interrupt(enum iommuctl_vsmmuv3_interrupt line, void *data)
{
	(void)line;
	(void)data;
	(void)iommuctl_vsmmuv3_read(smmu, CMDQ_CONS, 4);
	atomic_fetch_add(&asked, 1);
}

static void msi(uint64_t address, uint32_t msi_data, void *data)
{
	(void)address;
	(void)msi_data;
	interrupt(IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC, data);
}

static void send_event(void *data)
{
	interrupt(IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC, data);
}

static const struct iommuctl_vsmmuv3_ops ops = { interrupt, msi, send_event };

static void go_on(int err)
{
	for (unsigned int runs = 0; err == -EAGAIN; runs++) {
		require(runs < RUNS_MAX, "a queue does not end");
		err = iommuctl_vsmmuv3_process(smmu);
	}
	require(!err, "the guest's SMMU fails");
}

static void *run_vcpu(void *data)
{
	struct worker *worker = data;

	pthread_barrier_wait(&all_ready);
	for (unsigned int i = 0; i < STEPS; i++)
		go_on(hostile_access_register(&worker->guest));
	return NULL;
}

static void *run_writer(void *data)
{
	struct worker *worker = data;

	pthread_barrier_wait(&all_ready);
	for (unsigned int i = 0; i < STEPS; i++)
		hostile_write_memory(&worker->guest);
	return NULL;
}

static void *run_emulated_device(void *data)
{
	struct worker *worker = data;

	pthread_barrier_wait(&all_ready);
	for (unsigned int i = 0; i < STEPS; i++) {
		const int err = hostile_translate(&worker->guest);

		require(!err || err == -EFAULT || err == -ENODATA, "an access fails");
	}
	return NULL;
}

static void do_dma(struct worker *worker)
{
	uint64_t word;
	const struct iommuctl_model_access access = {
		.device = pick(worker) % VMM_DEVICES,
		.ssid = -1,
		.iova = hostile_pick_iova(&worker->guest),
		.buffer = &word,
		.size = sizeof(word),
	};

	enter(&kernel.base);
	(void)iommuctl_model_dma(vmm.model, &access);
	leave(&kernel.base);
}

static void move_device(struct worker *worker, unsigned int index)
{
	const bool in = !worker->has_device[index];

	require(!hostile_move_device(&worker->guest, index, in), "a device does not move");
	worker->has_device[index] = in;
}

static void *run_vmm(void *data)
{
	struct worker *worker = data;
	struct iommuctl_vsmmuv3_translation_counters translations;
	struct iommuctl_vsmmuv3_counters counters;

	pthread_barrier_wait(&all_ready);
	for (unsigned int i = 0; i < STEPS; i++) {
		int err = 0;

		switch (pick(worker) % 16) {
		case 0: move_device(worker, pick(worker) % VMM_DEVICES); break;
		case 1: iommuctl_vsmmuv3_get_counters(smmu, &counters); break;
		case 2: iommuctl_vsmmuv3_get_translation_counters(smmu, &translations); break;
		case 3:
		case 4:
		case 5: err = iommuctl_vsmmuv3_deliver_events(smmu); break;
		default: do_dma(worker); break;
		}
		require(!err || err == -EAGAIN, "events are not delivered");
	}
	return NULL;
}

static struct hostile make_guest(struct worker *worker)
{
	return (struct hostile){ .vmm = &vmm, .pick = pick, .data = worker, .smmu = smmu };
}

/* The lock of the SMMU is held: nobody else writes. */
static void count_line(const char *text, size_t length, void *data)
{
	uint64_t *lines = data;

	(void)text;
	*lines += length > 0;
}

static void open_machine(struct worker *worker, const struct iommuctl_vsmmuv3_recorder *recorder)
{
	static const char *const paths[VMM_DEVICES] = {
		"/dev/vfio/devices/vfio0",
		"/dev/vfio/devices/vfio1",
	};

	must(iommuctl_model_new(NULL, &vmm.model), "model machine");
	must(iommuctl_model_transport_new(vmm.model, &kernel.inner), "transport");
	must(iommuctl_new(&kernel.base, &vmm.ctx), "context");
	vmm_open_devices(&vmm, paths, VMM_DEVICES);
	vmm_make_ram(&vmm, HOSTILE_RAM, HOSTILE_RAM_SIZE);
	worker->guest = make_guest(worker);
	must_in(vmm.ctx,
		hostile_open(&worker->guest,
			(struct iommuctl_vsmmuv3_config){
				.ops = &ops,
				.budget = BUDGET,
				.event_depth = 64,
				.recorder = recorder,
			}),
		"the guest's SMMU");
	smmu = worker->guest.smmu;
}

static void close_machine(void)
{
	struct iommuctl_vsmmuv3_counters counters;

	iommuctl_vsmmuv3_get_counters(smmu, &counters);
	require(counters.syncs && counters.errors, "the guest did nothing");
	go_on(iommuctl_vsmmuv3_process(smmu));
	require(iommuctl_vsmmuv3_read(smmu, CR0, 4) == iommuctl_vsmmuv3_read(smmu, CR0ACK, 4),
		"CR0 is not acknowledged");
	go_on(iommuctl_vsmmuv3_reset(smmu));
	require(!iommuctl_vsmmuv3_read(smmu, CR0, 8), "the SMMU is not reset");
	iommuctl_vsmmuv3_free(smmu);
	iommuctl_free(vmm.ctx);
	iommuctl_model_free(vmm.model);
	guest_ram_close(&vmm.ram);
}

/* With an argument, all is recorded. */
int main(int argc, char **argv)
{
	static void *(*const runs[])(
		void *data) = { run_vcpu, run_vcpu, run_writer, run_emulated_device, run_vmm };
	uint64_t lines = 0;
	const struct iommuctl_vsmmuv3_recorder recorder = { count_line, &lines };
	static struct worker workers[ARRAY_SIZE(runs)];

	(void)argv;
	open_machine(&workers[0], argc > 1 ? &recorder : NULL);
	must(-pthread_barrier_init(&all_ready, NULL, ARRAY_SIZE(runs)), "barrier");
	for (unsigned int i = 0; i < ARRAY_SIZE(runs); i++) {
		workers[i].random = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
		workers[i].guest = make_guest(&workers[i]);
		for (unsigned int j = 0; j < VMM_DEVICES; j++)
			workers[i].has_device[j] = true;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(runs); i++)
		must(-pthread_create(&workers[i].thread, NULL, runs[i], &workers[i]), "thread");
	for (unsigned int i = 0; i < ARRAY_SIZE(runs); i++)
		pthread_join(workers[i].thread, NULL);
	close_machine();
	require(!lines == (argc == 1), "a recorder was not told of accesses");
	return 0;
}
