/* SPDX-License-Identifier: MIT */
#ifndef KVM_ARRAY_H
#define KVM_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
