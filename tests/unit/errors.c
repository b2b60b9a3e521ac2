// SPDX-License-Identifier: MIT
/* Every failure that the library reports leaves a record of its own: of which, the tables say. */
#include "errors_table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>

#include "array.h"
#include "core/call.h"
#include "thin_call.h"

/* Of rooms that know no context. */
static const char *const without_context[] = {
	"amd_",
	"cd_",
	"error_format",
	"generic_",
	"guest_memory_at",
	"msi_",
	"new", /* makes one */
	"reserved_",
	"smmuv3_",
	"stage1_",
	"stream_table_",
	"trace_",
	"transport_",
	"event_tap_",
	"vevent_next",
	"virtio_iommu_fault_encode",
	"vsmmuv3_identity_",
	"vtd_cap_",
	"vtd_inv_",
	"vtd_pasid_",
	"vtd_s1_",
	"vtd_stage1_",
};

static const char *const cannot_fail[] = {
	"assume_live_ids",
	"cmdq_acknowledge",
	"cmdq_get_error",
	"event_reader_holds_events",
	"event_reader_init",
	"event_reader_init_typed",
	"event_reader_tap",
	"fault_reader_init",
	"fault_reader_tap",
	"free",
	"get_transport",
	"last_error",
	"narrow_last_error",
	"nest_free",
	"nest_get_counters",
	"nest_get_event_fd",
	"nest_get_idr",
	"nest_get_parent_id",
	"nest_get_relay",
	"nest_get_viommu_id",
	"pci_is_bridge",
	"relay_charge",
	"relay_free",
	"relay_get_counters",
	"set_log",
	"virtio_iommu_get_features",
	"virtio_iommu_free",
	"virtio_iommu_request", /* the guest gets it, in a status */
	"vsmmuv3_free",
	"vsmmuv3_get_counters",
	"vsmmuv3_get_event_fd",
	"vsmmuv3_get_identity",
	"vsmmuv3_get_nest",
	"vsmmuv3_get_translation_counters",
	"vsmmuv3_read",
	"vsmmuv3_tap_events",
	"vtd_relay_free",
	"vtd_relay_get_counters",
};

void errors_make_stale(struct iommuctl *ctx)
{
	const struct call call = {
		.operation = OP_MUNMAP,
		.objects = { { "something stale", .show = SHOW_NAME } },
	};

	call_fail(ctx, &call, EXFULL);
}

void errors_expect(struct iommuctl *ctx, const struct errors_row *row, int err)
{
	const struct iommuctl_error *error = iommuctl_last_error(ctx);

	cr_expect_eq(err, -row->error, "%s: %d", row->function, err);
	if (!row->operation) {
		cr_expect_null(error, "%s", row->function);
		return;
	}
	cr_assert_not_null(error, "%s, %s", row->function, row->operation);
	cr_expect_str_eq(
		error->operation, row->operation, "%s: %s", row->function, error->operation);
	cr_expect(error->object[0] && (!row->object || !strcmp(error->object, row->object)),
		"%s: %s", row->function, error->object);
	cr_expect_eq(error->code, row->error, "%s: %d", row->function, error->code);
	cr_assert_gt(error->explanation_count, 0, "%s, %s", row->function, row->operation);
	cr_expect_gt(strlen(error->explanation[0].cause), 3);
	cr_expect_gt(strlen(error->explanation[0].remedy), 3);
	cr_expect_eq(iommuctl_narrow_last_error(ctx, 0), error);
}

static bool has_row(const struct errors_table *table, const char *function)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->rows[i].function, function))
			return true;
	return false;
}

static size_t count_listed(const char *function)
{
	size_t count =
		has_row(&errors_of_iommufd, function) || has_row(&errors_of_vfio, function) ||
		has_row(&errors_of_objects, function) || has_row(&errors_of_virtio, function) ||
		has_row(&errors_of_vsmmuv3, function) ||
		has_row(&errors_of_vfio_features, function) || has_row(&errors_of_vtd, function);

	for (size_t i = 0; i < ARRAY_SIZE(without_context); i++) {
		const size_t length = strlen(without_context[i]);
		const bool is_prefix = without_context[i][length - 1] == '_';

		count += !strncmp(function, without_context[i], is_prefix ? length : length + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cannot_fail); i++)
		count += !strcmp(function, cannot_fail[i]);
	return count;
}

