// SPDX-License-Identifier: MIT
/*
 * The virtio-iommu of the example's VMM, with a driver that uses its registers, on the model
 * machine.
 */
#include "virtio_fixture.h"

#include "kvm_fixture.h"
#include "virtio_iommu.h"

#define TABLES	     UINT64_C(0x10000) /* of the second virtqueue, after those of the first */
#define REQUEST_TAIL 4
#define EMULATED     24
#define IOVA	     UINT64_C(0x100000)
#define PAGE_AT	     (RAM + 32 * PAGE)
#define DOORBELL     (GIC_ITS_DOORBELL_PAGE + 0x40)

#define STATUS_RUNNING 0xf
#define NEEDS_RESET    0x40

struct machine {
	struct bench bench;
	struct vm vm;
	struct passthrough passthrough;
	struct virtio_iommu viommu;
	struct function functions[2];
	uint16_t sent[2]; /* to each virtqueue */
};

/* What KVM would be asked to do. */
static bool line;
static struct {
	uint32_t device_id;
	uint64_t address;
	uint32_t data;
} message;

int vm_set_irq(const struct vm *vm, unsigned int spi, bool level)
{
	(void)vm;
	cr_assert_eq(spi, VIRTIO_IOMMU_SPI);
	line = level;
	return 0;
}

int vm_send_msi(const struct vm *vm, uint32_t device_id, uint64_t address, uint32_t data)
{
	(void)vm;
	message.device_id = device_id;
	message.address = address;
	message.data = data;
	return 0;
}

static void put(struct machine *machine, uint64_t offset, uint32_t value)
{
	cr_assert(virtio_iommu_write(&machine->viommu, offset, 4, value));
}

static uint32_t get(struct machine *machine, uint64_t offset)
{
	uint64_t value;

	cr_assert(virtio_iommu_read(&machine->viommu, offset, 4, &value));
	return (uint32_t)value;
}

static void set_queue(struct machine *machine, uint32_t queue)
{
	const uint64_t rings[] = { DESCRIPTORS, AVAILABLE, USED };

	put(machine, 0x30, queue);
	put(machine, 0x38, RING_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(rings); i++) {
		put(machine, 0x80 + i * 0x10, (uint32_t)(rings[i] + queue * TABLES));
		put(machine, 0x84 + i * 0x10, 0);
	}
	put(machine, 0x44, 1);
}

/* As Linux does: reset, features, virtqueues, go. */
static void drive(struct machine *machine)
{
	put(machine, 0x70, 0);
	put(machine, 0x70, 3);
	for (uint32_t half = 0; half < 2; half++) {
		put(machine, 0x14, half);
		put(machine, 0x24, half);
		put(machine, 0x20, get(machine, 0x10));
	}
	put(machine, 0x70, 0xb);
	for (uint32_t queue = 0; queue < 2; queue++) {
		put16(&machine->vm, AVAILABLE + queue * TABLES + 2, 0);
		put16(&machine->vm, USED + queue * TABLES + 2, 0);
		set_queue(machine, queue);
		machine->sent[queue] = 0;
	}
	put(machine, 0x70, STATUS_RUNNING);
	cr_assert_eq(get(machine, 0x70), STATUS_RUNNING);
}

static void open_machine(struct machine *machine)
{
	*machine = (struct machine){ 0 };
	bench_open(&machine->bench);
	bench_context(&machine->bench, 0, 0);
	machine->vm = (struct vm){
		.memory = guest_at(&machine->bench.vmm.ram, RAM),
		.memory_size = RAM_SIZE,
	};
	machine->passthrough = (struct passthrough){
		.ctx = machine->bench.ctx,
		.iommufd = machine->bench.vmm.iommufd,
		.ioas_id = machine->bench.vmm.ioas,
	};
	cr_assert_eq(virtio_iommu_create(&machine->viommu, &machine->vm, &machine->passthrough), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(machine->functions); i++) {
		const struct function_iommu iommu = virtio_iommu_get_functions(&machine->viommu);

		machine->functions[i] = (struct function){
			.address = "0000:00:01.0",
			.requester_id = i ? EP1 : EP0,
			.device = machine->bench.vmm.devices[i],
		};
		cr_assert_eq(iommu.attach(iommu.data, &machine->functions[i]), 0);
	}
	cr_assert_eq(virtio_iommu_add_emulated(&machine->viommu, EMULATED), 0);
	drive(machine);
}

