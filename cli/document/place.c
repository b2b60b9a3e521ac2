// SPDX-License-Identifier: MIT
/* Places in a document: as a path, and as a position in the text. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "document/problem.h"
#include "document/scan.h"

static bool is_plain_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	}
	return true;
}

static size_t format_quoted(const char *name, char *text, size_t size)
{
	size_t used = 0;

	if (size < 3)
		return 0;
	text[used++] = '"';
	for (; *name && used + 2 < size; name++)
		text[used++] = iscntrl((unsigned char)*name) ? '?' : *name;
	text[used++] = '"';
	text[used] = '\0';
	return used;
}

void document_path_format(const struct document_path *path, char *text, size_t size)
{
	size_t used;

	text[0] = '\0';
	if (!path)
		return;
	document_path_format(path->parent, text, size);
	used = strlen(text);
	if (!path->key) {
		snprintf(text + used, size - used, "[%zu]", path->index);
		return;
	}
	if (used && used + 1 < size) {
		text[used++] = '.';
		text[used] = '\0';
	}
	if (is_plain_name(path->key))
		snprintf(text + used, size - used, "%s", path->key);
	else
		format_quoted(path->key, text + used, size - used);
}

/* Moves to that @part of @path, or to the innermost parent that exists. False: it is missing. */
static bool seek(const struct document *document, const struct document_path *path,
	enum document_part part, struct scan *scan)
{
	const bool goes_on = document->has_duplicates; /* the last of the same keys counts */
	struct scan inside, name;
	bool found = false;

	if (!path)
		return true;
	if (!seek(document, path->parent, DOCUMENT_PART_VALUE, scan))
		return false;
	inside = *scan;
	scan_gap(&inside);
	inside.at += inside.at < inside.end;
	for (size_t i = 0; !found || (path->key && goes_on); i++) {
		scan_gap(&inside);
		if (inside.at >= inside.end || *inside.at == '}' || *inside.at == ']')
			return found;
		name = inside;
		if (path->key) {
			scan_string(&inside);
			scan_gap(&inside);
		}
		if (path->key ? scan_string_is(&name, path->key) : i == path->index) {
			*scan = part == DOCUMENT_PART_KEY ? name : inside;
			found = true;
		}
		scan_value(&inside);
	}
	return true;
}

const char *document_path_seek(
	const struct document *document, const struct document_path *path, enum document_part part)
{
	struct scan scan = { document->text, document->text + document->size };

	seek(document, path, part, &scan);
	scan_gap(&scan);
	return scan.at;
}

struct scan_position document_position(
	const struct document *document, const struct document_path *path)
{
	return scan_position(
		document->text, document_path_seek(document, path, DOCUMENT_PART_VALUE));
}
