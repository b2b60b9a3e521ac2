// SPDX-License-Identifier: MIT
#include "document/syntax.h"

#include <ctype.h>
#include <errno.h>

#include "document/syntax_token.h"

/* The token expected at the place. */
enum due { DUE_VALUE, DUE_KEY, DUE_COLON, DUE_NEXT };

static bool in_object(const struct syntax *syntax)
{
	return syntax->depth && *syntax->open[syntax->depth - 1] == '{';
}

static int fail_end(struct syntax *syntax)
{
	const char *opening = syntax->open[syntax->depth - 1];
	struct scan_position position = scan_position(syntax->text, opening);

	return syntax_fail(syntax, syntax->scan.at,
		"the document ends here, but '%c' of line %d, column %d is not closed", *opening,
		position.line, position.column);
}

static int open_bracket(struct syntax *syntax)
{
	if (syntax->depth == SYNTAX_DEPTH_MAX)
		return syntax_fail(syntax, syntax->scan.at, "is nested deeper than %d levels",
			SYNTAX_DEPTH_MAX);
	syntax->open[syntax->depth++] = syntax->scan.at++;
	return 0;
}

static int close_bracket(struct syntax *syntax)
{
	const char *opening = syntax->open[syntax->depth - 1];
	struct scan_position position;

	if (*syntax->scan.at == (*opening == '{' ? '}' : ']')) {
		syntax->scan.at++;
		syntax->depth--;
		return 0;
	}
	position = scan_position(syntax->text, opening);
	return syntax_fail(syntax, syntax->scan.at,
		"'%c' does not close '%c' of line %d, column %d", *syntax->scan.at, *opening,
		position.line, position.column);
}

static bool is_closing(int byte)
{
	return byte == '}' || byte == ']';
}

static int fail_top(struct syntax *syntax)
{
	const char *at = syntax->scan.at;

	if (*at == '"')
		return syntax_fail(syntax, at, "a string where a JSON object, '{', was expected");
	return syntax_fail(syntax, at, "'%.*s' where a JSON object, '{', was expected",
		syntax_shown(syntax), at);
}

static int pass_value(struct syntax *syntax, enum due *due)
{
	int byte = scan_peek(&syntax->scan), err;

	*due = DUE_NEXT;
	if (byte == '{' || byte == '[') {
		err = open_bracket(syntax);
		scan_space(&syntax->scan);
		if (!err && !is_closing(scan_peek(&syntax->scan)))
			*due = byte == '{' ? DUE_KEY : DUE_VALUE;
		return err;
	}
	if (byte == '\'' || byte == '#' || byte == '/')
		return syntax_stray(syntax, syntax->depth ? "a value" : "a JSON object, '{',");
	if (!syntax->depth)
		return fail_top(syntax);
	if (byte == '"')
		return syntax_string(syntax);
	if (is_closing(byte) || byte == ',' || byte == ':')
		return syntax_fail(
			syntax, syntax->scan.at, "'%c' where a value was expected", byte);
	return syntax_word(syntax);
}

static int pass_key(struct syntax *syntax, enum due *due)
{
	int byte = scan_peek(&syntax->scan);

	*due = DUE_COLON;
	if (byte == '"')
		return syntax_string(syntax);
	if (isalnum(byte) || byte == '_' || byte == '$' || byte == '-') {
		int shown = syntax_shown(syntax);

		syntax_fail(syntax, syntax->scan.at, "key %.*s is not in double quotes", shown,
			syntax->scan.at);
		return syntax_hint(syntax, "write \"%.*s\"", shown, syntax->scan.at);
	}
	return syntax_stray(syntax, "a key in double quotes");
}

static int pass_colon(struct syntax *syntax, enum due *due)
{
	*due = DUE_VALUE;
	if (scan_peek(&syntax->scan) != ':')
		return syntax_stray(syntax, "':' between a key and its value");
	syntax->scan.at++;
	return 0;
}

/* After a value: a comma and something after it, or the end of the object or array. */
static int pass_next(struct syntax *syntax, enum due *due)
{
	const char *comma = syntax->scan.at;
	int byte = scan_peek(&syntax->scan);

	*due = in_object(syntax) ? DUE_KEY : DUE_VALUE;
	if (is_closing(byte)) {
		*due = DUE_NEXT;
		return close_bracket(syntax);
	}
	if (byte == '"' || byte == '{' || byte == '[' || isalnum(byte) || byte == '-')
		return syntax_fail(syntax, comma, "a comma is missing before this %s",
			in_object(syntax) ? "key" : "element");
	if (byte != ',')
		return syntax_stray(syntax, in_object(syntax) ? "',' or '}'" : "',' or ']'");
	syntax->scan.at++;
	scan_space(&syntax->scan);
	if (!is_closing(scan_peek(&syntax->scan)))
		return 0;
	syntax_fail(
		syntax, comma, "a comma after the last %s", in_object(syntax) ? "key" : "element");
	return syntax_hint(syntax, "remove it");
}

static int pass_part(struct syntax *syntax, enum due *due)
{
	switch (*due) {
	case DUE_VALUE: return pass_value(syntax, due);
	case DUE_KEY: return pass_key(syntax, due);
	case DUE_COLON: return pass_colon(syntax, due);
	default: return pass_next(syntax, due);
	}
}

int syntax_check(const char *text, size_t size, struct syntax_mistake *mistake)
{
	struct syntax syntax = {
		.text = text,
		.scan = { text, text + size },
		.mistake = mistake,
	};
	enum due due = DUE_VALUE;
	int err = syntax_encoding(&syntax);

	while (!err && (due != DUE_NEXT || syntax.depth)) {
		scan_space(&syntax.scan);
		err = syntax.scan.at == syntax.scan.end ? fail_end(&syntax)
							: pass_part(&syntax, &due);
	}
	if (err)
		return err;
	scan_space(&syntax.scan);
	if (syntax.scan.at == syntax.scan.end)
		return 0;
	syntax_fail(&syntax, syntax.scan.at, "'%.*s' after the end of the document",
		syntax_shown(&syntax), syntax.scan.at);
	return syntax_hint(&syntax, "a file holds one JSON object");
}
