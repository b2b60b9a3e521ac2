// SPDX-License-Identifier: MIT
/*
 * The player. Its SMMU has a recorder too, whose output is compared with the log: it starts an
 * access as the log says, and the recorder must produce the lines that follow there.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "replay/arrivals.h"
#include "replay/log.h"
#include "replay/machine.h"
#include "replay/memory.h"

/* Numbers with this bit lie in the past. */
#define MISSED_MAX  0x3fffffffu
#define CONFIG_MAX  UINT32_MAX
#define CONFIG_BOOL 1u

struct player {
	struct replay_log log;
	struct record_line line; /* the line read last */
	struct replay_machine machine;
	struct replay_memory memory;
	struct replay_arrivals arrivals;
	struct iommuctl_vsmmuv3_recorder recorder;
	struct iommuctl_vsmmuv3 *smmu;
	struct iommuctl_vsmmuv3_replay *replay;
	bool plays; /* the recorder's output is compared */
	int err;    /* of the first line that differs or is wrong */
};

__attribute__((format(printf, 3, 4))) static int stop(
	struct player *player, int error, const char *format, ...)
{
	struct iommuctl_vsmmuv3_replay *replay = player->replay;
	va_list arguments;

	replay->line = player->log.number;
	va_start(arguments, format);
	vsnprintf(replay->problem, sizeof(replay->problem), format, arguments);
	va_end(arguments);
	player->err = error;
	return error;
}

/* Reads the next line, of any kind. */
static int next(struct player *player, const char *missing)
{
	const int found = replay_log_next(&player->log, &player->line);

	if (found < 0)
		return stop(player, -EINVAL, "%s", player->log.problem);
	return found ? 0 : stop(player, -EINVAL, "the log ends: %s", missing);
}

static int differ(struct player *player, const char *found)
{
	char expected[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE];

	record_format(&player->line, NULL, expected);
	return stop(player, -EBADMSG, "the log has \"%.*s\", and the SMMU \"%.*s\"",
		(int)strcspn(expected, "\n"), expected, (int)strcspn(found, "\n"), found);
}

/* In the log, what an access reads is interleaved with its effects. */
static int next_effect(struct player *player)
{
	int err;

	do
		err = next(player, "an access has no end");
	while (!err && record_role(player->line.kind) == RECORD_IS_INPUT);
	return err;
}

/* An event of the SMMU itself arrives like the kernel's. */
static bool is_fault(const struct player *player, const struct record_line *found)
{
	return player->line.kind == RECORD_FAULT && found->kind == RECORD_DELIVER;
}

static void compare(struct player *player, const struct record_line *found, const char *text)
{
	switch (record_role(found->kind)) {
	case RECORD_IS_READ:
	case RECORD_IS_ACCESS: break; /* its line is the log's latest */
	case RECORD_IS_OUTPUT:
	case RECORD_IS_END:
		if (next_effect(player))
			return;
		break;
	default: return;
	}
	if (!record_equal(found, &player->line) && !is_fault(player, found))
		differ(player, text);
	else if (found->kind == RECORD_READ)
		player->replay->reads++;
	else if (found->kind == RECORD_END)
		player->replay->accesses++;
	else if (record_role(found->kind) == RECORD_IS_OUTPUT)
		player->replay->effects++;
}

static void hear(const char *text, size_t length, void *data)
{
	struct player *player = data;
	struct record_line found;
	const char *problem;

	if (player->plays && !player->err && record_parse(text, length - 1, &found, &problem) > 0)
		compare(player, &found, text);
}

/* The recorder reports all calls of the VMM's operations. */
static void ignore_interrupt(enum iommuctl_vsmmuv3_interrupt interrupt, void *data)
{
	(void)interrupt;
	(void)data;
}

static void ignore_msi(uint64_t address, uint32_t msi_data, void *data)
{
	(void)address;
	(void)msi_data;
	(void)data;
}

static void ignore_event(void *data)
{
	(void)data;
}

