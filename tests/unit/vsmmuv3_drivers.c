// SPDX-License-Identifier: MIT
/*
 * What drivers do with an SMMU, in their own order: Linux, FreeBSD and a UEFI. Each is a table of
 * accesses, of what the guest writes to memory, and of what it finds; no guest runs.
 *
 * The orders were read from arm_smmu_device_reset() of Linux 7.3 and of its change that keeps the
 * tables of a crashed kernel, from smmu_reset() and smmu_init_ste() of FreeBSD 15, and from
 * SmmuV3Configure() of Project Mu's SmmuDxe.
 */
#include <inttypes.h>

#include <iommuctl/smmuv3_event.h>

#include "vsmmuv3_guest.h"

#define LOG2SIZE      7 /* of the command queue: Linux takes no less */
#define SLOT(n)	      (QUEUE + (n)*UINT64_C(16))
#define OTHER_QUEUE   (QUEUE + 0x4000)
#define OTHER_STREAMS (RAM + 0x130000)
#define L1STDS	      (RAM + 0x140000)
#define HINT	      (UINT64_C(1) << 62) /* RA, WA */
#define STE	      (STREAMS + VSID * GUEST_STE_SIZE)
#define OTHER_STE     (OTHER_STREAMS + VSID * GUEST_STE_SIZE)
#define TWO_LEVEL     (1u << 16 | 8u << 6 | 16)
#define UNMAPPED      UINT64_C(0x7000000)
#define ALL_CACHED    0xd75 /* CR1 */
#define SHCFG	      0x1000
#define IRQS	      5 /* GERROR and event queue */
#define ERR_ILL	      (UINT32_C(1) << 24)

#define CFGI_ALL  UINT64_C(0x04) /* with a range of 31 */
#define CFGI_STE  ((uint64_t)VSID << 32 | 0x03)
#define CFGI_CD	  ((uint64_t)VSID << 32 | 0x05)
#define PREFETCH  ((uint64_t)VSID << 32 | 0x01)
#define TLBI_NSNH UINT64_C(0x30)
#define TLBI_EL2  UINT64_C(0x20)
#define SYNC	  UINT64_C(0x46)
#define SYNC_MSI  UINT64_C(0x0fc01046) /* shareable, cached */
#define SYNC_SEV  UINT64_C(0x0fc02046)
#define LEAF	  1

/* STEs: of stage 1, and with ATS; of stage 2. */
#define S1_WORD1 UINT64_C(0xd4)
#define EATS	 (UINT64_C(1) << 28)
#define STE_S2	 (STE_VALID | UINT64_C(6) << 1)

enum kind {
	READ, /* 32 bits at @at are @value, as far as @mask goes */
	READ64,
	WRITE,
	WRITE64,
	MEMORY,	  /* the guest writes a word of 64 bits */
	COMMAND,  /* another one in the queue: @value and @more */
	GO,	  /* CMDQ_PROD, and then CMDQ_CONS is there too */
	STOPS,	  /* CMDQ_PROD, and CMDQ_CONS is @value */
	FINDS,	  /* the guest finds a word of 32 bits in memory */
	DMA,	  /* a device reads @at, and finds @value, or nothing (-EIO) */
	DELIVER,  /* the VMM does */
	EDGES,	  /* of interrupt @at there have been @value since the last look */
	QUEUE_AT, /* commands go to @at from now on, from index 0 */
	RESET,	  /* the VMM does */
};

struct step {
	enum kind kind;
	uint64_t at;
	uint64_t value;
	uint64_t mask; /* 0: all of it */
	uint64_t more;
};

