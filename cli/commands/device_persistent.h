/* SPDX-License-Identifier: MIT */
/* What commands say about a binding that survives a reboot. */
#ifndef CLI_COMMANDS_DEVICE_PERSISTENT_H
#define CLI_COMMANDS_DEVICE_PERSISTENT_H

#include <jansson.h>

#include "host/persistent.h"

json_t *persistent_to_json(const struct persistent_binding *binding);

#endif
