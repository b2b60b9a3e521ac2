#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Requests that clients may send, and their results: a bad one harms no other."""

import json
import os
import pathlib
import resource
import socket
import time
import unittest

import holder

SHOW = b'{"iommuctl":1,"show":{}}\n'

# What is sent, and the answer.
REFUSED = {
	"no JSON": (b"hello\n", "bad-request"),
	"half of a JSON": (b'{"iommuctl":1,"show":{\n', "bad-request"),
	"no object": (b"[1]\n", "bad-request"),
	"no version": (b'{"show":{}}\n', "bad-request"),
	"another version": (b'{"iommuctl":2,"show":{}}\n', "bad-request"),
	"no request": (b'{"iommuctl":1}\n', "bad-request"),
	"two requests": (b'{"iommuctl":1,"show":{},"save":{}}\n', "bad-request"),
	"an unknown request": (b'{"iommuctl":1,"reboot":{}}\n', "bad-request"),
	"an unknown key": (b'{"iommuctl":1,"show":{"color":1}}\n', "bad-request"),
	"a key twice": (b'{"iommuctl":1,"iommuctl":1,"show":{}}\n', "bad-request"),
	"bytes that are no UTF-8": (b'{"iommuctl":1,"show":{"as":"\xff"}}\n', "bad-request"),
	"a NUL": (b'{"iommuctl":1,"show":{"as":"\0"}}\n', "bad-request"),
	"JSON that is too deep": (b"[" * 5000 + b"\n", "bad-request"),
	"a document that is none": (b'{"iommuctl":1,"apply":{"document":7}}\n', "bad-request"),
	"a job that is wrong": (b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"ioas":7}}}\n', "bad-job"),
	"an unknown key of a job": (b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"ioass":{}}}}\n', "bad-job"),
	"a job without its version": (b'{"iommuctl":1,"apply":{"document":{"ioas":{"x":{}}}}}\n', "bad-job"),
	"a job of another version": (b'{"iommuctl":1,"apply":{"document":{"iommuctl":2}}}\n', "bad-job"),
	"a job whose name is none": (b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"name":7}}}\n', "bad-job"),
	"a job for what there is not": (b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"backend":"x"}}}\n', "bad-job"),
	"an export of nothing": (b'{"iommuctl":1,"export":{"objects":[]}}\n', "bad-request"),
	"a request without an end": (b"x" * (1 << 20) + b"x", "refused"),
}


