#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sessions with unusual signals, limits and mounts."""

import contextlib
import fcntl
import json
import os
import pty
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import unittest
from pathlib import Path

import holder

WAITS = {"iommuctl": 1, "devices": {"edu": {"pci": "0000:00:01.0"}}, "memory": {"ram": {"size": "1M", "ipa": 0}},
	"ioas": {"guest": {"map": [{"memory": "ram"}]}},
	"hwpts": {"s2": {"device": "edu", "ioas": "guest", "nest-parent": True}},
	"viommus": {"vsmmu": {"type": "arm-smmuv3", "device": "edu", "hwpt": "s2"}},
	"veventqs": {"events": {"viommu": "vsmmu"}},
	"steps": [{"no-event": {"veventq": "events", "timeout-ms": 600000}}]}


def limit_files(size):
	return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def has_namespaces():
	return os.geteuid() == 0 and shutil.which("unshare") and \
		subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0


class Test(holder.SessionTest):
	def popen(self, *argv, **options):
		process = subprocess.Popen([holder.PROGRAM, *map(str, argv)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
			text=True, env={**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}, **options)
		self.addCleanup(process.communicate)
		self.addCleanup(process.kill)
		return process

	def elsewhere(self):
		"""A directory outside the place of sessions."""
		directory = Path(tempfile.mkdtemp(prefix="iommuctl-surround-"))
		self.addCleanup(shutil.rmtree, directory)
		return directory

	def in_namespace(self, prepare, *argv, **options):
		"""Runs a command after a shell has changed the mounts."""
		if not has_namespaces():
			self.skipTest("no mount namespaces")
		return self.run_command(*argv, program=("unshare", "-m", "sh", "-c", f'{prepare}; exec "$@"', "sh"), **options)


class Limits(Test):
	def test_the_size_of_files_does_not_end_a_session(self):
		self.start("vm", preexec_fn=limit_files(65536))
		done = self.verb("memory", "create", "ram", "size=16M", "ipa=0")
		self.assertEqual((done.status, "EFBIG" in done.err), (1, True), done.err)
		self.assertEqual(self.run_command("session", "list").out, "vm\n")

	def test_a_job_that_exceeds_it_is_undone(self):
		done = self.run_command("--model", "run", str(holder.SMALL_JOB), preexec_fn=limit_files(65536))
		self.assertEqual((done.status, "EFBIG" in done.err), (1, True), done.err)


class Commands(Test):
	def ignored(self, before):
		self.start("vm", holder.SMALL_JOB)
		script = f"{before} exec {shlex.quote(holder.PROGRAM)} session export vm memory.ram -- grep SigIgn /proc/self/status"
		done = self.run_command("-c", script, program=("bash", "-c", 'shift; exec bash "$@"', "bash"))
		self.assertEqual(done.status, 0, done.err)
		mask = int(done.out.split()[1], 16)
		return [number for number in (signal.SIGPIPE, signal.SIGXFSZ) if mask >> number - 1 & 1]

	def test_they_find_signals_as_usual(self):
		self.assertEqual(self.ignored(""), [])

	def test_they_find_signals_as_they_were(self):
		self.assertEqual(self.ignored("trap '' PIPE XFSZ;"), [signal.SIGPIPE, signal.SIGXFSZ])


class Starts(Test):
	def interrupt_once_locked(self, *argv):
		job = self.elsewhere() / "job.json"
		job.write_text(json.dumps(WAITS))
		process = self.popen("--model", *(job if word is None else word for word in argv))
		self.wait_for((self.directory / "vm.lock").exists)
		return process

	def test_who_is_interrupted_leaves_nothing(self):
		for argv in (("session", "start", "vm", None), ("run", None, "--keep=vm")):
			for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
				with self.subTest(argv=argv, number=number):
					process = self.interrupt_once_locked(*argv)
					process.send_signal(number)
					_, err = process.communicate(timeout=holder.patience.SECONDS)
					self.assertEqual((process.returncode, number.name in err), (1, True), err)
					self.assertEqual(list(self.directory.iterdir()), [])

	def test_while_it_starts_it_is_said_to(self):
		process = self.interrupt_once_locked("session", "start", "vm", None)
		done = self.run_command("session", "show", "vm")
		self.assertEqual((done.status, "vm: session: is starting or ending" in done.err), (1, True), done.err)
		process.terminate()
		process.wait()

	def ends_at_once(self, *argv, **options):
		process = self.popen(*argv, **options)
		# It is in a read or an open that never ends, during which no signal may be blocked.
		self.wait_for(lambda: Path(f"/proc/{process.pid}/wchan").read_text() not in ("", "0")
			or Path(f"/proc/{process.pid}/stat").read_text().split()[2] == "S")
		process.terminate()
		self.assertEqual(process.wait(timeout=holder.patience.SECONDS), -signal.SIGTERM)
		self.assertEqual(list(self.directory.iterdir()), [])

	def test_signals_are_not_held_while_a_job_is_read(self):
		self.ends_at_once("--model", "session", "start", "vm", "-", stdin=subprocess.PIPE)

	def test_signals_are_not_held_while_a_trace_is_opened(self):
		fifo = self.elsewhere() / "trace"
		os.mkfifo(fifo)
		self.ends_at_once("--model", f"--trace={fifo}", "session", "start", "vm", "--foreground")

	def test_signals_are_not_held_while_a_record_is_read(self):
		self.ends_at_once("doctor", "--from=-", stdin=subprocess.PIPE)

	def test_that_it_is_held_is_said_last(self):
		done = self.run_command("--model", "session", "start", "vm", "--foreground", env={"NOTIFY_SOCKET": "/nowhere"})
		self.assertEqual((done.status, done.out), (1, ""), done.err)

	def test_a_manager_that_cannot_be_told_is_an_error(self):
		for address, error in (("run/notify", "EAFNOSUPPORT"), ("vsock:2:1234", "EAFNOSUPPORT"),
				("/" + "x" * 120, "ENAMETOOLONG")):
			with self.subTest(address):
				done = self.run_command("--model", "session", "start", "vm", "--foreground", env={"NOTIFY_SOCKET": address})
				self.assertEqual((done.status, error in done.err), (1, True), done.err)
				self.assertEqual(list(self.directory.iterdir()), [])

	def test_files_of_another_holder_are_left_alone(self):
		self.start("vm")
		first = self.pid_of("vm")
		for name in ("vm.lock", "vm.sock"):
			(self.directory / name).unlink()
		self.start("vm")
		os.kill(first, signal.SIGTERM)
		self.wait_for(lambda: not Path(f"/proc/{first}").exists() or "Z" in Path(f"/proc/{first}/stat").read_text().split())
		self.assertEqual(self.run_command("session", "show", "vm").status, 0)


class Holders(Test):
	def test_a_moment_without_memory_does_not_end_it(self):
		if not shutil.which("strace"):
			self.skipTest("no strace")
		process = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=poll:error=ENOMEM:when=1..2",
			holder.PROGRAM, "--model", "session", "start", "vm", "--foreground"], stdout=subprocess.PIPE,
			stderr=subprocess.DEVNULL, env={**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)})
		self.addCleanup(process.stdout.close)
		self.addCleanup(process.wait)
		self.addCleanup(process.kill)
		process.stdout.readline()
		self.assertEqual(self.run_command("session", "show", "vm").status, 0)
		self.assertEqual(self.run_command("session", "stop", "vm").status, 0)

	def test_who_is_dropped_is_told_that_it_runs(self):
		self.start("vm")
		follower = self.follow()
		with contextlib.ExitStack() as stack:
			# The client that has been quiet for longest makes room. One that is answered has been accepted.
			while follower.poll() is None:
				stack.enter_context(self.client()).ask(show={})
		self.assertIn("vm: session: the session is still running, but has closed the connection", follower.stderr.read())

	def test_a_terminal_may_be_as_wide_as_it_likes(self):
		self.start("vm")
		ours, theirs = pty.openpty()
		self.addCleanup(os.close, ours)
		fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20000, 0, 0))
		process = subprocess.run([holder.PROGRAM, "session", "show", "vm"], stdout=theirs, stderr=subprocess.PIPE,
			check=False, env={**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)})
		os.close(theirs)
		self.assertEqual((process.returncode, process.stderr), (0, b""))


