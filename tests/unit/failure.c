// SPDX-License-Identifier: MIT
/* What went wrong, as the command keeps it. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "output/json.h"

static const char *key_of(json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

Test(failure, takes_a_remedy_only_from_its_own_second_line)
{
	struct failure failure;

	cr_expect_eq(failure_set(&failure, -EBUSY, "%s holds it\nEnd %s", "a\nb", "it"), -EBUSY);
	cr_expect_str_eq(failure.message, "a\nb holds it");
	cr_assert_eq(failure.explanation_count, 1);
	cr_expect_null(failure.explanations[0].cause);
	cr_expect_str_eq(failure.explanations[0].remedy, "End it");
	failure_set(&failure, -EBUSY, "%s", "a\nb");
	cr_expect_str_eq(failure.message, "a\nb");
	cr_expect_eq(failure.explanation_count, 0);
}

Test(failure, leaves_out_what_there_is_no_room_for)
{
	struct failure failure;
	char text[sizeof(failure.text) + 1];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	failure_set(&failure, -EIO, "%s\nmore", text);
	cr_expect_eq(strlen(failure.message), sizeof(failure.text) - 1);
	cr_expect_eq(failure.explanation_count, 0);
	cr_expect_str_eq(failure_print(&failure, "%s", text), "");
	for (int i = 0; i < 2 * IOMMUCTL_EXPLANATIONS_MAX; i++)
		failure_explain(&failure, "cause", "");
	cr_expect_eq(failure.explanation_count, IOMMUCTL_EXPLANATIONS_MAX);
}

Test(failure, puts_the_errno_before_its_cause)
{
	struct failure failure = { .error = -EACCES };
	json_t *json;

	failure_explain(&failure, "the node is root's", "run as root");
	failure_explain(&failure, NULL, "ask root");
	json = failures_to_json(&failure, 1, NULL);
	cr_expect_str_eq(key_of(json, "code"), "EACCES");
	cr_expect_str_eq(key_of(json, "status"), "no-permission");
	cr_expect_str_eq(key_of(json, "message"), "Permission denied: the node is root's");
	cr_expect_str_eq(key_of(json, "hint"), "run as root; or: ask root");
	cr_expect_eq(json_array_size(json_object_get(json, "causes")), 1);
	cr_expect_eq(json_array_size(json_object_get(json, "hints")), 2);
	cr_expect_eq(json_array_size(json_object_get(json, "explanations")), 2);
	json_decref(json);
}
