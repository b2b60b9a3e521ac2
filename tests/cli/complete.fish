# SPDX-License-Identifier: MIT
# Prints what the completion script $argv[1] offers at the end of each further argument, a line, with
# its descriptions behind tabs; behind each a line "--- end".
source $argv[1]
for line in $argv[2..]
	complete -C $line
	echo '--- end'
end
