/* SPDX-License-Identifier: MIT */
/* The system calls that a holder needs once it is set up; the kernel refuses it all others. */
#ifndef CLI_SESSION_SYSCALLS_H
#define CLI_SESSION_SYSCALLS_H

/*
 * From now on this process, which must have no new privileges to gain, can call nothing but what a
 * session needs: what else it calls fails with EPERM. It starts no program and no process, traces
 * nothing, makes no memory executable, and ioctls reach iommufd and VFIO alone. Its sockets are
 * local or netlink's, except where all go by socketcall(2) (i386, s390x), of which a filter does
 * not see the family. -EINVAL: the kernel has no such filters (CONFIG_SECCOMP_FILTER); -EACCES,
 * -EFAULT, -ENOMEM as seccomp_load(3).
 */
int syscalls_confine(void);

#endif
