#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""walk and dump of a guest's memory, whatever it contains; and run --show of a live job."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import table
from guest_image import AF, CDS, NORMAL, RAM, READ_ONLY, SIZE, STREAMS, TABLE, Image
from table import patience

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
JOBS = pathlib.Path(__file__).resolve().parents[1] / "rig" / "jobs"
LINEAR = f"{STREAMS:#x},8"
TWO_LEVELS = f"{STREAMS:#x},16,8"


class WithMemory(unittest.TestCase):
	def setUp(self):
		self.folder = pathlib.Path(tempfile.mkdtemp())
		self.addCleanup(shutil.rmtree, self.folder)
		self.file = self.folder / "ram"

	def options(self, strtab=LINEAR, sid=0x42):
		options = ["--memory", f"{self.file}@{RAM:#x}", "--strtab", strtab]
		return options if sid is None else [*options, "--sid", hex(sid)]

	def say(self, command, *argv, **place):
		done = table.run(command, *self.options(**place), *argv)
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		for line in done.stdout.splitlines():
			self.assertLess(len(line), 80, line)
		return done.stdout

	def say_json(self, command, *argv, **place):
		done = table.run("--json", command, *self.options(**place), *argv)
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		return [json.loads(line) for line in done.stdout.splitlines()]

	def walk(self, *argv, **place):
		[result] = self.say_json("walk", *argv, **place)
		return result["walk"]


def simple(granule="4K"):
	"""One device, 0x42, whose IOVA 0x10000 is at RAM + 0x200000."""
	image = Image()
	root = image.table(0x10000)
	image.put_ste(STREAMS + 0x42 * 64)
	image.put_cd(CDS, ttb0=root, granule=granule)
	image.map(root, 0x10000, RAM + 0x200000, granule)
	return image, root


