// SPDX-License-Identifier: MIT
/* The kernel's messages about devices, and forged ones. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include <criterion/criterion.h>

#include "array.h"
#include "host/events.h"
#include "host/uevent.h"

#define BIND                                                                                       \
	"bind@/devices/pci0000:00/0000:00:01.0\0ACTION=bind\0"                                     \
	"DEVPATH=/devices/pci0000:00/0000:00:01.0\0SUBSYSTEM=pci\0DRIVER=vfio-pci\0SEQNUM=4711"

Test(host_uevent, is_taken_apart)
{
	struct uevent event;

	cr_assert_eq(uevent_parse(BIND, sizeof(BIND), &event), 0);
	cr_expect_str_eq(event.action, "bind");
	cr_expect_str_eq(event.devpath, "/devices/pci0000:00/0000:00:01.0");
	cr_expect_str_eq(event.subsystem, "pci");
	cr_expect_str_eq(event.driver, "vfio-pci");
	cr_expect_str_eq(event.devname, "");
	cr_expect_eq(event.seqnum, 4711);
}

static const struct {
	const char *message;
	size_t length;
} malformed[] = {
#define MESSAGE(text)                                                                              \
	{                                                                                          \
		text, sizeof(text)                                                                 \
	}
	MESSAGE(""), MESSAGE("libudev"), MESSAGE("add@/devices/x"),
	MESSAGE("add@/devices/x\0ACTION=add\0SUBSYSTEM=pci"),
	MESSAGE("add@/devices/x\0ACTION=add\0DEVPATH=/devices/x"),
	MESSAGE("add@/devices/x\0ACTION=add\0DEVPATH=devices/x\0SUBSYSTEM=pci"),
	MESSAGE("add@/devices/x\0ACTION=\0DEVPATH=/devices/x\0SUBSYSTEM=pci"),
	MESSAGE("no at sign\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=pci"), { "", 0 },
	{ BIND, sizeof(BIND) - 1 }, /* without the NUL at its end */
};

Test(host_uevent, a_malformed_message_is_ignored)
{
	struct uevent event = { .action = "as before" };

	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		cr_expect_eq(uevent_parse(malformed[i].message, malformed[i].length, &event),
			-EBADMSG, "case %zu", i);
	cr_expect_str_eq(event.action, "as before");
}

/* What the next recvmsg() finds: the linker has it called in place of the C library's. */
static struct {
	int error; /* an errno; 0: a message */
	uint32_t port;
	uint32_t groups;
	struct ucred sender;
	bool has_credentials;
	int flags;
} next;

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): ld names it so */
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
	struct sockaddr_nl *from = header->msg_name;
	struct cmsghdr *part = CMSG_FIRSTHDR(header);

	(void)fd;
	(void)flags;
	if (next.error) {
		errno = next.error;
		return -1;
	}
	*from = (struct sockaddr_nl){
		.nl_family = AF_NETLINK, .nl_pid = next.port, .nl_groups = next.groups
	};
	header->msg_flags = next.flags;
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_CREDENTIALS;
	part->cmsg_len = CMSG_LEN(sizeof(next.sender));
	memcpy(CMSG_DATA(part), &next.sender, sizeof(next.sender));
	if (!next.has_credentials)
		header->msg_controllen = 0;
	memcpy(header->msg_iov->iov_base, BIND, sizeof(BIND));
	return sizeof(BIND);
}

/* Its name where time has 64 bits in spite of 32-bit registers. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): ld names it so */
ssize_t __wrap___recvmsg64(int fd, struct msghdr *header, int flags)
	__attribute__((alias("__wrap_recvmsg")));

static const struct {
	const char *what;
	int error;
	uint32_t port, groups;
	struct ucred sender;
	bool has_credentials;
	int flags;
	int result;
} senders[] = {
	{ "the kernel", 0, 0, 1, { 0, 0, 0 }, true, 0, 0 },
	{ "a process", 0, 99, 1, { 99, 0, 0 }, true, 0, -EBADMSG },
	{ "a process of another namespace", 0, 99, 1, { 0, 0, 0 }, true, 0, -EBADMSG },
	{ "a process that says it is the kernel", 0, 0, 1, { 99, 0, 0 }, true, 0, -EBADMSG },
	{ "another user", 0, 0, 1, { 0, 1000, 0 }, true, 0, -EBADMSG },
	{ "udevd's group", 0, 0, 2, { 0, 0, 0 }, true, 0, -EBADMSG },
	{ "one to us alone", 0, 0, 0, { 0, 0, 0 }, true, 0, -EBADMSG },
	{ "nobody", 0, 0, 1, { 0, 0, 0 }, false, 0, -EBADMSG },
	{ "a message that was cut", 0, 0, 1, { 0, 0, 0 }, true, MSG_TRUNC, -EBADMSG },
	{ "credentials that were cut", 0, 0, 1, { 0, 0, 0 }, true, MSG_CTRUNC, -EBADMSG },
	{ "an empty queue", EAGAIN, 0, 0, { 0, 0, 0 }, false, 0, -EAGAIN },
	{ "a signal", EINTR, 0, 0, { 0, 0, 0 }, false, 0, -EAGAIN },
	{ "a queue that ran over", ENOBUFS, 0, 0, { 0, 0, 0 }, false, 0, -ENOBUFS },
};

Test(host_uevent, only_the_kernel_is_believed)
{
	char message[UEVENT_SIZE];
	struct uevent event;

	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		next.error = senders[i].error;
		next.port = senders[i].port;
		next.groups = senders[i].groups;
		next.sender = senders[i].sender;
		next.has_credentials = senders[i].has_credentials;
		next.flags = senders[i].flags;
		cr_expect_eq(uevent_receive(-1, message, &event), senders[i].result, "%s",
			senders[i].what);
	}
}

static const struct {
	const char *devpath, *pci;
} paths[] = {
	{ "/devices/pci0000:00/0000:00:01.0", "0000:00:01.0" },
	{ "/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/vfio-dev/vfio3", "0000:02:00.0" },
	{ "/devices/pci0000:00/0000:00:03.0/virtio2/net/eth0", "0000:00:03.0" },
	{ "/devices/virtual/net/lo", "" },
	{ "/devices/platform/arm-smmu-v3.0.auto/iommu/smmu3.0x0000000009050000", "" },
	{ "", "" },
	{ "0000:00:01.0", "0000:00:01.0" },
};

Test(host_uevent, is_of_the_last_PCI_device_on_its_path)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char pci[PCI_ADDRESS_SIZE];

		device_event_find_pci(paths[i].devpath, pci);
		cr_expect_str_eq(pci, paths[i].pci);
	}
}
