// SPDX-License-Identifier: MIT
#include "job_keys.h"
#include "pages.h"
#include "roff.h"
#include "session/request.h"

static void write_description(FILE *stream)
{
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"A session is a process that has an iommufd open, with all that is made in it. It is "
		"started by 'iommuctl session start', or by 'iommuctl run --keep', and answers requests on "
		"a UNIX stream socket. The commands that act in a session are clients of it; this page is "
		"for programs that are, too.\n\n"
		"The socket is NAME.sock in the directory $IOMMUCTL_RUNTIME_DIRECTORY, else in "
		"/run/iommuctl for root and in $XDG_RUNTIME_DIR/iommuctl for others. Beside it is "
		"NAME.lock, which the process has locked for as long as it lives: a socket without that is "
		"left over. The directory is its user's own, and so is the socket (0600). Clients of "
		"another user than that and root are refused, whoever can connect.");
}

static void write_protocol(FILE *stream)
{
	roff_section(stream, "PROTOCOL");
	roff_paragraphs(stream,
		"A request is a JSON object on one line, of 1 MiB at most:\n\n"
		"  {\"iommuctl\":1,\"show\":{}}\n\n"
		"The answer is one or more lines, each an object with \"iommuctl\":1. They are what the "
		"commands print with --json: results by their kind, and \"error\". The last one is\n\n"
		"  {\"iommuctl\":1,\"done\":{\"status\":0,\"name\":\"done\"}}\n\n"
		"with the exit status that a command would have. An empty line is no request, and has no answer. With \"format\":\"text\", results and "
		"errors are text, in objects with \"out\" or \"err\".\n\n"
		"A client may send requests without waiting for answers; they are answered in order. A "
		"session carries out one request at a time, of all clients by turns. A client that sends what is no request is told so, and may go on. One whose "
		"request is too long, or that follows events and leaves 16 MiB of them unread, is "
		"disconnected; who has not read an answer is not given the next; of more "
		"than 256 clients, the one that has been quiet for longest is.\n\n"
		"While a step waits for an event, a page fault or an interrupt, other clients are served: "
		"show, save, stats, walk, dump, events and export at once. They say what there is by then, "
		"but save what there was before the request that waits; show says who waits, in \"waits\". "
		"stop ends the step, what its request has done is undone, and then the session ends. apply "
		"and replace wait for their turn for a fifth of a second; then they are refused with the "
		"code \"busy\", and the message has the process of the client that waits, and in which "
		"step. They are not carried out in between because a request is all or nothing: what "
		"another changed meanwhile could be neither kept nor undone with it. A client that closes "
		"its connection, or ends, takes its step along: the request is undone. Whoever only sends "
		"no more is still answered.\n\n"
		"A device that the kernel wants back is given back: iommuctl-session-start(1) says when. It "
		"is an event of the type \"device-request\", whose \"object\" is the device; show has it "
		"in \"taken\" with what went with it, or in \"wanted\" if it is kept. Requests that name "
		"one that was taken have the code \"device-taken\", until it is made anew.\n\n"
		"What is wrong with a job is told as by run, without lines and columns; the places of "
		"attach and steps count from the first of the request. If a request fails, the objects "
		"and attachments that it made are undone.\n\n"
		"The JSON Schema of requests is printed by 'iommuctl schema request', that of each line of an "
		"answer by 'iommuctl schema results'.");
}

static void write_end(FILE *stream)
{
	roff_section(stream, "END");
	roff_paragraphs(stream,
		"The request stop, SIGTERM, SIGINT, SIGHUP and SIGQUIT end a session: all is undone, the "
		"newest first. stop is answered when that is done. If the process is killed, the kernel "
		"undoes what it had, and the name can be taken again.\n\n"
		"Once it is ready, the process gains no privileges by what it executes, which is nothing, "
		"and of root's capabilities it keeps CAP_IPC_LOCK and CAP_SYS_RESOURCE, which the kernel "
		"asks for when memory is pinned. A filter (seccomp(2)) has the kernel refuse, with EPERM, each "
		"system call that a session does not need: it starts no process, traces none, makes no memory "
		"executable, has sockets of UNIX and netlink alone, and its ioctls are those of iommufd and "
		"VFIO. A kernel without such filters is told of when the session starts.");
}

void write_session_page(FILE *stream)
{
	roff_page(stream, "iommuctl-session", 7, "sessions of iommuctl, and their protocol");
	write_description(stream);
	write_protocol(stream);
	roff_section(stream, "REQUESTS");
	write_shapes(stream, &schema_request, NULL);
	write_end(stream);
	roff_section(stream, "SEE ALSO");
	fputs(".BR iommuctl (1),\n.BR iommuctl\\-session\\-start (1),\n.BR iommuctl\\-job (5)\n",
		stream);
}