class Walk(WithMemory):
	def test_each_granule_leads_to_memory(self):
		for granule, levels in {"4K": [0, 1, 2, 3], "16K": [0, 1, 2, 3], "64K": [1, 2, 3]}.items():
			with self.subTest(granule=granule):
				image, _ = simple(granule)
				image.write(self.file)
				walk = self.walk("0x10008")
				self.assertEqual([level["level"] for level in walk["levels"]], levels)
				self.assertEqual(walk["ipa"], hex(RAM + 0x200008))
				self.assertEqual(walk["memory"], {"name": str(self.file), "offset": "0x200008"})
				self.assertIsNone(walk["fault"])

	def test_text_has_each_structure_in_order(self):
		image, _ = simple()
		image.write(self.file)
		labels = re.findall(r"^  (\S+(?: \d)?)  ", self.say("walk", "0x10000"), re.MULTILINE)
		self.assertEqual(labels,
			["STE", "CD", "level 0", "level 1", "level 2", "level 3", "stage 1", "memory"])

	def test_a_stream_table_of_two_levels(self):
		image, _ = simple()
		image.put(STREAMS, (RAM + 0x40000) | 9)
		image.put_ste(RAM + 0x40000 + 0x42 * 64)
		image.write(self.file)
		walk = self.walk("0x10000", strtab=TWO_LEVELS)
		self.assertEqual(walk["l1std"], {"ipa": hex(STREAMS), "value": hex((RAM + 0x40000) | 9)})
		self.assertEqual(walk["ste"]["ipa"], hex(RAM + 0x40000 + 0x42 * 64))
		self.assertEqual(walk["ipa"], hex(RAM + 0x200000))

	def test_a_cd_table_of_two_levels_has_a_cd_for_each_ssid(self):
		image, root = simple()
		image.put_ste(STREAMS + 0x42 * 64, s1fmt=1, s1cdmax=10)
		image.put(CDS + 8, (RAM + 0x30000) | 1)
		image.put_cd(RAM + 0x30000 + 5 * 64, ttb0=root)
		image.write(self.file)
		walk = self.walk("0x10000", "--ssid", str(64 + 5))
		self.assertEqual(walk["l1cd"]["ipa"], hex(CDS + 8))
		self.assertEqual(walk["cd"]["ipa"], hex(RAM + 0x30000 + 5 * 64))
		self.assertEqual(walk["ipa"], hex(RAM + 0x200000))

	def test_the_upper_half_is_that_of_ttb1(self):
		image, root = simple()
		image.put_cd(CDS, ttb1=root)
		image.write(self.file)
		self.assertEqual(self.walk("0xffff000000010000")["ipa"], hex(RAM + 0x200000))
		self.assertEqual(self.walk("0x10000")["fault"]["event"]["type"], "F_TRANSLATION")

	def test_bypass_passes_the_address_on(self):
		image, _ = simple()
		image.put_ste(STREAMS + 0x42 * 64, config=4)
		image.write(self.file)
		walk = self.walk(hex(RAM + 8))
		self.assertEqual((walk["ipa"], walk["cd"]), (hex(RAM + 8), None))

	def faults(self):
		"""The change to the image, the arguments, and the resulting event, or None."""
		ste = STREAMS + 0x42 * 64
		return {
			"no entry": (lambda image, root: None, ["0x20000"], "F_TRANSLATION"),
			"an entry of a table is 0": (lambda image, root: image.put(root, 0), ["0x10000"],
				"F_TRANSLATION"),
			"beyond T0SZ": (lambda image, root: None, ["0x2000000000000"], "F_TRANSLATION"),
			"a table outside": (lambda image, root: image.put(root, (RAM + SIZE) | TABLE),
				["0x10000"], "F_WALK_EABT"),
			"read-only": (lambda image, root: image.map(root, 0x10000, RAM,
				attributes=NORMAL | READ_ONLY), ["--write", "0x10000"], "F_PERMISSION"),
			"privileged alone": (lambda image, root: image.map(root, 0x10000, RAM,
				attributes=AF), ["0x10000"], "F_PERMISSION"),
			"AF is clear": (lambda image, root: image.map(root, 0x10000, RAM,
				attributes=NORMAL & ~AF), ["0x10000"], "F_ACCESS"),
			"beyond IPS": (lambda image, root: (image.put_cd(CDS, ttb0=root, ips=0),
				image.map(root, 0x10000, 1 << 40)), ["0x10000"], "F_ADDR_SIZE"),
			"CD.R is 0": (lambda image, root: image.put_cd(CDS, ttb0=root, r=0), ["0x20000"],
				None),
			"CD.V is 0": (lambda image, root: image.put(CDS, 0), ["0x10000"], "C_BAD_CD"),
			"no CD there": (lambda image, root: image.put_ste(ste, cds=RAM + SIZE), ["0x10000"],
				"F_CD_FETCH"),
			"no L1CD there": (lambda image, root: image.put_ste(ste, cds=RAM + SIZE, s1fmt=1,
				s1cdmax=8), ["0x10000"], "F_CD_FETCH"),
			"an L1CD of 0": (lambda image, root: image.put_ste(ste, cds=RAM, s1fmt=1,
				s1cdmax=8), ["0x10000"], "C_BAD_SUBSTREAMID"),
			"an SSID for one CD": (lambda image, root: None, ["--ssid", "1", "0x10000"],
				"C_BAD_SUBSTREAMID"),
			"S1DSS": (lambda image, root: image.put_ste(ste, s1cdmax=4, s1dss=0), ["0x10000"],
				"F_STREAM_DISABLED"),
			"an SSID of 0 that S1DSS takes": (lambda image, root: image.put_ste(ste, s1cdmax=4,
				s1dss=2), ["--ssid", "0", "0x10000"], "F_STREAM_DISABLED"),
			"abort": (lambda image, root: image.put_ste(ste, config=0), ["0x10000"], None),
			"STE.V is 0": (lambda image, root: image.put(ste, 0), ["0x10000"], "C_BAD_STE"),
			"of stage 2": (lambda image, root: image.put_ste(ste, config=6), ["0x10000"],
				"C_BAD_STE"),
		}

	def test_each_way_to_fault_ends_with_its_event(self):
		for what, (change, argv, event) in self.faults().items():
			with self.subTest(what=what):
				image, root = simple()
				change(image, root)
				image.write(self.file)
				fault = self.walk(*argv)["fault"]
				self.assertIsNotNone(fault)
				self.assertEqual(fault["event"] and fault["event"]["type"], event)
				self.assertTrue(fault["why"])
				self.assertIn(event or "abort", self.say("walk", *argv))

	def test_a_stream_beyond_the_table_or_memory(self):
		simple()[0].write(self.file)
		self.assertEqual(self.walk("0", sid=0x100)["fault"]["event"]["type"], "C_BAD_STREAMID")
		fault = self.walk("0", strtab=f"{RAM + SIZE:#x},8")["fault"]
		self.assertEqual(fault["event"]["type"], "F_STE_FETCH")


