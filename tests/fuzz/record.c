// SPDX-License-Identifier: MIT
/*
 * A record of a host, of any text: it is refused, or each gate says something of the host, and of the first device that the
 * kernel was asked about. Nothing of it is left, and nothing is made elsewhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/gate_answer.h"
#include "host/pci_address.h"
#include "input.h"
#include "output/memory.h"

/* Where records are unpacked: in memory, because files on a disk take most of the time. */
static char place[] = "/dev/shm/iommuctl-fuzz-XXXXXX";

static void remove_place(void)
{
	rmdir(place);
}

static bool place_is_empty(void)
{
	DIR *directory = opendir(place);
	unsigned int entries = 0;

	require(directory);
	while (readdir(directory))
		entries++;
	closedir(directory);
	return entries == 2;
}

static void check_result(const struct gate_result *result)
{
	require(result->outcome <= GATE_UNKNOWN);
	require(*result->found.message);
}

static void run_gates(const struct gate *gate, struct examination *examination)
{
	struct gate_result result;

	for (; gate->name; gate++)
		if (gate_run(gate, examination, &result))
			check_result(&result);
}

static void judge(const struct host_record *record)
{
	const char *asked = json_object_iter_key(json_object_iter(record->asked));
	struct examination examination = { .sysfs = &record->sysfs, .recorded = record };
	struct gate_result result;
	char pci[PCI_ADDRESS_SIZE];

	if (asked && !pci_address_normalise(asked, pci))
		examination.pci = pci;
	run_gates(host_gates, &examination);
	if (!examination.pci)
		return;
	run_gates(device_gates, &examination);
	for (const struct gate *gate = live_gates; gate->name; gate++)
		if (gate_answer_find(json_object_get(record->asked, asked), gate, &result))
			check_result(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure failure = { .error = 0 };
	static char name[32];
	static int fd = -1;
	struct host_record record;
	int err;

	if (fd < 0) {
		memory_watch_json();
		fd = memfd_create("record", MFD_CLOEXEC);
		require(fd >= 0 && mkdtemp(place) && !setenv("TMPDIR", place, 1));
		atexit(remove_place);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	}
	require(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	err = host_record_read(&record, name, &failure);
	if (!err)
		err = host_record_open(&record, &failure);
	if (err) {
		require(*failure.message);
	} else {
		judge(&record);
		host_record_close(&record);
	}
	require(place_is_empty());
	return 0;
}
