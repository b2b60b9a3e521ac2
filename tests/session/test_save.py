#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session saved as a job makes the same objects again, for every job of the tree."""

import json
import re
import resource
import signal
import unittest

import holder

# The first waits for a signal. The others have a vDEVICE whose device has gone, and mappings of a dma-buf: no job can make
# that, and save says so.
WITHOUT = {"waiting", "mock-tombstone", "mock-dma-buf"}

# Jobs that end with this status, and make no session: they are about failures, or about a network interface.
ENDS = {"bar": 6, "dma-blocked": 1, "fail-half-way": 1, "nvme-limits": 0, "pf-and-vf": 4, "s1-without-vdevice-run": 3, "ste-forbidden": 3,
	"unmet": 6, "virtual-function": 1}

# All others run on a machine with everything, with the device that a selftest names.
MACHINE = {
	"iommuctl": 1,
	"smmus": [{"dirty-tracking": True, "ssid-bits": 4}, {}],
	"devices": [
		{"pci": "0000:00:01.0"}, {"pci": "0000:00:02.0"}, {"pci": "0000:00:03.0"},
		{"pci": "0000:00:04.0", "resets": True}, {"pci": "0000:0a:00.0", "smmu": 1},
	],
}
MACHINES = {"group-peer": holder.ROOT / "tests/model/shared-group.json",
	"cmdqv": holder.ROOT / "examples/machines/grace.json", "vtd-nested": holder.ROOT / "examples/machines/intel.json"}
SELFTESTED = "0000:00:04.0"


def jobs():
	for folder in ("examples", "examples/selftest", "tests/rig/jobs"):
		for path in sorted((holder.ROOT / folder).glob("*.json")):
			if path.stem not in WITHOUT:
				yield path