static void close_machine(struct machine *machine)
{
	virtio_iommu_destroy(&machine->viommu);
	bench_close(&machine->bench);
}

/* Sends a request in two buffers, and gives back the first byte of its tail. */
static uint8_t ask(struct machine *machine, const void *request, uint32_t size, uint32_t room)
{
	const struct descriptor_words in = { BUFFERS, size, NEXT, 1 };
	const struct descriptor_words out = { BUFFERS + 0x200, room, WRITE_IT, 0 };
	const uint16_t sent = machine->sent[0]++;

	put_descriptor(&machine->vm, DESCRIPTORS, 0, &in);
	put_descriptor(&machine->vm, DESCRIPTORS, 1, &out);
	memcpy(memory_at(&machine->vm, BUFFERS, size), request, size);
	memset(memory_at(&machine->vm, BUFFERS + 0x200, room), 0xee, room);
	put_available(&machine->vm, AVAILABLE, sent, 0);
	put(machine, 0x50, 0);
	if (get16(&machine->vm, USED + 2) != (uint16_t)(sent + 1))
		return SILENCE;
	cr_assert_eq(get32(&machine->vm, USED + 4 + sent % RING_SIZE * 8 + 4), room);
	return *(uint8_t *)memory_at(&machine->vm, BUFFERS + 0x200 + room - REQUEST_TAIL, 1);
}

static uint8_t ask_attach(struct machine *machine, uint32_t endpoint, uint32_t flags)
{
	unsigned char request[20];

	make_attach(request, 1 + flags, endpoint, flags);
	return ask(machine, request, sizeof(request), REQUEST_TAIL);
}

static uint8_t ask_map(struct machine *machine, uint64_t iova, uint64_t ipa, uint32_t flags)
{
	unsigned char request[36];

	make_map(request, 1, iova, iova + PAGE - 1, ipa, flags);
	return ask(machine, request, sizeof(request), REQUEST_TAIL);
}

static uint8_t ask_unmap(struct machine *machine, uint64_t iova)
{
	unsigned char request[28];

	make_unmap(request, 1, iova, iova + PAGE - 1);
	return ask(machine, request, sizeof(request), REQUEST_TAIL);
}

static bool dma(struct machine *machine, uint64_t address, void *bytes, size_t size, bool is_write)
{
	const struct dma_path path = virtio_iommu_get_path(&machine->viommu);
	const struct dma dma = {
		.requester_id = EMULATED,
		.is_write = is_write,
		.address = address,
		.bytes = bytes,
		.size = size,
	};

	return path.access(path.data, &dma);
}

/* A buffer for events. */
static void give_buffer(struct machine *machine, uint32_t room)
{
	const struct descriptor_words out = { BUFFERS + 0x800, room, WRITE_IT, 0 };

	put_descriptor(&machine->vm, DESCRIPTORS + TABLES, 0, &out);
	put_available(&machine->vm, AVAILABLE + TABLES, machine->sent[1]++, 0);
	put(machine, 0x50, 1);
}

Test(kvm_virtio_iommu, addresses_are_translated_by_the_guests_mappings)
{
	struct machine machine;

	open_machine(&machine);
	cr_assert_eq(reads(&machine.bench, 0, IOVA), 0, "it is in no domain");
	cr_assert_eq(ask_attach(&machine, EP0, 0), OK);
	cr_assert_eq(ask_map(&machine, IOVA, PAGE_AT, READ), OK);
	cr_assert_eq(reads(&machine.bench, 0, IOVA), PAGE_AT);
	cr_assert_not(writes(&machine.bench, 0, IOVA));
	cr_assert_eq(reads(&machine.bench, 1, IOVA), 0);
	cr_assert_eq(ask_unmap(&machine, IOVA), OK);
	cr_assert_eq(reads(&machine.bench, 0, IOVA), 0);
	cr_assert_eq(ask_attach(&machine, EP1, BYPASS), OK);
	cr_assert_eq(reads(&machine.bench, 1, PAGE_AT), PAGE_AT);
	put(&machine, 0x70, 0);
	cr_assert_eq(reads(&machine.bench, 1, PAGE_AT), 0, "a reset takes it out");
	close_machine(&machine);
}

