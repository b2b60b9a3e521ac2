// SPDX-License-Identifier: MIT
#include "host/kernel_parameter.h"

#include <string.h>

#define QUOTE '"'
/* Quotes around values do not count. */
#define VALUE_ENDS ",\""

size_t kernel_parameter_begin(const char *word, const char *prefix)
{
	const size_t quotes = word[0] == QUOTE;
	size_t length = 0;

	while (prefix[length]) {
		const char said = word[quotes + length];

		if ((said == '-' ? '_' : said) != prefix[length++])
			return 0;
	}
	return quotes + length;
}

/* Takes in the values of one parameter, which override earlier ones. */
static enum kernel_switch read_values(
	char *list, const char *on, const char *off, enum kernel_switch said)
{
	char *place = NULL;

	for (char *word = strtok_r(list, VALUE_ENDS, &place); word;
		word = strtok_r(NULL, VALUE_ENDS, &place)) {
		if (strcmp(word, on) == 0)
			said = KERNEL_SWITCH_ON;
		else if (strcmp(word, off) == 0)
			said = KERNEL_SWITCH_OFF;
	}
	return said;
}

enum kernel_switch kernel_parameter_switch(
	const struct sysfs *sysfs, const char *name, const char *on, const char *off)
{
	enum kernel_switch said = KERNEL_SWITCH_UNSAID;
	char text[16384], *place = NULL;

	if (sysfs_read(sysfs, "/proc", "cmdline", text, sizeof(text)))
		return said;
	for (char *word = strtok_r(text, " \n", &place);
		word && strcmp(word, KERNEL_PARAMETERS_END) != 0;
		word = strtok_r(NULL, " \n", &place)) {
		const size_t length = kernel_parameter_begin(word, name);

		if (length > 0 && word[length] == '=')
			said = read_values(word + length + 1, on, off, said);
	}
	return said;
}
