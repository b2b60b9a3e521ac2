# SPDX-License-Identifier: MIT
# The suite of examples/selftest with each named machine, also with JUnit XML.
# Usage: selftest.sh MACHINE PCI-ADDRESS

iommuctl device bind "$2" || exit
iommuctl selftest --machine="examples/selftest/machines/$1.json" examples/selftest
