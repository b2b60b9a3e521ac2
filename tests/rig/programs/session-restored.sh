#!/bin/sh
# SPDX-License-Identifier: MIT
# session-restored.sh JOB: a session whose holder is killed during requests continues in another, which gets its files
# from the manager's store: the same ids, translation, tables that can be changed, events, memory that is pinned again,
# and an orderly end.

ids="iommufd devices.edu ioas.guest hwpts.s2 hwpts.s1 viommus.vsmmu vdevices.vedu veventqs.events memory.ram irqs.edu-msi"

exec tests/rig/programs/manager vm "$1" "
	iommuctl -s vm ioas alloc later map.0.memory=ram map.0.iova=0x80000000
	iommuctl -s vm ioas alloc gone
	iommuctl -s vm ioas destroy gone
	iommuctl -s vm memory create more size=4K ipa=0x70000000
	iommuctl -s vm memory write ipa=0x70000000 text='more memory'
	iommuctl session export vm $ids > /tmp/before
	iommuctl session save vm > /tmp/before.json
	iommuctl -s vm memory write ipa=0x40401000 text='before the kill'
	while i=\$((i + 1)) && iommuctl -s vm ioas alloc busy\$i; do :; done > /dev/null 2>&1 &
	sleep 1
" "
	busy=\$(iommuctl session show --names vm | grep -o 'busy.*')
	[ -n \"\$busy\" ]
	for name in \$busy; do iommuctl -s vm ioas destroy \$name > /dev/null; done
	echo 'what was made in haste is there'
	iommuctl session export vm $ids > /tmp/after
	cmp /tmp/before /tmp/after
	iommuctl session save vm > /tmp/after.json
	cmp /tmp/before.json /tmp/after.json
	echo 'the same ids, the same job'
	iommuctl -s vm memory check ipa=0x70000000 text='more memory'
	iommuctl -s vm memory check ipa=0x40401000 text='before the kill'
	iommuctl -s vm dma edu from=0x1000 to=0x2000 size=15
	iommuctl -s vm memory check ipa=0x40402000 text='before the kill'
	iommuctl -s vm stage1 map kernel iova=0x5000 ipa=0x40401000 size=4K
	iommuctl -s vm dma edu from=0x5000 to=0x2000 size=15
	iommuctl -s vm dma edu from=0x9000 size=4 expect=blocked
	iommuctl -s vm event events type=F_TRANSLATION inputaddr=0x9000
	iommuctl -s vm msi irq=edu-msi
	iommuctl -s vm veventq destroy events
	iommuctl -s vm veventq alloc events viommu=vsmmu
	iommuctl -s vm hwpt alloc new device=edu ioas=later
	echo 'it goes on'
	iommuctl -s vm irq destroy edu-msi
	iommuctl -s vm device detach edu
	iommuctl -s vm hwpt destroy s1
	iommuctl -s vm vdevice destroy vedu
	iommuctl -s vm veventq destroy events
	iommuctl -s vm viommu destroy vsmmu
	iommuctl -s vm hwpt destroy s2
	iommuctl -s vm device attach edu ioas=guest
	iommuctl -s vm dma edu from=0x40401000 to=0x40402000 size=15
	echo 'memory that was not pinned any more is pinned again'
"
