// SPDX-License-Identifier: MIT
#include "explain/explain.h"

const struct explain_table *const explain_tables[EXPLAIN_TABLES] = {
	&explain_common,
	&explain_since,
	&explain_ioas,
	&explain_hwpt,
	&explain_viommu,
	&explain_vfio_bind,
	&explain_vfio,
	&explain_vfio_legacy,
	&explain_vfio_migration,
	&explain_vfio_pci,
	&explain_pin,
};

/* In order: each rank is looked up in all families before the next. */
enum rank {
	RANK_PROVEN,
	RANK_LIKELY,
	RANK_POSSIBLE,
	RANK_GENERAL,
	RANK_NONE,
};

struct failure {
	enum operation operation;
	int code;
	uint64_t facts;
};

uint64_t facts_of_known(uint64_t known)
{
	const uint64_t facts = (known & UINT32_MAX) << KNOWN_SHIFT;

	return facts & KNOWN(KINDS) ? facts | FACT_LIVE_IDS : facts;
}

static bool row_applies(const struct explain_row *row, const struct failure *failure)
{
	if (row->operation != failure->operation || row->code != failure->code)
		return false;
	if ((failure->facts & row->when) != row->when || failure->facts & row->unless)
		return false;
	return !row->unless_all || (failure->facts & row->unless_all) != row->unless_all;
}

static enum rank row_rank(const struct explain_row *row, const struct failure *failure)
{
	if (!row_applies(row, failure))
		return RANK_NONE;
	if (row->general)
		return RANK_GENERAL;
	if (failure->facts & row->proof)
		return RANK_PROVEN;
	return failure->facts & row->likely ? RANK_LIKELY : RANK_POSSIBLE;
}

static size_t list_add(struct iommuctl_explanation *list, size_t count,
	const struct failure *failure, enum rank rank)
{
	for (size_t i = 0; i < EXPLAIN_TABLES; i++) {
		const struct explain_table *table = explain_tables[i];

		for (size_t j = 0; j < table->count; j++) {
			const struct explain_row *row = &table->rows[j];

			if (count == IOMMUCTL_EXPLANATIONS_MAX)
				return count;
			if (row_rank(row, failure) != rank)
				continue;
			list[count].cause = row->cause;
			list[count].remedy = row->remedy;
			count++;
		}
	}
	return count;
}

/* Adds the rows of @rank, from the operation itself to the most general of its families. */
static size_t list_fill(
	struct iommuctl_explanation *list, size_t count, struct failure failure, enum rank rank)
{
	for (;;) {
		count = list_add(list, count, &failure, rank);
		if (failure.operation == OP_ANY)
			return count;
		failure.operation = operation_family(failure.operation);
	}
}

size_t explain(enum operation operation, int code, uint64_t facts,
	struct iommuctl_explanation list[static IOMMUCTL_EXPLANATIONS_MAX])
{
	const struct failure failure = { operation, code, facts };
	size_t count = list_fill(list, 0, failure, RANK_PROVEN);

	if (count)
		return count;
	count = list_fill(list, 0, failure, RANK_LIKELY);
	count = list_fill(list, count, failure, RANK_POSSIBLE);
	return count ? count : list_fill(list, 0, failure, RANK_GENERAL);
}