static int next_of(struct player *player, enum record_kind kind, const char *missing)
{
	int err = next(player, missing);

	if (err)
		return err;
	if (player->line.kind != kind)
		return stop(player, -EINVAL, "out of place: %s", missing);
	return 0;
}

static int read_identity(struct player *player, struct iommuctl_vsmmuv3_identity *identity)
{
	const uint64_t *numbers = player->line.numbers;
	int err = next_of(player, RECORD_IDENTITY, "there is no identity");

	if (err)
		return err;
	for (unsigned int i = 0; i < player->line.count; i++)
		if (numbers[i] > UINT32_MAX)
			return stop(player, -EINVAL, "an ID register has 32 bits");
	for (size_t i = 0; i < ARRAY_SIZE(identity->idr); i++)
		identity->idr[i] = (uint32_t)numbers[i];
	identity->iidr = (uint32_t)numbers[ARRAY_SIZE(identity->idr)];
	identity->aidr = (uint32_t)numbers[ARRAY_SIZE(identity->idr) + 1];
	return 0;
}

static int read_config(struct player *player, struct iommuctl_vsmmuv3_config *config)
{
	static const uint64_t most[] = { CONFIG_BOOL, CONFIG_MAX, CONFIG_MAX, CONFIG_MAX,
		CONFIG_BOOL, CONFIG_MAX };
	const uint64_t *numbers = player->line.numbers;
	int err = next_of(player, RECORD_CONFIG, "there is no configuration");

	if (err)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(most); i++)
		if (numbers[i] > most[i])
			return stop(player, -EINVAL, "a number is out of range");
	config->abort = numbers[0];
	config->event_depth = (uint32_t)numbers[1];
	config->budget = (uint32_t)numbers[2];
	config->batch = (uint32_t)numbers[3];
	config->fold = numbers[4];
	config->fold_granule = (uint32_t)numbers[5];
	return 0;
}

static int make_smmu(struct player *player, struct iommuctl_vsmmuv3_config *config)
{
	struct replay_machine *machine = &player->machine;
	static const struct iommuctl_vsmmuv3_ops ops = { ignore_interrupt, ignore_msi,
		ignore_event };
	int err = replay_machine_open(machine, config->identity);

	if (err)
		goto refused;
	config->iommufd = machine->iommufd;
	config->ioas_id = machine->ioas_id;
	config->dev_id = machine->devices[0].dev_id;
	config->memory = &player->memory.memory;
	config->ops = &ops;
	player->recorder = (struct iommuctl_vsmmuv3_recorder){ hear, player };
	config->recorder = &player->recorder;
	err = iommuctl_vsmmuv3_new(machine->ctx, config, &player->smmu);
	if (err)
		goto refused;
	replay_arrivals_take(
		&player->arrivals, machine->model, iommuctl_vsmmuv3_get_event_fd(player->smmu));
	player->plays = true;
	return 0;
refused:
	return stop(player, err, "the model has no such SMMU: %s", strerror(-err));
}

static int begin(struct player *player)
{
	struct iommuctl_vsmmuv3_identity identity;
	struct iommuctl_vsmmuv3_config config = { .identity = &identity };
	int err = next_of(player, RECORD_VERSION, "this is not a log of an SMMUv3");

	if (err)
		return err;
	if (player->line.numbers[0] != IOMMUCTL_VSMMUV3_RECORD_VERSION)
		return stop(player, -EOPNOTSUPP, "a log of another version");
	err = read_identity(player, &identity);
	if (err)
		return err;
	err = read_config(player, &config);
	if (err)
		return err;
	return make_smmu(player, &config);
}

static int check_input(struct player *player, const struct record_line *line)
{
	if (line->kind == RECORD_FETCH && replay_memory_fill(&player->memory, line))
		return stop(player, -EINVAL, "there is no guest memory");
	if (line->kind == RECORD_ARRIVAL &&
		(line->numbers[0] > MISSED_MAX || (line->count == 1 && !line->numbers[0])))
		return stop(player, -EINVAL, "so many events cannot have been lost");
	return 0;
}

/*
 * A word that was read twice with two values was written by the SMMU in between, which will do so
 * again: the first value counts.
 */
