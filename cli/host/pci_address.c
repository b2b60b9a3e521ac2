// SPDX-License-Identifier: MIT
#include "host/pci_address.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_DIGITS "0123456789abcdefABCDEF"

/* Reads @min to @max hexadecimal digits and the @separator after them; NULL if they are missing. */
static const char *read_field(const char *text, size_t min, size_t max, char separator,
	unsigned int *value)
{
	size_t digits = strspn(text, HEX_DIGITS);

	if (digits < min || digits > max || text[digits] != separator)
		return NULL;
	*value = (unsigned int)strtoul(text, NULL, 16);
	return separator ? text + digits + 1 : text + digits;
}

int pci_address_normalise(const char *text, char address[PCI_ADDRESS_SIZE])
{
	unsigned int domain = 0, bus = 0, device = 0, function = 0;
	const char *rest = read_field(text, 4, 8, ':', &domain);

	rest = read_field(rest ? rest : text, 2, 2, ':', &bus);
	if (rest)
		rest = read_field(rest, 2, 2, '.', &device);
	if (rest)
		rest = read_field(rest, 1, 1, '\0', &function);
	if (!rest || device > 0x1f || function > 7)
		return -EINVAL;
	snprintf(address, PCI_ADDRESS_SIZE, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return 0;
}
