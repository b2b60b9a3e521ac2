/* SPDX-License-Identifier: MIT */
/* The client's side of a session. */
#ifndef CLI_SESSION_ASK_H
#define CLI_SESSION_ASK_H

#include <jansson.h>

#include "invocation.h"
#include "session/peer.h"

/* Files that came with an answer; the caller closes them. */
struct ask_files {
	int files[PEER_FILES_MAX];
	size_t count;
};

struct ask {
	const char *kind;	   /* of the request: "apply" */
	json_t *arguments;	   /* taken; NULL: there was no memory for them */
	bool watches;		   /* it may have no end, and ends when nobody reads */
	bool captures;		   /* results are not said, but are */
	const char *captures_kind; /* with --json: those of this kind alone; NULL: all */
	char *captured;		   /* this text, which the caller frees; NULL: there were none */
	struct ask_files *files;   /* NULL: files are not wanted */
};

/* The name that -s or IOMMUCTL_SESSION has; NULL: neither is given. */
const char *session_name_asked(const struct invocation *invocation);

/*
 * Puts @ask to the session that -s or IOMMUCTL_SESSION names, and says what it answers. Returns its
 * status; reports its own failure.
 */
enum exit_status session_ask(struct invocation *invocation, struct ask *ask);

/*
 * The same of the session that the argument @name names, or of that one if it is NULL. One that -s
 * names as well has to be the same.
 */
enum exit_status session_ask_argument(
	struct invocation *invocation, const char *name, struct ask *ask);

#endif
