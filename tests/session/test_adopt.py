#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Descriptors that are passed to a session, and its messages to a service manager."""

import json
import os
import socket
import subprocess
import tempfile
import unittest

import holder


class Manager:
	"""A socket for the notifications of a service."""

	def __init__(self, directory):
		self.path = str(directory / "notify")
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		self.socket.settimeout(holder.patience.SECONDS)
		self.socket.bind(self.path)

	def next(self):
		return self.socket.recv(4096).decode()


class Adoption(holder.SessionTest):
	def start_with(self, files, *argv, environment=None):
		"""Starts a session in the foreground that must fail, as a shell that passes files would."""
		script = 'export LISTEN_PID=$$; exec "$@"'
		variables = {"LISTEN_FDS": str(len(files)), "LISTEN_FDNAMES": ":".join(files), **(environment or {})}
		numbers = list(files.values())

		def prepare():
			high = [os.dup2(file, 100 + place) for place, file in enumerate(numbers)]
			for place, file in enumerate(high):
				os.dup2(file, 3 + place)

		return self.run_command(*argv, program=("sh", "-c", script, "sh"), env=variables, preexec_fn=prepare,
			close_fds=False)

	def foreground(self, files, *argv, **options):
		return self.start_with(files, "--model", "session", "start", "--foreground", "vm", *map(str, argv), **options)

	def memory(self, text=b""):
		file = os.memfd_create("passed")
		self.addCleanup(os.close, file)
		os.write(file, text)
		return file

	def test_what_is_no_iommufd_is_refused(self):
		done = self.foreground({"iommufd": self.memory()})
		self.assertEqual(done.status, 1)
		self.assertIn('the descriptor that was passed as "iommufd" is not an iommufd', done.err)
		self.assertIn("/dev/iommu", done.err)

	def test_what_is_no_device_is_refused(self):
		for name in ("devices.edu", "other"):
			with self.subTest(name):
				job = self.directory / "job.json"
				device = {"pci": "0000:00:01.0", **({"fd": name} if name == "other" else {})}
				job.write_text(json.dumps({"iommuctl": 1, "devices": {"edu": device}}), encoding="ascii")
				done = self.foreground({name: self.memory()}, job)
				self.assertEqual(done.status, 1)
				self.assertIn("devices.edu: adopt: the descriptor that was passed for it is not a VFIO device", done.err)

	def test_a_job_may_ask_for_what_was_not_passed(self):
		job = self.directory / "job.json"
		job.write_text('{"iommuctl":1,"devices":{"edu":{"pci":"0000:00:01.0","fd":"nic"}}}', encoding="ascii")
		for argv in (("session", "start", "vm", str(job)), ("run", str(job))):
			done = self.run_command("--model", *argv)
			self.assertEqual((done.status, "LISTEN_FDNAMES" in done.err), (1, True), done.err)

	def test_an_id_that_the_iommufd_does_not_know_is_refused(self):
		job = self.directory / "job.json"
		job.write_text('{"iommuctl":1,"devices":{"edu":{"pci":"0000:00:01.0","id":77}}}', encoding="ascii")
		done = self.run_command("--model", "run", str(job))
		self.assertEqual((done.status, 'devices.edu: adopt: the iommufd has no bound device with the ID in "id"' in done.err), (1, True), done.err)

	def test_in_the_background_nothing_is_adopted(self):
		done = self.start_with({"iommufd": self.memory()}, "--model", "session", "start", "vm")
		self.assertEqual((done.status, "--foreground adopts them" in done.err), (2, True))

	def test_numbers_that_make_no_sense_are_refused(self):
		for variables in ({"LISTEN_FDS": "x"}, {"LISTEN_FDS": "-1"}, {"LISTEN_FDS": "5000"}, {"LISTEN_FDS": "99"},
			{"LISTEN_FDNAMES": "a:b:c"}):
			with self.subTest(variables):
				done = self.foreground({"iommufd": self.memory()}, environment=variables)
				self.assertEqual((done.status, "LISTEN_FDS: adopt" in done.err), (1, True), done.err)

	def test_a_state_that_is_none_is_refused(self):
		for text in (b"7 {}", b'7 {"version":"other"}', b"7 nonsense", b"7 []"):
			with self.subTest(text):
				done = self.foreground({"state-0": self.memory(text)})
				self.assertEqual((done.status, "state: restore: is from another version" in done.err), (1, True), done.err)

	def test_a_state_without_its_iommufd_is_refused(self):
		version = self.run_command("--version").out.split()[-1]
		state = json.dumps({"version": version, "document": {"iommuctl": 1}, "alive": []})
		done = self.foreground({"state-1": self.memory(b"1 " + state.encode())})
		self.assertEqual((done.status, "iommufd: restore: was not passed" in done.err), (1, True), done.err)


class Notification(holder.SessionTest):
	def test_a_manager_is_told_of_the_beginning_and_the_end(self):
		manager = Manager(self.directory)
		self.addCleanup(manager.socket.close)
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory), "NOTIFY_SOCKET": manager.path}
		with subprocess.Popen([holder.PROGRAM, "--model", "session", "start", "--foreground", "vm"], env=environment,
			stdout=subprocess.DEVNULL) as process:
			self.assertEqual(manager.next(), "READY=1")
			process.terminate()
			self.assertEqual(manager.next(), "STOPPING=1")
			self.assertEqual(process.wait(holder.patience.SECONDS), 0)

	def test_a_manager_that_is_not_there_is_an_error(self):
		with tempfile.TemporaryDirectory() as other:
			done = self.run_command("--model", "session", "start", "--foreground", "vm",
				env={"NOTIFY_SOCKET": f"{other}/nobody"})
		self.assertEqual((done.status, "NOTIFY_SOCKET: notify" in done.err), (1, True), done.err)


if __name__ == "__main__":
	unittest.main(verbosity=2)