static void fill_memory(struct player *player, const char *start, const char *end)
{
	struct record_line line;

	while ((end = replay_log_last(start, end, &line)))
		if (line.kind == RECORD_FETCH)
			(void)replay_memory_fill(&player->memory, &line);
}

/* Reads the lines of an access ahead, and prepares what it will read. */
static int prepare(struct player *player)
{
	const struct replay_log here = player->log;
	const struct record_line first = player->line;
	enum record_role role;
	unsigned int lines = 0;
	int err;

	replay_memory_trim(&player->memory);
	do {
		err = next(player, "an access has no end");
		if (err)
			return err;
		role = record_role(player->line.kind);
		if (role < RECORD_IS_INPUT)
			return stop(player, -EINVAL, "out of place: an access has not ended");
		if (++lines > IOMMUCTL_VSMMUV3_REPLAY_ACCESS_MAX)
			return stop(player, -E2BIG, "an access has too many lines");
		err = check_input(player, &player->line);
	} while (!err && role != RECORD_IS_END);
	fill_memory(player, here.at, player->log.at);
	player->memory.written += lines;
	player->log = here;
	player->line = first;
	replay_arrivals_begin(&player->arrivals, &here);
	return err;
}

/* The recorder's output has the SMMU's results. */
static int carry_out(struct player *player)
{
	const struct record_line line = player->line;
	bool full = false;

	switch (line.kind) {
	case RECORD_WRITE:
		iommuctl_vsmmuv3_write(player->smmu, line.numbers[0], (unsigned int)line.numbers[1],
			line.numbers[2]);
		break;
	case RECORD_ADD:
		replay_machine_add(
			&player->machine, player->smmu, (uint32_t)line.numbers[0], &full);
		break;
	case RECORD_REMOVE:
		replay_machine_remove(&player->machine, player->smmu, (uint32_t)line.numbers[0]);
		break;
	case RECORD_RESET: iommuctl_vsmmuv3_reset(player->smmu); break;
	case RECORD_PROCESS: iommuctl_vsmmuv3_process(player->smmu); break;
	case RECORD_FAULT:
	case RECORD_DELIVER: iommuctl_vsmmuv3_deliver_events(player->smmu); break;
	default:
		return stop(player, -EOPNOTSUPP,
			"the log does not contain the state that was restored");
	}
	return full ? stop(player, -E2BIG, "more devices than there is room for") : player->err;
}

static int play(struct player *player)
{
	struct record_line *line = &player->line;
	int err;

	switch (record_role(line->kind)) {
	case RECORD_IS_PLACE:
		err = replay_memory_place(&player->memory, line);
		return err ? stop(player, err, "not a range of guest memory") : 0;
	case RECORD_IS_READ:
		iommuctl_vsmmuv3_read(
			player->smmu, line->numbers[0], (unsigned int)line->numbers[1]);
		return player->err;
	case RECORD_IS_ACCESS: err = prepare(player); return err ? err : carry_out(player);
	default: return stop(player, -EINVAL, "out of place: no access has begun");
	}
}

static int play_all(struct player *player)
{
	int err = begin(player), found = 0;

	while (!err && (found = replay_log_next(&player->log, &player->line)) > 0)
		err = play(player);
	return found < 0 ? stop(player, -EINVAL, "%s", player->log.problem) : err;
}

int iommuctl_vsmmuv3_replay(const char *log, size_t length, struct iommuctl_vsmmuv3_replay *replay)
{
	struct player *player;
	int err;

	if (!replay)
		return -EINVAL;
	*replay = (struct iommuctl_vsmmuv3_replay){ .line = 0 };
	if (!log)
		return -EINVAL;
	player = calloc(1, sizeof(*player));
	if (!player)
		return -ENOMEM;
	player->log = (struct replay_log){ .at = log, .end = log + length };
	player->replay = replay;
	replay_memory_init(&player->memory);
	err = play_all(player);
	iommuctl_vsmmuv3_free(player->smmu);
	replay_machine_close(&player->machine);
	replay_memory_clear(&player->memory);
	free(player);
	return err;
}
