/* SPDX-License-Identifier: MIT */
/* What a saved session needs besides its objects, so that its job can be carried out. */
#ifndef CLI_SESSION_STATE_SAVED_H
#define CLI_SESSION_STATE_SAVED_H

#include <jansson.h>

/*
 * MSIs remain when their device is detached, but can only be made for an attached one: adds an
 * attachment of such a device to @whole, the document of a session, and a step that detaches it.
 * NULL: does nothing.
 */
void saved_add_detached(json_t *whole);

#endif
