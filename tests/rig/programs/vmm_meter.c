// SPDX-License-Identifier: MIT
/*
 * Preloaded into a VMM, measures what its guest's SMMU costs: how often the guest rings the bell of
 * its command queue, what it had put there, what the VMM asks of iommufd, and the CPU time between
 * the vCPU's leaving the guest and its coming back. METER_SMMU is where the guest has its SMMU,
 * METER_UART where it has its console: a line "meter: NAME" there begins a section with figures of its own.
 * METER_OUT is the file that gets them when the VMM ends.
 */
#include <dlfcn.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define HWPT_INVALIDATE 0x3b8dul
#define SET_MEMORY2	0x40a0ae49ul /* KVM_SET_USER_MEMORY_REGION2, which old headers lack */
#define SMMU_SIZE	0x20000u
#define CMDQ_BASE	0x90u
#define CMDQ_PROD	0x98u
#define COMMAND_SIZE	16u
#define OPCODE_SYNC	0x46u
#define QUEUE_ADDRESS	UINT64_C(0x000fffffffffffe0)
#define QUEUE_LOG2SIZE	0x1fu
#define MAX_SLOTS	64u
#define MAX_SECTIONS	16u
#define MAX_LINE	64u
#define MARK		"meter: "

/* The beginning of both forms of the kernel's structure. */
struct slot {
	uint32_t number;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
	uint64_t host;
};

struct invalidate {
	uint32_t size;
	uint32_t hwpt;
	uint64_t data;
	uint32_t type;
	uint32_t entry_size;
	uint32_t entries;
};

struct figures {
	uint64_t calls, entries;	  /* of HWPT_INVALIDATE */
	uint64_t runs, smmu_exits;	  /* KVM_RUN, and those that an access to the SMMU ended */
	uint64_t bells, commands, syncs;  /* writes of CMDQ_PROD, and what was queued */
	uint64_t bell_ns, vmm_ns, run_ns; /* handling the bells, all exits, and inside KVM_RUN */
	uint64_t quickest_ns;		  /* of a CMD_SYNC, with the bells since the one before */
};

struct section {
	char name[MAX_LINE];
	struct figures figures;
};

/* A preloaded library has nowhere else to keep this. */
static struct {
	pthread_mutex_t lock;
	int (*ioctl)(int fd, unsigned long request, ...);
	uint64_t smmu, uart;
	struct slot slots[MAX_SLOTS];
	uint64_t cmdq_base;
	uint32_t cmdq_prod;
	uint64_t since_sync_ns;
	char line[MAX_LINE]; /* of the console, as far as it has come */
	size_t length;
	struct section sections[MAX_SECTIONS], *section;
} meter = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.sections = { { .name = "from boot on" } },
	.section = meter.sections,
};

static _Thread_local struct {
	const struct kvm_run *run;
	uint64_t left;
	uint64_t syncs; /* those that the bell was rung for */
	bool bell;
} vcpu;

static uint64_t cpu_time(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void remember_slot(const struct slot *slot)
{
	if ((slot->number & 0xffffu) < MAX_SLOTS)
		meter.slots[slot->number & 0xffffu] = *slot;
}

static const uint8_t *guest_memory(uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < MAX_SLOTS; i++) {
		const struct slot *slot = &meter.slots[i];

		if (address >= slot->address && address - slot->address < slot->size &&
			size <= slot->size - (address - slot->address))
			return (const uint8_t *)(uintptr_t)(slot->host + address - slot->address);
	}
	return NULL;
}

/* Returns how many of them are CMD_SYNCs. */
static uint64_t count_commands(uint32_t prod)
{
	const uint32_t mask = (1u << (meter.cmdq_base & QUEUE_LOG2SIZE)) - 1;
	const uint8_t *queue =
		guest_memory(meter.cmdq_base & QUEUE_ADDRESS, ((uint64_t)mask + 1) * COMMAND_SIZE);
	uint64_t syncs = 0;

	for (uint32_t i = meter.cmdq_prod; queue && (i & mask) != (prod & mask); i++) {
		meter.section->figures.commands++;
		syncs += queue[(uint64_t)(i & mask) * COMMAND_SIZE] == OPCODE_SYNC;
	}
	meter.section->figures.syncs += syncs;
	meter.cmdq_prod = prod;
	return syncs;
}

/* An access to the guest's SMMU, before the VMM sees it: whether it rings the bell. */
static bool look_at(const struct kvm_run *run)
{
	const uint64_t offset = run->mmio.phys_addr - meter.smmu;
	uint32_t prod;

	if (run->exit_reason != KVM_EXIT_MMIO || offset >= SMMU_SIZE)
		return false;
	meter.section->figures.smmu_exits++;
	if (!run->mmio.is_write)
		return false;
	if (offset >= CMDQ_BASE && offset + run->mmio.len <= CMDQ_BASE + sizeof(meter.cmdq_base)) {
		memcpy((uint8_t *)&meter.cmdq_base + (offset - CMDQ_BASE), run->mmio.data,
			run->mmio.len);
		meter.cmdq_prod = 0;
	}
	if (offset != CMDQ_PROD || run->mmio.len != sizeof(prod))
		return false;
	memcpy(&prod, run->mmio.data, sizeof(prod));
	vcpu.syncs = count_commands(prod);
	meter.section->figures.bells++;
	return true;
}

