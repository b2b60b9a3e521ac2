/* SPDX-License-Identifier: MIT */
/* The system calls that a holder needs once it is set up; the kernel refuses all others. */
#ifndef CLI_SESSION_HOLDER_SYSCALLS_H
#define CLI_SESSION_HOLDER_SYSCALLS_H

/*
 * From now on this process, which must have no_new_privs set, can only make the calls that a
 * session needs: others fail with EPERM. It cannot start a program or a process, trace, or make
 * memory executable, and its ioctls reach only iommufd and VFIO. Its sockets are local or netlink,
 * except where all go through socketcall(2) (i386, s390x), whose family a filter cannot see.
 * -EINVAL: the kernel has no such filters (CONFIG_SECCOMP_FILTER); -EACCES, -EFAULT, -ENOMEM as
 * from seccomp_load(3).
 */
int syscalls_confine(void);

#endif
