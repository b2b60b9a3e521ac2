#!/bin/sh
# SPDX-License-Identifier: MIT
# An event queue whose file another process has: destroying it is refused until that process has gone. Then a new queue
# works like the old one.

iommuctl session start a examples/nested-edu.json || exit
iommuctl session export a veventqs.events -- sh -c 'echo $$ > /tmp/pid; mv /tmp/pid /tmp/holder; exec sleep 1000' &
until [ -e /tmp/holder ]; do
	[ -e /proc/$! ] || exit 1
	sleep 0.1
done
iommuctl -s a veventq destroy events
echo "refused: $?"
iommuctl session show --names a | grep veventqs.events || exit
iommuctl -s a event events type=F_TRANSLATION
echo "deaf: $?"
iommuctl -s a events || exit
kill "$(cat /tmp/holder)"
wait
iommuctl -s a veventq destroy events || exit
iommuctl -s a veventq alloc events viommu=vsmmu || exit
iommuctl -s a dma edu from=0x9000 size=4 expect=blocked || exit
iommuctl -s a event events type=F_TRANSLATION inputaddr=0x9000 || exit
exec iommuctl session stop a
