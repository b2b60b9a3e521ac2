// SPDX-License-Identifier: MIT
/*
 * Runs of TLBI commands for consecutive pages become ranges of exactly these pages, in as few
 * commands as possible: at most one for each five bits of the number of pages.
 */
#include <string.h>

#include "relay/relay_private.h"
#include "smmuv3/range.h"

/* The most pages for which RELAY_FOLD_PIECES_MAX pieces are always enough. */
#define RUN_PAGES_MAX (SMMUV3_RANGE_UNITS_MAX << SMMUV3_SCALE_MAX)

/* What one command or several in a row invalidate: the bytes [first, last]. */
struct run {
	uint64_t first;
	uint64_t last;
	relay_command common; /* without the fields for the pages */
};

static unsigned int va_bits_of(const struct iommuctl_smmuv3_idr *idr)
{
	switch (idr->vax) {
	case IOMMUCTL_SMMUV3_VAX_52: return 52;
	case IOMMUCTL_SMMUV3_VAX_56: return 56;
	default: return 48;
	}
}

void relay_folding_init(struct relay_folding *folding, const struct iommuctl_relay_config *config)
{
	const struct iommuctl_smmuv3_idr *hardware =
		config->hardware ? config->hardware : config->idr;

	if (!config->fold || !hardware->ril)
		return;
	folding->granule_bits = (unsigned int)__builtin_ctz(config->fold_granule);
	folding->va_bits = va_bits_of(hardware);
	folding->tg = smmuv3_range_tg_of(folding->granule_bits);
}

/* False: the command cannot be joined with any other. */
static bool run_begin(
	const struct relay_folding *folding, const relay_command command, struct run *run)
{
	const uint8_t opcode = (uint8_t)command[0];
	const uint64_t address = command[1] & SMMUV3_RANGE_ADDRESS;
	uint64_t size = UINT64_C(1) << folding->granule_bits;

	if (opcode != IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA && opcode != IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA)
		return false;
	if (smmuv3_range_ttl(command) || address & (size - 1))
		return false;
	if (smmuv3_range_tg(command)) {
		if (smmuv3_range_tg(command) != folding->tg ||
			smmuv3_range_scale(command) > SMMUV3_SCALE_MAX)
			return false;
		size *= smmuv3_range_granules(
			smmuv3_range_num(command), smmuv3_range_scale(command));
	}
	run->first = address;
	if (__builtin_add_overflow(address, size - 1, &run->last))
		return false;
	run->common[0] = command[0] & ~SMMUV3_RANGE_WORD0;
	run->common[1] = command[1] & ~SMMUV3_RANGE_WORD1;
	return true;
}

/*
 * Extends @run to the end of @next, which follows it. No run leaves the half of the address space
 * that it began in: beyond is nothing, or behaviour that the architecture does not define.
 */
static bool run_widen(const struct relay_folding *folding, struct run *run, const struct run *next)
{
	if ((run->first ^ next->last) >> folding->va_bits)
		return false;
	if ((next->last - run->first) >> folding->granule_bits >= RUN_PAGES_MAX)
		return false;
	run->last = next->last;
	return true;
}

/* Adds the pages of @next to @run, if they follow directly. */
static bool run_join(const struct relay_folding *folding, struct run *run, const struct run *next)
{
	return next->first == run->last + 1 && next->common[0] == run->common[0] &&
	       next->common[1] == run->common[1] && run_widen(folding, run, next);
}

/*
 * The length of the run of commands for one page each that starts at the first: nearly all runs are
 * like this. Counted in fours.
 */
static size_t count_pages(
	const struct relay_folding *folding, const relay_command *commands, size_t count)
{
	const uint64_t low = commands[0][0], page = UINT64_C(1) << folding->granule_bits;
	uint64_t high = commands[0][1];
	size_t i = 1;

	for (; i + 4 <= count; i += 4, high += 4 * page) {
		const relay_command *four = &commands[i];
		const uint64_t differ = (four[0][0] ^ low) | (four[1][0] ^ low) |
					(four[2][0] ^ low) | (four[3][0] ^ low);

		if (differ | (four[0][1] ^ (high + page)) | (four[1][1] ^ (high + 2 * page)) |
			(four[2][1] ^ (high + 3 * page)) | (four[3][1] ^ (high + 4 * page)))
			break;
	}
	return i;
}

/* The number of commands in the run that starts at the first. */
static size_t run_length(const struct relay_folding *folding, const relay_command *commands,
	size_t count, struct run *run)
{
	struct run next;
	size_t length = 1;

	if (!run_begin(folding, commands[0], run))
		return 1;
	if (!smmuv3_range_tg(commands[0])) {
		const size_t pages = count_pages(folding, commands, count);

		if (run_begin(folding, commands[pages - 1], &next) &&
			run_widen(folding, run, &next))
			length = pages;
	}
	while (length < count && run_begin(folding, commands[length], &next) &&
		run_join(folding, run, &next))
		length++;
	return length;
}

