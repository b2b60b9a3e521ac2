# SPDX-License-Identifier: MIT
"""A host's /sys and /dev as a tree of files, for commands with --root."""

import json
import os
import pathlib


def extended_space(capabilities):
	"""A configuration space of 4096 bytes whose extended capabilities have these ids."""
	space = bytearray(4096)
	for number, identity in enumerate(capabilities):
		at = 0x100 + 0x40 * number
		behind = at + 0x40 if number + 1 < len(capabilities) else 0
		space[at:at + 4] = (identity | 1 << 16 | behind << 20).to_bytes(4, "little")
	return bytes(space)


class Tree:
	def __init__(self, root):
		self.root = pathlib.Path(root)

	def file(self, path, content):
		whole = self.root / path.lstrip("/")
		whole.parent.mkdir(parents=True, exist_ok=True)
		whole.write_bytes(content if isinstance(content, bytes) else content.encode())

	def link(self, path, target):
		"""A link to a place below the same root, relative as in sysfs."""
		whole = self.root / path.lstrip("/")
		whole.parent.mkdir(parents=True, exist_ok=True)
		aim = self.root / target.lstrip("/")
		whole.symlink_to(os.path.relpath(aim, whole.parent))

	def device(self, pci, device="1234:11e8", pci_class="00ff00", driver=None, group=None, iommu=None, numa=None,
			vfio=None, netdev=None, capabilities=None, below="pci0000:00"):
		"""A PCI device; returns the directory that its link on the bus leads to."""
		home = f"/sys/devices/{below}/{pci}"
		vendor, number = device.split(":")
		self.file(f"{home}/vendor", f"0x{vendor}\n")
		self.file(f"{home}/device", f"0x{number}\n")
		self.file(f"{home}/class", f"0x{pci_class}\n")
		named = f"DRIVER={driver}\n" if driver else ""
		self.file(f"{home}/uevent", f"{named}PCI_CLASS={pci_class.lstrip('0').upper()}\nPCI_ID={device.upper()}\n")
		self.file(f"{home}/driver_override", "(null)\n")
		self.file(f"{home}/config", bytes(256) if capabilities is None else extended_space(capabilities))
		self.link(f"/sys/bus/pci/devices/{pci}", home)
		if numa is not None:
			self.file(f"{home}/numa_node", f"{numa}\n")
		if driver:
			self.file(f"/sys/bus/pci/drivers/{driver}/bind", "")
			self.link(f"{home}/driver", f"/sys/bus/pci/drivers/{driver}")
		if group is not None:
			self.link(f"/sys/kernel/iommu_groups/{group}/devices/{pci}", home)
			self.link(f"{home}/iommu_group", f"/sys/kernel/iommu_groups/{group}")
			self.file(f"/sys/kernel/iommu_groups/{group}/reserved_regions",
				"0x0000000008000000 0x00000000080fffff msi\n")
		if iommu:
			self.file(f"/sys/class/iommu/{iommu}/uevent", "")
			self.link(f"{home}/iommu", f"/sys/class/iommu/{iommu}")
		if vfio is not None:
			self.file(f"{home}/vfio-dev/vfio{vfio}/dev", f"510:{vfio}\n")
			self.link(f"{home}/vfio-dev/vfio{vfio}/device", home)
			self.link(f"/sys/class/vfio-dev/vfio{vfio}", f"{home}/vfio-dev/vfio{vfio}")
			self.file(f"/dev/vfio/devices/vfio{vfio}", "")
		if netdev:
			self.file(f"{home}/net/{netdev}/flags", "0x1002\n")
			self.link(f"{home}/net/{netdev}/device", home)
			self.link(f"/sys/class/net/{netdev}", f"{home}/net/{netdev}")
		return home

	def virtual_functions(self, home, total, functions, offset, stride=1):
		"""Gives a device SR-IOV, with virtual functions that already exist, by their addresses."""
		self.file(f"{home}/sriov_totalvfs", f"{total}\n")
		self.file(f"{home}/sriov_numvfs", f"{len(functions)}\n")
		self.file(f"{home}/sriov_offset", f"{offset}\n")
		self.file(f"{home}/sriov_stride", f"{stride}\n")
		for number, pci in enumerate(functions):
			self.link(f"{home}/virtfn{number}", f"/sys/bus/pci/devices/{pci}")
			self.link(f"/sys/bus/pci/devices/{pci}/physfn", home)


def build(description, root):
	"""Makes the tree described by a JSON file: arguments of the methods above, by their names."""
	tree = Tree(root)
	described = json.loads(pathlib.Path(description).read_text())
	homes = {device["pci"]: tree.device(**device) for device in described["devices"]}
	for functions in described.get("virtual-functions", []):
		tree.virtual_functions(homes[functions.pop("of")], **functions)
	for path, content in described.get("files", {}).items():
		tree.file(path, content)
	for path, target in described.get("links", {}).items():
		tree.link(path, target)
	return tree
