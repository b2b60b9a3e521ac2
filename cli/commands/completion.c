// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "invocation.h"

/*
 * The part of the script that is the same for any table. bash breaks words at ':' and '=', which
 * PCI addresses and options have inside: the script takes the line apart itself, and in the end
 * cuts off what bash regards as done.
 */
static const char logic[] =
	"# Prints the kind of value that the option $1 takes.\n"
	"_iommuctl_kind_of()\n"
	"{\n"
	"	local option\n"
	"	local -a list\n"
	"	read -ra list <<<\"$options\"\n"
	"	for option in \"${list[@]}\"; do\n"
	"		[[ $option == \"$1\"=* ]] && echo \"${option#*=}\"\n"
	"	done\n"
	"}\n"
	"\n"
	"# Prints the words that may follow the words $1 of a command.\n"
	"_iommuctl_next()\n"
	"{\n"
	"	local command rest\n"
	"	for command in \"${_iommuctl_commands[@]}\"; do\n"
	"		rest=${command#\"${1:+$1 }\"}\n"
	"		[[ $1 && $rest == \"$command\" ]] || echo \"${rest%% *}\"\n"
	"	done\n"
	"}\n"
	"\n"
	"# Prints the words of kind $1 that begin with $2.\n"
	"_iommuctl_offer()\n"
	"{\n"
	"	case $1 in\n"
	"	FILE | ARGUMENT) compgen -f -- \"$2\" ;;\n"
	"	JOB) compgen -f -X '!*.json' -- \"$2\"; compgen -d -- \"$2\" ;;\n"
	"	PCI-ADDRESS) (cd /sys/bus/pci/devices 2>/dev/null && compgen -f -- \"$2\") ;;\n"
	"	COMMAND)\n"
	"		if [[ $ended ]]; then\n"
	"			compgen -c -- \"$2\"\n"
	"		else\n"
	"			compgen -W \"$(_iommuctl_next \"$given\")\" -- \"$2\"\n"
	"		fi\n"
	"		;;\n"
	"	*[A-Z]*) ;;\n"
	"	*) compgen -W \"${1//|/ }\" -- \"$2\" ;;\n"
	"	esac\n"
	"}\n"
	"\n"
	"# Prints the names of options that begin with $1, with = where a value follows.\n"
	"_iommuctl_offer_options()\n"
	"{\n"
	"	local option names=\n"
	"	local -a list\n"
	"	read -ra list <<<\"$options\"\n"
	"	for option in \"${list[@]}\"; do\n"
	"		[[ $option == *=* ]] && names+=\" ${option%%=*}=\" || names+=\" $option\"\n"
	"	done\n"
	"	compgen -W \"$names\" -- \"$1\"\n"
	"}\n"
	"\n"
	"_iommuctl()\n"
	"{\n"
	"	local line=${COMP_LINE:0:COMP_POINT} cur= prefix= breaks=\n"
	"	local command= known= given= kind= ended= word\n"
	"	local options=$_iommuctl_global_options arguments=\n"
	"	local -a words kinds\n"
	"\n"
	"	read -ra words <<<\"$line\"\n"
	"	if [[ $line != *[[:space:]] ]]; then\n"
	"		cur=${words[-1]}\n"
	"		unset 'words[-1]'\n"
	"	fi\n"
	"	for word in \"${words[@]:1}\"; do\n"
	"		if [[ $kind ]]; then\n"
	"			kind=\n"
	"		elif [[ ! $ended && $word == -- ]]; then\n"
	"			ended=1\n"
	"		elif [[ ! $ended && $word == -* ]]; then\n"
	"			[[ \" $options \" != *\" $word \"* ]] &&\n"
	"				kind=$(_iommuctl_kind_of \"$word\")\n"
	"		elif [[ ! $known ]]; then\n"
	"			command+=${command:+ }$word\n"
	"			_iommuctl_takes \"$command\" && known=1\n"
	"		else\n"
	"			given+=${given:+ }$word\n"
	"		fi\n"
	"	done\n"
	"\n"
	"	if [[ ! $kind && ! $ended && $cur == --*=* ]]; then\n"
	"		kind=$(_iommuctl_kind_of \"${cur%%=*}\")\n"
	"		prefix=${cur%%=*}=\n"
	"	fi\n"
	"	if [[ $kind ]]; then\n"
	"		word=${cur#\"$prefix\"}\n"
	"		mapfile -t COMPREPLY < <(_iommuctl_offer \"$kind\" \"$word\")\n"
	"		COMPREPLY=(\"${COMPREPLY[@]/#/$prefix}\")\n"
	"	elif [[ ! $ended && $cur == -* ]]; then\n"
	"		mapfile -t COMPREPLY < <(_iommuctl_offer_options \"$cur\")\n"
	"		[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	"	elif [[ ! $known ]]; then\n"
	"		given=$command\n"
	"		mapfile -t COMPREPLY < <(_iommuctl_offer COMMAND \"$cur\")\n"
	"	else\n"
	"		[[ $ended ]] && arguments=${arguments/\\[-- /}\n"
	"		read -ra kinds <<<\"$arguments\"\n"
	"		read -ra words <<<\"$given\"\n"
	"		kind=${kinds[${#words[@]}]}\n"
	"		[[ ! $kind && $arguments == *...* ]] && kind=${arguments##* }\n"
	"		kind=${kind//[].[]/}\n"
	"		mapfile -t COMPREPLY < <(_iommuctl_offer \"$kind\" \"$cur\")\n"
	"	fi\n"
	"	[[ $kind == @(JOB|FILE|ARGUMENT) ]] && compopt -o filenames 2>/dev/null\n"
	"\n"
	"	[[ $COMP_WORDBREAKS == *:* ]] && breaks+=:\n"
	"	[[ $COMP_WORDBREAKS == *=* ]] && breaks+==\n"
	"	prefix=\n"
	"	[[ $breaks ]] && prefix=${cur%\"${cur##*[$breaks]}\"}\n"
	"	COMPREPLY=(\"${COMPREPLY[@]#\"$prefix\"}\")\n"
	"}\n"
	"\n"
	"complete -F _iommuctl iommuctl\n";

