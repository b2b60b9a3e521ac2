// SPDX-License-Identifier: MIT
#include "array.h"
#include "job/machine.h"
#include "job/schema/schema.h"
#include "job_keys.h"
#include "model/platform_schema.h"
#include "pages.h"
#include "roff.h"
#include "stimulus/stimulus.h"

static void write_description(FILE *stream)
{
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"A job is one JSON object that says what to set up, by name and in any order, "
		"and what to do then. 'iommuctl run' sets up all of it or nothing; 'iommuctl "
		"plan' shows the order of operations; 'iommuctl validate' looks for errors and "
		"touches nothing. Unknown keys are errors, and so are duplicate keys. All errors "
		"are reported at once, in the order of the document, with line and column; "
		"beyond 50 they are only counted. What depends on an error is not judged.\n\n"
		"The file is UTF-8 without a byte-order mark, and at most 16 MiB large. Objects "
		"and arrays nest at most 64 deep. No string contains NUL.\n\n"
		"A number, such as a size or an address, is a JSON number or a string: \"4096\", "
		"\"0x1000\", \"4K\". The suffixes K, M, G and T stand for powers of 1024. Unless "
		"bounds are given, it ranges from 0 to 0xfffffffffffffffe; JSON numbers end at "
		"0x7fffffffffffffff, strings do not.\n\n"
		"A name has 1 to 64 letters, digits, '-' and '_', and does not begin with a "
		"digit or '-'.");
}

static void write_order(FILE *stream)
{
	roff_section(stream, "ORDER");
	roff_paragraphs(stream,
		"The set-up makes each object after those that it names. Where these leave a "
		"choice, the order is memory, devices, ioas, fault-queues, hwpts, viommus, "
		"vdevices, veventqs, hw-queues, stage1, cd-tables, each in the order of the "
		"document, except hw-queues, which are in the order of their index. Then it goes "
		"through attach, and then makes the irqs, because the kernel maps the doorbell "
		"of an MSI when an attached device gets it. If the first create or destroy step "
		"about an object creates it, the set-up leaves it to that step.\n\n"
		"The steps follow, one after the other. The first that does not end as expected "
		"is the last, and the events then waiting in the vEVENTQs are shown with it.\n\n"
		"All of this is checked beforehand, and an operation that the kernel would "
		"refuse at that point is an error of the job: its object does not exist yet or "
		"no longer exists, exists already, is still needed, is not mapped, or is taken. "
		"A step that expects an error may meet it, in the call that the step is about: if "
		"one that only opens or closes a file for it fails, so does the step.\n\n"
		"In the end, and after any failure, SIGINT, SIGTERM, SIGHUP or SIGQUIT, "
		"everything that exists at that point is undone, the newest first. A failure to "
		"undo is reported, and the rest is still undone. If the process is killed, the "
		"kernel undoes what it leaves.");
}

