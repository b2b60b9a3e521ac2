#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How sessions begin and end, and what can prevent it."""

import json
import os
import signal
import subprocess
import unittest
from pathlib import Path

import holder


class Names(holder.SessionTest):
	def test_a_name_is_taken_once(self):
		self.start("vm")
		done = self.run_command("--model", "session", "start", "vm")
		self.assertEqual(done.status, 1)
		self.assertIn("vm: session: runs already", done.err)

	def test_bad_names_are_refused(self):
		for name in ("", ".", "..", "-x", ".hidden", "a/b", "../vm", "a b", "x" * 65, "ü"):
			with self.subTest(name):
				self.assertEqual(self.run_command("--model", "session", "start", "--", name).status, 2)

	def test_sessions_are_listed(self):
		self.assertEqual(self.run_command("session", "list").out, "")
		self.start("b")
		self.start("a")
		self.assertEqual(self.run_command("session", "list").out, "a\nb\n")
		self.assertEqual(self.run_command("--json", "session", "list").lines(), [{"iommuctl": 1, "sessions": ["a", "b"]}])

	def test_a_session_that_is_not_there(self):
		done = self.run_command("session", "show", "vm")
		self.assertEqual(done.status, 1)
		self.assertIn("no session of this name is running", done.err)

	def test_no_session_is_named(self):
		self.assertEqual(self.run_command("ioas", "alloc", "x").status, 2)

	def test_the_environment_names_it(self):
		self.start("vm")
		done = self.run_command("ioas", "alloc", "x", env={"IOMMUCTL_SESSION": "vm"})
		self.assertEqual(done.status, 0)


