#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares libiommuctl/abi with the kernel's own headers.

  check_abi.py alone  --abi DIR -- CC...                   each header compiles by itself
  check_abi.py values --abi DIR [--headers DIR] -- CC...   every number is the kernel's
  check_abi.py 32bit  --abi DIR [--headers DIR] -- CC...   both of these for a 32-bit target
  check_abi.py test   --abi DIR --source FILE [--headers DIR] -- CC...
                                                           iommufd_test.h is the kernel's own, FILE

Our names follow from the kernel's by one rule (see ours()), so that nobody keeps a list. Whatever only
one side declares is reported by name.
Exit status: 0 proven, 1 not, 77 skipped, with the reason printed.
"""
import argparse
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
DECLARED_LINUX = (7, 3)
FAILED, SKIPPED = 1, 77
# The kernel installs no header with its contents: only the kernel's source can be compared with it.
PRIVATE = "iommufd_test.h"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wundef"]
C = ["-x", "c", "-std=gnu11"]
I386 = "i386-linux-gnu"

PREFIXES = {
	"IOMMUFD_": "ABI_", "IOMMU_": "ABI_", "VFIO_": "ABI_VFIO_",
	"VIRTIO_IOMMU_": "ABI_VIRTIO_IOMMU_",
	"iommufd_": "abi_", "iommu_": "abi_", "vfio_": "abi_vfio_",
	"virtio_iommu_": "abi_virtio_iommu_",
}
FIELD = re.compile(r"[\w*][\s*]+(\w+)\s*(\[\w*\])?\s*(__counted_by\(\w+\))?$")
# Our ioctl numbers, which are compared, spell these out.
IOMMUFD_NOT_MIRRORED = re.compile(r"IOMMUFD_(TYPE|CMD_\w+)$")
# We declare a part of vfio.h: these families, and every structure that we have, must be complete.
VFIO_MIRRORED = re.compile(r"""VFIO_(
	GROUP_\w+ | (GET|CHECK|SET)_\w+ | API_VERSION |
	DEVICE_(FLAGS|BIND|ATTACH|DETACH)_\w+ |
	DEVICE_(GET_INFO|GET_\w+_INFO|SET_IRQS|RESET|PCI_HOT_RESET|FEATURE|IOEVENTFD)(_\w+)? |
	DEVICE_STATE_(?!NR|MASK|V1_)\w+ | MIGRATION_\w+ | MIG_\w+ | PRECOPY_INFO_\w+ |
	REGION_INFO_FLAG_\w+ | REGION_INFO_CAP_(?!NVLINK2)\w+ |
	IRQ_INFO_\w+ | IRQ_SET_(DATA|ACTION)_[A-Z]+ |
	PCI_\w+_(REGION|IRQ)_INDEX | PCI_NUM_\w+ | PCI_(ATOMIC|HOT_RESET|DEVID)_\w+
)$""", re.VERBOSE)


class Stop(Exception):
	def __init__(self, status, reason):
		super().__init__(reason)
		self.status = status


class Declarations:
	"""The constants and structures that a header declares."""

	def __init__(self, *paths):
		text = "\n".join(path.read_text() for path in paths)
		text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)
		text = text.replace("\\\n", " ")
		self.constants = re.findall(r"^[ \t]*#define[ \t]+(\w+)[ \t]+\S", text, re.M)
		text = re.sub(r"^[ \t]*#.*", "", text, flags=re.M)
		for body in re.findall(r"\benum\b\s*\w*\s*\{([^}]*)\}", text):
			self.constants += re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", body.strip())
		structs = re.findall(r"^struct (\w+) \{(.*?)^\};", text, re.M | re.DOTALL)
		self.structs = {name: fields(name, body) for name, body in structs}


def fields(struct, body):
	"""Map each field to how one element of it is spelled."""
	found = {}
	flat = re.sub(r"\bunion\s*\{|\}", " ", body)
	for declaration in filter(None, (part.strip() for part in flat.split(";"))):
		match = FIELD.search(declaration)
		if not match:
			raise Stop(FAILED, f"cannot read a field of struct {struct}: {declaration}")
		name, dimension = match[1], match[2]
		found[name] = name + "[0]" if dimension == "[]" else name
	return found


def ours(kernel_name):
	for prefix, replacement in PREFIXES.items():
		if kernel_name.startswith(prefix):
			return replacement + kernel_name[len(prefix):]
	return None


def our_field(kernel_field):
	return kernel_field.lstrip("_")


def kernel_constants(include):
	iommufd = Declarations(include / "linux/iommufd.h").constants
	vfio = Declarations(include / "linux/vfio.h").constants
	required = [name for name in iommufd
		    if ours(name) and not IOMMUFD_NOT_MIRRORED.match(name)]
	required += filter(ours, Declarations(include / "linux/virtio_iommu.h").constants)
	required += filter(VFIO_MIRRORED.match, vfio)
	return required, [name for name in vfio if ours(name) and name not in required]


def public_headers(abi):
	return [header for header in sorted(abi.glob("*.h")) if header.name != PRIVATE]


def compare_names(abi, include):
	"""Return the rows to compare and the names that only one side has."""
	our = Declarations(*public_headers(abi))
	our_constants = {name for name in our.constants if name.startswith("ABI_")}
	rows, problems = [], []

	required, optional = kernel_constants(include)
	for name in required + optional:
		if ours(name) in our_constants:
			rows.append((ours(name), name))
		elif name in required:
			problems.append(f"{name} has no {ours(name)}")
	compared = {name for name, _ in rows}
	problems += [f"{name} is not the kernel's" for name in our_constants - compared]

	iommufd = Declarations(include / "linux/iommufd.h").structs
	vfio = Declarations(include / "linux/vfio.h").structs
	virtio = Declarations(include / "linux/virtio_iommu.h").structs
	kernel = {ours(name): (name, members)
		  for name, members in (vfio | iommufd | virtio).items()}
	problems += [f"struct {name} has no struct {ours(name)}"
		     for name in iommufd | virtio if ours(name) not in our.structs]
	for name, members in our.structs.items():
		if name not in kernel:
			problems.append(f"struct {name} is not the kernel's")
			continue
		struct_rows, struct_problems = compare_struct(name, members, *kernel[name])
		rows += struct_rows
		problems += struct_problems
	return rows, sorted(problems)


def compare_struct(name, members, kernel_name, kernel_members):
	rows = [(f"{operator}(struct {name})", f"{operator}(struct {kernel_name})")
		for operator in ("sizeof", "_Alignof")]
	problems = [f"struct {name} has no field {our_field(field)}"
		    for field in kernel_members if our_field(field) not in members]
	of_kernel = {our_field(field): field for field in kernel_members}
	for field, element in members.items():
		if field not in of_kernel:
			problems.append(f"struct {kernel_name} has no field {field}")
			continue
		theirs = of_kernel[field]
		rows.append((f"offsetof(struct {name}, {field})",
			     f"offsetof(struct {kernel_name}, {theirs})"))
		rows.append((f"sizeof(((struct {name} *)0)->{element})",
			     f"sizeof(((struct {kernel_name} *)0)->{kernel_members[theirs]})"))
	return rows, problems


def run(command, **options):
	return subprocess.run([str(word) for word in command], text=True, check=False, **options)


def system_include(cc):
	"""The directory in which the compiler itself finds <linux/iommufd.h>, or None."""
	done = run([*cc, "-E", "-x", "c", "-"], input="#include <linux/iommufd.h>\n",
		   capture_output=True)
	found = re.search(r'^# \d+ "([^"]+)/linux/iommufd\.h"', done.stdout, re.M)
	return Path(found[1]) if done.returncode == 0 and found else None


def linux_version(include):
	try:
		text = (include / "linux/version.h").read_text()
	except OSError:
		return (0, 0)
	code = int(re.search(r"LINUX_VERSION_CODE\s+(\d+)", text)[1])
	return (code >> 16, code >> 8 & 0xff)


def kernel_include(wanted, cc):
	"""The headers to compare with. Those asked for must be new enough; the system's may be too old."""
	include = Path(wanted) if wanted else system_include(cc)
	needs = "Linux {}.{} or newer".format(*DECLARED_LINUX)
	if not include:
		raise Stop(SKIPPED, f"no <linux/iommufd.h>: set -Dkernel_headers ({needs})")
	version = linux_version(include)
	if version >= DECLARED_LINUX:
		return include
	reason = f"{include} has headers of Linux {version[0]}.{version[1]}; this needs {needs}"
	if wanted:
		raise Stop(FAILED, reason)
	raise Stop(SKIPPED, f"{reason}: set -Dkernel_headers")


