// SPDX-License-Identifier: MIT
/* Replaying a recorded log gives the same log, and changes to it are found. */
#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>

#include <iommuctl/vsmmuv3_replay.h>
#include <iommuctl/vsmmuv3_state.h>
#include <iommuctl/vsmmuv3_translate.h>

#include "record/line.h"
#include "vsmmuv3_running.h"

#define LOG_SIZE   (1u << 20)
#define STE_BROKEN (STE_VALID | UINT64_C(6) << 1)
#define DOORBELL   UINT64_C(0x8020040)
#define UNMAPPED   UINT64_C(0x7000000)
#define ROUNDS	   200

struct log {
	char *text;
	size_t length;
};

static struct guest_smmu guest;
static struct log record;
static struct iommuctl_vsmmuv3_replay replay;

static void keep_line(const char *text, size_t length, void *data)
{
	struct log *log = data;

	cr_assert_eq(strlen(text), length);
	cr_assert_lt(length, IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE);
	cr_assert_eq(text[length - 1], '\n');
	cr_assert_lt(log->length + length, LOG_SIZE);
	memcpy(log->text + log->length, text, length);
	log->length += length;
}

static void set_up(void)
{
	const struct iommuctl_vsmmuv3_recorder recorder = { keep_line, &record };

	record = (struct log){ .text = malloc(LOG_SIZE) };
	cr_assert_not_null(record.text);
	guest_open(&guest,
		(struct iommuctl_vsmmuv3_config){ .event_depth = 4, .recorder = &recorder });
}

static void tear_down(void)
{
	guest_close(&guest);
	free(record.text);
}

TestSuite(vsmmuv3_replay, .init = set_up, .fini = tear_down);

static int play(const struct log *log)
{
	return iommuctl_vsmmuv3_replay(log->text, log->length, &replay);
}

static void expect_the_same(void)
{
	const int err = play(&record);

	cr_assert_eq(err, 0, "%d, line %llu: %s\n%.*s", err, (unsigned long long)replay.line,
		replay.problem, (int)record.length, record.text);
	cr_expect_eq(replay.line, 0);
	cr_expect_str_empty(replay.problem);
}

static bool has(const char *text)
{
	return memmem(record.text, record.length, text, strlen(text));
}

/*
 * As Linux does at probe: checks what is there, turns everything off, sets up tables and queues,
 * and turns it on again.
 */
static void probe(void)
{
	static const uint32_t looked_at[] = { IDR0, IDR1, 0x0c, 0x14, 0x18, CR0, GBPA };

	for (size_t i = 0; i < ARRAY_SIZE(looked_at); i++)
		rd(&guest, looked_at[i]);
	wr(&guest, CR0, 0);
	rd(&guest, CR0ACK);
	wr(&guest, CR1, 0xd75);
	guest_enable(&guest);
	rd(&guest, CR0ACK);
	guest_issue(&guest, (struct iommuctl_smmuv3_cmd){
				    .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
}

static void give_ste(uint64_t word0)
{
	vmm_put_ste(&guest.vmm, VSID, word0);
	guest_issue(&guest,
		(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID, .leaf = 1 });
}

/* One CMD_SYNC of each kind; an MSI goes to an interrupt controller, and one into memory. */
static void sync_all(void)
{
	static const struct iommuctl_smmuv3_cmd syncs[] = {
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC, .cs = IOMMUCTL_SMMUV3_SYNC_CS_IRQ },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC, .cs = IOMMUCTL_SMMUV3_SYNC_CS_SEV },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
			.cs = IOMMUCTL_SMMUV3_SYNC_CS_IRQ,
			.msiaddress = DOORBELL,
			.msidata = 7 },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
			.cs = IOMMUCTL_SMMUV3_SYNC_CS_IRQ,
			.msiaddress = PAGES,
			.msidata = 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(syncs); i++)
		guest_put(&guest, syncs[i]);
	cr_assert_eq(guest_go(&guest), 0);
	rd(&guest, CMDQ_CONS);
}

/* More events than the kernel has room for, and later more than the guest's queue has. */
static void fault(unsigned int times)
{
	for (unsigned int i = 0; i < times; i++)
		cr_assert_eq(dma(&guest.vmm, 0, UNMAPPED), -EIO);
	cr_assert_eq(iommuctl_vsmmuv3_deliver_events(guest.smmu), 0);
	rd(&guest, EVENTQ_PROD);
}

/* An illegal command, and the recovery. */
static void stumble(void)
{
	guest_put_words64(&guest, 0xff, 0);
	cr_assert_eq(guest_go(&guest), 0);
	rd(&guest, GERROR);
	rd(&guest, CMDQ_CONS);
	guest.prod = (guest.prod - 1) & ((2u << QUEUE_LOG2) - 1);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	wr(&guest, GERRORN, CMDQ_ERR);
	rd(&guest, CMDQ_CONS);
}

static void run_all(void)
{
	guest_add(&guest);
	probe();
	give_ste(STE_S1);
	cr_assert_eq(dma(&guest.vmm, 0, IOVA), MARK);
	sync_all();
	fault(6);
	fault(8);
	fault(1);
	wr(&guest, EVENTQ_CONS, rd(&guest, EVENTQ_PROD));
	give_ste(STE_BROKEN);
	stumble();
	rd64(&guest, EVENTQ_PROD - 4);
	rd(&guest, 0xf00);
	iommuctl_vsmmuv3_write(guest.smmu, 0xf00, 2, 1);
	cr_assert_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
	cr_assert_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -ENOENT);
	guest_add(&guest);
	cr_assert_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	rd(&guest, CR0);
	probe();
}

