# SPDX-License-Identifier: MIT
"""The machines of the rig, and how one is booted."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import iort
import kernel
import patience
from cpio import Archive
from emulator import Emulator
from host import Failure, cache, digest, log, produce

CONSOLE_TAIL = 60
QUIET = ("-nodefaults", "-no-reboot", "-display", "none")
# Idle time is skipped and the guest's clock counts instructions: what a case measures is repeatable.
COUNTED_TIME = ("-accel", "tcg,thread=single", "-smp", "1", "-icount", "shift=1,sleep=off")
# By the host's clock a machine may stand still while the host is busy: that is not a stall of its kernel.
NO_STALLS = "rcupdate.rcu_cpu_stall_suppress=1"
WALL_TIME = ("-accel", "tcg,thread=multi", "-smp", "2")


@dataclass(frozen=True)
class Board:
	"""What the machines of an architecture have in common."""
	kernel: kernel.Kernel
	name: str
	iommu: str # behind the name, unless a machine has its own
	options: tuple[str, ...] # of the emulator
	parameters: str # of the kernel
	console: str
	share: str # the device by which the machine reaches a directory of the host


VIRT = Board(kernel.ARM64_4K, "virt,gic-version=3", ",iommu=smmuv3",
	     ("-global", "arm-smmuv3.stage=nested", "-cpu", "max,pauth-impdef=on"),
	     "acpi=force", "ttyAMA0", "virtio-9p-device")
Q35 = Board(kernel.X86, "q35", "", ("-cpu", "max,la57=off"), "", "ttyS0", "virtio-9p-pci")
# With the kernels of today's hosts.
VIRT_6_12 = replace(VIRT, kernel=kernel.LINUX_6_12)
VIRT_6_18 = replace(VIRT, kernel=kernel.LINUX_6_18)


@dataclass(frozen=True)
class Machine:
	devices: tuple[str, ...]
	canwbs: bool = False
	board: Board = VIRT
	parameters: str = "" # of the kernel, beside those of the board
	suite: str = "rig"
	el2: bool = False # KVM works; the time is the host's
	emulator: str = "stable"
	own_smmus: bool = False # they are among the devices
	wire: int = 0 # how many of the devices are on one wire, as netdev=wire0 and up
	guest_64k: bool = False # with EL2: a guest may have pages of 64K
	peer: bool = False # the newest QEMU for arm64 is in it, under /peer
	udevd: bool = False # so is udevd; the time is the host's: counted, it would run away while files of /peer are read
	case_seconds: int = 60 # by the guest's clock
	patience: int = 1 # by the host's: how many times that of all tests


TEST_DEVICES = ("edu,addr=1.0,dma_mask=0xffffffff", "edu,addr=2.0,dma_mask=0xffffffff", "igb,addr=3.0")
KVM_DEVICES = (*TEST_DEVICES[:-1], "igb,addr=3.0,netdev=wire0", "igb,addr=5.0,netdev=wire1")
TWO_SMMUS = ("arm-smmuv3,primary-bus=pcie.0,id=smmu0",
	     "pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0,addr=8.0",
	     "arm-smmuv3,primary-bus=pcie.1,id=smmu1",
	     "edu,bus=pcie.0,addr=1.0,dma_mask=0xffffffff",
	     "igb,bus=pcie.0,addr=3.0,netdev=wire0",
	     "igb,bus=pcie.0,addr=5.0,netdev=wire1",
	     "pcie-root-port,bus=pcie.1,addr=0.0,id=port1,chassis=1",
	     "igb,bus=port1,netdev=wire2",
	     "pcie-root-port,bus=pcie.1,addr=1.0,id=port2,chassis=2",
	     "edu,bus=port2,dma_mask=0xffffffff")
# An IOMMU comes before the devices behind it.
VTD = "intel-iommu,scalable-mode=on,fsts=on,svm=on,pasid-bits=20,intremap=on,device-iotlb=on,snoop-control=on"
AMD_IOMMU = ("AMDVI-PCI,id=ivhd,addr=6.0", "amd-iommu,pci-id=ivhd,intremap=on,xtsup=on,dma-remap=on")
MACHINES = {
	# Firmware says that the device's DMA is always coherent: nesting is allowed.
	"nested": Machine(TEST_DEVICES, canwbs=True),
	# QEMU's own firmware: the kernel refuses a vIOMMU.
	"no-canwbs": Machine(TEST_DEVICES, canwbs=False),
	# Two functions of one device, which nothing isolates from each other: one IOMMU group.
	"shared-group": Machine(("edu,addr=1.0,multifunction=on,dma_mask=0xffffffff",
				 "edu,addr=1.1,dma_mask=0xffffffff"), canwbs=True),
	# As "nested", with an NVMe drive that has no media: one of each device that a selftest can use.
	"lab": Machine((*TEST_DEVICES, "nvme,addr=4.0,serial=rig"), canwbs=True),
	# As "nested", with older kernels: without nesting, and without later additions to nesting.
	"linux-6.12": Machine(TEST_DEVICES, canwbs=True, board=VIRT_6_12),
	"linux-6.18": Machine(TEST_DEVICES, canwbs=True, board=VIRT_6_18),
	# As "nested", with Debian's udevd under /peer.
	"udevd": Machine(TEST_DEVICES, canwbs=True, udevd=True, case_seconds=600),
	# As "nested", for cases that would hold up all others.
	"patient": Machine(TEST_DEVICES, canwbs=True, suite="rig-long", case_seconds=1200, patience=4),
	# As "nested", for kernels that run out of memory: lasting damage ends with this machine.
	"failing": Machine(TEST_DEVICES, canwbs=True, suite="rig-long", case_seconds=7200, patience=4),
	# As "nested", with EL2 and a KVM guest's boot files in /guest; igb 0000:00:05.0 is the host's end of the wire.
	"kvm": Machine(KVM_DEVICES, canwbs=True, el2=True, case_seconds=1200, patience=4, wire=2),
	# As "kvm", with two SMMUs: behind the second are an igb, 0000:09:00.0, and an edu, 0000:0a:00.0.
	"two-smmus": Machine(TWO_SMMUS, canwbs=True, el2=True, case_seconds=1200, patience=4,
			     emulator="newest", own_smmus=True, wire=3),
	# As "kvm" and "two-smmus", for cases that carry 16 MiB over the wire: minutes each, and not for every check.
	"kvm-traffic": Machine(KVM_DEVICES, canwbs=True, suite="rig-traffic", el2=True, case_seconds=1200, patience=4, wire=2,
			       guest_64k=True),
	"two-smmus-traffic": Machine(TWO_SMMUS, canwbs=True, suite="rig-traffic", el2=True, case_seconds=1200, patience=4,
				     emulator="newest", own_smmus=True, wire=3),
	# As "kvm", with the newest QEMU inside: for comparisons, and as a VMM that gets devices handed over.
	"peer": Machine(KVM_DEVICES, canwbs=True, suite="rig-long", el2=True, case_seconds=3600, patience=4, emulator="newest",
			wire=2, peer=True),
	# VT-d as far as the emulator implements it, without nesting; edu and igb have no PASIDs.
	"intel": Machine((VTD, *TEST_DEVICES), board=Q35, parameters="intel_iommu=on,sm_on", emulator="newest"),
	# The same, with a kernel that does not use it by default.
	"intel-unused": Machine((VTD, *TEST_DEVICES), board=Q35, emulator="newest"),
	# An AMD IOMMU as far as the emulator implements it: no nesting, no dirty tracking. Since Linux 7.3 the kernel treats
	# the emulator's address of the IOAPIC as a firmware bug, and remaps no interrupts.
	"amd": Machine((*AMD_IOMMU, *TEST_DEVICES), board=Q35, parameters="iommufd.allow_unsafe_interrupts=1", emulator="newest"),
	"amd-isolating": Machine((*AMD_IOMMU, *TEST_DEVICES), board=Q35, emulator="newest"),
}


@dataclass(frozen=True)
class Boot:
	"""Everything that a machine needs to start."""
	emulator: Emulator
	kernel: Path
	machine: Machine
	system: bytes
	cases: bytes = b""
	wallclock: bool = False
	shared: Path | None = None # what the machine has under /peer/usr


def platform(machine: Machine) -> tuple[str, ...]:
	"""With EL2 for KVM, and memory for a guest, if the machine has that."""
	board = machine.board
	name = board.name + (",virtualization=on" if machine.el2 else "") + ("" if machine.own_smmus else board.iommu)
	return ("-M", name, "-m", "3G" if machine.el2 else "1G", *board.options, *QUIET)


def devices(machine: Machine) -> list[str]:
	"""The devices, and the wire that some of them are on: a hub inside the emulator, which leads nowhere else."""
	wire = [("-netdev", f"hubport,id=wire{end},hubid=0") for end in range(machine.wire)]
	return [argument for pair in (*wire, *(("-device", device) for device in machine.devices)) for argument in pair]


def override_tables(boot: Boot) -> bytes:
	"""The first part of the initrd: ACPI tables in place of the firmware's."""
	if not boot.machine.canwbs:
		return b""

	def read(directory: Path) -> None:
		log.info("reading the machine's ACPI tables")
		run(replace(boot, machine=replace(boot.machine, canwbs=False)), directory, mode="tables")

	known = digest(boot.emulator.version, platform(boot.machine), boot.machine.devices)
	tables = produce(cache() / "tables" / known, read)
	archive = Archive()
	archive.file("kernel/firmware/acpi/iort.aml", iort.with_canwbs((tables / "IORT").read_bytes()))
	return archive.finish()


