// SPDX-License-Identifier: MIT
/*
 * Requests of any bytes to a virtio-iommu on the model machine, with accesses and events between them: each request
 * is answered within its buffer, an access gets somewhere or is a fault that can be encoded, the commands that the drafts lead to are legal, and in the end nothing of the guest's is left.
 */
#include <errno.h>

#include <iommuctl/iommuctl.h>
#include <iommuctl/model.h>
#include <iommuctl/virtio_iommu_fault.h>

#include "input.h"
#include "vmm.h"

#define MEMORY_IPA  UINT64_C(0x40000000)
#define MEMORY_SIZE (UINT64_C(1) << 20)
#define REQUESTS    64
#define REQUEST_MAX 96
#define ANSWER_MAX  256
#define GUARD	    0x5a
#define NESTED	    3 /* the endpoint behind the drafts */
#define EMULATED    4

static const struct iommuctl_smmuv3_idr idr = {
	.asid16 = 1,
	.ril = 1,
	.ssidsize = 8,
	.ats = 1,
	.gran4k = 1,
	.oas = 5,
};

static const struct iommuctl_virtio_iommu_region regions[] = {
	{ .start = 0x8000000, .last = 0x80fffff, .msi = true },
	{ .start = 0x9000000, .last = 0x9000fff },
};

static int set_ste(uint32_t vsid, const uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS], void *data)
{
	struct iommuctl_smmuv3_ste decoded;

	require(vsid == NESTED);
	iommuctl_smmuv3_ste_decode(ste, &decoded);
	require(!decoded.v || !iommuctl_smmuv3_ste_validate(&decoded, &idr, NULL));
	return input_u8(data) & 7 ? 0 : -ENOMEM;
}

static int issue(const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	for (size_t i = 0; i < count; i++)
		require(!iommuctl_smmuv3_cmd_validate(commands[i], &idr, NULL));
	return input_u8(data) & 7 ? 0 : -ETIMEDOUT;
}

static void add_endpoints(const struct vmm *vmm, struct iommuctl_virtio_iommu *viommu)
{
	for (uint32_t i = 0; i < VMM_DEVICES; i++)
		require(!iommuctl_virtio_iommu_add_endpoint(viommu,
			&(struct iommuctl_virtio_iommu_endpoint){
				.id = i + 1,
				.device = vmm->devices[i],
				.regions = regions,
				.region_count = i ? 2 : 1,
			}));
	iommuctl_virtio_iommu_add_endpoint(viommu,
		&(struct iommuctl_virtio_iommu_endpoint){
			.id = NESTED, .nested = true, .vsid = NESTED });
	require(!iommuctl_virtio_iommu_add_endpoint(viommu,
		&(struct iommuctl_virtio_iommu_endpoint){
			.id = EMULATED,
			.device = -1,
			.emulated = true,
			.regions = regions,
			.region_count = 2,
		}));
}

/* Mostly small numbers, as ids, and page numbers where addresses are. */
static void make_request(struct input *input, unsigned char *request)
{
	const uint8_t kind = input_u8(input);

	input_bytes(input, request, REQUEST_MAX);
	if (kind & 0x80)
		return;
	request[0] = kind % 8;
	memset(request + 1, 0, 3);
	request[4] %= 4;
	memset(request + 5, 0, 3);
	if (kind & 0x40)
		return;
	for (unsigned int at = 8; at < 32; at += 8) {
		const uint64_t page = request[at] % 64, low = at == 16 ? 0xfff : 0;
		const uint64_t address =
			(at == 24 || kind & 0x20 ? MEMORY_IPA : 0) + page * 4096 + low;

		memcpy(request + at, &address, sizeof(address));
	}
}