static struct guest_smmu guest;
static uint64_t queue;

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .abort = false });
	queue = QUEUE;
	cr_assert_eq(iommuctl_vsmmuv3_add_device(
			     guest.smmu, guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_drivers, .init = set_up, .fini = tear_down);

static void put_command(const struct step *step)
{
	const uint32_t index = guest.prod & ((1u << LOG2SIZE) - 1);

	guest_put_words(&guest.vmm.ram, queue + index * UINT64_C(16),
		(uint64_t[]){ step->value, step->more }, 2);
	guest.prod = (guest.prod + 1) & ((2u << LOG2SIZE) - 1);
}

static uint64_t take_edges(uint64_t interrupt)
{
	const uint64_t edges = guest.edges[interrupt];

	guest.edges[interrupt] = 0;
	return edges;
}

/* What the guest finds. */
static uint64_t look(const struct step *step)
{
	switch (step->kind) {
	case READ: return rd(&guest, step->at);
	case READ64: return rd64(&guest, step->at);
	case GO:
	case STOPS: wr(&guest, CMDQ_PROD, guest.prod); return rd(&guest, CMDQ_CONS);
	case FINDS: return le32toh(*(uint32_t *)guest_at(&guest.vmm.ram, step->at));
	case DMA: return (uint64_t)dma(&guest.vmm, 0, step->at);
	case EDGES: return take_edges(step->at);
	case DELIVER: return (uint64_t)iommuctl_vsmmuv3_deliver_events(guest.smmu);
	case RESET: return (uint64_t)iommuctl_vsmmuv3_reset(guest.smmu);
	default: return 0;
	}
}

static void act(const struct step *step)
{
	switch (step->kind) {
	case WRITE: wr(&guest, step->at, (uint32_t)step->value); return;
	case WRITE64: wr64(&guest, step->at, step->value); return;
	case MEMORY: guest_put_words(&guest.vmm.ram, step->at, &step->value, 1); return;
	case COMMAND: put_command(step); return;
	case QUEUE_AT:
		queue = step->at;
		guest.prod = 0;
		return;
	default: return;
	}
}

static void run(const char *name, const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct step *step = &steps[i];
		uint64_t found, expected = step->value;

		act(step);
		found = look(step);
		switch (step->kind) {
		case WRITE:
		case WRITE64:
		case MEMORY:
		case COMMAND:
		case QUEUE_AT: continue;
		case GO: expected = guest.prod; break;
		default: break;
		}
		if (step->mask)
			found &= step->mask;
		cr_expect_eq(found, expected, "%s, step %zu, 0x%" PRIx64 ": 0x%" PRIx64, name, i,
			step->at, found);
	}
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx), "%s", name);
}

/* Linux: probe, and the reset of an SMMU that is not enabled. */

static const struct step linux_reset[] = {
	{ READ, IDR0, 0xa, 0xf }, /* only stage 1, AArch64 */
	{ READ, IDR1, 0, UINT64_C(0xf) << 28 }, { READ, 0x0c, 0, 1u << 9 },
	{ READ, 0x14, 0x10, 0x10 }, /* 4K */
	{ READ, 0x18, 0, 0x1 }, { READ, CR0, 0 }, { WRITE, CR0, 0 }, { READ, CR0ACK, 0 },
	{ WRITE, CR1, ALL_CACHED }, { WRITE, CR2, 6 }, { MEMORY, L1STDS, STREAMS | 9 },
	{ MEMORY, STE, STE_ABORT }, { WRITE64, STRTAB_BASE, L1STDS | HINT },
	{ WRITE, STRTAB_CFG, TWO_LEVEL }, { QUEUE_AT, QUEUE },
	{ WRITE64, CMDQ_BASE, QUEUE | HINT | LOG2SIZE }, { WRITE, CMDQ_PROD, 0 },
	{ WRITE, CMDQ_CONS, 0 }, { WRITE, CR0, CMDQEN }, { READ, CR0ACK, CMDQEN },
	{ COMMAND, .value = CFGI_ALL, .more = 31 }, { COMMAND, .value = SYNC_MSI, .more = SLOT(1) },
	{ GO }, { FINDS, SLOT(1), 0 }, { COMMAND, .value = TLBI_NSNH },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(3) }, { GO }, { FINDS, SLOT(3), 0 },
	{ WRITE64, EVENTQ_BASE, EVENTQ | HINT | EVENTQ_LOG2 }, { WRITE, EVENTQ_PROD, 0 },
	{ WRITE, EVENTQ_CONS, 0 }, { WRITE, CR0, CMDQEN | EVENTQEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN }, { WRITE, IRQ_CTRL, 0 }, { READ, IRQ_CTRLACK, 0 },
	{ WRITE64, GERROR_CFG0, 0 }, { WRITE64, EVENTQ_CFG0, 0 }, { WRITE, IRQ_CTRL, IRQS },
	{ READ, IRQ_CTRLACK, IRQS }, { DMA, PAGES, MARK }, /* GBPA */
	{ WRITE, CR0, CMDQEN | EVENTQEN | SMMUEN }, { READ, CR0ACK, CMDQEN | EVENTQEN | SMMUEN },
	{ DMA, PAGES, (uint64_t)-EIO }, /* all streams abort */
};

