// SPDX-License-Identifier: MIT
/*
 * manager SESSION JOB BEFORE AFTER: what systemd is to a service with a descriptor store. Starts a
 * holder of SESSION, keeps what it is sent, and runs the shell's command BEFORE once the holder is
 * ready. Then kills it, starts another with what was kept, and runs AFTER. At last the session is
 * stopped, and nothing may be left in the store. The file that MANAGER_LOSES names gets lost between
 * the two holders.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 64
#define FIRST	  3

struct kept {
	char name[256];
	int fd;
};

struct manager {
	int socket;
	struct kept kept[FILES_MAX];
	size_t count;
	bool ready;
	bool stopping;
};

static void fail(const char *what)
{
	printf("manager: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void drop(struct manager *manager, const char *name)
{
	for (size_t i = manager->count; i-- > 0;) {
		if (strcmp(manager->kept[i].name, name) != 0)
			continue;
		close(manager->kept[i].fd);
		manager->kept[i] = manager->kept[--manager->count];
	}
}

static void obey(struct manager *manager, char *message, int fd)
{
	const char *name = strstr(message, "FDNAME=");

	manager->ready |= strstr(message, "READY=1") != NULL;
	manager->stopping |= strstr(message, "STOPPING=1") != NULL;
	/* Of a barrier, closing it is the answer. */
	if (!name && fd >= 0)
		close(fd);
	if (!name)
		return;
	name += strlen("FDNAME=");
	if (strstr(message, "FDSTOREREMOVE=1")) {
		drop(manager, name);
	} else if (strstr(message, "FDSTORE=1") && fd >= 0 && manager->count < FILES_MAX) {
		struct kept *kept = &manager->kept[manager->count++];

		snprintf(kept->name, sizeof(kept->name), "%s", name);
		kept->fd = fd;
	}
}

/* One message, if there is one. */
static bool take_message(struct manager *manager)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char text[1024] = "";
	struct iovec data = { text, sizeof(text) - 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *header;
	int fd = -1;

	if (recvmsg(manager->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	obey(manager, text, fd);
	return true;
}

static void attend(struct manager *manager)
{
	struct pollfd file = { manager->socket, POLLIN, 0 };

	poll(&file, 1, 20);
	while (take_message(manager))
		;
}

/* Until @pid has ended, whose status is returned. */
static int wait_for(struct manager *manager, pid_t pid)
{
	int status;

	while (!waitpid(pid, &status, WNOHANG))
		attend(manager);
	attend(manager);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The kept files get the numbers from FIRST on; what has these now is moved away before. */
static void pass_files(const struct manager *manager)
{
	char names[FILES_MAX * 256] = "", number[16];
	int files[FILES_MAX];

	for (size_t i = 0; i < manager->count; i++) {
		files[i] = fcntl(manager->kept[i].fd, F_DUPFD, FIRST + FILES_MAX);
		strcat(strcat(names, i ? ":" : ""), manager->kept[i].name);
	}
	for (size_t i = 0; i < manager->count; i++) {
		dup2(files[i], FIRST + (int)i);
		close(files[i]);
	}
	snprintf(number, sizeof(number), "%zu", manager->count);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
}

static pid_t start(struct manager *manager, char *session, char *job)
{
	char *const holder[] = { "iommuctl", "session", "start", "--foreground", session, job,
		NULL };
	pid_t pid;

	manager->ready = false;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pass_files(manager);
		execvp(holder[0], holder);
		_exit(127);
	}
	while (!manager->ready) {
		attend(manager);
		if (waitpid(pid, NULL, WNOHANG))
			fail("the holder ended before it was ready");
	}
	printf("manager: ready, with %zu files\n", manager->count);
	return pid;
}

static void shell(struct manager *manager, const char *command)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		unsetenv("NOTIFY_SOCKET");
		execlp("sh", "sh", "-ec", command, NULL);
		_exit(127);
	}
	status = wait_for(manager, pid);
	if (status) {
		printf("manager: the command ended with status %d\n", status);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/notify" };
	struct manager manager = { 0 };
	char stop[256];
	pid_t holder;

	if (argc != 5)
		return 2;
	manager.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unlink(address.sun_path);
	if (bind(manager.socket, (struct sockaddr *)&address, sizeof(address)))
		fail("bind");
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	holder = start(&manager, argv[1], argv[2]);
	shell(&manager, argv[3]);
	kill(holder, SIGKILL);
	printf("manager: the holder was killed: %d\n", wait_for(&manager, holder));
	if (getenv("MANAGER_LOSES"))
		drop(&manager, getenv("MANAGER_LOSES"));
	holder = start(&manager, argv[1], argv[2]);
	shell(&manager, argv[4]);
	snprintf(stop, sizeof(stop), "iommuctl session stop %s", argv[1]);
	shell(&manager, stop);
	printf("manager: the holder ended with %d\n", wait_for(&manager, holder));
	printf("manager: %s, %zu files are left\n",
		manager.stopping ? "it has said so" : "it has not said so", manager.count);
	return manager.count || !manager.stopping;
}
