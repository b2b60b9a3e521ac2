// SPDX-License-Identifier: MIT
#include "session/client/verb_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PART_SIZE 80

/* No key in a job is nested more deeply. */
#define DEPTH_MAX 16

static json_t *numbers(const char *value)
{
	json_t *list = json_array();
	size_t length;

	for (; *value; value += length + (value[length] == ',')) {
		length = strcspn(value, ",");
		json_array_append_new(list, json_stringn(value, length));
	}
	return list;
}

static bool is_json(const char *value)
{
	return *value == '{' || *value == '[' || *value == '"';
}

/* The JSON of @value, for @key; NULL: it begins like JSON but is invalid. */
static json_t *make_value(const struct schema_key *key, const char *value)
{
	enum schema_type type = key ? key->type : SCHEMA_STRING;

	if (is_json(value) && type != SCHEMA_TEXT)
		return json_loads(value, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (type == SCHEMA_BOOL && !strcmp(value, "true"))
		return json_true();
	if (type == SCHEMA_BOOL && !strcmp(value, "false"))
		return json_false();
	if (type == SCHEMA_NUMBERS)
		return numbers(value);
	return json_string(value);
}

/*
 * The element of @list at @index, which is appended if it is the next one; NULL: it is beyond that.
 */
static json_t *element_at(json_t *list, const char *index)
{
	size_t at = strtoul(index, NULL, 10);

	if (at == json_array_size(list))
		json_array_append_new(list, json_object());
	return json_array_get(list, at);
}

static int add(json_t *object, const struct schema_shape *shape, const char *name,
	const char *value, const char **why);

/* @index is that of the next number. */
static int add_number(json_t *list, const char *index, const char *value, const char **why)
{
	const size_t count = json_array_size(list), at = strtoul(index, NULL, 10);

	*why = "a number in a list is named by its index, from 0";
	if (!*index || index[strspn(index, "0123456789")] || at > count)
		return -EINVAL;
	*why = "the key is given twice";
	if (at < count)
		return -EINVAL;
	return json_array_append_new(list, json_string(value)) ? -ENOMEM : 0;
}

/* @rest begins with the index of an element; more may follow. */
static int add_to_list(json_t *list, const struct schema_key *key, const char *rest,
	const char *value, const char **why)
{
	const char *dot = strchr(rest, '.');
	json_t *element;

	if (key->type == SCHEMA_NUMBERS)
		return add_number(list, rest, value, why);
	element = element_at(list, rest);

	*why = "an element of a list is named by its index, from 0, and then its key";
	if (!dot || strspn(rest, "0123456789") != (size_t)(dot - rest) || !json_is_object(element))
		return -EINVAL;
	return add(element, key->shape, dot + 1, value, why);
}

static int add_value(json_t *object, const struct schema_key *key, const char *name,
	const char *value, const char **why)
{
	json_t *made = make_value(key, value), *old = json_object_get(object, name);

	*why = "the value begins like JSON, but is invalid or has a key twice";
	if (!made)
		return -EINVAL;
	/* A list is given element by element, or as a whole. */
	if (key && key->type == SCHEMA_ARRAY && json_is_object(made)) {
		if (!json_is_array(old))
			json_object_set_new(object, name, old = json_array());
		return json_array_append_new(old, made) ? -ENOMEM : 0;
	}
	*why = "the key is given twice";
	if (old) {
		json_decref(made);
		return -EINVAL;
	}
	return json_object_set_new(object, name, made) ? -ENOMEM : 0;
}

static int add(json_t *object, const struct schema_shape *shape, const char *name,
	const char *value, const char **why)
{
	size_t length = strcspn(name, ".");
	const struct schema_key *key;
	char part[PART_SIZE];
	bool is_list;
	json_t *inner;

	*why = "the key is too long";
	if (length >= sizeof(part))
		return -EINVAL;
	memcpy(part, name, length);
	part[length] = '\0';
	key = (shape ? schema_find_key(shape, part) : NULL);
	if (!name[length])
		return add_value(object, key, part, value, why);
	is_list = key && (key->type == SCHEMA_ARRAY || key->type == SCHEMA_NUMBERS);
	inner = json_object_get(object, part);
	if (!inner)
		json_object_set_new(object, part, inner = is_list ? json_array() : json_object());
	*why = "the key is given twice";
	if (is_list ? !json_is_array(inner) : !json_is_object(inner))
		return -EINVAL;
	name += length + 1;
	if (!key)
		return add(inner, NULL, name, value, why);
	return is_list ? add_to_list(inner, key, name, value, why)
		       : add(inner, key->shape, name, value, why);
}

static size_t depth_of(const char *key, const char *end)
{
	size_t depth = 1;

	for (; key < end; key++)
		depth += *key == '.';
	return depth;
}

int verb_add_value(
	json_t *object, const struct schema_shape *shape, const char *argument, const char **why)
{
	const char *equals = strchr(argument, '=');
	char *name;
	int err;

	*why = "KEY=VALUE was expected";
	if (!equals || equals == argument)
		return -EINVAL;
	*why = "keys are nested too deeply";
	if (depth_of(argument, equals) > DEPTH_MAX)
		return -EINVAL;
	name = strndup(argument, (size_t)(equals - argument));
	if (!name)
		return -ENOMEM;
	err = add(object, shape, name, equals + 1, why);
	free(name);
	return err;
}