/* A device gets a domain: what is not in use yet is written first. */
static const struct step linux_attach[] = {
	{ MEMORY, STE + 8, S1_WORD1 | 2 },
	{ COMMAND, .value = CFGI_STE, .more = LEAF },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(5) },
	{ GO },
	{ FINDS, SLOT(5), 0 },
	{ DMA, IOVA, (uint64_t)-EIO },
	{ MEMORY, STE, STE_S1 },
	{ COMMAND, .value = CFGI_STE, .more = LEAF },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(7) },
	{ GO },
	{ FINDS, SLOT(7), 0 },
	{ DMA, IOVA, MARK },
	{ DELIVER },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 0 },
};

/* A DMA to nothing, and the handler of the event queue. */
static const struct step linux_event[] = {
	{ DMA, UNMAPPED, (uint64_t)-EIO },
	{ DELIVER },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 1 },
	{ READ, EVENTQ_PROD, 1 },
	{ FINDS, EVENTQ, 0x10, 0xff },
	{ FINDS, EVENTQ + 4, VSID },
	{ FINDS, EVENTQ + 16, UNMAPPED },
	{ WRITE, EVENTQ_CONS, 1 },
	{ READ, EVENTQ_CONS, 1 },
};

/* The handler of GERROR has a CMD_SYNC instead of what was illegal. */
static const struct step linux_gerror[] = {
	{ COMMAND, .value = 0xee },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(9) },
	{ STOPS, .value = ERR_ILL | 8 },
	{ FINDS, SLOT(9), SYNC_MSI },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 1 },
	{ READ, GERROR, CMDQ_ERR },
	{ READ, GERRORN, 0 },
	{ READ, CMDQ_CONS, ERR_ILL | 8 },
	{ MEMORY, SLOT(8), SYNC },
	{ WRITE, GERRORN, CMDQ_ERR },
	{ READ, CMDQ_CONS, 10 },
	{ FINDS, SLOT(9), 0 },
	{ READ, GERRORN, CMDQ_ERR },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 0 },
};

#define RUN(steps) run(#steps, steps, ARRAY_SIZE(steps))

Test(vsmmuv3_drivers, linux_probes_and_goes_on)
{
	RUN(linux_reset);
	RUN(linux_attach);
	RUN(linux_event);
	RUN(linux_gerror);
}

/* The guest reboots without notice: its VMM resets the SMMU, and it starts over. */
Test(vsmmuv3_drivers, linux_reboots)
{
	static const struct step reboot[] = { { RESET }, { DMA, PAGES, MARK } };

	for (int i = 0; i < 3; i++) {
		RUN(linux_reset);
		RUN(linux_attach);
		RUN(linux_event);
		RUN(linux_gerror);
		RUN(reboot);
	}
}

/*
 * Linux after a crash: the SMMU is enabled, with the queues of the kernel that is dead. Until 7.2 it
 * aborts all first; the event queue stays disabled.
 */
static const struct step kdump_reset[] = {
	{ READ, CR0, SMMUEN | EVENTQEN | CMDQEN },
	{ READ, GBPA, SHCFG },
	{ WRITE, GBPA, SHCFG | ABORT | UPDATE },
	{ READ, GBPA, SHCFG | ABORT },
	{ DMA, IOVA, MARK }, /* not yet */
	{ WRITE, CR0, 0 },
	{ READ, CR0ACK, 0 },
	{ DMA, IOVA, (uint64_t)-EIO },
	{ DMA, PAGES, (uint64_t)-EIO },
	{ WRITE, CR1, ALL_CACHED },
	{ WRITE, CR2, 6 },
	{ MEMORY, OTHER_STE, STE_ABORT },
	{ WRITE64, STRTAB_BASE, OTHER_STREAMS | HINT },
	{ WRITE, STRTAB_CFG, 8 },
	{ QUEUE_AT, OTHER_QUEUE },
	{ WRITE64, CMDQ_BASE, OTHER_QUEUE | HINT | LOG2SIZE },
	{ WRITE, CMDQ_PROD, 0 },
	{ WRITE, CMDQ_CONS, 0 },
	{ WRITE, CR0, CMDQEN },
	{ READ, CR0ACK, CMDQEN },
	{ COMMAND, .value = CFGI_ALL, .more = 31 },
	{ COMMAND, .value = SYNC_SEV },
	{ COMMAND, .value = TLBI_NSNH },
	{ COMMAND, .value = SYNC_SEV },
	{ GO },
	{ WRITE, IRQ_CTRL, 0 },
	{ READ, IRQ_CTRLACK, 0 },
	{ WRITE, IRQ_CTRL, IRQS },
	{ READ, IRQ_CTRLACK, IRQS },
	{ WRITE, CR0, CMDQEN | SMMUEN },
	{ READ, CR0ACK, CMDQEN | SMMUEN },
	/* What a device of the dead kernel still does is stopped silently. */
	{ DMA, IOVA, (uint64_t)-EIO },
	{ DELIVER },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 0 },
	{ MEMORY, OTHER_STE, STE_OTHER },
	{ COMMAND, .value = CFGI_STE, .more = LEAF },
	{ COMMAND, .value = SYNC_SEV },
	{ GO },
	{ DMA, IOVA, MARK_2 },
};

