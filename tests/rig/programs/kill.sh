#!/bin/sh
# SPDX-License-Identifier: MIT
# kill.sh JOB WAITING-JOB: a job that is killed half-way leaves nothing that hinders another.

: > /tmp/waiting.out
iommuctl run "$2" > /tmp/waiting.out 2>&1 &
pid=$!
while ! grep -q '^ok .*before the wait' /tmp/waiting.out; do
	[ -e /proc/$pid ] || { cat /tmp/waiting.out; exit 1; }
	sleep 0.1
done
kill -KILL $pid
wait $pid
[ $? -eq 137 ] || { echo "the job was not killed"; exit 1; }
exec iommuctl run "$1"
