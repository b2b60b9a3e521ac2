/* SPDX-License-Identifier: MIT */
#ifndef KVM_REPORT_H
#define KVM_REPORT_H

struct iommuctl;

/* Prints "kvm-vmm: OBJECT: what errno says" and, if there is one, a remedy; gives -error back. */
int report_error(const char *object, int error, const char *remedy);

/* The same, where no errno is the cause: gives -EINVAL back. */
int report_problem(const char *object, const char *problem);

/* The same for a call of libiommuctl that gave -error back: with the cause and the remedy that it knows. */
int report_library(struct iommuctl *ctx, const char *object, int error);

#endif
