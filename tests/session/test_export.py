#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session's files are handed to a command, and to any client that connects."""

import array
import json
import os
import signal
import socket
import subprocess
import sys
import unittest

import holder

# A command that prints which of its arguments are open files, and our variables in its environment.
LOOK = """
import os, sys
print([os.path.exists(f"/proc/self/fd/{fd}") for fd in sys.argv[1:]])
print({name: value for name, value in sorted(os.environ.items()) if name.startswith("IOMMUCTL_ID_")})
print(sorted(name for name in os.environ if name.startswith("IOMMUCTL_FD_")))
"""

# A command that prints what was passed to it, and its files.
LISTEN = """
import os, sys
print(int(os.environ["LISTEN_PID"]) == os.getpid(), os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"])
print(sys.argv[1])
print(os.fstat(4).st_size)
print([fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{fd}")])
"""

# Arguments, and the message about them.
REFUSED = {
	"nothing": (("vm",), 2, "NAME is missing"),
	"no session": ((), 2, "which session"),
	"an unknown object": (("vm", "hwpts.other"), 1, "hwpts.other"),
	"a file that is none": (("vm", "--", "true", "{fd:hwpts.s2}"), 1, "hwpts.s2: hand over: has no file"),
	"an id that is none": (("vm", "--", "true", "{id:memory.ram}"), 1, "memory.ram: hand over: has no ID"),
	"an unknown name in a mark": (("vm", "--", "true", "{fd:devices.other}"), 1, "devices.other"),
	"neither file nor id": (("vm", "stage1.kernel"), 1, "neither a file nor an ID"),
	"no command": (("vm", "iommufd", "--"), 2, "'--' requires COMMAND"),
	"a command and a socket": (("vm", "iommufd", "--listen=x", "--", "true"), 2, "--listen and COMMAND are mutually exclusive"),
	"a user and no command": (("vm", "iommufd", "--user=root"), 2, "--user requires COMMAND"),
	"a mode and no socket": (("vm", "iommufd", "--mode=0666"), 2, "--mode requires --listen"),
	"a mode that is none": (("vm", "iommufd", "--listen=x", "--mode=rw"), 2, "octal"),
	"a count that is none": (("vm", "iommufd", "--listen=x", "--count=-1"), 2, "expected a number"),
	"an unknown user": (("vm", "iommufd", "--user=no-such-user", "--", "true"), 1, "is not a user of this host"),
	"half of a user": (("vm", "iommufd", "--user=1:", "--", "true"), 1, "write UID:GID"),
	"a user that means no change": (("vm", "iommufd", "--user=4294967295:0", "--", "true"), 1,
		"4294967295:0: user: is not a user of this host"),
	"a directory that is not there": (("vm", "iommufd", "--listen=/nonexistent/x"), 1, "/nonexistent/x: open"),
}