Test(errors, every_public_function_has_a_row_or_a_reason_for_none)
{
	FILE *map = fopen(SYMBOL_MAP, "r");
	char line[128], function[sizeof(line)];
	size_t functions = 0;

	cr_assert_not_null(map);
	while (fgets(line, sizeof(line), map)) {
		if (sscanf(line, " iommuctl_%100[a-z0-9_];", function) != 1)
			continue;
		cr_expect_eq(
			count_listed(function), 1, "%s: %zu", function, count_listed(function));
		functions++;
	}
	fclose(map);
	cr_expect_gt(functions, 100);
}

/* What a thread that cannot allocate anything leaves. */
static struct iommuctl *lean;
static _Thread_local bool no_memory;
static pthread_barrier_t all_failed;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

static void *fail_without_memory(void *data)
{
	bool *has_own = data;
	uint32_t id;

	no_memory = true;
	iommuctl_ioas_alloc(lean, THIN_FD, &id);
	pthread_barrier_wait(&all_failed);
	*has_own = iommuctl_last_error(lean) && iommuctl_last_error(lean)->code == ENOMEM;
	return NULL;
}

static size_t count_records(size_t threads)
{
	bool has_own[ERROR_SPARES + 1] = { false };
	pthread_t thread[ERROR_SPARES + 1];
	size_t count = 0;

	pthread_barrier_init(&all_failed, NULL, (unsigned int)threads);
	for (size_t i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, fail_without_memory, &has_own[i]);
	for (size_t i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		count += has_own[i];
	}
	pthread_barrier_destroy(&all_failed);
	return count;
}

/* A thread gives its record back when it ends. */
Test(errors, threads_without_memory_share_the_spare_records)
{
	struct script script = { .result = -ENOMEM, .unwatched = true };

	lean = script_context(&script);
	cr_expect_eq(count_records(ERROR_SPARES), ERROR_SPARES);
	cr_expect_eq(count_records(ERROR_SPARES + 1), ERROR_SPARES, "the others have none");
	cr_expect_eq(count_records(1), 1);
	cr_assert_null(iommuctl_last_error(lean));
	iommuctl_free(lean);
}

Test(errors, the_first_of_several_is_reported_and_can_be_cleared)
{
	struct script script = { .result = -EBUSY };
	struct iommuctl *ctx = script_context(&script);
	struct error_first first = { .err = 0 };

	error_first_keep(ctx, &first, 0);
	cr_expect_eq(error_first_tell(ctx, &first), 0);
	error_first_keep(ctx, &first, iommuctl_destroy(ctx, THIN_FD, 1));
	error_first_keep(ctx, &first, iommuctl_destroy(ctx, THIN_FD, 2));
	cr_expect_str_eq(iommuctl_last_error(ctx)->object, "object 2");
	cr_expect_eq(error_first_tell(ctx, &first), -EBUSY);
	cr_expect_str_eq(iommuctl_last_error(ctx)->object, "object 1");
	error_forget(ctx);
	cr_expect_null(iommuctl_last_error(ctx));
	cr_expect_null(iommuctl_narrow_last_error(ctx, ~UINT64_C(0)));
	iommuctl_free(ctx);
}

/* What the library knows for certain is not narrowed, and not guessed anew. */
Test(errors, a_refusal_keeps_its_cause)
{
	static const struct iommuctl_explanation why = { "the cause", "the remedy" };
	const struct call call = { .operation = OP_VDEVICE_ALLOC };
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);

	cr_expect_eq(call_refuse(ctx, &call, EEXIST, &why), -EEXIST);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
	cr_assert_eq(iommuctl_narrow_last_error(ctx, ~UINT64_C(0))->explanation_count, 1);
	cr_expect_str_eq(iommuctl_last_error(ctx)->explanation[0].cause, "the cause");
	iommuctl_free(ctx);
}
