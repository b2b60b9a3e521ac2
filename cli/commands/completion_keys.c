// SPDX-License-Identifier: MIT
/* KEY=VALUE, by the shape of the object that a command makes. */
#include <stdbool.h>
#include <string.h>

#include "commands/completion_offer.h"
#include "document/schema.h"
#include "job/job.h"
#include "job/schema/schema.h"
#include "session/client/verb.h"

/* Whether an argument before this one is "@key=...". */
static bool is_given(const struct completion *completion, const char *key)
{
	const size_t length = strlen(key);

	for (size_t i = 0; i < completion->given_count; i++) {
		if (!strncmp(completion->given[i], key, length) &&
			completion->given[i][length] == '=')
			return true;
	}
	return false;
}

static void offer_key(const struct completion *completion, const struct schema_key *key)
{
	char word[64];

	if (is_given(completion, key->name))
		return;
	snprintf(word, sizeof(word), "%s=", key->name);
	completion_offer(completion, word, key->help);
}

static void offer_values(const struct completion *completion, const struct schema_key *key)
{
	const struct schema_choice *choices = key->choices;

	if (key->type == SCHEMA_BOOL) {
		completion_offer(completion, "true", NULL);
		completion_offer(completion, "false", NULL);
	}
	if (key->type == SCHEMA_REF)
		completion_offer_objects_of(
			completion, schema_collection(&schema_job, key->collection)->name);
	for (; choices && choices->name && key->type != SCHEMA_SET; choices++)
		completion_offer(completion, choices->name, NULL);
}

void completion_offer_keys(const struct completion *completion)
{
	const struct command *command = completion->command;
	const struct schema_shape *shape = command ? command->shape : NULL;
	const char *said = command ? verb_said_key(&command->verb) : NULL;
	const size_t length = strcspn(completion->current, "=");
	const bool has_key = completion->current[length] == '=';
	struct completion inside = *completion;
	char behind[64];

	snprintf(behind, sizeof(behind), "%.*s", (int)length + 1, completion->current);
	inside.behind = behind;
	for (const struct schema_key *key = shape ? shape->keys : NULL; key && key->name; key++) {
		if (said && !strcmp(key->name, said))
			continue;
		if (!has_key)
			offer_key(completion, key);
		else if (strlen(key->name) == length &&
			 !strncmp(key->name, completion->current, length))
			offer_values(&inside, key);
	}
}
