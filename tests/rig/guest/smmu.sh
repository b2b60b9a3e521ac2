# SPDX-License-Identifier: MIT
# What the guest's kernel says of its SMMU, and whatever it does not like.

dmesg | grep arm-smmu-v3
echo "guest: $(dmesg -r | grep -c '^<[0-4]>') complaints"
dmesg -r | grep '^<[0-4]>'