static void write_transfers(FILE *stream)
{
	roff_section(stream, "TRANSFERS");
	roff_paragraphs(stream,
		"A device does not say whether its access succeeded, so a dma step states the "
		"expected result: with \"expect\", bytes in guest memory, \"done\" or "
		"\"blocked\"; without it, the transfer is expected to succeed, unless the next "
		"step expects an event of the device's vIOMMU. A transfer that is unexpectedly "
		"blocked fails with EIO, and {\"errno\": \"EIO\"} in \"expect\" of the step asks "
		"for that.\n\n"
		"The model machine knows how each access ended. On hardware, these show it:");
	roff_term(stream, "bytes",
		"If \"expect\" of a dma step names some, they are the proof; other bytes are "
		"written in their place beforehand.");
	roff_term(stream, "events",
		"An event of the device, in a vEVENTQ of the vIOMMU in which it has a vDEVICE, "
		"shows that it was blocked. If nothing else shows the result, the step waits for "
		"one, at most 100 ms. It stays in the queue for the steps that follow.");
	roff_term(stream, "attachment",
		"A device that is not attached, or attached to an STE that aborts, is blocked; "
		"so is, where no stage 1 translates, an access to an IOVA that the IOAS does not "
		"map.");
	roff_term(stream, "guest memory",
		"Where no stage 1 translates, a write of 4 bytes or more into one mapping of the "
		"IOAS is seen, even if it writes the bytes that are already there: other bytes "
		"are put there beforehand, and removed if nothing was written.");
	fputs(".PP\n", stream);
	roff_paragraphs(stream,
		"Some results cannot be known: a read without a write that succeeded, or that "
		"stage 2 has blocked under a stage 1; a write through a stage 1 without expected "
		"bytes; a fault that the CD does not report, or for which there is no vEVENTQ. "
		"The step then passes, and its line says that nothing shows whether the access "
		"succeeded. A transfer with from and to and with expected bytes is certain in "
		"both directions, unless they are all 0.\n\n"
		"With ssid the DMA has a SubstreamID. Devices of the model can do that, in a "
		"machine whose SMMU has ssid-bits; on hardware the step fails with EOPNOTSUPP. A "
		"device writes data that it has read with a SubstreamID only with SubstreamIDs.");
}

static void write_faults(FILE *stream)
{
	roff_section(stream, "PAGE FAULTS AND DIRTY PAGES");
	roff_paragraphs(stream,
		"A HWPT with fault-queue puts the page faults of its devices there, in groups. A "
		"page-fault step takes the next group, and a page-response step answers the "
		"oldest that was taken and not answered. Until then the device waits: a dma step "
		"whose device does not finish because of that fails with ETIMEDOUT, and its "
		"transfer continues after the answer. Watching page faults (events --follow) "
		"takes none and answers none. If a fault has no answer when its device is "
		"detached, or attached to something else, or when everything is undone, the "
		"kernel answers it as invalid: it fails in the device.\n\n"
		"Of the model's machines, only those whose SMMU has stall make page faults: if a "
		"CD has S, an access that stage 1 blocks stalls, in a group of its own. On "
		"others a page-fault step is not supported.\n\n"
		"A paging HWPT with dirty-tracking reports which pages its devices have written. "
		"That needs an SMMU that updates dirty state (IDR0.HTTU 2; in the model, "
		"dirty-tracking); on others, creating it fails with EOPNOTSUPP. If the IOMMU "
		"translates by huge pages, each is dirty as a whole: \"huge-pages\": false of "
		"the IOAS avoids them.");
}

static void write_mock(FILE *stream)
{
	roff_section(stream, "MOCK DEVICES");
	roff_paragraphs(stream,
		"A kernel built with CONFIG_IOMMUFD_TEST makes devices without hardware for the "
		"tests of its iommufd. \"devices\": {\"d\": {\"mock\": {}}} is one: it is made "
		"with the job, attached like others, also with PASIDs, and removed with the job. "
		"Other kernels have none, and the job fails with EOPNOTSUPP; the model machine "
		"has them as well.\n\n"
		"\"mock\" steps do to these devices what hardware does to others: they make a "
		"device request pages, raise events and write pages, and inspect the caches and "
		"translations of the mock. Its vIOMMUs have the type \"selftest\"; nested HWPTs "
		"of these have \"mock\" in place of \"ste\", and only \"mock\": {\"event\": {}} "
		"steps read their devices' events. Two kinds of step concern the kernel itself: "
		"access, pin and unpin use an IOAS like drivers without hardware behind an "
		"IOMMU, and dma-buf and revoke map memory of a device that is taken back.\n\n"
		"A mock device does no DMA and has no interrupts. An IOAS that it is attached to "
		"maps only IOVAs from 16M up to 2G. Attaching the PASID 1024 fails with ENOMEM "
		"every other time: the mock does that on purpose. COMMAND and another session "
		"cannot use one.");
}

