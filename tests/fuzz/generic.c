// SPDX-License-Identifier: MIT
/*
 * Requests of the generic interface: what is accepted becomes an STE that is legal, or a bounded number of
 * legal commands, the same however little room they are asked for with.
 */
#include <iommuctl/iommuctl.h>

#include "input.h"

#define STREAMS	       3
#define ROOM	       64
#define PER_STREAM_MAX 110
#define COMMANDS_MAX   (IOMMUCTL_GENERIC_THRESHOLD + STREAMS * PER_STREAM_MAX)
#define REQUEST_MAX    64

static struct iommuctl_smmuv3_idr pick_idr(struct input *input)
{
	const uint8_t bits = input_u8(input);

	return (struct iommuctl_smmuv3_idr){
		.asid16 = bits & 1,
		.ril = bits >> 1 & 1,
		.ats = bits >> 2 & 1,
		.cd2l = bits >> 3 & 1,
		.ds = bits >> 4 & 1,
		.ssidsize = bits & 0x20 ? 20 : 0,
		.stall_model = bits >> 6 & 1,
		.gran4k = 1,
		.gran16k = 1,
		.gran64k = 1,
		.oas = 5,
	};
}

static void fuzz_stage(struct input *input, const uint8_t *request, size_t size)
{
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);
	struct iommuctl_generic_stage stage;
	struct iommuctl_smmuv3_ste ste;

	if (iommuctl_generic_decode_stage(request, size, &idr, &stage, NULL))
		return;
	iommuctl_smmuv3_ste_decode(stage.ste, &ste);
	require(!iommuctl_smmuv3_ste_validate(&ste, &idr, NULL));
}

static size_t translate(struct iommuctl_generic_cursor cursor, size_t room,
	const struct iommuctl_smmuv3_idr *idr, uint64_t (*all)[IOMMUCTL_SMMUV3_CMD_WORDS])
{
	size_t count = 0, more;

	while ((more = iommuctl_generic_next(&cursor, all + count, room))) {
		require(more <= room);
		for (size_t i = 0; i < more; i++)
			require(!iommuctl_smmuv3_cmd_validate(all[count + i], idr, NULL));
		count += more;
		require(count <= COMMANDS_MAX);
	}
	return count;
}

static void fuzz_invalidation(struct input *input, const uint8_t *request, size_t size)
{
	static const uint32_t granules[] = { 4096, 16384, 65536, 0 };
	static uint64_t one[COMMANDS_MAX + ROOM][2], other[COMMANDS_MAX + ROOM][2];
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);
	const uint32_t vsids[STREAMS] = { 0, 7, UINT32_MAX };
	const struct iommuctl_generic_target target = {
		.idr = &idr,
		.vsids = vsids,
		.vsid_count = input_u8(input) % (STREAMS + 1),
		.granule = granules[input_u8(input) % 4],
	};
	struct iommuctl_generic_invalidation invalidation;
	struct iommuctl_generic_cursor cursor;
	size_t count;

	if (iommuctl_generic_decode_invalidation(request, size, 5, &invalidation, NULL) ||
		iommuctl_generic_start(&cursor, &invalidation, &target, NULL))
		return;
	count = translate(cursor, ROOM, &idr, one);
	require(translate(cursor, 1, &idr, other) == count);
	require(!memcmp(one, other, count * sizeof(one[0])));
}

static void fuzz_msi(struct input *input, const uint8_t *request, size_t size)
{
	const uint64_t start = UINT64_C(0x8000000), last = UINT64_C(0x80fffff);
	struct iommuctl_generic_msi msi;

	(void)input;
	if (!iommuctl_generic_decode_msi(request, size, start, last, &msi, NULL))
		require(msi.iova == msi.gpa && msi.gpa >= start &&
			msi.gpa + (msi.size - 1) <= last);
}

/* Mostly the right length, the version, and small numbers where it says what is meant. */
static size_t make_request(struct input *input, uint8_t *request, size_t expected)
{
	const uint8_t kind = input_u8(input);

	input_bytes(input, request, REQUEST_MAX);
	if (kind & 1) {
		memcpy(request, &(const uint32_t){ 1 }, sizeof(uint32_t));
		for (unsigned int at = 4; at < 16; at++)
			request[at] = at % 4 ? 0 : request[at] % 8;
	}
	return kind & 2 ? expected : kind % (REQUEST_MAX + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		void (*run)(struct input *input, const uint8_t *request, size_t size);
		size_t size;
	} kinds[] = { { fuzz_stage, 32 }, { fuzz_invalidation, 48 }, { fuzz_msi, 24 } };
	struct input input = { data, size };
	const size_t kind = input_u8(&input) % 3;
	uint8_t bytes[REQUEST_MAX], *request;
	size_t length;

	length = make_request(&input, bytes, kinds[kind].size);
	request = malloc(length + 1);
	require(request);
	memcpy(request, bytes, length);
	kinds[kind].run(&input, request, length);
	free(request);
	return 0;
}
