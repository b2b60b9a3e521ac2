// SPDX-License-Identifier: MIT
#include "output/terminal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of a terminal that does not report it. */
#define COLUMNS_USUAL 80

/* With less, broken lines would no longer be readable. */
#define COLUMNS_MIN 60

/* Consoles that cannot erase, and the old terminals that serial consoles pass for. */
static bool is_plain(const char *term)
{
	const char *variant = strrchr(term, '-');

	if (!*term || !strcmp(term, "dumb") || !strcmp(term, "unknown"))
		return true;
	if (!strncmp(term, "vt", 2) && isdigit((unsigned char)term[2]))
		return true;
	return variant && (!strcmp(variant, "-m") || !strcmp(variant, "-mono"));
}

bool terminal_is_capable(FILE *stream)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stream)) && term && !is_plain(term);
}

bool terminal_wants_color(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return (!no_color || !*no_color) && terminal_is_capable(stream);
}

size_t terminal_columns(FILE *stream)
{
	struct winsize size;

	if (!isatty(fileno(stream)))
		return 0;
	if (ioctl(fileno(stream), TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS_USUAL;
	return size.ws_col > COLUMNS_MIN ? size.ws_col : COLUMNS_MIN;
}
