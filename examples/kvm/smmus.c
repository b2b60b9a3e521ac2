// SPDX-License-Identifier: MIT
/* All SMMUs of the guest, and the thread that serves them. */
#include "smmus.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "array.h"
#include "report.h"

/* What the thread waits for: these, and the events of each SMMU. */
enum {
	WAIT_LEFT_OVER,
	WAIT_SIGNAL,
	WAIT_WATCHERS,
	WAIT_EVENTS,
};

#define AT_ONCE	     0
#define FOREVER	     (-1)
#define AGAIN_MS     10
#define REFUSED_MS   1000
#define COUNT_SIGNAL SIGUSR2

static int open_signals(struct smmus *all)
{
	sigset_t signals;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, COUNT_SIGNAL);
	err = pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (err)
		return report_error("pthread_sigmask", err, NULL);
	all->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return all->signals < 0 ? report_error("signalfd", errno, NULL) : 0;
}

static int add(struct smmus *all, const struct smmu_options *options,
	const struct passthrough *passthrough, const struct function *function)
{
	const unsigned int bus = function_bus(function);
	const struct smmu_host host = {
		.ctx = passthrough->ctx,
		.iommufd = passthrough->iommufd,
		.ioas_id = passthrough->ioas_id,
		.dev_id = function->dev_id,
	};
	int err;

	if (all->present[bus])
		return 0;
	err = smmu_create(&all->smmu[bus], bus, options, &host, all->left_over);
	if (err)
		return err;
	all->present[bus] = true;
	smmu_tap(&all->smmu[bus], &all->watchers.tap);
	return 0;
}

static int attach(void *data, const struct function *function)
{
	struct smmus *all = data;

	return smmu_attach(&all->smmu[function_bus(function)], function);
}

static void detach(void *data, const struct function *function)
{
	struct smmus *all = data;

	smmu_detach(&all->smmu[function_bus(function)], function);
}

int smmus_create(struct smmus *all, const struct smmu_options *options,
	const struct passthrough *passthrough)
{
	int err;

	*all = (struct smmus){
		.signals = -1,
		.watchers = { .listener = -1 },
		.iommu = { .data = all, .attach = attach, .detach = detach },
	};
	if (!options->wanted)
		return 0;
	if (!passthrough->count)
		return report_problem("--iommu smmuv3", "there is no --device behind it");
	all->left_over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (all->left_over < 0)
		return report_error("eventfd", errno, NULL);
	all->any = true;
	err = open_signals(all);
	if (err)
		goto destroy;
	err = watchers_open(&all->watchers, options->events);
	if (err)
		goto destroy;
	for (size_t i = 0; i < passthrough->count; i++) {
		err = add(all, options, passthrough, &passthrough->functions[i]);
		if (err)
			goto destroy;
	}
	return 0;
destroy:
	smmus_destroy(all);
	return err;
}

void smmus_destroy(struct smmus *all)
{
	if (!all->any)
		return;
	for (unsigned int i = 0; i < PCI_BUSES; i++)
		if (all->present[i])
			smmu_destroy(&all->smmu[i]);
	watchers_close(&all->watchers);
	if (all->signals >= 0)
		close(all->signals);
	close(all->left_over);
}

const struct function_iommu *smmus_iommu(const struct smmus *all)
{
	return all->any ? &all->iommu : NULL;
}

static struct smmu *find(struct smmus *all, uint64_t *offset)
{
	const uint64_t number = *offset / SMMU_SIZE;

	*offset %= SMMU_SIZE;
	return all->present[number] ? &all->smmu[number] : NULL;
}

bool smmus_read(void *device, uint64_t offset, unsigned int size, uint64_t *value)
{
	const struct smmu *smmu = find(device, &offset);

	if (smmu)
		*value = smmu_read(smmu, offset, size);
	return smmu;
}

bool smmus_write(void *device, uint64_t offset, unsigned int size, uint64_t value)
{
	struct smmu *smmu = find(device, &offset);

	if (smmu)
		smmu_write(smmu, offset, size, value);
	return smmu;
}

void smmus_print_counters(struct smmus *all)
{
	for (unsigned int i = 0; i < PCI_BUSES; i++)
		if (all->present[i])
			smmu_print_counters(&all->smmu[i]);
}

/* Work that arrives meanwhile makes it readable again. */
static void take_signal(const struct smmus *all)
{
	struct signalfd_siginfo info;

	while (read(all->signals, &info, sizeof(info)) > 0)
		;
}

static bool take_left_over(const struct smmus *all)
{
	uint64_t count;

	return read(all->left_over, &count, sizeof(count)) > 0;
}