class Commands(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)

	def export(self, *argv, **options):
		return self.run_command("session", "export", *argv, **options)

	def look(self, *arguments, names=()):
		done = self.export("vm", *names, "--", sys.executable, "-c", LOOK, *arguments)
		self.assertEqual(done.status, 0, done.err)
		return [eval(line) for line in done.out.splitlines()]  # pylint: disable=eval-used

	def id_of(self, name):
		return self.run_command("--json", "session", "export", "vm", name).lines()[0]["export"][0]["id"]

	def test_what_is_there_is_shown(self):
		done = self.export("vm", "iommufd", "hwpts.s2", "devices.edu")
		self.assertEqual(done.status, 0, done.err)
		self.assertRegex(done.out, r"\Aiommufd  file\nhwpts\.s2  id \d+\ndevices\.edu  id \d+  file\n\Z")

	def test_it_is_shown_as_json(self):
		said = self.run_command("--json", "session", "export", "vm", "iommufd").lines()
		self.assertEqual(said, [{"iommuctl": 1, "export": [{"object": "iommufd", "file": True}]}])

	def test_the_session_may_be_named_before(self):
		self.assertEqual(self.verb("session", "export", "iommufd").out, "iommufd  file\n")
		self.assertEqual(self.export("iommufd", env={"IOMMUCTL_SESSION": "vm"}).out, "iommufd  file\n")

	def test_a_command_gets_the_files_that_its_arguments_name(self):
		files, ids, variables = self.look("{fd:iommufd}", "{fd:devices.edu}", "{fd:veventqs.events}")
		self.assertEqual(files, [True] * 3)
		self.assertEqual(variables,
			["IOMMUCTL_FD_DEVICES_EDU", "IOMMUCTL_FD_IOMMUFD", "IOMMUCTL_FD_VEVENTQS_EVENTS"])
		self.assertEqual(set(ids), {"IOMMUCTL_ID_DEVICES_EDU", "IOMMUCTL_ID_VEVENTQS_EVENTS"})

	def test_the_files_are_passed_as_by_a_service_manager(self):
		done = self.export("vm", "devices.edu", "--", sys.executable, "-c", LISTEN, "{fd:memory.ram}", "{id:hwpts.s2}")
		self.assertEqual((done.status, done.out.splitlines()),
			(0, ["True 2 devices.edu:memory.ram", "4", str(16 << 20), "[3, 4]"]), done.err)

	def test_files_that_are_inherited_keep_their_numbers(self):
		done = self.export("vm", "--", "sh", "-c", "head -c 3 <&3; echo $LISTEN_FDS.; test -e /proc/self/fd/{fd:iommufd}",
			program=("sh", "-c", 'exec "$@" 3<' + str(self.directory / "vm.lock"), "sh"))
		self.assertEqual((done.status, done.out.endswith(".\n"), "2." in done.out), (0, True, False), done.err)

	def test_names_before_the_command_are_in_its_environment(self):
		_, ids, variables = self.look(names=("memory.ram", "hwpts.s2"))
		self.assertEqual(variables, ["IOMMUCTL_FD_MEMORY_RAM"])
		self.assertEqual(ids, {"IOMMUCTL_ID_HWPTS_S2": str(self.id_of("hwpts.s2"))})

	def test_a_mark_stands_for_the_id(self):
		done = self.export("vm", "--", "echo", "a{id:hwpts.s2},{id:devices.edu}b")
		self.assertEqual(done.out, f"a{self.id_of('hwpts.s2')},{self.id_of('devices.edu')}b\n")

	def test_variables_that_two_names_would_have_are_not_set(self):
		self.verb("ioas", "alloc", "a-b")
		self.verb("ioas", "alloc", "a_b")
		_, ids, _ = self.look(names=("ioas.a-b", "ioas.a_b", "ioas.guest"))
		self.assertEqual(set(ids), {"IOMMUCTL_ID_IOAS_GUEST"})

	def test_variables_of_another_job_are_not_taken_along(self):
		done = self.export("vm", "iommufd", "--", "sh", "-c", "echo $IOMMUCTL_ID_OLD$IOMMUCTL_FD_OLD$IOMMUCTL_MMAP_OLD.",
			env={"IOMMUCTL_ID_OLD": "1", "IOMMUCTL_FD_OLD": "2", "IOMMUCTL_MMAP_OLD": "0x0:0x1"})
		self.assertEqual(done.out, ".\n")

	def test_the_memory_is_that_of_the_session(self):
		done = self.export("vm", "--", sys.executable, "-c",
			"import os, sys; os.pwrite(int(sys.argv[1]), b'from outside', 0x3000)", "{fd:memory.ram}")
		self.assertEqual(done.status, 0, done.err)
		done = self.verb("memory", "check", "ipa=0x40003000", "text=from outside")
		self.assertEqual(done.status, 0, done.err)

	def test_a_command_that_fails_is_a_failure(self):
		done = self.export("vm", "iommufd", "--", "sh", "-c", "exit 7")
		self.assertEqual((done.status, "exited with status 7" in done.err), (1, True))

	def test_what_is_wrong_is_refused(self):
		for title, (arguments, status, said) in REFUSED.items():
			with self.subTest(title):
				done = self.export(*arguments)
				self.assertEqual((done.status, said in done.err), (status, True), done.err)

	@unittest.skipUnless(os.geteuid() == 0, "only root can start a command as another user")
	def test_a_command_of_another_user_has_the_files_and_no_privileges(self):
		done = self.export("vm", "--user=65533:65532", "iommufd", "--", "sh", "-c",
			"id -u; id -G; grep -E 'NoNewPrivs|CapPrm' /proc/self/status; ulimit -l; test -e /proc/self/fd/{fd:iommufd}")
		# A user who may raise the limit of locked memory raises it for the command.
		limit = subprocess.run(["sh", "-c", "ulimit -l unlimited 2>/dev/null && ulimit -l || ulimit -H -l"],
			capture_output=True, text=True, check=True).stdout.strip()
		self.assertEqual((done.status, done.out.split()),
			(0, ["65533", "65532", "CapPrm:", "0" * 16, "NoNewPrivs:", "1", limit]), done.err)

	@unittest.skipUnless(os.geteuid() == 0, "only root has privileges to give up")
	def test_a_command_of_root_has_no_privileges_either(self):
		for user in ("root", "0", "0:0"):
			done = self.export("vm", f"--user={user}", "iommufd", "--", "sh", "-c",
				"id -u; grep -E 'NoNewPrivs|CapPrm|CapEff|CapAmb' /proc/self/status")
			none = "0" * 16
			self.assertEqual((done.status, done.out.split()),
				(0, ["0", "CapPrm:", none, "CapEff:", none, "CapAmb:", none, "NoNewPrivs:", "1"]), done.err)

	def test_a_session_that_the_environment_names_may_be_named_again(self):
		for asked in ("vm", "other"):
			done = self.export("vm", "iommufd", env={"IOMMUCTL_SESSION": asked})
			self.assertEqual((done.status, done.out), (0, "iommufd  file\n"), done.err)
		done = self.export("iommufd", env={"IOMMUCTL_SESSION": "vm"})
		self.assertEqual((done.status, done.out), (0, "iommufd  file\n"), done.err)

	@unittest.skipIf(os.geteuid() == 0, "root can become another user")
	def test_who_may_not_become_another_user_is_told(self):
		done = self.export("vm", "--user=0:0", "iommufd", "--", "true")
		self.assertEqual((done.status, "user" in done.err), (5, True))


