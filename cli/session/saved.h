/* SPDX-License-Identifier: MIT */
/* What a saved session has beyond what there is, so that its job can be carried out. */
#ifndef CLI_SESSION_SAVED_H
#define CLI_SESSION_SAVED_H

#include <jansson.h>

/*
 * MSIs stay when their device is attached to nothing any more, and are made of one that is: such a
 * device is attached in @whole, the document of a session, and detached by a step. NULL: nothing is
 * done.
 */
void saved_add_detached(json_t *whole);

#endif
