// SPDX-License-Identifier: MIT
#include "host/kernel_parameter.h"

#include <string.h>

static bool list_has(char *list, const char *value)
{
	char *place = NULL;

	for (char *word = strtok_r(list, ",", &place); word; word = strtok_r(NULL, ",", &place)) {
		if (strcmp(word, value) == 0)
			return true;
	}
	return false;
}

bool kernel_parameter_has(const struct sysfs *sysfs, const char *name, const char *value)
{
	const size_t length = strlen(name);
	char text[16384], *place = NULL;

	if (sysfs_read(sysfs, "/proc", "cmdline", text, sizeof(text)))
		return false;
	for (char *word = strtok_r(text, " \n", &place); word;
		word = strtok_r(NULL, " \n", &place)) {
		if (strncmp(word, name, length) == 0 && word[length] == '=' &&
			list_has(word + length + 1, value))
			return true;
	}
	return false;
}
