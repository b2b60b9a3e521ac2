// SPDX-License-Identifier: MIT
#include "session/client/verb.h"

#include <errno.h>
#include <string.h>

#include "job/schema/schema.h"
#include "output/text.h"
#include "session/client/ask.h"
#include "session/client/verb_value.h"

const char *verb_said_key(const struct verb *verb)
{
	return verb->kind == VERB_ACT && !verb->inside ? verb->first : NULL;
}

const char *verb_collection(const struct verb *verb)
{
	const struct schema_key *key;

	if (verb->kind == VERB_REPLACE)
		return "hwpts";
	if (verb->kind != VERB_ACT)
		return verb->key;
	key = verb->first ? schema_find_key(
				    schema_find_key(&schema_step, verb->key)->shape, verb->first)
			  : NULL;
	return key ? schema_collection(&schema_job, key->collection)->name : NULL;
}

/* The prefix of KEY=VALUE arguments for the step's "expect" rather than the action. */
#define STEP "step."

#define KEY_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789.-"

/* Skips the prefix if @argument is about the step. False: it is about the action. */
static bool take_step(const struct verb *verb, const char **argument)
{
	if (verb->kind == VERB_REPLACE || strncmp(*argument, STEP, strlen(STEP)) != 0)
		return false;
	*argument += strlen(STEP);
	return true;
}

/* Report only the key of an argument: its value may be secret. */
static enum exit_status refuse_argument(
	const struct invocation *invocation, const char *argument, const char *why, int err)
{
	if (err == -ENOMEM)
		return report_out_of_memory(invocation->report);
	return report_usage(invocation->report, "'%.*s': %s", (int)strspn(argument, KEY_LETTERS),
		argument, why);
}

/* Adds the arguments from @first on to the step and its action. */
static enum exit_status add_arguments(
	const struct invocation *invocation, int first, json_t *step, json_t *said)
{
	const struct command *command = invocation->command;

	for (int i = first; i < invocation->argument_count; i++) {
		const char *argument = invocation->arguments[i], *why;
		bool of_step = take_step(&command->verb, &argument);
		int err;

		if (!of_step && command->verb.kind == VERB_DESTROY)
			return invocation_report_unexpected(invocation, argument, "");
		err = verb_add_value(of_step ? step : said, of_step ? &schema_step : command->shape,
			argument, &why);
		if (err)
			return refuse_argument(invocation, invocation->arguments[i], why, err);
	}
	return STATUS_DONE;
}

/* The action of the step for @verb; NULL: it needs several steps. */
static const char *action_of(const struct verb *verb)
{
	switch (verb->kind) {
	case VERB_MAKE: return "create";
	case VERB_DESTROY: return "destroy";
	default: return verb->kind == VERB_ACT ? verb->key : NULL;
	}
}

/* Keys implied by the command or its OBJECT must not be given again. */
static enum exit_status check_said_once(
	const struct invocation *invocation, const json_t *step, const json_t *said)
{
	const struct verb *verb = &invocation->command->verb;
	const char *action = action_of(verb);
	const char *key = verb_said_key(verb);

	if (action && json_object_get(step, action))
		return report_usage(invocation->report, "'" STEP "%s' is already set by %s", action,
			invocation->command->name);
	if (verb->kind == VERB_REPLACE && !json_object_get(said, "by"))
		return report_usage(
			invocation->report, "by=NAME is missing: the name of the new HWPT");
	if (key && json_object_get(said, key))
		return report_usage(invocation->report, "'%s' is already set by OBJECT, '%s'", key,
			invocation->arguments[0]);
	return STATUS_DONE;
}

/*
 * The document that makes the object, or runs the step; an object is made by a step if @step has
 * an expectation. Takes the references of both.
 */
static json_t *make_document(const struct verb *verb, const char *name, json_t *step, json_t *said)
{
	json_t *document = json_pack("{s:i}", "iommuctl", 1);

	if (verb->kind == VERB_MAKE) {
		json_object_set_new(document, verb->key, json_pack("{s:o}", name, said));
		if (!json_object_size(step)) {
			json_decref(step);
			return document;
		}
	} else if (verb->kind == VERB_DESTROY) {
		json_decref(said);
	}
	json_object_set_new(step, action_of(verb),
		verb->kind == VERB_ACT
			? said
			: json_pack("{s:o}", "object", json_sprintf("%s.%s", verb->key, name)));
	json_object_set_new(document, "steps", json_pack("[o]", step));
	return document;
}

/* "by" is the new name; the rest are changed keys. */
static json_t *make_replacement(const struct verb *verb, const char *name, json_t *said)
{
	json_t *by = json_incref(json_object_get(said, "by")), *with = said;

	json_object_del(said, "by");
	if (verb->key)
		with = json_pack("{s:o}", verb->key, said);
	return json_pack("{s:s, s:o*, s:o}", "hwpt", name, "by", by, "with", with);
}

static enum exit_status ask(
	struct invocation *invocation, const char *name, json_t *step, json_t *said)
{
	const struct verb *verb = &invocation->command->verb;
	struct ask ask = { .kind = "apply" };

	if (verb->kind == VERB_REPLACE) {
		ask.kind = "replace";
		ask.arguments = make_replacement(verb, name, said);
		json_decref(step);
	} else {
		ask.arguments =
			json_pack("{s:o}", "document", make_document(verb, name, step, said));
	}
	return session_ask(invocation, &ask);
}

/* JSON cannot hold it unchanged, or not at all. */
static enum exit_status check_encoding(const struct invocation *invocation)
{
	enum exit_status status = STATUS_DONE;

	for (int i = 0; !status && i < invocation->argument_count; i++) {
		for (const char *at = invocation->arguments[i]; !status && *at;) {
			uint32_t character;
			const size_t length = text_decode(at, &character);

			at += length;
			if (!length)
				status = report_usage(invocation->report, "'%s' is not valid UTF-8",
					invocation->arguments[i]);
		}
	}
	return status;
}

enum exit_status verb_run(struct invocation *invocation)
{
	const struct verb *verb = &invocation->command->verb;
	const char *name = invocation->argument_count ? invocation->arguments[0] : "";
	const bool has_name = invocation->argument_count && !strchr(name, '=');
	enum exit_status status = check_encoding(invocation);
	json_t *step, *said;

	if (status)
		return status;
	step = json_object();
	said = verb->preset ? json_loads(verb->preset, 0, NULL) : json_object();
	if (!has_name && (verb->kind != VERB_ACT || verb->first))
		status = report_usage(invocation->report, "a name is missing: iommuctl %s %s",
			invocation->command->name, invocation->command->arguments);
	else if (has_name && verb->kind == VERB_ACT && !verb->first)
		status = invocation_report_unexpected(invocation, name, ": KEY=VALUE was expected");
	else
		status = add_arguments(invocation, has_name, step, said);
	if (!status)
		status = check_said_once(invocation, step, said);
	if (status) {
		json_decref(step);
		json_decref(said);
		return status;
	}
	if (verb->inside)
		said = json_pack("{s:o}", verb->inside, said);
	if (verb->kind == VERB_ACT && verb->first)
		json_object_set_new(said, verb->first, json_string(name));
	return ask(invocation, name, step, said);
}
