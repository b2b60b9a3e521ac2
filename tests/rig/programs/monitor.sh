#!/bin/sh
# SPDX-License-Identifier: MIT
# monitor.sh: devices are bound, virtual functions are made and removed, and monitor reports it, also
# changes while it could not listen.

work=$(mktemp -d)

# Starts monitor with these arguments; once it listens, its output goes to $work/said.
start() {
	iommuctl monitor "$@" >"$work/said" 2>"$work/err" &
	pid=$!
	until grep -q listening "$work/err"; do sleep 0.1; done
}

# Ends it, or waits until it ends by itself, and shows its output.
finish() {
	[ $# -eq 0 ] || kill "-$1" "$pid"
	wait "$pid"
	status=$?
	cut -d' ' -f3- "$work/said"
	cat "$work/err"
	echo "status $status"
}

start
iommuctl device unbind 0000:00:01.0 >/dev/null
iommuctl device bind 0000:00:01.0 >/dev/null
iommuctl device vf create --bind netdev:eth0 1 >/dev/null
iommuctl device vf destroy netdev:eth0 >/dev/null
sleep 1
finish TERM

echo "-- a device alone"
start --subsystem=vfio-dev --count=2 0000:00:01.0
iommuctl device vf create --bind netdev:eth0 1 >/dev/null
iommuctl device vf destroy netdev:eth0 >/dev/null
iommuctl device unbind 0000:00:01.0 >/dev/null
iommuctl device bind 0000:00:01.0 >/dev/null
finish

echo "-- overrun"
start --subsystem=pci,vfio-dev
kill -STOP "$pid"
i=0
while [ $i -lt 8000 ]; do
	echo change >/sys/bus/pci/devices/0000:00:02.0/uevent
	i=$((i + 1))
done
iommuctl device unbind 0000:00:01.0 >/dev/null
kill -CONT "$pid"
sleep 2
kill -TERM "$pid"
wait "$pid"
echo "status $?"
grep -v 'change  *0000:00:02.0' "$work/said" | cut -d' ' -f3-
tail -n 1 "$work/err"
rm -r "$work"
