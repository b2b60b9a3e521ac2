// SPDX-License-Identifier: MIT
/*
 * Stands for a session in a booted system: holder FACTS NODE... says to systemd what a holder does, keeps a file in the
 * store of descriptors, and writes what it may do and what it was given into FACTS of its runtime directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int notify(const char *state, int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec text = { (char *)state, strlen(state) };
	struct msghdr message = { .msg_name = &address, .msg_iov = &text, .msg_iovlen = 1 };
	int err, socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (socket_fd < 0 || !path || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	message.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (fd >= 0) {
		struct cmsghdr *header;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	err = sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
	close(socket_fd);
	return err;
}

/* Permission to open a node does not depend on whether it has a driver. */
static const char *verdict(int error)
{
	switch (error) {
	case EPERM: return "refused";
	case EROFS: return "read-only";
	default: return "allowed";
	}
}

static void write_facts(FILE *facts, char **nodes)
{
	const char *names = getenv("LISTEN_FDNAMES");
	char text[16] = "";

	for (; *nodes; nodes++) {
		int fd = open(*nodes, O_RDWR | O_CLOEXEC);

		fprintf(facts, "%s %s\n", *nodes, verdict(fd < 0 ? errno : 0));
		if (fd >= 0)
			close(fd);
	}
	if (names && pread(3, text, sizeof(text) - 1, 0) > 0)
		fprintf(facts, "stored %s %s\n", names, text);
}

int main(int argc, char **argv)
{
	const char *directory = getenv("RUNTIME_DIRECTORY");
	sigset_t ends;
	FILE *facts;
	int memory;

	if (argc < 2 || !directory || chdir(directory))
		return 1;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	facts = fopen(argv[1], "we");
	if (!facts)
		return 1;
	write_facts(facts, argv + 2);
	fclose(facts);
	if (!getenv("LISTEN_FDS")) {
		memory = memfd_create("kept", MFD_CLOEXEC);
		if (memory < 0 || write(memory, "kept", 4) != 4 ||
			notify("FDSTORE=1\nFDNAME=memory", memory))
			return 1;
	}
	if (notify("READY=1", -1))
		return 1;
	sigwaitinfo(&ends, NULL);
	return notify("STOPPING=1", -1) ? 1 : 0;
}
