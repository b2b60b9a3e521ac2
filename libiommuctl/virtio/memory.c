// SPDX-License-Identifier: MIT
/*
 * Finds the memory. No kernel call lists what an IOAS maps, but two copies that cannot succeed
 * reveal it, and change nothing. Both are between the memory and a guide, an IOAS with one
 * read-only mapping that has no pages:
 *
 *   guide to memory, writable      EEXIST: some of the range is memory; EPERM: none is
 *   memory to the mapping of the   EEXIST: all of the range is memory; ENOENT: there is a hole
 *   guide
 */
#include "virtio/virtio_private.h"

#include <errno.h>

#include "abi/iommufd.h"
#include "abi/virtio_iommu.h"
#include "core/call.h"
#include "iommufd/ask.h"

#define GUIDE_SIZE (UINT64_C(1) << 62)
#define RANGES_MAX 64
#define PIECES_MAX 64
#define COPIES_MAX 4096

/* A request under way: its domain and limits. */
struct search {
	struct iommuctl_virtio_iommu *iommu;
	const struct domain *domain;
	uint8_t access;
	uint64_t page;
	unsigned int pieces_left;
	unsigned int copies_left;
	bool mapped; /* something was mapped, the last of it up to … */
	uint64_t mapped_last;
};

static int copy(struct iommuctl_virtio_iommu *iommu, struct abi_ioas_copy args)
{
	args.size = sizeof(args);
	args.flags |= ABI_IOAS_MAP_FIXED_IOVA;
	return call_ask(iommu->ctx, iommu->config.iommufd, ABI_IOAS_COPY, &args);
}

/* Reports a copy whose @result is not one of the expected ones, or @why. */
static int fail(const struct iommuctl_virtio_iommu *iommu, int result,
	const struct iommuctl_explanation *why)
{
	return viommu_refuse(iommu, OP_IOAS_COPY,
		(struct call_object){ "from IOAS", iommu->config.memory_ioas_id },
		result < 0 ? -result : EPROTO, why);
}

static const struct iommuctl_explanation too_many_pieces = {
	"the memory is in too many pieces",
	"give the guest its memory in fewer ranges, or map less of it at once",
};

/* Which of two expected results came: 1, 0, or the -errno that is neither. */
static int answer(const struct iommuctl_virtio_iommu *iommu, int result, int yes, int no)
{
	if (result == yes)
		return 1;
	return result == no ? 0 : fail(iommu, result, NULL);
}

static int has_mapping(
	struct iommuctl_virtio_iommu *iommu, uint32_t ioas_id, uint64_t start, uint64_t length)
{
	const struct abi_ioas_copy args = {
		.flags = ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE,
		.src_ioas_id = iommu->guide,
		.dst_ioas_id = ioas_id,
		.dst_iova = start,
		.length = length,
	};

	return copy(iommu, args);
}

static int has_memory(const struct search *search, uint64_t start, uint64_t last)
{
	struct iommuctl_virtio_iommu *iommu = search->iommu;

	return answer(iommu,
		has_mapping(iommu, iommu->config.memory_ioas_id, start, last - start + 1), -EEXIST,
		-EPERM);
}

static int is_memory(const struct search *search, uint64_t start, uint64_t last)
{
	const struct abi_ioas_copy args = {
		.flags = ABI_IOAS_MAP_READABLE,
		.src_ioas_id = search->iommu->config.memory_ioas_id,
		.dst_ioas_id = search->iommu->guide,
		.src_iova = start,
		.length = last - start + 1,
	};

	return answer(search->iommu, copy(search->iommu, args), -EEXIST, -ENOENT);
}

typedef int question(const struct search *search, uint64_t start, uint64_t last);

/* The first page, from @start to @last, for which the result is no longer @before. */
static int find_change(const struct search *search, question *asked, int before,
	const struct range *range, uint64_t *found)
{
	const uint64_t page = search->page;
	uint64_t low = range->start / page, high = range->last / page;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;
		const int err = asked(search, range->start, middle * page + (page - 1));

		if (err < 0)
			return err;
		if (err == before)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low * page;
	return 0;
}

