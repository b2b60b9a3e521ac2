# SPDX-License-Identifier: MIT
# The suite of examples/selftest with the machine of each name that is given, beside what it says as JUnit XML.
# Usage: selftest.sh MACHINE PCI-ADDRESS

iommuctl device bind "$2" || exit
iommuctl selftest --machine="examples/selftest/machines/$1.json" examples/selftest
