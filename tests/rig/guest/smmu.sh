# SPDX-License-Identifier: MIT
# The guest kernel's messages about its SMMU, and its complaints.

dmesg | grep arm-smmu-v3
echo "guest: $(dmesg -r | grep -c '^<[0-4]>') complaints"
dmesg -r | grep '^<[0-4]>'
