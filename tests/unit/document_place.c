// SPDX-License-Identifier: MIT
/* Where in a document something is: its path and its line. */
#include "document_fixture.h"

static const struct document_path *key(const struct document_path *parent, const char *name)
{
	static struct document_path paths[16];
	static size_t used;
	struct document_path *path = &paths[used++ % ARRAY_SIZE(paths)];

	*path = (struct document_path){ .parent = parent, .key = name };
	return path;
}

static void expect_path(const struct document_path *path, size_t size, const char *expected)
{
	char text[64];

	memset(text, 'x', sizeof(text));
	document_path_format(path, text, size);
	cr_expect_str_eq(text, expected);
	cr_expect_eq(text[size], 'x', "written beyond %zu bytes", size);
}

Test(document_place, a_path_has_dots_between_keys_and_brackets_around_indices)
{
	const struct document_path map = { .parent = key(key(NULL, "ioas"), "guest"),
		.key = "map" };
	const struct document_path second = { .parent = &map, .index = 12 };

	expect_path(NULL, 63, "");
	expect_path(&map, 63, "ioas.guest.map");
	expect_path(key(&second, "iova"), 63, "ioas.guest.map[12].iova");
}

Test(document_place, an_unusual_key_is_quoted_and_its_control_characters_are_not_shown)
{
	expect_path(key(NULL, ""), 63, "\"\"");
	expect_path(key(NULL, "a.b"), 63, "\"a.b\"");
	expect_path(key(NULL, "a[0]"), 63, "\"a[0]\"");
	expect_path(key(NULL, "a\033[2Jb\nc\177"), 63, "\"a?[2Jb?c?\"");
	expect_path(key(NULL, "%s%n"), 63, "\"%s%n\"");
	expect_path(key(key(NULL, "a"), "é"), 63, "a.\"é\"");
}

Test(document_place, a_path_that_is_too_long_is_cut)
{
	const struct document_path index = { .parent = key(NULL, "memory"), .index = 7 };

	expect_path(key(NULL, "memory"), 4, "mem");
	expect_path(key(key(NULL, "memory"), "ram"), 7, "memory");
	expect_path(key(key(NULL, "memory"), "ram"), 8, "memory.");
	expect_path(key(key(NULL, "memory"), "ram"), 9, "memory.r");
	expect_path(&index, 9, "memory[7");
	expect_path(key(key(NULL, "memory"), "a b"), 8, "memory.");
	expect_path(key(key(NULL, "memory"), "a b"), 10, "memory.\"\"");
	expect_path(key(NULL, "memory"), 1, "");
}

static int line_of(char *text, size_t size, const struct document_path *path)
{
	const struct document document = { .text = text, .size = size };

	return document_position(&document, path).line;
}

static void expect_line(const char *text, const struct document_path *path, int line)
{
	char *copy = strdup(text);
	int found = line_of(copy, strlen(text), path);

	cr_expect_eq(found, line, "%s: line %d", text, found);
	free(copy);
}

Test(document_place, a_line_is_that_of_the_value)
{
	static const char text[] =
		"\n{ \"a\": 1,\n  \"b\": {\n    \"c\": [ 10,\n 20\n, 30 ] }\n}\n";
	const struct document_path *list = key(key(NULL, "b"), "c");

	expect_line(text, NULL, 2);
	expect_line(text, key(NULL, "a"), 2);
	expect_line(text, key(NULL, "b"), 3);
	expect_line(text, list, 4);
	expect_line(text, &(struct document_path){ .parent = list, .index = 0 }, 4);
	expect_line(text, &(struct document_path){ .parent = list, .index = 1 }, 5);
	expect_line(text, &(struct document_path){ .parent = list, .index = 2 }, 6);
}

Test(document_place, what_is_not_there_has_the_line_of_what_should_hold_it)
{
	static const char text[] = "{\n\"a\": {\n\"b\": 1 },\n\"c\": [\n] }";

	expect_line(text, key(NULL, "x"), 1);
	expect_line(text, key(key(NULL, "a"), "x"), 2);
	expect_line(text, &(struct document_path){ .parent = key(NULL, "c"), .index = 3 }, 4);
}

Test(document_place, escapes_brackets_in_strings_and_windows_lines_do_not_mislead)
{
	expect_line("{\"\\\"}\":\n1,\"b\":\n2}", key(NULL, "b"), 3);
	expect_line("{\"a\":\"]}\\\\\",\n\"b\":\n[\"{\", \"\\\"\"]}", key(NULL, "b"), 3);
	expect_line("{\"\\u0061b\":\n1,\"b\":\n2}", key(NULL, "ab"), 2);
	expect_line("{\"\xc3\xa9\":1,\n\"\\u00e9e\":2}",
		key(NULL, "\xc3\xa9"
			  "e"),
		2);
	expect_line("{\"\\ud83d\\ude00\":\n1}", key(NULL, "\xf0\x9f\x98\x80"), 2);
	expect_line("{\r\n\"a\":\r\n1,\r\n\"b\":2}\r\n", key(NULL, "b"), 4);
	expect_line("{\"a\":[[],{\"x\":[{}]},\n7],\"b\":1}", key(NULL, "b"), 2);
}

Test(document_place, text_that_ends_early_is_not_left)
{
	static const char *const texts[] = { "", " ", "{", "{\"a", "{\"a\\", "{\"a\":", "{\"a\":[",
		"\"" };
	const struct document_path *path = key(key(NULL, "a"), "b");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t size = strlen(texts[i]);
		char *copy = malloc(size + 1);

		/* Not terminated, so that a sanitizer notices reads beyond the end. */
		memcpy(copy, texts[i], size);
		copy = realloc(copy, size ? size : 1);
		cr_expect_eq(line_of(copy, size, path), 1, "%s", texts[i]);
		free(copy);
	}
}
