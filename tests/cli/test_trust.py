#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files that others may have put in the way of a user who names them: jobs that root carries out, and any output."""

import os
import stat
import tempfile
import unittest
from pathlib import Path

import table

JOB = '{"iommuctl": 1}'
NOBODY = 65534
DISTRUSTED = 5 # no-permission


class Places(unittest.TestCase):
	def setUp(self):
		place = tempfile.TemporaryDirectory()
		self.addCleanup(place.cleanup)
		self.own = Path(place.name)
		self.own.chmod(0o755)
		self.public = self.own / "public"
		self.public.mkdir()
		self.public.chmod(0o1777)
		self.lawless = self.own / "lawless"
		self.lawless.mkdir()
		self.lawless.chmod(0o777)

	def directory(self, place, owner):
		path = place / "directory"
		path.mkdir()
		os.chown(path, owner, owner)
		return path

	def file(self, place, text=JOB, mode=0o644, owner=None, name="job.json"):
		path = place / name
		path.write_text(text)
		path.chmod(mode)
		if owner is not None:
			os.chown(path, owner, owner)
		return path


class NoFiles(Places):
	"""For any user: nothing waits, and no device is opened."""

	def assert_refused(self, *argv):
		done = table.run(*map(str, argv))
		self.assertIn("it is a device, a socket or a FIFO, not a file", done.stderr)
		self.assertIn("hint: pass its contents as standard input: -", done.stderr)
		self.assertNotEqual(done.returncode, 0)

	def test_a_fifo_that_nobody_writes_to(self):
		fifo = self.own / "fifo"
		os.mkfifo(fifo)
		for argv in (["validate"], ["plan"], ["run"], ["--model", "run"], ["doctor", "--from"]):
			with self.subTest(argv=argv):
				self.assert_refused(*argv[:-1], *([f"{argv[-1]}={fifo}"] if argv[-1] == "--from" else [argv[-1], fifo]))
		self.assert_refused(f"--model={fifo}", "run", self.file(self.own))

	def test_a_device(self):
		self.assert_refused("validate", "/dev/null")

	def test_what_a_shell_has_of_a_command_is_read(self):
		done = table.execute("bash", "-c", '"$1" validate <(echo "$2")', "bash", table.PROGRAM, JOB)
		self.assertEqual((done.returncode, done.stderr), (0, ""))

	def test_what_has_no_end_is_too_large(self):
		with open("/dev/zero", "rb") as zero:
			done = table.run("validate", "-", stdin=zero)
		self.assertEqual((done.returncode, "a document may have at most 16 MiB" in done.stderr), (3, True))

	def test_standard_input_is_read_whatever_it_is(self):
		self.assertEqual(table.run("validate", "-", input=JOB).returncode, 0)


