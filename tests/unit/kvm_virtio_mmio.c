// SPDX-License-Identifier: MIT
/* The virtio transport of the example's VMM: its registers, and drivers that follow no order. */
#include "kvm_fixture.h"

#include <errno.h>

#include "array.h"
#include "virtio_mmio.h"

#define MEMORY	 UINT64_C(0x10000)
#define FEATURES UINT64_C(0x700000005)
#define SPI	 16

enum {
	QUEUE_SEL = 0x30,
	QUEUE_SIZE = 0x38,
	QUEUE_READY = 0x44,
	NOTIFY = 0x50,
	PENDING = 0x60,
	ACK = 0x64,
	STATUS = 0x70
};
enum { DRIVER = 3, FEATURES_OK = 8, DRIVER_OK = 4, NEEDS_RESET = 0x40, FAILED = 0x80 };

struct machine {
	struct vm vm;
	struct virtio_mmio mmio;
	uint64_t accepted;
	unsigned int notified[VIRTIO_MMIO_QUEUES];
	unsigned int resets;
	int reset_error;
	int accept_error;
	uint8_t config[8];
};

/* The line that the transport would set by KVM. */
static bool line;
static unsigned int line_changes;

int vm_set_irq(const struct vm *vm, unsigned int spi, bool level)
{
	(void)vm;
	cr_assert_eq(spi, SPI);
	line = level;
	line_changes++;
	return 0;
}

static uint64_t get_features(const void *device)
{
	(void)device;
	return FEATURES & ~(UINT64_C(1) << 32);
}

static int accept_features(void *device, uint64_t features)
{
	struct machine *machine = device;

	machine->accepted = features;
	return machine->accept_error;
}

static int reset(void *device)
{
	struct machine *machine = device;

	machine->resets++;
	return machine->reset_error;
}

static int read_config(const void *device, uint64_t offset, void *bytes, size_t size)
{
	const struct machine *machine = device;

	if (offset > sizeof(machine->config) || size > sizeof(machine->config) - offset)
		return -EINVAL;
	memcpy(bytes, machine->config + offset, size);
	return 0;
}

static int write_config(void *device, uint64_t offset, const void *bytes, size_t size)
{
	struct machine *machine = device;

	if (offset > sizeof(machine->config) || size > sizeof(machine->config) - offset)
		return -EINVAL;
	memcpy(machine->config + offset, bytes, size);
	return 0;
}

static void notify(void *device, unsigned int queue)
{
	struct machine *machine = device;

	machine->notified[queue]++;
}

static const struct virtio_mmio_kind kind = {
	.device_id = 23,
	.get_features = get_features,
	.accept = accept_features,
	.reset = reset,
	.read_config = read_config,
	.write_config = write_config,
	.notify = notify,
};

