// SPDX-License-Identifier: MIT
/*
 * A small VMM for arm64:
 *
 *     kvm-vmm --kernel Image --initrd initrd --append "console=ttyAMA0 quiet" --cpus 2
 *
 * It exits with 0 when the guest powers off, and starts the guest again when it resets. README.md
 * lists the files.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "control.h"
#include "device_tree.h"
#include "edu.h"
#include "iommu.h"
#include "load.h"
#include "passthrough.h"
#include "pci.h"
#include "pl011.h"
#include "region.h"
#include "report.h"
#include "requests.h"
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
	const char *control;
	struct smmu_options smmu;
	const char *of_smmus; /* the last option that concerns SMMUs */
	bool has_virtio_iommu;
	bool has_edu;
	size_t device_count;
	struct passthrough_option devices[MAX_FUNCTIONS];
};

static const char usage[] =
	"usage: kvm-vmm --kernel IMAGE [OPTION]...\n"
	"  --kernel IMAGE   an arm64 Image of Linux\n"
	"  --initrd FILE    its initrd\n"
	"  --append TEXT    its command line\n"
	"  --memory MIB     its memory (default: 512)\n"
	"  --cpus N         how many vCPUs (default: 1, at most 16)\n"
	"  --device ADDRESS[,bus=N][,no-msi-window]\n"
	"                   a PCI function to pass through; may be repeated\n"
	"  --device emulated\n"
	"                   an emulated function: QEMU's edu\n"
	"  --iommu smmuv3|virtio\n"
	"                   the IOMMU in front of them (default: none)\n"
	"  --record FILE    log each SMMU to FILE.BUS\n"
	"  --events PATH    the socket for 'iommuctl events --follow --from PATH'\n"
	"  --control FIFO   read lines \"remove ADDRESS\" and \"add ADDRESS\" here\n";

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

static int add_device(struct options *options, const char *text)
{
	struct passthrough_option *device;
	int err;

	if (strcmp(text, "emulated") == 0) {
		options->has_edu = true;
		return 0;
	}
	if (options->device_count == ARRAY_SIZE(options->devices))
		return report_problem("--device", "more functions than this VMM has room for");
	device = &options->devices[options->device_count++];
	err = passthrough_parse(text, device);
	if (!err && device->no_msi_window)
		options->of_smmus = "--device ADDRESS,no-msi-window";
	return err;
}

static int parse_smmu_option(struct options *options, int option)
{
	switch (option) {
	case 's': options->of_smmus = "--smmu"; return smmu_parse(&options->smmu, optarg);
	case 'r':
		options->of_smmus = "--record";
		options->smmu.record = optarg;
		return 0;
	case 'e':
		options->of_smmus = "--events";
		options->smmu.events = optarg;
		return 0;
	case 'S':
		options->of_smmus = "--stats";
		options->smmu.measures = true;
		return 0;
	default: return -EINVAL;
	}
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
	case 'd': return add_device(options, optarg);
	case 'o': options->control = optarg; return 0;
	case 'I':
		options->smmu.wanted = strcmp(optarg, "smmuv3") == 0;
		options->has_virtio_iommu = strcmp(optarg, "virtio") == 0;
		if (!options->smmu.wanted && !options->has_virtio_iommu)
			return report_problem(optarg, "is not an IOMMU that a guest can have");
		return 0;
	default: return parse_smmu_option(options, option);
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
		{ "device", required_argument, NULL, 'd' },
		{ "control", required_argument, NULL, 'o' },
		{ "iommu", required_argument, NULL, 'I' },
		{ "smmu", required_argument, NULL, 's' },
		{ "record", required_argument, NULL, 'r' },
		{ "events", required_argument, NULL, 'e' },
		{ "stats", no_argument, NULL, 'S' },
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
	if (options->of_smmus && !options->smmu.wanted)
		return report_problem(
			options->of_smmus, "concerns SMMUs, and needs --iommu smmuv3");
	return 0;
}

static int add_edu(const struct vm *vm, const struct pci *pci, struct iommu *iommu)
{
	const uint16_t requester_id = pci_choose_emulated(pci);
	struct dma_path path;
	int err = iommu_add_emulated(iommu, vm, requester_id, &path);

	if (err)
		return err;
	edu_init(pci->edu, requester_id, &path);
	return 0;
}

