// SPDX-License-Identifier: MIT
#include "job/handover/environment.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/handover/handover.h"

#define FD	  "IOMMUCTL_FD_"
#define ID	  "IOMMUCTL_ID_"
#define MMAP	  "IOMMUCTL_MMAP_"
#define VARIABLES 3 /* at most, per item */

/* systemd's protocol. */
#define LISTEN	     "LISTEN_"
#define LISTEN_FDS   LISTEN "FDS="
#define LISTEN_NAMES LISTEN "FDNAMES="
#define LISTEN_COUNT 3

/* A variable: "NAME=value". */
static char *make_variable(const char *kind, const char *name, const char *value)
{
	const size_t size = strlen(kind) + strlen(name) + strlen("=") + strlen(value) + 1;
	char *variable = malloc(size);

	if (!variable)
		return NULL;
	snprintf(variable, size, "%s%s=%s", kind, name, value);
	for (char *at = variable + strlen(kind); *at != '='; at++)
		*at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
	return variable;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool have_same_name(const char *a, const char *b)
{
	const size_t length = strcspn(a, "=");

	return !strncmp(a, b, length + 1);
}

/* Removes variables of the same name, as nobody could tell which object each is for. */
static size_t drop_ambiguous(char **variables, size_t count)
{
	size_t kept = 0;

	qsort(variables, count, sizeof(*variables), compare);
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;

		while (end < count && have_same_name(variables[i], variables[end]))
			end++;
		if (end == i + 1)
			variables[kept++] = variables[i++];
		while (i < end)
			free(variables[i++]);
	}
	return kept;
}

/* Variables named like ours: those that another job left must not be taken for ours. */
static bool is_ours(const struct handover *handover, const char *variable)
{
	if (handover->listens && !strncmp(variable, LISTEN, strlen(LISTEN)))
		return true;
	return !strncmp(variable, FD, strlen(FD)) || !strncmp(variable, ID, strlen(ID)) ||
	       !strncmp(variable, MMAP, strlen(MMAP));
}

static int add(char **variables, size_t *count, char *variable)
{
	if (!variable)
		return -ENOMEM;
	variables[(*count)++] = variable;
	return 0;
}

static int add_item(const struct handover_item *item, char **variables, size_t *count)
{
	char value[48];
	int err = 0;

	if (item->passed) {
		snprintf(value, sizeof(value), "%d", item->number);
		err = add(variables, count, make_variable(FD, item->name, value));
	}
	if (!err && item->id) {
		snprintf(value, sizeof(value), "%" PRIu32, item->id);
		err = add(variables, count, make_variable(ID, item->name, value));
	}
	if (!err && item->mmap_length) {
		snprintf(value, sizeof(value), "0x%" PRIx64 ":0x%" PRIx64, item->mmap_offset,
			item->mmap_length);
		err = add(variables, count, make_variable(MMAP, item->name, value));
	}
	return err;
}

static int add_items(const struct handover *handover, char **variables, size_t *count)
{
	int err = 0;

	for (size_t i = 0; !err && i < handover->count; i++)
		err = add_item(&handover->items[i], variables, count);
	if (!err)
		*count = drop_ambiguous(variables, *count);
	for (size_t i = *count; !err && i < VARIABLES * handover->count; i++)
		variables[i] = NULL;
	return err;
}

/* Names are separated by ':', which no name may contain. */
static char *make_names(const struct handover *handover)
{
	size_t size = sizeof(LISTEN_NAMES);
	char *names, *at;

	for (size_t i = 0; i < handover->count; i++)
		size += strlen(handover->items[i].name) + 1;
	names = malloc(size);
	if (!names)
		return NULL;
	at = stpcpy(names, LISTEN_NAMES);
	for (size_t i = 0; i < handover->count; i++) {
		const struct handover_item *item = &handover->items[i];
		char *begin = at;

		if (!item->passed)
			continue;
		at = stpcpy(at, item->name);
		for (char *colon = begin; (colon = strchr(colon, ':'));)
			*colon = '_';
		at = stpcpy(at, ":");
	}
	at[-1] = '\0';
	return names;
}

static int add_listen(const struct handover *handover, char **variables, size_t *count)
{
	char text[sizeof(HANDOVER_LISTEN_PID) + HANDOVER_PID_SIZE] = HANDOVER_LISTEN_PID;
	size_t passed = 0;
	char *pid;
	int err;

	if (!handover->listens)
		return 0;
	for (size_t i = 0; i < handover->count; i++)
		passed += handover->items[i].passed;
	pid = calloc(1, sizeof(text));
	if (pid)
		memcpy(pid, text, sizeof(text));
	err = add(variables, count, pid);
	if (!err) {
		snprintf(text, sizeof(text), LISTEN_FDS "%zu", passed);
		err = add(variables, count, strdup(text));
	}
	return err ? err : add(variables, count, make_names(handover));
}

int handover_environment(const struct handover *handover, char *const *base, char ***environment)
{
	size_t inherited = 0, count = 0;
	char **variables;
	int err;

	while (base[inherited])
		inherited++;
	variables = calloc(
		inherited + VARIABLES * handover->count + LISTEN_COUNT + 1, sizeof(*variables));
	*environment = variables;
	if (!variables)
		return -ENOMEM;
	err = add_items(handover, variables, &count);
	if (!err)
		err = add_listen(handover, variables, &count);
	for (size_t i = 0; !err && i < inherited; i++) {
		if (!is_ours(handover, base[i]))
			err = add(variables, &count, strdup(base[i]));
	}
	return err;
}

void handover_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}
