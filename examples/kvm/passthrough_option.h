/* SPDX-License-Identifier: MIT */
/* The option --device=ADDRESS[,bus=N][,no-msi-window]. */
#ifndef KVM_PASSTHROUGH_OPTION_H
#define KVM_PASSTHROUGH_OPTION_H

#include <stdbool.h>

#include "function.h"

struct passthrough_option {
	char address[FUNCTION_ADDRESS_SIZE];
	unsigned int bus;
	bool no_msi_window;
};

/* Reads the text of an option. Errors are reported. */
int passthrough_parse(const char *text, struct passthrough_option *option);

#endif