class Places(Test):
	def test_umask_does_not_decide_over_our_own_files(self):
		place = self.elsewhere() / "own"
		env = {"IOMMUCTL_RUNTIME_DIRECTORY": str(place)}
		self.start("vm", env=env, preexec_fn=lambda: os.umask(0o777))
		self.addCleanup(self.run_command, "session", "stop", "vm", env=env)
		self.assertEqual([path.stat().st_mode & 0o777 for path in (place, place / "vm.lock", place / "vm.sock")],
			[0o700, 0o600, 0o600])

	def test_a_long_name_is_not_cut(self):
		place = self.elsewhere()
		while len(str(place)) < 600:
			place = place / ("x" * 100)
		place.mkdir(parents=True)
		env = {"IOMMUCTL_RUNTIME_DIRECTORY": str(place / "here")}
		self.start("vm", env=env)
		self.addCleanup(self.run_command, "session", "stop", "vm", env=env)
		self.assertEqual(sorted(path.name for path in (place / "here").iterdir()), ["vm.lock", "vm.sock"])
		done = self.run_command("session", "list", env={"IOMMUCTL_RUNTIME_DIRECTORY": "/" + "x/" * 3000})
		self.assertEqual((done.status, "ENAMETOOLONG" in done.err), (1, True), done.err)

	def test_nothing_in_dev_is_to_be_removed(self):
		for place in ("/dev/null", "/dev/shm"):
			done = self.run_command("session", "list", env={"IOMMUCTL_RUNTIME_DIRECTORY": place})
			self.assertNotIn("remove", done.err)

	@staticmethod
	def libraries():
		"""A program that is not installed finds its libraries by /proc."""
		libraries = Path(holder.PROGRAM).resolve().parents[1] / "libiommuctl"
		return {"LD_LIBRARY_PATH": f"{libraries}:{libraries / 'model'}"}

	def test_where_there_is_no_proc(self):
		env = self.libraries()
		self.start("vm")
		done = self.in_namespace("umount -l /proc", "session", "show", "--names", "vm", env=env)
		if "Sanitizer" in done.err:
			self.skipTest("a build with sanitizers needs /proc itself")
		self.assertEqual((done.status, done.err), (0, ""))
		job = self.elsewhere() / "job.json"
		job.write_text('{"iommuctl": 1}')
		done = self.in_namespace("umount -l /proc", "validate", str(job), env=env)
		self.assertEqual((done.status, "/proc/self/fd" in done.err), (3, True), done.err)

	def test_where_there_is_no_sysfs(self):
		done = self.in_namespace("umount -l /sys", "doctor")
		self.assertEqual((done.status != 0, "Mount sysfs at /sys" in done.err), (True, True), done.err)
		for word in ("has no VFIO", "uses no IOMMU", "has no iommufd"):
			self.assertNotIn(word, done.out)
		for argv in (("device", "list"), ("device", "show", "0000:00:01.0"), ("doctor", "0000:00:01.0")):
			done = self.in_namespace("umount -l /sys", *argv)
			self.assertEqual((done.status, "Mount sysfs at /sys" in done.err), (1, True), done.err)
		tree = self.elsewhere()
		(tree / "sys").mkdir()
		self.assertEqual(self.in_namespace("umount -l /sys", "device", "list", f"--root={tree}").status, 0)

	def test_who_may_lock_memory_is_not_known_without_proc(self):
		done = self.in_namespace("ulimit -l 64; umount -l /proc", "doctor", "--memory=1G", env=self.libraries())
		self.assertRegex(done.out, "UNKNOWN  memlock ")

	def test_a_record_that_finds_no_room_leaves_nothing(self):
		place = self.elsewhere()
		record = holder.ROOT / "tests/cli/hosts/grace.json"
		for count in range(2, 24):
			done = self.in_namespace(f'mount -t tmpfs -o nr_inodes={count} none {place}; "$@"; ls -A {place}; set true',
				"doctor", f"--from={record}", env={"TMPDIR": str(place)})
			self.assertEqual((done.out, "ENOSPC" in done.err), ("", True), (count, done.err))

	def test_where_there_is_no_null_device(self):
		for close in ("<&-", ">&-", "2>&-"):
			with self.subTest(close):
				done = self.in_namespace(f"mount -t tmpfs none /dev; exec {close}", "--version")
				self.assertEqual(done.status, 1 if close == ">&-" else 0, done.err)


if __name__ == "__main__":
	unittest.main()
