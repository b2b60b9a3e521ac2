#!/bin/sh
# SPDX-License-Identifier: MIT
# session-round-trip.sh JOB: a session of JOB is saved, stopped and started again from the saved job: it shows the same. Then
# 200 requests by verbs.
set -e

what_is_there() {
	iommuctl session show x | tail -n +2
}

iommuctl session start x "$1"
what_is_there > /tmp/first
iommuctl session save --output=/tmp/saved.json x
iommuctl session stop x
iommuctl session start x /tmp/saved.json > /dev/null
what_is_there > /tmp/second
cmp /tmp/first /tmp/second
iommuctl session save x > /tmp/saved-again.json
cmp /tmp/saved.json /tmp/saved-again.json
echo "the same, $(wc -l < /tmp/second) lines"

export IOMMUCTL_SESSION=x
iommuctl memory write ipa=0x40400000 text=again
made=0
while [ $made -lt 50 ]; do
	iommuctl ioas alloc extra map.0.memory=ram
	iommuctl stage1 remap kernel iova=0x1000 ipa=0x40400000 size=4K
	iommuctl invalidate vsmmu commands.0.opcode=TLBI_NH_VA commands.0.asid=7 commands.0.address=0x1000
	iommuctl ioas destroy extra
	made=$((made + 1))
done > /dev/null
iommuctl dma edu from=0x1000 to=0x2000 size=5
iommuctl memory check ipa=0x40402000 text=again
what_is_there > /tmp/third
cmp /tmp/second /tmp/third
echo "200 requests later, the same"
iommuctl session stop x
iommuctl session list
ls -A /run/iommuctl
