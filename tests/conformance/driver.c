// SPDX-License-Identifier: MIT
/*
 * Runs random sequences of operations on the running kernel or on the model, and says what came of each:
 * a hash, or with --print all of it. The two are compared by the script beside this file.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "generator.h"

#define OPERATIONS_MAX 100000

struct options {
	bool model;
	bool mock;
	bool print;
	const char *devices[SUBJECT_DEVICES];
	uint64_t seed;
	uint64_t first;
	uint64_t sequences;
	const char *only; /* instead: "I,J,…" */
	unsigned int operations;
	char **keeps; /* one for each run of a sequence; none: everything once */
	unsigned int keep_count;
};

static void usage(void)
{
	fputs("usage: driver [--model] [--mock] [--device PATH --device PATH] [--seed S] [--first I]\n"
	      "              [--sequences N] [--only I,J,…] [--operations M] [--print]\n"
	      "              [--keep A-B,C,…]...\n"
	      "--keep: run only these operations of each sequence; again for each --keep\n",
		stderr);
}

static bool parse_number(const char *text, uint64_t limit, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 0);
	return end != text && !*end && *value <= limit;
}

/* Marks what "A-B,C" names in @kept. */
static bool parse_keep(const char *text, bool *kept, unsigned int operations)
{
	unsigned int from, to;
	int length;

	memset(kept, 0, operations * sizeof(*kept));
	for (;;) {
		if (sscanf(text, "%u%n", &from, &length) != 1)
			return false;
		text += length;
		to = from;
		if (*text == '-') {
			if (sscanf(++text, "%u%n", &to, &length) != 1)
				return false;
			text += length;
		}
		for (unsigned int i = from; i <= to && i < operations; i++)
			kept[i] = true;
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "model", no_argument, NULL, 'm' },
		{ "mock", no_argument, NULL, 'M' },
		{ "device", required_argument, NULL, 'd' },
		{ "seed", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "sequences", required_argument, NULL, 'n' },
		{ "only", required_argument, NULL, 'i' },
		{ "operations", required_argument, NULL, 'o' },
		{ "print", no_argument, NULL, 'p' },
		{ "keep", required_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int devices = 0;
	uint64_t operations;
	bool valid = true;
	int option;

	options->keeps = calloc(argc, sizeof(*options->keeps));
	if (!options->keeps)
		return false;
	while (valid && (option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		switch (option) {
		case 'm': options->model = true; break;
		case 'M': options->mock = true; break;
		case 'p': options->print = true; break;
		case 'i': options->only = optarg; break;
		case 'k': options->keeps[options->keep_count++] = optarg; break;
		case 's': valid = parse_number(optarg, UINT64_MAX, &options->seed); break;
		case 'f': valid = parse_number(optarg, UINT64_MAX, &options->first); break;
		case 'n': valid = parse_number(optarg, UINT64_MAX, &options->sequences); break;
		case 'o':
			valid = parse_number(optarg, OPERATIONS_MAX, &operations);
			options->operations = operations;
			break;
		case 'd':
			valid = devices < SUBJECT_DEVICES;
			if (valid)
				options->devices[devices++] = optarg;
			break;
		default: valid = false;
		}
	}
	return valid && optind == argc && (devices == 0 || devices == SUBJECT_DEVICES);
}

static unsigned int run_operations(
	struct subject *subject, const struct options *options, uint64_t seed, const bool *kept)
{
	const struct operation *operation;
	unsigned int done = 0;
	struct dice dice;

	for (unsigned int i = 0; i < options->operations; i++) {
		if (!kept[i])
			continue;
		operation = generator_operation(options->mock, seed, i, &dice);
		transcript_say(&subject->transcript, "%u %s", i, operation->name);
		operation->run(subject, &dice);
		transcript_end_line(&subject->transcript);
		done++;
	}
	return done;
}

static int run_sequence(
	struct subject *subject, const struct options *options, uint64_t index, const bool *kept)
{
	struct dice dice = dice_new(options->seed, index);
	const uint64_t seed = dice_next(&dice);
	unsigned int done;
	int err;

	transcript_start(&subject->transcript, options->print);
	err = subject_start(subject, seed);
	if (err) {
		fprintf(stderr, "sequence %" PRIu64 ": %s\n", index, strerror(-err));
		subject_end(subject);
		return err;
	}
	done = run_operations(subject, options, seed, kept);
	transcript_say(&subject->transcript, "memory %016" PRIx64,
		guest_hash(&subject->guest, GUEST_SIZE));
	transcript_end_line(&subject->transcript);
	printf("sequence %" PRIu64 " %016" PRIx64 " %u\n", index, subject->transcript.hash, done);
	subject_end(subject);
	return 0;
}

static int run_variants(
	struct subject *subject, const struct options *options, uint64_t index, bool *kept)
{
	int err = 0;

	memset(kept, true, options->operations * sizeof(*kept));
	if (!options->keep_count)
		return run_sequence(subject, options, index, kept);
	for (unsigned int i = 0; i < options->keep_count && !err; i++) {
		if (!parse_keep(options->keeps[i], kept, options->operations))
			return -EINVAL;
		err = run_sequence(subject, options, index, kept);
	}
	return err;
}

static int run(struct subject *subject, const struct options *options, bool *kept)
{
	const char *next = options->only;
	int err = 0;
	char *end;

	if (!next) {
		for (uint64_t i = 0; i < options->sequences && !err; i++)
			err = run_variants(subject, options, options->first + i, kept);
		return err;
	}
	for (; !err; next = end + 1) {
		const uint64_t index = strtoull(next, &end, 0);

		if (end == next || (*end && *end != ','))
			return -EINVAL;
		err = run_variants(subject, options, index, kept);
		if (!*end)
			break;
	}
	return err;
}

int main(int argc, char **argv)
{
	struct options options = {
		.devices = { "/dev/vfio/devices/vfio0", "/dev/vfio/devices/vfio1" },
		.sequences = 1,
		.operations = 250,
	};
	struct subject *subject = calloc(1, sizeof(*subject));
	struct backend backend;
	bool *kept = NULL;
	int err;

	if (!subject || !parse_options(argc, argv, &options)) {
		usage();
		return 2;
	}
	if (options.print)
		setvbuf(stdout, NULL, _IOLBF, 0);
	kept = calloc(options.operations + 1, sizeof(*kept));
	err = kept ? backend_open(&backend, options.model) : -ENOMEM;
	if (err)
		goto out;
	subject->ctx = backend.ctx;
	subject->waits = !options.model;
	subject->mock = options.mock;
	for (unsigned int i = 0; i < SUBJECT_DEVICES; i++)
		subject->devices[i].path = options.devices[i];
	err = guest_create(&subject->guest, !options.model && !options.mock);
	if (!err) {
		err = run(subject, &options, kept);
		guest_free(&subject->guest);
	}
	backend_close(&backend);
out:
	if (err)
		fprintf(stderr, "driver: %s\n", strerror(-err));
	free(kept);
	free(options.keeps);
	free(subject);
	return err ? 1 : 0;
}
