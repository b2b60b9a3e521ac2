# SPDX-License-Identifier: MIT
# Prints what the completion script $1 offers at the end of each further argument, a line, as zsh
# would ask for it, in an interactive zsh on a terminal of its own; behind each a line "--- end". The
# .zshrc of that zsh is what stands in 'setup' below.
zmodload zsh/zpty || exit
home=$(mktemp -d) || exit
mkfifo $home/answer || exit
export ASKED_SCRIPT=${1:A} ASKED_LINES=${(F)@[2,-1]} ZDOTDIR=$home TERM=xterm

setup='
autoload -Uz compinit && compinit -D
source $ASKED_SCRIPT
offered=()

# What is added is answered, with what is inserted before it; what only asks is let through.
compadd() {
	local -a hits before hidden rest
	if [[ ${@[1,(i)(-|--)]} != *-[OAD](| *) ]]; then
		zparseopts -E -a rest P:=before p:=hidden
		builtin compadd -A hits "$@"
		[[ -n $hits ]] && offered+=("$IPREFIX$before[2]$hidden[2]${(@)^hits}")
	fi
	builtin compadd "$@"
}
ask() {
	_main_complete
	offered+=("--- end")
}
zle -C ask list-choices ask
zle-line-init() {
	for LBUFFER in "${(@f)ASKED_LINES}"; do
		zle ask
	done
	print -rl -- "${(@)offered}" >$ZDOTDIR/answer
}
zle -N zle-line-init
'
print -r -- $setup >$home/.zshrc
zpty shell zsh -d -i
cat $home/answer
zpty -d shell
rm -r $home
