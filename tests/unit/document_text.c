// SPDX-License-Identifier: MIT
/* The text of a document: its syntax, and what is shown of text from elsewhere. */
#include "document_fixture.h"
#include "document/node.h"
#include "document/syntax.h"
#include "output/text.h"

/* Not terminated, so that a sanitizer notices reads beyond the end. */
static int check(const char *text, size_t size, struct syntax_mistake *mistake)
{
	char *copy = malloc(size ? size : 1);
	int err;

	cr_assert_not_null(copy);
	memcpy(copy, text, size);
	err = syntax_check(copy, size, mistake);
	if (err)
		mistake->at = text + (mistake->at - copy);
	free(copy);
	return err;
}

static const char everything[] =
	" {\"a\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\":[-0,1.5e-3,2E+4,0.0,12,true,false,null,{},[]],\n"
	"\t\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"\r}\n";

Test(document_text, what_the_syntax_takes_becomes_a_tree)
{
	static const char *const texts[] = {
		everything,
		"{}",
		"[]",
		"[[[[]]]]",
		"{\"a\":{\"b\":[1,{}]}}",
		"[1e999,99999999999999999999]",
		"[-99999999999999999999,-1e999]",
		"{\"a\":1,\"a\":2}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct document *document = document_new(texts[i], strlen(texts[i]));
		struct syntax_mistake mistake;

		cr_assert_not_null(document);
		cr_expect_eq(check(texts[i], strlen(texts[i]), &mistake), 0, "%s", texts[i]);
		cr_expect_not_null(document_tree(document), "%s", texts[i]);
		document_free(document);
	}
}

Test(document_text, no_beginning_of_a_document_is_one)
{
	for (size_t size = 0; size < strlen(everything) - 1; size++) {
		struct syntax_mistake mistake;

		cr_expect_eq(check(everything, size, &mistake), -EINVAL, "%zu bytes", size);
		cr_expect(mistake.at >= everything && mistake.at <= everything + size, "%zu bytes",
			size);
		cr_expect_neq(mistake.message[0], '\0', "%zu bytes", size);
	}
}

/*
 * One byte in place of another: what the syntax takes, jansson takes, and the other way round. But for
 * NUL, which jansson takes for the end in places.
 */
Test(document_text, the_syntax_is_that_of_the_parser_behind_it)
{
	const size_t size = strlen(everything);
	char text[sizeof(everything)];

	for (size_t at = 0; at < size; at++) {
		for (int byte = 1; byte < 256; byte++) {
			struct syntax_mistake mistake;
			json_t *tree;

			memcpy(text, everything, sizeof(text));
			text[at] = (char)byte;
			tree = json_loadb(text, size, 0, NULL);
			cr_expect_eq(!check(text, size, &mistake), tree != NULL,
				"byte 0x%02x at %zu", (unsigned int)byte, at);
			json_decref(tree);
		}
	}
}

Test(document_text, strings_are_compared_by_what_they_say)
{
	static const struct {
		const char *a, *b;
		int order;
	} cases[] = {
		{ "\"a\"", "\"a\"", 0 }, { "\"a\"", "\"\\u0061\"", 0 },
		{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", 0 }, { "\"\\/\"", "\"/\"", 0 },
		{ "\"\\n\"", "\"\\u000a\"", 0 }, { "\"a\"", "\"b\"", -1 },
		{ "\"\"", "\"a\"", 1 }, /* the end comes last */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scan a = { cases[i].a, cases[i].a + strlen(cases[i].a) };
		struct scan b = { cases[i].b, cases[i].b + strlen(cases[i].b) };

		cr_expect_eq(scan_compare_strings(a, b), cases[i].order, "%s %s", cases[i].a,
			cases[i].b);
		cr_expect_eq(scan_compare_strings(b, a), -cases[i].order, "%s %s", cases[i].b,
			cases[i].a);
	}
}

static const char *printed(void (*print)(FILE *stream, const char *text), const char *text)
{
	static char buffer[256];
	FILE *stream = fmemopen(buffer, sizeof(buffer), "w");

	cr_assert_not_null(stream);
	print(stream, text);
	fclose(stream);
	return buffer;
}

static void print_line(FILE *stream, const char *text)
{
	text_print(stream, text, 0);
}

Test(document_text, no_text_from_elsewhere_moves_the_cursor_or_ends_a_line)
{
	static const struct {
		const char *text, *line, *json;
	} cases[] = {
		{ "plain é → 😀", "plain é → 😀", "plain é → 😀" },
		{ "a\nb\tc\rd", "a\\nb\\tc\\x0dd", "a\\u000ab\\u0009c\\u000dd" },
		{ "\033[1mbold\033[0m", "\\x1b[1mbold\\x1b[0m", "\\u001b[1mbold\\u001b[0m" },
		{ "\x7f", "\\x7f", "\\u007f" },
		{ "\xc2\x85\xc2\x9b", "\\xc2\\x85\\xc2\\x9b", "\\u0085\\u009b" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9", "\\u2028\\u2029" },
		{ "\xe2\x80\xae\xe2\x81\xa6", "\\xe2\\x80\\xae\\xe2\\x81\\xa6", "\\u202e\\u2066" },
		{ "\xff", "\\xff", "\xff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char escaped[256];

		cr_expect_str_eq(printed(print_line, cases[i].text), cases[i].line);
		cr_expect_str_eq(
			text_escape(cases[i].text, escaped, sizeof(escaped)), cases[i].line);
		cr_expect_str_eq(printed(text_print_json, cases[i].text), cases[i].json);
	}
}

Test(document_text, an_escaped_text_is_cut_between_what_is_shown)
{
	char escaped[8];

	cr_expect_str_eq(text_escape("abc\n\n\n", escaped, sizeof(escaped)), "abc\\n\\n");
	cr_expect_str_eq(text_escape("abcdef😀", escaped, sizeof(escaped)), "abcdef");
	cr_expect_str_eq(text_escape("abcd\033", escaped, sizeof(escaped)), "abcd");
}

Test(document_text, a_noun_has_its_article)
{
	static const char *const nouns[][2] = {
		{ "an", "attach" },
		{ "an", "event" },
		{ "an", "ioas" },
		{ "an", "ioas-map" },
		{ "an", "hwpt" },
		{ "an", "ste" },
		{ "an", "STE" },
		{ "an", "smmu" },
		{ "an", "unmap" },
		{ "an", "irq" },
		{ "a", "memory" },
		{ "a", "step" },
		{ "a", "stage1" },
		{ "a", "CD" },
		{ "a", "viommu" },
		{ "a", "set-cd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(nouns); i++)
		cr_expect_str_eq(text_article(nouns[i][1]), nouns[i][0], "%s", nouns[i][1]);
}