def run(boot: Boot, results: Path, mode: str) -> None:
	"""Boots, and has the guest's init do what `mode` says and leave the outcome in `results`."""
	with tempfile.TemporaryDirectory(prefix="iommuctl-rig-") as scratch:
		console = Path(scratch, "console")
		process = subprocess.Popen(
			command(boot, Path(scratch), results, mode, ("-serial", f"file:{console}")),
			stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
		started = time.monotonic()
		limit = boot.machine.patience * patience.SECONDS
		try:
			said, _ = process.communicate(timeout=limit)
		except subprocess.TimeoutExpired:
			process.kill()
			said, _ = process.communicate()
			raise Failure(f"the machine did not finish in {limit} s\n{said}{tail(console)}")
		finally:
			process.kill()
		if process.returncode or not (results / "finished").exists():
			raise Failure(f"the machine stopped early (QEMU: exit {process.returncode})\n{said}{tail(console)}")
		log.info("the machine ran for %.1f s", time.monotonic() - started)


def interact(boot: Boot, results: Path) -> None:
	"""Boots with the console on this terminal."""
	with tempfile.TemporaryDirectory(prefix="iommuctl-rig-") as scratch:
		arguments = command(boot, Path(scratch), results, "shell",
				    ("-chardev", "stdio,id=terminal,signal=off", "-serial", "chardev:terminal"))
		subprocess.run(arguments, check=False)


def command(boot: Boot, scratch: Path, results: Path, mode: str, serial: tuple[str, ...]) -> list[str]:
	initrd = scratch / "initrd"
	initrd.write_bytes(override_tables(boot) + boot.system + boot.cases)
	board = boot.machine.board
	append = (f"console={board.console} {board.parameters} {boot.machine.parameters} rdinit=/init panic=-1 "
		  f"rig={mode} rig-case-seconds={boot.machine.case_seconds}")
	wallclock = boot.wallclock or boot.machine.el2 or boot.machine.udevd
	if wallclock:
		append += f" {NO_STALLS}"
	return [*boot.emulator.command, *platform(boot.machine), *(WALL_TIME if wallclock else COUNTED_TIME),
		"-kernel", str(boot.kernel), "-initrd", str(initrd),
		"-append", append, *devices(boot.machine), *share(board, "results", results),
		*(share(board, "peer", boot.shared, ",readonly=on") if boot.shared else ()), *serial]


def share(board: Board, name: str, directory: Path, options: str = "") -> tuple[str, ...]:
	return ("-fsdev", f"local,id={name},path={directory},security_model=none{options}",
		"-device", f"{board.share},fsdev={name},mount_tag={name}")


def tail(console: Path) -> str:
	lines = console.read_text(errors="replace").splitlines() if console.exists() else []
	return "the end of its console:\n" + "\n".join(lines[-CONSOLE_TAIL:])