static void exchange(struct iommuctl_virtio_iommu *viommu, struct input *input)
{
	unsigned char request[REQUEST_MAX], answer[ANSWER_MAX + 1];
	const size_t in_size = input_u8(input) & 3 ? REQUEST_MAX : input_u8(input) % REQUEST_MAX;
	const size_t out_size = input_u8(input) % (ANSWER_MAX + 1);
	unsigned char *exact = malloc(in_size + 1);
	size_t written;

	require(exact);
	make_request(input, request);
	memcpy(exact, request, in_size);
	memset(answer, GUARD, sizeof(answer));
	written = iommuctl_virtio_iommu_request(viommu, exact, in_size, answer, out_size);
	require(written <= out_size);
	require(answer[out_size] == GUARD);
	free(exact);
}

/* Accesses that succeed use guest-physical addresses, and those that fail have a fault. */
static void access_memory(struct iommuctl_virtio_iommu *viommu, struct input *input)
{
	const uint8_t kind = input_u8(input);
	const struct iommuctl_virtio_iommu_access access = {
		.endpoint = kind % (EMULATED + 2),
		.address = kind & 0x80 ? input_u64(input) : input_u8(input) % 64 * UINT64_C(4096),
		.flags = input_u8(input) % 16,
	};
	struct iommuctl_virtio_iommu_translation translation;
	struct iommuctl_virtio_iommu_fault fault;
	unsigned char event[IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE];
	int err = iommuctl_virtio_iommu_translate(viommu, &access, &translation, &fault);

	if (err == -EFAULT)
		require(!iommuctl_virtio_iommu_fault_encode(&fault, event, sizeof(event)));
	if (err)
		return;
	require(translation.size && !(access.flags & ~translation.flags));
	require(translation.ipa <= UINT64_MAX - (translation.size - 1));
	require(access.address <= UINT64_MAX - (translation.size - 1));
}

static void report_event(struct iommuctl_virtio_iommu *viommu, struct input *input)
{
	struct iommuctl_smmuv3_event event = { 0 };
	struct iommuctl_virtio_iommu_fault fault;
	unsigned char wire[IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE];
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS] = { 0 };

	input_bytes(input, (unsigned char *)words, sizeof(words));
	iommuctl_smmuv3_event_decode(words, &event);
	if (!(input_u8(input) & 1))
		event.streamid = NESTED;
	if (!iommuctl_virtio_iommu_fault_from_event(viommu, &event, &fault))
		require(!iommuctl_virtio_iommu_fault_encode(&fault, wire, sizeof(wire)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vmm vmm;
	struct input input = { data, size };
	const struct iommuctl_virtio_iommu_drafts drafts = { &idr, 4096, set_ste, issue, &input };
	const uint8_t bits = input_u8(&input);
	struct iommuctl_virtio_iommu_config config = {
		.probe_size = 64,
		.mmio = bits & 1,
		.bypass_config = true,
		.bypass = bits & 2,
		.domains_max = 3,
		.mappings_max = 16,
		.drafts = bits & 4 ? &drafts : NULL,
	};
	struct iommuctl_virtio_iommu *viommu;
	size_t before, after;

	if (!vmm.ctx) {
		vmm_open_model(&vmm, NULL);
		vmm_make_ram(&vmm, MEMORY_IPA, MEMORY_SIZE);
	}
	config.iommufd = vmm.iommufd;
	config.memory_ioas_id = vmm.ioas;
	iommuctl_transport_ledger_get_entries(vmm.ledger, &before);
	if (iommuctl_virtio_iommu_new(vmm.ctx, &config, &viommu))
		return 0;
	iommuctl_virtio_iommu_accept(viommu, input_u64(&input));
	add_endpoints(&vmm, viommu);
	for (unsigned int i = 0; i < REQUESTS && input.left; i++) {
		exchange(viommu, &input);
		access_memory(viommu, &input);
		report_event(viommu, &input);
	}
	iommuctl_virtio_iommu_free(viommu);
	iommuctl_transport_ledger_get_entries(vmm.ledger, &after);
	require(before == after);
	return 0;
}
