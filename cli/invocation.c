// SPDX-License-Identifier: MIT
#include "invocation.h"

#include <stdlib.h>
#include <string.h>

void invocation_release(struct invocation *invocation)
{
	free(invocation->option_values);
	free(invocation->arguments);
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
	const struct command_option *options = invocation->command->options;

	for (size_t i = 0; options && options[i].name; i++) {
		if (!strcmp(options[i].name, name))
			return invocation->option_values[i];
	}
	return NULL;
}
