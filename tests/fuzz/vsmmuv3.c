// SPDX-License-Identifier: MIT
/*
 * A guest that does anything with its SMMU on the model machine, while its devices do DMA, the
 * kernel has no memory at times, and devices come and go: registers read only legal values, a write
 * makes no more calls than its budget and its devices allow, another SMMU continues from its record,
 * any other record is refused, and a reset restores everything.
 */
#include <errno.h>

#include <iommuctl/model.h>
#include <iommuctl/vsmmuv3_state.h>

#include "hostile.h"
#include "input.h"
#include "transport.h"

#define STEPS	     512
#define BUDGET	     1000
#define DEVICE_CALLS 8 /* a HWPT, an attachment, what was before, and what undoes it */
#define FIXED_CALLS  4

#define STEADY 19

#define CR0	    0x20
#define CR0ACK	    0x24
#define GBPA	    0x44
#define GERROR	    0x60
#define GERRORN	    0x64
#define CMDQ_CONS   0x9c
#define EVENTQ_PROD 0x100a8

struct fuzz {
	struct vmm vmm;
	struct hostile guest;
	struct input input;
	bool has_device[VMM_DEVICES];
	bool leaves[VMM_DEVICES]; /* it was to be taken out, and that failed */
	unsigned int asked;
	size_t objects; /* that are alive when nothing is going on */
};

/* Two bytes of the input for a number. */
static uint32_t pick(void *data)
{
	const uint32_t low = input_u8(data);

	return (low | (uint32_t)input_u8(data) << 8) * UINT32_C(0x9e3779b1);
}

static uint32_t rd(const struct fuzz *fuzz, uint64_t offset)
{
	return (uint32_t)iommuctl_vsmmuv3_read(fuzz->guest.smmu, offset, 4);
}

static void ask(struct fuzz *fuzz)
{
	fuzz->asked++;
	(void)rd(fuzz, CMDQ_CONS);
}

static void interrupt(enum iommuctl_vsmmuv3_interrupt line, void *data)
{
	require(line < IOMMUCTL_VSMMUV3_INTERRUPTS);
	ask(data);
}

static void msi(uint64_t address, uint32_t msi_data, void *data)
{
	(void)msi_data;
	require(address % 4 == 0);
	ask(data);
}

static void send_event(void *data)
{
	ask(data);
}

static const struct iommuctl_vsmmuv3_ops ops = { interrupt, msi, send_event };

static void check_registers(const struct fuzz *fuzz)
{
	require(!(rd(fuzz, CR0) & ~UINT32_C(0x1d)) && !(rd(fuzz, CR0ACK) & ~UINT32_C(0x1d)));
	require(!(rd(fuzz, CMDQ_CONS) & ~UINT32_C(0x7f0fffff)));
	require(!(rd(fuzz, EVENTQ_PROD) & ~UINT32_C(0x800fffff)));
	require(!((rd(fuzz, GERROR) | rd(fuzz, GERRORN)) & ~UINT32_C(5)));
}

static void check_result(int err)
{
	require(!err || err == -EAGAIN || err == -ENOMEM);
}

/* The cost of a write or of its continuation. */
static void check_cost(struct fuzz *fuzz, int err)
{
	const unsigned int most =
		BUDGET / IOMMUCTL_CMDQ_COST_CALL + FIXED_CALLS + 2 * VMM_DEVICES * DEVICE_CALLS;

	check_result(err);
	require(fuzz->vmm.calls <= most);
}

static void do_dma(struct fuzz *fuzz)
{
	unsigned char buffer[8];

	(void)iommuctl_model_dma(fuzz->vmm.model,
		&(struct iommuctl_model_access){
			.device = input_u8(&fuzz->input) % VMM_DEVICES,
			.ssid = -1,
			.iova = hostile_pick_iova(&fuzz->guest),
			.buffer = buffer,
			.size = sizeof(buffer),
			.write = input_u8(&fuzz->input) & 1,
		});
}

static void move_device_to(struct fuzz *fuzz, unsigned int index, bool in)
{
	int err = hostile_move_device(&fuzz->guest, index, in);

	/* What went half-way may have gone on since. */
	if (err == -ENOENT && fuzz->leaves[index])
		err = 0;
	check_result(err);
	fuzz->leaves[index] = err && !in;
	if (!err)
		fuzz->has_device[index] = in;
}

static void move_device(struct fuzz *fuzz)
{
	const unsigned int index = input_u8(&fuzz->input) % VMM_DEVICES;

	move_device_to(fuzz, index, !fuzz->has_device[index]);
}

static void bring_back(struct fuzz *fuzz, unsigned int index)
{
	if (fuzz->leaves[index])
		move_device_to(fuzz, index, false);
	if (!fuzz->has_device[index])
		move_device_to(fuzz, index, true);
	require(fuzz->has_device[index]);
}

static void fail_at_times(struct fuzz *fuzz)
{
	if (input_u8(&fuzz->input) & 3)
		script_fail_none(fuzz->vmm.script);
	else
		script_fail(
			fuzz->vmm.script, 0, 1 + input_u8(&fuzz->input) % 4, SCRIPT_NEVER, ENOMEM);
}

