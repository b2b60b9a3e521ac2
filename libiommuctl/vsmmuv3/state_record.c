// SPDX-License-Identifier: MIT
/* Encodes and decodes the record of an SMMU's state. */
#include "vsmmuv3/state_record.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <iommuctl/vsmmuv3_state.h>

#include "array.h"

#define HEADER_SIZE	    16
#define SECTION_HEADER_SIZE 8
#define SECTION_ALIGNMENT   8

static const char magic[8] = "vSMMUv3";

const struct vsmmuv3_state_register vsmmuv3_state_registers[STATE_REGISTERS] = {
	{ VSMMUV3_CR0, "CR0" },
	{ VSMMUV3_CR0ACK, "CR0ACK" },
	{ VSMMUV3_CR1, "CR1" },
	{ VSMMUV3_CR2, "CR2" },
	{ VSMMUV3_GBPA, "GBPA" },
	{ VSMMUV3_IRQ_CTRL, "IRQ_CTRL" },
	{ VSMMUV3_GERROR, "GERROR" },
	{ VSMMUV3_GERRORN, "GERRORN" },
	{ VSMMUV3_GERROR_IRQ_CFG0, "GERROR_IRQ_CFG0" },
	{ VSMMUV3_GERROR_IRQ_CFG1, "GERROR_IRQ_CFG1" },
	{ VSMMUV3_GERROR_IRQ_CFG2, "GERROR_IRQ_CFG2" },
	{ VSMMUV3_STRTAB_BASE, "STRTAB_BASE" },
	{ VSMMUV3_STRTAB_BASE_CFG, "STRTAB_BASE_CFG" },
	{ VSMMUV3_CMDQ_BASE, "CMDQ_BASE" },
	{ VSMMUV3_CMDQ_PROD, "CMDQ_PROD" },
	{ VSMMUV3_CMDQ_CONS, "CMDQ_CONS" },
	{ VSMMUV3_EVENTQ_BASE, "EVENTQ_BASE" },
	{ VSMMUV3_EVENTQ_IRQ_CFG0, "EVENTQ_IRQ_CFG0" },
	{ VSMMUV3_EVENTQ_IRQ_CFG1, "EVENTQ_IRQ_CFG1" },
	{ VSMMUV3_EVENTQ_IRQ_CFG2, "EVENTQ_IRQ_CFG2" },
	{ VSMMUV3_EVENTQ_PROD, "EVENTQ_PROD" },
	{ VSMMUV3_EVENTQ_CONS, "EVENTQ_CONS" },
};

uint64_t vsmmuv3_state_get(const struct vsmmuv3_state *state, enum vsmmuv3_register_id id)
{
	for (size_t i = 0; i < STATE_REGISTERS; i++)
		if (vsmmuv3_state_registers[i].id == id)
			return state->registers[i];
	return 0;
}

