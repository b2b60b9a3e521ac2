// SPDX-License-Identifier: MIT
/* A schema of no job: names, references, and fields of a structure that the test describes. */
#include "document_fixture.h"

enum { SHELVES, BOOKS };

struct shelf {
	struct document_object object;
	uint64_t room;
};

struct book {
	struct document_object object;
	struct document_ref shelf;
	struct document_list fields; /* struct document_field */
};

struct library {
	struct document_list shelves;
	struct document_list books;
};

/* What the binding of a book is like. */
static const char *const field_names[] = { "Cover", "Sewn", "Pages" };

static bool binding_field(size_t index, struct schema_field *field)
{
	if (index >= ARRAY_SIZE(field_names))
		return false;
	*field = (struct schema_field){ &field_names[index], field_names[index], index == 1 };
	return true;
}

static bool binding_value(
	const struct schema_field *field, size_t index, struct schema_choice *value)
{
	static const struct schema_choice covers[] = { { "Hard", 1 }, { "Soft", 2 } };

	if (field->source != &field_names[0] || index >= ARRAY_SIZE(covers))
		return false;
	*value = covers[index];
	return true;
}

static const struct schema_structure binding = { "binding", binding_field, binding_value };
static const struct schema_fields binding_fields = { &binding, offsetof(struct book, fields) };

static const struct schema_key shelf_keys[] = {
	{ "room", SCHEMA_NUMBER, MEMBER(shelf, room), .required = true, .max = 9,
		.help = "Where." },
	{ NULL },
};

static const struct schema_shape shelf_shape = {
	"shelf",
	sizeof(struct shelf),
	shelf_keys,
	.help = "A shelf.",
};

static const struct schema_key book_keys[] = {
	{ "shelf", SCHEMA_REF, MEMBER(book, shelf), .required = true, .collection = SHELVES,
		.help = "Where it stands." },
	{ NULL },
};

static const struct schema_shape book_shape = {
	"book",
	sizeof(struct book),
	book_keys,
	&binding_fields,
	.help = "A book.",
};

static const struct schema_key library_keys[] = {
	{ "books", SCHEMA_NAMED, MEMBER(library, books), .collection = BOOKS, .max = 10,
		.shape = &book_shape, .help = "Books." },
	{ "shelves", SCHEMA_NAMED, MEMBER(library, shelves), .collection = SHELVES, .max = 10,
		.shape = &shelf_shape, .help = "Shelves." },
	{ NULL },
};

static const struct schema_shape library_shape = {
	"library",
	sizeof(struct library),
	library_keys,
	.help = "A library.",
};

static struct document *parse(
	const char *text, struct library *library, struct document_problem *problem, int expected)
{
	char *quoted = document_quoted(text, strlen(text));
	struct document *document = document_new(quoted, strlen(quoted));

	free(quoted);
	cr_assert_not_null(document);
	cr_expect_eq(document_parse(document, &library_shape, library, problem), expected, "%s: %s",
		text, problem->message);
	return document;
}

Test(document_schema, names_are_found_and_referred_to)
{
	struct document_problem problem = { .message = "" };
	struct library library = { 0 };
	struct document *document = parse("{'books': {'b': {'shelf': 's'}, 'a': {'shelf': 't'}},"
					  "'shelves': {'t': {'room': 2}, 's': {'room': 1}}}",
		&library, &problem, 0);
	const struct book *books = library.books.items;
	const struct shelf *shelves = library.shelves.items;

	cr_assert_eq(document->collection_count, 2);
	cr_assert_eq(document->use_count, 2);
	cr_expect_eq(books[0].shelf.target, &shelves[1].object);
	cr_expect_eq(books[1].shelf.target, &shelves[0].object);
	cr_expect_eq(document_find(document, BOOKS, "a"), &books[1].object);
	cr_expect_eq(document_object_at(document, SHELVES, 1), &shelves[1].object);
	cr_expect_null(document_find(document, SHELVES, "a"));
	document_free(document);
}

