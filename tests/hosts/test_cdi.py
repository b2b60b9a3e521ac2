#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Specifications of the Container Device Interface: refusals, the files, and that a published schema and podman accept
them."""

import contextlib
import json
import os
import pathlib
import unittest

import debian
import place

VFIO_7, VFIO_8 = "0000:01:00.0", "0000:02:00.0"
ON_HOST, NO_CDEV, NO_NODE, BRIDGE = "0000:03:00.0", "0000:04:00.0", "0000:05:00.0", "0000:0a:00.0"
PEER, PEER_ON_HOST = "0000:06:00.0", "0000:06:00.1"
# The schema from Debian: in the version that specifications name, and the newest.
SCHEMAS = {
	"bookworm": "golang-github-container-orchestrated-devices-container-device-interface-dev",
	"trixie": "golang-tags.cncf-container-device-interface-dev",
}
# Words of the command line → exit status and message.
REFUSED = [
	([], 2, "an argument is missing"),
	(["nonsense"], 2, "'nonsense' names no device"),
	([VFIO_7, VFIO_7], 2, f"{VFIO_7} is named twice"),
	([VFIO_7, "01:00.0"], 2, f"{VFIO_7} is named twice"),
	(["--kind=vfio", VFIO_7], 2, "--kind=vfio: expected a vendor and a class"),
	(["--kind=/vfio", VFIO_7], 2, "expected a vendor and a class"),
	(["--kind=a/b/c", VFIO_7], 2, "expected a vendor and a class"),
	(["--kind=a/b ", VFIO_7], 2, "expected a vendor and a class"),
	(["--kind=../b", VFIO_7], 2, "expected a vendor and a class"),
	(["--kind=" + 200 * "a" + "/b", VFIO_7], 2, "expected a vendor and a class"),
	(["--output=x", "--directory=.", VFIO_7], 2, "are mutually exclusive"),
	(["0000:09:00.0"], 1, "there is no such PCI device"),
	([ON_HOST], 1, "it is on no VFIO driver"),
	([VFIO_7, ON_HOST], 1, "it is on no VFIO driver"),
	([BRIDGE], 4, "it is a bridge, which no VFIO driver takes"),
	([NO_CDEV], 4, "the node of a legacy group does not work with an iommufd"),
	([NO_NODE], 1, "/dev/vfio/devices/vfio5 is missing"),
	([PEER], 1, f"{PEER_ON_HOST} shares IOMMU group 6 with it"),
]


def edits(path):
	return {"deviceNodes": [{"path": path, "hostPath": path, "type": "c", "permissions": "rw"}]}


class Cdi(unittest.TestCase):
	def setUp(self):
		self.place = place.Place(self)
		self.place.device(VFIO_7, 7)
		self.place.device(VFIO_8, 8)
		self.place.device(ON_HOST, 3, driver="igb")
		self.place.device(NO_CDEV, 4, cdev=False)
		self.place.device(NO_NODE, 5, node=False)
		self.place.device(PEER, 6)
		self.place.device(PEER_ON_HOST, 9, group=6, driver="igb")
		self.place.device(BRIDGE, 10, driver="pcieport")
		self.place.file(f"/sys/bus/pci/devices/{BRIDGE}/class", "0x060400\n")
		self.place.node("iommu")

	def spec(self, *argv):
		done = self.place.iommuctl("device", "cdi", *argv)
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		return json.loads(done.stdout)

	def test_what_cannot_be_handed_over_is_refused(self):
		for argv, status, message in REFUSED:
			with self.subTest(argv):
				done = self.place.iommuctl("device", "cdi", *argv, cwd=self.place.root)
				self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
				self.assertIn(message, done.stderr)
		self.assertFalse((self.place.root / "x").exists())

	def test_without_iommufd_there_is_nothing_to_hand_over(self):
		(self.place.root / "dev/iommu").unlink()
		done = self.place.iommuctl("device", "cdi", VFIO_7)
		self.assertEqual(done.returncode, 4)
		self.assertIn("/dev/iommu, which it needs, is missing", done.stderr)

	def test_a_process_that_has_the_device_is_named(self):
		"""By either interface of VFIO: the cdev and the legacy group are never both given away."""
		self.place.node("vfio/7")
		for path in ("/dev/vfio/7", "/dev/vfio/devices/vfio7"):
			with self.subTest(path):
				script = f'exec 9<>{path}; "$0" device cdi {VFIO_7}'
				done = self.place.execute("sh", "-c", script, place.PROGRAM)
				self.assertEqual((done.returncode, done.stdout), (1, ""))
				self.assertIn("has it or its legacy group open", done.stderr)

	def test_has_the_cdevs_and_iommufd_and_no_other_node(self):
		self.assertEqual(self.spec(VFIO_7, VFIO_8), {
			"cdiVersion": "0.5.0",
			"kind": "iommuctl.internal/vfio",
			"devices": [
				{"name": VFIO_7, "containerEdits": edits("/dev/vfio/devices/vfio7")},
				{"name": VFIO_8, "containerEdits": edits("/dev/vfio/devices/vfio8")},
			],
			"containerEdits": edits("/dev/iommu"),
		})

	def test_a_class_with_dots_needs_a_later_version(self):
		for kind, version in (("v.org/my.class", "0.6.0"), ("v.org/class", "0.5.0")):
			self.assertEqual(self.spec(f"--kind={kind}", VFIO_7)["cdiVersion"], version)

	def test_json_has_the_same_in_its_envelope(self):
		done = self.place.iommuctl("--json", "device", "cdi", "--kind=example.org/nic", VFIO_7)
		self.assertEqual(json.loads(done.stdout), {"iommuctl": 1, "cdi": self.spec("--kind=example.org/nic", VFIO_7)})

	def test_a_file_is_the_same_and_readable_by_all(self):
		path = self.place.root / "dev/shm/spec.json"
		path.write_text("what was there before\n")
		done = self.place.iommuctl("device", "cdi", "--output=/dev/shm/spec.json", VFIO_7)
		self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "/dev/shm/spec.json\n", ""))
		self.assertEqual(json.loads(path.read_text()), self.spec(VFIO_7))
		self.assertTrue(path.read_text().endswith("}\n"))
		self.assertEqual(path.stat().st_mode & 0o777, 0o644)

	def test_in_a_directory_it_is_named_after_its_kind(self):
		done = self.place.iommuctl("device", "cdi", "--directory=/dev/shm", "--kind=example.org/nic", VFIO_7)
		self.assertEqual(done.stdout, "/dev/shm/example.org-nic.json\n")
		self.assertEqual(os.listdir(self.place.root / "dev/shm"), ["example.org-nic.json"])

	def test_what_is_no_file_is_not_replaced(self):
		target = self.place.root / "dev/shm/target"
		target.write_text("another's\n")
		(self.place.root / "dev/shm/link").symlink_to("target")
		for path, message in {
			"/dev/shm/link": "is not a regular file",
			"/dev/null": "is not a regular file",
			"/dev/shm": "is not a regular file",
			"/dev/none/spec.json": "its directory does not exist",
		}.items():
			with self.subTest(path):
				done = self.place.iommuctl("device", "cdi", f"--output={path}", VFIO_7)
				self.assertEqual((done.returncode, done.stdout), (1, ""))
				self.assertIn(message, done.stderr)
		self.assertEqual(target.read_text(), "another's\n")

	def test_a_full_disk_leaves_what_was_there(self):
		script = ('mount -t tmpfs -o size=8k tmpfs /dev/shm && cd /dev/shm && echo old > spec && '
			'head -c 4096 /dev/zero > filler && { "$0" device cdi --output=spec ' + VFIO_7 +
			'; echo $?; cat spec; ls -A; }')
		done = self.place.execute("sh", "-c", script, place.PROGRAM)
		self.assertEqual(done.stdout.split(), ["1", "old", "filler", "spec"])
		self.assertIn("No space left on device", done.stderr)

	def test_published_schemas_take_it(self):
		try:
			import jsonschema
		except ImportError:
			place.skip_or_fail("python3-jsonschema is missing")
		spec = self.spec(VFIO_7, VFIO_8)
		for suite, package in SCHEMAS.items():
			with self.subTest(suite):
				directory = published(suite, package)
				schema = json.loads((directory / "schema.json").read_text().replace("defs.json#", "#"))
				schema |= json.loads((directory / "defs.json").read_text())
				validator = jsonschema.Draft7Validator(schema)
				validator.validate(spec)
				wrong = json.loads(json.dumps(spec).replace('"hostPath": "', '"hostPath": 1, "x": "', 1))
				self.assertFalse(validator.is_valid(wrong), "the schema is not looked at")

	def test_podman_shows_the_nodes_of_the_named_device_alone(self):
		place.need("podman", "runc")
		self.addCleanup(remove_empty_groups)
		(self.place.root / "run/cdi").mkdir()
		done = self.place.iommuctl("device", "cdi", "--directory=/run/cdi", VFIO_7, VFIO_8)
		self.assertEqual(done.returncode, 0, done.stderr)
		plain = self.podman()
		if plain.returncode:
			self.skipTest(f"podman cannot run a container here: {plain.stderr.strip()}")
		self.assertEqual(plain.stdout, "")
		done = self.podman("--device=iommuctl.internal/vfio=" + VFIO_7)
		self.assertEqual((done.returncode, done.stdout.splitlines()),
			(0, ["/dev/iommu 1:3", "/dev/vfio/devices/vfio7 1:3"]), done.stderr)
		self.assertNotEqual(self.podman("--device=iommuctl.internal/vfio=0000:0f:00.0").returncode, 0)

	def podman(self, *options):
		root = self.place.root
		(root / "rootfs").mkdir(exist_ok=True)
		(root / "rootfs/nodes").write_bytes(pathlib.Path(os.environ["NODES"]).read_bytes())
		(root / "rootfs/nodes").chmod(0o755)
		# On the machine's own /sys, which has its control groups.
		return self.place.execute("podman", "--root", root / "storage", "--runroot", "/run/storage",
			"--storage-driver=vfs", "--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=none", "run",
			"--rm", "--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000",
			*options, "--rootfs", root / "rootfs", "/nodes", "/dev/iommu", "/dev/vfio/devices/vfio7",
			"/dev/vfio/devices/vfio8", "/dev/vfio/7", "/dev/vfio/8", sysfs=False)


def published(suite, package):
	"""The directory of the schema in a package of Debian."""
	return next(debian.files(suite, package).glob("usr/share/gocode/src/**/schema/schema.json")).parent


def remove_empty_groups():
	"""The control groups that podman leaves; one that is in use stays."""
	for parent in pathlib.Path("/sys/fs/cgroup").glob("**/libpod_parent"):
		for group in (parent / "conmon", parent):
			with contextlib.suppress(OSError):
				group.rmdir()


if __name__ == "__main__":
	place.main()