/* Each byte is read, or written, once. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static uint32_t take32(struct reader *reader)
{
	uint32_t value;

	memcpy(&value, reader->at, sizeof(value));
	reader->at += sizeof(value);
	reader->left -= sizeof(value);
	return le32toh(value);
}

static uint64_t take64(struct reader *reader)
{
	const uint64_t low = take32(reader);

	return low | (uint64_t)take32(reader) << 32;
}

static void put32(uint8_t **at, uint32_t value)
{
	value = htole32(value);
	memcpy(*at, &value, sizeof(value));
	*at += sizeof(value);
}

static void put64(uint8_t **at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at, (uint32_t)(value >> 32));
}

static void put_identity(uint8_t **at, const struct vsmmuv3_state *state)
{
	for (size_t i = 0; i < ARRAY_SIZE(state->identity.idr); i++)
		put32(at, state->identity.idr[i]);
	put32(at, state->identity.iidr);
	put32(at, state->identity.aidr);
}

static void take_identity(struct reader *reader, struct vsmmuv3_state *state)
{
	for (size_t i = 0; i < ARRAY_SIZE(state->identity.idr); i++)
		state->identity.idr[i] = take32(reader);
	state->identity.iidr = take32(reader);
	state->identity.aidr = take32(reader);
}

static void put_registers(uint8_t **at, const struct vsmmuv3_state *state)
{
	for (size_t i = 0; i < STATE_REGISTERS; i++)
		put64(at, state->registers[i]);
}

static void take_registers(struct reader *reader, struct vsmmuv3_state *state)
{
	for (size_t i = 0; i < STATE_REGISTERS; i++)
		state->registers[i] = take64(reader);
}

static void put_pending(uint8_t **at, const struct vsmmuv3_state *state)
{
	put32(at, state->raised);
	put32(at, state->flags);
	put64(at, state->msi_address);
	put32(at, state->msi_data);
	put32(at, state->zero);
}

static void take_pending(struct reader *reader, struct vsmmuv3_state *state)
{
	state->raised = take32(reader);
	state->flags = take32(reader);
	state->msi_address = take64(reader);
	state->msi_data = take32(reader);
	state->zero = take32(reader);
}

static const struct section {
	uint32_t tag;
	uint32_t size;
	void (*put)(uint8_t **at, const struct vsmmuv3_state *state);
	void (*take)(struct reader *reader, struct vsmmuv3_state *state);
} sections[] = {
	{ IOMMUCTL_VSMMUV3_STATE_IDENTITY, 4 * (IOMMUCTL_SMMUV3_IDR_REGISTERS + 2), put_identity,
		take_identity },
	{ IOMMUCTL_VSMMUV3_STATE_REGISTERS, 8 * STATE_REGISTERS, put_registers, take_registers },
	{ IOMMUCTL_VSMMUV3_STATE_PENDING, 24, put_pending, take_pending },
};

#define ALL_SECTIONS ((1u << ARRAY_SIZE(sections)) - 1)

size_t vsmmuv3_state_size(void)
{
	size_t size = HEADER_SIZE;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		size += SECTION_HEADER_SIZE + sections[i].size;
	return size;
}

void vsmmuv3_state_encode(const struct vsmmuv3_state *state, void *record)
{
	uint8_t *at = record;

	memcpy(at, magic, sizeof(magic));
	at += sizeof(magic);
	put32(&at, IOMMUCTL_VSMMUV3_STATE_VERSION);
	put32(&at, (uint32_t)vsmmuv3_state_size());
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		put32(&at, sections[i].tag);
		put32(&at, sections[i].size);
		sections[i].put(&at, state);
	}
}

static const struct iommuctl_explanation no_record = {
	"it is not a record of an SMMU's state",
	"pass what iommuctl_vsmmuv3_save() has written, from its beginning",
};

static const struct iommuctl_explanation another_version = {
	"the record has a version that this library does not know",
	"restore it with a library as new as the one that saved it",
};

static const struct iommuctl_explanation another_length = {
	"the record, or a section of it, states a length that does not fit",
	"pass all of the record, and nothing else",
};

static const struct iommuctl_explanation unknown_section = {
	"the record has a section that this library does not know, and that must not be left out",
	"restore it with a library as new as the one that saved it",
};

static const struct iommuctl_explanation another_size = {
	"a section of the record has the wrong size",
	"check how the record was stored: it is broken",
};

static const struct iommuctl_explanation second_section = {
	"the record has a section twice",
	"check how the record was stored: it is broken",
};

static const struct iommuctl_explanation missing_section = {
	"the record lacks a section",
	"check how the record was stored: it is broken",
};

static int refuse(struct vsmmuv3_state_mistake *mistake, int error, const char *name,
	uint64_t value, const struct iommuctl_explanation *why)
{
	*mistake = (struct vsmmuv3_state_mistake){
		.error = error,
		.object = { name, value, SHOW_ID },
		.why = why,
	};
	return -error;
}

static int take_header(struct reader *reader, struct vsmmuv3_state_mistake *mistake)
{
	const size_t length = reader->left;
	uint32_t value;

	if (length < HEADER_SIZE || memcmp(reader->at, magic, sizeof(magic)) != 0)
		return refuse(mistake, EINVAL, "record of bytes", length, &no_record);
	reader->at += sizeof(magic);
	reader->left -= sizeof(magic);
	value = take32(reader);
	if (value != IOMMUCTL_VSMMUV3_STATE_VERSION)
		return refuse(mistake, EOPNOTSUPP, "version", value, &another_version);
	value = take32(reader);
	if (value != length)
		return refuse(mistake, EINVAL, "length", value, &another_length);
	return 0;
}

static const struct section *find_section(uint32_t tag)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (sections[i].tag == tag)
			return &sections[i];
	return NULL;
}

static int take_section(struct reader *reader, struct vsmmuv3_state *state, unsigned int *seen,
	struct vsmmuv3_state_mistake *mistake)
{
	const uint32_t tag = take32(reader), size = take32(reader);
	const struct section *section = find_section(tag);
	unsigned int bit;

	if (size > reader->left)
		return refuse(mistake, EINVAL, "section", tag, &another_length);
	if (size % SECTION_ALIGNMENT || (section && size != section->size))
		return refuse(mistake, EINVAL, "section", tag, &another_size);
	if (!section && !(tag & IOMMUCTL_VSMMUV3_STATE_IGNORABLE))
		return refuse(mistake, EOPNOTSUPP, "section", tag, &unknown_section);
	if (!section) {
		reader->at += size;
		reader->left -= size;
		return 0;
	}
	bit = 1u << (section - sections);
	if (*seen & bit)
		return refuse(mistake, EINVAL, "section", tag, &second_section);
	*seen |= bit;
	section->take(reader, state);
	return 0;
}

int vsmmuv3_state_decode(const void *record, size_t length, struct vsmmuv3_state *state,
	struct vsmmuv3_state_mistake *mistake)
{
	struct reader reader = { record, length };
	unsigned int seen = 0;
	int err = take_header(&reader, mistake);

	while (!err && reader.left >= SECTION_HEADER_SIZE)
		err = take_section(&reader, state, &seen, mistake);
	if (err)
		return err;
	if (reader.left)
		return refuse(mistake, EINVAL, "length", length, &another_length);
	if (seen != ALL_SECTIONS)
		return refuse(mistake, EINVAL, "section", sections[__builtin_ctz(~seen)].tag,
			&missing_section);
	return 0;
}
