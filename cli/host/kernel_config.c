// SPDX-License-Identifier: MIT
#include "host/kernel_config.h"

#include <string.h>
#include <sys/utsname.h>

#include "array.h"
#include "output/memory.h"

/* A truncated package may leave an empty file: then another place may have it. */
static FILE *open_filled(const char *path)
{
	FILE *stream = memory_checked(fopen(path, "re"));
	int first = stream ? fgetc(stream) : EOF;

	if (first != EOF) {
		ungetc(first, stream);
		return stream;
	}
	if (stream)
		fclose(stream);
	return NULL;
}

bool kernel_config_open(struct kernel_config *config, const char *release)
{
	static const struct {
		const char *before;
		const char *after;
	} places[] = { { "/boot/config-", "" }, { "/lib/modules/", "/config" } };
	char path[128];

	*config = (struct kernel_config){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s%s%s", places[i].before, release, places[i].after);
		config->stream = open_filled(path);
		if (config->stream)
			return true;
	}
	config->stream = gunzip_open(&config->gunzip, "/proc/config.gz");
	return config->stream != NULL;
}

bool kernel_config_close(struct kernel_config *config)
{
	bool is_whole = true;

	if (config->gunzip.stream)
		is_whole = gunzip_close(&config->gunzip);
	else if (config->stream) {
		is_whole = !ferror(config->stream);
		fclose(config->stream);
	}
	config->stream = NULL;
	return is_whole;
}

bool kernel_config_search(FILE *stream, const char *const *options, char *missing, size_t size)
{
	unsigned int found = 0;
	bool is_any = false;
	char line[256];
	size_t used = 0;

	while (fgets(line, sizeof(line), stream)) {
		size_t name = strcspn(line, "=");

		is_any |= line[name] && strncmp(line, "CONFIG_", strlen("CONFIG_")) == 0;
		for (size_t i = 0; options[i]; i++) {
			if (strlen(options[i]) == name && !memcmp(line, options[i], name) &&
				(line[name + 1] == 'y' || line[name + 1] == 'm'))
				found |= 1U << i;
		}
	}
	*missing = '\0';
	for (size_t i = 0; options[i] && used < size; i++) {
		if (!(found & 1U << i))
			used += (size_t)snprintf(
				missing + used, size - used, "%s%s", used ? " " : "", options[i]);
	}
	return is_any;
}

static bool open_recorded(struct kernel_config *config, const struct host_record *record)
{
	*config = (struct kernel_config){ 0 };
	if (record->config && *record->config)
		config->stream = memory_checked(
			fmemopen((void *)record->config, strlen(record->config), "r"));
	return config->stream;
}

static bool open_own(struct kernel_config *config)
{
	struct utsname name;

	uname(&name);
	return kernel_config_open(config, name.release);
}

bool kernel_config_find_missing(
	const struct host_record *recorded, const char *const *options, char *missing, size_t size)
{
	struct kernel_config config;
	bool is_any;

	if (!(recorded ? open_recorded(&config, recorded) : open_own(&config)))
		return false;
	is_any = kernel_config_search(config.stream, options, missing, size);
	return kernel_config_close(&config) && is_any;
}