def include_flags(include, triplet):
	"""Debian keeps asm/ of each architecture in a directory of its own."""
	directories = [include, include / triplet]
	return [f"-isystem{path}" for path in directories if path.is_dir()]


def write_sources(abi, rows, directory):
	includes = ["<linux/iommufd.h>", "<linux/vfio.h>", "<linux/virtio_iommu.h>"]
	includes += [f'"{header.resolve()}"' for header in public_headers(abi)]
	(directory / "headers.h").write_text("".join(f"#include {name}\n" for name in includes))
	(directory / "rows.h").write_text("".join(f"ROW({a}, {b})\n" for a, b in rows))


def report(problems):
	for problem in problems:
		print(problem)
	return not problems


def check_alone(abi, command, languages):
	headers = sorted(abi.glob("*.h"))
	results = [run([*command, *language, *WARNINGS, f"-I{abi.parent}", "-fsyntax-only", header]).returncode
		   for header in headers for language in languages]
	return headers and not any(results)


def check_values(abi, include, cc):
	rows, problems = compare_names(abi, include)
	named_alike = report(problems)
	flags = include_flags(include, f"{platform.machine()}-linux-gnu")
	with tempfile.TemporaryDirectory() as directory:
		write_sources(abi, rows, Path(directory))
		program = Path(directory) / "compare"
		built = run([*cc, *C, *WARNINGS, *flags, f"-I{directory}", f"-I{abi.parent}", f"-I{SUPPORT}",
			     HERE / "compare.c", "-o", program])
		return built.returncode == 0 and run([program]).returncode == 0 and named_alike