static void write_hw_queues(FILE *stream)
{
	roff_section(stream, "HW QUEUES");
	roff_paragraphs(stream,
		"NVIDIA's Tegra241 (Grace) has further command queues beside that of its SMMUv3 "
		"(CMDQV), which the hardware reads for a guest without the kernel. A vIOMMU of "
		"the type \"tegra241-cmdqv\" is an interface of it: it does all that one of "
		"\"arm-smmuv3\" does, and can have hw-queues, from index 0 upwards, in guest "
		"memory that is contiguous in the host and aligned to its size (huge pages). The "
		"memory of a job is guaranteed to be so only within a page of the host (4K or "
		"64K), so larger queues may fail there with EFAULT or EINVAL. 'device show "
		"--hw-info' shows the number of queues and of vDEVICEs.\n\n"
		"Page 0 of the interface, with the registers of its queues, is mapped as long as "
		"the vIOMMU exists; IOMMUCTL_MMAP_VIOMMUS_NAME gives COMMAND its place on the "
		"iommufd, for a VMM that maps it into its guest; 'session show --tree' and 'run "
		"--show=tree' show it as well, with PROD and CONS of each queue. A vEVENTQ of "
		"the type \"tegra241-cmdqv\" reports which queues have an error; 'iommuctl "
		"events' shows that.\n\n"
		"This is proven only on the model machine (\"cmdqv\" of an SMMU), which follows "
		"the rules of Linux for creating and destroying all of this. It reads no queue: "
		"commands in one are not carried out, and no error is reported.");
}

static void write_machines(FILE *stream)
{
	roff_section(stream, "MODEL MACHINES");
	roff_paragraphs(stream,
		"The FILE of 'iommuctl --model=FILE run' is also a JSON object, with the same "
		"syntax and limits. Without it, the machine has one SMMU and two devices, at "
		"0000:00:01.0 and 0000:00:02.0, with default properties. Unknown keys, two "
		"devices with one address or one StreamID, a group behind two SMMUs, and a "
		"\"pf\" that is not a device, or is itself a virtual function, are refused with "
		"the line. Devices are numbered in the order of the list, for "
		"/dev/vfio/devices/vfioN.");
	write_shapes(stream, &schema_platform, NULL);
}

static void write_stimuli(FILE *stream)
{
	static const struct stimulus_driver *const drivers[] = { &stimulus_edu, &stimulus_nvme,
		&stimulus_igb };

	roff_section(stream, "STIMULI");
	roff_paragraphs(stream,
		"dma and trigger-msi steps need a device that does DMA and interrupts on "
		"request. The driver is found by the device's class and ids, unless \"stimulus\" "
		"of the device names another. A step that a device cannot do, whatever the IOMMU "
		"allows, ends with 4 (unsupported), and a selftest skips the job.\n\n"
		"Queues and buffers of a device are in \"stimulus-memory\", which the job maps "
		"for it, also in stage 1 if there is one. If the device cannot reach it, for "
		"example because its STE aborts, every transfer is blocked.\n\n"
		"A job that should run with each of these moves 8 bytes at a time, at multiples "
		"of 4, and expects bytes 2 to 5 of them, with bytes 0, 1, 6 and 7 being 0; has "
		"the irq \"any-msi\"; has its events \"among-others\"; and names its device as "
		"one of a machine.");
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		roff_term(stream, drivers[i]->name, drivers[i]->about);
}

static void write_lab_machines(FILE *stream)
{
	roff_section(stream, "MACHINES");
	roff_paragraphs(stream,
		"The FILE of --machine, of run, selftest, plan and validate, is a JSON object "
		"that maps the device names of jobs to devices of a machine: by one of the keys "
		"that select a device in a job, and with \"stimulus\", \"vf-token\" and "
		"\"set-vf-token\" if needed; the job's own values of these take precedence.");
	write_shapes(stream, &schema_machine_devices, NULL);
}

