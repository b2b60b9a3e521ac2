// SPDX-License-Identifier: MIT
/* The tree of a document is the one that jansson makes of its text. */
#include "document_fixture.h"

#include "document/document.h"
#include "document/node.h"

static const struct document_node *tree_of(struct document **document, const char *text)
{
	char *quoted = document_quoted(text, strlen(text));
	const struct document_node *tree;

	*document = document_new(quoted, strlen(quoted));
	free(quoted);
	cr_assert_not_null(*document);
	tree = document_tree(*document);
	cr_assert_not_null(tree, "%s", text);
	return tree;
}

static const char *const texts[] = {
	"{}",
	" { } ",
	"{'a':1}",
	"{ 'a' : [ ] , 'b' : { } }",
	"{'a':[1,2,3],'b':[[],[{}]],'c':{'d':{'e':'f'}}}",
	"{'true':true,'false':false,'null':null}",
	"{'n':[0,-0,-1,9223372036854775807,-9223372036854775808]}",
	"{'r':[0.5,-1.5e3,1E2,0e-400,0.0,9007199254740994.0]}",
	"{'':'','x':'a b\\tc'}",
	"{'escapes':'\\b\\f\\n\\r\\t\\\\\\/\\u0041\\u00e9\\u20ac\\ud83d\\ude00'}",
	"{'\\u0061':1,'b':2}",
	"{'a':1,'b':2,'a':3}",
	"{'a':1,'\\u0061':2}",
	"{'text':'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'}",
	"{'brackets':'}]{[,:'}",
	"{\r\n\t'a'\n:\t1\r,\n'b'\r:\n2\t}\n",
};

Test(document_tree, is_as_that_of_jansson)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *quoted = document_quoted(texts[i], strlen(texts[i]));
		json_t *expected = json_loads(quoted, 0, NULL);
		struct document *document;
		json_t *tree = document_share(tree_of(&document, texts[i]));
		char *first = json_dumps(expected, 0), *second = json_dumps(tree, 0);

		cr_expect(json_equal(tree, expected), "%s", texts[i]);
		cr_expect_str_eq(second, first, "%s", texts[i]); /* the order of keys as well */
		free(first);
		free(second);
		json_decref(tree);
		json_decref(expected);
		document_free(document);
		free(quoted);
	}
}

/* Whatever a byte becomes that leaves a document that jansson takes. */
Test(document_tree, is_as_that_of_jansson_with_any_byte_changed)
{
	static const char text[] =
		"{\"a\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\":[-0,1.5e-3,2E+4,12,true],\n"
		"\t\"\xc3\xa9\":{\"b\":null,\"c\":{}}\r}\n";
	size_t taken = 0;

	for (size_t at = 0; at < strlen(text); at++) {
		for (int byte = 1; byte < 256; byte++) {
			struct document *document;
			json_t *expected, *tree;

			document = document_new(text, strlen(text));
			document->text[at] = (char)byte;
			expected = json_loadb(document->text, document->size, 0, NULL);
			tree = expected ? document_share(document_tree(document)) : NULL;
			cr_expect(!expected || json_equal(tree, expected), "%s", document->text);
			taken += expected != NULL;
			json_decref(expected);
			json_decref(tree);
			document_free(document);
		}
	}
	cr_expect_gt(taken, strlen(text));
}

Test(document_tree, shares_numbers_that_jansson_cannot_hold_as_strings)
{
	static const char *const numbers[] = { "9223372036854775808", "-9223372036854775809",
		"1e999", "-1e999", "1e-400", "-1e-400", "4503599627370497.5" };
	const struct document_node *tree;
	struct document *document;
	json_t *array;

	tree = tree_of(&document, "{'n':[9223372036854775808,-9223372036854775809,1e999,-1e999,"
				  "1e-400,-1e-400,4503599627370497.5]}");
	array = document_share(document_node_member(tree, "n"));
	cr_assert_eq(json_array_size(array), ARRAY_SIZE(numbers));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		cr_expect_str_eq(json_string_value(json_array_get(array, i)), numbers[i]);
	json_decref(array);
	document_free(document);
}

Test(document_tree, shares_numbers_between_two_doubles_as_integers)
{
	static const json_int_t numbers[] = { 9007199254740993, 9223372036854775807 };
	const struct document_node *tree;
	struct document *document;
	json_t *array;

	tree = tree_of(&document, "{'n':[9007199254740993.0,922337203685477580.7e1]}");
	array = document_share(document_node_member(tree, "n"));
	cr_assert_eq(json_array_size(array), ARRAY_SIZE(numbers));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		cr_expect_eq(json_integer_value(json_array_get(array, i)), numbers[i]);
	json_decref(array);
	document_free(document);
}

Test(document_tree, knows_where_the_parts_of_a_repeated_key_are)
{
	const struct document_node *tree, *part;
	struct document *document;

	tree = tree_of(&document, "{'k':[1],'k':[2],'k':[{'a':3}]}");
	part = document_node_member(document_node_member(tree, "k")->first, "a");
	cr_assert_str_eq(part->path.key, "a");
	cr_assert_str_eq(part->path.parent->parent->key, "k");
	cr_expect_null(part->path.parent->parent->parent);
	document_free(document);
}

/* As many keys as are compared one by one, and more, and the last of them twice. */
Test(document_tree, takes_the_last_of_a_key_that_comes_twice)
{
	static const unsigned int counts[] = { 1, 2, 15, 16, 17, 200 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		char text[4096] = "{", key[16];
		const struct document_node *tree;
		struct document *document;
		int64_t value = 0;

		for (unsigned int k = 0; k < counts[i]; k++)
			sprintf(text + strlen(text), "'k%u':%u,", k, k);
		snprintf(key, sizeof(key), "k%u", counts[i] - 1);
		sprintf(text + strlen(text), "'%s':1000}", key);
		tree = tree_of(&document, text);
		cr_expect(document->has_duplicates, "%u", counts[i]);
		cr_expect_eq(tree->count, counts[i]);
		cr_expect(document_node_integer(document_node_member(tree, key), &value));
		cr_expect_eq(value, 1000);
		document_free(document);
	}
}