static void open_machine(struct machine *machine)
{
	*machine = (struct machine){ .config = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	machine->vm.memory = calloc(1, MEMORY);
	machine->vm.memory_size = MEMORY;
	cr_assert(machine->vm.memory);
	virtio_mmio_init(&machine->mmio, &machine->vm, &kind, machine, SPI);
}

static uint32_t get(struct machine *machine, uint64_t offset)
{
	uint64_t value = 0;

	cr_assert(
		virtio_mmio_read(&machine->mmio, offset, 4, &value), "%#lx", (unsigned long)offset);
	return (uint32_t)value;
}

static void put(struct machine *machine, uint64_t offset, uint32_t value)
{
	cr_assert(virtio_mmio_write(&machine->mmio, offset, 4, value));
}

static void accept_all(struct machine *machine, uint64_t features)
{
	put(machine, 0x24, 0);
	put(machine, 0x20, (uint32_t)features);
	put(machine, 0x24, 1);
	put(machine, 0x20, (uint32_t)(features >> 32));
	put(machine, STATUS, DRIVER | FEATURES_OK);
}

static void set_queue(struct machine *machine, uint32_t queue)
{
	const uint64_t rings[] = { DESCRIPTORS, AVAILABLE, USED };

	put(machine, QUEUE_SEL, queue);
	put(machine, QUEUE_SIZE, RING_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(rings); i++) {
		put(machine, 0x80 + i * 0x10, (uint32_t)rings[i]);
		put(machine, 0x84 + i * 0x10, (uint32_t)(rings[i] >> 32));
	}
	put(machine, QUEUE_READY, 1);
}

static void drive(struct machine *machine)
{
	put(machine, STATUS, 0);
	accept_all(machine, FEATURES);
	set_queue(machine, 0);
	set_queue(machine, 1);
	put(machine, STATUS, DRIVER | FEATURES_OK | DRIVER_OK);
}

static void close_machine(struct machine *machine)
{
	free(machine->vm.memory);
}

Test(kvm_virtio_mmio, the_identity_registers_say_what_it_is)
{
	struct machine machine;

	open_machine(&machine);
	cr_assert_eq(get(&machine, 0), 0x74726976);
	cr_assert_eq(get(&machine, 4), 2);
	cr_assert_eq(get(&machine, 8), 23);
	cr_assert_eq(get(&machine, 0x10), 5);
	put(&machine, 0x14, 1);
	cr_assert_eq(get(&machine, 0x10), 7, "VERSION_1 is the transport's");
	put(&machine, 0x14, 2);
	cr_assert_eq(get(&machine, 0x10), 0);
	put(&machine, 0x14, UINT32_MAX);
	cr_assert_eq(get(&machine, 0x10), 0);
	cr_assert_eq(get(&machine, 0xb0), UINT32_MAX, "there is no shared memory");
	close_machine(&machine);
}

Test(kvm_virtio_mmio, features_are_negotiated)
{
	static const struct {
		uint64_t features;
		int error;
		bool good;
	} rows[] = {
		{ FEATURES, 0, true },
		{ UINT64_C(1) << 32, 0, true },
		{ 0, 0, false },
		{ 5, 0, false },
		{ FEATURES | 2, 0, false },
		{ UINT64_MAX, 0, false },
		{ FEATURES, -EINVAL, false },
	};
	struct machine machine;

	open_machine(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put(&machine, STATUS, 0);
		machine.accept_error = rows[i].error;
		accept_all(&machine, rows[i].features);
		cr_expect_eq(get(&machine, STATUS), rows[i].good ? DRIVER | FEATURES_OK : DRIVER,
			"row %zu", i);
		cr_expect(!rows[i].good || machine.accepted == rows[i].features);
		/* Accepted features stay. */
		put(&machine, 0x20, UINT32_MAX);
		put(&machine, STATUS, DRIVER | FEATURES_OK | DRIVER_OK);
		cr_expect_eq(get(&machine, STATUS),
			rows[i].good ? DRIVER | FEATURES_OK | DRIVER_OK : DRIVER, "row %zu", i);
	}
	close_machine(&machine);
}

Test(kvm_virtio_mmio, queues_are_set_up_by_registers)
{
	struct machine machine;

	open_machine(&machine);
	put(&machine, QUEUE_SEL, 2);
	cr_assert_eq(get(&machine, 0x34), 0, "there are two");
	cr_assert_eq(get(&machine, QUEUE_READY), 0);
	put(&machine, QUEUE_READY, 1);
	put(&machine, QUEUE_SEL, UINT32_MAX);
	put(&machine, QUEUE_SIZE, 1);
	cr_assert_eq(get(&machine, 0x34), 0);
	put(&machine, NOTIFY, 0);
	drive(&machine);
	cr_assert_eq(get(&machine, QUEUE_READY), 1);
	cr_assert_eq(get(&machine, 0x34), 256);
	cr_assert_eq(
		machine.notified[0], 1, "what waited before the driver was ready is looked at");
	put(&machine, 0x80, 0);
	put(&machine, QUEUE_SIZE, 99);
	cr_assert_eq(machine.mmio.queues[1].descriptors, DESCRIPTORS, "it does not move");
	cr_assert_eq(machine.mmio.queues[1].size, RING_SIZE);
	put(&machine, NOTIFY, 1);
	put(&machine, NOTIFY, 2);
	put(&machine, NOTIFY, UINT32_MAX);
	cr_assert_eq(machine.notified[0], 1);
	cr_assert_eq(machine.notified[1], 2);
	put(&machine, QUEUE_READY, 0);
	put(&machine, NOTIFY, 1);
	cr_assert_eq(machine.notified[1], 2, "it is not ready");
	put(&machine, QUEUE_SIZE, 7);
	put(&machine, QUEUE_READY, 1);
	cr_assert_eq(get(&machine, QUEUE_READY), 0);
	cr_assert(get(&machine, STATUS) & NEEDS_RESET);
	put(&machine, NOTIFY, 0);
	cr_assert_eq(machine.notified[0], 1, "a device that needs a reset does nothing");
	close_machine(&machine);
}

Test(kvm_virtio_mmio, interrupts_are_pending_until_acknowledged)
{
	struct machine machine;

	open_machine(&machine);
	virtio_mmio_config_changed(&machine.mmio);
	cr_assert_eq(get(&machine, 0xfc), 1);
	cr_assert_eq(get(&machine, PENDING), 0, "no driver is there");
	drive(&machine);
	cr_assert_eq(get(&machine, 0xfc), 1, "a reset does not bring old generations back");
	virtio_mmio_used(&machine.mmio, 0);
	cr_assert(line);
	cr_assert_eq(get(&machine, PENDING), 1);
	virtio_mmio_config_changed(&machine.mmio);
	cr_assert_eq(get(&machine, PENDING), 3);
	cr_assert_eq(line_changes, 1);
	put(&machine, ACK, 1);
	cr_assert(line);
	put(&machine, ACK, UINT32_MAX);
	cr_assert_not(line);
	virtio_mmio_needs_reset(&machine.mmio);
	cr_assert(line);
	cr_assert_eq(get(&machine, PENDING), 2);
	put(&machine, STATUS, 0);
	cr_assert_not(line);
	cr_assert_eq(get(&machine, STATUS), 0);
	close_machine(&machine);
}

Test(kvm_virtio_mmio, the_status_follows_the_driver)
{
	struct machine machine;

	open_machine(&machine);
	put(&machine, STATUS, UINT32_MAX);
	cr_assert_eq(get(&machine, STATUS), DRIVER | FAILED, "nothing was agreed on");
	drive(&machine);
	put(&machine, STATUS, 1);
	cr_assert_eq(get(&machine, STATUS), DRIVER | FEATURES_OK | DRIVER_OK, "bits stay");
	put(&machine, STATUS, FAILED);
	put(&machine, NOTIFY, 0);
	cr_assert_eq(machine.notified[0], 1, "the driver has given up");
	machine.reset_error = -EBUSY;
	put(&machine, STATUS, 0);
	cr_assert_eq(get(&machine, STATUS), NEEDS_RESET);
	machine.reset_error = 0;
	drive(&machine);
	cr_assert_eq(machine.notified[0], 2);
	close_machine(&machine);
}

Test(kvm_virtio_mmio, accesses_of_other_sizes_are_refused)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
		bool answers;
		uint64_t value;
	} rows[] = {
		{ 0x70, 4, true, 0 },
		{ 0x70, 1, false, 0 },
		{ 0x70, 2, false, 0 },
		{ 0x70, 8, false, 0 },
		{ 0x72, 4, false, 0 },
		{ 0x0c, 4, true, 0x49434f49 },
		{ 0xc8, 4, true, 0 },
		{ 0xfc, 8, false, 0 },
		{ 0x100, 8, true, UINT64_C(0x0807060504030201) },
		{ 0x101, 1, true, 2 },
		{ 0x106, 2, true, 0x0807 },
		{ 0x106, 4, false, 0 },
		{ 0x108, 1, false, 0 },
	};
	struct machine machine;

	open_machine(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 0;
		const bool answers =
			virtio_mmio_read(&machine.mmio, rows[i].offset, rows[i].size, &value);

		cr_expect_eq(answers, rows[i].answers, "row %zu", i);
		cr_expect_eq(value, rows[i].value, "row %zu", i);
	}
	cr_assert(virtio_mmio_write(&machine.mmio, 0x102, 2, 0xaabb));
	cr_assert_eq(get(&machine, 0x100), 0xaabb0201);
	cr_assert(virtio_mmio_write(&machine.mmio, 0x107, 2, 0xaabb), "it is not taken");
	cr_assert_not(virtio_mmio_write(&machine.mmio, 0x70, 2, 0));
	close_machine(&machine);
}

/* Any register in any order, with any value: nothing happens except what the device is told. */
Test(kvm_virtio_mmio, any_order)
{
	static const uint32_t values[] = { 0, 1, 2, 8, 15, 255, 256, 0x40001000, UINT32_MAX };
	struct machine machine;
	uint64_t seed = 1;

	open_machine(&machine);
	for (unsigned int i = 0; i < 200000; i++) {
		uint64_t value;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		if (i % 64 == 0)
			drive(&machine);
		(void)virtio_mmio_write(&machine.mmio, seed >> 33 & 0x1fc, 4u >> (seed >> 60 == 0),
			values[(seed >> 42) % ARRAY_SIZE(values)]);
		(void)virtio_mmio_read(&machine.mmio, seed >> 50 & 0x1fc, 4, &value);
		if (machine.mmio.queues[seed >> 63].ready)
			virtio_mmio_used(&machine.mmio, seed >> 63);
		cr_assert_eq(line, get(&machine, PENDING) != 0);
	}
	close_machine(&machine);
}
