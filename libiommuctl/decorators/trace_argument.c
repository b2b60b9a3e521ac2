// SPDX-License-Identifier: MIT
/* Finds the table of an ioctl, and copies and decodes its argument. */
#include "decorators/trace.h"

#include <string.h>

#include "array.h"

static const struct trace_ioctl *find_in(const struct trace_ioctl *ioctls, unsigned long request)
{
	while (ioctls->operation != OP_ANY && operation_request(ioctls->operation) != request)
		ioctls++;
	return ioctls->operation != OP_ANY ? ioctls : NULL;
}

const struct trace_ioctl *trace_ioctl_find(unsigned long request)
{
	static const struct trace_ioctl *const tables[] = { trace_iommufd_ioctls, trace_vfio_ioctls,
		trace_test_ioctls };
	const struct trace_ioctl *found = NULL;

	for (size_t i = 0; !found && i < ARRAY_SIZE(tables); i++)
		found = find_in(tables[i], request);
	return found;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Reads no more than the caller says is there. */
static void read_struct(struct trace_argument *argument, size_t struct_size)
{
	uint32_t size;

	memcpy(&size, argument->user, sizeof(size));
	argument->size = size;
	argument->known = smaller(smaller(size, struct_size), TRACE_ARGUMENT_MAX);
	memcpy(argument->copy, argument->user, argument->known);
}

void trace_argument_read(
	struct trace_argument *argument, const struct trace_ioctl *ioctl, const void *user)
{
	int value = (int)(intptr_t)user;

	*argument = (struct trace_argument){ .user = user };
	switch (ioctl->kind) {
	case TRACE_ARGUMENT_STRUCT:
		if (user)
			read_struct(argument, ioctl->size);
		break;
	case TRACE_ARGUMENT_INT:
		if (!user)
			break;
		memcpy(&value, user, sizeof(value));
		/* fallthrough */
	case TRACE_ARGUMENT_VALUE:
		memcpy(argument->copy, &value, sizeof(value));
		argument->known = sizeof(value);
		break;
	case TRACE_ARGUMENT_NONE:
	case TRACE_ARGUMENT_STRING: break;
	}
}

void trace_argument_reread(struct trace_argument *after, const struct trace_argument *before)
{
	*after = *before;
	if (before->size)
		memcpy(after->copy, before->user, before->known);
}

static uint64_t value_at(const struct trace_argument *argument, const struct trace_place *place)
{
	const uint8_t *at = argument->copy + place->offset;
	uint64_t value = 0;
	uint32_t value32;
	uint16_t value16;

	switch (place->width) {
	case 1: value = *at; break;
	case 2:
		memcpy(&value16, at, sizeof(value16));
		value = value16;
		break;
	case 4:
		memcpy(&value32, at, sizeof(value32));
		value = value32;
		break;
	case 8: memcpy(&value, at, sizeof(value)); break;
	}
	return place->mask ? value & place->mask : value;
}

static void add_member(struct trace_fields *fields, const struct trace_member *member,
	const struct trace_argument *argument)
{
	uint64_t value = value_at(argument, &member->place);

	switch (member->show) {
	case TRACE_NUMBER:
		trace_add_value(fields, member->name, IOMMUCTL_TRACE_DECIMAL, value);
		break;
	case TRACE_SIGNED:
		trace_add_value(fields, member->name, IOMMUCTL_TRACE_SIGNED,
			(uint64_t)(int64_t)(int32_t)value);
		break;
	case TRACE_HEX: trace_add_value(fields, member->name, IOMMUCTL_TRACE_HEX, value); break;
	case TRACE_FLAGS: trace_add_flags(fields, member->name, member->names, value); break;
	case TRACE_ENUM: trace_add_enum(fields, member->name, member->names, value); break;
	}
}

static void add_members(struct trace_fields *fields, const struct trace_ioctl *ioctl,
	enum trace_when when, const struct trace_argument *before, const struct trace_argument *now)
{
	const struct trace_member *member = ioctl->members;

	for (; member && member->name; member++) {
		const struct trace_condition *only = member->only;

		if (!(member->when & when))
			continue;
		if (now->known < (size_t)member->place.offset + member->place.width)
			continue;
		if (only && value_at(before, &only->place) != only->value)
			continue;
		add_member(fields, member, now);
	}
}

void trace_argument_in(const struct trace_ioctl *ioctl, const struct trace_argument *before,
	struct trace_fields *in)
{
	add_members(in, ioctl, TRACE_IN, before, before);
	if (ioctl->payload_in)
		ioctl->payload_in(before, in);
}

void trace_argument_out(const struct trace_ioctl *ioctl, const struct trace_argument *before,
	const struct trace_argument *after, bool failed, struct trace_fields *out)
{
	add_members(out, ioctl, failed ? TRACE_FAILED : TRACE_OUT, before, after);
	if (!failed && ioctl->payload_out)
		ioctl->payload_out(before, after, out);
}
