/* SPDX-License-Identifier: MIT */
/* The client's side of a session. */
#ifndef CLI_SESSION_CLIENT_ASK_H
#define CLI_SESSION_CLIENT_ASK_H

#include <jansson.h>

#include "invocation.h"
#include "session/holder/client.h"

/* Files that came with an answer; the caller closes them. */
struct ask_files {
	int files[PEER_FILES_MAX];
	size_t count;
};

struct ask {
	const char *kind;	   /* of the request: "apply" */
	json_t *arguments;	   /* owned by the request; NULL: out of memory */
	bool watches;		   /* it may be endless, and ends when nobody reads */
	bool captures;		   /* results are not printed, but are */
	const char *captures_kind; /* with --json: only those of this kind; NULL: all */
	char *captured;		   /* this text, which the caller frees; NULL: none */
	struct ask_files *files;   /* NULL: no files wanted */
};

/* The name from -s or IOMMUCTL_SESSION; NULL: neither is given. */
const char *session_name_asked(const struct invocation *invocation);

/*
 * Sends @ask to the session that -s or IOMMUCTL_SESSION names, and prints the answer. Returns its
 * status; reports its own failure.
 */
enum exit_status session_ask(struct invocation *invocation, struct ask *ask);

/*
 * The same for the session that the argument @name names, or the one above if it is NULL. If -s
 * names one as well, it must be the same.
 */
enum exit_status session_ask_argument(
	struct invocation *invocation, const char *name, struct ask *ask);

#endif