class Save(holder.SessionTest):
	def save(self, name):
		done = self.run_command("session", "save", name)
		self.assertEqual((done.status, done.err), (0, ""))
		return done.out

	def round_trip(self, model):
		"""The saved jobs, of the job and of the session made from that, with the names of the objects."""
		saved = self.directory / "saved.json"
		saved.write_text(self.save("zzzz1"))
		done = self.run_command(model, "session", "start", "zzzz2", str(saved))
		self.assertEqual((done.status, done.err), (0, ""))
		both = [(self.save(name).replace(name, ""), sorted(self.objects_of(name))) for name in ("zzzz1", "zzzz2")]
		for name in ("zzzz1", "zzzz2"):
			self.assertEqual(self.run_command("session", "stop", name).status, 0)
		return both

	def assert_each_object_is_in_each_view(self, name):
		names = self.objects_of(name)
		for pattern, options in ((r"(?:[ |`-]*- )?([^ :,]+)(?![^ :,]).*", ["--tree"]), (r'\to\d+_\d+ \[label="([^" \\]+).*', ["--dot"])):
			lines = self.run_command("session", "show", name, *options).out.splitlines()
			shown = {match[1] for match in map(re.compile(pattern).fullmatch, lines) if match}
			self.assertEqual(sorted(shown & set(names)), sorted(names), options)
		[objects] = [line["objects"] for line in self.run_command("--json", "session", "show", name, "--tree").lines()]
		self.assertEqual(sorted(entry["object"] for entry in objects), sorted(names))

	def test_vf_tokens_are_saved_as_they_were_said_and_told_nowhere_else(self):
		model = f"--model={holder.ROOT / 'tests/model/sriov.json'}"
		first, second = "89abcdef-0123-4567-89ab-cdef01234567", "99ABCDEF-0123-4567-89ab-cdef01234567"
		self.assertEqual(self.run_command(model, "session", "start", "zzzz1").status, 0)
		said = []
		for argv, status in [
			(("device", "open", "vf", "pci=0000:01:00.1", f"vf-token={second}"), 5),
			(("device", "open", "pf", "pci=0000:01:00.0", f"set-vf-token={first}"), 0),
			(("device", "open", "vf", "pci=0000:01:00.1", f"vf-token={second}"), 5),
			(("device", "open", "vf", "pci=0000:01:00.1"), 5),
			(("device", "close", "pf"), 0),
			(("device", "open", "vf", "pci=0000:01:00.1", f"vf-token={first}"), 0),
			(("device", "open", "pf", "pci=0000:01:00.0", f"set-vf-token={second}"), 5),
			(("device", "open", "pf", "pci=0000:01:00.0", f"vf-token={first}", f"set-vf-token={second}"), 0),
			(("device", "open", "vf1", "pci=0000:01:00.2", f"vf-token={second}"), 0),
			(("session", "show", "--tree"), 0),
			(("session", "show"), 0),
		]:
			done = self.run_command("-s", "zzzz1", "--json", *argv)
			self.assertEqual(done.status, status, (argv, done.out, done.err))
			said += [done.out, done.err]
		self.assertIn("vf-token", " ".join(said))
		for token in first, second:
			self.assertNotIn(token.lower(), " ".join(said).lower())
		devices = json.loads(self.save("zzzz1"))["devices"]
		self.assertEqual(devices["vf"], {"pci": "0000:01:00.1", "vf-token": first})
		self.assertEqual(devices["pf"], {"pci": "0000:01:00.0", "vf-token": first, "set-vf-token": second})
		self.assertEqual(devices["vf1"]["vf-token"], second)

	def test_a_pf_and_its_vfs_give_the_same_again(self):
		model = f"--model={holder.ROOT / 'tests/model/sriov.json'}"
		done = self.run_command(model, "session", "start", "zzzz1", str(holder.ROOT / "tests/model/pf-and-vfs.json"))
		self.assertEqual((done.status, done.err), (0, ""))
		first, second = self.round_trip(model)
		self.assertEqual(first, second)
		self.assertIn("set-vf-token", first[0])

	def prepared(self, job):
		"""The job with the device of this machine, if it needs one."""
		document = json.loads(job.read_text())
		for device in document.get("devices", {}).values():
			if device.pop("machine", None):
				device["pci"] = SELFTESTED
		path = self.directory / "job.json"
		path.write_text(json.dumps(document))
		return str(path)

	def test_every_job_gives_the_same_again(self):
		machine = self.directory / "machine.json"
		machine.write_text(json.dumps(MACHINE))
		for job in jobs():
			with self.subTest(job.name):
				for name in ("zzzz1", "zzzz2"):
					self.run_command("session", "stop", name)
				model = f"--model={MACHINES.get(job.stem, machine)}"
				started = self.run_command(model, "session", "start", "zzzz1", self.prepared(job))
				self.assertEqual(started.status, ENDS.get(job.stem, 0), started.err)
				if not started.status:
					self.assert_each_object_is_in_each_view("zzzz1")
					first, second = self.round_trip(model)
					self.assertEqual(first, second)

	def test_an_msi_of_a_device_that_is_attached_to_nothing_is_made_again(self):
		self.start("zzzz1", holder.ROOT / "examples/msi-doorbell.json")
		self.verb("device", "detach", "edu", name="zzzz1")
		first, second = self.round_trip("--model")
		self.assertEqual(first, second)
		self.assertIn("irqs.edu-msi", first[1])
		self.assertEqual(json.loads(first[0])["steps"], [{"detach": {"device": "edu"}}])

	def test_what_no_job_makes_is_said(self):
		self.start("vm", holder.ROOT / "tests/rig/jobs/mock-tombstone.json")
		why = "it is gone; the job makes it again because other objects were made from it"
		done = self.run_command("session", "save", "vm")
		self.assertEqual((done.status, done.err), (0, f"iommuctl: session save: devices.mock: {why}\n"))
		done = self.run_command("--json", "session", "save", "vm")
		remark = {"remark": {"path": "devices.mock", "message": why, "hint": None}}
		self.assertEqual([line for line in done.lines() if "job" not in line], [{"iommuctl": 1, **remark}])
		file = self.directory / "job.json"
		done = self.run_command("--json", "session", "save", "vm", f"--output={file}")
		self.assertEqual((done.lines(), json.loads(file.read_text())["name"]), ([{"iommuctl": 1, **remark}], "vm"))

	def test_what_verbs_have_changed_is_saved(self):
		self.start("vm", holder.SMALL_JOB)
		self.verb("ioas", "unmap", "guest", "iova=0x40000000", "size=16M")
		self.verb("ioas", "map", "guest", "memory=ram", "iova=0x80000000", "length=1M", "prot=r")
		self.verb("stage1", "map", "kernel", "iova=0x7000", "ipa=0x40300000", "size=8K", "prot=r")
		self.verb("cd", "set", "cds", "stage1=kernel", "asid=9")
		said = json.loads(self.save("vm"))
		self.assertEqual(said["ioas"]["guest"]["map"], [{"memory": "ram", "iova": "0x80000000", "offset": "0x0",
			"length": "0x100000", "prot": "r"}])
		self.assertIn({"iova": "0x7000", "ipa": "0x40300000", "size": "0x2000", "prot": "r"},
			said["stage1"]["kernel"]["map"])
		self.assertEqual([step["set-cd"]["asid"] for step in said["steps"]], ["9"])

	def mapped(self):
		"""The IOVAs that the session considers mapped."""
		return [one.get("iova", "0x40000000") for one in json.loads(self.save("vm"))["ioas"]["guest"]["map"]]

	def held(self):
		"""A session with mappings at three places; a HW queue reads the second."""
		job = json.loads((holder.ROOT / "tests/rig/jobs/mock-hw-queues.json").read_text())
		del job["steps"]
		job["hw-queues"] = {"first": job["hw-queues"]["first"]}
		path = self.directory / "job.json"
		path.write_text(json.dumps(job))
		self.start("vm", path)
		self.assertEqual(self.mapped(), ["0x30000000", "0x40000000", "0x40004000"])

	def step(self, action, arguments, errno=None):
		"""The status of a step, which may be expected to fail."""
		step = {action: arguments, **({"expect": {"errno": errno}} if errno else {})}
		with self.client() as client:
			client.send(json.dumps({"iommuctl": 1, "apply": {"document": {"iommuctl": 1, "steps": [step]}}}).encode()
				+ b"\n")
			return holder.status_of(client.answer())

	def test_what_a_failed_unmap_has_left_is_known(self):
		self.held()
		self.assertEqual(self.verb("ioas", "unmap", "guest", "iova=0x40000000", "size=4K").status, 3)
		self.assertEqual(self.step("ioas-unmap", {"ioas": "guest", "iova": "0x40000000", "size": "4K"}, "EBUSY"), 0)
		self.assertEqual(self.mapped(), ["0x30000000", "0x40000000", "0x40004000"])
		everything = {"ioas": "guest", "iova": "0x30000000", "size": "1G"}
		self.assertEqual(self.step("ioas-unmap", everything, "EBUSY"), 0)
		self.assertEqual(self.mapped(), ["0x40000000", "0x40004000"])
		# Once the queue is gone the rest can go, and the same IOVAs can be mapped again.
		self.assertEqual(self.verb("hw-queue", "destroy", "first").status, 0)
		self.assertEqual(self.step("ioas-map", {"ioas": "guest", "map": {"memory": "ram", "iova": "0x30000000",
			"offset": "32K", "length": "4K"}}), 0)
		self.assertEqual(self.step("ioas-unmap", everything), 0)
		self.assertEqual(self.mapped(), [])

	def test_of_a_cd_the_last_change_is_saved(self):
		self.start("vm", holder.SMALL_JOB)
		self.verb("cd", "set", "cds", "stage1=kernel", "asid=9")
		self.verb("cd", "clear", "cds")
		self.assertEqual([step["set-cd"]["words"] for step in json.loads(self.save("vm"))["steps"]], [[0] * 8])

	def test_what_is_destroyed_is_not_saved(self):
		self.start("vm")
		self.verb("ioas", "alloc", "one")
		self.verb("ioas", "alloc", "two")
		self.verb("ioas", "destroy", "one")
		self.assertEqual(json.loads(self.save("vm"))["ioas"], {"two": {}})

	def test_numbers_beyond_63_bits_survive(self):
		self.start("vm")
		with self.client() as client:
			client.send(b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"memory":{"ram":{"size":4096,"ipa":0}},'
				b'"ioas":{"high":{"map":[{"memory":"ram","iova":18446744073709543424}]}}}}}\n')
			self.assertEqual(holder.status_of(client.answer()), 0)
		self.assertEqual(json.loads(self.save("vm"))["ioas"]["high"]["map"][0]["iova"], "18446744073709543424")

	def test_a_file_is_whole_or_as_it_was(self):
		self.start("vm")
		file = self.directory / "job.json"
		file.write_text("old")
		done = self.run_command("session", "save", "vm", "--output=/dev/full")
		self.assertEqual((done.status, "ENOSPC" in done.err), (1, True))
		done = self.run_command("session", "save", "nobody", f"--output={file}")
		self.assertEqual((done.status, file.read_text()), (1, "old"))
		done = self.run_command("session", "save", "vm", f"--output={file}")
		self.assertEqual((done.status, json.loads(file.read_text())["name"]), (0, "vm"))

	def test_a_disk_that_takes_half_of_it_keeps_the_old_and_has_no_rest(self):
		def limit():
			resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

		self.start("vm", holder.SMALL_JOB)
		file = self.directory / "disk" / "job.json"
		file.parent.mkdir()
		file.write_text("old")
		done = self.run_command("session", "save", "vm", f"--output={file}", preexec_fn=limit)
		self.assertEqual((done.status, str(file) in done.err and "EFBIG" in done.err), (1, True), done.err)
		self.assertEqual([path.read_text() for path in file.parent.iterdir()], ["old"])

	def test_a_file_that_the_shell_has_opened_goes_on(self):
		self.start("vm")
		file = self.directory / "out"
		for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
			with self.subTest(path):
				file.write_text("before\n")
				done = self.run_command(path, program=("sh", "-c", f'exec "$0" session save vm --output="$1" >>{file}'))
				self.assertEqual((done.status, done.err), (0, ""))
				before, _, job = file.read_text().partition("\n")
				self.assertEqual((before, json.loads(job)["name"]), ("before", "vm"))

	def test_a_link_is_not_to_be_removed(self):
		self.start("vm")
		link = self.directory / "link"
		link.symlink_to(self.directory / "vm.lock")
		done = self.run_command("session", "save", "vm", f"--output={link}")
		self.assertEqual((done.status, "emove" in done.err), (1, False), done.err)

	def test_the_longest_name_that_there_is(self):
		self.start("vm")
		for name in ("x" * 255, "x" + "ä" * 127):
			file = self.directory / "longest" / name
			file.parent.mkdir(exist_ok=True)
			done = self.run_command("session", "save", "vm", f"--output={file}")
			self.assertEqual((done.status, json.loads(file.read_text())["name"]), (0, "vm"), done.err)

	def test_json_mode_saves_the_job_alone(self):
		self.start("vm")
		file = self.directory / "job.json"
		done = self.run_command("--json", "session", "save", "vm", f"--output={file}")
		self.assertEqual((done.status, json.loads(file.read_text())["name"]), (0, "vm"))