/* The next piece of memory in @range: 1, or 0 if there is none. */
static int next_piece(const struct search *search, const struct range *range, struct range *piece)
{
	uint64_t end;
	int err = has_memory(search, range->start, range->last);

	if (err <= 0)
		return err;
	*piece = *range;
	err = find_change(search, has_memory, 0, range, &piece->start);
	if (err)
		return err;
	err = is_memory(search, piece->start, piece->last);
	if (err)
		return err;
	err = find_change(search, is_memory, 1, piece, &end);
	piece->last = end - 1;
	return err ? err : 1;
}

/* The caller reports -EPERM, which may be an expected result. */
static int map_part(struct search *search, uint64_t start, uint64_t length, uint32_t flags)
{
	const struct abi_ioas_copy args = {
		.flags = flags,
		.src_ioas_id = search->iommu->config.memory_ioas_id,
		.dst_ioas_id = search->domain->ioas_id,
		.src_iova = start,
		.dst_iova = start,
		.length = length,
	};
	int err;

	if (!search->copies_left--)
		return fail(search->iommu, -ENOSPC, &too_many_pieces);
	err = copy(search->iommu, args);
	if (err)
		return err == -EPERM ? err : fail(search->iommu, err, NULL);
	search->mapped = true;
	search->mapped_last = start + (length - 1);
	return 0;
}

/*
 * Maps one piece. If writable memory is next to read-only memory, a writable copy fails for all of
 * it: then it is retried with half the size, and page by page as read-only.
 */
static int map_piece(struct search *search, const struct range *piece)
{
	const uint32_t readable =
		search->access & ABI_VIRTIO_IOMMU_MAP_F_READ ? ABI_IOAS_MAP_READABLE : 0;
	const uint32_t flags =
		readable |
		(search->access & ABI_VIRTIO_IOMMU_MAP_F_WRITE ? ABI_IOAS_MAP_WRITEABLE : 0);
	const uint64_t pages = (piece->last - piece->start + 1) / search->page;
	uint64_t done = 0, step = pages;

	while (done < pages) {
		const uint64_t start = piece->start + done * search->page;
		int err = map_part(search, start, step * search->page, flags);

		if (err == -EPERM && step > 1) {
			step /= 2;
			continue;
		}
		if (err == -EPERM)
			err = readable ? map_part(search, start, search->page, readable) : 0;
		else
			step *= 2;
		if (err)
			return err == -EPERM ? fail(search->iommu, err, NULL) : err;
		done += step > 1 ? step / 2 : 1;
		if (step > pages - done)
			step = pages - done;
	}
	return 0;
}

/* Maps the memory in @range, which has no reserved region and is no larger than the guide. */
static int map_pieces(struct search *search, const struct range *range)
{
	struct range rest = *range, piece;
	int err;

	while ((err = next_piece(search, &rest, &piece)) > 0) {
		if (!search->pieces_left--)
			return fail(search->iommu, -ENOSPC, &too_many_pieces);
		err = map_piece(search, &piece);
		if (err || piece.last == rest.last)
			return err;
		rest.start = piece.last + 1;
	}
	return err;
}

static int map_allowed(struct search *search, const struct range *range)
{
	struct range part = *range;

	for (;;) {
		int err;

		part.last = range->last;
		if (part.last - part.start >= GUIDE_SIZE)
			part.last = part.start + (GUIDE_SIZE - 1);
		err = map_pieces(search, &part);
		if (err || part.last == range->last)
			return err;
		part.start = part.last + 1;
	}
}

/* The whole pages that @range and @allowed share; false: none. */
static bool shared(const struct search *search, const struct range *range,
	const struct iommuctl_iova_range *allowed, struct range *both)
{
	const uint64_t below = search->page - 1;

	*both = (struct range){
		allowed->start > range->start ? allowed->start : range->start,
		allowed->last < range->last ? allowed->last : range->last,
	};
	if (both->start > both->last || both->start > UINT64_MAX - below || both->last < below)
		return false;
	both->start = (both->start + below) & ~below;
	both->last = ((both->last + 1) & ~below) - 1;
	return both->start <= both->last;
}

