#!/bin/sh
# SPDX-License-Identifier: MIT
# interrupt.sh WAITING-JOB: a job that gets SIGTERM half-way undoes everything it has done, and says so.

: > /tmp/waiting.out
iommuctl run "$1" > /tmp/waiting.out 2> /tmp/waiting.err &
pid=$!
while ! grep -q 'before the wait' /tmp/waiting.out; do
	[ -e /proc/$pid ] || { cat /tmp/waiting.out /tmp/waiting.err; exit 2; }
	sleep 0.1
done
kill -TERM $pid
wait $pid
status=$?
cat /tmp/waiting.err >&2
exit $status
