#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long the command takes to start, and to list 500 devices, compared with "true" and lspci.

Of each the processes are started in turn, so that what else the machine does meets all alike. The median and the
fastest start are printed, in milliseconds and as ratios to "true". lspci shows this host's own devices."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

from support import host_tree  # noqa: E402

SMMU = "smmu3.0x0000000011000000"
# AER, ARI, SR-IOV, ATS, PRI, PASID, L1 PM and DVSEC, as cards have them.
CAPABILITIES = [0x01, 0x0e, 0x10, 0x0f, 0x13, 0x1b, 0x1e, 0x23]
CARDS = 100
FUNCTIONS = 4


def host_of_500(root):
	"""100 network cards, each with 4 virtual functions on vfio-pci, on two nodes."""
	tree = host_tree.Tree(root)
	for card in range(CARDS):
		bus, numa = f"0000:{card + 1:02x}", card % 2
		first = card * (FUNCTIONS + 1)
		home = tree.device(f"{bus}:00.0", device="8086:10c9", pci_class="020000", driver="igb", group=first,
			iommu=SMMU, numa=numa, netdev=f"eth{card}", capabilities=CAPABILITIES)
		functions = [f"{bus}:00.{number + 1}" for number in range(FUNCTIONS)]
		for number, pci in enumerate(functions, first + 1):
			tree.device(pci, device="8086:10ca", pci_class="020000", driver="vfio-pci", group=number, iommu=SMMU,
				numa=numa, vfio=number, capabilities=CAPABILITIES)
		tree.virtual_functions(home, 7, functions, 1)


def measure(programs, rounds):
	"""The times of each program in milliseconds, by its name."""
	times = {name: [] for name in programs}
	for _ in range(rounds):
		for name, argv in programs.items():
			before = time.perf_counter()
			subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
			times[name].append((time.perf_counter() - before) * 1e3)
	return times


def main():
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("iommuctl", type=os.path.abspath)
	parser.add_argument("--rounds", type=int, default=100)
	arguments = parser.parse_args()
	with tempfile.TemporaryDirectory() as root:
		host_of_500(root)
		programs = {
			"true": ["true"],
			"iommuctl --version": [arguments.iommuctl, "--version"],
			"device list, 500 devices": [arguments.iommuctl, "device", "list", f"--root={root}"],
			"the same --json": [arguments.iommuctl, "--json", "device", "list", f"--root={root}"],
			"device list, this host": [arguments.iommuctl, "device", "list"],
		}
		if shutil.which("lspci"):
			programs["lspci, this host"] = ["lspci", "-k"]
		times = measure(programs, arguments.rounds)
	base = {name: summary(times["true"]) for name, summary in (("median", statistics.median), ("fastest", min))}
	print(f"{'':26}{'median ms':>10}{'/ true':>8}{'- true':>8}{'fastest ms':>12}{'/ true':>8}{'- true':>8}")
	for name, taken in times.items():
		median, fastest = statistics.median(taken), min(taken)
		print(f"{name:26}{median:10.2f}{median / base['median']:8.1f}{median - base['median']:8.2f}"
			f"{fastest:12.2f}{fastest / base['fastest']:8.1f}{fastest - base['fastest']:8.2f}")


if __name__ == "__main__":
	main()