/* Later it keeps the tables of the dead kernel, so that DMA continues, and has queues of its own. */
static const struct step kdump_adopts[] = {
	{ READ, CR0, SMMUEN | EVENTQEN | CMDQEN },
	{ READ64, STRTAB_BASE, L1STDS | HINT },
	{ READ, STRTAB_CFG, TWO_LEVEL },
	{ WRITE, CR0, SMMUEN },
	{ READ, CR0ACK, SMMUEN },
	{ DMA, IOVA, MARK },
	{ QUEUE_AT, OTHER_QUEUE },
	{ WRITE64, CMDQ_BASE, OTHER_QUEUE | HINT | LOG2SIZE },
	{ WRITE, CMDQ_PROD, 0 },
	{ WRITE, CMDQ_CONS, 0 },
	{ WRITE, CR0, SMMUEN | CMDQEN },
	{ READ, CR0ACK, SMMUEN | CMDQEN },
	{ COMMAND, .value = CFGI_ALL, .more = 31 },
	{ COMMAND, .value = SYNC_SEV },
	{ COMMAND, .value = TLBI_NSNH },
	{ COMMAND, .value = SYNC_SEV },
	{ GO },
	{ DMA, IOVA, MARK },
	{ MEMORY, STE, STE_OTHER },
	{ COMMAND, .value = CFGI_STE, .more = LEAF },
	{ COMMAND, .value = SYNC_SEV },
	{ GO },
	{ DMA, IOVA, MARK_2 },
};

/* Commands that the SMMU does not know about yet. */
static const struct step crash[] = {
	{ COMMAND, .value = TLBI_NSNH },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(9) },
};

Test(vsmmuv3_drivers, linux_finds_the_smmu_enabled_after_a_crash)
{
	RUN(linux_reset);
	RUN(linux_attach);
	RUN(crash);
	RUN(kdump_reset);
}

Test(vsmmuv3_drivers, linux_adopts_the_tables_of_the_crashed_kernel)
{
	RUN(linux_reset);
	RUN(linux_attach);
	RUN(crash);
	RUN(kdump_adopts);
}

/* FreeBSD: interrupts first, a linear table, and each command has its own CMD_SYNC. */

static const struct step freebsd_reset[] = {
	{ READ, CR0, 0 },
	{ READ, CR0, 0 },
	{ WRITE, CR0, 0 },
	{ READ, CR0ACK, 0 },
	{ WRITE64, GERROR_CFG0, 0 },
	{ WRITE, GERROR_CFG1, 0 },
	{ WRITE, GERROR_CFG2, 0 },
	{ WRITE64, EVENTQ_CFG0, 0 },
	{ WRITE, EVENTQ_CFG1, 0 },
	{ WRITE, EVENTQ_CFG2, 0 },
	{ WRITE, IRQ_CTRL, 0 },
	{ READ, IRQ_CTRLACK, 0 },
	{ WRITE, IRQ_CTRL, IRQS },
	{ READ, IRQ_CTRLACK, IRQS },
	{ WRITE, CR1, ALL_CACHED },
	{ WRITE, CR2, 7 },
	{ WRITE64, STRTAB_BASE, STREAMS | HINT },
	{ WRITE, STRTAB_CFG, 8 },
	{ QUEUE_AT, QUEUE },
	{ WRITE64, CMDQ_BASE, QUEUE | HINT | LOG2SIZE },
	{ WRITE, CMDQ_PROD, 0 },
	{ WRITE, CMDQ_CONS, 0 },
	{ WRITE, CR0, CMDQEN },
	{ READ, CR0ACK, CMDQEN },
	{ COMMAND, .value = CFGI_ALL, .more = 31 },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(1) },
	{ GO },
	{ FINDS, SLOT(1), 0 },
	{ COMMAND, .value = TLBI_NSNH },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(3) },
	{ GO },
	{ FINDS, SLOT(3), 0 },
	{ WRITE64, EVENTQ_BASE, EVENTQ | HINT | EVENTQ_LOG2 },
	{ WRITE, EVENTQ_PROD, 0 },
	{ WRITE, EVENTQ_CONS, 0 },
	{ WRITE, CR0, CMDQEN | EVENTQEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN },
	{ WRITE, CR0, CMDQEN | EVENTQEN | SMMUEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN | SMMUEN },
};

