/* SPDX-License-Identifier: MIT */
/* The sequence numbers of events (struct iommufd_vevent_header) wrap from INT_MAX to 0. */
#ifndef LIBIOMMUCTL_EVENTS_SEQUENCE_H
#define LIBIOMMUCTL_EVENTS_SEQUENCE_H

#define EVENTS_SEQUENCE_MASK 0x7fffffffu

#endif
