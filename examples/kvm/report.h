/* SPDX-License-Identifier: MIT */
#ifndef KVM_REPORT_H
#define KVM_REPORT_H

struct iommuctl;

/* Prints "kvm-vmm: OBJECT: what errno says" and, if there is one, a remedy; returns -error. */
int report_error(const char *object, int error, const char *remedy);

/* The same where no errno is the cause: returns -EINVAL. */
int report_problem(const char *object, const char *problem);

/* The same for a libiommuctl call that returned -error: with its cause and remedy. */
int report_library(struct iommuctl *ctx, const char *object, int error);

#endif
