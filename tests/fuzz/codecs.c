// SPDX-License-Identifier: MIT
/*
 * Any words decode; what was decoded encodes, and decodes to the same again; a text is as long as it
 * says, whatever room it gets; what is taken for nesting has no bit outside of the kernel's list.
 */
#include <iommuctl/iommuctl.h>

#include "array.h"
#include "input.h"
#include "text.h"

/* V, Config, S1Fmt, S1ContextPtr, S1CDMax; S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS. */
#define NESTED_WORD0 UINT64_C(0xf80fffffffffffff)
#define NESTED_WORD1 (UINT64_C(0xff) | UINT64_C(1) << 27 | UINT64_C(3) << 28)

static struct iommuctl_smmuv3_idr pick_idr(struct input *input)
{
	uint32_t registers[IOMMUCTL_SMMUV3_IDR_REGISTERS];
	struct iommuctl_smmuv3_idr idr;

	input_bytes(input, registers, sizeof(registers));
	iommuctl_smmuv3_idr_decode(registers, input_u32(input), input_u32(input), &idr);
	return idr;
}

static void fuzz_ste(struct input *input)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], again[IOMMUCTL_SMMUV3_STE_WORDS];
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);
	struct iommuctl_smmuv3_ste ste, twice;
	uint64_t nested[2];

	input_bytes(input, words, sizeof(words));
	iommuctl_smmuv3_ste_decode(words, &ste);
	iommuctl_smmuv3_ste_validate(&ste, &idr, NULL);
	REQUIRE_TEXT(iommuctl_smmuv3_ste_print, &ste, input);
	require(iommuctl_smmuv3_ste_encode(&ste, again, NULL) == 0);
	iommuctl_smmuv3_ste_decode(again, &twice);
	require(!memcmp(&ste, &twice, sizeof(ste)));
	if (iommuctl_smmuv3_ste_nested(words, nested, NULL) == 0)
		require(!(nested[0] & ~NESTED_WORD0) && !(nested[1] & ~NESTED_WORD1));
}

static void fuzz_cd(struct input *input)
{
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], again[IOMMUCTL_SMMUV3_CD_WORDS];
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);
	uint64_t ste_words[IOMMUCTL_SMMUV3_STE_WORDS];
	struct iommuctl_smmuv3_cd cd, twice;
	struct iommuctl_smmuv3_ste ste;

	input_bytes(input, words, sizeof(words));
	input_bytes(input, ste_words, sizeof(ste_words));
	iommuctl_smmuv3_ste_decode(ste_words, &ste);
	iommuctl_smmuv3_cd_decode(words, &cd);
	iommuctl_smmuv3_cd_validate(&cd, &idr, &ste, NULL);
	REQUIRE_TEXT(iommuctl_smmuv3_cd_print, &cd, input);
	require(iommuctl_smmuv3_cd_encode(&cd, again, NULL) == 0);
	iommuctl_smmuv3_cd_decode(again, &twice);
	require(!memcmp(&cd, &twice, sizeof(cd)));
}

/* Of a reserved opcode nothing but the opcode is known, and that does not encode. */
static void fuzz_cmd(struct input *input)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], again[IOMMUCTL_SMMUV3_CMD_WORDS];
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);
	struct iommuctl_smmuv3_cmd cmd, twice;
	struct iommuctl_smmuv3_refusal refusal;
	char text[256];

	input_bytes(input, words, sizeof(words));
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	if (iommuctl_smmuv3_cmd_validate(words, &idr, &refusal))
		iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
	REQUIRE_TEXT(iommuctl_smmuv3_cmd_print, &cmd, input);
	if (!iommuctl_smmuv3_cmd_name(cmd.opcode))
		return;
	require(iommuctl_smmuv3_cmd_encode(&cmd, again, NULL) == 0);
	iommuctl_smmuv3_cmd_decode(again, &twice);
	require(!memcmp(&cmd, &twice, sizeof(cmd)));
}

static void fuzz_event(struct input *input)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event event;

	input_bytes(input, words, sizeof(words));
	iommuctl_smmuv3_event_decode(words, &event);
	iommuctl_smmuv3_event_reaches_veventq(&event);
	REQUIRE_TEXT(iommuctl_smmuv3_event_print, &event, input);
}

static void fuzz_idr(struct input *input)
{
	const struct iommuctl_smmuv3_idr idr = pick_idr(input);

	REQUIRE_TEXT(iommuctl_smmuv3_idr_print, &idr, input);
}

/* What read(2) on a vEVENTQ gave, of any kernel. */
static void fuzz_vevents(struct input *input)
{
	const uint32_t type = input_u8(input);
	struct iommuctl_vevent event;
	unsigned char bytes[1024];
	const size_t size = input->left < sizeof(bytes) ? input->left : sizeof(bytes);
	size_t offset = 0, last = 0;

	input_bytes(input, bytes, size);
	while (!iommuctl_vevent_next(type, bytes, size, &offset, &event)) {
		require(offset > last && offset <= size);
		last = offset;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const codecs[])(struct input * input) = { fuzz_ste, fuzz_cd, fuzz_cmd,
		fuzz_event, fuzz_idr, fuzz_vevents };
	struct input input = { data, size };

	codecs[input_u8(&input) % ARRAY_SIZE(codecs)](&input);
	return 0;
}
