#!/bin/sh
# SPDX-License-Identifier: MIT
# devices-json.sh: the JSON output of commands about real devices.

say() {
	iommuctl --json "$@"
	echo "$1 $2: $?"
}

say device unbind 0000:00:01.0
say device bind 0000:00:01.0
say device vf create --bind 0000:00:03.0 1
say device show --hw-info 0000:00:13.0
say device list --vfio
say device group 0000:00:13.0
say device vf destroy 0000:00:03.0
say device vf destroy 0000:00:03.0
say doctor 0000:00:01.0
say device bind --driver=none 0000:00:03.0