Test(vsmmuv3_replay, what_was_recorded_comes_again)
{
	static const char *const words[] = { "fetch", "arrival", "interrupt", "msi 0x8020040 0x7\n",
		"wake", "event", "lost", "# CMDQ_PROD", "# gerror", "# C_BAD_STE",
		"# F_TRANSLATION", "remove 0x42\nend 0x2 ", "memory 0x40000000 0x400000\n" };

	run_all();
	expect_the_same();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		cr_expect(has(words[i]), "%s\n%.*s", words[i], (int)record.length, record.text);
	cr_expect_gt(replay.reads, 20);
	cr_expect_gt(replay.accesses, 30);
	cr_expect_gt(replay.effects, 10);
}

/* Changes the last digit of a line's last number. */
static void change(char *line, size_t length)
{
	const char *comment = memchr(line, '#', length);
	char *digit = (comment ? line + (comment - line) : line + length) - 1;

	while (!isxdigit((unsigned char)*digit))
		digit--;
	*digit = *digit == '0' ? '1' : '0';
}

Test(vsmmuv3_replay, each_change_of_a_value_is_found_in_its_line)
{
	struct record_line line;
	const char *problem;
	uint64_t number = 0;
	size_t length;

	run_all();
	for (size_t at = 0; at < record.length; at += length) {
		struct log changed = { malloc(record.length), record.length };
		enum record_role role;

		number++;
		length = strcspn(record.text + at, "\n") + 1;
		cr_assert_eq(record_parse(record.text + at, length - 1, &line, &problem), 1);
		role = record_role(line.kind);
		memcpy(changed.text, record.text, record.length);
		if (line.count && (role == RECORD_IS_READ || role >= RECORD_IS_OUTPUT)) {
			change(changed.text + at, length - 1);
			cr_expect_eq(
				play(&changed), -EBADMSG, "%.*s", (int)length, record.text + at);
			cr_expect_eq(replay.line, number, "%s", replay.problem);
		}
		free(changed.text);
	}
}

Test(vsmmuv3_replay, a_difference_is_reported_with_the_register_and_both_values)
{
	char *value;

	rd(&guest, CR1);
	value = memmem(record.text, record.length, "read 0x28 0x4 0x0", 17);
	cr_assert_not_null(value);
	value[16] = '5';
	cr_expect_eq(play(&record), -EBADMSG);
	cr_expect_eq(replay.line, 4);
	cr_expect_str_eq(replay.problem,
		"the log has \"read 0x28 0x4 0x5\", and the SMMU \"read 0x28 0x4 0x0 # CR1\"");
}

/* Guest memory comes and goes between the lives of a guest. */
Test(vsmmuv3_replay, guest_memory_may_change)
{
	const struct iommuctl_guest_memory memory = guest.vmm.ram.memory;

	guest_add(&guest);
	probe();
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	guest.vmm.ram.memory.range_count = 0;
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, GERROR), CMDQ_ERR);
	guest.vmm.ram.memory = memory;
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	probe();
	expect_the_same();
}

/* An emulated device that is refused; its permissions are not in the log. */
Test(vsmmuv3_replay, events_of_emulated_devices_come_again)
{
	struct iommuctl_vsmmuv3_translation translation;
	const struct iommuctl_vsmmuv3_access access = {
		.sid = VSID_2,
		.iova = UNMAPPED,
		.permissions = IOMMUCTL_STAGE1_READ,
	};

	vmm_put_ste(&guest.vmm, VSID_2, STE_S1);
	probe();
	cr_expect_eq(iommuctl_vsmmuv3_translate(guest.smmu, &access, &translation), -EFAULT);
	rd(&guest, EVENTQ_PROD);
	cr_expect(has("fault\n"));
	expect_the_same();
}

Test(vsmmuv3_replay, a_restored_state_is_not_in_the_log)
{
	unsigned char state[IOMMUCTL_VSMMUV3_STATE_SIZE];
	size_t length;

	cr_assert_eq(iommuctl_vsmmuv3_save(guest.smmu, state, sizeof(state), &length), 0);
	expect_the_same();
	cr_assert_eq(iommuctl_vsmmuv3_restore(guest.smmu, state, length), 0);
	cr_expect_eq(play(&record), -EOPNOTSUPP);
}

/* Whatever happens, it ends, and names the wrong line. */
Test(vsmmuv3_replay, a_log_may_be_anything)
{
	static const char bytes[] = "0123456789abcdefx #\n\0\xff";

	run_all();
	srand(1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct log changed = { malloc(record.length), record.length };

		memcpy(changed.text, record.text, record.length);
		for (unsigned int byte = 0; byte < i % 4 + 1; byte++)
			changed.text[(size_t)rand() % record.length] =
				bytes[(size_t)rand() % sizeof(bytes)];
		changed.length -= i % 8 ? 0 : (size_t)rand() % record.length;
		cr_expect_eq(!play(&changed), !replay.line && !replay.problem[0]);
		free(changed.text);
	}
}

static atomic_bool over;

static void *look_at_cons(void *data)
{
	(void)data;
	while (!atomic_load(&over))
		rd(&guest, CMDQ_CONS);
	return NULL;
}

/* Another vCPU reads all the time, and so do the VMM's operations within an access. */
Test(vsmmuv3_replay, accesses_of_several_vcpus_have_one_order)
{
	pthread_t thread;

	guest_add(&guest);
	probe();
	cr_assert_eq(pthread_create(&thread, NULL, look_at_cons, NULL), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		guest_put(&guest, (struct iommuctl_smmuv3_cmd){
					  .opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
					  .cs = IOMMUCTL_SMMUV3_SYNC_CS_IRQ,
				  });
		cr_assert_eq(guest_go(&guest), 0);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC], ROUNDS);
	expect_the_same();
}
