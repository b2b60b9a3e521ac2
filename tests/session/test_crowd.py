#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""10,000 requests of 50 concurrent clients, some of which are killed or send nonsense: nothing is lost or left."""

import os
import random
import signal
import sys
import unittest

import holder

CLIENTS = 50
# Requests of a client that lives; one that dies sends half of them, 10,000 in all. Fewer where each takes long.
REQUESTS = int(os.environ.get("REQUESTS", "225"))
TOO_LONG = b"x" * ((1 << 20) + 1)
NONSENSE = (b"\n", b"{}\n", b"}{\n", b'{"iommuctl":1,"apply":{"document":{"iommuctl":1,"hwpts":{"x":{}}}}}\n', b"\xff\xfe\n",
	b'{"iommuctl":1,"show":{}}' + b" " * 70000 + b"\n")


def one_client(session, number):
	"""The work of a client; each ends in a different way."""
	chance = random.Random(number)
	dies = number % 5 == 0
	client = session.client()
	session.addCleanup(client.socket.close)
	too_long_at = chance.randrange(REQUESTS // 2)
	for request in range(REQUESTS):
		if request == too_long_at:
			send_too_much(session)
			continue
		if dies and request > REQUESTS // 2 and chance.random() < 0.05:
			client.send(b'{"iommuctl":1,"apply":{"document":{"ioas":{"half')
			os.kill(os.getpid(), signal.SIGKILL)
		kind = chance.randrange(4)
		if kind == 0:
			client.send(chance.choice(NONSENSE))
			continue_after_nonsense(client)
			continue
		name = f"c{number}x{request}"
		if kind == 1:
			status = holder.status_of(client.apply(ioas={name: {}}))
			assert status == 0, status
			status = holder.status_of(client.apply(steps=[{"destroy": {"object": f"ioas.{name}"}}]))
		elif kind == 2:
			status = holder.status_of(client.apply(ioas={"guest": {}})) - 1
		else:
			status = holder.status_of(client.ask(show={"as": "names"}))
		assert status == 0, (kind, status)


def send_too_much(session):
	"""Such a client gets an error and is disconnected: it takes a connection of its own."""
	with session.client() as client:
		try:
			client.send(TOO_LONG)
		except (BrokenPipeError, ConnectionResetError):
			return  # it was refused before it had sent all
		said = client.answer()
		assert not said or said[0]["error"]["code"] == "refused", said
		assert client.line() is None


def continue_after_nonsense(client):
	"""An empty line has no answer: the answer to the next request shows that it was skipped."""
	said = client.ask(show={"as": "names"})
	if not holder.status_of(said) == 0:
		assert holder.status_of(client.answer()) == 0
	elif any("session" in line for line in said):
		client.answer()


class Crowd(holder.SessionTest):
	def test_nothing_is_lost_and_nothing_left(self):
		self.start("vm", holder.SMALL_JOB)
		pid, before = self.pid_of("vm"), self.objects_of()
		files = holder.open_files(pid)
		children = []
		for number in range(CLIENTS):
			child = os.fork()
			if child == 0:
				try:
					one_client(self, number)
					os._exit(0)
				except BaseException as error:  # pylint: disable=broad-except
					print(f"client {number}: {error!r}", file=sys.stderr, flush=True)
					os._exit(1)
			children.append(child)
		ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
		self.assertEqual(set(ended) - {0, -signal.SIGKILL}, set())
		self.assertEqual(self.pid_of("vm"), pid)
		self.wait_for(lambda: holder.open_files(pid) == files)
		# The listening socket is left.
		self.wait_for(lambda: holder.open_sockets(pid) == 1)
		left = set(self.objects_of()) - set(before)
		# A client that was killed had at most an IOAS, between two of its requests.
		self.assertLessEqual(len(left), ended.count(-signal.SIGKILL))
		self.assertLessEqual(set(before), set(self.objects_of()))
		self.assertEqual(self.run_command("session", "stop", "vm").status, 0)


if __name__ == "__main__":
	unittest.main(verbosity=2)