def ranges_of(results):
	return [(r["first"], r["last"], r["ipa"], r["leaves"], r["leaf-size"])
		for r in (result["range"] for result in results if "range" in result)]


class Dump(WithMemory):
	def test_neighbours_that_go_on_are_one_range(self):
		image, root = simple()
		for page in range(1, 20):
			image.map(root, 0x10000 + page * 0x1000, RAM + 0x200000 + page * 0x1000)
		image.map(root, 0x24000, RAM + 0x300000)
		image.map(root, 0x25000, RAM + 0x301000, attributes=NORMAL | READ_ONLY)
		image.map(root, 0x200000, RAM + 0x200000, level=2)
		image.write(self.file)
		results = self.say_json("dump", sid=None)
		self.assertEqual(ranges_of(results), [
			("0x10000", "0x23fff", hex(RAM + 0x200000), 20, "0x1000"),
			("0x24000", "0x24fff", hex(RAM + 0x300000), 1, "0x1000"),
			("0x25000", "0x25fff", hex(RAM + 0x301000), 1, "0x1000"),
			("0x200000", "0x3fffff", hex(RAM + 0x200000), 1, "0x200000"),
		])
		self.assertEqual(results[-1]["dump"],
			{"stes": 1, "cds": 1, "ranges": 4, "leaves": 23, "complete": True})
		self.assertIn("0x10000..0x23fff -> 0x40200000  80K 20x4K u=rwx p=rw- attr0 ISH AF",
			self.say("dump", sid=None))

	def test_each_granule_and_both_halves(self):
		for granule, size in {"4K": 0x1000, "16K": 0x4000, "64K": 0x10000}.items():
			with self.subTest(granule=granule):
				image, root = simple(granule)
				high = image.table(0x10000)
				image.map(high, 0x20000, RAM + 0x210000, granule)
				image.put_cd(CDS, ttb0=root, ttb1=high, granule=granule)
				image.write(self.file)
				self.assertEqual(ranges_of(self.say_json("dump")), [
					("0x10000", hex(0x10000 + size - 1), hex(RAM + 0x200000), 1, hex(size)),
					("0xffff000000020000", hex(0xffff000000020000 + size - 1),
						hex(RAM + 0x210000), 1, hex(size)),
				])
				self.say("dump")

	def test_cd_tables_of_both_shapes(self):
		for s1fmt, ssids in {0: [0, 3, 15], 1: [1, 63, 64, 1023], 2: [0, 1023, 1024]}.items():
			with self.subTest(s1fmt=s1fmt):
				image, root = simple()
				image.put_ste(STREAMS + 0x42 * 64, s1fmt=s1fmt, s1cdmax=11 if s1fmt else 4)
				size = {0: 1 << 16, 1: 64, 2: 1024}[s1fmt]
				for ssid in ssids:
					leaf = RAM + 0x200000 + ssid // size * size * 64 if s1fmt else CDS
					if s1fmt:
						image.put(CDS + ssid // size * 8, leaf | 1)
					image.put_cd(leaf + ssid % size * 64, ttb0=root)
				image.write(self.file)
				found = [int(r["cd"]["ssid"], 16) for r in self.say_json("dump") if "cd" in r]
				self.assertEqual(found, ssids)

	def test_all_streams_or_one(self):
		image, _ = simple()
		image.put_ste(STREAMS + 7 * 64, config=4)
		image.write(self.file)
		for sid, subjects in {None: ["StreamID 0x7", "StreamID 0x42"], 7: ["StreamID 0x7"]}.items():
			found = [r["ste"]["subject"] for r in self.say_json("dump", sid=sid) if "ste" in r]
			self.assertEqual(found, subjects)

	def test_what_leads_out_of_memory_is_said_and_passed_over(self):
		image, root = simple()
		image.put(root + 8, (RAM + SIZE) | TABLE)
		image.put(root + 16, (RAM + SIZE) | TABLE)
		image.put_ste(STREAMS + 7 * 64, cds=RAM + SIZE)
		image.write(self.file)
		results = self.say_json("dump", sid=None)
		[bad] = [r["bad"] for r in results if "bad" in r]
		self.assertEqual((bad["subject"], bad["ipa"]), ("StreamID 0x7", hex(RAM + SIZE)))
		[range_] = [r["bad-range"] for r in results if "bad-range" in r]
		self.assertEqual((range_["first"], range_["last"]), (hex(1 << 39), hex((3 << 39) - 1)))
		self.assertEqual(len(ranges_of(results)), 1)
		self.say("dump", sid=None)

	def test_tables_that_lead_to_themselves_have_an_end(self):
		image, root = simple()
		for entry in range(512):
			image.put(root + entry * 8, root | TABLE | NORMAL)
		image.write(self.file)
		results = self.say_json("dump")
		self.assertFalse(results[-1]["dump"]["complete"])
		self.assertLessEqual(len(results), 1001)
		self.assertIn("there is more", self.say("dump").splitlines()[-1])

	def test_tables_that_say_nothing_at_length_have_an_end(self):
		image, root = simple()
		tables = [root, image.table(0x1000), image.table(0x1000), image.table(0x1000)]
		for table_, below in zip(tables, tables[1:]):
			image.put(table_, *[below | TABLE] * 512)
		image.write(self.file)
		results = self.say_json("dump")
		self.assertEqual(results[-1]["dump"],
			{"stes": 1, "cds": 1, "ranges": 0, "leaves": 0, "complete": False})

	def test_no_more_is_said_than_the_limit(self):
		image, root = simple()
		for page in range(0, 200, 2):
			image.map(root, 0x100000 + page * 0x1000, RAM)
		image.write(self.file)
		for limit, count in {"1": 1, "3": 3, "50": 50, "1000": 103}.items():
			results = self.say_json("dump", "--limit", limit)
			self.assertEqual(len(results) - 1, count)
			self.assertEqual(results[-1]["dump"]["complete"], count == 103)

	def test_memory_of_any_bytes_is_looked_at(self):
		for seed in range(20):
			with self.subTest(seed=seed):
				dice = random.Random(seed)
				image = Image()
				for ipa in range(RAM, RAM + 0x40000, 8):
					word = dice.getrandbits(64) & 0xFFF0000000000FFF
					image.put(ipa, word | RAM | dice.randrange(0, SIZE, 0x1000))
				for _ in range(200):
					image.put_ste(STREAMS + dice.randrange(256) * 64, cds=RAM + dice.randrange(1024) * 64,
						s1fmt=dice.randrange(4), s1cdmax=dice.randrange(12))
				image.write(self.file)
				strtab = dice.choice([LINEAR, TWO_LEVELS, f"{STREAMS:#x},32"])
				results = self.say_json("dump", strtab=strtab, sid=None)
				self.assertLessEqual(len(results), 1001)
				for _ in range(5):
					self.walk(hex(dice.getrandbits(48)), strtab=strtab, sid=dice.randrange(256))


class Mistakes(WithMemory):
	def refuse(self, status, pattern, *argv):
		done = table.run(*argv)
		self.assertEqual(done.returncode, status, done.stderr)
		self.assertEqual(done.stdout, "")
		self.assertRegex(done.stderr, pattern)

	def test_options_that_say_no_place(self):
		simple()[0].write(self.file)
		memory = f"--memory={self.file}@{RAM:#x}"
		for command in [["walk", "0"], ["dump"]]:
			self.refuse(2, "--memory and --strtab are needed", *command)
			self.refuse(2, "--memory and --strtab are needed", *command, memory)
			for strtab in ["", "1", "x,8", "1,33", "1,8,7", "1,8,6,1", "1,,8", "0x1ffffffffffffffff,8"]:
				self.refuse(2, "--strtab", *command, memory, f"--strtab={strtab}")
			for option in ["--sid=x", "--sid=0x100000000", "--ssid=0x100000"]:
				self.refuse(2, option[:5], *command, memory, f"--strtab={LINEAR}", option)
		self.refuse(2, "--sid is needed", "walk", "0", memory, f"--strtab={LINEAR}")
		self.refuse(2, "an IOVA", "walk", "page", memory, f"--strtab={LINEAR}", "--sid=1")

	def test_a_guest_and_a_session_are_two_places(self):
		for command in [["walk", "0"], ["dump"]]:
			for option in ["--sid=9", "--memory=ram", f"--strtab={LINEAR}"]:
				for place in ["--device=edu", "--session=vm"]:
					self.refuse(2, f"{option.split('=')[0]} and {place.split('=')[0]} are mutually exclusive",
						*command, option, place)

	def test_files_that_are_no_memory(self):
		empty = self.folder / "empty"
		empty.touch()
		simple()[0].write(self.file)
		for name, pattern in {
			str(self.folder): "not a file with contents",
			str(empty): "not a file with contents",
			"/dev/null": "not a file with contents",
			str(self.folder / "none"): "ENOENT",
			f"{self.file}@0x800": "look at: the IPA is not a multiple of 4K",
			f"{self.file}@0xfffffffffffff000": "its end is beyond 64 bits",
			f"{self.file}@beyond": "ENOENT",
		}.items():
			self.refuse(1, pattern, "dump", f"--memory={name}", f"--strtab={LINEAR}")

	def test_a_file_that_becomes_shorter_is_a_failure(self):
		"""The dump prints more than a pipe holds, and so waits until we have cut its memory."""
		image, root = simple()
		for entry in range(512):
			image.put(root + entry * 8, root | TABLE | NORMAL)
		image.write(self.file)
		# A sanitizer leaves the signal to the program.
		sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "handle_sigbus=0"]))
		with subprocess.Popen([table.PROGRAM, "dump", *self.options(), "--limit", "100000"],
				stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
				env={**os.environ, "ASAN_OPTIONS": sanitizer}) as dump:
			self.assertEqual(dump.stdout.read(1), "S")
			os.truncate(self.file, 0)
			_, said = dump.communicate(timeout=patience.SECONDS)
		self.assertEqual(dump.returncode, 1)
		self.assertRegex(said, "it shrank while it was read")

	def test_a_name_with_an_at_sign(self):
		self.file = self.folder / "ram@host"
		simple()[0].write(self.file)
		self.assertEqual(self.walk("0x10000")["ipa"], hex(RAM + 0x200000))


