// SPDX-License-Identifier: MIT
/* Events of the physical SMMU in the guest's event queue. */
#include "vsmmuv3_guest.h"

#include <iommuctl/smmuv3_event.h>
#include <iommuctl/vsmmuv3_state.h>

#include "failures.h"

#define ENTRIES	     (1u << EVENTQ_LOG2)
#define EVENT_BYTES  (IOMMUCTL_SMMUV3_EVENT_WORDS * sizeof(uint64_t))
#define FAULTS_DEPTH 16
/* Entries for all that one call moves, and more. */
#define LARGE_EVENTQ_LOG2 7
#define IRQ_EVENTQ	  UINT32_C(4)

static struct guest_smmu guest;

/* STEs are at STREAMS, in a linear table of 256. */
static void enable(uint64_t eventq_base)
{
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	wr64(&guest, EVENTQ_BASE, eventq_base);
	wr(&guest, IRQ_CTRL, IRQ_EVENTQ);
	guest_enable_cmdq(&guest);
	wr(&guest, CR0, rd(&guest, CR0) | EVENTQEN | SMMUEN);
}

static void start(struct iommuctl_vsmmuv3_config config)
{
	guest_open(&guest, config);
	cr_assert_eq(iommuctl_vsmmuv3_add_device(
			     guest.smmu, guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
}

static void set_up(void)
{
	start((struct iommuctl_vsmmuv3_config){ .event_depth = FAULTS_DEPTH });
	enable(EVENTQ | EVENTQ_LOG2);
}

static void tear_down(void)
{
	guest_close(&guest);
}

static void fault(unsigned int times)
{
	for (unsigned int i = 0; i < times; i++)
		cr_assert_eq(dma(&guest.vmm, 0, NOWHERE), -EIO);
}

static int deliver(void)
{
	return iommuctl_vsmmuv3_deliver_events(guest.smmu);
}

static struct iommuctl_smmuv3_event event_at(unsigned int index)
{
	const void *record =
		guest_at(&guest.vmm.ram, EVENTQ + index % ENTRIES * (uint64_t)EVENT_BYTES);
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event event;

	iommuctl_smmuv3_words_from_le(words, record, IOMMUCTL_SMMUV3_EVENT_WORDS);
	iommuctl_smmuv3_event_decode(words, &event);
	return event;
}

static struct iommuctl_vsmmuv3_counters counters(void)
{
	struct iommuctl_vsmmuv3_counters now;

	iommuctl_vsmmuv3_get_counters(guest.smmu, &now);
	return now;
}

TestSuite(vsmmuv3_events, .init = set_up, .fini = tear_down);

Test(vsmmuv3_events, a_fault_comes_to_the_guests_queue_with_an_edge)
{
	struct iommuctl_smmuv3_event event;

	fault(1);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(deliver(), 0);
	event = event_at(0);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.streamid, VSID);
	cr_expect_eq(event.inputaddr, NOWHERE);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 1);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);
	cr_expect_eq(counters().events, 1);
}

Test(vsmmuv3_events, several_at_once_are_one_edge)
{
	fault(3);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 3);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);
}

Test(vsmmuv3_events, one_behind_others_is_no_edge)
{
	fault(1);
	cr_expect_eq(deliver(), 0);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);

	wr(&guest, EVENTQ_CONS, 1);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1, "one was left");

	wr(&guest, EVENTQ_CONS, 3);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 2, "it was empty");
}

Test(vsmmuv3_events, what_came_while_the_interrupt_was_masked_is_an_edge_as_it_is_enabled)
{
	wr(&guest, IRQ_CTRL, 0);
	wr(&guest, IRQ_CTRL, IRQ_EVENTQ);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 0, "the queue is empty");

	wr(&guest, IRQ_CTRL, 0);
	fault(1);
	cr_expect_eq(deliver(), 0);
	wr(&guest, IRQ_CTRL, IRQ_EVENTQ);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1);
}

Test(vsmmuv3_events, nothing_to_deliver_is_no_edge_and_no_failure)
{
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 0);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
}