static void add_bell(struct figures *figures, uint64_t spent)
{
	figures->bell_ns += spent;
	meter.since_sync_ns += spent;
	if (!vcpu.syncs)
		return;
	spent = meter.since_sync_ns / vcpu.syncs;
	if (!figures->quickest_ns || spent < figures->quickest_ns)
		figures->quickest_ns = spent;
	meter.since_sync_ns = 0;
}

/* If there is no room for another section, the last one continues. */
static void begin_section(const char *name)
{
	if (meter.section + 1 == meter.sections + MAX_SECTIONS)
		return;
	meter.section++;
	memcpy(meter.section->name, name, strlen(name) + 1);
}

/* What the guest writes on its console, a character at a time. */
static void listen_to(const struct kvm_run *run)
{
	const char byte = (char)run->mmio.data[0];

	if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.phys_addr != meter.uart ||
		!run->mmio.is_write)
		return;
	if (byte != '\n' && byte != '\r') {
		if (meter.length < MAX_LINE - 1)
			meter.line[meter.length++] = byte;
		return;
	}
	meter.line[meter.length] = '\0';
	meter.length = 0;
	if (!strncmp(meter.line, MARK, strlen(MARK)))
		begin_section(meter.line + strlen(MARK));
	meter.line[0] = '\0';
}

static int run_vcpu(int fd, unsigned long argument)
{
	const uint64_t entered = cpu_time(CLOCK_THREAD_CPUTIME_ID);
	const uint64_t spent = vcpu.left ? entered - vcpu.left : 0;
	struct figures *figures;
	uint64_t ran;
	int result;

	if (!vcpu.run)
		vcpu.run = mmap(NULL, sizeof(*vcpu.run), PROT_READ, MAP_SHARED, fd, 0);
	result = meter.ioctl(fd, KVM_RUN, argument);
	ran = cpu_time(CLOCK_THREAD_CPUTIME_ID) - entered;
	pthread_mutex_lock(&meter.lock);
	figures = &meter.section->figures;
	figures->runs++;
	figures->run_ns += ran;
	figures->vmm_ns += spent;
	if (vcpu.bell)
		add_bell(figures, spent);
	vcpu.bell = false;
	if (!result && vcpu.run != MAP_FAILED) {
		vcpu.bell = look_at(vcpu.run);
		listen_to(vcpu.run);
	}
	pthread_mutex_unlock(&meter.lock);
	vcpu.left = cpu_time(CLOCK_THREAD_CPUTIME_ID);
	return result;
}

static int invalidate(int fd, struct invalidate *request)
{
	const int result = meter.ioctl(fd, HWPT_INVALIDATE, request);

	pthread_mutex_lock(&meter.lock);
	meter.section->figures.calls++;
	meter.section->figures.entries += request->entries;
	pthread_mutex_unlock(&meter.lock);
	return result;
}

/* In place of the C library's. */
__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	unsigned long argument;

	va_start(arguments, request);
	argument = va_arg(arguments, unsigned long);
	va_end(arguments);
	switch (request) {
	case KVM_RUN: return run_vcpu(fd, argument);
	case HWPT_INVALIDATE: return invalidate(fd, (struct invalidate *)argument);
	case KVM_SET_USER_MEMORY_REGION:
	case SET_MEMORY2: remember_slot((const struct slot *)argument); break;
	default: break;
	}
	return meter.ioctl(fd, request, argument);
}

static uint64_t place(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 0) : UINT64_MAX - SMMU_SIZE;
}

__attribute__((constructor)) static void begin(void)
{
	void *symbol = dlsym(RTLD_NEXT, "ioctl");

	memcpy(&meter.ioctl, &symbol, sizeof(symbol));
	meter.smmu = place("METER_SMMU");
	meter.uart = place("METER_UART");
}

static void write_section(FILE *file, const struct section *section)
{
	const struct figures *figures = &section->figures;

	fprintf(file,
		"section %s\ncalls %llu\nentries %llu\nruns %llu\nsmmu-exits %llu\nbells %llu\n"
		"commands %llu\nsyncs %llu\nbell-ns %llu\nvmm-ns %llu\nrun-ns %llu\nquickest-ns %llu\n",
		section->name, (unsigned long long)figures->calls,
		(unsigned long long)figures->entries, (unsigned long long)figures->runs,
		(unsigned long long)figures->smmu_exits, (unsigned long long)figures->bells,
		(unsigned long long)figures->commands, (unsigned long long)figures->syncs,
		(unsigned long long)figures->bell_ns, (unsigned long long)figures->vmm_ns,
		(unsigned long long)figures->run_ns, (unsigned long long)figures->quickest_ns);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("METER_OUT");
	FILE *file = path && meter.sections[0].figures.runs ? fopen(path, "w") : NULL;

	if (!file)
		return;
	for (const struct section *section = meter.sections; section <= meter.section; section++)
		write_section(file, section);
	fclose(file);
}