def cpu_seconds(pid):
	fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
	return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Refusals(holder.SessionTest):
	def setUp(self):
		super().setUp()
		self.start("vm")

	def test_each_is_refused_and_the_session_goes_on(self):
		for title, (sent, code) in REFUSED.items():
			with self.subTest(title), self.client() as client:
				client.send(sent)
				said = client.answer()
				self.assertEqual(said[0]["error"]["code"], code)
				self.assertNotEqual(holder.status_of(said), 0)
				with self.client() as other:
					other.send(SHOW)
					self.assertEqual(holder.status_of(other.answer()), 0)

	def test_a_refused_request_leaves_the_connection_open(self):
		with self.client() as client:
			client.send(b"hello\n" + SHOW)
			self.assertEqual(holder.status_of(client.answer()), 3)
			self.assertEqual(holder.status_of(client.answer()), 0)

	def test_a_request_without_keys_has_none(self):
		with self.client() as client:
			[error, _] = client.ask(stop={"now": True})
			self.assertIn("unknown key; a stop has none", json.dumps(error))

	def test_an_empty_line_is_nothing(self):
		with self.client() as client:
			client.send(b"\n\n" + SHOW)
			self.assertEqual(holder.status_of(client.answer()), 0)

	def test_the_last_request_needs_no_newline(self):
		with self.client() as client:
			client.send(SHOW.strip())
			client.socket.shutdown(socket.SHUT_WR)
			self.assertEqual(holder.status_of(client.answer()), 0)
			self.assertIsNone(client.line())

	def test_requests_of_one_client_are_answered_in_their_order(self):
		with self.client() as client:
			client.send(b"".join(json.dumps({"iommuctl": 1, "apply": {"document": {
				"iommuctl": 1, "ioas": {f"i{n}": {}}}}}).encode() + b"\n" for n in range(100)))
			made = [client.answer()[0]["made"]["object"] for _ in range(100)]
		self.assertEqual(made, [f"ioas.i{n}" for n in range(100)])

	def test_a_request_may_come_byte_by_byte(self):
		with self.client() as slow, self.client() as other:
			for byte in SHOW:
				slow.send(bytes([byte]))
				self.assertEqual(holder.status_of(other.ask(show={})), 0)
			self.assertEqual(holder.status_of(slow.answer()), 0)

	def test_who_does_not_read_is_not_waited_for(self):
		with self.client() as deaf, self.client() as other:
			deaf.socket.setblocking(False)
			try:
				while True:
					deaf.send(SHOW * 100)
			except BlockingIOError:
				pass
			self.assertEqual(holder.status_of(other.ask(show={})), 0)

	def test_who_shuts_down_with_answers_unread_is_dropped(self):
		pid = self.pid_of("vm")
		with self.client() as deaf:
			deaf.socket.settimeout(0.5)
			with self.assertRaises(TimeoutError):
				while True:
					deaf.send(SHOW * 100)
			deaf.socket.shutdown(socket.SHUT_RDWR)
			# The listening socket is left.
			self.wait_for(lambda: holder.open_sockets(pid) == 1)

	def test_more_clients_than_there_is_room_for_push_out_the_quietest(self):
		clients = [self.client() for _ in range(300)]
		self.assertEqual(holder.status_of(clients[-1].ask(show={})), 0)
		self.assertIsNone(clients[0].line())
		for client in clients:
			client.socket.close()

	def test_who_comes_while_there_are_no_descriptors_is_answered_later_and_costs_no_time(self):
		pid = self.pid_of("vm")
		numbers = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
		none_is_free = min(set(range(len(numbers) + 1)) - numbers)
		before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (none_is_free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
		with self.client() as client:
			used = cpu_seconds(pid)
			time.sleep(0.5)
			used = cpu_seconds(pid) - used
			resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
			self.assertLess(used, 0.1)
			self.assertEqual(holder.status_of(client.ask(show={})), 0)

	def test_a_command_says_as_text_what_is_refused_before_that_is_asked_for(self):
		job = self.directory / "job.json"
		job.write_text(json.dumps({"iommuctl": 1, "description": (1 << 20) * "x"}), encoding="ascii")
		done = self.verb("session", "apply", str(job))
		self.assertEqual((done.status, done.out), (1, ""))
		self.assertEqual(done.err, "iommuctl: session: the request is too long\n"
			"  hint: the limit is 1 MiB: apply the job in parts\n")
		done = self.verb("--json", "session", "apply", str(job))
		self.assertEqual((done.status, done.lines()[0]["error"]["code"], done.err), (1, "refused", ""))

	def test_files_that_a_client_passes_are_not_kept(self):
		pid = self.pid_of("vm")
		with self.client() as client:
			client.ask(show={})
			before = holder.open_files(pid)
			socket.send_fds(client.socket, [SHOW], [0, 1, 2])
			self.assertEqual(holder.status_of(client.answer()), 0)
			self.assertEqual(holder.open_files(pid), before)


@unittest.skipUnless(os.geteuid() == 0, "only root can be another user")
class OtherUsers(holder.SessionTest):
	NOBODY = 65534

	def connect_as_nobody(self):
		"""The exit status of a client process of another user."""
		pid = os.fork()
		if pid:
			return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		os.setresuid(self.NOBODY, self.NOBODY, self.NOBODY)
		try:
			with self.client() as client:
				said = client.answer()  # no request: who is refused is not listened to
			os._exit(10 + holder.status_of(said))
		except PermissionError:
			os._exit(5)

	def test_another_user_does_not_reach_the_socket(self):
		self.start("vm")
		self.assertEqual(self.connect_as_nobody(), 5)

	def test_another_user_is_refused_even_where_the_socket_is_open_to_all(self):
		self.start("vm")
		os.chmod(self.directory, 0o755)
		os.chmod(self.directory / "vm.sock", 0o666)
		self.assertEqual(self.connect_as_nobody(), 15)


if __name__ == "__main__":
	unittest.main(verbosity=2)
