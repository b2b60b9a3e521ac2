/* SPDX-License-Identifier: MIT */
/* Shows calls to the kernel: one line of text each, or one JSON object. */
#ifndef CLI_TRACE_PRINTER_H
#define CLI_TRACE_PRINTER_H

#include <iommuctl/transport.h>

#include "output/report.h"

struct trace_printer;

/*
 * Creates a printer to the file @path, or to the report's stderr if that is "".
 * Returns 0, -ENOMEM, or the -errno of opening @path.
 */
int trace_printer_new(const char *path, struct report *report, struct trace_printer **printer);

/* Frees @printer, NULL allowed, and reports lines that could not be written as lost output. */
void trace_printer_free(struct trace_printer *printer);

/* A receiver for iommuctl_transport_trace_new(); @printer is a struct trace_printer. */
void trace_printer_receive(const struct iommuctl_trace_record *record, void *printer);

#endif