/* From the guest's first instruction until it powers off or resets. */
static enum vcpu_end run_guest(const struct vm *vm, const struct region_table *regions,
	const struct load_places *places, const struct pci *pci, struct iommu *iommu)
{
	enum vcpu_end end = VCPU_FAILED;

	if (iommu_start(iommu, vm, pci->passthrough))
		return VCPU_FAILED;
	if (pci->edu && add_edu(vm, pci, iommu))
		goto stop;
	if (passthrough_attach(pci->passthrough, iommu_get_functions(iommu)))
		goto detach;
	end = vcpu_run_all(vm, regions, places->entry, places->fdt);
detach:
	passthrough_detach(pci->passthrough);
stop:
	return iommu_stop(iommu) ? VCPU_FAILED : end;
}

/* One life of the guest. */
static enum vcpu_end boot(
	const struct options *options, struct passthrough *passthrough, struct iommu *iommu)
{
	struct vm vm;
	struct pl011 pl011;
	struct edu edu;
	struct pci pci = { passthrough, options->has_edu ? &edu : NULL };
	const struct region regions[] = {
		{ "pl011", PL011_BASE, PL011_SIZE, &pl011, pl011_read, pl011_write },
		{ "pci", PCI_ECAM_BASE, PCI_ECAM_SIZE, &pci, pci_read, pci_write },
		{ "bars", PCI_WINDOW_BASE, PCI_WINDOW_SIZE, &pci, pci_window_read,
			pci_window_write },
		{ "smmus", SMMU_BASE, PCI_BUSES * SMMU_SIZE, &iommu->smmus, smmus_read,
			smmus_write },
		/* The last row: left out of the table if the guest has none. */
		{ "virtio-iommu", VIRTIO_IOMMU_BASE, VIRTIO_IOMMU_SIZE, &iommu->virtio,
			virtio_iommu_read, virtio_iommu_write },
	};
	const struct region_table table = {
		.regions = regions,
		.count = ARRAY_SIZE(regions) - !options->has_virtio_iommu,
	};
	const struct device_tree_contents contents = {
		.append = options->append,
		.passthrough = passthrough,
		.smmus = &iommu->smmus,
		.has_virtio_iommu = options->has_virtio_iommu,
	};
	struct load_places places;
	enum vcpu_end end = VCPU_FAILED;

	if (vm_create(&vm, options->memory, options->cpus))
		return VCPU_FAILED;
	pl011_init(&pl011, &vm);
	if (load_kernel(&vm, options->kernel, options->initrd, &places))
		goto destroy;
	if (device_tree_write(&vm, &places, &contents))
		goto destroy;
	if (!passthrough_begin(passthrough, &vm))
		end = run_guest(&vm, &table, &places, &pci, iommu);
	passthrough_end(passthrough);
destroy:
	vm_destroy(&vm);
	return end;
}

/* All lives of the guest. */
static enum vcpu_end run(
	const struct options *options, struct passthrough *passthrough, struct iommu *iommu)
{
	struct requests requests;
	struct control control;
	enum vcpu_end end;

	if (requests_start(&requests, passthrough))
		return VCPU_FAILED;
	if (control_start(&control, options->control, passthrough)) {
		requests_stop(&requests);
		return VCPU_FAILED;
	}
	do
		end = boot(options, passthrough, iommu);
	while (end == VCPU_RESET);
	control_stop(&control);
	requests_stop(&requests);
	if (options->smmu.measures)
		smmus_print_counters(&iommu->smmus);
	return end;
}

int main(int argc, char **argv)
{
	struct options options;
	struct passthrough passthrough;
	struct iommu iommu;
	enum vcpu_end end = VCPU_FAILED;

	if (parse_options(&options, argc, argv)) {
		fputs(usage, stderr);
		fputs(smmu_usage, stderr);
		return EXIT_USAGE;
	}
	iommu.is_virtio = options.has_virtio_iommu;
	if (passthrough_open(
		    &passthrough, options.devices, options.device_count, options.has_virtio_iommu))
		return EXIT_FAILURE;
	if (!smmus_create(&iommu.smmus, &options.smmu, &passthrough)) {
		end = run(&options, &passthrough, &iommu);
		smmus_destroy(&iommu.smmus);
	}
	passthrough_close(&passthrough);
	return end == VCPU_POWER_OFF ? EXIT_SUCCESS : EXIT_FAILURE;
}
