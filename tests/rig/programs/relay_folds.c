// SPDX-License-Identifier: MIT
/*
 * relay_folds DEVICE [CACHED]: has 512 pages of a guest invalidated one by one through a relay that
 * folds, and looks at which translations the SMMU still holds then, within these pages and beside
 * them. DEVICE is the VFIO character device of an edu device behind an SMMUv3.
 *
 * With CACHED, it then measures how long such an unmap takes with and without folding while the
 * SMMU holds as many other translations: QEMU's looks at each of them for each command.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <iommuctl/iommuctl.h>

#include "array.h"
#include "edu.h"
#include "vmm.h"

#define PAGE	  GUEST_PAGE
#define IPA	  UINT64_C(0x40000000)
#define SIZE	  UINT64_C(0x800000)
#define CD	  IPA
#define TABLES	  (IPA + 0x10000)
#define RESULT	  (IPA + 0x80000)
#define BEFORE	  (IPA + 0x100000) /* where pages lead to at first */
#define AFTER	  (IPA + 0x400000)
#define WINDOW	  UINT64_C(0x10200000) /* IOVA of what is invalidated */
#define PAGES	  512
#define MAPPED	  (PAGES + 2) /* with one beside it at either end */
#define RESULT_AT UINT64_C(0x20000000)
#define OTHERS_AT UINT64_C(0x20200000)
#define OTHERS	  200
#define ROUNDS	  50
#define VSID	  0x42
#define ASID	  7

struct guest {
	struct vmm vmm;
	struct edu edu;
};

/* Of the mapped pages, which the device reads. The first and the last one are not invalidated. */
static const unsigned int samples[] = { 0, 1, 2, 100, 256, 257, PAGES - 1, PAGES, PAGES + 1 };

#define SAMPLES ARRAY_SIZE(samples)

static uint64_t *word_at(struct guest *guest, uint64_t ipa)
{
	return guest_at(&guest->vmm.ram, ipa);
}

/* Every page says where it is. */
static void build_stage1(struct vmm *vmm)
{
	vmm->stage1 = guest_make_tables(&vmm->ram, TABLES, RESULT - TABLES);
	for (uint64_t i = 0; i < MAPPED; i++) {
		*(uint64_t *)guest_at(&vmm->ram, BEFORE + i * PAGE) = BEFORE + i * PAGE;
		*(uint64_t *)guest_at(&vmm->ram, AFTER + i * PAGE) = AFTER + i * PAGE;
	}
	guest_map(&vmm->stage1, WINDOW - PAGE, BEFORE, MAPPED * PAGE);
	guest_map(&vmm->stage1, RESULT_AT, RESULT, PAGE);
	guest_map(&vmm->stage1, OTHERS_AT, AFTER, OTHERS * PAGE);
	guest_put_context(&vmm->ram, CD, &vmm->stage1, ASID);
}

static void start(struct guest *guest, const char *path)
{
	struct vmm *vmm = &guest->vmm;
	int err;

	vmm_open_devices(vmm, &path, 1);
	must_in(vmm->ctx, edu_start(&guest->edu, vmm->ctx, vmm->devices[0]), path);
	vmm_make_ram(vmm, IPA, SIZE);
	build_stage1(vmm);
	err = vmm_new_nest(
		vmm, (struct iommuctl_nest_config){ .fold = true, .fold_granule = PAGE });
	if (!err)
		err = vmm_add(vmm, 0, VSID);
	must_in(vmm->ctx, err ? err : vmm_set_ste(vmm, VSID, GUEST_STE_S1(CD)), "nest");
}

/* The page that the device finds at a mapped one, by way of its buffer. */
static int read_through(struct guest *guest, unsigned int page, uint64_t *found)
{
	int err = edu_read(&guest->edu, WINDOW - PAGE + page * PAGE, sizeof(*found));

	*word_at(guest, RESULT) = 0;
	if (!err)
		err = edu_write(&guest->edu, RESULT_AT, sizeof(*found));
	*found = *word_at(guest, RESULT);
	return err;
}

/* How many of the samples in [@first, @last) lead to where they did before; -errno. */
static int count_old(struct guest *guest, size_t first, size_t last)
{
	int old = 0;

	for (size_t i = first; i < last; i++) {
		const uint64_t offset = samples[i] * PAGE;
		uint64_t found;
		int err = read_through(guest, samples[i], &found);

		if (err)
			return err;
		if (found != BEFORE + offset && found != AFTER + offset) {
			printf("page %u leads to 0x%" PRIx64 "\n", samples[i], found);
			return -EPROTO;
		}
		old += found == BEFORE + offset;
	}
	return old;
}

typedef uint64_t command_words[IOMMUCTL_SMMUV3_CMD_WORDS];

static int make_commands(command_words commands[PAGES])
{
	for (uint64_t i = 0; i < PAGES; i++) {
		const struct iommuctl_smmuv3_cmd cmd = {
			.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			.asid = ASID,
			.leaf = 1,
			.address = WINDOW + i * PAGE,
		};
		int err = iommuctl_smmuv3_cmd_encode(&cmd, commands[i], NULL);

		if (err)
			return err;
	}
	return 0;
}