def show(what, job=EXAMPLES / "nested-edu.json", *argv):
	done = table.run("--model", *argv, "run", str(job), "--show", what)
	lines = [line for line in done.stdout.splitlines() if not re.match("(made|ok) ", line)]
	return done, lines[:-1]


class Show(unittest.TestCase):
	def assert_shown(self, done):
		self.assertEqual(done.returncode, 0, done.stderr)

	def test_the_tree_has_each_object_in_its_place(self):
		done, lines = show("tree")
		self.assert_shown(done)
		self.assertEqual(lines, [
			"devices.edu (1): 0000:00:01.0, own group, SMMU 0",
			"|- hwpts.s1 (5): nested, Config=S1 [attached]",
			"|  |- viommus.vsmmu (4)",
			"|  |  |- hwpts.s2 (3): nesting parent",
			"|  |  |  `- ioas.guest (2): 16M mapped (mappings: 1)",
			"|  |  |     `- memory.ram: 16M at IPA 0x40000000",
			"|  |  `- veventqs.events (7): depth 64, events read: 2",
			"|  `- cd-tables.cds: at 0x40100000, S1CDMax 0, linear",
			"|     |- stage1.kernel: at 0x40200000, 4K, ASID 7, tables: 5",
			"|     |  `- memory.ram, see above",
			"|     `- memory.ram, see above",
			"|- vdevices.vedu (6): vSID 0x42",
			"`- irqs.edu-msi: index 1, vector 0",
		])

	def test_what_only_events_and_vdevices_are_made_of_is_shown(self):
		job = json.loads((EXAMPLES / "nested-edu.json").read_text())
		for key in ("attach", "steps", "irqs", "stage1", "cd-tables"):
			del job[key]
		del job["hwpts"]["s1"]
		with tempfile.TemporaryDirectory() as folder:
			path = pathlib.Path(folder) / "job.json"
			path.write_text(json.dumps(job))
			done, lines = show("tree", path)
			self.assert_shown(done)
			self.assertEqual(lines, [
				"devices.edu (1): 0000:00:01.0, own group, SMMU 0",
				"`- vdevices.vedu (5): vSID 0x42",
				"viommus.vsmmu (4)",
				"|- hwpts.s2 (3): nesting parent",
				"|  `- ioas.guest (2): 16M mapped (mappings: 1)",
				"|     `- memory.ram: 16M at IPA 0x40000000",
				"`- veventqs.events (6): depth 64, events read: 0",
			])
			done, lines = show("dot", path)
		self.assert_shown(done)
		self.check_dot(lines)
		self.assertIn('[label="viommus.vsmmu (4)"];', "\n".join(lines))

	def test_each_job_is_shown_in_lines_that_fit(self):
		for job in sorted(EXAMPLES.glob("*.json")) + sorted(JOBS.glob("invalidate-*.json")):
			with self.subTest(job=job.name):
				done, lines = show("tree,stats,dump", job)
				if done.returncode:
					continue
				for line in lines:
					self.assertLess(len(line), 80, line)

	def test_objects_as_json_refer_to_objects_that_are_there(self):
		done, _ = show("tree", EXAMPLES / "nested-edu.json", "--json")
		[objects] = [json.loads(line)["objects"] for line in done.stdout.splitlines() if '"objects"' in line]
		names = {entry["object"] for entry in objects}
		self.assertEqual(len(names), 11)
		for entry in objects:
			for use in entry["uses"]:
				self.assertIn(use["object"], names)
		edu = next(entry for entry in objects if entry["object"] == "devices.edu")
		self.assertIn({"object": "hwpts.s1", "as": "attached"}, edu["uses"])

	def test_the_name_of_a_job_breaks_out_of_no_metric(self):
		job = json.loads((EXAMPLES / "nested-edu.json").read_text())
		job["name"] = 'a"} 1\n# EOF\n\\\x1b[31m"'
		with tempfile.TemporaryDirectory() as folder:
			path = pathlib.Path(folder) / "job.json"
			path.write_text(json.dumps(job))
			done, lines = show("openmetrics", path)
		self.assert_shown(done)
		self.assertNotIn("\x1b", done.stdout)
		check_openmetrics(self, lines)

	def check_dot(self, lines):
		node = r'\to\d+_\d+ \[label="(?:[^"\\]|\\.)*"\];'
		edge = r'\to\d+_\d+ -> o\d+_\d+ \[label="(?:[^"\\]|\\.)*"(?:, style=bold)?\];'
		self.assertEqual(lines[0], "digraph iommuctl {")
		self.assertEqual(lines[-1], "}")
		for line in lines[3:-1]:
			self.assertRegex(line, f"^(?:{node}|{edge})$")
		if shutil.which("dot"):
			subprocess.run(["dot", "-Tsvg"], input="\n".join(lines), text=True, check=True,
				stdout=subprocess.DEVNULL, timeout=patience.SECONDS)

	def test_the_graph_is_one(self):
		done, lines = show("dot")
		self.assert_shown(done)
		self.check_dot(lines)
		nodes = re.findall(r'^\t(\w+) \[label="([^ "\\]+)', "\n".join(lines), re.MULTILINE)
		called = {name: node for node, name in nodes}
		edu, s1 = called["devices.edu"], called["hwpts.s1"]
		self.assertIn(f'\t{edu} -> {s1} [label="attached", style=bold];', lines)

	def test_counters_agree_with_the_run(self):
		done, _ = show("stats", EXAMPLES / "nested-edu.json", "--json")
		lines = [json.loads(line) for line in done.stdout.splitlines()]
		[stats] = [line["stats"] for line in lines if "stats" in line]
		calls = {call["call"]: call for call in stats["calls"]}
		self.assertEqual(calls["IOMMU_HWPT_ALLOC"]["calls"], 2)
		self.assertEqual(stats["commands"], {"issued": 1, "refused": 0})
		self.assertEqual(stats["objects"]["hwpts"], 2)
		self.assertEqual(stats["veventqs"],
			[{"object": "veventqs.events", "events": 2, "lost": 0, "waiting": 0}])
		[ioas] = stats["ioas"]
		self.assertEqual((ioas["mappings"], ioas["mapped-bytes"]), (1, 16 << 20))
		self.assertGreaterEqual(ioas["pinned-bytes-at-most"], 16 << 20)
		for call in stats["calls"]:
			self.assertEqual(sum(bucket["calls"] for bucket in call["buckets"]), call["calls"])
			self.assertEqual(sum(call["errors"].values()), call["failed"])

	def test_failures_are_counted_by_errno(self):
		done, _ = show("stats", JOBS / "invalidate-refused.json", "--json")
		[stats] = [json.loads(line)["stats"] for line in done.stdout.splitlines() if '"stats"' in line]
		call = next(call for call in stats["calls"] if call["call"] == "IOMMU_HWPT_INVALIDATE")
		self.assertGreater(call["failed"], 0)
		self.assertGreater(stats["commands"]["refused"], 0)
		self.assertTrue(call["errors"])

	def test_metrics_are_openmetrics(self):
		for job in [EXAMPLES / "nested-edu.json", JOBS / "invalidate-refused.json"]:
			done, lines = show("openmetrics", job)
			self.assert_shown(done)
			families = check_openmetrics(self, lines)
			self.assertEqual(families["iommuctl_call_seconds"], "histogram")

	def test_a_walk_ends_as_the_events_of_the_run_do(self):
		for job, iova, event in [
			("event-access", "0x1000", "F_ACCESS StreamID=0x42 RnW=read CLASS=IN InputAddr=0x1000"),
			("event-addr-size", "0x1000", "F_ADDR_SIZE StreamID=0x42 RnW=read CLASS=IN InputAddr=0x1000"),
			("event-permission", "0x1000:w",
				"F_PERMISSION StreamID=0x42 RnW=write CLASS=IN InputAddr=0x1000"),
			("event-translation", "0x7000:w",
				"F_TRANSLATION StreamID=0x42 RnW=write CLASS=IN InputAddr=0x7000"),
		]:
			with self.subTest(job=job):
				done, lines = show(f"walk:edu:{iova}", JOBS / f"{job}.json")
				self.assert_shown(done)
				self.assertIn(f"  event    {event}", lines)
				self.assertIn(event, "\n".join(
					line for line in done.stdout.splitlines() if line.startswith("ok ")))

	def walk_in(self, name, iova, change):
		"""The only walk of a changed example without its steps."""
		job = json.loads((EXAMPLES / f"{name}.json").read_text())
		job["steps"] = []
		change(job)
		with tempfile.TemporaryDirectory() as folder:
			path = pathlib.Path(folder) / "job.json"
			path.write_text(json.dumps(job))
			done, lines = show(f"walk:edu:{iova}", path)
			self.assert_shown(done)
			for line in lines:
				self.assertLess(len(line), 80)
			done, _ = show(f"walk:edu:{iova}", path, "--json")
		[walk] = [json.loads(line)["walk"] for line in done.stdout.splitlines() if '"walk"' in line]
		return walk

	def test_stage_2_stands_before_memory_and_before_each_table(self):
		def beyond(job):
			job["stage1"]["kernel"]["map"] = [{"iova": "0x3000", "ipa": "0x50000000", "size": "4K"}]

		def no_tables(job):
			job["ioas"]["guest"]["map"][0]["length"] = "2M"

		def no_cds(job):
			job["ioas"]["guest"]["map"][0]["length"] = "1M"

		def no_writes(job):
			job["ioas"]["guest"]["map"][0]["prot"] = "r"

		for change, iova, what, fields in [
			(beyond, "0x3000", "F_TRANSLATION", {"CLASS": "IN", "IPA": hex(0x50000000)}),
			(no_tables, "0x1000", "F_TRANSLATION", {"CLASS": "TTD", "IPA": hex(0x40200000)}),
			(no_cds, "0x1000", "F_TRANSLATION", {"CLASS": "CD", "IPA": hex(0x40100000)}),
			(no_writes, "0x2000:w", "F_PERMISSION", {"CLASS": "IN", "IPA": hex(0x40402000)}),
		]:
			with self.subTest(change=change.__name__):
				event = self.walk_in("nested-edu", iova, change)["fault"]["event"]
				self.assertEqual(event["type"], what)
				self.assertEqual(event["fields"]["S2"]["value"], "0x1")
				self.assertEqual(event["fields"]["CLASS"]["name"], fields["CLASS"])
				self.assertEqual(event["fields"]["IPA"]["value"], fields["IPA"])

	def test_an_ioas_alone_maps_addresses_of_its_own(self):
		def elsewhere(job):
			job["ioas"]["guest"]["map"][0]["iova"] = "0x10000000"

		walk = self.walk_in("paging-only", "0x10400008", elsewhere)
		self.assertEqual(walk["memory"], {"name": "memory.ram", "offset": "0x400008"})
		self.assertIsNone(walk["ste"])
		walk = self.walk_in("paging-only", "0x40400000", elsewhere)
		self.assertEqual(walk["stage2"]["result"], "refused")
		self.assertIn("does not map it", walk["fault"]["why"])

	def test_a_device_that_is_attached_to_nothing_reaches_nothing(self):
		walk = self.walk_in("paging-only", "0x40400000", lambda job: job.pop("attach"))
		self.assertIn("attached to nothing", walk["fault"]["why"])
		self.assertIsNone(walk["attached-to"])

	def test_what_cannot_be_shown_is_a_wrong_command_line(self):
		for what, pattern in {
			"": "empty value",
			"trees": "--show trees: expected tree, dot, stats, openmetrics, dump or walk:DEVICE:IOVA",
			"tree,": "--show tree,: nothing before or after a comma: expected tree, ",
			"walk": "--show walk: expected tree, dot, stats, openmetrics, dump or walk:DEVICE:IOVA",
			"walk:edu": "expected walk:DEVICE:IOVA",
			"walk:edu:page": "expected walk:DEVICE:IOVA",
			"walk:card:0": "no such device",
			"x" * 200: "too long",
		}.items():
			with self.subTest(what=what):
				done, _ = show(what)
				self.assertEqual((done.returncode, done.stdout), (2, ""))
				self.assertRegex(done.stderr, pattern)


