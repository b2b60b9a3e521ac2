/* SPDX-License-Identifier: MIT */
/*
 * The descriptor store of a service manager, which keeps a session's files and state so that
 * another holder can continue where this one was killed.
 */
#ifndef CLI_SESSION_STATE_STORE_H
#define CLI_SESSION_STATE_STORE_H

#include <jansson.h>

#include "session/session.h"

struct store {
	json_t *names;	  /* that the manager has: name -> serial of the object */
	json_t *document; /* of the session, as last stored; NULL: outdated */
	char *state;	  /* that the manager has; NULL: none */
	uint64_t number;  /* of that */
};

/*
 * Finds the newest state among @adopted: *@text, which the caller frees, or NULL if there is none.
 * The other files passed are those that the manager has. Returns 0 or -errno.
 */
int store_open(struct store *store, struct adopted *adopted, char **text);

/*
 * Makes the manager keep the current @session, if it has changed. Returns 0, or -errno: it then
 * keeps what it had before, or more.
 */
int store_update(struct store *store, const struct session *session);

/* The state has changed in something other than the document. */
void store_note_change(struct store *store);

/*
 * Notes in the state that the manager has that others have the device @label now, while a step
 * waits and the session cannot be described. 0 or -errno.
 */
int store_hand_over(struct store *store, const char *label);

/*
 * Makes the manager drop the file of @object, which is about to be destroyed: the kernel does not
 * destroy a queue that is open anywhere.
 */
void store_forget(struct store *store, const struct document_object *object);

/* Makes the manager drop everything, as the session ends normally. */
void store_clear(struct store *store);
void store_free(struct store *store);

#endif