/* TG alone is reserved, so one page is a command without a range. */
static void write_piece(const struct relay_folding *folding, const struct run *run,
	uint64_t address, struct smmuv3_range range, relay_command command)
{
	command[0] = run->common[0];
	command[1] = run->common[1] | address;
	if (range.granules == 1)
		return;
	command[0] |=
		(uint64_t)range.num << SMMUV3_NUM_LSB | (uint64_t)range.scale << SMMUV3_SCALE_LSB;
	command[1] |= folding->tg << SMMUV3_TG_LSB;
}

static size_t write_pieces(
	const struct relay_folding *folding, const struct run *run, relay_command *pieces)
{
	uint64_t pages = ((run->last - run->first) >> folding->granule_bits) + 1;
	uint64_t address = run->first;
	size_t count = 0;

	while (pages) {
		const struct smmuv3_range range = smmuv3_range_digit(pages, SMMUV3_SCALE_MAX);

		write_piece(folding, run, address, range, pieces[count++]);
		address += range.granules << folding->granule_bits;
		pages -= range.granules;
	}
	return count;
}

/* How many of the @count commands are not joined with the next one. */
static size_t count_single(
	const struct relay_folding *folding, const relay_command *commands, size_t count)
{
	struct run runs[2];
	bool is_open = false;

	for (size_t i = 0; i < count; i++) {
		struct run *run = &runs[i % 2];
		const bool opens = run_begin(folding, commands[i], run);

		if (opens && is_open && run_join(folding, &runs[(i + 1) % 2], run))
			return i - 1;
		is_open = opens;
	}
	return count;
}

/* Commands that have been folded but not sent, all from @commands. */
struct fill {
	const relay_command *commands;
	size_t count;
	size_t taken;
	size_t waiting;
};

static void fill_batch(struct iommuctl_relay *relay, struct fill *fill)
{
	while (fill->taken < fill->count && fill->waiting < relay->batch) {
		const relay_command *from = fill->commands + fill->taken;
		struct run run;
		size_t pieces = 1;
		const size_t length =
			run_length(&relay->folding, from, fill->count - fill->taken, &run);

		if (length == 1)
			memcpy(relay->folded[fill->waiting], *from, sizeof(*from));
		else
			pieces = write_pieces(&relay->folding, &run, &relay->folded[fill->waiting]);
		while (pieces--)
			relay->origins[fill->waiting++] = fill->taken;
		fill->taken += length;
	}
}

static void drop_sent(struct iommuctl_relay *relay, struct fill *fill, size_t sent)
{
	fill->waiting -= sent;
	memmove(relay->folded, relay->folded + sent, fill->waiting * sizeof(*relay->folded));
	memmove(relay->origins, relay->origins + sent, fill->waiting * sizeof(*relay->origins));
}

/* The first original command that is not part of the folded ones before @sent. */
static size_t origin_of(const struct iommuctl_relay *relay, const struct fill *fill, size_t sent)
{
	const uint64_t address = relay->folded[sent][1] & SMMUV3_RANGE_ADDRESS;
	size_t origin = relay->origins[sent];
	struct run run;

	while (origin < fill->taken && run_begin(&relay->folding, fill->commands[origin], &run) &&
		run.last < address)
		origin++;
	return origin;
}

static bool is_changed(const struct iommuctl_relay *relay, const struct fill *fill, size_t sent)
{
	return memcmp(relay->folded[sent], fill->commands[relay->origins[sent]],
		sizeof(relay->folded[sent]));
}

/*
 * The kernel refuses a range that the guest never wrote: it has no ranges, whatever @hardware says.
 */
static int give_up(struct iommuctl_relay *relay, int error, enum relay_verdict *verdict)
{
	if (*verdict != RELAY_NOT_TAKEN)
		return error;
	relay->folding.granule_bits = 0;
	*verdict = RELAY_GOOD;
	return 0;
}

static int send_filled(
	struct iommuctl_relay *relay, struct fill *fill, size_t *done, enum relay_verdict *verdict)
{
	do {
		size_t sent;
		int err;

		fill_batch(relay, fill);
		err = relay_send(relay, relay->folded,
			fill->waiting < relay->batch ? fill->waiting : relay->batch, &sent,
			verdict);
		if (err) {
			*done = origin_of(relay, fill, sent);
			return is_changed(relay, fill, sent) ? give_up(relay, err, verdict) : err;
		}
		drop_sent(relay, fill, sent);
	} while (fill->waiting || fill->taken < fill->count);
	*done = fill->count;
	return 0;
}

int relay_send_folded(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict)
{
	int err = 0;

	*verdict = RELAY_GOOD;
	*done = 0;
	while (!err && *done < count && relay->folding.granule_bits) {
		const relay_command *from = commands + *done;
		const size_t remaining = count - *done;
		const size_t most = remaining < relay->batch ? remaining : relay->batch;
		size_t more = 0;

		if (count_single(&relay->folding, from,
			    remaining < most + 1 ? remaining : most + 1) >= most) {
			err = relay_send(relay, from, most, &more, verdict);
		} else {
			struct fill fill = { .commands = from, .count = remaining };

			err = send_filled(relay, &fill, &more, verdict);
		}
		*done += more;
	}
	return err;
}