/* " --trace --trace=FILE": the name alone if it needs no value, name=KIND if it may have one. */
static void write_option(FILE *stream, const struct command_option *option)
{
	if (!option->argument || option->argument_optional)
		fprintf(stream, " --%s", option->name);
	if (option->argument)
		fprintf(stream, " --%s=%s", option->name, option->argument);
}

/* Of the global options those that @command takes, or all. */
static void write_global_options(FILE *stream, const struct command *command)
{
	for (int i = 0; global_options[i].name; i++) {
		if (!command || command_takes(command, (enum global_option)i))
			write_option(stream, &global_options[i]);
	}
}

static void write_command(FILE *stream, const struct command *command)
{
	const struct command_option *options = command->options;

	fprintf(stream, "\t'%s')\n\t\toptions='", command->name);
	for (; options && options->name; options++)
		write_option(stream, options);
	write_global_options(stream, command);
	fprintf(stream, "'\n\t\targuments='%s'\n\t\t;;\n", command->arguments);
}

static void write_tables(FILE *stream)
{
	fputs("# Completion of iommuctl for bash, as printed by 'iommuctl completion bash'.\n\n"
	      "_iommuctl_global_options='",
		stream);
	write_global_options(stream, NULL);
	fputs("'\n_iommuctl_commands=(\n", stream);
	for (size_t i = 0; commands[i]; i++)
		fprintf(stream, "\t'%s'\n", commands[i]->name);
	fputs(")\n\n"
	      "# Says what the command $1 takes, if it is one.\n"
	      "_iommuctl_takes()\n"
	      "{\n"
	      "	case $1 in\n",
		stream);
	for (size_t i = 0; commands[i]; i++)
		write_command(stream, commands[i]);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", stream);
}

static void write_script(FILE *stream, const void *data)
{
	(void)data;
	write_tables(stream);
	fprintf(stream, "%s\n", logic);
}

static enum exit_status run_completion(struct invocation *invocation)
{
	if (strcmp(invocation->arguments[0], "bash") != 0)
		return report_usage(invocation->report,
			"there is no completion for '%s', only for bash", invocation->arguments[0]);
	return report_written(invocation->report, "completion", NULL, write_script, NULL);
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Print a completion script for a shell",
	.description = "For the running shell: eval \"$(iommuctl completion bash)\". "
		       "An installation puts the script where bash-completion finds it.",
	.run = run_completion,
};
