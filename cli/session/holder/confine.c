// SPDX-License-Identifier: MIT
#include "session/holder/confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/sysfs.h"

int confine_leave(void)
{
	int nothing = chdir("/") ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);

	return nothing < 0 ? -errno : nothing;
}

void confine_detach(int nothing)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

/* Our own files are close-on-exec; inherited ones are not. */
static bool is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return fd > STDERR_FILENO && flags >= 0 && !(flags & FD_CLOEXEC);
}

void confine_close_inherited(void)
{
	DIR *open = opendir("/proc/self/fd");
	const char *name;

	while ((name = sysfs_next(open))) {
		int fd = atoi(name);

		if (is_inherited(fd))
			close(fd);
	}
	if (open)
		closedir(open);
}

/* Needed to pin more memory than RLIMIT_MEMLOCK allows, and to set IOMMU_OPTION_RLIMIT_MODE. */
#define KEPT (UINT64_C(1) << CAP_IPC_LOCK | UINT64_C(1) << CAP_SYS_RESOURCE)

int confine_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	bool has_more = false;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	if (syscall(SYS_capget, &header, data))
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		const uint32_t kept = data[i].permitted & (uint32_t)(KEPT >> 32 * i);

		has_more |= data[i].permitted != kept || data[i].effective != kept ||
			    data[i].inheritable;
		data[i].permitted = kept;
		data[i].effective = kept;
		data[i].inheritable = 0;
	}
	/*
	 * In a service manager's sandbox there is nothing left to drop, and the call is forbidden.
	 */
	return has_more && syscall(SYS_capset, &header, data) ? -errno : 0;
}
