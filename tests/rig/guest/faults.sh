# SPDX-License-Identifier: MIT
# Faults of an edu, which is bound to vfio-pci; more than the guest's kernel would print.

iommuctl run /guest/faults.json
