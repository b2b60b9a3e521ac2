// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/nest.h>

#include "bench/invalidate.h"
#include "commands/device_common.h"
#include "host/bound_device.h"
#include "host/selector.h"
#include "invocation.h"
#include "job/platform.h"
#include "model/platform.h"
#include "output/text.h"

#define BATCHES_MAX	   16
#define BATCHES		   "1,63,126,512,4032"
#define ROUNDS_DEFAULT	   10
#define ROUNDS_MAX	   100000
#define UNMAP_PAGES	   512
#define INSTRUCTION_NS_MAX 1000

struct request {
	uint32_t batches[BATCHES_MAX];
	size_t batch_count;
	unsigned int rounds;
	unsigned int instruction_ns; /* 0: the clock does not count instructions */
	char pci[PCI_ADDRESS_SIZE];
	const char *device; /* as the platform finds it */
	uint8_t token_room[VALUE_UUID_SIZE];
	const uint8_t *vf_token; /* NULL: none */
};

static bool read_number(const char **text, unsigned long limit, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(*text, &end, 10);
	if (end == *text || **text == '-' || errno || !*value || *value > limit)
		return false;
	*text = end;
	return true;
}

static bool read_batches(const char *text, struct request *request)
{
	unsigned long value;

	while (request->batch_count < BATCHES_MAX && read_number(&text, BENCH_BATCH_MAX, &value)) {
		request->batches[request->batch_count++] = (uint32_t)value;
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
	return false;
}

static enum exit_status read_request(const struct invocation *invocation, struct request *request)
{
	const char *batches = invocation_option(invocation, "batch");
	const char *rounds = invocation_option(invocation, "rounds");
	const char *instruction = invocation_option(invocation, "instruction-ns");
	const char *device = invocation->arguments[0];
	enum exit_status status = STATUS_DONE;
	unsigned long value = ROUNDS_DEFAULT, nanoseconds = 0;
	struct selector selector;

	*request = (struct request){ .device = invocation->model ? device : request->pci };
	if (!invocation->model)
		status = device_select(invocation, &sysfs_of_host, device, request->pci);
	else if (selector_parse(device, &selector))
		status = report_usage(invocation->report,
			"'%s' names no device: expected " SELECTOR_FORMS, device);
	if (status)
		return status;
	if (!read_batches(batches ? batches : BATCHES, request))
		return report_usage(invocation->report,
			"--batch: up to %d numbers from 1 to %d, with commas between", BATCHES_MAX,
			BENCH_BATCH_MAX);
	if (rounds && (!read_number(&rounds, ROUNDS_MAX, &value) || *rounds))
		return report_usage(
			invocation->report, "--rounds: a number from 1 to %d", ROUNDS_MAX);
	if (instruction &&
		(!read_number(&instruction, INSTRUCTION_NS_MAX, &nanoseconds) || *instruction))
		return report_usage(invocation->report, "--instruction-ns: a number from 1 to %d",
			INSTRUCTION_NS_MAX);
	request->rounds = (unsigned int)value;
	request->instruction_ns = (unsigned int)nanoseconds;
	return device_vf_token(invocation, request->token_room, &request->vf_token);
}

static double ratio(const struct bench_timing timings[], enum bench_way way, enum bench_way to)
{
	return timings[to].nanoseconds / timings[way].nanoseconds;
}

static json_t *to_json(const struct bench_load *load, const struct bench_timing timings[])
{
	json_t *json = json_pack("{s:i, s:s}", "batch", (int)load->batch, "addresses",
		load->random ? "random" : "sequential");

	for (unsigned int way = 0; way < BENCH_WAYS; way++) {
		if (!timings[way].nanoseconds)
			continue;
		json_object_set_new(json, bench_way_names[way],
			json_pack("{s:f, s:f, s:f}", "ns-per-command", timings[way].nanoseconds,
				"commands-per-second", 1e9 / timings[way].nanoseconds, "calls",
				timings[way].calls));
	}
	json_object_set_new(
		json, "relay-to-by-hand", json_real(ratio(timings, BENCH_RELAY, BENCH_BY_HAND)));
	json_object_set_new(json, "relay-to-one-by-one",
		json_real(ratio(timings, BENCH_RELAY, BENCH_ONE_BY_ONE)));
	return json;
}

/* The table fits a terminal. */
static int width_of(unsigned int way)
{
	const size_t length = strlen(bench_way_names[way]);

	return length > 8 ? (int)length : 8;
}

static void say(
	struct report *report, const struct bench_load *load, const struct bench_timing timings[])
{
	char line[256] = "";

	for (unsigned int way = 0; way < BENCH_WAYS; way++) {
		if (timings[way].nanoseconds)
			text_append(line, sizeof(line), " %*.1f", width_of(way),
				timings[way].nanoseconds);
		else
			text_append(line, sizeof(line), " %*s", width_of(way), "-");
	}
	report_result(report, "bench", to_json(load, timings), "%5u %-10s%s  %6.2f %6.2f",
		load->batch, load->random ? "random" : "sequential", line,
		ratio(timings, BENCH_RELAY, BENCH_BY_HAND),
		ratio(timings, BENCH_RELAY, BENCH_ONE_BY_ONE));
}

static void say_unmap(struct report *report, const struct bench_timing timings[])
{
	const struct bench_timing *relay = &timings[BENCH_RELAY], *folded = &timings[BENCH_FOLDED];
	char text[128];

	if (!folded->nanoseconds)
		return;
	snprintf(text, sizeof(text),
		"\n%d pages unmapped: %.0f call(s); folded %.0f call(s), %.1f times as fast",
		UNMAP_PAGES, relay->calls, folded->calls,
		ratio(timings, BENCH_FOLDED, BENCH_RELAY));
	report_lines(report, "unmap",
		json_pack("{s:i, s:f, s:f, s:f}", "pages", UNMAP_PAGES, "calls", relay->calls,
			"folded-calls", folded->calls, "folded-gain",
			ratio(timings, BENCH_FOLDED, BENCH_RELAY)),
		text);
}

/* The pair that guests write most, beside the call alone. */
static void say_pair(
	struct report *report, const struct request *request, const struct bench_timing timings[])
{
	const double call = timings[BENCH_BY_HAND].nanoseconds;
	const double queue = timings[BENCH_QUEUE].nanoseconds;
	json_t *json = json_pack(
		"{s:f, s:f, s:f}", "call-ns", call, "queue-ns", queue, "more-ns", queue - call);
	char instructions[64] = "";

	if (request->instruction_ns) {
		const double count = (queue - call) / request->instruction_ns;

		text_append(instructions, sizeof(instructions), " (%.0f instructions)", count);
		json_object_set_new(json, "more-instructions", json_real(count));
	}
	report_result(report, "pair", json,
		"one TLBI and its CMD_SYNC: the call alone %.1f ns, from the queue %.1f ns: %.1f ns "
		"more%s",
		call, queue, queue - call, instructions);
}

static void say_head(struct report *report)
{
	char line[256] = "";

	if (report->json)
		return;
	for (unsigned int way = 0; way < BENCH_WAYS; way++)
		text_append(line, sizeof(line), " %*s", width_of(way), bench_way_names[way]);
	report_note(
		report, "nanoseconds for a command; the relay's speed to by-hand and one-by-one");
	fprintf(report->out, "batch %-10s%s  %6s %6s\n", "addresses", line, "x hand", "x one");
}

static int measure(
	const struct request *request, struct bench_invalidate *bench, struct report *report)
{
	struct bench_timing timings[BENCH_WAYS];
	int err = 0;

	say_head(report);
	for (size_t i = 0; !err && i < 2 * request->batch_count; i++) {
		const struct bench_load load = { request->batches[i / 2], i % 2 };

		err = bench_invalidate_measure(bench, &load, request->rounds, timings);
		if (!err)
			say(report, &load, timings);
	}
	if (!err)
		err = bench_invalidate_measure(bench, &(struct bench_load){ UNMAP_PAGES, false },
			request->rounds, timings);
	if (!err)
		say_unmap(report, timings);
	if (!err)
		err = bench_invalidate_measure(
			bench, &(struct bench_load){ 1, false }, request->rounds, timings);
	if (!err)
		say_pair(report, request, timings);
	return err;
}

/* A guest without devices: the contents of its TLB do not change how long commands take. */
static int measure_device(
	const struct request *request, const struct bound_device *device, struct report *report)
{
	struct iommuctl_nest_config config = {
		.iommufd = device->iommufd,
		.dev_id = device->dev_id,
	};
	struct bench_target target = { .ctx = device->ctx, .iommufd = device->iommufd };
	struct bound_device_hw_info hw;
	struct bench_invalidate *bench;
	struct iommuctl_nest *nest;
	int err = iommuctl_ioas_alloc(device->ctx, device->iommufd, &config.ioas_id);

	if (!err)
		err = bound_device_get_hw_info(device, &hw);
	if (!err)
		err = iommuctl_nest_new(device->ctx, &config, &nest);
	if (err)
		return err;
	target.viommu_id = iommuctl_nest_get_viommu_id(nest);
	target.idr = iommuctl_nest_get_idr(nest);
	target.repeat = hw.data.smmuv3.flags & IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI;
	if (target.repeat)
		report_note(report, "each TLBI is issued twice, because of an erratum of the SMMU");
	err = bench_invalidate_new(&target, &bench);
	if (!err) {
		err = measure(request, bench, report);
		bench_invalidate_free(bench);
	}
	iommuctl_nest_free(nest);
	return err;
}

static enum exit_status measure_on(const struct invocation *invocation,
	const struct request *request, const struct platform *platform,
	struct iommuctl_model *model)
{
	const struct job_device wanted = { .select = request->device };
	struct platform_device found;
	struct bound_device device;
	struct cli_context context;
	struct failure failure;
	enum exit_status status;
	int err = platform->find(platform, &wanted, &found, &failure);

	if (err) {
		failure.operation = "bench invalidate";
		failure.object = request->device;
		return report_failure(invocation->report, &failure);
	}
	status = cli_context_open(&context, invocation, model);
	if (status)
		return status;
	err = bound_device_open(context.ctx, found.cdev_path, request->vf_token, &device);
	if (!err) {
		err = measure_device(request, &device, invocation->report);
		bound_device_close(&device);
	} else if (platform->known) {
		iommuctl_narrow_last_error(
			context.ctx, platform->known(platform, &found) | IOMMUCTL_KNOWN_CDEV);
	}
	if (err)
		status = report_last_error(invocation->report, context.ctx, found.pci, err);
	status = cli_context_check(&context, invocation->report, status);
	cli_context_close(&context);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	struct platform_model machine;
	struct platform_host host;
	struct request request;
	enum exit_status status = read_request(invocation, &request);

	if (status)
		return status;
	if (!invocation->model) {
		platform_host_init(&host, &sysfs_of_host);
		return measure_on(invocation, &request, &host.base, NULL);
	}
	status = platform_model_open(&machine, invocation->model, invocation->report);
	if (status)
		return status;
	report_note(
		invocation->report, "model: these are the figures of the model, not of hardware");
	status = measure_on(invocation, &request, &machine.base, machine.model);
	platform_model_close(&machine);
	return status;
}

static const struct command_option options[] = {
	{ "batch", "N[,N]...",
		"Sizes of a batch (" BATCHES "); each gives a line for adjacent pages and one for "
		"pages far apart" },
	{ "rounds", "N", "How many times each way is measured (10); the fastest round counts" },
	{ "instruction-ns", "N",
		"The machine's clock counts instructions, of N nanoseconds each, as "
		"QEMU's does with -icount (2 in the project's rig)" },
	{ DEVICE_OPTION_VF_TOKEN },
	{ NULL },
};

const struct command command_bench_invalidate = {
	.name = "bench invalidate",
	.group = COMMANDS_TOOLS,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Measure how fast a guest's invalidations reach an SMMU",
	.description =
		"Binds the device, which must be on vfio-pci and is reset by this, makes a vIOMMU on "
		"its SMMU, and issues TLBI_NH_VA commands in each possible way, in turn:\n"
		"\n"
		"  one-by-one  a call of HWPT_INVALIDATE for each command\n"
		"  by-hand     a call for each batch\n"
		"  relay       a batch through the relay, which checks each command\n"
		"  queue       the same from a guest's command queue, with a CMD_SYNC\n"
		"  folded      through a relay that makes ranges, where the SMMU has RIL\n"
		"\n"
		"Each figure is the time for one command. Figures of different runs do not compare "
		"well; the two ratios at the end of a line are from one run. At the end it shows what "
		"an unmap of 512 pages takes, and the most frequent case: one TLBI and its CMD_SYNC, "
		"from the queue, beside the call alone. With --instruction-ns, it also gives the "
		"difference, which the queue adds, in instructions.\n"
		"\n"
		"With --json, each line is an object (bench), and the last two are the unmap (unmap) "
		"and the pair (pair).\n\n" DEVICE_FORMS,
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
