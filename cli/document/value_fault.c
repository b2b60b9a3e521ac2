// SPDX-License-Identifier: MIT
/* Why a text is not a number: frequent wrong spellings, and what they mean. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "document/value.h"
#include "output/text.h"

#define SUFFIXES "KMGT"

/* Offers @text instead if it is a number. */
static void offer(struct value_fault *fault, const char *text)
{
	uint64_t number;

	if (!value_parse_number(text, &number) && strlen(text) < sizeof(fault->instead))
		snprintf(fault->instead, sizeof(fault->instead), "%s", text);
}

static void fail(struct value_fault *fault, const char *why)
{
	snprintf(fault->why, sizeof(fault->why), "%s", why);
}

/* Spaces, and separators of digit groups. */
static bool explain_dividers(const char *text, struct value_fault *fault)
{
	static const char dividers[] = " \t\r\n_,'";
	char joined[48] = "";
	size_t used = 0;

	if (!text[strcspn(text, dividers)])
		return false;
	for (; *text && used + 1 < sizeof(joined); text++) {
		if (!strchr(dividers, *text))
			joined[used++] = *text;
	}
	offer(fault, joined);
	fail(fault, "a number has nothing between its digits, nor around them");
	return *fault->instead;
}

static bool explain_sign(const char *text, struct value_fault *fault)
{
	uint64_t number;

	if (*text == '-' && value_parse_number(text + 1, &number) != -EINVAL)
		fail(fault, "must not be negative");
	else if (*text == '+')
		fail(fault, "a number has no sign");
	else
		return false;
	if (*text == '+')
		offer(fault, text + 1);
	return true;
}

/* The number times the power of 1024 that @letter stands for, in the largest exact unit. */
static void offer_product(double number, char letter, struct value_fault *fault)
{
	const char *found = letter ? strchr(SUFFIXES, toupper((unsigned char)letter)) : NULL;
	size_t steps = found ? (size_t)(found - SUFFIXES) + 1 : 0;
	char text[48];

	while (steps && !value_is_whole(number)) {
		number *= 1024;
		steps--;
	}
	if (!value_is_whole(number))
		return;
	snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)number);
	if (steps)
		text_append(text, sizeof(text), "%c", SUFFIXES[steps - 1]);
	offer(fault, text);
}

/* 1.5G, 4096.5 and 1e3. */
static bool explain_real(const char *text, struct value_fault *fault)
{
	size_t digits = strspn(text, "0123456789");
	char *end;
	double number;

	if (!digits || !text[digits] || !strchr(".eE", text[digits]))
		return false;
	number = strtod(text, &end);
	if (*end && (!strchr("kKmMgGtT", *end) || end[1]))
		return false;
	fail(fault,
		text[digits] == '.' ? "must be a whole number" : "a number here has no exponent");
	offer_product(number, *end, fault);
	return true;
}

static bool explain_hexadecimal(const char *text, struct value_fault *fault)
{
	const char *digits = text + 2;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return false;
	if (!*digits)
		fail(fault, "hexadecimal digits are missing after 0x");
	else if (!isxdigit((unsigned char)*digits))
		fail(fault, "0x is followed by something other than hexadecimal digits");
	else
		return false;
	return true;
}

/* 16m, 16MB, 16MiB, 16P: the number before the suffix is right. */
static bool explain_suffix(const char *text, struct value_fault *fault)
{
	bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	size_t digits = hexadecimal ? 2 + strspn(text + 2, "0123456789abcdefABCDEF")
				    : strspn(text, "0123456789");
	const char *suffix = text + digits + strspn(text + digits, " "), *rest = suffix + 1;
	char meant[48];

	if (!digits || !*suffix)
		return false;
	snprintf(fault->why, sizeof(fault->why),
		"\"%.16s\" is not a suffix: K, M, G and T are, for powers of 1024", suffix);
	if (!strcasecmp(suffix, "B") || !strcasecmp(suffix, "bytes"))
		snprintf(meant, sizeof(meant), "%.*s", (int)digits, text);
	else if (strchr("kKmMgGtT", *suffix) &&
		 (!*rest || !strcasecmp(rest, "B") || !strcasecmp(rest, "i") ||
			 !strcasecmp(rest, "iB")))
		snprintf(meant, sizeof(meant), "%.*s%c", (int)digits, text,
			toupper((unsigned char)*suffix));
	else
		return true;
	offer(fault, meant);
	return true;
}

bool value_explain(const char *text, struct value_fault *fault)
{
	*fault = (struct value_fault){ "" };
	if (!*text) {
		fail(fault, "an empty string is not a number");
		return true;
	}
	return explain_dividers(text, fault) || explain_sign(text, fault) ||
	       explain_real(text, fault) || explain_hexadecimal(text, fault) ||
	       explain_suffix(text, fault);
}