Test(vsmmuv3_events, there_is_a_descriptor_that_tells_of_them)
{
	cr_expect_eq(iommuctl_vsmmuv3_get_event_fd(guest.smmu),
		iommuctl_nest_get_event_fd(iommuctl_vsmmuv3_get_nest(guest.smmu)));
	cr_expect_geq(iommuctl_vsmmuv3_get_event_fd(guest.smmu), 0);
}

Test(vsmmuv3_events, a_masked_interrupt_is_not_sent)
{
	wr(&guest, IRQ_CTRL, 0);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 1);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 0);
}

Test(vsmmuv3_events, the_index_wraps_as_the_guest_reads)
{
	for (unsigned int i = 0; i < 3 * ENTRIES; i++) {
		fault(1);
		cr_assert_eq(deliver(), 0);
		cr_assert_eq(rd(&guest, EVENTQ_PROD), (i + 1) % (2 * ENTRIES));
		wr(&guest, EVENTQ_CONS, rd(&guest, EVENTQ_PROD));
	}
	cr_expect_eq(counters().events, 3 * ENTRIES);
	cr_expect_eq(counters().events_lost, 0);
}

Test(vsmmuv3_events, a_full_queue_overflows_once_until_the_guest_acknowledges)
{
	fault(ENTRIES + 2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | ENTRIES);
	cr_expect_eq(counters().events, ENTRIES);
	cr_expect_eq(counters().events_lost, 2);

	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | ENTRIES);

	wr(&guest, EVENTQ_CONS, OVERFLOWN | ENTRIES);
	fault(ENTRIES + 1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0, "the flag goes back at the next overflow");
}

Test(vsmmuv3_events, room_that_the_guest_makes_is_used_while_an_overflow_is_not_acknowledged)
{
	fault(ENTRIES + 1);
	cr_expect_eq(deliver(), 0);
	wr(&guest, EVENTQ_CONS, 1);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | (ENTRIES + 1));
}

Test(vsmmuv3_events, what_the_kernel_lost_is_an_overflow_too)
{
	fault(FAULTS_DEPTH + 5);
	for (unsigned int i = 0; i < 4 && deliver() == -EAGAIN; i++)
		;
	cr_expect_gt(counters().events_missed, 0);
	cr_expect(rd(&guest, EVENTQ_PROD) & OVERFLOWN);
}

Test(vsmmuv3_events, a_loss_after_the_last_event_is_no_edge, .init = NULL)
{
	start((struct iommuctl_vsmmuv3_config){ .event_depth = IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE });
	enable(EVENTQ | LARGE_EVENTQ_LOG2);
	fault(IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE + 1);
	cr_assert_eq(deliver(), -EAGAIN);
	cr_assert_eq(rd(&guest, EVENTQ_PROD), IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE);
	wr(&guest, EVENTQ_CONS, IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE);
	cr_assert_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 1, "of the events");
}

Test(vsmmuv3_events, a_disabled_queue_loses_events_without_a_word)
{
	wr(&guest, CR0, rd(&guest, CR0) & ~EVENTQEN);
	fault(2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(rd(&guest, GERROR), 0);
	cr_expect_eq(counters().events_lost, 2);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 0);
}

/* @base: of a queue whose memory is not there, or only begins there. */
static void expect_abort(uint64_t base)
{
	wr(&guest, CR0, rd(&guest, CR0) & ~EVENTQEN);
	wr64(&guest, EVENTQ_BASE, base);
	wr(&guest, IRQ_CTRL, 1 | IRQ_EVENTQ);
	wr(&guest, CR0, rd(&guest, CR0) | EVENTQEN);
	fault(2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, GERROR), EVENTQ_ABT_ERR);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 1);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ], 0);
	cr_expect_eq(counters().events_lost, 2);
}

Test(vsmmuv3_events, memory_that_is_not_there_is_a_global_error)
{
	expect_abort(NOWHERE | EVENTQ_LOG2);
}

Test(vsmmuv3_events, an_acknowledged_global_error_comes_again)
{
	expect_abort(NOWHERE | EVENTQ_LOG2);
	wr(&guest, GERRORN, EVENTQ_ABT_ERR);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, GERROR), 0);
	cr_expect_eq(guest.edges[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR], 2);
}

