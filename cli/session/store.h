/* SPDX-License-Identifier: MIT */
/*
 * The descriptor store of a service manager: what of a session it keeps, so that another holder
 * goes on where this one was killed.
 */
#ifndef CLI_SESSION_STORE_H
#define CLI_SESSION_STORE_H

#include <jansson.h>

#include "session/session.h"

struct store {
	json_t *names;	  /* that the manager has: name -> which making of the object it is of */
	json_t *document; /* of the session, as it was when it was stored; NULL: no longer */
	char *state;	  /* that the manager has; NULL: none */
	uint64_t number;  /* of that */
};

/*
 * Finds the newest state among @adopted, in *@text, which the caller frees; NULL: there is none.
 * What is passed beside it is what the manager has. Returns 0 or -errno.
 */
int store_open(struct store *store, struct adopted *adopted, char **text);

/*
 * Has the manager keep what @session is now, if that has changed. Returns 0, or -errno: what it
 * keeps is then as it was before, or has more.
 */
int store_update(struct store *store, const struct session *session);

/* What the state has beside the document has changed. */
void store_note_change(struct store *store);

/*
 * Has the manager drop the file of @object, which is about to be destroyed: the kernel does not
 * destroy a queue that is open anywhere.
 */
void store_forget(struct store *store, const struct document_object *object);

/* Has the manager drop all, as the session ends in order. */
void store_clear(struct store *store);
void store_free(struct store *store);

#endif
