#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest's kernel maps and unmaps many pages at once, strictly: the VMM calls the kernel once for everything that the
# guest queues at once; without range invalidation that is a TLBI for each page. A batch that wraps around the end of the
# queue takes one more call.

out=/tmp/dma-map.meter

for wishes in no-ril ""; do
	rm -f $out
	LD_PRELOAD=$PWD/tests/rig/programs/libvmm_meter.so METER_SMMU=0x0c000000 METER_UART=0x0b000000 METER_OUT=$out \
		sh tests/rig/programs/kvm-edu.sh "guest=dma-map iommu.strict=1" ${wishes:+--smmu $wishes} || exit
	awk -v ril=$((${#wishes} == 0)) -v queue=262144 '
		function judge() {
			tlbis = count["commands"] - count["syncs"]
			around = int(count["commands"] / queue) + 1
			good = count["syncs"] > 0 && count["calls"] <= (ril ? count["syncs"] : count["bells"]) + around
			good = good && (ril || tlbis == count["syncs"] * pages)
			good = good && (ril || pages < 16 || (count["calls"] - around) * 5 <= tlbis)
			printf "dma-map: %s, pages at once: %d, %s", ril ? "ril" : "no-ril", pages, good ? "good" : "bad"
			printf " (%d TLBIs, %d CMD_SYNCs, %d calls)\n", tlbis, count["syncs"], count["calls"]
		}
		$1 != "section" { count[$1] = $2; next }
		pages { judge() }
		{ pages = $2 == "pages" ? $5 : 0 }' $out
done