/* What neither commands nor events change. */
static void read_steady(const struct fuzz *fuzz, uint32_t registers[STEADY])
{
	static const uint32_t offsets[STEADY] = { CR0, 0x28, 0x2c, 0x50, GERRORN, 0x68, 0x70, 0x74,
		0x80, 0x84, 0x88, 0x90, 0x94, 0x98, 0xa0, 0xa4, 0xb0, 0xb8, 0x100ac };

	for (unsigned int i = 0; i < STEADY; i++)
		registers[i] = rd(fuzz, offsets[i]);
}

/* Some bytes of a record are others. */
static bool change_record(struct fuzz *fuzz, unsigned char *record, size_t length)
{
	unsigned int changes = input_u8(&fuzz->input) % 8;
	const bool any = changes > 4;

	for (; any && changes > 4; changes--)
		record[input_u32(&fuzz->input) % length] = input_u8(&fuzz->input);
	return any;
}

/* The guest continues in another SMMU, which is this one. */
static void migrate(struct fuzz *fuzz)
{
	struct iommuctl_vsmmuv3 *smmu = fuzz->guest.smmu;
	unsigned char record[IOMMUCTL_VSMMUV3_STATE_SIZE];
	uint32_t before[STEADY], after[STEADY];
	size_t length;
	bool changed;
	int err;

	script_fail_none(fuzz->vmm.script);
	read_steady(fuzz, before);
	require(!iommuctl_vsmmuv3_save(smmu, record, sizeof(record), &length));
	require(length <= sizeof(record));
	require(!iommuctl_vsmmuv3_reset(smmu));
	changed = change_record(fuzz, record, length);
	err = iommuctl_vsmmuv3_restore(smmu, record, length);
	require(!err || err == -EAGAIN || (changed && (err == -EINVAL || err == -EOPNOTSUPP)));
	read_steady(fuzz, after);
	require(changed || !memcmp(before, after, sizeof(before)));
	require(!err || err == -EAGAIN || !rd(fuzz, CR0));
}

static void translate(struct fuzz *fuzz)
{
	const int err = hostile_translate(&fuzz->guest);

	require(!err || err == -EFAULT || err == -ENODATA);
}

static void step(struct fuzz *fuzz)
{
	struct iommuctl_vsmmuv3 *smmu = fuzz->guest.smmu;
	const uint8_t kind = input_u8(&fuzz->input);

	fuzz->vmm.calls = 0;
	switch (kind % 32) {
	case 0: move_device(fuzz); break;
	case 1: fail_at_times(fuzz); break;
	case 2: check_result(iommuctl_vsmmuv3_reset(smmu)); break;
	case 3:
	case 4: check_result(iommuctl_vsmmuv3_deliver_events(smmu)); break;
	case 5:
	case 6:
	case 7: do_dma(fuzz); break;
	case 8: check_cost(fuzz, iommuctl_vsmmuv3_process(smmu)); break;
	case 9: migrate(fuzz); break;
	case 10: translate(fuzz); break;
	case 11:
	case 12:
	case 13:
	case 14:
	case 15: hostile_write_memory(&fuzz->guest); break;
	default: check_cost(fuzz, hostile_access_register(&fuzz->guest)); break;
	}
	check_registers(fuzz);
}

/* What was left to do is done, and all is as it was. */
static void finish(struct fuzz *fuzz)
{
	struct iommuctl_vsmmuv3 *smmu = fuzz->guest.smmu;
	unsigned int runs = 0;
	size_t objects;
	int err;

	script_fail_none(fuzz->vmm.script);
	while ((err = iommuctl_vsmmuv3_process(smmu)) == -EAGAIN)
		require(runs++ < UINT32_C(1) << 20);
	require(!err);
	require(rd(fuzz, CR0) == rd(fuzz, CR0ACK));
	for (unsigned int i = 0; i < VMM_DEVICES; i++)
		bring_back(fuzz, i);
	require(!iommuctl_vsmmuv3_reset(smmu));
	require(!rd(fuzz, CR0) && !rd(fuzz, CMDQ_CONS) && !rd(fuzz, GERROR));
	require(rd(fuzz, GBPA) == 0x1000);
	iommuctl_transport_ledger_get_entries(fuzz->vmm.ledger, &objects);
	require(objects == fuzz->objects);
}

/* Making one takes longer than a run. */
static void start(struct fuzz *fuzz)
{
	vmm_open_model(&fuzz->vmm, NULL);
	vmm_make_ram(&fuzz->vmm, HOSTILE_RAM, HOSTILE_RAM_SIZE);
	fuzz->guest = (struct hostile){ .vmm = &fuzz->vmm, .pick = pick, .data = &fuzz->input };
	require(!hostile_open(&fuzz->guest,
		(struct iommuctl_vsmmuv3_config){
			.ops = &ops, .data = fuzz, .budget = BUDGET, .event_depth = 16 }));
	for (unsigned int i = 0; i < VMM_DEVICES; i++)
		fuzz->has_device[i] = true;
	iommuctl_transport_ledger_get_entries(fuzz->vmm.ledger, &fuzz->objects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz;

	fuzz.input = (struct input){ data, size };
	if (!fuzz.vmm.ctx)
		start(&fuzz);
	hostile_fill_memory(&fuzz.guest);
	for (unsigned int i = 0; i < STEPS && fuzz.input.left; i++)
		step(&fuzz);
	finish(&fuzz);
	return 0;
}
