#!/bin/sh
# SPDX-License-Identifier: MIT
# fail-every-call.sh JOB...: runs each JOB once for each call that it makes to the kernel, with that
# call failing. Each time it must end with status 1, name the object, and leave nothing behind.

complain() {
	echo "$job, call $n: $1"
	cat /tmp/fail.out /tmp/fail.err
	exit 1
}

for job; do
	n=1
	while :; do
		iommuctl --fail-call=$n run "$job" > /tmp/fail.out 2> /tmp/fail.err
		status=$?
		[ $status -eq 1 ] || complain "exit status $status"
		! grep -q 'only .* calls were made' /tmp/fail.err || break
		grep -q ' 0 left behind$' /tmp/fail.err || complain "something is left behind"
		grep -Eq '^iommuctl: [^ ]+.*: .*ENOMEM' /tmp/fail.err || complain "the object is not named"
		n=$((n + 1))
	done
	[ $n -gt 10 ] || complain "so few calls cannot be all"
	echo "$job: $((n - 1)) calls failed one by one, nothing left behind"
done