class Pinned(holder.SessionTest):
	# The distance between pages of 4K, and the number of tables: of leaves, above those, and so on to the root.
	TABLES = {0x1000: 1 + 1 + 1 + 1 + 1, 0x200000: 32 + 1 + 1 + 1 + 1, 0x40000000: 32 + 32 + 1 + 1 + 1}

	def test_pages_far_apart_have_tables_of_their_own(self):
		for distance, tables in self.TABLES.items():
			with self.subTest(distance):
				self.start("vm")
				with self.client() as client:
					said = client.apply(memory={"ram": {"size": "1M", "ipa": 0}}, ioas={"guest": {"map": [
						{"memory": "ram", "iova": page * distance, "offset": page * 0x1000, "length": "4K"}
						for page in range(32)]}})
					self.assertEqual(holder.status_of(said), 0, said)
					[ioas] = client.ask(stats={})[0]["stats"]["ioas"]
				self.assertEqual(ioas["pinned-bytes-at-most"], (32 + tables) * 0x1000)
				self.run_command("session", "stop", "vm")


class Gone(holder.SessionTest):
	"""Objects that are destroyed and made anew while others depend on them."""

	def do(self, *argv):
		done = self.verb(*argv)
		self.assertEqual(done.status, 0, done.err)
		return done.out

	def start_mapped(self):
		self.start("vm")
		self.do("memory", "create", "ram", "size=1M", "ipa=0x40000000")
		self.do("ioas", "alloc", "guest", "map.0.memory=ram")
		self.do("memory", "destroy", "ram")

	def test_memory_that_is_mapped_still_is_made_anew(self):
		self.start_mapped()
		self.do("memory", "create", "ram", "size=1M", "ipa=0x40000000")
		self.do("memory", "destroy", "ram")

	def test_a_step_makes_the_memory_of_tables_anew(self):
		ram = {"size": "1M", "ipa": "0x40000000"}
		job = self.directory / "job.json"
		job.write_text(json.dumps({"iommuctl": 1, "memory": {"ram": ram}, "steps": [{"create": {"object": "memory.ram"}}]}))
		self.start("vm")
		self.do("memory", "create", "ram", "size=1M", "ipa=0x40000000")
		self.do("stage1", "create", "k", "at=0x40000000", "size=64K")
		self.do("memory", "destroy", "ram")
		self.do("session", "apply", str(job))

	def test_memory_that_was_made_anew_smaller_is_said_by_who_saves(self):
		self.start("vm")
		self.do("memory", "create", "ram", "size=1M", "ipa=0x40000000")
		self.do("ioas", "alloc", "guest", "map.0.memory=ram", "map.0.length=1M")
		self.do("memory", "destroy", "ram")
		self.do("memory", "create", "ram", "size=64K", "ipa=0x40000000")
		saved = self.run_command("session", "save", "vm")
		self.assertEqual(saved.status, 0)
		self.assertIn("memory.ram: an IOAS maps the memory from before it was made again", saved.err)
		self.assertIn("ioas.guest.map[0]: offset and length reach beyond the end of memory.ram, which has 64K", saved.err)
		self.do("ioas", "unmap", "guest", "iova=0x40000000", "size=1M")
		self.assertEqual(self.run_command("session", "save", "vm").err, "")

	def test_the_place_of_memory_that_is_mapped_still_is_taken(self):
		self.start_mapped()
		done = self.verb("memory", "create", "other", "size=1M", "ipa=0x40000000")
		self.assertEqual((done.status, "memory.ram is gone, but an IOAS still maps it" in done.err), (3, True), done.err)

	def test_the_place_is_free_once_nothing_maps_it(self):
		self.start_mapped()
		self.do("ioas", "unmap", "guest", "iova=0x40000000", "size=1M")
		self.do("memory", "create", "other", "size=1M", "ipa=0x40000000")
		self.assertEqual(list(json.loads(self.do("session", "save"))["memory"]), ["other"])

	def test_a_device_that_others_were_made_for_is_opened_by_its_name(self):
		self.start("vm")
		self.do("device", "open", "nic", "pci=0000:00:01.0")
		self.do("ioas", "alloc", "guest")
		self.do("hwpt", "alloc", "s2", "device=nic", "ioas=guest")
		same = "is the same device as devices.nic"
		gone = "devices.nic is gone, but other objects were made for it: open it by that name"
		done = self.verb("device", "open", "other", "pci=0000:00:01.0")
		self.assertEqual((done.status, same in done.err, gone in done.err), (3, True, False), done.err)
		self.do("device", "close", "nic")
		done = self.verb("device", "open", "other", "pci=0000:00:01.0")
		self.assertEqual((done.status, same in done.err, gone in done.err), (3, True, True), done.err)
		self.do("device", "open", "nic", "pci=0000:00:01.0")

	def test_a_device_reaches_memory_that_is_mapped_still(self):
		self.start_mapped()
		self.do("device", "open", "edu", "pci=0000:00:01.0")
		self.do("device", "attach", "edu", "ioas=guest")
		self.do("dma", "edu", "from=0x40000000", "size=16")

	def test_a_device_does_not_reach_memory_that_is_made_anew(self):
		self.start_mapped()
		self.do("device", "open", "edu", "pci=0000:00:01.0")
		self.do("device", "attach", "edu", "ioas=guest")
		self.do("memory", "create", "ram", "size=1M", "ipa=0x40000000")
		self.do("memory", "write", "ipa=0x40000000", "text=anew")
		self.do("dma", "edu", "to=0x40000000", "size=16")
		self.do("memory", "check", "ipa=0x40000000", "text=anew")

	def test_tables_that_others_point_to_are_made_anew(self):
		self.start("vm", holder.SMALL_JOB)
		self.do("cd-table", "destroy", "cds")
		self.do("stage1", "destroy", "kernel")
		self.do("stage1", "create", "kernel", "at=0x40110000")
		self.do("cd-table", "create", "cds", "at=0x40100000", "contexts.0.stage1=kernel")
		self.assertIn("cd-tables.cds", self.objects_of())

	def test_what_had_changed_tables_that_are_gone_is_not_saved_of_the_new_ones(self):
		self.start("vm", holder.SMALL_JOB)
		with self.client() as client:
			said = client.apply(steps=[{"set-cd": {"cd-table": "cds", "ssid": 0, "stage1": "kernel"}}])
			self.assertEqual(holder.status_of(said), 0, said)
		self.assertIn("steps", json.loads(self.do("session", "save")))
		self.do("cd-table", "destroy", "cds")
		self.do("cd-table", "create", "cds", "at=0x40100000", "contexts.0.stage1=kernel")
		self.assertNotIn("steps", json.loads(self.do("session", "save")))


if __name__ == "__main__":
	unittest.main(verbosity=2)