static struct iommuctl_relay_counters counters_of(const struct guest *guest)
{
	struct iommuctl_relay_counters counters;

	iommuctl_relay_get_counters(iommuctl_nest_get_relay(guest->vmm.nest), &counters);
	return counters;
}

static int forget_pages_in_one_call(struct guest *guest)
{
	const struct iommuctl_relay_counters before = counters_of(guest);
	struct iommuctl_relay_counters after;
	command_words commands[PAGES];
	size_t done;
	int err = make_commands(commands);

	if (!err)
		err = iommuctl_relay_issue(iommuctl_nest_get_relay(guest->vmm.nest),
			(const command_words *)commands, PAGES, &done, NULL);
	if (err)
		return err;
	after = counters_of(guest);
	printf("%" PRIu64 " commands: %" PRIu64 " call, %" PRIu64 " issued\n",
		after.commands - before.commands, after.calls - before.calls,
		after.issued - before.issued);
	return after.calls - before.calls == 1 ? 0 : -EPROTO;
}

static int expect_old(struct guest *guest, const char *what, size_t first, size_t last, int old)
{
	int found = count_old(guest, first, last);

	if (found < 0)
		return found;
	printf("%s: %d of %zu old\n", what, found, last - first);
	return found == old ? 0 : -EPROTO;
}

static int run(struct guest *guest)
{
	int err = expect_old(guest, "mapped", 0, SAMPLES, SAMPLES);

	if (!err)
		err = iommuctl_stage1_remap(
			&guest->vmm.stage1, WINDOW - PAGE, AFTER, MAPPED * PAGE);
	if (!err)
		err = expect_old(guest, "mapped anew", 0, SAMPLES, SAMPLES);
	if (!err)
		err = forget_pages_in_one_call(guest);
	if (!err)
		err = expect_old(guest, "pages", 1, SAMPLES - 1, 0);
	if (!err)
		err = expect_old(guest, "page before", 0, 1, 1);
	return err ? err : expect_old(guest, "page behind", SAMPLES - 1, SAMPLES, 1);
}

static double microseconds(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) * 1e6 +
	       (double)(to->tv_nsec - from->tv_nsec) / 1e3;
}

/* The fastest of some rounds. */
static int time_unmap(struct iommuctl_relay *relay, double *best)
{
	command_words commands[PAGES];
	int err = make_commands(commands);

	for (int i = 0; !err && i < ROUNDS; i++) {
		struct timespec from, to;
		size_t done;

		clock_gettime(CLOCK_MONOTONIC, &from);
		err = iommuctl_relay_issue(
			relay, (const command_words *)commands, PAGES, &done, NULL);
		clock_gettime(CLOCK_MONOTONIC, &to);
		if (i == 0 || microseconds(&from, &to) < *best)
			*best = microseconds(&from, &to);
	}
	return err;
}

static int compare(struct guest *guest, unsigned long cached)
{
	const struct iommuctl_relay_config config = {
		.iommufd = guest->vmm.iommufd,
		.viommu_id = iommuctl_nest_get_viommu_id(guest->vmm.nest),
		.idr = iommuctl_nest_get_idr(guest->vmm.nest),
	};
	struct iommuctl_relay *plain;
	double batched, folded;
	int err = iommuctl_relay_new(guest->vmm.ctx, &config, &plain);

	if (err)
		return err;
	for (unsigned long i = 0; !err && i < cached; i++)
		err = edu_read(&guest->edu, OTHERS_AT + i * PAGE, sizeof(uint64_t));
	if (!err)
		err = time_unmap(plain, &batched);
	if (!err)
		err = time_unmap(iommuctl_nest_get_relay(guest->vmm.nest), &folded);
	if (!err)
		printf("unmap beside %lu translations: %.1f us, folded %.1f us: %.1f times as fast\n",
			cached, batched, folded, batched / folded);
	iommuctl_relay_free(plain);
	return err;
}

int main(int argc, char **argv)
{
	const unsigned long cached = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;
	struct guest guest = { .vmm = { .ctx = NULL } };
	int err;

	if (argc < 2 || argc > 3 || cached > OTHERS || iommuctl_new(NULL, &guest.vmm.ctx))
		return 2;
	start(&guest, argv[1]);
	err = run(&guest);
	if (!err && argc == 3)
		err = compare(&guest, cached);
	if (err) {
		const struct iommuctl_error *error = iommuctl_last_error(guest.vmm.ctx);
		char text[1024] = "";

		if (error)
			iommuctl_error_format(error, text, sizeof(text));
		fprintf(stderr, "relay_folds: %s\n%s\n", strerror(-err), text);
	}
	iommuctl_nest_free(guest.vmm.nest);
	iommuctl_free(guest.vmm.ctx);
	return err ? 1 : 0;
}