SAMPLE = re.compile(r'^(?P<name>[a-z_]+)\{(?P<labels>(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (?P<value>[0-9.]+)$')
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}


def check_openmetrics(case, lines):
	"""Checks the rules of OpenMetrics 1.0 that a file like ours can break. Returns the types of families."""
	families, family, seen, bounds = {}, None, set(), {}
	case.assertEqual(lines[-1], "# EOF")
	for line in lines[:-1]:
		if line.startswith("# "):
			_, word, name, text = line.split(" ", 3)
			if word == "TYPE":
				case.assertNotIn(name, families)
				family, families[name] = name, text
			case.assertEqual(name, family)
			if word == "UNIT":
				case.assertTrue(name.endswith("_" + text))
			continue
		sample = SAMPLE.match(line)
		case.assertIsNotNone(sample, line)
		suffix = sample["name"].removeprefix(family)
		case.assertIn(suffix, SUFFIXES[families[family]], line)
		case.assertNotIn((sample["name"], sample["labels"]), seen)
		seen.add((sample["name"], sample["labels"]))
		if suffix in ("_bucket", "_count"):
			series = re.sub(r',le="[^"]*"', "", sample["labels"])
			count = int(sample["value"])
			if suffix == "_count":
				case.assertEqual(bounds[series], (float("inf"), count))
				continue
			bound = float(re.search(r'le="([^"]*)"', sample["labels"])[1])
			before = bounds.get(series, (0, 0))
			case.assertGreater(bound, before[0])
			case.assertGreaterEqual(count, before[1])
			bounds[series] = (bound, count)
	check_with_prometheus(lines)
	return families


def check_with_prometheus(lines):
	"""The same by a reader's parser, if it is installed."""
	try:
		from prometheus_client.openmetrics import parser
	except ImportError:
		return
	list(parser.text_string_to_metric_families("\n".join(lines) + "\n"))


if __name__ == "__main__":
	os.chdir(pathlib.Path(__file__).resolve().parents[2])
	unittest.main()