Test(kvm_virtio_iommu, requests_raise_interrupts)
{
	struct machine machine;

	open_machine(&machine);
	cr_assert_eq(ask_attach(&machine, EP0, 0), OK);
	cr_assert(line);
	cr_assert_eq(get(&machine, 0x60), 1);
	put(&machine, 0x64, 1);
	cr_assert_not(line);
	put16(&machine.vm, AVAILABLE, 1);
	cr_assert_eq(ask_map(&machine, IOVA, PAGE_AT, READ), OK);
	cr_assert_not(line, "the driver wants none");
	close_machine(&machine);
}

Test(kvm_virtio_iommu, probe_lists_the_reserved_regions)
{
	unsigned char request[72] = { ABI_VIRTIO_IOMMU_T_PROBE };
	const unsigned char *tells;
	struct machine machine;

	open_machine(&machine);
	cr_assert_eq(get(&machine, 0x100 + 32), PROBE_SIZE);
	wire_put(request, 4, 4, EP0);
	cr_assert_eq(ask(&machine, request, sizeof(request), PROBE_SIZE + REQUEST_TAIL), OK);
	tells = memory_at(&machine.vm, BUFFERS + 0x200, PROBE_SIZE);
	/* Type, length, subtype, start, last. */
	cr_assert_eq(wire_get(tells, 0, 2), 1);
	cr_assert_eq(wire_get(tells, 4, 1), 0, "reserved");
	cr_assert_eq(wire_get(tells, 8, 8), MSI_START);
	cr_assert_eq(wire_get(tells, 16, 8), MSI_LAST);
	cr_assert_eq(wire_get(tells, 28, 1), 1, "for MSIs");
	cr_assert_eq(wire_get(tells, 32, 8), GIC_ITS_DOORBELL_PAGE);
	close_machine(&machine);
}

/* A broken ring stops the device; a reset starts it again. */
Test(kvm_virtio_iommu, broken_rings)
{
	static const struct {
		const char *name;
		struct descriptor_words descriptor;
		uint16_t head;
		uint16_t added; /* to the index */
	} rows[] = {
		{ "a circle", { BUFFERS, 4, NEXT, 0 }, 0, 1 },
		{ "no memory", { 0x1000, 64, 0, 0 }, 0, 1 },
		{ "indirect", { BUFFERS, 64, INDIRECT, 0 }, 0, 1 },
		{ "a head that is none", { BUFFERS, 4, 0, 0 }, 99, 1 },
		{ "more than there can be", { BUFFERS, 4, 0, 0 }, 0, 9 },
	};
	struct machine machine;

	open_machine(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_assert_eq(ask_attach(&machine, EP0, BYPASS), OK, "%s", rows[i].name);
		put_descriptor(&machine.vm, DESCRIPTORS, 0, &rows[i].descriptor);
		put_available(&machine.vm, AVAILABLE, machine.sent[0], rows[i].head);
		put16(&machine.vm, AVAILABLE + 2, (uint16_t)(machine.sent[0] + rows[i].added));
		put(&machine, 0x50, 0);
		cr_expect_eq(get(&machine, 0x70), STATUS_RUNNING | NEEDS_RESET, "%s", rows[i].name);
		cr_expect(get(&machine, 0x60) & 2, "%s", rows[i].name);
		cr_expect_eq(ask_attach(&machine, EP0, 0), SILENCE, "%s", rows[i].name);
		cr_expect_eq(reads(&machine.bench, 0, PAGE_AT), PAGE_AT, "%s", rows[i].name);
		drive(&machine);
		cr_expect_eq(reads(&machine.bench, 0, PAGE_AT), 0, "%s", rows[i].name);
	}
	close_machine(&machine);
}

