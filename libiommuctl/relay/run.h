/* SPDX-License-Identifier: MIT */
/*
 * A run: one call of iommuctl_cmdq_consume(), and what those who work in it have in common. What it
 * takes was all in the queue, and visible, before the guest wrote the PROD that it is up to.
 */
#ifndef LIBIOMMUCTL_RELAY_RUN_H
#define LIBIOMMUCTL_RELAY_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct iommuctl_relay;

/* The number of the present run, which no other has; 0: there is none. */
uint64_t relay_run_serial(const struct iommuctl_relay *relay);

/*
 * Whether the command that the owner of the queue has is the first of the run, and the owner said
 * -EAGAIN to what lay there before.
 */
bool relay_run_resumes(const struct iommuctl_relay *relay);

/* What is left of the present run's budget; without a run, no end of it. */
uint64_t relay_run_left(const struct iommuctl_relay *relay);

#endif