@unittest.skipIf(os.geteuid() != 0, "files of other users are made by root")
class Jobs(Places):
	"""Jobs that root carries out on the host. On the model their owner does not matter."""

	def assert_trusted(self, path, trusted, **variables):
		environment = {**{name: value for name, value in os.environ.items() if name != "SUDO_UID"}, **variables}
		done = table.run("run", str(path), env=environment)
		self.assertEqual("root would carry" in done.stderr, not trusted, done.stderr)
		self.assertEqual(done.returncode == DISTRUSTED and "read: " in done.stderr, not trusted, done.stderr)
		self.assertEqual(table.run("--model", "run", str(path)).returncode, 0)
		self.assertEqual(table.run("validate", str(path)).returncode, 0)

	def test_own_job(self):
		self.assert_trusted(self.file(self.own), True)
		self.assert_trusted(self.file(self.public), True)

	def test_job_of_another_in_a_directory_of_theirs(self):
		self.assert_trusted(self.file(self.own, owner=NOBODY), True)

	def test_job_of_another_where_anybody_may_put_it(self):
		for place in (self.public, self.lawless):
			with self.subTest(place.name):
				self.assert_trusted(self.file(place, owner=NOBODY), False)

	def test_job_in_a_directory_that_another_has_put_where_anybody_may(self):
		for place in (self.public, self.lawless):
			with self.subTest(place.name):
				self.assert_trusted(self.file(self.directory(place, NOBODY)), False)

	def test_job_in_a_directory_of_ours_where_anybody_may_put_one(self):
		self.assert_trusted(self.file(self.directory(self.public, 0)), True)

	def test_job_in_a_directory_of_a_group(self):
		self.own.chmod(0o775)
		self.assert_trusted(self.file(self.own, owner=NOBODY, mode=0o664), True)

	def test_job_of_who_called_sudo(self):
		self.assert_trusted(self.file(self.public, owner=NOBODY), True, SUDO_UID=str(NOBODY))
		self.assert_trusted(self.file(self.public, owner=NOBODY), False, SUDO_UID="1")

	def test_job_that_anybody_may_write(self):
		self.assert_trusted(self.file(self.own, mode=0o666), False)

	def test_link_of_another(self):
		link = self.public / "link.json"
		link.symlink_to(self.file(self.own))
		self.assert_trusted(link, True)
		os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
		self.assert_trusted(link, False)

	def test_all_that_carries_out(self):
		job = str(self.file(self.public, owner=NOBODY))
		machine = str(self.file(self.public, '{"iommuctl": 1, "devices": {}}', owner=NOBODY, name="machine.json"))
		own = str(self.file(self.own))
		for argv in (["session", "apply", job], ["session", "start", "--foreground", "trust", job],
			["run", f"--machine={machine}", own]):
			with self.subTest(argv=argv):
				done = table.run(*argv, env={**os.environ, "IOMMUCTL_SESSION": "trust",
					"IOMMUCTL_RUNTIME_DIRECTORY": str(self.own / "sessions")})
				self.assertIn("root would carry it out (EPERM)\n  hint: copy it to", done.stderr)
				self.assertEqual(done.returncode, DISTRUSTED)
		done = table.run("selftest", job)
		self.assertIn("root would carry it out", done.stdout + done.stderr)


@unittest.skipIf(os.geteuid() != 0, "files of other users are made by root")
class Output(Places):
	def run_to(self, path):
		return table.run("--model", f"--trace={path}", "run", str(self.file(self.own)))

	def test_own_files_and_new_ones_are_written(self):
		for path in (self.own / "new", self.public / "new", self.file(self.public, "old", name="old")):
			self.assertEqual(self.run_to(path).returncode, 0)
			self.assertIn("/dev/iommu", path.read_text())
			self.assertNotIn("old", path.read_text())

	def assert_left_alone(self, path, target):
		before = target.read_text()
		for argv in (["--model", f"--trace={path}", "run"], ["selftest", f"--output={path}"]):
			with self.subTest(argv=argv):
				done = table.run(*argv, str(self.file(self.own)))
				self.assertIn("it belongs to another user, in a world-writable directory (EPERM)", done.stderr)
				self.assertIn("hint: name a file in a directory of your own", done.stderr)
				self.assertEqual((done.returncode, target.read_text()), (DISTRUSTED, before))

	def test_link_of_another_is_not_followed(self):
		target = self.file(self.own, "precious", name="target")
		for place in (self.public, self.lawless):
			link = place / "link"
			link.symlink_to(target)
			os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
			self.assert_left_alone(link, target)

	def test_directory_of_another_is_not_written_to(self):
		path = self.file(self.directory(self.public, NOBODY), "theirs")
		self.assert_left_alone(path, path)

	def test_file_of_another_is_not_written(self):
		path = self.file(self.public, "theirs", 0o666, NOBODY, "theirs")
		self.assert_left_alone(path, path)

	def test_second_name_of_a_file_is_not_written(self):
		target = self.file(self.own, "precious", name="target")
		os.link(target, self.public / "again")
		self.assert_left_alone(self.public / "again", target)

	def test_rights_of_a_file_of_another_are_not_taken_over(self):
		path = self.file(self.public, "theirs", 0o6777, NOBODY, "theirs")
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.own / "sessions")}
		self.addCleanup(os.umask, os.umask(0o022))
		self.assertEqual(table.run("--model", "session", "start", "trust", env=environment).returncode, 0)
		done = table.run("session", "save", f"--output={path}", "trust", env=environment)
		table.run("session", "stop", "trust", env=environment)
		mode = stat.S_IMODE(path.stat().st_mode)
		self.assertEqual((done.returncode, path.stat().st_uid, mode & 0o7022), (0, 0, 0))


if __name__ == "__main__":
	unittest.main(verbosity=2)