Test(vsmmuv3_events, a_queue_has_no_more_entries_than_eventqs_says)
{
	struct iommuctl_vsmmuv3_identity small;

	iommuctl_vsmmuv3_get_identity(guest.smmu, &small);
	small.idr[1] = (small.idr[1] & ~(31u << 16)) | EVENTQ_LOG2 << 16;
	tear_down();
	start((struct iommuctl_vsmmuv3_config){ .identity = &small });
	enable(EVENTQ | 31);
	fault(ENTRIES + 1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), OVERFLOWN | ENTRIES);
}

Test(vsmmuv3_events, one_call_moves_no_more_than_it_may)
{
	unsigned int calls = 0;

	tear_down();
	start((struct iommuctl_vsmmuv3_config){ .event_depth = 0 });
	enable(EVENTQ | 8);
	fault(2 * IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE + 1);
	for (int err = -EAGAIN; err == -EAGAIN; calls++) {
		err = deliver();
		cr_expect_leq(counters().events, (calls + 1) * IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE);
	}
	cr_expect_eq(calls, 3);
	cr_expect_eq(counters().events, 2 * IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE + 1);
}

Test(vsmmuv3_events, a_reset_drops_events_that_wait)
{
	fault(3);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	enable(EVENTQ | EVENTQ_LOG2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
}

/* Half a header first, then the real data. */
static ssize_t read_half_first(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct script *script = (struct script *)transport;

	script->base.read = script->data;
	memset(buffer, 0, size);
	(void)fd;
	(void)offset;
	return 4;
}

Test(vsmmuv3_events, a_reset_drops_events_after_one_that_is_invalid)
{
	struct script *script = guest.vmm.script;

	fault(3);
	script->data = script->base.read;
	script->base.read = read_half_first;
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_expect_eq(script->base.read, script->data);
	cr_expect_eq(counters().events_lost, 3);
	enable(EVENTQ | EVENTQ_LOG2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
}

/* As the kernel's may, for want of memory to tell of losses. */
static void fail_reads(int error)
{
	guest.vmm.script->errors[SCRIPT_READ] = error;
}

Test(vsmmuv3_events, events_of_a_guest_that_is_gone_do_not_reach_the_next_one)
{
	fault(3);
	fail_reads(ENOMEM);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), -ENOMEM);
	cr_expect_str_eq(iommuctl_last_error(guest.vmm.ctx)->operation, "read");
	cr_expect_eq(rd(&guest, CR0), 0);
	cr_expect_eq(rd(&guest, GBPA) & (UPDATE | ABORT), 0, "it holds up nothing else");
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), -ENOMEM);
	cr_expect_eq(deliver(), -ENOMEM);
	cr_expect_eq(counters().events_lost, 0);

	/* The next guest enables all that it wants while they are still there. */
	iommuctl_vsmmuv3_write(guest.smmu, EVENTQ_BASE, 8, EVENTQ | EVENTQ_LOG2);
	cr_expect_eq(try_wr(&guest, CR0, EVENTQEN), -ENOMEM);
	cr_expect_eq(rd(&guest, CR0ACK), EVENTQEN);
	fail_reads(0);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(counters().events, 0);
	cr_expect_eq(counters().events_lost, 3);

	enable(EVENTQ | EVENTQ_LOG2);
	fault(1);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(counters().events, 1);
}

Test(vsmmuv3_events, reading_events_to_the_end_is_no_failure)
{
	char record[IOMMUCTL_VSMMUV3_STATE_SIZE];
	unsigned int failures;
	size_t length;

	failures_count(guest.vmm.ctx, &failures);
	fault(2);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(deliver(), 0);
	cr_expect_eq(iommuctl_vsmmuv3_save(guest.smmu, record, sizeof(record), &length), 0);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_expect_eq(iommuctl_vsmmuv3_restore(guest.smmu, record, length), 0);
	cr_expect_eq(failures, 0);
	cr_expect_null(iommuctl_last_error(guest.vmm.ctx));
}
