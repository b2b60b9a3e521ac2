# SPDX-License-Identifier: MIT
# Prints what the completion script $1 offers at the end of each further argument, a line, as bash
# would ask for it; behind each a line "--- end".
source "$1" || exit
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'
for COMP_LINE in "${@:2}"; do
	COMP_POINT=${#COMP_LINE}
	COMPREPLY=()
	_iommuctl
	((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
	echo '--- end'
done