/* EATS means nothing where the guest is shown no ATS (5.2), and CFGI_STE comes three times. */
static const struct step freebsd_ste[] = {
	{ MEMORY, STE + 8, S1_WORD1 | EATS },
	{ COMMAND, .value = CFGI_STE },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(5) },
	{ GO },
	{ FINDS, SLOT(5), 0 },
	{ MEMORY, STE, STE_S1 },
	{ COMMAND, .value = CFGI_STE },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(7) },
	{ GO },
	{ FINDS, SLOT(7), 0 },
	{ DMA, IOVA, MARK },
	{ COMMAND, .value = CFGI_CD, .more = LEAF },
	{ GO },
	{ COMMAND, .value = CFGI_STE },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(10) },
	{ GO },
	{ FINDS, SLOT(10), 0 },
	{ COMMAND, .value = PREFETCH },
	{ GO },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(12) },
	{ GO },
	{ FINDS, SLOT(12), 0 },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(13) },
	{ GO },
	{ FINDS, SLOT(13), 0 },
	{ DMA, IOVA, MARK },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 0 },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 0 },
};

/* Both indices by one access: if that fails, the interrupt handler does not end. */
static const struct step freebsd_event[] = {
	{ DMA, UNMAPPED, (uint64_t)-EIO },
	{ DELIVER },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 1 },
	{ READ64, EVENTQ_PROD, 1 },
	{ FINDS, EVENTQ, 0x10, 0xff },
	{ WRITE, EVENTQ_CONS, 1 },
	{ READ64, EVENTQ_PROD, UINT64_C(0x100000001) },
};

/* It prints that there is an error. The queue stays stopped: each CMD_SYNC fails. */
static const struct step freebsd_gerror[] = {
	{ COMMAND, .value = 0xee },
	{ STOPS, .value = ERR_ILL | 14 },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 1 },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(15) },
	{ STOPS, .value = ERR_ILL | 14 },
	{ FINDS, SLOT(15), SYNC_MSI },
	{ COMMAND, .value = SYNC_MSI, .more = SLOT(16) },
	{ STOPS, .value = ERR_ILL | 14 },
	{ FINDS, SLOT(16), SYNC_MSI },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 0 },
	{ DMA, IOVA, MARK }, /* DMA goes on */
	{ WRITE, CR0, EVENTQEN | SMMUEN },
	{ READ, CR0ACK, EVENTQEN | SMMUEN },
	{ WRITE, CR0, CMDQEN | EVENTQEN | SMMUEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN | SMMUEN },
	{ READ, CMDQ_CONS, ERR_ILL | 14 },
	{ READ, GERROR, CMDQ_ERR },
	{ RESET },
	{ READ, GERROR, 0 },
	{ READ, CMDQ_CONS, 0 },
	{ MEMORY, STE, 0 },
};

Test(vsmmuv3_drivers, freebsd_resets_sets_an_ste_and_never_acknowledges)
{
	for (int i = 0; i < 2; i++) {
		RUN(freebsd_reset);
		RUN(freebsd_ste);
		RUN(freebsd_event);
		RUN(freebsd_gerror);
	}
}

/* UEFI: both queues at once, and stage 2, which a guest lacks. */

