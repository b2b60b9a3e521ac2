#!/bin/sh
# SPDX-License-Identifier: MIT
# child.sh JOB: the command of a job gets the files that it names, and no others; then everything is undone.

iommuctl run "$1" -- sh -c '
	for fd; do readlink /proc/self/fd/$fd; done
	for fd in /proc/self/fd/*; do
		case ${fd##*/} in
		0 | 1 | 2 | $1 | $2 | $3) ;;
		*) [ ! -e "$fd" ] || echo "also open: $(readlink "$fd")" ;;
		esac
	done' sh '{fd:iommufd}' '{fd:devices.edu}' '{fd:veventqs.events}' || exit
iommuctl run "$1" -- sh -c 'exit 7'
[ $? -eq 1 ] || exit 1
exec iommuctl run "$1" -- sh -c 'kill -TERM $PPID; sleep 60'
