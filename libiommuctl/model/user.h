/* SPDX-License-Identifier: MIT */
/* The caller's memory, as the kernel would access it. */
#ifndef LIBIOMMUCTL_MODEL_USER_H
#define LIBIOMMUCTL_MODEL_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -EFAULT if the address is invalid: NULL, or beyond user space. */
void *model_user_pointer(uint64_t user);
int model_copy_in(void *to, uint64_t user, size_t size);
int model_copy_out(uint64_t user, const void *from, size_t size);
/*
 * True if all of it is mapped and may be read or, with @write, written; for large sizes,
 * permissions are checked only at the ends.
 */
bool model_user_mapped(uint64_t user, uint64_t size, bool write);
/* What a newer caller passes beyond the known struct must be zero. -E2BIG. */
int model_check_rest(uint64_t rest, uint64_t size);

#endif
