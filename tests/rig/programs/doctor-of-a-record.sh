#!/bin/sh
# SPDX-License-Identifier: MIT
# A host judged directly and by a record of it: doctor says the same, except for processes, which a record lacks.
# Usage: doctor-of-a-record.sh PCI-ADDRESS

host=/tmp/host.json
iommuctl doctor "--collect=$host" "$1" || exit
iommuctl doctor "$1" > /tmp/here
here=$?
iommuctl doctor "--from=$host" "$1" > /tmp/there
there=$?
for file in /tmp/here /tmp/there; do
	grep -v ' use  ' "$file" > "$file.compared"
done
diff /tmp/here.compared /tmp/there.compared || exit
[ "$here" = "$there" ] || exit
echo "status $here of both"