class Sockets(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm", holder.SMALL_JOB)
		self.path = self.directory / "iommufd.sock"

	def listen(self, *options, names=("iommufd",)):
		environment = {**os.environ, "IOMMUCTL_RUNTIME_DIRECTORY": str(self.directory)}
		process = subprocess.Popen([holder.PROGRAM, "session", "export", "vm", *names, f"--listen={self.path}", *options],
			env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
		self.addCleanup(process.stderr.close)
		self.addCleanup(process.stdout.close)
		self.assertIn("passing files to any client that connects", process.stdout.readline())
		return process

	def connect(self):
		client = holder.Client(self.path).socket
		self.addCleanup(client.close)
		return client

	def receive(self, client, room=4096):
		"""The message and its files."""
		files = array.array("i")
		data, control, _, _ = client.recvmsg(room, 4096)
		for level, kind, content in control:
			self.assertEqual((level, kind), (socket.SOL_SOCKET, socket.SCM_RIGHTS))
			files.frombytes(content)
		for file in files:
			self.addCleanup(os.close, file)
		return data, list(files)

	def end(self, process, status=0):
		self.assertEqual(process.wait(holder.patience.SECONDS), status)
		self.assertFalse(self.path.exists())

	def test_a_line_names_the_files(self):
		process = self.listen(names=("iommufd", "hwpts.s2", "memory.ram"))
		client = self.connect()
		data, files = self.receive(client)
		said = json.loads(data)["export"]
		self.assertEqual([(one["object"], one.get("fd")) for one in said],
			[("iommufd", 0), ("hwpts.s2", None), ("memory.ram", 1)])
		self.assertEqual(os.fstat(files[1]).st_size, 16 << 20)
		client.close()
		self.end(process)
		self.assertRegex(process.stdout.read(), rf"\Ataken by process {os.getpid()} of user {os.geteuid()}\n\Z")

	def test_virt_launcher_gets_its_iommufd(self):
		# It reads 32 bytes once with room for files, takes the first file, sends a byte back, and ends.
		process = self.listen("--bare")
		client = self.connect()
		data, files = self.receive(client, 32)
		self.assertEqual((data, len(files)), (b"\0", 1))
		client.send(b"\0")
		client.close()
		self.end(process)

	def test_locked_memory_can_be_counted_per_process(self):
		trace = self.directory / "trace"
		self.start("counted", "--rlimit-mode", f"--trace={trace}")
		self.assertRegex(trace.read_text(encoding="utf-8"), r"IOMMU_OPTION.*RLIMIT_MODE")
		self.run_command("session", "stop", "counted")

	def test_who_goes_without_reading_does_not_count(self):
		process = self.listen()
		self.connect().close()
		self.assertIn("has not taken the files", process.stderr.readline())
		client = self.connect()
		self.assertEqual(len(self.receive(client)[1]), 1)
		client.close()
		self.end(process)

	def test_who_does_nothing_does_not_keep_others_waiting(self):
		process = self.listen("--count=2")
		self.connect()
		client = self.connect()
		self.assertEqual(len(self.receive(client)[1]), 1)
		client.close()
		self.assertIn("taken", process.stdout.readline())
		client = self.connect()
		self.assertEqual(len(self.receive(client)[1]), 1)
		client.close()
		self.end(process)

	def test_all_who_come_until_a_signal(self):
		process = self.listen("--count=0")
		for _ in range(20):
			client = self.connect()
			self.assertEqual(len(self.receive(client)[1]), 1)
			client.close()
		for _ in range(20):
			process.stdout.readline()
		process.terminate()
		self.end(process)

	def test_a_signal_before_enough_have_come_is_a_failure(self):
		process = self.listen()
		process.send_signal(signal.SIGINT)
		self.end(process, 1)
		self.assertIn("interrupted by SIGINT: 0 of 1 have taken the files", process.stderr.read())

	def test_the_mode_of_the_socket(self):
		process = self.listen()
		self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
		process.terminate()
		self.end(process, 1)

	def test_another_mode_of_the_socket(self):
		process = self.listen("--mode=0660")
		self.assertEqual(self.path.stat().st_mode & 0o777, 0o660)
		process.terminate()
		self.end(process, 1)

	@unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
	def test_the_owner_of_the_socket(self):
		process = self.listen("--owner=65533:65532")
		self.assertEqual((self.path.stat().st_uid, self.path.stat().st_gid), (65533, 65532))
		process.terminate()
		self.end(process, 1)

	def test_a_socket_that_nobody_listens_on_is_replaced(self):
		with socket.socket(socket.AF_UNIX) as old:
			old.bind(str(self.path))
		process = self.listen()
		client = self.connect()
		self.receive(client)
		client.close()
		self.end(process)

	def test_what_else_is_there_is_left_alone(self):
		self.path.write_text("precious", encoding="ascii")
		done = self.run_command("session", "export", "vm", "iommufd", f"--listen={self.path}")
		self.assertEqual((done.status, "use another path" in done.err), (1, True))
		self.assertEqual(self.path.read_text(encoding="ascii"), "precious")


if __name__ == "__main__":
	unittest.main(verbosity=2)
