/* SPDX-License-Identifier: MIT */
/* How command lines and jobs name a device. */
#ifndef CLI_HOST_SELECTOR_H
#define CLI_HOST_SELECTOR_H

#include "host/device.h"
#include "output/failure.h"

enum selector_kind {
	SELECTOR_PCI,	 /* 0000:00:01.0, 00:01.0 or pci:0000:00:01.0 */
	SELECTOR_VFIO,	 /* vfio0 */
	SELECTOR_NETDEV, /* netdev:eth0 */
};

struct selector {
	enum selector_kind kind;
	char name[32]; /* the address in the form of sysfs, "vfio0" or "eth0" */
	bool has_vf;   /* a virtual function of that device: .../vf/0 */
	unsigned int vf;
};

/* The forms, for messages. */
#define SELECTOR_FORMS                                                                             \
	"an address (0000:00:01.0), vfioN, netdev:NAME, netdev:NAME/vf/N or pci:ADDRESS/vf/N"

/* Returns 0, or -EINVAL and leaves @selector alone. */
int selector_parse(const char *text, struct selector *selector);

/* Explains in @message why selector_parse() refuses @text, and which device may be meant. */
void selector_explain(const struct sysfs *sysfs, const char *text, char *message, size_t size);

/* Whether both name the same device, as far as that is known without looking at the host. */
bool selector_is_same(const struct selector *one, const struct selector *other);

/* Finds the address of the device. Returns 0, or -errno with the reason in @failure. */
int selector_find(const struct sysfs *sysfs, const struct selector *selector,
	char pci[PCI_ADDRESS_SIZE], struct failure *failure);

#endif