/* A chain without room for an answer, or without a request, is given back as it came. */
Test(kvm_virtio_iommu, chains_of_one_kind)
{
	static const struct descriptor_words descriptors[] = {
		{ BUFFERS, 64, 0, 0 },
		{ BUFFERS, 64, WRITE_IT, 0 },
		{ BUFFERS, 0, WRITE_IT, 0 },
	};
	struct machine machine;

	open_machine(&machine);
	for (uint16_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		put_descriptor(&machine.vm, DESCRIPTORS, 0, &descriptors[i]);
		put_available(&machine.vm, AVAILABLE, machine.sent[0]++, 0);
		put(&machine, 0x50, 0);
		cr_assert_eq(get16(&machine.vm, USED + 2), machine.sent[0]);
		cr_assert_eq(get32(&machine.vm, USED + 4 + i * 8 + 4), 0);
	}
	cr_assert_eq(get(&machine, 0x70), STATUS_RUNNING);
	close_machine(&machine);
}

Test(kvm_virtio_iommu, bypass_lets_endpoints_through)
{
	struct machine machine;

	open_machine(&machine);
	cr_assert(virtio_iommu_write(&machine.viommu, 0x100 + 36, 1, 1));
	cr_assert_eq(reads(&machine.bench, 0, PAGE_AT), PAGE_AT);
	cr_assert(virtio_iommu_write(&machine.viommu, 0x100 + 36, 1, 2), "it is not taken");
	cr_assert_eq(get(&machine, 0x100 + 36) & 0xff, 1);
	cr_assert(virtio_iommu_write(&machine.viommu, 0x100 + 36, 1, 0));
	cr_assert_eq(reads(&machine.bench, 0, PAGE_AT), 0);
	close_machine(&machine);
}

Test(kvm_virtio_iommu, emulated_functions)
{
	struct machine machine;
	uint64_t value = 0;
	uint32_t data = htole32(17);

	open_machine(&machine);
	cr_assert_not(dma(&machine, PAGE_AT, &value, sizeof(value), false));
	cr_assert_eq(ask_attach(&machine, EMULATED, 0), OK);
	cr_assert_eq(ask_map(&machine, IOVA, PAGE_AT, READ | WRITE), OK);
	cr_assert_eq(ask_map(&machine, IOVA + PAGE, PAGE_AT + 2 * PAGE, READ), OK);
	cr_assert(dma(&machine, IOVA, &value, sizeof(value), false));
	cr_assert_eq(value, PAGE_AT);
	value = 1;
	cr_assert(dma(&machine, IOVA + 8, &value, sizeof(value), true));
	cr_assert_eq(get32(&machine.vm, PAGE_AT + 8), 1);
	cr_assert_not(dma(&machine, IOVA + PAGE, &value, sizeof(value), true));
	cr_assert_eq(get32(&machine.vm, PAGE_AT + 2 * PAGE), PAGE_AT + 2 * PAGE, "not written");
	/* Over two pages that are not beside each other in memory. */
	put32(&machine.vm, PAGE_AT + PAGE - 4, 0x1234);
	cr_assert(dma(&machine, IOVA + PAGE - 4, &value, sizeof(value), false));
	cr_assert_eq(value, (PAGE_AT + 2 * PAGE) << 32 | 0x1234);
	/* Messages need no mapping. */
	cr_assert(dma(&machine, DOORBELL, &data, sizeof(data), true));
	cr_assert(
		message.device_id == EMULATED && message.address == DOORBELL && message.data == 17);
	cr_assert_not(dma(&machine, DOORBELL, &value, sizeof(value), true));
	close_machine(&machine);
}