class Ends(holder.SessionTest):
	def assert_gone(self, name="vm"):
		self.wait_for(lambda: not (self.directory / f"{name}.lock").exists())
		self.assertEqual(list(self.directory.iterdir()), [])

	def test_stop_leaves_nothing(self):
		self.start("vm", holder.SMALL_JOB)
		self.assertEqual(self.run_command("session", "stop", "vm").status, 0)
		self.assert_gone()

	def test_its_name_is_free_once_stop_has_returned(self):
		for _ in range(20):
			self.start("vm", holder.SMALL_JOB)
			self.assertEqual(self.run_command("session", "stop", "vm").status, 0)
			self.assertEqual(list(self.directory.iterdir()), [])

	def test_signals_end_it_in_order(self):
		for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"):
			with self.subTest(name):
				self.start("vm", holder.SMALL_JOB)
				os.kill(self.pid_of("vm"), getattr(signal, name))
				self.assert_gone()

	def test_a_signal_ends_a_session_that_waits(self):
		self.start("vm", holder.SMALL_JOB)
		pid = self.pid_of("vm")
		with self.client() as client:
			client.send(b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"steps":[{"no-event":{"veventq":"events",'
				b'"timeout-ms":600000}}]}}}\n')
			# The request is being carried out once another is not answered at once; a signal always suffices.
			os.kill(pid, signal.SIGTERM)
			client.answer()
		self.assert_gone()

	def test_a_killed_holder_leaves_a_name_that_can_be_taken(self):
		self.start("vm")
		os.kill(self.pid_of("vm"), signal.SIGKILL)
		self.wait_for(lambda: self.run_command("session", "list").out == "")
		self.assertTrue((self.directory / "vm.sock").exists())
		self.assertIn("no session of this name is running", self.run_command("session", "show", "vm").err)
		self.start("vm")
		self.assertEqual(self.objects_of(), [])

	def test_in_the_foreground_the_process_is_the_holder(self):
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}
		with subprocess.Popen([holder.PROGRAM, "--model", "session", "start", "--foreground", "vm"],
			env=environment, stdout=subprocess.PIPE, text=True) as process:
			self.assertIn(f"process {process.pid} holds it", process.stdout.readline())
			self.assertEqual(self.pid_of("vm"), process.pid)
			process.terminate()
			self.assertEqual(process.wait(), 0)
		self.assert_gone()


class Failures(holder.SessionTest):
	def test_a_job_that_is_wrong_starts_nothing(self):
		job = self.directory / "job.json"
		job.write_text('{"iommuctl":1,"ioas":{"x":{"mapp":[]}}}')
		done = self.run_command("--model", "session", "start", "vm", str(job))
		self.assertEqual(done.status, 3)
		self.assertIn(f"{job}:1:", done.err)
		self.assertEqual(self.run_command("session", "list").out, "")

	def test_a_job_that_fails_starts_nothing(self):
		done = self.run_command("--model", "session", "start", "vm", str(holder.ROOT / "tests/rig/jobs/fail-half-way.json"))
		self.assertEqual(done.status, 1)
		self.assertEqual(sorted(path.name for path in self.directory.iterdir()), [])

	def test_a_directory_that_others_can_write_to_is_refused(self):
		self.directory.chmod(0o777)
		done = self.run_command("--model", "session", "start", "vm")
		self.assertEqual(done.status, 5)

	def test_a_link_in_place_of_the_directory_is_refused(self):
		link = self.directory / "link"
		link.symlink_to(self.directory)
		done = holder.run(link, "--model", "session", "start", "vm")
		self.assertEqual((done.status, "it is not a directory" in done.err), (1, True))

	def test_a_link_in_place_of_the_socket_is_not_followed(self):
		target = self.directory / "precious"
		target.write_text("precious")
		(self.directory / "vm.sock").symlink_to(target)
		self.start("vm")
		self.assertEqual(target.read_text(), "precious")
		self.assertTrue((self.directory / "vm.sock").is_socket())

	def test_a_link_in_place_of_the_lock_is_refused(self):
		(self.directory / "vm.lock").symlink_to(self.directory / "elsewhere")
		done = self.run_command("--model", "session", "start", "vm")
		self.assertEqual((done.status, (self.directory / "elsewhere").exists()), (1, False))

	def test_nowhere_to_put_it(self):
		done = self.run_command("session", "list", env={"IOMMUCTL_RUNTIME_DIRECTORY": "/nonexistent/x"})
		self.assertEqual((done.status, done.out), (0, ""))
		done = self.run_command("--model", "session", "start", "vm", env={"IOMMUCTL_RUNTIME_DIRECTORY": "/nonexistent/x"})
		self.assertEqual((done.status, "mkdir" in done.err), (1, True))

	def test_a_failed_request_is_undone(self):
		self.start("vm", holder.SMALL_JOB)
		before = self.run_command("session", "save", "vm").out
		with self.client() as client:
			said = client.apply(ioas={"new": {}}, hwpts={"other": {"device": "edu", "ioas": "new"}},
				steps=[{"attach": {"device": "edu", "hwpt": "other"}},
					{"check": {"ipa": "0x40000000", "text": "something else"}}])
		self.assertEqual(holder.status_of(said), 6)
		self.assertEqual(self.run_command("session", "save", "vm").out, before)

	def test_what_a_failed_move_has_blocked_works_again(self):
		machine = holder.ROOT / "examples/machines/intel.json"
		done = self.run_command(f"--model={machine}", "session", "start", "vm", str(holder.ROOT / "examples/vtd-nested.json"))
		self.assertEqual((done.status, done.err), (0, ""))
		wide = {"device": "edu", "parent": "s2", "vtd-s1": {"pgtbl-addr": "0x40100000", "addr-width": 57}}
		dma = {"device": "edu", "from": "0x1000", "to": "0x2000", "expect": {"ipa": "0x40402000", "text": "page B"}}
		with self.client() as client:
			self.assertIn("FS5LP", str(client.apply(hwpts={"wide": wide}, attach=[{"device": "edu", "hwpt": "wide"}])))
			self.assertEqual(holder.status_of(client.apply(steps=[{"dma": dma}])), 0)

	def test_what_cannot_go_back_stays_and_is_told(self):
		self.start("vm", holder.SMALL_JOB)
		bypass = {"device": "edu", "viommu": "vsmmu", "ste": {"config": "bypass"}}
		with self.client() as client:
			said = client.apply(hwpts={"new": bypass, "unused": bypass},
				steps=[{"attach": {"device": "edu", "hwpt": "new"}}, {"destroy": {"object": "hwpts.s1"}},
					{"check": {"ipa": "0x40000000", "text": "something else"}}])
		self.assertEqual(holder.status_of(said), 6)
		self.assertIn("its previous attachment is gone: the current one stays", str(said))
		self.assertNotIn("IOMMU_DESTROY: ", str(said))
		there = json.loads(self.run_command("session", "save", "vm").out)
		self.assertEqual((sorted(there["hwpts"]), there["attach"]), (["new", "s2"], [{"device": "edu", "hwpt": "new"}]))


class Idle(holder.SessionTest):
	def test_it_takes_less_than_4_megabytes(self):
		self.start("vm", holder.SMALL_JOB, env={"MALLOC_PERTURB_": "0"})
		if "asan" in Path(f"/proc/{self.pid_of('vm')}/maps").read_text():
			self.skipTest("a build with sanitizers has memory of its own")
		status = Path(f"/proc/{self.pid_of('vm')}/status").read_text(encoding="ascii")
		kilobytes = int(status.split("RssAnon:")[1].split()[0])
		self.assertLess(kilobytes, 4096)

	def test_it_keeps_no_file_of_who_started_it(self):
		done = self.run_command("--model", "session", "start", "vm")
		self.assertEqual(done.status, 0)
		held = {link.split(":")[0] for link in holder.links_of(self.pid_of("vm"))}
		self.assertNotIn("pipe", held)

	def test_it_gains_no_privileges(self):
		self.start("vm")
		status = Path(f"/proc/{self.pid_of('vm')}/status").read_text(encoding="ascii")
		self.assertIn("NoNewPrivs:\t1", status)
		kept = int(status.split("CapEff:")[1].split()[0], 16)
		self.assertEqual(kept & ~(1 << 14 | 1 << 24), 0)

	def test_the_kernel_filters_what_it_calls(self):
		self.start("vm")
		status = Path(f"/proc/{self.pid_of('vm')}/status").read_text(encoding="ascii")
		self.assertIn("Seccomp:\t2", status)


if __name__ == "__main__":
	unittest.main(verbosity=2)