/* How long to wait before retrying. An error is reported once, until all is done. */
static int process_all(struct smmus *all, bool *reported)
{
	int wait = FOREVER;

	for (unsigned int i = 0; i < PCI_BUSES; i++) {
		int err = all->present[i] ? smmu_process(&all->smmu[i]) : 0;

		if (err == -EAGAIN) {
			wait = AT_ONCE;
		} else if (err) {
			if (!*reported)
				report_error("the guest's SMMU", -err, "trying again");
			*reported = true;
			if (wait == FOREVER)
				wait = AGAIN_MS;
		}
	}
	if (wait == FOREVER)
		*reported = false;
	return wait;
}

/* Are there more? An SMMU whose events cannot be read is not polled again. */
static bool deliver(struct smmu *smmu, struct pollfd *waiting)
{
	int err = smmu_deliver(smmu);

	if (!err || err == -EAGAIN)
		return err;
	report_error("the events of the guest's SMMU", -err, NULL);
	waiting->fd = -1;
	return false;
}

/* Takes turns, as a guest can cause faults without end. */
static bool deliver_all(
	struct smmus *all, struct pollfd waiting[static PCI_BUSES], bool more[static PCI_BUSES])
{
	bool any = false;

	for (unsigned int i = 0; i < PCI_BUSES; i++) {
		if (waiting[i].revents || more[i])
			more[i] = deliver(&all->smmu[i], &waiting[i]);
		any |= more[i];
	}
	return any;
}

/* A refused client stays in the listener's queue, which poll() would report endlessly. */
static void accept_watchers(struct smmus *all, struct pollfd *waiting)
{
	if (!waiting->revents && !all->watchers.refused)
		return;
	watchers_accept(&all->watchers);
	waiting->fd = all->watchers.refused ? -1 : all->watchers.listener;
}

static int shorter(int wait, const struct watchers *watchers)
{
	return wait == FOREVER && watchers->refused ? REFUSED_MS : wait;
}

static void *serve(void *argument)
{
	struct smmus *all = argument;
	struct pollfd waiting[WAIT_EVENTS + PCI_BUSES] = {
		[WAIT_LEFT_OVER] = { .fd = all->left_over, .events = POLLIN },
		[WAIT_SIGNAL] = { .fd = all->signals, .events = POLLIN },
		[WAIT_WATCHERS] = { .fd = all->watchers.listener, .events = POLLIN },
	};
	bool more[PCI_BUSES] = { false }, any_more = false;
	bool reported = false;
	int wait = FOREVER;

	for (unsigned int i = 0; i < PCI_BUSES; i++)
		waiting[WAIT_EVENTS + i] = (struct pollfd){
			.fd = all->present[i] ? smmu_event_fd(&all->smmu[i]) : -1,
			.events = POLLIN,
		};
	while (!atomic_load(&all->ending)) {
		const int until = any_more ? AT_ONCE : shorter(wait, &all->watchers);

		if (poll(waiting, ARRAY_SIZE(waiting), until) < 0)
			continue;
		if (waiting[WAIT_SIGNAL].revents) {
			take_signal(all);
			smmus_print_counters(all);
		}
		accept_watchers(all, &waiting[WAIT_WATCHERS]);
		any_more = deliver_all(all, &waiting[WAIT_EVENTS], more);
		if (take_left_over(all) || wait != FOREVER)
			wait = process_all(all, &reported);
	}
	return NULL;
}

int smmus_start(struct smmus *all, const struct vm *vm)
{
	int err;

	if (!all->any)
		return 0;
	for (unsigned int i = 0; i < PCI_BUSES; i++) {
		if (!all->present[i])
			continue;
		err = smmu_connect(&all->smmu[i], vm);
		if (err)
			return err;
	}
	atomic_store(&all->ending, false);
	err = pthread_create(&all->thread, NULL, serve, all);
	return err ? report_error("the thread of the SMMUs", err, NULL) : 0;
}

int smmus_stop(struct smmus *all)
{
	const uint64_t one = 1;
	int err = 0;

	if (!all->any)
		return 0;
	atomic_store(&all->ending, true);
	if (write(all->left_over, &one, sizeof(one)) < 0)
		return report_error("an eventfd", errno, NULL);
	pthread_join(all->thread, NULL);
	for (unsigned int i = 0; i < PCI_BUSES; i++) {
		int error = all->present[i] ? smmu_reset(&all->smmu[i]) : 0;

		err = err ? err : error;
	}
	return err;
}