Test(document_schema, what_is_not_there_is_stood_in_for)
{
	struct document_problem problem = { .message = "" };
	struct library library = { 0 };
	struct document *document = parse("{'shelves': {'low': {'room': 2}},\n'books': {'b': "
					  "{'shelf': 'lov'}}}",
		&library, &problem, -EINVAL);
	const struct book *books = library.books.items;

	cr_expect_eq(problem.count, 1);
	cr_expect_str_eq(problem.path, "books.b.shelf");
	cr_expect_str_eq(problem.message, "\"lov\" is not one of shelves");
	cr_expect_str_eq(problem.hint, "did you mean \"low\"?");
	cr_expect_eq(problem.line, 2);
	cr_expect(books->object.doubtful);
	cr_assert_not_null(books->shelf.target);
	cr_expect(books->shelf.target->doubtful);
	cr_expect_null(books->shelf.target->path);
	document_problem_free(&problem);
	document_free(document);
}

Test(document_schema, fields_are_those_that_the_hook_tells_of)
{
	static const struct document_field expected[] = {
		{ "pages", "Pages", &field_names[2], 300, NULL },
		{ "cover", "Cover", &field_names[0], 2, NULL },
		{ "sewn", "Sewn", &field_names[1], 1, NULL },
	};
	struct document_problem problem = { .message = "" };
	struct library library = { 0 };
	struct document *document =
		parse("{'books': {'b': {'shelf': 's', 'pages': 300, 'cover': 'soft',"
		      "'sewn': true}}, 'shelves': {'s': {'room': 1}}}",
			&library, &problem, 0);
	const struct book *book = library.books.items;
	const struct document_field *fields = book->fields.items;

	cr_assert_eq(book->fields.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		cr_expect_str_eq(fields[i].key, expected[i].key);
		cr_expect_str_eq(fields[i].name, expected[i].name);
		cr_expect_eq(fields[i].field, expected[i].field);
		cr_expect_eq(fields[i].value, expected[i].value);
		cr_expect_str_eq(fields[i].path->key, expected[i].key);
	}
	document_free(document);
}

Test(document_schema, an_unknown_field_is_distinguished_from_known_ones)
{
	static const struct {
		const char *key, *value, *message, *hint;
	} cases[] = {
		{ "'covers'", "1",
			"unknown key; a book has shelf, and the fields of a binding in lower case",
			"did you mean \"cover\"?" },
		{ "'cover'", "'sofd'", "must be a number or one of \"hard\", \"soft\"",
			"did you mean \"soft\"?" },
		{ "'pages'", "true",
			"must be a number, or a string such as \"0x1000\" or \"16M\", not true",
			"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct document_problem problem = { .message = "" };
		struct library library = { 0 };
		char text[256];

		snprintf(text, sizeof(text),
			"{'shelves': {'s': {'room': 1}}, 'books': {'b': {'shelf': 's', %s: %s}}}",
			cases[i].key, cases[i].value);
		document_free(parse(text, &library, &problem, -EINVAL));
		cr_expect_str_eq(problem.message, cases[i].message);
		cr_expect_str_eq(problem.hint, cases[i].hint);
		document_problem_free(&problem);
	}
}

Test(document_schema, the_json_schema_has_the_fields)
{
	json_t *schema = schema_to_json(&library_shape, "library");
	json_t *properties = json_object_get(
		json_object_get(json_object_get(schema, "$defs"), "book"), "properties");
	json_t *sewn, *forms;

	cr_assert_eq(json_object_size(properties), 1 + ARRAY_SIZE(field_names));
	sewn = json_object_get(properties, "sewn");
	forms = json_object_get(sewn, "anyOf");
	cr_expect_str_eq(json_string_value(json_object_get(sewn, "description")), "Field Sewn.");
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_array_get(forms, json_array_size(forms) - 1), "type")),
		"boolean");
	json_decref(schema);
}
