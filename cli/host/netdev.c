// SPDX-License-Identifier: MIT
#include "host/netdev.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "host/events.h"
#include "output/memory.h"

/* The kernel sends everything about an interface, including its statistics. */
#define ANSWER_SIZE 32768

struct parent {
	char bus[16]; /* of the parent device; "" if the interface has none */
	char name[64];
};

struct request {
	struct nlmsghdr header;
	struct ifinfomsg info;
	struct rtattr attribute;
	char name[IFNAMSIZ];
};

static int send_request(int socket, const char *name)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.info = { .ifi_family = AF_UNSPEC },
		.attribute = {
			.rta_len = RTA_LENGTH(sizeof(request.name)),
			.rta_type = IFLA_IFNAME,
		},
	};

	snprintf(request.name, sizeof(request.name), "%s", name);
	return send(socket, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

static void take_string(const struct rtattr *attribute, char *text, size_t size)
{
	snprintf(
		text, size, "%.*s", (int)RTA_PAYLOAD(attribute), (const char *)RTA_DATA(attribute));
}

static int read_answer(const struct nlmsghdr *header, size_t length, struct parent *parent)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);
	size_t left;

	if (!NLMSG_OK(header, length))
		return -EIO;
	if (header->nlmsg_type == NLMSG_ERROR)
		return header->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EIO : error->error;
	if (header->nlmsg_type != RTM_NEWLINK ||
		header->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
		return -EIO;
	left = IFLA_PAYLOAD(header);
	for (const struct rtattr *at = IFLA_RTA(NLMSG_DATA(header)); RTA_OK(at, left);
		at = RTA_NEXT(at, left)) {
		if (at->rta_type == IFLA_PARENT_DEV_NAME)
			take_string(at, parent->name, sizeof(parent->name));
		else if (at->rta_type == IFLA_PARENT_DEV_BUS_NAME)
			take_string(at, parent->bus, sizeof(parent->bus));
	}
	return 0;
}

static int ask_kernel(const char *name, struct parent *parent)
{
	int fd = memory_checked_file(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	struct nlmsghdr *answer = malloc(ANSWER_SIZE);
	ssize_t length;
	int err;

	if (fd < 0 || !answer) {
		err = fd < 0 ? -errno : -ENOMEM;
	} else {
		err = send_request(fd, name);
		length = err ? 0 : recv(fd, answer, ANSWER_SIZE, 0);
		if (!err)
			err = length < 0 ? -errno : read_answer(answer, (size_t)length, parent);
	}
	free(answer);
	if (fd >= 0)
		close(fd);
	return err;
}

/* The interface of a virtio device, on a bus of its own, is not a child of the PCI device. */
static int find_ancestor(
	const struct sysfs *sysfs, const char *directory, const char *name, char *pci)
{
	char path[PATH_MAX], found[PCI_ADDRESS_SIZE];

	if (sysfs_resolve(sysfs, directory, name, path))
		return -EOPNOTSUPP;
	device_event_find_pci(path, found);
	if (!*found)
		return -EOPNOTSUPP;
	memcpy(pci, found, sizeof(found));
	return 0;
}

/* Looks it up in a tree that is not this host. */
static int find_in_tree(const struct sysfs *sysfs, const char *name, char *pci)
{
	char directory[sizeof("/sys/class/net/") + IFNAMSIZ];

	snprintf(directory, sizeof(directory), "/sys/class/net/%s", name);
	if (*name == '.' || strchr(name, '/') || !sysfs_exists(sysfs, directory, ""))
		return -ENODEV;
	return find_ancestor(sysfs, directory, "device", pci);
}

int netdev_find_pci(const struct sysfs *sysfs, const char *name, char pci[PCI_ADDRESS_SIZE])
{
	char directory[sizeof("/sys/bus//devices") + sizeof(((struct parent *)NULL)->bus)];
	struct parent parent = { .bus = "" };
	int err;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	if (*sysfs->root)
		return find_in_tree(sysfs, name, pci);
	err = ask_kernel(name, &parent);
	if (err)
		return err;
	if (strcmp(parent.bus, "pci") == 0)
		return pci_address_normalise(parent.name, pci);
	if (!*parent.bus)
		return -EOPNOTSUPP;
	snprintf(directory, sizeof(directory), "/sys/bus/%s/devices", parent.bus);
	return find_ancestor(sysfs, directory, parent.name, pci);
}
