/* SPDX-License-Identifier: MIT */
/* Events that a VMM has read and forwards. */
#ifndef CLI_COMMANDS_EVENTS_FROM_H
#define CLI_COMMANDS_EVENTS_FROM_H

#include "invocation.h"

/* "events --follow --from PATH". */
enum exit_status events_from(struct invocation *invocation);

#endif
