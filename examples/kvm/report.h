/* SPDX-License-Identifier: MIT */
#ifndef KVM_REPORT_H
#define KVM_REPORT_H

/* Prints "kvm-vmm: OBJECT: what errno says" and, if there is one, a remedy; gives -error back. */
int report_error(const char *object, int error, const char *remedy);

/* The same, where no errno is the cause: gives -EINVAL back. */
int report_problem(const char *object, const char *problem);

#endif
