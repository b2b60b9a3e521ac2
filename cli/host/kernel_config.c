// SPDX-License-Identifier: MIT
#include "host/kernel_config.h"

#include "array.h"
#include "output/memory.h"

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
		config->stream = memory_checked(fopen(path, "re"));
		if (config->stream)
			return true;
	}
	config->stream = gunzip_open(&config->gunzip, "/proc/config.gz");
	return config->stream != NULL;
}

void kernel_config_close(struct kernel_config *config)
{
	if (config->gunzip.stream)
		gunzip_close(&config->gunzip);
	else if (config->stream)
		fclose(config->stream);
	config->stream = NULL;
}
