// SPDX-License-Identifier: MIT
/* Reads, writes and pins what an IOAS maps, as the kernel's own accesses do. */
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE UINT64_C(4096)

/* Only its owner destroys it. */
const struct model_kind model_access_kind = { .free = NULL };

int model_access_new(struct model_iommufd *iommufd, bool pins, struct model_access **access)
{
	struct model_access *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	err = model_object_add(iommufd, &made->object, &model_access_kind);
	if (err) {
		free(made);
		return err;
	}
	made->object.users = 1;
	made->iommufd = iommufd;
	made->pins = pins;
	*access = made;
	return 0;
}

void model_access_free(struct model_access *access)
{
	const struct model_range all = { 0, UINT64_MAX };

	model_access_let_go(access, &all);
	if (access->ioas)
		model_ioas_remove_access(access);
	model_object_remove(access->iommufd, &access->object);
	free(access);
}

static bool overlap(const struct model_range *a, const struct model_range *b)
{
	return a->start <= b->last && b->start <= a->last;
}

void model_access_let_go(struct model_access *access, const struct model_range *range)
{
	struct model_pin **link = &access->held;

	while (*link) {
		struct model_pin *pin = *link;

		if (!overlap(&pin->range, range)) {
			link = &pin->next;
			continue;
		}
		*link = pin->next;
		free(pin);
	}
}

static bool holds(const struct model_access *access, const struct model_range *range)
{
	const struct model_pin *pin = access->held;

	while (pin && !overlap(&pin->range, range))
		pin = pin->next;
	return pin;
}

int model_ioas_check_locks(struct model_ioas *ioas, const struct model_area *area)
{
	const struct model_range range = { area->iova, area->iova + (area->length - 1) };

	for (const struct model_access *at = ioas->accesses; at; at = at->next)
		if (at->locks && holds(at, &range))
			return -EBUSY;
	return 0;
}

void model_ioas_notify(struct model_ioas *ioas, const struct model_area *area)
{
	const struct model_range range = { area->iova, area->iova + (area->length - 1) };

	for (struct model_access *at = ioas->accesses; at; at = at->next)
		if (!at->locks)
			model_access_let_go(at, &range);
}

/* Whether a byte, changed for a moment at one address, changes at the other one too. */
bool model_same_memory(const unsigned char *host, unsigned char *user)
{
	volatile unsigned char *at = user;
	const volatile unsigned char *seen = host;
	const unsigned char before = *at, other = before ^ 0xff;
	bool same = *seen == before;

	*at = other;
	same &= *seen == other;
	*at = before;
	return same;
}

/* Copies @size bytes at @offset of @area, which start at @done of the whole. */
struct piece {
	const struct model_area *area;
	uint64_t offset;
	uint64_t size;
	uint64_t done;
};

static int check_piece(const struct piece *piece, bool write)
{
	if (!(write ? piece->area->writable : piece->area->readable))
		return -EPERM;
	if (piece->area->pages->dma_buf)
		return -EINVAL;
	return model_pages_pin(piece->area);
}

static int check_range(const struct model_access *access, const struct model_user_range *what)
{
	uint64_t last;

	if (what->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(what->iova, what->length - 1, &last))
		return -EOVERFLOW;
	return access->ioas ? 0 : -ENOENT;
}

/* Goes area by area, until one refuses or there is a gap. */
static int each_piece(const struct model_access *access, const struct model_user_range *what,
	int (*each)(const struct piece *piece, const struct model_user_range *what, void *data),
	void *data)
{
	const struct model_ioas *ioas = access->ioas;
	int err = check_range(access, what);

	for (uint64_t done = 0; !err && done < what->length;) {
		const uint64_t iova = what->iova + done;
		const size_t at = model_ioas_area_at(ioas, iova);
		struct piece piece = { .done = done };

		if (at == ioas->area_count || ioas->areas[at].iova > iova)
			return -ENOENT;
		piece.area = &ioas->areas[at];
		piece.offset = iova - piece.area->iova;
		piece.size = piece.area->length - piece.offset;
		if (piece.size > what->length - done)
			piece.size = what->length - done;
		err = each(&piece, what, data);
		done += piece.size;
	}
	return err;
}

static unsigned char *host_of(const struct piece *piece)
{
	return piece->area->pages->host + piece->area->offset + piece->offset;
}

static int copy_piece(const struct piece *piece, const struct model_user_range *what, void *buffer)
{
	unsigned char *at = (unsigned char *)buffer + piece->done;
	int err = check_piece(piece, what->write);

	if (err)
		return err;
	if (what->write)
		memcpy(host_of(piece), at, piece->size);
	else
		memcpy(at, host_of(piece), piece->size);
	return 0;
}

int model_access_copy(
	struct model_access *access, const struct model_user_range *what, void *buffer)
{
	return each_piece(access, what, copy_piece, buffer);
}

static int pin_piece(const struct piece *piece, const struct model_user_range *what, void *data)
{
	const uint64_t start = piece->area->pages->base + piece->area->offset + piece->offset;

	(void)data;
	return start % PAGE_SIZE ? -EINVAL : check_piece(piece, what->write);
}

/* Each page has to be the one at the same distance from the caller's address. */
static int compare_piece(const struct piece *piece, const struct model_user_range *what, void *data)
{
	(void)data;
	for (uint64_t at = 0; at < piece->size; at += PAGE_SIZE) {
		const uint64_t user = what->user + piece->done + at;

		if (!model_user_mapped(user, 1, false))
			return -EFAULT;
		if (!model_same_memory(host_of(piece) + at, model_user_pointer(user)))
			return -EBADE;
	}
	return 0;
}

int model_access_pin(struct model_access *access, const struct model_user_range *what, uint32_t *id)
{
	struct model_pin *pin;
	int err = each_piece(access, what, pin_piece, NULL);

	if (err)
		return err;
	if (what->user) {
		err = each_piece(access, what, compare_piece, NULL);
		if (err)
			return err;
	}
	pin = malloc(sizeof(*pin));
	if (!pin)
		return -ENOMEM;
	*pin = (struct model_pin){
		.next = access->held,
		.id = access->next_id++,
		.range = { what->iova, what->iova + (what->length - 1) },
	};
	access->held = pin;
	*id = pin->id;
	return 0;
}

/* Memory that is contiguous in this process counts as contiguous in the host. */
static int continue_piece(
	const struct piece *piece, const struct model_user_range *what, void *data)
{
	const unsigned char **next = data;

	(void)what;
	if (piece->done && host_of(piece) != *next)
		return -EFAULT;
	*next = host_of(piece) + piece->size;
	return 0;
}

int model_access_check_contiguous(
	const struct model_access *access, const struct model_user_range *what)
{
	const unsigned char *next = NULL;

	return each_piece(access, what, continue_piece, &next);
}

int model_access_unpin(struct model_access *access, uint32_t id)
{
	struct model_pin **link = &access->held, *pin;

	while (*link && (*link)->id != id)
		link = &(*link)->next;
	pin = *link;
	if (!pin)
		return -ENOENT;
	*link = pin->next;
	free(pin);
	return 0;
}
