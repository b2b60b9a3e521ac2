# SPDX-License-Identifier: MIT
# Prints what the completion script $1 offers at the end of the line $2, as bash would ask for it.
source "$1" || exit
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'
COMP_LINE=$2
COMP_POINT=${#2}
COMPREPLY=()
_iommuctl
((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
exit 0
