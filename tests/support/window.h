/* SPDX-License-Identifier: MIT */
/*
 * A guest with one device in a nest, whose DMA reaches all of a window of IOVAs, page by page: for
 * what is about the cost or the loss of many translations.
 */
#ifndef TESTS_SUPPORT_WINDOW_H
#define TESTS_SUPPORT_WINDOW_H

#include "vmm.h"

#define WINDOW_IPA   UINT64_C(0x40000000)
#define WINDOW_IOVA  UINT64_C(0x4000000000)
#define WINDOW_PAGES UINT64_C(512)
#define WINDOW_ASID  7

/* On the device at @path, by vmm->ctx. */
void window_open(struct vmm *vmm, const char *path);

/* The end of it, of vmm->ctx too. */
void window_close(struct vmm *vmm);

#endif
