// SPDX-License-Identifier: MIT
#include "host/netdev.h"
#include "output/memory.h"

#include <errno.h>
#include <libudev.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>

/* The interface's answer to RTM_GETLINK. */
struct link_answer {
	char bus[16]; /* of the parent device; "" if the interface has none */
	char parent[64];
	unsigned int virtual_functions;
};

static int read_answer(struct nl_msg *message, void *data)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_NUM_VF] = { .type = NLA_U32 },
		[IFLA_PARENT_DEV_NAME] = { .type = NLA_STRING },
		[IFLA_PARENT_DEV_BUS_NAME] = { .type = NLA_STRING },
	};
	struct nlattr *attributes[IFLA_MAX + 1];
	struct link_answer *answer = data;

	if (nlmsg_parse(nlmsg_hdr(message), sizeof(struct ifinfomsg), attributes, IFLA_MAX,
		    policy) < 0)
		return NL_SKIP;
	if (attributes[IFLA_PARENT_DEV_BUS_NAME])
		nla_strlcpy(answer->bus, attributes[IFLA_PARENT_DEV_BUS_NAME], sizeof(answer->bus));
	if (attributes[IFLA_PARENT_DEV_NAME])
		nla_strlcpy(answer->parent, attributes[IFLA_PARENT_DEV_NAME],
			sizeof(answer->parent));
	if (attributes[IFLA_NUM_VF])
		answer->virtual_functions = nla_get_u32(attributes[IFLA_NUM_VF]);
	return NL_OK;
}

static int errno_of_netlink(int error)
{
	switch (-error) {
	case NLE_SUCCESS: return 0;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND: return -ENODEV;
	case NLE_NOMEM: return -ENOMEM;
	case NLE_PERM: return -EPERM;
	default: return -EIO;
	}
}

/* libnl-route's own link objects do not carry the parent device: the message is read here. */
static int ask_kernel(const char *name, struct link_answer *answer)
{
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_msg *request = NULL;
	int err;

	if (!socket)
		return -ENOMEM;
	err = nl_connect(socket, NETLINK_ROUTE);
	if (!err)
		err = rtnl_link_build_get_request(0, name, &request);
	if (!err)
		err = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, read_answer, answer);
	if (!err) {
		err = nl_send_auto(socket, request);
		err = err < 0 ? err : nl_recvmsgs_default(socket);
	}
	nlmsg_free(request);
	nl_socket_free(socket);
	return errno_of_netlink(err);
}

/* The interface of a virtio device, on a bus of its own, is not a child of the PCI device. */
static int find_pci_ancestor(const char *name, char pci[PCI_ADDRESS_SIZE])
{
	struct udev *udev = udev_new();
	struct udev_device *interface, *ancestor = NULL;
	int err = -ENOTSUP;

	if (!udev)
		return -ENOMEM;
	interface = memory_checked(udev_device_new_from_subsystem_sysname(udev, "net", name));
	if (interface)
		ancestor = memory_checked(udev_device_get_parent_with_subsystem_devtype(
			interface, "pci", NULL));
	if (ancestor)
		err = pci_address_normalise(udev_device_get_sysname(ancestor), pci);
	udev_device_unref(interface);
	udev_unref(udev);
	return err;
}

int netdev_read(const char *name, struct netdev *netdev)
{
	struct link_answer answer = { .bus = "" };
	struct netdev read;
	int err;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	err = ask_kernel(name, &answer);
	if (err)
		return err;
	if (strcmp(answer.bus, "pci") == 0)
		err = pci_address_normalise(answer.parent, read.pci);
	else
		err = find_pci_ancestor(name, read.pci);
	if (err)
		return err;
	read.virtual_functions = answer.virtual_functions;
	*netdev = read;
	return 0;
}
