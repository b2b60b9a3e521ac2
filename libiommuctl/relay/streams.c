// SPDX-License-Identifier: MIT
/*
 * The StreamIDs of a relay: a hash table in which a look-up costs the same few slots, whatever was
 * added and removed before, and whatever the guest asks for.
 */
#include <errno.h>
#include <stdlib.h>

#include "relay/relay_private.h"

#define WINDOW	 8
#define BITS_MIN 5
#define BITS_MAX 22

/* A flag next to the StreamID. */
#define WITHOUT_ATS (UINT64_C(1) << 63)

/* 0 is an empty slot. */
static uint64_t slot_value(uint32_t vsid)
{
	return (uint64_t)vsid + 1;
}

static uint32_t slot_vsid(uint64_t slot)
{
	return (uint32_t)((slot & ~WITHOUT_ATS) - 1);
}

static uint64_t *window_of(const struct relay_streams *streams, uint32_t vsid)
{
	const uint32_t hash = vsid * 0x9e3779b1u;

	return &streams->slots[hash >> (32 - streams->bits)];
}

/* A slot that holds @value, within reach of @vsid. */
static uint64_t *find(const struct relay_streams *streams, uint32_t vsid, uint64_t value)
{
	if (!streams->slots)
		return NULL;
	for (uint64_t *slot = window_of(streams, vsid), *end = slot + WINDOW; slot < end; slot++)
		if ((*slot & ~WITHOUT_ATS) == value)
			return slot;
	return NULL;
}

static size_t slot_count(unsigned int bits)
{
	return ((size_t)1 << bits) + WINDOW - 1;
}

static bool put(struct relay_streams *streams, uint64_t value)
{
	uint64_t *slot = find(streams, slot_vsid(value), 0);

	if (slot)
		*slot = value;
	return slot;
}

static bool put_all(struct relay_streams *streams, const struct relay_streams *from)
{
	for (size_t i = 0; from->slots && i < slot_count(from->bits); i++)
		if (from->slots[i] && !put(streams, from->slots[i]))
			return false;
	return true;
}

/* Makes a larger table, with a slot for @vsid as well. */
static int grow(struct relay_streams *streams, uint32_t vsid)
{
	struct relay_streams larger = { .bits = streams->slots ? streams->bits : BITS_MIN - 1 };

	while (++larger.bits <= BITS_MAX) {
		larger.slots = calloc(slot_count(larger.bits), sizeof(*larger.slots));
		if (!larger.slots)
			return -ENOMEM;
		if (put_all(&larger, streams) && put(&larger, slot_value(vsid))) {
			free(streams->slots);
			*streams = larger;
			return 0;
		}
		free(larger.slots);
	}
	return -ENOMEM;
}

int relay_streams_add(struct relay_streams *streams, uint32_t vsid)
{
	if (relay_streams_have(streams, vsid))
		return -EEXIST;
	return put(streams, slot_value(vsid)) ? 0 : grow(streams, vsid);
}

int relay_streams_remove(struct relay_streams *streams, uint32_t vsid)
{
	uint64_t *slot = find(streams, vsid, slot_value(vsid));

	if (!slot)
		return -ENOENT;
	*slot = 0;
	return 0;
}

int relay_streams_set_ats(struct relay_streams *streams, uint32_t vsid, bool ats)
{
	uint64_t *slot = find(streams, vsid, slot_value(vsid));

	if (!slot)
		return -ENOENT;
	*slot = slot_value(vsid) | (ats ? 0 : WITHOUT_ATS);
	return 0;
}

bool relay_streams_have(const struct relay_streams *streams, uint32_t vsid)
{
	return find(streams, vsid, slot_value(vsid));
}

bool relay_streams_have_ats(const struct relay_streams *streams, uint32_t vsid)
{
	const uint64_t *slot = find(streams, vsid, slot_value(vsid));

	return slot && !(*slot & WITHOUT_ATS);
}

void relay_streams_release(struct relay_streams *streams)
{
	free(streams->slots);
}
