/* SPDX-License-Identifier: MIT */
/*
 * A run: one call of iommuctl_cmdq_consume(), and the state that its parts share. All its commands
 * were in the queue, and visible, before the guest wrote the PROD that ends it.
 */
#ifndef LIBIOMMUCTL_RELAY_RUN_H
#define LIBIOMMUCTL_RELAY_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct iommuctl_relay;

/* The unique number of the current run; 0: there is none. */
uint64_t relay_run_serial(const struct iommuctl_relay *relay);

/*
 * Whether the owner's command is the first of the run, and the owner returned -EAGAIN for it in the
 * previous run.
 */
bool relay_run_resumes(const struct iommuctl_relay *relay);

/* The rest of the current run's budget; unlimited without a run. */
uint64_t relay_run_left(const struct iommuctl_relay *relay);

#endif
