#!/bin/sh
# SPDX-License-Identifier: MIT
# A session takes the iommufd and a device that another has opened and bound: with the id it works with them; without
# the id it says why not. Files of the wrong kind or of another device are refused.

job() {
	cat > /tmp/adopt.json <<-END
	{ "iommuctl": 1,
	  "memory":  { "ram": { "size": "1M", "ipa": "0x50000000" } },
	  "devices": { "edu": { "pci": "$1"$2 } },
	  "ioas":    { "own": { "map": [ { "memory": "ram" } ] } },
	  "attach":  [ { "device": "edu", "ioas": "own" } ],
	  "steps":   [ { "write": { "ipa": "0x50000000", "text": "adopted" } },
	               { "dma": { "device": "edu", "from": "0x50000000", "to": "0x50001000",
	                          "expect": { "ipa": "0x50001000", "text": "adopted" } } } ] }
	END
}

# Starts the session "b" with the files of session "a", as a service manager would.
adopt() {
	iommuctl session export a iommufd devices.edu -- sh -c '
		exec 8<&$IOMMUCTL_FD_IOMMUFD 9<&$IOMMUCTL_FD_DEVICES_EDU
		exec 3<&8 4<&9 8<&- 9<&-
		export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=$0
		exec iommuctl session start --foreground b /tmp/adopt.json' "$1"
}

iommuctl session start a || exit
iommuctl -s a device open edu pci=0000:00:01.0 || exit
id=$(iommuctl session export a -- echo '{id:devices.edu}') || exit

job 0000:00:01.0 ', "fd": "nic", "id": '$id
adopt iommufd:nic &
until iommuctl session list | grep -q '^b$'; do
	[ -e /proc/$! ] || exit 1
	sleep 0.1
done
until iommuctl -s b dma edu from=0x50000000 to=0x50002000 size=7; do
	[ -e /proc/$! ] || exit 1
	sleep 0.1
done
iommuctl -s b memory check ipa=0x50002000 text=adopted || exit
iommuctl session stop b || exit
wait

echo "without the id:"
job 0000:00:01.0 ''
adopt iommufd:devices.edu
echo "an id that is not of a device:"
job 0000:00:01.0 ', "id": 77'
adopt iommufd:devices.edu
echo "another device:"
job 0000:00:02.0 ''
adopt iommufd:devices.edu
echo "the other way around:"
job 0000:00:01.0 ''
adopt devices.edu:iommufd
exec iommuctl session stop a