def compiler_for_i386(cc):
	"""Debian's gcc knows -m32 without a 32-bit libc, clang knows every target."""
	probe = '_Static_assert(sizeof(void *) == 4, "");\n#include <stdint.h>\n'
	for command in ([*cc, "-m32"], [*cc, f"--target={I386}"], ["clang", f"--target={I386}"]):
		command.append("-ffreestanding")
		try:
			done = run([*command, "-fsyntax-only", "-x", "c", "-"], input=probe,
				   capture_output=True)
		except FileNotFoundError:
			continue
		if done.returncode == 0:
			return command
	raise Stop(SKIPPED, "no compiler here has a 32-bit x86 target (gcc -m32 or clang)")


def check_32bit(abi, include, cc):
	if not (include / I386 / "asm").is_dir():
		raise Stop(SKIPPED, f"{include} has no {I386}/asm")
	command = [*compiler_for_i386(cc), *include_flags(include, I386)]
	rows, _ = compare_names(abi, include)
	with tempfile.TemporaryDirectory() as directory:
		write_sources(abi, rows, Path(directory))
		done = run([*command, *C, *WARNINGS, f"-I{directory}", f"-I{abi.parent}", "-fsyntax-only",
			    HERE / "assert.c"])
	return done.returncode == 0 and check_alone(abi, command, [C])


