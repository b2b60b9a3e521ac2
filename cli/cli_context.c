// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include <iommuctl/meter.h>
#include <iommuctl/model.h>

#include "invocation.h"
#include "mock/mock.h"
#include "trace_printer.h"

/* Wraps *@top in the requested decorators. On failure the caller still has to free *@top. */
static int decorate(struct cli_context *context, const struct invocation *invocation,
	struct iommuctl_transport **top)
{
	int err = iommuctl_transport_meter_new(*top, top);

	if (err)
		return err;
	context->meter = *top;
	err = iommuctl_transport_ledger_new(*top, top);
	if (err)
		return err;
	context->ledger = *top;
	if (invocation->fail_call) {
		err = iommuctl_transport_fault_new(
			*top, invocation->fail_call, invocation->fail_errno, top);
		if (err)
			return err;
		context->fault = *top;
	}
	if (context->trace) {
		err = iommuctl_transport_trace_new(
			*top, trace_printer_receive, context->trace, top);
		if (err)
			return err;
	}
	/* Above all others, so that they see exactly the calls to the kernel. */
	err = mock_transport_new(*top, top);
	context->top = err ? NULL : *top;
	return err;
}

static int build(struct cli_context *context, const struct invocation *invocation,
	struct iommuctl_model *model)
{
	struct iommuctl_transport *top;
	int err;

	err = model ? iommuctl_model_transport_new(model, &top)
		    : iommuctl_transport_kernel_new(&top);
	if (err)
		return err;
	err = decorate(context, invocation, &top);
	if (!err)
		err = iommuctl_new(top, &context->ctx);
	if (err)
		iommuctl_transport_free(top);
	else
		iommuctl_assume_live_ids(context->ctx);
	return err;
}

static enum exit_status report_trace_file(const struct invocation *invocation, int err)
{
	struct failure failure;

	failure_set_file(&failure, err, "open", invocation->trace);
	return report_failure(invocation->report, &failure);
}

enum exit_status cli_context_open(struct cli_context *context, const struct invocation *invocation,
	struct iommuctl_model *model)
{
	int err;

	*context = (struct cli_context){ 0 };
	if (invocation->trace) {
		/* On standard error, calls come before they are done. */
		if (!*invocation->trace)
			invocation->report->shows_progress = false;
		err = trace_printer_new(invocation->trace, invocation->report, &context->trace);
		if (err)
			return report_trace_file(invocation, err);
	}
	err = build(context, invocation, model);
	if (!err)
		return STATUS_DONE;
	trace_printer_free(context->trace);
	*context = (struct cli_context){ 0 };
	return report_errno(invocation->report, NULL, NULL, err);
}

enum exit_status cli_context_check(
	const struct cli_context *context, struct report *report, enum exit_status status)
{
	struct failure failure;

	if (status || !context->fault || iommuctl_transport_fault_fired(context->fault))
		return status;
	failure_set(&failure, 0, "none failed: only %" PRIu64 " calls were made",
		iommuctl_transport_ledger_get_calls(context->ledger));
	failure.code = "not-reached";
	failure.operation = "--fail-call";
	return report_failure(report, &failure);
}

void cli_context_close(struct cli_context *context)
{
	iommuctl_free(context->ctx);
	trace_printer_free(context->trace);
}