Test(kvm_virtio_iommu, faults_reach_the_event_queue)
{
	const unsigned char *fault;
	struct machine machine;
	uint64_t value;

	open_machine(&machine);
	cr_assert_not(dma(&machine, IOVA, &value, sizeof(value), true));
	cr_assert_eq(get16(&machine.vm, USED + TABLES + 2), 0, "there is no buffer");
	give_buffer(&machine, 24);
	cr_assert_not(line, "a buffer is not used before there is a fault");
	cr_assert_not(dma(&machine, IOVA, &value, sizeof(value), true));
	cr_assert(line);
	cr_assert_eq(get16(&machine.vm, USED + TABLES + 2), 1);
	cr_assert_eq(get32(&machine.vm, USED + TABLES + 8), 24);
	fault = memory_at(&machine.vm, BUFFERS + 0x800, 24);
	cr_assert_eq(wire_get(fault, 0, 1), 1, "in no domain");
	cr_assert_eq(wire_get(fault, 4, 4), 0x102, "WRITE and ADDRESS");
	cr_assert_eq(wire_get(fault, 8, 4), EMULATED);
	cr_assert_eq(wire_get(fault, 16, 8), IOVA);
	cr_assert_eq(ask_attach(&machine, EMULATED, 0), OK);
	give_buffer(&machine, 8);
	cr_assert_not(dma(&machine, IOVA, &value, sizeof(value), false));
	cr_assert_eq(get32(&machine.vm, USED + TABLES + 16), 8, "cut to the buffer");
	put16(&machine.vm, AVAILABLE + TABLES + 2, 99);
	cr_assert_not(dma(&machine, IOVA, &value, sizeof(value), false));
	cr_assert_eq(get(&machine, 0x70), STATUS_RUNNING | NEEDS_RESET);
	cr_assert_not(dma(&machine, IOVA, &value, sizeof(value), false));
	close_machine(&machine);
}

Test(kvm_virtio_iommu, functions_come_and_go)
{
	struct machine machine;
	struct function_iommu iommu;
	uint32_t generation;

	open_machine(&machine);
	iommu = virtio_iommu_get_functions(&machine.viommu);
	generation = get(&machine, 0xfc);
	cr_assert_eq(generation, 1, "the first one narrowed the input range");
	cr_assert_eq(ask_attach(&machine, EP0, 0), OK);
	iommu.detach(iommu.data, &machine.functions[0]);
	cr_assert_eq(ask_attach(&machine, EP0, 0), NOENT);
	cr_assert_eq(iommu.attach(iommu.data, &machine.functions[0]), 0);
	cr_assert_eq(get(&machine, 0xfc), generation, "it takes what the others take");
	cr_assert_eq(ask_attach(&machine, EP0, BYPASS), OK);
	cr_assert_eq(reads(&machine.bench, 0, PAGE_AT), PAGE_AT);
	close_machine(&machine);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 24;
}

/*
 * Rings that are wrong most of the time: the device stops or continues, and a reset is all it
 * takes.
 */
Test(kvm_virtio_iommu, random_rings)
{
	static const uint64_t addresses[] = { BUFFERS, DESCRIPTORS, AVAILABLE, USED,
		RAM + RAM_SIZE - 8, 0 };
	static const uint32_t lengths[] = { 0, 4, 20, 36, 72, UINT32_MAX };
	struct machine machine;
	uint64_t seed = 1;
	unsigned int stopped = 0;

	open_machine(&machine);
	for (unsigned int i = 0; i < 20000; i++) {
		const uint64_t table = DESCRIPTORS + next_random(&seed) % 2 * TABLES;
		const struct descriptor_words descriptor = {
			addresses[next_random(&seed) % ARRAY_SIZE(addresses)],
			lengths[next_random(&seed) % ARRAY_SIZE(lengths)],
			(uint16_t)(next_random(&seed) % 16 ? next_random(&seed) % 4 : INDIRECT),
			(uint16_t)(next_random(&seed) % (RING_SIZE + 1)),
		};
		uint64_t value;

		put_descriptor(&machine.vm, table, (unsigned int)(next_random(&seed) % RING_SIZE),
			&descriptor);
		put16(&machine.vm, BUFFERS, (uint16_t)(next_random(&seed) % 8));
		put_available(&machine.vm, AVAILABLE + table - DESCRIPTORS,
			(uint16_t)(machine.viommu.mmio.queues[table > RAM + TABLES].taken +
				   next_random(&seed) % 3),
			(uint16_t)(next_random(&seed) % (RING_SIZE + 1)));
		put(&machine, 0x50, 0);
		(void)dma(&machine, IOVA, &value, sizeof(value), true);
		if (!(get(&machine, 0x70) & NEEDS_RESET))
			continue;
		stopped++;
		drive(&machine);
	}
	cr_assert(stopped > 100 && stopped < 20000);
	cr_assert_eq(ask_attach(&machine, EP0, BYPASS), OK);
	cr_assert_eq(reads(&machine.bench, 0, PAGE_AT), PAGE_AT);
	close_machine(&machine);
}
