#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a session takes to answer, on the model machine, beside "true": one of few mappings, and one of 10,000.

The requests are sent over one connection, over a new connection each, and by the command. The time that the calls
to the model take in them, as the session counts it, is taken off in the last column."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["IOMMUCTL"] = os.path.abspath(next((a for a in sys.argv[1:] if not a.startswith("-")), "iommuctl"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "session"))

import holder  # noqa: E402

# The requests, also as commands. The second destroys what the first makes.
REQUESTS = {
	"show": ([{"show": {}}], [["session", "show"]]),
	"ioas alloc, destroy": ([
		{"apply": {"document": {"iommuctl": 1, "ioas": {"bench": {}}}}},
		{"apply": {"document": {"iommuctl": 1, "steps": [{"destroy": {"object": "ioas.bench"}}]}}},
	], [["ioas", "alloc", "bench"], ["ioas", "destroy", "bench"]]),
	"ioas map, unmap": ([
		{"apply": {"document": {"iommuctl": 1, "steps": [{"ioas-map": {"ioas": "guest", "map": {"memory": "ram",
			"iova": "0x100000000", "length": "4K"}}}]}}},
		{"apply": {"document": {"iommuctl": 1, "steps": [{"ioas-unmap": {"ioas": "guest", "iova": "0x100000000",
			"size": "4K"}}]}}},
	], [["ioas", "map", "guest", "memory=ram", "iova=0x100000000", "length=4K"],
		["ioas", "unmap", "guest", "iova=0x100000000", "size=4K"]]),
	"memory check": ([
		{"apply": {"document": {"iommuctl": 1, "steps": [{"check": {"ipa": "0x40400000", "text": "page A"}}]}}},
	], [["memory", "check", "ipa=0x40400000", "text=page A"]]),
}


MAPPINGS = 10000


def write_large_job(path):
	"""The same job with so many further mappings of its memory, a page each."""
	job = json.loads(holder.SMALL_JOB.read_text())
	job["ioas"]["guest"]["map"] += [{"memory": "ram", "iova": hex(0x80000000 + number * 0x2000),
		"offset": hex(number % 4096 * 0x1000), "length": "4K"} for number in range(MAPPINGS)]
	path.write_text(json.dumps(job))


def timed(action, rounds):
	"""The median and the least time in milliseconds of an action."""
	times = []
	for _ in range(rounds):
		before = time.perf_counter()
		action()
		times.append((time.perf_counter() - before) * 1e3)
	return statistics.median(times), min(times)


def ask(client, requests):
	for request in requests:
		answer = client.ask(**request)
		if holder.status_of(answer) != 0:
			raise RuntimeError(json.dumps(answer))


def ask_anew(path, requests):
	for request in requests:
		with holder.Client(path) as client:
			ask(client, [request])


def call(directory, commands):
	for command in commands:
		done = holder.run(directory, "-s", "bench", *command)
		if done.status:
			raise RuntimeError(done.err)


def time_of_calls(directory):
	"""The total time of calls to the model so far, in milliseconds."""
	done = holder.run(directory, "--json", "session", "stats", "bench")
	return sum(one["nanoseconds"] for line in done.lines() for one in line["stats"]["calls"]) / 1e6


def measure(directory, rounds):
	path = directory / "bench.sock"
	true, _ = timed(lambda: subprocess.run(["true"], check=True), rounds)
	print(f"{'true':22} {true:8.3f} ms")
	print(f"{'one request, ms':22} {'connected':>10} {'anew':>10} {'command':>10} {'x true':>8} {'beyond calls':>13}"
		f" {'fastest':>9}")
	for name, (requests, commands) in REQUESTS.items():
		count = len(requests)
		with holder.Client(path) as client:
			before = time_of_calls(directory)
			connected, fastest = (one / count for one in timed(lambda: ask(client, requests), rounds))
			calls = (time_of_calls(directory) - before) / rounds / count
		anew = timed(lambda: ask_anew(path, requests), rounds)[0] / count
		command = timed(lambda: call(directory, commands), max(rounds // 10, 1))[0] / count
		print(f"{name:22} {connected:10.3f} {anew:10.3f} {command:10.3f} {command / true:8.2f} {connected - calls:13.3f}"
			f" {fastest:9.3f}")


def main():
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("iommuctl")
	parser.add_argument("--rounds", type=int, default=300)
	arguments = parser.parse_args()
	with tempfile.TemporaryDirectory() as name:
		directory = Path(name)
		large = directory / "large.json"
		write_large_job(large)
		for what, job in ("few mappings", holder.SMALL_JOB), (f"{MAPPINGS} mappings", large):
			started = holder.run(directory, "--model", "session", "start", "bench", str(job))
			if started.status:
				sys.exit(started.err)
			print(f"with {what}:")
			try:
				measure(directory, arguments.rounds)
			finally:
				holder.run(directory, "session", "stop", "bench")


if __name__ == "__main__":
	main()