static const struct step uefi_registers[] = {
	{ READ, CR0, 0 },
	{ READ, IRQ_CTRL, 0 },
	{ READ, GERROR, 0 },
	{ WRITE, GERROR, 0 },
	{ MEMORY, STE, STE_S2 },
	{ MEMORY, STE + 16, UINT64_C(1) << 51 | UINT64_C(20) << 32 | 1 },
	{ MEMORY, STE + 24, TABLES },
	{ WRITE, STRTAB_CFG, 8 },
	{ WRITE64, STRTAB_BASE, STREAMS | HINT },
	{ QUEUE_AT, QUEUE },
	{ WRITE64, CMDQ_BASE, QUEUE | HINT | LOG2SIZE },
	{ WRITE, CMDQ_PROD, 0 },
	{ WRITE, CMDQ_CONS, 0 },
	{ WRITE64, EVENTQ_BASE, EVENTQ | HINT | EVENTQ_LOG2 },
	{ WRITE, EVENTQ_PROD, 0 },
	{ WRITE, EVENTQ_CONS, 0 },
	{ READ, IRQ_CTRL, 0 },
	{ WRITE, IRQ_CTRL, IRQS },
	{ READ, IRQ_CTRLACK, IRQS },
	{ READ, CR1, 0 },
	{ WRITE, CR1, 0x35 },
	{ READ, CR2, 0 },
	{ WRITE, CR2, 3 },
	{ READ, CR2, 2 },
	{ READ, CR0, 0 },
	{ WRITE, CR0, CMDQEN | EVENTQEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN },
	{ COMMAND, .value = CFGI_ALL, .more = 31 },
	{ GO },
	{ COMMAND, .value = TLBI_NSNH },
	{ GO },
};

/* It asks no register whether there is an EL2 to invalidate for. */
static const struct step uefi_stops[] = {
	{ COMMAND, .value = TLBI_EL2 },
	{ STOPS, .value = ERR_ILL | 2 },
	{ READ, GERROR, CMDQ_ERR },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR, 1 },
	/* It gives up: all is disabled, and aborts. */
	{ READ, EVENTQ_PROD, 0 },
	{ READ, CR0, CMDQEN | EVENTQEN },
	{ WRITE, CR0, 0 },
	{ READ, CR0ACK, 0 },
	{ READ, GBPA, SHCFG },
	{ WRITE, GBPA, SHCFG | ABORT | UPDATE },
	{ READ, GBPA, SHCFG | ABORT },
	{ DMA, PAGES, (uint64_t)-EIO },
};

/* One that leaves EL2 out. It learns about the STE as soon as the SMMU has read it. */
static const struct step uefi_enables[] = {
	{ COMMAND, .value = SYNC },
	{ GO },
	{ READ, CR0, CMDQEN | EVENTQEN },
	{ WRITE, CR0, CMDQEN | EVENTQEN | SMMUEN },
	{ READ, CR0ACK, CMDQEN | EVENTQEN | SMMUEN },
	{ READ, GERROR, 0 },
	{ EDGES, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ, 1 },
	{ READ, EVENTQ_PROD, 1 },
	{ READ, EVENTQ_CONS, 0 },
	{ FINDS, EVENTQ, IOMMUCTL_SMMUV3_C_BAD_STE, 0xff },
	{ FINDS, EVENTQ + 4, VSID },
	{ WRITE, EVENTQ_CONS, 1 },
	{ DMA, IOVA, (uint64_t)-EIO },
	{ DMA, PAGES, (uint64_t)-EIO },
};

/* As an operating system takes over. */
static const struct step uefi_exits[] = {
	{ READ, CR0, CMDQEN | EVENTQEN | SMMUEN },
	{ WRITE, CR0, 0 },
	{ READ, CR0ACK, 0 },
	{ READ, GBPA, SHCFG },
	{ WRITE, GBPA, SHCFG | UPDATE },
	{ READ, GBPA, SHCFG },
	{ DMA, PAGES, MARK },
};

Test(vsmmuv3_drivers, uefi_stops_at_what_there_is_not)
{
	RUN(uefi_registers);
	RUN(uefi_stops);
}

Test(vsmmuv3_drivers, uefi_wants_stage_2_and_linux_follows)
{
	struct iommuctl_smmuv3_refusal refusal;

	RUN(uefi_registers);
	RUN(uefi_enables);
	cr_expect_eq(
		iommuctl_nest_get_refusal(iommuctl_vsmmuv3_get_nest(guest.smmu), VSID, &refusal),
		0);
	cr_expect_str_eq(refusal.field, "Config");
	RUN(uefi_exits);
	RUN(linux_reset);
	RUN(linux_attach);
	RUN(linux_event);
	RUN(linux_gerror);
}
