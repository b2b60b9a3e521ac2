// SPDX-License-Identifier: MIT
#include <string.h>

#include "command.h"
#include "output/text.h"

const struct command *const commands[] = {
	&command_run,
	&command_plan,
	&command_validate,
	&command_selftest,
	&command_schema,
	&command_device_list,
	&command_device_show,
	&command_device_group,
	&command_device_bind,
	&command_device_unbind,
	&command_device_vf_create,
	&command_device_vf_destroy,
	&command_device_persistent,
	&command_device_cdi,
	&command_monitor,
	&command_doctor,
	&command_decode,
	&command_events,
	&command_walk,
	&command_dump,
	&command_bench_invalidate,
	&command_session_start,
	&command_session_list,
	&command_session_show,
	&command_session_apply,
	&command_session_save,
	&command_session_export,
	&command_session_stats,
	&command_session_stop,
	&command_memory_create,
	&command_memory_destroy,
	&command_memory_write,
	&command_memory_check,
	&command_device_open,
	&command_device_close,
	&command_device_attach,
	&command_device_detach,
	&command_device_reset,
	&command_device_low_power,
	&command_device_unplug,
	&command_ioas_alloc,
	&command_ioas_destroy,
	&command_ioas_map,
	&command_ioas_map_bar,
	&command_ioas_unmap,
	&command_ioas_copy,
	&command_ioas_allow,
	&command_ioas_ranges,
	&command_hwpt_alloc,
	&command_hwpt_destroy,
	&command_hwpt_invalidate,
	&command_hwpt_replace,
	&command_hwpt_dirty_tracking,
	&command_hwpt_dirty_bitmap,
	&command_ste_set,
	&command_viommu_alloc,
	&command_viommu_destroy,
	&command_vdevice_alloc,
	&command_vdevice_destroy,
	&command_veventq_alloc,
	&command_veventq_destroy,
	&command_fault_queue_alloc,
	&command_fault_queue_destroy,
	&command_hw_queue_alloc,
	&command_hw_queue_destroy,
	&command_stage1_create,
	&command_stage1_destroy,
	&command_stage1_map,
	&command_stage1_remap,
	&command_stage1_unmap,
	&command_cd_table_create,
	&command_cd_table_destroy,
	&command_cd_set,
	&command_cd_clear,
	&command_irq_create,
	&command_irq_destroy,
	&command_invalidate,
	&command_dma,
	&command_event,
	&command_no_event,
	&command_page_fault,
	&command_no_page_fault,
	&command_page_response,
	&command_msi,
	&command_completion,
	&command_help,
	NULL,
};

const struct command_option global_options[] = {
	[GLOBAL_JSON] = { "json", NULL, "Give results and errors as JSON, one object a line" },
	[GLOBAL_MODEL] = { "model", "FILE",
		"Take the model machine, in this process, rather than the kernel; FILE describes another "
		"machine than the usual one",
		true },
	[GLOBAL_TRACE] = { "trace", "FILE",
		"Show every call to the kernel, decoded, on standard error or in FILE", true },
	[GLOBAL_FAIL_CALL] = { "fail-call", "N[:ERRNO]",
		"For tests: make the Nth call to the kernel fail, with ENOMEM if none is named; fails if "
		"there are fewer calls" },
	[GLOBAL_SESSION] = { "session", "SESSION",
		"The session to act in; $IOMMUCTL_SESSION if not given", .letter = 's' },
	[GLOBAL_VERSION] = { "version", NULL, "Say which version this is", .letter = 'V' },
	[GLOBAL_HELP] = { "help", NULL, "Explain the command", .letter = 'h' },
	{ NULL },
};

size_t command_option_count(const struct command_option *options)
{
	size_t count = 0;

	while (options && options[count].name)
		count++;
	return count;
}

bool command_takes(const struct command *command, enum global_option option)
{
	return (TAKES_ALWAYS | command->takes) & 1u << option;
}

const char *command_list_takers(enum global_option option, char *text, size_t size)
{
	if (TAKES_ALWAYS & 1u << option)
		return NULL;
	*text = '\0';
	/* They are too many to list. */
	if (option == GLOBAL_SESSION) {
		text_append(text, size, "those that act in a session");
		return text;
	}
	for (size_t i = 0; commands[i]; i++) {
		if (command_takes(commands[i], option))
			text_append(text, size, "%s%s", *text ? ", " : "", commands[i]->name);
	}
	return text;
}

/* What of @name follows the first @count of @words and a space; "" if that is all; NULL: others. */
static const char *behind_words(const char *name, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(name, " ");

		if (strlen(words[i]) != length || memcmp(name, words[i], length) != 0)
			return NULL;
		name += length + (name[length] == ' ');
	}
	return name;
}

const struct command *command_find(char *const *words, size_t count)
{
	for (size_t i = 0; count && commands[i]; i++) {
		const char *rest = behind_words(commands[i]->name, words, count);

		if (rest && !*rest)
			return commands[i];
	}
	return NULL;
}

bool command_is_group(char *const *words, size_t count)
{
	for (size_t i = 0; commands[i]; i++) {
		const char *rest = behind_words(commands[i]->name, words, count);

		if (rest && *rest)
			return true;
	}
	return false;
}

void command_join_words(char *const *words, size_t count, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < count; i++)
		text_append(text, size, "%s%s", i ? " " : "", words[i]);
}

enum exit_status command_report_unknown(struct report *report, char *const *words, size_t count)
{
	const char *gap = count > 1 ? " " : "";
	char known[128], typed[512];
	struct nearest nearest;

	while (count > 1 && !command_is_group(words, count - 1) && !command_find(words, count - 1))
		count--;
	command_join_words(words, count, typed, sizeof(typed));
	command_join_words(words, count - 1, known, sizeof(known));
	nearest_start(&nearest, words[count - 1]);
	for (size_t i = 0; commands[i]; i++) {
		const char *rest = behind_words(commands[i]->name, words, count - 1);

		if (rest)
			nearest_offer(&nearest, rest, strcspn(rest, " "));
	}
	if (!*nearest.name)
		return report_usage(report, "unknown command '%s'", typed);
	return report_usage(report, "unknown command '%s'; did you mean '%s%s%s'?", typed, known,
		gap, nearest.name);
}
