// SPDX-License-Identifier: MIT
/*
 * A small VMM for arm64:
 *
 *     kvm-vmm --kernel Image --initrd initrd --append "console=ttyAMA0 quiet" --cpus 2
 *
 * It ends with 0 when the guest powers off; a guest that resets starts anew. README.md says which file
 * has what.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "device_tree.h"
#include "load.h"
#include "pci.h"
#include "pl011.h"
#include "region.h"
#include "report.h"
#include "vcpu.h"
#include "vm.h"

#define EXIT_USAGE     2
#define MIB	       (UINT64_C(1) << 20)
#define LONGEST_APPEND 2047u
#define DEFAULT_MIB    512

struct options {
	const char *kernel;
	const char *initrd;
	const char *append;
	uint64_t memory;
	unsigned int cpus;
};

static const char usage[] =
	"usage: kvm-vmm --kernel IMAGE [OPTION]...\n"
	"  --kernel IMAGE   an arm64 Image of Linux\n"
	"  --initrd FILE    its initrd\n"
	"  --append TEXT    its command line\n"
	"  --memory MIB     its memory (default: 512)\n"
	"  --cpus N         how many vCPUs (default: 1, at most 16)\n";

static int parse_number(const char *option, const char *text, uint64_t last, uint64_t *number)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || !value || value > last) {
		fprintf(stderr, "kvm-vmm: %s %s: must be a number from 1 to %llu\n", option, text,
			(unsigned long long)last);
		return -EINVAL;
	}
	*number = value;
	return 0;
}

static int parse_option(struct options *options, int option)
{
	uint64_t number = 0;
	int err;

	switch (option) {
	case 'k': options->kernel = optarg; return 0;
	case 'i': options->initrd = optarg; return 0;
	case 'a': options->append = optarg; return 0;
	case 'm':
		err = parse_number("--memory", optarg, RAM_MAX_SIZE / MIB, &number);
		options->memory = number * MIB;
		return err;
	case 'c':
		err = parse_number("--cpus", optarg, MAX_CPUS, &number);
		options->cpus = (unsigned int)number;
		return err;
	default: return -EINVAL;
	}
}

static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "kernel", required_argument, NULL, 'k' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "append", required_argument, NULL, 'a' },
		{ "memory", required_argument, NULL, 'm' },
		{ "cpus", required_argument, NULL, 'c' },
		{ 0 },
	};
	int option;

	*options = (struct options){ .append = "", .memory = DEFAULT_MIB * MIB, .cpus = 1 };
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		int err = parse_option(options, option);

		if (err)
			return err;
	}
	if (optind < argc)
		return report_problem(argv[optind], "is not an option");
	if (!options->kernel)
		return report_problem("--kernel", "is missing");
	if (strlen(options->append) > LONGEST_APPEND)
		return report_problem("--append", "longer than the 2047 bytes that Linux takes");
	return 0;
}

/* One life of the guest, from its first instruction until it powers off or resets. */
static enum vcpu_end boot(const struct options *options)
{
	struct vm vm;
	struct pl011 pl011;
	const struct region regions[] = {
		{ "pl011", PL011_BASE, PL011_SIZE, &pl011, pl011_read, pl011_write },
		{ "pci", PCI_ECAM_BASE, PCI_ECAM_SIZE, NULL, pci_read, pci_write },
	};
	const struct region_table table = { regions, ARRAY_SIZE(regions) };
	struct load_places places;
	enum vcpu_end end = VCPU_FAILED;
	int err = vm_create(&vm, options->memory, options->cpus);

	if (err)
		return VCPU_FAILED;
	pl011_init(&pl011, &vm);
	err = load_kernel(&vm, options->kernel, options->initrd, &places);
	if (!err)
		err = device_tree_write(&vm, &places, options->append);
	if (!err)
		end = vcpu_run_all(&vm, &table, places.entry, places.fdt);
	vm_destroy(&vm);
	return end;
}

int main(int argc, char **argv)
{
	struct options options;
	enum vcpu_end end;

	if (parse_options(&options, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	do
		end = boot(&options);
	while (end == VCPU_RESET);
	return end == VCPU_POWER_OFF ? EXIT_SUCCESS : EXIT_FAILURE;
}
