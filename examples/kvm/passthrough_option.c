// SPDX-License-Identifier: MIT
/* The option --device=ADDRESS[,bus=N][,no-msi-window]. */
#include "passthrough_option.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "machine.h"
#include "report.h"

/* x: a hexadecimal digit in lower case, as in sysfs; o: a function number. */
static const char form[] = "xxxx:xx:xx.o";

static bool fits(char shape, char letter)
{
	switch (shape) {
	case 'x': return isxdigit((unsigned char)letter) && !isupper((unsigned char)letter);
	case 'o': return letter >= '0' && letter <= '7';
	default: return letter == shape;
	}
}

static const char *parse_address(const char *text, struct passthrough_option *option)
{
	for (size_t i = 0; i < strlen(form); i++) {
		if (!fits(form[i], text[i]))
			return NULL;
		option->address[i] = text[i];
	}
	return text + strlen(form);
}

static const char *parse_bus(const char *text, struct passthrough_option *option)
{
	if (*text < '0' || *text > '9' || (unsigned int)(*text - '0') >= PCI_BUSES)
		return NULL;
	option->bus = (unsigned int)(*text - '0');
	return text + 1;
}

static const char *parse_word(const char *text, struct passthrough_option *option)
{
	static const char bus[] = ",bus=";
	static const char no_window[] = ",no-msi-window";

	if (strncmp(text, bus, strlen(bus)) == 0)
		return parse_bus(text + strlen(bus), option);
	if (strncmp(text, no_window, strlen(no_window)) != 0)
		return NULL;
	option->no_msi_window = true;
	return text + strlen(no_window);
}

int passthrough_parse(const char *text, struct passthrough_option *option)
{
	const char *rest;

	*option = (struct passthrough_option){ 0 };
	rest = parse_address(text, option);
	while (rest && *rest)
		rest = parse_word(rest, option);
	if (!rest)
		return report_problem(
			text, "not of the form 0000:00:03.0[,bus=0 to 3][,no-msi-window]");
	return 0;
}