static void write_files(FILE *stream)
{
	roff_section(stream, "FILES");
	roff_term(stream, "iommuctl.schema.json",
		"The same as a JSON Schema, for editors and other checkers, in the directory iommuctl "
		"of the system's shared data; 'iommuctl schema' prints it.");
	roff_term(stream, "iommuctl-machine.schema.json",
		"The same for model machines; 'iommuctl schema machine' prints it. For the FILE "
		"of --machine, 'iommuctl schema devices' prints one.");
}

static void write_example(FILE *stream)
{
	roff_section(stream, "EXAMPLE");
	roff_paragraphs(stream,
		"A device whose stage 1 the guest owns. It copies a page through both stages, "
		"and an access to an address that stage 1 does not map becomes an event:\n\n"
		"  {\n    \"iommuctl\": 1,\n    \"memory\": { \"ram\": { \"size\": \"16M\", "
		"\"ipa\": \"0x40000000\" } },\n    \"devices\": { \"edu\": { \"pci\": "
		"\"0000:00:01.0\" } },\n    \"ioas\": { \"guest\": { \"map\": [ { \"memory\": "
		"\"ram\" } ] } },\n    \"hwpts\": {\n      \"s2\": { \"device\": \"edu\", "
		"\"ioas\": \"guest\", \"nest-parent\": true },\n      \"s1\": { \"device\": "
		"\"edu\", \"viommu\": \"vsmmu\",\n              \"ste\": { \"config\": \"s1\", "
		"\"cd-table\": \"cds\" } }\n    },\n    \"viommus\": { \"vsmmu\": { \"device\": "
		"\"edu\", \"hwpt\": \"s2\" } },\n    \"vdevices\": {\n      \"vedu\": { "
		"\"viommu\": \"vsmmu\", \"device\": \"edu\", \"vsid\": \"0x42\" }\n    },\n    "
		"\"veventqs\": { \"events\": { \"viommu\": \"vsmmu\" } },\n    \"stage1\": {\n      "
		"\"kernel\": {\n        \"at\": \"0x40200000\", \"asid\": 7,\n        \"map\": "
		"[\n          { \"iova\": \"0x1000\", \"ipa\": \"0x40400000\", \"size\": \"8K\" "
		"}\n        ]\n      }\n    },\n    \"cd-tables\": {\n      \"cds\": { \"at\": "
		"\"0x40100000\",\n               \"contexts\": [ { \"stage1\": \"kernel\" } ] "
		"}\n    },\n    \"attach\": [ { \"device\": \"edu\", \"hwpt\": \"s1\" } ],\n    "
		"\"steps\": [\n      { \"write\": { \"ipa\": \"0x40400000\", \"text\": \"page "
		"A\" } },\n      { \"dma\": { \"device\": \"edu\", \"from\": \"0x1000\", \"to\": "
		"\"0x2000\",\n          \"expect\": { \"ipa\": \"0x40401000\", \"text\": \"page "
		"A\" } } },\n      { \"dma\": { \"device\": \"edu\", \"from\": \"0x5000\", "
		"\"size\": 4,\n          \"expect\": \"blocked\" } },\n      { \"event\": { "
		"\"veventq\": \"events\", \"type\": \"F_TRANSLATION\",\n          \"streamid\": "
		"\"0x42\", \"inputaddr\": \"0x5000\" } }\n    ]\n  }");
}

void write_job_page(FILE *stream)
{
	roff_page(stream, "iommuctl-job", 5, "job documents of iommuctl");
	write_description(stream);
	write_order(stream);
	write_transfers(stream);
	write_faults(stream);
	write_mock(stream);
	roff_section(stream, "OBJECTS");
	write_shapes(stream, &schema_job, NULL);
	write_stimuli(stream);
	write_lab_machines(stream);
	write_hw_queues(stream);
	write_machines(stream);
	roff_section(stream, "NAMES");
	write_names(stream, "opcode of a command", iommuctl_smmuv3_cmd_name);
	write_names(stream, "type of an event", iommuctl_smmuv3_event_name);
	write_files(stream);
	write_example(stream);
	roff_section(stream, "SEE ALSO");
	fputs(".BR iommuctl (1)\n", stream);
}
