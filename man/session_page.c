// SPDX-License-Identifier: MIT
#include "job_keys.h"
#include "pages.h"
#include "roff.h"
#include "session/holder/request.h"

static void write_description(FILE *stream)
{
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"A session is a process that has an iommufd open, with all objects made in it. "
		"'iommuctl session start' or 'iommuctl run --keep' starts it, and it answers "
		"requests on a UNIX stream socket. The commands that act in a session are its "
		"clients; this page is for other programs that are.\n\n"
		"The socket is NAME.sock in the directory $IOMMUCTL_RUNTIME_DIRECTORY, or by "
		"default in /run/iommuctl for root and in $XDG_RUNTIME_DIR/iommuctl for others. "
		"Beside it is NAME.lock, which the process keeps locked as long as it lives: a "
		"socket without a locked file is stale. The directory and the socket (0600) "
		"belong to the user. Clients of users other than that one and root are refused, "
		"even if they can connect.");
}

static void write_protocol(FILE *stream)
{
	roff_section(stream, "PROTOCOL");
	roff_paragraphs(stream,
		"A request is a JSON object on one line, of at most 1 MiB:\n\n"
		"  {\"iommuctl\":1,\"show\":{}}\n\n"
		"The answer is one or more lines, each an object with \"iommuctl\":1, as the "
		"commands print with --json: results by their kind, and \"error\". The last one "
		"is\n\n"
		"  {\"iommuctl\":1,\"done\":{\"status\":0,\"name\":\"done\"}}\n\n"
		"with the exit status that a command would have. An empty line is not a request, "
		"and gets no answer. With \"format\":\"text\", results and errors are text, in "
		"objects with \"out\" or \"err\".\n\n"
		"A client may send requests without waiting for answers; they are answered in "
		"order. A session carries out one request at a time, and clients take turns. A "
		"client that sends an invalid request gets an error, and may continue. One whose "
		"request is too long, or that follows events and leaves 16 MiB of them unread, "
		"is disconnected; with more than 256 clients, so is the one that has been quiet "
		"for longest. A client that has not read an answer does not get the next.\n\n"
		"While a step waits for an event, a page fault or an interrupt, other clients "
		"are served: show, save, stats, walk, dump, events and export at once. They show "
		"the current state, except save, which writes the state before the waiting "
		"request, and does not remark which objects are gone; \"waits\" of show says who "
		"waits. stop ends the step, undoes its request, and then the session ends. apply "
		"and replace wait for their turn for a fifth of a second; then they are refused "
		"with the code \"busy\", and the message names the process of the waiting client, "
		"and its step. They are not "
		"carried out in between because a request is all or nothing: a change that "
		"another made meanwhile could be neither kept nor undone with it. If a client "
		"closes its connection, or ends, its step ends and its request is undone. A "
		"client that only stops sending still gets its answers.\n\n"
		"A device that the kernel wants back is given back: iommuctl-session-start(1) "
		"says when. This is an event of the type \"device-request\", whose \"object\" is "
		"the device; show has it in \"taken\" with the objects that went with it, or in "
		"\"wanted\" if it is kept. Requests that name a device that was taken fail with "
		"the code \"device-taken\", until it is made anew.\n\n"
		"Errors of a job are reported as by run, without lines and columns; the places "
		"of attach and steps count from the first of the request. If a request fails, "
		"the objects and attachments that it made are undone.\n\n"
		"'iommuctl schema request' prints the JSON Schema of requests, 'iommuctl schema "
		"results' that of each line of an answer.");
}

static void write_end(FILE *stream)
{
	roff_section(stream, "END");
	roff_paragraphs(stream,
		"The request stop, SIGTERM, SIGINT, SIGHUP and SIGQUIT end a session: everything "
		"is undone, the newest first. stop is answered when that is done. If the process "
		"is killed, the kernel undoes its objects, and the name is free again.\n\n"
		"Once it is ready, the process can gain no privileges by execve(2), and of "
		"root's capabilities it keeps only CAP_IPC_LOCK and CAP_SYS_RESOURCE, which the "
		"kernel requires to pin memory. With a filter (seccomp(2)) the kernel refuses, "
		"with EPERM, each system call that a session does not need: it starts no "
		"process, traces none, makes no memory executable, has only UNIX and netlink "
		"sockets, and only the ioctls of iommufd and VFIO. If the kernel has no such "
		"filters, the session says so when it starts.");
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
