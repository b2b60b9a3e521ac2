// SPDX-License-Identifier: MIT
#include "job/handover/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *handover_find_mark(const char *text, struct handover_mark *mark)
{
	static const char kind_size = sizeof("{fd:") - 1;

	for (text = strchr(text, '{'); text; text = strchr(text + 1, '{')) {
		const bool is_id = !strncmp(text, "{id:", kind_size);
		const char *end = strchr(text, '}');

		if (!end)
			return NULL;
		if (!is_id && strncmp(text, "{fd:", kind_size) != 0)
			continue;
		*mark = (struct handover_mark){
			.is_id = is_id,
			.name = text + kind_size,
			.length = (size_t)(end - text - kind_size),
			.end = end + 1,
		};
		return text;
	}
	return NULL;
}

int handover_add(struct handover *handover, const char *name, int fd, uint32_t id)
{
	struct handover_item *items =
		realloc(handover->items, (handover->count + 1) * sizeof(*items));
	char *copy = strdup(name);

	if (items)
		handover->items = items;
	if (!items || !copy) {
		free(copy);
		return -ENOMEM;
	}
	items[handover->count++] = (struct handover_item){ .name = copy, .fd = fd, .id = id };
	return 0;
}

void handover_show(struct handover *handover, uint64_t offset, uint64_t length)
{
	handover->items[handover->count - 1].mmap_offset = offset;
	handover->items[handover->count - 1].mmap_length = length;
}

void handover_free(struct handover *handover)
{
	for (size_t i = 0; i < handover->count; i++)
		free(handover->items[i].name);
	free(handover->items);
	*handover = (struct handover){ 0 };
}
