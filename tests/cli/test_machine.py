#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The published JSON Schema of model machines agrees with the parser of --model=FILE, and the model takes as many
devices as it promises."""

import json
import pathlib
import re
import sys
import tempfile
import unittest

import table
import test_schema
from test_schema import jsonschema

EVERY_KEY = {
	"$schema": "iommuctl-machine.schema.json",
	"iommuctl": 1,
	"smmus": [
		{"nesting": True, "s2fwb": False, "ril": True, "stall": False, "global-entries": False, "dirty-tracking": True,
			"repeat-tlbi-cfgi": True, "oas-bits": 44, "ssid-bits": 0, "tlb-entries": "0x100",
			"cmdqv": {"queues": 2, "vsids": 16, "interfaces": 64}},
		{"type": "vtd", "scalable-mode": True, "five-levels": False, "supervisor": True, "extended-access": False},
	],
	"devices": [
		{"pci": "0000:00:01.0", "smmu": 0, "canwbs": True, "stream-id": 9, "group": 3, "resets": True,
			"memory-bar": True},
		{"pci": "0000:00:02.0", "smmu": 1, "direct": {"start": "0x40000000", "size": "1M"}},
		{"pci": "0000:00:01.2", "pf": "0000:00:01.0"},
	],
}
REPLACEMENTS = [None, True, -1, 2**63, "no such value", [], {}]
# The parser's messages for documents that only it can find wrong.
BEYOND_A_SCHEMA = [
	r'".*" is not a PCI address such as .*',
	r"no SMMU has \d+ bits of output address",
	r"tlb-entries must be a power of two",
	r"queues, vsids and interfaces must be powers of two",
	r"only an SMMUv3 has a CMDQV",
	r"it cannot be behind SMMU \d+, which does not exist",
	r"pf: no device is at .*",
	r'pf: ".*" is not a PCI address such as .*',
]
DEVICES_MAX = 1024


def mutants():
	for path in test_schema.places(EVERY_KEY):
		if not path:
			continue
		where = ".".join(map(str, path))
		yield f"{where} deleted", test_schema.changed(EVERY_KEY, path, test_schema.delete)
		if isinstance(path[-1], str):
			yield f"{where} renamed", test_schema.changed(EVERY_KEY, path, test_schema.rename)
		for value in REPLACEMENTS:
			yield f"{where} replaced by {json.dumps(value)}", test_schema.changed(
				EVERY_KEY, path, test_schema.replace_by(value))


class Machine(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.schema = json.loads(table.run("schema", "machine").stdout)
		cls.validator = jsonschema.Draft202012Validator(cls.schema)

	def setUp(self):
		directory = tempfile.TemporaryDirectory()
		self.addCleanup(directory.cleanup)
		self.work = pathlib.Path(directory.name)

	def run_job(self, machine, job, *options):
		"""The output of a job on a machine, line by line."""
		(self.work / "machine.json").write_text(json.dumps(machine))
		(self.work / "job.json").write_text(json.dumps({"iommuctl": 1, **job}))
		done = table.run("--json", "--model=machine.json", *options, "run", "job.json", cwd=self.work)
		return done, [json.loads(line) for line in done.stdout.splitlines()]

	def verdict(self, machine):
		"""None if the machine is accepted, else the error."""
		done, lines = self.run_job(machine, {})
		if done.returncode == 0:
			return None
		self.assertEqual((done.returncode, lines[0]["error"]["code"]), (3, "bad-model"))
		return lines[0]["error"]["message"]

	def test_is_a_schema(self):
		jsonschema.Draft202012Validator.check_schema(self.schema)
		self.assertEqual(self.schema["title"], "iommuctl model machine")

	@unittest.skipUnless(test_schema.PUBLISHED, "nothing was published in this build")
	def test_the_published_file_has_the_same(self):
		self.assertEqual([json.loads(path.read_text()) for path in test_schema.PUBLISHED], [self.schema])
		self.assertEqual(test_schema.PUBLISHED[0].name, "iommuctl-machine.schema.json")

	def test_without_a_name_it_is_the_schema_of_jobs(self):
		self.assertEqual(table.run("schema").stdout, table.run("schema", "job").stdout)
		self.assertEqual(json.loads(table.run("schema").stdout)["title"], "iommuctl job")

	def test_takes_a_machine_with_every_key(self):
		self.validator.validate(EVERY_KEY)
		self.assertIsNone(self.verdict(EVERY_KEY))
		tried = {place[-1] for place in test_schema.places(EVERY_KEY) if place}
		self.assertLessEqual(set(test_schema.keys(self.schema)), tried)

	def test_agrees_with_the_parser_on_changed_machines(self):
		for name, document in mutants():
			error = next(self.validator.iter_errors(document), None)
			message = self.verdict(document)
			with self.subTest(name):
				if error:
					self.assertIsNotNone(message, f"the schema alone refuses it: {error.message}")
				elif message:
					self.assertTrue(any(re.fullmatch(pattern, message) for pattern in BEYOND_A_SCHEMA),
						f"the parser alone refuses it: {message}")

	def test_devices_up_to_the_limit_are_taken_and_usable(self):
		devices = [{"pci": f"0000:{i >> 5:02x}:{i & 31:02x}.0"} for i in range(DEVICES_MAX)]
		machine = {"iommuctl": 1, "smmus": [{}], "devices": devices}
		job = {
			"memory": {"ram": {"size": "64K", "ipa": "0x40000000"}},
			"devices": {"last": {"pci": devices[-1]["pci"]}},
			"ioas": {"guest": {"map": [{"memory": "ram"}]}},
			"attach": [{"device": "last", "ioas": "guest"}],
			"steps": [
				{"write": {"ipa": "0x40000000", "text": "here"}},
				{"dma": {"device": "last", "from": "0x40000000", "to": "0x40001000",
					"expect": {"ipa": "0x40001000", "text": "here"}}},
			],
		}
		done, lines = self.run_job(machine, job)
		self.assertEqual((done.returncode, lines[-1]["run"]["result"]), (0, "passed"))
		machine["devices"].append({"pci": "0001:00:00.0"})
		self.assertIn(f"at most {DEVICES_MAX}", self.verdict(machine))

	def invalidations(self, smmu, steps):
		"""How many calls invalidate, and the output of the job."""
		machine = {"iommuctl": 1, "smmus": [smmu], "devices": [{"pci": "0000:00:01.0"}]}
		job = {
			"devices": {"edu": {"pci": "0000:00:01.0"}},
			"ioas": {"guest": {}},
			"hwpts": {"s2": {"device": "edu", "ioas": "guest", "nest-parent": True}},
			"viommus": {"v": {"device": "edu", "hwpt": "s2"}},
			"vdevices": {"x": {"viommu": "v", "device": "edu", "vsid": 9}},
			"steps": steps,
		}
		done, lines = self.run_job(machine, job, "--trace")
		return (done.stdout + done.stderr).count('"call":"IOMMU_HWPT_INVALIDATE"'), lines[-1]["run"]["result"]

	def test_an_erratum_has_tlbi_and_cfgi_issued_twice(self):
		tlbi = {"opcode": "TLBI_NSNH_ALL"}
		bad = {"words": [0, 0]}

		def step(*commands, **more):
			return {"invalidate": {"viommu": "v", "commands": commands, **more.pop("arguments", {})}, **more}

		fails = {"expect": {"errno": "EIO"}}
		for steps, once, twice in (
			([step(tlbi)], 1, 2),
			([step({"opcode": "CFGI_CD_ALL", "streamid": 9}), step(tlbi, tlbi)], 2, 4),
			# Only what the kernel has issued is repeated.
			([step(tlbi, bad, **fails)], 1, 1),
			([step(*[tlbi] * 63, bad, arguments={"done": 63}, **fails)], 1, 2),
		):
			with self.subTest(steps):
				self.assertEqual(self.invalidations({}, steps), (once, "passed"))
				self.assertEqual(self.invalidations({"repeat-tlbi-cfgi": True}, steps), (twice, "passed"))


LAB_MACHINE = {
	"$schema": "devices.schema.json",
	"iommuctl": 1,
	"name": "lab",
	"description": "A machine of a laboratory.",
	"devices": {
		"dut": {"pci": "0000:00:01.0", "stimulus": "edu", "vf-token": "00112233-4455-6677-8899-aabbccddeeff"},
		"chosen": {"select": "vfio0", "set-vf-token": "00112233-4455-6677-8899-aabbccddeeff"},
		"function": {"netdev": "eth0", "vf": 0},
		"mock": {"mock": {"pasid": True, "dirty-tracking": True}},
	},
}
# The keys of a job's device, except those that select it.
OF_JOBS = {
	"machine": "another",
	"bind": True,
	"stimulus-memory": {"ipa": 0},
	"fd": "devices.dut",
	"id": 1,
}
JOB_OF_NAMES = {
	"iommuctl": 1,
	"devices": {"edu": {"machine": "dut"}},
	"ioas": {"guest": {}},
	"attach": [{"device": "edu", "ioas": "guest"}],
}


# Devices of a job, those of a machine, and why they do not fit: the job alone does not show it.
TOKEN = "00112233-4455-6677-8899-aabbccddeeff"
PCI = {"pci": "0000:00:01.0"}
ONE, TWO = {"machine": "one"}, {"machine": "two"}
ONLY_FOR_DEVICES = "devices.b: bind, fd, id, stimulus and VF tokens are for devices of the machine, not for mocks"
NOT_BOUND = "devices.b: is not bound (\"bind\": false): vf-token and set-vf-token need a bound device"
TOGETHER = {
	"two names of one device": ({"a": ONE, "b": TWO}, {"one": PCI, "two": PCI}, "devices.b: is the same device as devices.a"),
	"two names of one device in other words": ({"a": ONE, "b": TWO}, {"one": PCI, "two": {"pci": "00:01.0"}},
		"devices.b: is the same device as devices.a"),
	"a name and an address": ({"a": PCI, "b": ONE}, {"one": PCI}, "devices.b: is the same device as devices.a"),
	"an address and a name": ({"a": ONE, "b": PCI}, {"one": PCI}, "devices.b: is the same device as devices.a"),
	"a mock that is only opened": ({"b": {**ONE, "bind": False}}, {"one": {"mock": {}}}, ONLY_FOR_DEVICES),
	"a stimulus of a mock": ({"b": {**ONE, "stimulus": "edu"}}, {"one": {"mock": {}}}, ONLY_FOR_DEVICES),
	"a token of a mock": ({"b": {**ONE, "vf-token": TOKEN}}, {"one": {"mock": {}}}, ONLY_FOR_DEVICES),
	"a token of a device that is only opened": ({"b": {**ONE, "bind": False}}, {"one": {**PCI, "set-vf-token": TOKEN}}, NOT_BOUND),
	"two devices": ({"a": ONE, "b": TWO}, {"one": PCI, "two": {"pci": "0000:00:02.0"}}, None),
	"two mocks": ({"a": ONE, "b": TWO}, {"one": {"mock": {}}, "two": {"mock": {}}}, None),
	"a mock and a device": ({"a": ONE, "b": TWO}, {"one": {"mock": {}}, "two": PCI}, None),
}


class LabMachine(unittest.TestCase):
	"""The same for the FILE of --machine."""

	@classmethod
	def setUpClass(cls):
		cls.schema = json.loads(table.run("schema", "devices").stdout)
		cls.validator = jsonschema.Draft202012Validator(cls.schema)

	def setUp(self):
		directory = tempfile.TemporaryDirectory()
		self.addCleanup(directory.cleanup)
		self.work = pathlib.Path(directory.name)

	def use(self, machine, *argv, job=None):
		(self.work / "machine.json").write_text(json.dumps(machine))
		(self.work / "job.json").write_text(json.dumps(job or {"iommuctl": 1}))
		return table.run(*argv, "--machine=machine.json", "job.json", cwd=self.work)

	def agrees(self, machine):
		done = self.use(machine, "validate")
		self.assertIn(done.returncode, (0, 3), done.stderr)
		error = next(self.validator.iter_errors(machine), None)
		if error:
			self.assertEqual(done.returncode, 3, f"the schema alone refuses it: {error.message}")
		elif done.returncode:
			self.assertRegex(done.stderr, r'is not a PCI address|does not name a device|"netdev" needs "vf" and the reverse')
		return done

	def test_takes_a_machine_with_every_key(self):
		self.validator.validate(LAB_MACHINE)
		self.assertEqual(self.agrees(LAB_MACHINE).returncode, 0)
		tried = {place[-1] for place in test_schema.places(LAB_MACHINE) if place}
		shape = self.schema["properties"]["devices"]
		self.assertLessEqual(set(test_schema.keys(self.schema)), tried, shape)

	def test_agrees_with_the_parser_on_changed_machines(self):
		for path in filter(None, test_schema.places(LAB_MACHINE)):
			for change in (test_schema.delete, *map(test_schema.replace_by, REPLACEMENTS)):
				with self.subTest(path):
					self.agrees(test_schema.changed(LAB_MACHINE, path, change))

	def test_what_a_job_says_beside_stays_in_the_job(self):
		for key, value in OF_JOBS.items():
			with self.subTest(key):
				machine = {"iommuctl": 1, "devices": {"dut": {"pci": "0000:00:01.0", key: value}}}
				self.assertIsNotNone(next(self.validator.iter_errors(machine), None))
				self.assertIn("unknown key" if key != "machine" else key, self.agrees(machine).stderr)

	def test_each_way_to_name_a_device_is_used(self):
		for said in ({"pci": "00:02.0"}, {"select": "vfio1"}):
			with self.subTest(said):
				machine = {"iommuctl": 1, "devices": {"dut": said}}
				done = self.use(machine, "--model", "--trace", "run", job=JOB_OF_NAMES)
				self.assertEqual(done.returncode, 0, done.stderr)
				self.assertIn("vfio1", done.stderr)

	def test_plan_and_validate_look_devices_up(self):
		machine = {"iommuctl": 1, "devices": {"dut": {"pci": "0000:00:02.0"}}}
		done = self.use(machine, "--model", "plan", job=JOB_OF_NAMES)
		self.assertEqual((done.returncode, "PCI device 0000:00:02.0" in done.stdout), (0, True), done)
		self.assertEqual(self.use(machine, "--model", "validate", job=JOB_OF_NAMES).returncode, 0)
		machine["devices"] = {}
		for command in ("plan", "validate"):
			done = self.use(machine, command, job=JOB_OF_NAMES)
			self.assertEqual((done.returncode, 'the machine has no device "dut"' in done.stderr), (77, True), done)

	def test_what_names_stand_for_must_fit_together(self):
		for title, (devices, said, message) in TOGETHER.items():
			job = {"iommuctl": 1, "devices": devices}
			for argv in (("validate",), ("plan",), ("--model", "run"), ("--model=model.json", "validate")):
				(self.work / "model.json").write_text(
					json.dumps({"iommuctl": 1, "smmus": [{}], "devices": [PCI, {"pci": "0000:00:02.0"}]}))
				with self.subTest(title, argv=argv):
					done = self.use({"iommuctl": 1, "devices": said}, *argv, job=job)
					if message:
						self.assertEqual((done.returncode, message in done.stderr), (3, True), done)
					elif "mock" not in str(said):
						self.assertEqual(done.returncode, 0, done)
					else:
						self.assertNotIn("devices.b: is", done.stderr)

	def test_without_a_machine_that_is_said(self):
		(self.work / "job.json").write_text(json.dumps(JOB_OF_NAMES))
		for command in ("plan", "validate", "run"):
			with self.subTest(command):
				done = table.run("--model", command, "job.json", cwd=self.work)
				self.assertEqual(done.returncode, 3, done)
				self.assertIn('is "dut" of the machine, but no machine is given', done.stderr)
		for command in ("plan", "validate"):
			self.assertEqual(table.run(command, "job.json", cwd=self.work).returncode, 0)

	def test_standard_input_is_one_document(self):
		for command in ("plan", "validate", "run"):
			done = table.run(command, "--machine=-", "-", input="{}")
			self.assertEqual((done.returncode, "only one document" in done.stderr), (2, True), done)


if __name__ == "__main__":
	unittest.main()