static int map_all(struct search *search, const struct range *range)
{
	struct iommuctl_virtio_iommu *iommu = search->iommu;
	const uint64_t smallest = iommu->config.page_size_mask & -iommu->config.page_size_mask;
	struct iommuctl_iova_range allowed[RANGES_MAX];
	uint32_t count = RANGES_MAX;
	int err = ioas_ask_iova_ranges(iommu->ctx, iommu->config.iommufd,
		iommu->config.memory_ioas_id, allowed, &count, &search->page);

	if (err)
		return err == -EMSGSIZE ? fail(iommu, -ENOSPC, &too_many_pieces) : err;
	if (search->page < smallest)
		search->page = smallest;
	for (uint32_t i = 0; i < count && !err; i++) {
		struct range both;

		if (shared(search, range, &allowed[i], &both))
			err = map_allowed(search, &both);
	}
	return err;
}

void memory_free_guide(struct iommuctl_virtio_iommu *iommu)
{
	if (iommu->has_guide &&
		iommuctl_destroy(iommu->ctx, iommu->config.iommufd, iommu->guide) == 0)
		iommu->has_guide = false;
}

/*
 * Nothing accesses the guide's pages, as no device is attached to it. It does not stay: a mapping
 * without a file would block IOMMU_IOAS_CHANGE_PROCESS.
 */
static int need_guide(struct iommuctl_virtio_iommu *iommu)
{
	struct iommuctl_ioas_map_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE,
		.length = GUIDE_SIZE,
	};
	static const struct iommuctl_explanation still_there = {
		"the IOAS that helps to find memory could not be destroyed before",
		"try again; the failure before says why the kernel keeps it",
	};
	struct error_first first = { .err = 0 };
	uint64_t iova = 0;
	int err;

	/* Retries destroying a guide that remained. */
	memory_free_guide(iommu);
	if (iommu->has_guide)
		return fail(iommu, -EBUSY, &still_there);
	err = iommuctl_ioas_alloc(iommu->ctx, iommu->config.iommufd, &iommu->guide);
	if (err)
		return err;
	iommu->has_guide = true;
	args.ioas_id = iommu->guide;
	err = iommuctl_ioas_map(iommu->ctx, iommu->config.iommufd, &args, &iova);
	error_first_keep(iommu->ctx, &first, err);
	if (err)
		memory_free_guide(iommu);
	return error_first_tell(iommu->ctx, &first);
}

int memory_is_left(
	struct iommuctl_virtio_iommu *iommu, const struct domain *domain, uint64_t address)
{
	const uint64_t page = iommu->config.page_size_mask & -iommu->config.page_size_mask;
	int err = need_guide(iommu);

	if (err)
		return err;
	err = has_mapping(iommu, domain->ioas_id, address & ~(page - 1), page);
	memory_free_guide(iommu);
	/* A reserved region has no memory. */
	return err == -EINVAL ? 0 : answer(iommu, err, -EEXIST, -EPERM);
}

int memory_map_pieces(struct iommuctl_virtio_iommu *iommu, const struct domain *domain,
	const struct range *range, uint8_t access)
{
	struct search search = {
		.iommu = iommu,
		.domain = domain,
		.access = access,
		.pieces_left = PIECES_MAX,
		.copies_left = COPIES_MAX,
	};
	struct error_first first = { .err = 0 };
	int err = need_guide(iommu);

	if (err)
		return err;
	error_first_keep(iommu->ctx, &first, map_all(&search, range));
	memory_free_guide(iommu);
	if (first.err && search.mapped)
		(void)mapping_clear(
			iommu, domain, &(struct range){ range->start, search.mapped_last });
	return error_first_tell(iommu->ctx, &first);
}