def members(declarations, indent=""):
	"""The fields of a structure, from its text; those of structures inside a union have their path."""
	text = re.sub(r"\bunion\s*\{(.*)\}\s*;", r"\1", declarations, flags=re.DOTALL)
	for body, name in re.findall(r"struct \{(.*?)\} (\w+);", text, re.DOTALL):
		yield from (f"{indent}{name}.{field}" for field in members(body))
	for _, name in re.findall(r"(\w+)\s+(\w+);", re.sub(r"struct \{.*?\} \w+;", "", text, flags=re.DOTALL)):
		yield indent + name


def without_comments(path):
	return re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.DOTALL)


def plain(path):
	return re.sub(r"^[ \t]*#.*", "", without_comments(path), flags=re.M)


def private_rows(abi, source):
	"""Rows for each of our names, and for each field of our structures with its offset."""
	rows = []
	for name in sorted(set(re.findall(r"\bABI_(\w+)", without_comments(abi / PRIVATE)))):
		rows.append((f"ABI_{name}", name if name.startswith("MOCK_") else f"IOMMU_{name}"))
	structs = dict(re.findall(r"^struct (\w+) \{(.*?)^\};", plain(abi / PRIVATE), re.M | re.DOTALL))
	kernels = dict(re.findall(r"^struct (\w+) \{(.*?)^\};", plain(source), re.M | re.DOTALL))
	problems = []
	for name, body in structs.items():
		theirs = name.replace("abi_", "iommu_", 1)
		rows.append((f"sizeof(struct {name})", f"sizeof(struct {theirs})"))
		kernel_fields = {field.replace("__reserved", "reserved"): field for field in members(kernels.get(theirs, ""))}
		our_fields = set(members(body))
		problems += [f"struct {name} and struct {theirs} differ in {field}"
			     for field in our_fields ^ set(kernel_fields)]
		rows += [(f"offsetof(struct {name}, {field})", f"offsetof(struct {theirs}, {kernel_fields[field]})")
			 for field in sorted(our_fields & set(kernel_fields))]
		rows += [(f"sizeof(((struct {name} *)0)->{field})", f"sizeof(((struct {theirs} *)0)->{kernel_fields[field]})")
			 for field in sorted(our_fields & set(kernel_fields))]
	return rows, problems


def check_private(abi, source, include, cc):
	rows, problems = private_rows(abi, source)
	flags = include_flags(include, f"{platform.machine()}-linux-gnu")
	with tempfile.TemporaryDirectory() as directory:
		write_sources(abi, rows, Path(directory))
		with (Path(directory) / "headers.h").open("a") as headers:
			headers.write(f'#include "{(abi / PRIVATE).resolve()}"\n#include "{source.resolve()}"\n')
		program = Path(directory) / "compare"
		built = run([*cc, *C, *WARNINGS, *flags, f"-I{directory}", f"-I{abi.parent}", f"-I{SUPPORT}",
			     HERE / "compare.c", "-o", program])
		return report(problems) and built.returncode == 0 and run([program]).returncode == 0


def main():
	parser = argparse.ArgumentParser()
	parser.add_argument("check", choices=["alone", "values", "32bit", "test"])
	parser.add_argument("--abi", type=Path, required=True)
	parser.add_argument("--headers", default="")
	parser.add_argument("--source", type=Path)
	parser.add_argument("--language", choices=["c", "c++"], default="c")
	parser.add_argument("cc", nargs="+")
	args = parser.parse_args()
	try:
		if args.check == "alone":
			language = C if args.language == "c" else ["-x", "c++"]
			proven = check_alone(args.abi, args.cc, [language])
		else:
			include = kernel_include(args.headers, args.cc)
			check = check_values if args.check == "values" else check_32bit
			if args.check == "test":
				proven = check_private(args.abi, args.source, include, args.cc)
			else:
				proven = check(args.abi, include, args.cc)
	except Stop as stop:
		print(stop)
		return stop.status
	return 0 if proven else FAILED


if __name__ == "__main__":
	sys.exit(main())
